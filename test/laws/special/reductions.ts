import * as gt from "gradtape";
import type { Call, Rows } from "./row";

const { zeros } = gt;
const INF = Infinity;
const LN2 = Math.LN2;
const empty = zeros([0]);

const MASK = gt.tensor([
  [true, false, true],
  [false, false, false],
]);
type Options = { readonly axis: 1; readonly where: gt.Tensor };

/** Rows of which the mask leaves 1 and 3, or nothing: neither what it leaves out nor an empty row reaches a gradient. */
const masked = (
  f: (x: gt.Tensor, options: Options) => gt.Value,
  value: unknown,
  gradient: readonly [number, number],
): Call => ({
  says: "does not see what a mask leaves out, nor a row that it leaves out as a whole",
  f: (x) => f(x, { axis: 1, where: MASK }),
  xs: [
    [
      [1, NaN, 3],
      [INF, -INF, NaN],
    ],
  ],
  value,
  gradients: [
    [
      [gradient[0], 0, gradient[1]],
      [0, 0, 0],
    ],
  ],
});
const THIRD = Math.exp(1 - 3);
const SHARES = [THIRD / (1 + THIRD), 1 / (1 + THIRD)] as const;
const ints = gt.tensor([5, -7], { dtype: "int32" });
const none = { where: gt.tensor([false, false]) };

export const reductionCalls: Rows<Call> = {
  sum: [
    masked(gt.sum, [4, 0], [1, 1]),
    {
      says: "takes a mask that broadcasts",
      f: (x) => gt.sum(x, { where: gt.tensor([true, false]) }),
      xs: [
        [
          [1, NaN],
          [3, NaN],
        ],
      ],
      value: 4,
      gradients: [
        [
          [1, 0],
          [1, 0],
        ],
      ],
    },
    {
      says: "takes a boolean as a mask",
      f: (x) => gt.sum(x, { where: false }),
      xs: [[1, 2]],
      value: 0,
      gradients: [[0, 0]],
    },
    { says: "refuses a mask of numbers", f: (x) => gt.sum(x, { where: x }), xs: [[1, 2]], throws: "dtype/unsupported" },
    {
      says: "refuses a mask larger than x",
      f: (x) => gt.sum(x, { where: MASK }),
      xs: [[1, 2, 3]],
      throws: "shape/broadcast",
    },

    { says: "of an empty tensor is 0", f: (x) => gt.sum(x), xs: [empty], value: 0, gradients: [[]] },
    { says: "over an empty axis is 0", f: (x) => gt.sum(x, { axis: 1 }), xs: [zeros([2, 0])], value: [0, 0] },
    { says: "beside an empty axis is empty", f: (x) => gt.sum(x, { axis: 1 }), xs: [zeros([0, 2])], value: [] },
    {
      says: "over no axis is the tensor",
      f: (x) => gt.sum(x, { axis: [] }),
      xs: [[1, 2]],
      value: [1, 2],
      gradients: [[1, 1]],
    },
    { says: "of a 0-d tensor is itself", f: (x) => gt.sum(x), xs: [3], value: 3, gradients: [1] },
    { says: "of opposite infinities is NaN", f: (x) => gt.sum(x), xs: [[INF, -INF]], value: NaN, gradients: [[1, 1]] },
    { says: "counts booleans", f: (x) => gt.sum(x), xs: [[true, true, false]], value: 2 },
  ],
  mean: [
    masked(gt.mean, [2, NaN], [0.5, 0.5]),
    {
      says: "of the largest numbers does not overflow",
      f: (x) => gt.mean(x),
      xs: [[1.7e308, 1.5e308]],
      value: 1.6e308,
      gradients: [[0.5, 0.5]],
    },
    {
      says: "of the largest numbers of float32 does not overflow",
      f: (x) => gt.mean(x),
      xs: [gt.tensor([2 ** 127, 2 ** 127], { dtype: "float32" })],
      value: 2 ** 127,
      gradients: [[0.5, 0.5]],
    },
    {
      says: "of the largest numbers that a mask leaves does not overflow",
      f: (x) => gt.mean(x, { where: gt.tensor([true, false, true]) }),
      xs: [[1.7e308, INF, 1.5e308]],
      value: 1.6e308,
      gradients: [[0.5, 0, 0.5]],
    },
    { says: "with Infinity is Infinity", f: (x) => gt.mean(x), xs: [[INF, 1]], value: INF },

    { says: "of an empty tensor is NaN", f: (x) => gt.mean(x), xs: [empty], value: NaN, gradients: [[]] },
    {
      says: "over an axis of size 1 drops it",
      f: (x) => gt.mean(x, { axis: 1 }),
      xs: [[[1], [2]]],
      value: [1, 2],
      gradients: [[[1], [1]]],
    },
    { says: "of a 0-d tensor is itself", f: (x) => gt.mean(x), xs: [3], value: 3, gradients: [1] },
  ],
  prod: [
    masked(gt.prod, [3, 1], [3, 1]),

    { says: "of an empty tensor is 1", f: (x) => gt.prod(x), xs: [empty], value: 1, gradients: [[]] },
    {
      says: "with one zero has the others' product as derivative there",
      f: (x) => gt.prod(x),
      xs: [[0, 2, 3]],
      value: 0,
      gradients: [[6, 0, 0]],
    },
    { says: "with two zeros has none", f: (x) => gt.prod(x), xs: [[0, 0, 3]], value: 0, gradients: [[0, 0, 0]] },
    { says: "of a 0-d zero is 0, with derivative 1", f: (x) => gt.prod(x), xs: [0], value: 0, gradients: [1] },
    {
      says: "keeps small factors",
      f: (x) => gt.prod(x),
      xs: [[1e-200, 1e-200, 1e300]],
      value: 0,
      gradients: [[1e100, 1e100, 0]],
    },
  ],
  max: [
    masked(gt.max, [3, -INF], [0, 1]),
    {
      says: "of int32 without any element is the least number",
      f: (x) => gt.max(x, none),
      xs: [ints],
      value: -(2 ** 31),
    },
    {
      says: "shares a tie of -Infinity among the elements that a mask leaves",
      f: (x) => gt.max(x, { where: gt.tensor([true, true, false]) }),
      xs: [[-INF, -INF, 7]],
      value: -INF,
      gradients: [[0.5, 0.5, 0]],
    },
    { says: "of nothing, masked, is -Infinity", f: (x) => gt.max(x, { where: false }), xs: [empty], value: -INF },

    { says: "splits ties evenly", f: (x) => gt.max(x), xs: [[2, 2, 1]], value: 2, gradients: [[0.5, 0.5, 0]] },
    { says: "splits ties of -Infinity", f: (x) => gt.max(x), xs: [[-INF, -INF]], value: -INF, gradients: [[0.5, 0.5]] },
    { says: "takes 0 and -0 as equal", f: (x) => gt.max(x), xs: [[0, -0]], gradients: [[0.5, 0.5]] },
    { says: "lets NaN through", f: (x) => gt.max(x), xs: [[1, NaN, 2]], value: NaN },
    { says: "of an empty tensor throws", f: (x) => gt.max(x), xs: [empty], throws: "shape/empty-axis" },
    { says: "beside an empty axis is empty", f: (x) => gt.max(x, { axis: 1 }), xs: [zeros([0, 2])], value: [] },
    { says: "of one number is that number", f: (x) => gt.max(x), xs: [[-3]], value: -3, gradients: [[1]] },
  ],
  min: [
    masked(gt.min, [1, INF], [1, 0]),
    {
      says: "of int32 without any element is the greatest number",
      f: (x) => gt.min(x, none),
      xs: [ints],
      value: 2 ** 31 - 1,
    },

    { says: "splits ties evenly", f: (x) => gt.min(x), xs: [[1, 2, 1]], value: 1, gradients: [[0.5, 0, 0.5]] },
    { says: "lets NaN through", f: (x) => gt.min(x), xs: [[1, NaN, 2]], value: NaN },
    { says: "of an empty tensor throws", f: (x) => gt.min(x), xs: [empty], throws: "shape/empty-axis" },
    { says: "of one number is that number", f: (x) => gt.min(x), xs: [-3], value: -3, gradients: [1] },
  ],
  logSumExp: [
    masked(gt.logSumExp, [3 + Math.log1p(THIRD), -INF], SHARES),

    { says: "of an empty tensor is -Infinity", f: (x) => gt.logSumExp(x), xs: [empty], value: -INF, gradients: [[]] },
    {
      says: "of huge numbers does not overflow",
      f: (x) => gt.logSumExp(x),
      xs: [[1000, 1000]],
      value: 1000 + LN2,
      gradients: [[0.5, 0.5]],
    },
    { says: "of -Infinity alone is -Infinity", f: (x) => gt.logSumExp(x), xs: [[-INF, -INF]], value: -INF },
    {
      says: "takes no notice of -Infinity beside numbers",
      f: (x) => gt.logSumExp(x),
      xs: [[-INF, 0]],
      value: 0,
      gradients: [[0, 1]],
    },
    { says: "with Infinity is Infinity", f: (x) => gt.logSumExp(x), xs: [[INF, 0]], value: INF },
    { says: "with NaN is NaN", f: (x) => gt.logSumExp(x), xs: [[NaN, 0]], value: NaN },
    { says: "of one number is that number", f: (x) => gt.logSumExp(x), xs: [[7]], value: 7, gradients: [[1]] },
  ],
  any: [
    {
      says: "does not see what a mask leaves out",
      f: (x) => gt.any(x, { axis: 1, where: MASK }),
      xs: [
        [
          [0, 1, 0],
          [1, 1, 1],
        ],
      ],
      value: [false, false],
    },
    { says: "of an empty tensor is false", f: (x) => gt.any(x), xs: [zeros([0], { dtype: "bool" })], value: false },
  ],
  all: [
    {
      says: "does not see what a mask leaves out",
      f: (x) => gt.all(x, { axis: 1, where: MASK }),
      xs: [
        [
          [1, 0, 1],
          [0, 0, 0],
        ],
      ],
      value: [true, true],
    },
    { says: "of an empty tensor is true", f: (x) => gt.all(x), xs: [zeros([0], { dtype: "bool" })], value: true },
  ],
  argmax: [
    { says: "of ties is the first", f: (x) => gt.argmax(x), xs: [[1, 3, 3]], value: 1 },
    { says: "is the first NaN", f: (x) => gt.argmax(x), xs: [[1, NaN, 3, NaN]], value: 1 },
    {
      says: "works on the flattened tensor",
      f: (x) => gt.argmax(x),
      xs: [
        [
          [1, 2],
          [4, 3],
        ],
      ],
      value: 2,
    },
    { says: "of -Infinity alone is the first", f: (x) => gt.argmax(x), xs: [[-INF, -INF]], value: 0 },
    { says: "of an empty tensor throws", f: (x) => gt.argmax(x), xs: [empty], throws: "shape/empty-axis" },
  ],
  argmin: [
    { says: "of ties is the first", f: (x) => gt.argmin(x), xs: [[3, 1, 1]], value: 1 },
    { says: "is the first NaN", f: (x) => gt.argmin(x), xs: [[1, 0, NaN]], value: 2 },
    { says: "of an empty tensor throws", f: (x) => gt.argmin(x), xs: [empty], throws: "shape/empty-axis" },
  ],
  variance: [
    masked(gt.variance, [1, NaN], [-1, 1]),
    {
      says: "of nothing with correction 1 is NaN",
      f: (x) => gt.variance(x, { correction: 1 }),
      xs: [empty],
      value: NaN,
    },
    { says: "overflows where it must", f: (x) => gt.variance(x), xs: [[1e200, -1e200]], value: INF },
    {
      says: "overflows nowhere else",
      f: (x) => gt.variance(x),
      xs: [gt.concat([gt.tensor([2e154, -2e154]), zeros([98])])],
      value: 8e306,
    },
    {
      says: "of float32 overflows nowhere else",
      f: (x) => gt.mul(gt.variance(x), 1e-37),
      xs: [gt.tensor([2 ** 64, -(2 ** 64), 0, 0, 0, 0, 0, 0], { dtype: "float32" })],
      value: Math.fround(2 ** 126 * Math.fround(1e-37)),
    },

    { says: "of one number is 0", f: (x) => gt.variance(x), xs: [[5]], value: 0, gradients: [[0]] },
    {
      says: "of one number with correction 1 is NaN",
      f: (x) => gt.variance(x, { correction: 1 }),
      xs: [[5]],
      value: NaN,
    },
    { says: "of an empty tensor is NaN", f: (x) => gt.variance(x), xs: [empty], value: NaN },
    {
      says: "of equal large numbers is 0",
      f: (x) => gt.variance(x),
      xs: [[1e8, 1e8, 1e8]],
      value: 0,
      gradients: [[0, 0, 0]],
    },
    {
      says: "does not lose small differences of large numbers",
      f: (x) => gt.variance(x),
      xs: [[1e9, 1e9 + 2]],
      value: 1,
      gradients: [[-1, 1]],
    },
  ],
  std: [
    masked(gt.std, [1, NaN], [-0.5, 0.5]),
    {
      says: "of equal numbers whose sum is rounded is exactly 0",
      f: (x) => gt.std(x),
      xs: [[0.1, 0.1, 0.1]],
      value: 0,
      gradients: [[0, 0, 0]],
    },
    { says: "of nothing with correction 1 is NaN", f: (x) => gt.std(x, { correction: 1 }), xs: [empty], value: NaN },
    { says: "with Infinity is NaN", f: (x) => gt.std(x), xs: [[INF, 1]], value: NaN },

    { says: "of one number is 0", f: (x) => gt.std(x), xs: [[5]], value: 0 },
    { says: "of an empty tensor is NaN", f: (x) => gt.std(x), xs: [empty], value: NaN },
    { says: "is the root of the variance", f: (x) => gt.std(x), xs: [[1, 3]], value: 1, gradients: [[-0.5, 0.5]] },
  ],
  norm: [
    masked(gt.norm, [Math.sqrt(10), 0], [1 / Math.sqrt(10), 3 / Math.sqrt(10)]),
    ...[1, 3, INF].map((ord) => ({
      says: `with ord ${ord} does not see what a mask leaves out`,
      f: (x: gt.Tensor) => gt.norm(x, { ord, where: gt.tensor([true, false]) }),
      xs: [[-2, NaN]],
      value: 2,
      gradients: [[-1, 0]],
    })),
    { says: "of nothing, masked, is 0", f: (x) => gt.norm(x, { ord: INF, where: false }), xs: [empty], value: 0 },
    { says: "with Infinity is Infinity", f: (x) => gt.norm(x), xs: [[-INF, 1]], value: INF },
    { says: "with NaN and Infinity is NaN", f: (x) => gt.norm(x), xs: [[INF, NaN]], value: NaN },
    {
      says: "of order 10 does not overflow in float32",
      f: (x) => gt.norm(x, { ord: 10 }),
      xs: [gt.tensor([2 ** 14, 2 ** 14], { dtype: "float32" })],
      value: Math.fround(2 ** 14 * 2 ** 0.1),
    },

    ...[1, 1.5, 2, 3, INF].map((ord) => ({
      says: `with ord ${ord} has gradient 0 at 0`,
      f: (x: gt.Tensor) => gt.norm(x, { ord }),
      xs: [[0, 0]],
      value: 0,
      gradients: [[0, 0]],
    })),
    { says: "of an empty tensor is 0", f: (x) => gt.norm(x), xs: [empty], value: 0, gradients: [[]] },
    {
      says: "with ord Infinity splits ties",
      f: (x) => gt.norm(x, { ord: INF }),
      xs: [[3, -3, 1]],
      value: 3,
      gradients: [[0.5, -0.5, 0]],
    },
    { says: "of one number is its size", f: (x) => gt.norm(x), xs: [[-3]], value: 3, gradients: [[-1]] },
    { says: "lets NaN through", f: (x) => gt.norm(x), xs: [[NaN, 1]], value: NaN },
  ],
  softmax: [
    {
      says: "does not see what a mask leaves out, nor a row that it leaves out as a whole",
      f: (x) => gt.mul(gt.softmax(x, { where: MASK }), gt.tensor([1, NaN, 2])).mul(gt.where(MASK, 1, 0)),
      xs: [
        [
          [1, 5, 3],
          [1, 2, 3],
        ],
      ],
      gradients: [
        [
          [-SHARES[0] * SHARES[1], 0, SHARES[0] * SHARES[1]],
          [0, 0, 0],
        ],
      ],
    },
    {
      says: "is 0 where a mask leaves nothing",
      f: (x) => gt.softmax(x, { where: MASK }),
      xs: [
        [
          [1, NaN, 3],
          [INF, -INF, NaN],
        ],
      ],
      value: [
        [SHARES[0], 0, SHARES[1]],
        [0, 0, 0],
      ],
    },

    {
      says: "of huge numbers does not overflow",
      f: (x) => gt.softmax(x),
      xs: [[1000, 1000]],
      value: [0.5, 0.5],
      gradients: [[0, 0]],
    },
    { says: "gives 0 to -Infinity", f: (x) => gt.softmax(x), xs: [[-INF, 0]], value: [0, 1], gradients: [[0, 0]] },
    {
      says: "along an axis of size 1 is 1",
      f: (x) => gt.softmax(x),
      xs: [[[3], [4]]],
      value: [[1], [1]],
      gradients: [[[0], [0]]],
    },
    { says: "of an empty tensor is empty", f: (x) => gt.softmax(x), xs: [zeros([2, 0])], value: [[], []] },
  ],
  logSoftmax: [
    {
      says: "is -Infinity where a mask leaves nothing, with derivative 0",
      f: (x) => gt.logSoftmax(x, { where: MASK }),
      xs: [
        [
          [1, NaN, 3],
          [INF, -INF, NaN],
        ],
      ],
      value: [
        [Math.log(SHARES[0]), -INF, Math.log(SHARES[1])],
        [-INF, -INF, -INF],
      ],
      gradients: [
        [
          [1 - 2 * SHARES[0], 0, 1 - 2 * SHARES[1]],
          [0, 0, 0],
        ],
      ],
    },

    {
      says: "of huge numbers does not overflow",
      f: (x) => gt.logSoftmax(x),
      xs: [[1000, 0]],
      value: [0, -1000],
      gradients: [[-1, 1]],
    },
    { says: "keeps -Infinity", f: (x) => gt.logSoftmax(x), xs: [[-INF, 0]], value: [-INF, 0] },
    { says: "along an axis of size 1 is 0", f: (x) => gt.logSoftmax(x), xs: [[3]], value: [0], gradients: [[0]] },
    { says: "of an empty tensor is empty", f: (x) => gt.logSoftmax(x), xs: [zeros([2, 0])], value: [[], []] },
  ],
  layerNorm: [
    {
      says: "of equal numbers with a tiny epsilon is 0",
      f: (x) => gt.layerNorm(x, { epsilon: 1e-300 }),
      xs: [[2, 2]],
      value: [0, 0],
    },

    { says: "of equal numbers is 0", f: (x) => gt.layerNorm(x), xs: [[2, 2]], value: [0, 0], gradients: [[0, 0]] },
    { says: "along an axis of size 1 is 0", f: (x) => gt.layerNorm(x), xs: [[5]], value: [0], gradients: [[0]] },
    { says: "of large equal numbers is 0", f: (x) => gt.layerNorm(x), xs: [[1e8, 1e8]], value: [0, 0] },
    {
      says: "of equal numbers whose sum is rounded is exactly 0, and NaN with epsilon 0",
      f: (x) => gt.concat([gt.layerNorm(x), gt.layerNorm(x, { epsilon: 0 })]),
      xs: [[0.1, 0.1, 0.1]],
      value: [0, 0, 0, NaN, NaN, NaN],
    },
  ],
};
