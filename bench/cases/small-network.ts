import type { Tensor } from "gradtape";
import { agree, type Case, numbers, ratios } from "../figure";
import { measure } from "../measure";
import { flat, type Network, network, predict } from "../network";

const POINTS = 100;

export const smallNetwork: Case = {
  name: "small-network",
  title: "2-16-16-1 tanh network, squared error on 100 points",
  run(library) {
    const { mean, square, sub, tensor, valueAndGrad } = library;
    const layers = network(library, [2, 16, 16, 1]);
    const x = tensor(numbers(2 * POINTS), { shape: [POINTS, 2] });
    const y = tensor(numbers(POINTS, 1, 3), { shape: [POINTS, 1] });
    const cost = (params: Network) => mean(square(sub(predict(library, params, x), y)));
    const both = valueAndGrad(cost);
    const microseconds = (samples: readonly number[]): number[] => samples.map((ms) => ms * 1e3);
    const [all, values] = measure([{ run: () => both(layers) }, { run: () => cost(layers) }]);
    return [
      { label: "value and gradient", unit: "us", samples: microseconds(all), target: 200 },
      { label: "value, untracked", unit: "us", samples: microseconds(values) },
      { label: "value and gradient / value", unit: "x", samples: ratios(all, values) },
    ];
  },
};

export const perSample: Case = {
  name: "per-sample",
  title: "Per-sample gradients of the 2-16-16-1 network, batch 100, beside the plain gradient of the mean",
  run(library) {
    const { batchGrad, grad, mean, square, sub, sum, tensor } = library;
    const layers = network(library, [2, 16, 16, 1]);
    const batch = {
      x: tensor(numbers(2 * POINTS), { shape: [POINTS, 2] }),
      y: tensor(numbers(POINTS, 1, 3), { shape: [POINTS, 1] }),
    };
    type Sample = { readonly x: Tensor; readonly y: Tensor };
    const plain = grad((params: Network) => mean(square(sub(predict(library, params, batch.x), batch.y))));
    const each = batchGrad((params: Network, { x, y }: Sample) => sum(square(sub(predict(library, params, x), y))));
    const gradients = () => each(layers, batch);
    agree("per-sample", flat(gradients().mean()), flat(plain(layers)), 1e-12);
    const products: Readonly<Record<string, () => unknown>> = {
      mean: () => gradients().mean(),
      norms: () => gradients().norms(),
      "clipped mean": () => gradients().clippedMean(1),
      materialize: () => gradients().materialize(),
    };
    const subjects = [() => plain(layers), ...Object.values(products)].map((run) => ({ run }));
    const [plainly, ...others] = measure(subjects, { total: 1000 });
    const names = Object.keys(products);
    return [
      { label: "plain gradient", unit: "us", samples: plainly.map((ms) => ms * 1e3) },
      ...names.map((label, k) => ({ label, unit: "us", samples: others[k].map((ms) => ms * 1e3) })),
      ...names.map((name, k) => ({ label: `${name} / plain`, unit: "x", samples: ratios(others[k], plainly) })),
    ];
  },
};
