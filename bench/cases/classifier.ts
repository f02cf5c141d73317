import { agree, type Case, type Figure, numbers, ratios } from "../figure";
import { measure, type Subject } from "../measure";
import { flat, type Network, network, predict } from "../network";
import { loadTensorFlow, type Peer } from "../peer";

const BATCH = 128;
const WIDTHS = [784, 128, 10];
const CLASSES = 10;

const classes = Int32Array.from({ length: BATCH }, (_, i) => (7 * i) % CLASSES);
const images = numbers(BATCH * WIDTHS[0], 0.5);

/** The same network and batch for TensorFlow.js: gives the value and the gradients, w and b of each layer, read out. */
function peerRun({ lib, tensor, read }: Peer, layers: Network): () => ArrayLike<number>[] {
  const x = tensor(images, [BATCH, WIDTHS[0]]);
  const oneHot = new Float32Array(BATCH * CLASSES);
  for (let i = 0; i < BATCH; i++) oneHot[i * CLASSES + classes[i]] = 1;
  const y = tensor(oneHot, [BATCH, CLASSES]);
  const params = layers.flatMap(({ w, b }) => [tensor(w.data, w.shape), tensor(b.data, b.shape)]);
  const both = lib.valueAndGrads((w1: unknown, b1: unknown, w2: unknown, b2: unknown) => {
    const hidden = lib.tanh(lib.add(lib.matMul(x, w1), b1));
    return lib.losses.softmaxCrossEntropy(y, lib.add(lib.matMul(hidden, w2), b2));
  });
  return () =>
    read(() => {
      const { value, grads } = both(params);
      return [value, ...Array.from({ length: 4 }, (_, k) => grads[k])];
    });
}

export const classifier: Case = {
  name: "classifier",
  title: "784-128-10 tanh network, softmax and cross-entropy, batch 128, float32: value and gradient",
  async run(library) {
    const { loss, tensor, valueAndGrad } = library;
    const layers = network(library, WIDTHS, "float32");
    const x = tensor(images, { shape: [BATCH, WIDTHS[0]], dtype: "float32" });
    const cost = (params: Network) => loss.crossEntropy(predict(library, params, x), classes);
    const both = valueAndGrad(cost);
    const subjects: Subject[] = [{ run: () => both(layers) }, { run: () => cost(layers) }];
    const peer = await loadTensorFlow();
    if (peer !== null) {
      const run = peerRun(peer, layers);
      const [value, gradient] = both(layers);
      const [peerValue, ...gradients] = run();
      agree("loss", peerValue, [value.item()], 1e-5);
      agree(
        "gradient",
        gradients.flatMap((g) => Array.from(g)),
        flat(gradient),
        1e-4,
      );
      subjects.push({ run });
    }
    const [all, values, peers] = measure(subjects, { sample: 20, total: 2500 });
    const figures: Figure[] = [
      { label: "value and gradient", unit: "ms", samples: all },
      { label: "value, untracked", unit: "ms", samples: values },
      { label: "value and gradient / value", unit: "x", samples: ratios(all, values) },
    ];
    if (peer === null) return figures;
    return [
      ...figures,
      { label: "TensorFlow.js wasm: value and gradient", unit: "ms", samples: peers },
      { label: "value and gradient / TensorFlow.js wasm", unit: "x", samples: ratios(all, peers), target: 1 },
    ];
  },
};
