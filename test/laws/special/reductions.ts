import * as gt from "gradtape";
import type { Call, Rows } from "./row";

const { zeros } = gt;
const INF = Infinity;
const LN2 = Math.LN2;
const empty = zeros([0]);

export const reductionCalls: Rows<Call> = {
  sum: [
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
    { says: "splits ties evenly", f: (x) => gt.max(x), xs: [[2, 2, 1]], value: 2, gradients: [[0.5, 0.5, 0]] },
    { says: "splits ties of -Infinity", f: (x) => gt.max(x), xs: [[-INF, -INF]], value: -INF, gradients: [[0.5, 0.5]] },
    { says: "takes 0 and -0 as equal", f: (x) => gt.max(x), xs: [[0, -0]], gradients: [[0.5, 0.5]] },
    { says: "lets NaN through", f: (x) => gt.max(x), xs: [[1, NaN, 2]], value: NaN },
    { says: "of an empty tensor throws", f: (x) => gt.max(x), xs: [empty], throws: "shape/empty-axis" },
    { says: "beside an empty axis is empty", f: (x) => gt.max(x, { axis: 1 }), xs: [zeros([0, 2])], value: [] },
    { says: "of one number is that number", f: (x) => gt.max(x), xs: [[-3]], value: -3, gradients: [[1]] },
  ],
  min: [
    { says: "splits ties evenly", f: (x) => gt.min(x), xs: [[1, 2, 1]], value: 1, gradients: [[0.5, 0, 0.5]] },
    { says: "lets NaN through", f: (x) => gt.min(x), xs: [[1, NaN, 2]], value: NaN },
    { says: "of an empty tensor throws", f: (x) => gt.min(x), xs: [empty], throws: "shape/empty-axis" },
    { says: "of one number is that number", f: (x) => gt.min(x), xs: [-3], value: -3, gradients: [1] },
  ],
  logSumExp: [
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
    { says: "of an empty tensor is false", f: (x) => gt.any(x), xs: [zeros([0], { dtype: "bool" })], value: false },
  ],
  all: [{ says: "of an empty tensor is true", f: (x) => gt.all(x), xs: [zeros([0], { dtype: "bool" })], value: true }],
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
    { says: "of one number is 0", f: (x) => gt.std(x), xs: [[5]], value: 0 },
    { says: "of an empty tensor is NaN", f: (x) => gt.std(x), xs: [empty], value: NaN },
    { says: "is the root of the variance", f: (x) => gt.std(x), xs: [[1, 3]], value: 1, gradients: [[-0.5, 0.5]] },
  ],
  norm: [
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
