// Ops beside TensorFlow.js and jax-js, both on WebAssembly and without a compile step, over six sizes.
import { agree, type Case, type Figure, type Library, numbers, ratios, summary } from "../figure";
import { measure } from "../measure";
import { type Foreign, loadJax, loadTensorFlow, type Peer } from "../peer";

type Run = () => ArrayLike<number>[];

/** One op: what to run at a size, by us and by each peer (left out where it does not have it). */
interface Beside {
  readonly name: string;
  readonly title: string;
  /** Six sizes; the one that the target is for. */
  readonly sizes: readonly number[];
  readonly main: number;
  ours(library: Library, n: number): Run;
  tensorFlow?(peer: Peer, n: number): Run;
  jax?(peer: Peer, n: number): Run;
  /** Largest difference that counts as agreement, relative to the largest number. */
  readonly tolerance: number;
}

const float = (size: number, phase = 0): Float32Array => Float32Array.from(numbers(size, 1, phase));

/** Value and gradient of sum(w f(x)) for rows of 1,000 numbers. */
function rows(
  name: string,
  title: string,
  forms: {
    readonly ours: (library: Library) => (x: never) => unknown;
    readonly tensorFlow: (tf: Foreign, x: Foreign) => Foreign;
    readonly jax: (lib: Foreign, x: Foreign) => Foreign;
  },
  gradient: boolean,
): Beside {
  const shape = (n: number): number[] => [n, 1000];
  return {
    name,
    title,
    sizes: [4, 16, 64, 256, 1024, 2048],
    main: 1024,
    tolerance: 1e-3,
    ours: (library, n) => {
      const { mul, sum, tensor, valueAndGrad } = library;
      const [x, w] = [0, 1].map((phase) => tensor(float(n * 1000, phase), { shape: shape(n) }));
      const f = forms.ours(library) as (y: typeof x) => typeof x;
      if (!gradient) return () => [f(x).data];
      const both = valueAndGrad((y: typeof x) => sum(mul(f(y), w)));
      return () => {
        const [value, bar] = both(x);
        return [value.data, bar.data];
      };
    },
    tensorFlow: ({ lib, tensor, read }, n) => {
      const [x, w] = [0, 1].map((phase) => tensor(float(n * 1000, phase), shape(n)));
      if (!gradient) return () => read(() => [forms.tensorFlow(lib, x)]);
      const both = lib.valueAndGrad((y: Foreign) => lib.sum(lib.mul(forms.tensorFlow(lib, y), w)));
      return () =>
        read(() => {
          const { value, grad } = both(x);
          return [value, grad];
        });
    },
    jax: ({ lib, tensor, read }, n) => {
      const [x, w] = [0, 1].map((phase) => tensor(float(n * 1000, phase), shape(n)));
      if (!gradient) return () => read(() => [forms.jax(lib, x.ref)]);
      const both = lib.valueAndGrad((y: Foreign) => lib.numpy.sum(forms.jax(lib, y).mul(w.ref)));
      return () => read(() => both(x.ref) as unknown as Foreign[]);
    },
  };
}

const softmaxForms = {
  ours: ({ softmax }: Library) => softmax,
  tensorFlow: (tf: Foreign, x: Foreign) => tf.softmax(x),
  jax: (lib: Foreign, x: Foreign) => lib.nn.softmax(x),
};
const layerNormForms = {
  ours: ({ layerNorm }: Library) => layerNorm,
  tensorFlow: (tf: Foreign, x: Foreign) => {
    const { mean, variance } = tf.moments(x, 1, true);
    return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
  },
  jax: (lib: Foreign, x: Foreign) => lib.nn.standardize(x, -1),
};

/** Value of an op of one input. */
function plain(
  name: string,
  title: string,
  sizes: readonly number[],
  main: number,
  shape: (n: number) => number[],
  forms: Pick<Parameters<typeof rows>[2], "ours"> & {
    readonly tensorFlow?: (tf: Foreign, x: Foreign) => Foreign;
    readonly jax?: (lib: Foreign, x: Foreign) => Foreign;
  },
  input: (n: number) => Float32Array = (n) => float(shape(n).reduce((a, b) => a * b)),
): Beside {
  const { tensorFlow, jax } = forms;
  return {
    name,
    title,
    sizes,
    main,
    tolerance: 1e-3,
    ours: (library, n) => {
      const x = library.tensor(input(n), { shape: shape(n) });
      const f = forms.ours(library) as (y: typeof x) => typeof x;
      return () => [f(x).data];
    },
    ...(tensorFlow && {
      tensorFlow: ({ lib, tensor, read }: Peer, n: number): Run => {
        const x = tensor(input(n), shape(n));
        return () => read(() => [tensorFlow(lib, x)]);
      },
    }),
    ...(jax && {
      jax: ({ lib, tensor, read }: Peer, n: number): Run => {
        const x = tensor(input(n), shape(n));
        return () => read(() => [jax(lib, x.ref)]);
      },
    }),
  };
}

const LENGTHS = [100, 1000, 10_000, 100_000, 300_000, 1_000_000];
const ORDERS = [10, 20, 50, 100, 150, 200];

/** A symmetric matrix without close eigenvalues. */
const symmetric = (n: number): Float32Array => {
  const x = float(n * n);
  return x.map((_, i) => x[i] + x[(i % n) * n + Math.floor(i / n)] + (i % (n + 1) === 0 ? (i / n) * 3 : 0));
};
const dominant = (n: number): Float32Array => float(n * n).map((x, i) => (i % (n + 1) === 0 ? x + n : x));

const [CHANNELS, FILTERS, BATCH] = [8, 16, 32];
const convolution: Beside = {
  name: "convolution",
  title:
    "conv2d n x n, 8 -> 16 channels, 3 x 3, padding 1, batch 32, float32: value and gradients of the sum of squares",
  sizes: [4, 7, 14, 28, 42, 56],
  main: 28,
  tolerance: 1e-3,
  ours: ({ conv2d, square, sum, tensor, valueAndGrad }, n) => {
    const x = tensor(float(BATCH * CHANNELS * n * n), { shape: [BATCH, CHANNELS, n, n] });
    const k = tensor(float(FILTERS * CHANNELS * 9, 1), { shape: [FILTERS, CHANNELS, 3, 3] });
    const both = valueAndGrad(([a, b]: [typeof x, typeof k]) => sum(square(conv2d(a, b, { padding: 1 }))));
    return () => {
      const [value, [xBar, kBar]] = both([x, k]);
      return [value.data, xBar.data, kBar.data];
    };
  },
  jax: ({ lib, tensor, read }, n) => {
    const x = tensor(float(BATCH * CHANNELS * n * n), [BATCH, CHANNELS, n, n]);
    const k = tensor(float(FILTERS * CHANNELS * 9, 1), [FILTERS, CHANNELS, 3, 3]);
    const both = lib.valueAndGrad(
      (a: Foreign, b: Foreign) => lib.numpy.sum(lib.numpy.square(lib.lax.conv(a, b, [1, 1], "SAME"))),
      { argnums: [0, 1] },
    );
    return () =>
      read(() => {
        const [value, bars] = both(x.ref, k.ref) as unknown as [Foreign, Foreign[]];
        return [value, ...bars];
      });
  },
};

/** einsum of three operands of the shapes that the sizes of their indices give. */
function einsumOf(
  name: string,
  equation: string,
  sizesOf: (n: number) => Record<string, number>,
  sizes: readonly number[],
  main: number,
): Beside {
  const operands = (n: number): [data: Float32Array, shape: number[]][] =>
    equation
      .split("->")[0]
      .split(",")
      .map((term, k) => {
        const shape = [...term].map((label) => sizesOf(n)[label]);
        return [
          float(
            shape.reduce((a, b) => a * b),
            k,
          ),
          shape,
        ];
      });
  const shown = Object.entries(sizesOf(0)).map(([label, size]) => `${label} = ${size === 0 ? "n" : size}`);
  return {
    name,
    title: `einsum("${equation}"), ${shown.join(", ")}, float32: value`,
    sizes,
    main,
    tolerance: 1e-3,
    // The kernels of TensorFlow.js on WebAssembly have no einsum.
    ours: ({ einsum, tensor }, n) => {
      const xs = operands(n).map(([data, shape]) => tensor(data, { shape }));
      return () => [einsum(equation, ...xs).data];
    },
    jax: ({ lib, tensor, read }, n) => {
      const xs = operands(n).map(([data, shape]) => tensor(data, shape));
      return () => read(() => [lib.numpy.einsum(equation, ...xs.map((x) => x.ref))]);
    },
  };
}
const bilinear = einsumOf("einsum", "bn,anm,bm->ba", (n) => ({ a: n, b: n, m: n, n }), [4, 8, 16, 32, 64, 96], 64);
const linearAttention = einsumOf(
  "einsum-attention",
  "bqd,bkd,bke->bqe",
  (n) => ({ b: 8, q: n, k: n, d: 32, e: 32 }),
  [8, 16, 32, 64, 128, 256],
  128,
);

const OPS: readonly Beside[] = [
  convolution,
  rows("softmax", "softmax of [n, 1000], float32: value and gradient", softmaxForms, true),
  rows("softmax-value", "softmax of [n, 1000], float32: value", softmaxForms, false),
  rows("layer-norm", "layerNorm of [n, 1000], float32: value and gradient", layerNormForms, true),
  rows("layer-norm-value", "layerNorm of [n, 1000], float32: value", layerNormForms, false),
  plain("cumsum", "cumsum of n numbers, float32", LENGTHS, 100_000, (n) => [n], {
    ours: ({ cumsum }) => cumsum,
    tensorFlow: (tf, x) => tf.cumsum(x),
    jax: (lib, x) => lib.numpy.cumsum(x),
  }),
  plain("sort", "sort of n numbers, float32 (TensorFlow.js: topk of all)", LENGTHS, 100_000, (n) => [n], {
    ours: ({ sort }) => sort,
    tensorFlow: (tf, x) => tf.reverse(tf.topk(x, x.size).values),
    jax: (lib, x) => lib.numpy.sort(x),
  }),
  bilinear,
  linearAttention,
  plain(
    "solve",
    "linalg.solve of n equations with one right-hand side each row of it, float32",
    ORDERS,
    100,
    (n) => [n, n],
    {
      ours: ({ linalg }) => ((x: never) => linalg.solve(x, x)) as never,
      jax: (lib, x) => lib.numpy.linalg.solve(x.ref, x),
    },
    dominant,
  ),
  plain(
    "eigh",
    "linalg.eigh of n x n, float32: values and vectors",
    ORDERS,
    100,
    (n) => [n, n],
    {
      ours: ({ linalg }) => ((x: never) => linalg.eigh(x).values) as never,
      jax: (lib, x) => {
        const [values, vectors] = lib.numpy.linalg.eigh(x) as unknown as [Foreign, Foreign];
        vectors.dispose();
        return values;
      },
    },
    symmetric,
  ),
];

/** Samples of one op over its sizes. */
async function runBeside(op: Beside, library: Library): Promise<Figure[]> {
  const peers = { tensorFlow: await loadTensorFlow(), jax: await loadJax() };
  const figures: Figure[] = [];
  for (const n of op.sizes) {
    const ours = op.ours(library, n);
    const want = ours();
    const others = (["tensorFlow", "jax"] as const).flatMap((which) => {
      const [peer, make] = [peers[which], op[which]];
      if (peer === null || make === undefined) return [];
      const run = make.call(op, peer, n);
      for (const [k, got] of run().entries()) {
        agree(`${op.name}: result ${k} of ${peer.label}`, got, want[k], op.tolerance);
      }
      return [{ label: peer.label, run }];
    });
    const main = n === op.main;
    const [own, ...theirs] = measure([{ run: ours }, ...others], {
      sample: main ? 20 : 5,
      warmUp: 300,
      total: main ? 1500 : 400,
    });
    figures.push({ label: `n = ${n}`, unit: "ms", samples: own });
    const best = theirs
      .map((samples, k) => ({ samples, label: others[k].label }))
      .sort((a, b) => summary(a.samples).median - summary(b.samples).median)[0];
    theirs.forEach((samples, k) => {
      if (main || theirs[k] === best.samples)
        figures.push({ label: `n = ${n}: ${others[k].label}`, unit: "ms", samples });
    });
    if (best !== undefined) {
      const target = main ? { target: 1 } : {};
      figures.push({
        label: `n = ${n}: ours / ${best.label}`,
        unit: "x",
        samples: ratios(own, best.samples),
        ...target,
      });
    }
  }
  return figures;
}

/** A case for every op. */
export const beside: readonly Case[] = OPS.map((op) => ({
  name: op.name,
  title: op.title,
  run: (library) => runBeside(op, library),
}));
