import * as gt from "gradtape";
import type { Call, Rows } from "./row";

const { tensor, zeros } = gt;
const INF = Infinity;
const empty = zeros([0]);
const ints = (x: number[]) => tensor(new Int32Array(x));
const bools = tensor([true, false, true]);

/** Whether every zero among numbers is -0. */
const signs = (x: gt.Tensor) => gt.less(gt.reciprocal(x), 0);

export const orderCalls: Rows<Call> = {
  cumsum: [
    { says: "of nothing is nothing", f: (x) => gt.cumsum(x), xs: [empty], value: [], gradients: [[]] },
    { says: "of a single number throws", f: (x) => gt.cumsum(x), xs: [1], throws: "axis/range" },
    { says: "of bool counts", f: (x) => gt.cumsum(x), xs: [bools], value: [1, 1, 2] },
    {
      says: "starts with the sign of zero",
      f: (x) => signs(gt.cumsum(x)),
      xs: [[-0, -0, 0]],
      value: [true, true, false],
    },
    {
      says: "keeps what is not finite",
      f: (x) => gt.cumsum(x),
      xs: [[1, INF, -INF, 2]],
      value: [1, INF, NaN, NaN],
      gradients: [[4, 3, 2, 1]],
    },
    {
      says: "is the sum in double precision in float32 too",
      f: (x) => gt.cumsum(x),
      xs: [tensor([16777216, 1, 1], { dtype: "float32" })],
      value: [16777216, 16777216, 16777218],
    },
  ],
  cumprod: [
    { says: "of nothing is nothing", f: (x) => gt.cumprod(x), xs: [empty], value: [], gradients: [[]] },
    { says: "of a single number throws", f: (x) => gt.cumprod(x), xs: [1], throws: "axis/range" },
    { says: "of one number is that number", f: (x) => gt.cumprod(x), xs: [[0]], value: [0], gradients: [[1]] },
    { says: "of bool is int32", f: (x) => gt.cumprod(x), xs: [bools], value: [1, 0, 0] },
    { says: "keeps the sign of zero", f: (x) => signs(gt.cumprod(x)), xs: [[-0, 2, -3]], value: [true, true, false] },
    {
      says: "of int32 wraps around",
      f: (x) => gt.cumprod(x),
      xs: [ints([65537, 65537, 3])],
      value: [65537, 131073, 393219],
    },
    {
      says: "has exact derivatives with zeros",
      f: (x) => gt.cumprod(x),
      xs: [[2, 0, 3, 0]],
      value: [2, 0, 0, 0],
      gradients: [[1, 8, 0, 0]],
    },
    {
      says: "has exact second derivatives with zeros",
      f: (x) => gt.grad((y: gt.Tensor) => gt.sum(gt.cumprod(y)))(x),
      xs: [[2, 0, 3]],
      value: [1, 8, 0],
      gradients: [[4, 6, 2]],
    },
    {
      says: "leaves the gradient alone where NaN is not taken",
      f: (x) => gt.slice(gt.cumprod(x), [{ stop: 2 }]),
      xs: [[2, 3, NaN, INF]],
      value: [2, 6],
      gradients: [[4, 2, 0, 0]],
    },
    { says: "keeps NaN", f: (x) => gt.cumprod(x), xs: [[2, NaN, 0]], value: [2, NaN, NaN] },
  ],
  sort: [
    {
      says: "puts NaN last and infinities where they belong",
      f: (x) => gt.sort(x),
      xs: [[NaN, INF, 5e-324, -INF, -5e-324]],
      value: [-INF, -5e-324, 5e-324, INF, NaN],
      gradients: [[1, 1, 1, 1, 1]],
    },
    {
      says: "puts NaN last in descending order too",
      f: (x) => gt.sort(x, { descending: true }),
      xs: [[NaN, -INF, 1e300, INF]],
      value: [INF, 1e300, -INF, NaN],
    },
    { says: "keeps the order of 0 and -0", f: (x) => signs(gt.sort(x)), xs: [[0, -0, 0]], value: [false, true, false] },
    { says: "of bool has false first", f: (x) => gt.sort(x), xs: [bools], value: [false, true, true] },
    {
      says: "gives ties their own gradients, in order",
      f: (x) => gt.mul(gt.sort(x), tensor([1, 10, 100])),
      xs: [[2, 1, 1]],
      value: [1, 10, 200],
      gradients: [[100, 1, 10]],
    },
    { says: "of nothing throws", f: (x) => gt.sort(x), xs: [empty], throws: "shape/empty-axis" },
    { says: "of no rows is nothing", f: (x) => gt.sort(x), xs: [zeros([0, 3])], shape: [0, 3] },
    { says: "of a single number throws", f: (x) => gt.sort(x), xs: [1], throws: "axis/range" },
  ],
  argsort: [
    { says: "keeps the order of ties", f: (x) => gt.argsort(x), xs: [[1, 0, 1, -0]], value: [1, 3, 0, 2] },
    {
      says: "keeps it in descending order too",
      f: (x) => gt.argsort(x, { descending: true }),
      xs: [[1, 0, NaN, 1, NaN, -0]],
      value: [0, 3, 1, 5, 2, 4],
    },
    { says: "of nothing throws", f: (x) => gt.argsort(x), xs: [empty], throws: "shape/empty-axis" },
  ],
  topK: [
    {
      says: "takes the first of ties",
      f: (x) => gt.topK(x, 2).indices,
      xs: [[1, 3, 3, 3]],
      value: [1, 2],
    },
    {
      says: "takes NaN last",
      f: (x) => gt.topK(x, 2).values,
      xs: [[NaN, 3, -INF]],
      value: [3, -INF],
      gradients: [[0, 1, 1]],
    },
    { says: "of 0 is nothing", f: (x) => gt.topK(x, 0).values, xs: [[1, 2]], value: [], gradients: [[0, 0]] },
    {
      says: "of all is all in order",
      f: (x) => gt.topK(x, 3, { largest: false }).values,
      xs: [[3, 1, 2]],
      value: [1, 2, 3],
      gradients: [[1, 1, 1]],
    },
    { says: "of more than there are throws", f: (x) => gt.topK(x, 3).values, xs: [[1, 2]], throws: "argument/integer" },
    { says: "of nothing throws", f: (x) => gt.topK(x, 0).values, xs: [empty], throws: "shape/empty-axis" },
  ],
  median: [
    { says: "of one number is that number", f: (x) => gt.median(x), xs: [5], value: 5, gradients: [1] },
    { says: "of two is their mean", f: (x) => gt.median(x), xs: [[3, 1]], value: 2, gradients: [[0.5, 0.5]] },
    {
      says: "of equal numbers is exactly that",
      f: (x) => gt.median(x),
      xs: [[0.1, 0.1]],
      value: 0.1,
      gradients: [[0.5, 0.5]],
    },
    { says: "of infinities is infinite", f: (x) => gt.median(x), xs: [[INF, 1, INF, INF]], value: INF },
    {
      says: "of a difference that overflows",
      f: (x) => gt.median(x),
      xs: [[1e308, -1e308]],
      value: 0,
      gradients: [[0.5, 0.5]],
    },
    {
      says: "of NaN is NaN",
      f: (x) => gt.median(x, { axis: 0 }),
      xs: [
        [
          [1, NaN],
          [2, 2],
        ],
      ],
      value: [1.5, NaN],
    },
    { says: "of nothing throws", f: (x) => gt.median(x), xs: [empty], throws: "shape/empty-axis" },
    { says: "of no rows is nothing", f: (x) => gt.median(x, { axis: 1 }), xs: [zeros([0, 3])], value: [] },
  ],
  quantile: [
    {
      says: "0 and 1 are the smallest and the largest number",
      f: (x) => gt.quantile(x, [0, 1]),
      xs: [[3, -INF, INF, 1]],
      value: [-INF, INF],
      gradients: [[0, 1, 1, 0]],
    },
    {
      says: "between a number and an infinity is infinite",
      f: (x) => gt.quantile(x, [0.25, 0.75]),
      xs: [[-INF, 0, INF]],
      value: [-INF, INF],
    },
    { says: "of NaN is NaN", f: (x) => gt.quantile(x, 0), xs: [[NaN, 1]], value: NaN },
    {
      says: "by q has the slope to the right, at 1 that to the left",
      f: (q) => gt.quantile(tensor([1, 2, 5]), q),
      xs: [[0, 0.5, 1]],
      value: [1, 2, 5],
      gradients: [[2, 6, 6]],
    },
    { says: "of no q is nothing", f: (x) => gt.quantile(x, []), xs: [[1, 2]], value: [], gradients: [[0, 0]] },
    { says: "above 1 throws", f: (x) => gt.quantile(x, 1.01), xs: [[1, 2]], throws: "argument/number" },
    { says: "NaN throws", f: (x) => gt.quantile(x, NaN), xs: [[1, 2]], throws: "argument/number" },
    { says: "of nothing throws", f: (x) => gt.quantile(x, 0.5), xs: [empty], throws: "shape/empty-axis" },
  ],
  searchsorted: [
    {
      says: "finds NaN at the end",
      f: (x, y) => gt.searchsorted(x, y),
      xs: [
        [-INF, -0, NaN, NaN],
        [-INF, 0, INF, NaN],
      ],
      value: [0, 1, 2, 2],
    },
    {
      says: "finds the end of NaN on the right",
      f: (x, y) => gt.searchsorted(x, y, { side: "right" }),
      xs: [
        [-INF, -0, NaN, NaN],
        [-INF, 0, INF, NaN],
      ],
      value: [1, 2, 2, 4],
    },
    { says: "in nothing is 0", f: (x, y) => gt.searchsorted(x, y), xs: [empty, [1, NaN]], value: [0, 0] },
    { says: "of nothing is nothing", f: (x, y) => gt.searchsorted(x, y), xs: [[1], zeros([0, 2])], shape: [0, 2] },
  ],
  interpolate: [
    {
      says: "has the slope to the right at a knot, 0 outside and at the last one",
      f: (x, k, v) => gt.interpolate(x, k, v),
      xs: [
        [-INF, -1, 0, 1, 2, 3, INF],
        [0, 1, 2],
        [10, 20, 0],
      ],
      value: [10, 10, 10, 20, 0, 0, 0],
      gradients: [
        [0, 0, 10, -20, 0, 0, 0],
        [-10, 20, 0],
        [3, 1, 3],
      ],
    },
    {
      says: "hands NaN on",
      f: (x, k, v) => gt.interpolate(x, k, v),
      xs: [
        [NaN, 0.5],
        [0, 1],
        [1, NaN],
      ],
      value: [NaN, NaN],
    },
    {
      says: "between equal values is exactly that",
      f: (x, k, v) => gt.interpolate(x, k, v),
      xs: [0.3, [0, 1], [0.1, 0.1]],
      value: 0.1,
      gradients: [0, [0, 0], [0.7, 0.3]],
    },
    {
      says: "with one knot is constant",
      f: (x, k, v) => gt.interpolate(x, k, v),
      xs: [[-1, 2, 3], [2], [7]],
      value: [7, 7, 7],
      gradients: [[0, 0, 0], [0], [3]],
    },
    { says: "of nothing is nothing", f: (x, k, v) => gt.interpolate(x, k, v), xs: [empty, [0, 1], [1, 2]], value: [] },
    {
      says: "with knots that do not increase throws",
      f: (x, k, v) => gt.interpolate(x, k, v),
      xs: [1, [0, 0], [1, 2]],
      throws: "argument/knots",
    },
    {
      says: "without knots throws",
      f: (x, k, v) => gt.interpolate(x, k, v),
      xs: [1, empty, empty],
      throws: "shape/empty-axis",
    },
  ],
  roll: [
    { says: "of nothing is nothing", f: (x) => gt.roll(x, 3), xs: [empty], value: [], gradients: [[]] },
    { says: "of one number is that number", f: (x) => gt.roll(x, 3), xs: [5], value: 5, gradients: [1] },
    { says: "further than the axis goes round", f: (x) => gt.roll(x, -7), xs: [[1, 2, 3]], value: [2, 3, 1] },
    {
      says: "keeps NaN where it goes",
      f: (x) => gt.slice(gt.roll(x, 1), [{ stop: 2 }]),
      xs: [[1, NaN, 3]],
      value: [3, 1],
      gradients: [[1, 0, 1]],
    },
  ],
  meshgrid: [
    { says: "of nothing is no tensor", f: () => gt.meshgrid(), xs: [], value: [] },
    {
      says: "of one vector is that vector",
      f: (x) => gt.meshgrid(x),
      xs: [[1, NaN]],
      value: [[1, NaN]],
      gradients: [[1, 1]],
    },
    {
      says: "with an empty vector is empty",
      f: (x, y) => gt.meshgrid(x, y)[0],
      xs: [[1, 2], empty],
      shape: [0, 2],
      gradients: [[0, 0], []],
    },
  ],
  dropout: [
    {
      says: "of rate 0 is x",
      f: (x) => gt.dropout(gt.random.key(0), x, { rate: 0 }),
      xs: [[1, NaN]],
      value: [1, NaN],
      gradients: [[1, 1]],
    },
    {
      says: "hides NaN where it drops",
      f: (x) => gt.dropout(gt.random.key(1), x, { rate: 0.5 }),
      xs: [[1, 1, 1, NaN, INF, 1]],
      value: [2, 2, 2, 0, 0, 2],
      gradients: [[2, 2, 2, 0, 0, 2]],
    },
    {
      says: "of everything throws",
      f: (x) => gt.dropout(gt.random.key(0), x, { rate: 1 }),
      xs: [[1]],
      throws: "argument/number",
    },
  ],
};
