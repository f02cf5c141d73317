import type { Tensor } from "gradtape";
import { agree, type Case, numbers, ratios } from "../figure";
import { measure } from "../measure";

const SIZE = 100;

/** The gradient as one would write it without a library. */
function byHand(x: Float64Array): Float64Array {
  const gradient = new Float64Array(x.length);
  for (let i = 0; i + 1 < x.length; i++) {
    const valley = x[i + 1] - x[i] * x[i];
    gradient[i] += -400 * x[i] * valley - 2 * (1 - x[i]);
    gradient[i + 1] += 200 * valley;
  }
  return gradient;
}

export const rosenbrock: Case = {
  name: "rosenbrock",
  title: "Rosenbrock function of 100 numbers, written with slices",
  run({ add, grad, mul, slice, square, sub, sum, tensor }) {
    const value = (x: Tensor) => {
      const head = slice(x, [{ stop: -1 }]);
      const tail = slice(x, [{ start: 1 }]);
      return sum(add(mul(100, square(sub(tail, square(head)))), square(sub(1, head))));
    };
    const gradient = grad(value);
    const point = numbers(SIZE);
    const x = tensor(point);
    agree("rosenbrock", gradient(x).data, byHand(point), 1e-12);
    const [gradients, values, hand] = measure([
      { run: () => gradient(x) },
      { run: () => value(x) },
      { run: () => byHand(point) },
    ]);
    const microseconds = (samples: readonly number[]): number[] => samples.map((ms) => ms * 1e3);
    return [
      { label: "gradient", unit: "us", samples: microseconds(gradients), target: 25 },
      { label: "value, untracked", unit: "us", samples: microseconds(values) },
      { label: "gradient written by hand", unit: "us", samples: microseconds(hand) },
      { label: "gradient / value", unit: "x", samples: ratios(gradients, values) },
      { label: "gradient / by hand", unit: "x", samples: ratios(gradients, hand) },
    ];
  },
};
