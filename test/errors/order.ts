// Wrong arguments of running sums, sorting, quantiles, interpolation, rolling and padding: see bad-input.test.ts.
import {
  argsort,
  cummax,
  cummin,
  cumprod,
  cumsum,
  dropout,
  gather,
  interpolate,
  logCumSumExp,
  median,
  meshgrid,
  nanToNum,
  ones,
  pad,
  quantile,
  random,
  roll,
  scatterMax,
  scatterMin,
  scatterSet,
  searchsorted,
  sort,
  tensor,
  topK,
  zeros,
} from "gradtape";
import { untyped } from "../support";
import type { Row } from "./bad-arguments";

const a = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const b = tensor([1, 2, 3]);
const empty = zeros([2, 0]);
const key = random.key(1);

export const badOrders: Readonly<Record<string, readonly Row[]>> = {
  "running sums and sorting": [
    [
      () => cumsum(a, { axis: 2 }),
      "[axis/range] cumsum: axis 2 is out of range for rank 2. Axes run from -2 to 1.",
      () => cumsum(a, { axis: 1 }),
    ],
    [
      () => cumprod(tensor(1)),
      "[axis/range] cumprod: axis -1 is out of range for rank 0. A single number has no axes.",
      () => cumprod(b),
    ],
    [
      () => cumsum(a, { reverse: untyped("yes") }),
      '[option/choice] cumsum: reverse must be true or false, got "yes". Write { reverse: true }, or leave it out.',
      () => cumsum(a, { reverse: true }),
    ],
    [
      () => cumprod(a, { exclusive: untyped(1) }),
      "[option/choice] cumprod: exclusive must be true or false, got 1. Write { exclusive: true }, or leave it out.",
      () => cumprod(a, { exclusive: true }),
    ],
    [
      () => cumsum(untyped([1, 2])),
      "[argument/tensor] cumsum: x must be a number or a tensor, got [1, 2]. Make one with tensor(...).",
      () => cumsum(b),
    ],
    [
      () => logCumSumExp(a, { axis: -3 }),
      "[axis/range] logCumSumExp: axis -3 is out of range for rank 2. Axes run from -2 to 1.",
      () => logCumSumExp(a, { axis: -2 }),
    ],
    [
      () => cummax(tensor(1)),
      "[axis/range] cummax: axis -1 is out of range for rank 0. A single number has no axes.",
      () => cummax(b),
    ],
    [
      () => cummin(a, untyped({ axes: 1 })),
      '[option/unknown] cummin: unknown option "axes". Did you mean "axis"?',
      () => cummin(a, { axis: 0 }),
    ],
    [
      () => sort(a, { descending: untyped("yes") }),
      '[option/choice] sort: descending must be true or false, got "yes". Write { descending: true }, or leave it out.',
      () => sort(a, { descending: true }),
    ],
    [
      () => argsort(a, untyped({ reverse: true })),
      '[option/unknown] argsort: unknown option "reverse". Known options: axis, descending.',
      () => argsort(a, untyped(null)),
    ],
    [
      () => topK(b, 4),
      "[argument/integer] topK: k must be an integer from 0 to 3, got 4. The largest allowed is 3.",
      () => topK(b, 3),
    ],
    [
      () => topK(b, -1),
      "[argument/integer] topK: k must be an integer from 0 to 3, got -1. The smallest allowed is 0.",
      () => topK(b, 1),
    ],
    [
      () => topK(b, 1.5),
      "[argument/integer] topK: k must be an integer from 0 to 3, got 1.5. Math.floor and Math.round make integers.",
      () => topK(b, 2),
    ],
    [
      () => topK(b, untyped(undefined)),
      "[argument/integer] topK: k must be an integer from 0 to 3, got undefined. Give a value: there is no default.",
      () => topK(b, 2),
    ],
    [
      () => topK(b, 1, untyped({ sorted: true })),
      '[option/unknown] topK: unknown option "sorted". Known options: axis, largest.',
      () => topK(b, 1, { largest: false }),
    ],
  ],
  "quantiles and interpolation": [
    [
      () => quantile(b, 1.5),
      "[argument/number] quantile: q must be a number from 0 to 1, got 1.5. 0.5 is the median; divide percentages by 100.",
      () => quantile(b, 1),
    ],
    [
      () => quantile(b, [0.5, -0.1]),
      "[argument/number] quantile: q must be a number from 0 to 1, got -0.1 at [1]. 0.5 is the median; divide percentages by 100.",
      () => quantile(b, [0.5, 0.1]),
    ],
    [
      () => quantile(b, tensor([[0, Number.NaN]])),
      "[argument/number] quantile: q must be a number from 0 to 1, got NaN at [0, 1]. 0.5 is the median; divide percentages by 100.",
      () => quantile(b, tensor([[0, 1]])),
    ],
    [
      () => quantile(b, untyped("0.5")),
      '[argument/tensor] quantile: q must be a number or a tensor, got "0.5". Convert it to numbers first.',
      () => quantile(b, 0.5),
    ],
    [
      () => quantile(b, untyped([0.5, "1"])),
      '[argument/tensor] quantile: q[1] must be a number or a tensor, got "1". Convert it to numbers first.',
      () => quantile(b, [0.5, 1]),
    ],
    [
      () => quantile(a, 0.5, untyped({ axes: 0 })),
      '[option/unknown] quantile: unknown option "axes". Did you mean "axis"?',
      () => quantile(a, 0.5, { axis: 0 }),
    ],
    [
      () => median(empty, { axis: 1 }),
      "[shape/empty-axis] median: axes [1] of shape [2, 0] have no elements. An empty axis has no median; check its size first.",
      () => median(empty, { axis: 0 }),
    ],
    [
      () => searchsorted(a, b),
      "[shape/rank] searchsorted: sorted must be a vector, got shape [2, 3]. For several at once use vmap.",
      () => searchsorted(b, a),
    ],
    [
      () => searchsorted(b, a, { side: untyped("middle") }),
      '[option/choice] searchsorted: side must be one of "left", "right", got "middle". Leave side out for the default.',
      () => searchsorted(b, a, { side: "right" }),
    ],
    [
      () => searchsorted(b, untyped([1])),
      "[argument/tensor] searchsorted: values must be a number or a tensor, got [1]. Make one with tensor(...).",
      () => searchsorted(b, 1),
    ],
    [
      () => interpolate(1, tensor([0, 2, 1]), b),
      "[argument/knots] interpolate: knots must increase strictly, got 1 after 2 at [2]. Sort knots and values with take(..., argsort(knots)), and keep one of equal knots.",
      () => interpolate(1, tensor([0, 1, 2]), b),
    ],
    [
      () => interpolate(1, tensor([0, Number.NaN]), tensor([0, 1])),
      "[argument/knots] interpolate: knots must increase strictly, got NaN after 0 at [1]. Sort knots and values with take(..., argsort(knots)), and keep one of equal knots.",
      () => interpolate(1, tensor([0, 1]), tensor([0, 1])),
    ],
    [
      () => interpolate(1, b, tensor([0, 1])),
      "[shape/length] interpolate: there must be one value for each knot, got 3 knots and 2 values. Give knots and values the same length.",
      () => interpolate(1, b, b),
    ],
    [
      () => interpolate(1, b, a),
      "[shape/rank] interpolate: values must be a vector, got shape [2, 3]. For several at once use vmap.",
      () => interpolate(a, b, b),
    ],
    [
      () => interpolate(1, zeros([0]), zeros([0])),
      "[shape/empty-axis] interpolate: there are no knots. Give at least one knot with its value.",
      () => interpolate(1, zeros([1]), zeros([1])),
    ],
    [
      () => meshgrid(b, a),
      "[shape/rank] meshgrid: vectors[1] must be a vector, got shape [2, 3]. For several at once use vmap.",
      () => meshgrid(b, b),
    ],
    [
      () => meshgrid(b, untyped([1, 2])),
      "[argument/tensor] meshgrid: vectors[1] must be a tensor, got [1, 2]. Make one with tensor(...).",
      () => meshgrid(b, tensor([1, 2])),
    ],
    [
      () => meshgrid(b, { indexing: untyped("xyz") }),
      '[option/choice] meshgrid: indexing must be one of "xy", "ij", got "xyz". Did you mean "xy"?',
      () => meshgrid(b, undefined),
    ],
  ],
  "several indices at once, and updates": [
    [
      () => gather(a, []),
      "[index/axes] gather: indices must be an array with the indices along each of 1 to 2 axes, got 0 of them for x of shape [2, 3]. gather(x, [rows, columns]) takes x[rows[i], columns[i]]; along one axis there is take.",
      () => gather(a, [0]),
    ],
    [
      () => gather(a, [0, 0], { axis: 1 }),
      "[index/axes] gather: indices must be an array with the indices along each of 1 to 1 axes, got 2 of them for x of shape [2, 3]. gather(x, [rows, columns]) takes x[rows[i], columns[i]]; along one axis there is take.",
      () => gather(a, [0], { axis: 1 }),
    ],
    [
      () => gather(a, untyped(1)),
      "[index/axes] gather: indices must be an array with the indices along each of 1 to 2 axes, got 1 for x of shape [2, 3]. gather(x, [rows, columns]) takes x[rows[i], columns[i]]; along one axis there is take.",
      () => gather(a, [1]),
    ],
    [
      () => gather(a, [0, [0, 3]]),
      "[index/invalid] gather: index 3 at [1] is out of range for an axis of size 3. Indices run from -3 to 2.",
      () => gather(a, [0, [0, -3]]),
    ],
    [
      () =>
        gather(a, [
          [0, 1],
          [0, 1, 2],
        ]),
      "[shape/broadcast] gather: shapes [2] and [3] do not broadcast: sizes 2 and 3 on axis -1. Sizes must be equal, or one of them 1.",
      () => gather(a, [[0, 1], [1]]),
    ],
    [
      () => scatterSet(a, [0, 2], 1),
      "[index/invalid] scatterSet: index 2 at [1] is out of range for an axis of size 2. Indices run from -2 to 1.",
      () => scatterSet(a, [0, 1], 1),
    ],
    [
      () => scatterMax(a, [0, 1], ones([2])),
      "[shape/broadcast] scatterMax: updates of shape [2] does not broadcast to shape [2, 3]. Sizes, counted from the last axis, must be equal, or 1 in what is repeated.",
      () => scatterMax(a, [0, 1], ones([3])),
    ],
    [
      () => scatterMin(a, tensor([0]), 1),
      '[dtype/index] scatterMin: indices must be int32, got a float64 tensor. Use cast(indices, "int32").',
      () => scatterMin(a, [0], 1),
    ],
  ],
  "rolling, padding, dropping": [
    [
      () => roll(a, 0.5),
      "[argument/integer] roll: shift must be an integer from -2147483647 to 2147483647, got 0.5. Math.floor and Math.round make integers.",
      () => roll(a, 5),
    ],
    [
      () => roll(a, [1, 2]),
      "[argument/integer] roll: shift must be an integer from -2147483647 to 2147483647, got [1, 2]. Give one plain number.",
      () => roll(a, [1, 2], { axis: [0, 1] }),
    ],
    [
      () => roll(a, [1, 2], { axis: 0 }),
      "[argument/roll] roll: there must be one shift for each axis, got [1, 2] for axis 0. A single number shifts all axes alike.",
      () => roll(a, [1], { axis: 0 }),
    ],
    [
      () => roll(a, 1, { axis: [0, 0] }),
      "[axis/range] roll: axis 0 is named twice in [0, 0]. Name each axis once; negative ones count from the end.",
      () => roll(a, 1, { axis: [0, 1] }),
    ],
    [
      () => pad(a, 1, { mode: untyped("mirror") }),
      '[option/choice] pad: mode must be one of "constant", "reflect", "replicate", got "mirror". Leave mode out for the default.',
      () => pad(a, 1, { mode: "reflect" }),
    ],
    [
      () => pad(empty, 1, { mode: "reflect" }),
      '[shape/empty-axis] pad: axis 1 of shape [2, 0] is empty and has nothing to continue. Use the mode "constant", or check the size first.',
      () => pad(empty, 1, { mode: "constant" }),
    ],
    [
      () => pad(a, [[1, 1]], { mode: "replicate" }),
      "[argument/pad] pad: widths must be a number or 2 pairs [before, after], one per axis, got [[1, 1]]. [0, 0] leaves an axis as it is.",
      () =>
        pad(
          a,
          [
            [0, 0],
            [1, 1],
          ],
          { mode: "replicate" },
        ),
    ],
    [
      () => dropout(key, a, untyped(undefined)),
      "[option/required] dropout: the option rate is required. { rate: 0.1 } drops each element with probability 0.1.",
      () => dropout(key, a, { rate: 0.5 }),
    ],
    [
      () => dropout(key, a, { rate: 1 }),
      "[argument/number] dropout: rate must be a number from 0 up to 1, 1 excluded, got 1. It is the probability that an element is dropped.",
      () => dropout(key, a, { rate: 0.999 }),
    ],
    [
      () => dropout(key, a, { rate: untyped(Number.NaN) }),
      "[argument/number] dropout: rate must be a number from 0 up to 1, 1 excluded, got NaN. It is the probability that an element is dropped.",
      () => dropout(key, a, { rate: 0 }),
    ],
    [
      () => dropout(untyped(ones([2])), a, { rate: 0.5 }),
      "[random/key] dropout: a key must be an int32 tensor of shape [2], got float64 [2]. Make one with random.key(seed).",
      () => dropout(key, a, { rate: 0.5 }),
    ],
    [
      () => nanToNum(a, untyped({ posInf: 1 })),
      '[option/unknown] nanToNum: unknown option "posInf". Did you mean "posinf"?',
      () => nanToNum(a, { posinf: 1 }),
    ],
    [
      () => nanToNum(a, { nan: Number.NaN }),
      "[argument/number] nanToNum: nan must be a number, got NaN. NaN is outside every range: look where it was computed.",
      () => nanToNum(a, { nan: -1 }),
    ],
  ],
};
