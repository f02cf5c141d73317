// Wrong arguments of running sums, sorting, quantiles, interpolation, rolling and padding: see bad-input.test.ts.
import {
  argsort,
  cummax,
  cummin,
  cumprod,
  cumsum,
  dropout,
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
  searchsorted,
  sort,
  tensor,
  topK,
  zeros,
} from "gradtape";
import type { Row } from "./bad-arguments";

const a = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const b = tensor([1, 2, 3]);
const empty = zeros([2, 0]);
const key = random.key(1);
const any = (x: unknown) => x as never;

const nothing = (where: string) =>
  `[shape/empty-axis] ${where}: axis 1 of shape [2, 0] has no numbers to sort. Check the size first.`;

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
      () => cumsum(any([1, 2])),
      "[argument/tensor] cumsum: x is a number or a tensor, got [1, 2]. Make one with tensor(...).",
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
      () => cummin(a, any({ axes: 1 })),
      '[option/unknown] cummin: unknown option "axes". axis?',
      () => cummin(a, { axis: 0 }),
    ],
    [() => sort(empty), nothing("sort"), () => sort(empty, { axis: 0 })],
    [() => argsort(empty), nothing("argsort"), () => argsort(a)],
    [() => topK(empty, 0), nothing("topK"), () => topK(a, 0)],
    [
      () => sort(a, { descending: any("yes") }),
      '[option/choice] sort: descending is true or false, got "yes".',
      () => sort(a, { descending: true }),
    ],
    [
      () => argsort(a, any({ reverse: true })),
      '[option/unknown] argsort: unknown option "reverse". Options: axis, descending.',
      () => argsort(a, any(null)),
    ],
    [() => topK(b, 4), "[argument/integer] topK: k is an integer from 0 to 3, got 4.", () => topK(b, 3)],
    [() => topK(b, -1), "[argument/integer] topK: k is an integer from 0 to 3, got -1.", () => topK(b, 1)],
    [() => topK(b, 1.5), "[argument/integer] topK: k is an integer from 0 to 3, got 1.5.", () => topK(b, 2)],
    [
      () => topK(b, any(undefined)),
      "[argument/integer] topK: k is an integer from 0 to 3, got undefined.",
      () => topK(b, 2),
    ],
    [
      () => topK(b, 1, any({ sorted: true })),
      '[option/unknown] topK: unknown option "sorted". Options: axis, largest.',
      () => topK(b, 1, { largest: false }),
    ],
  ],
  "quantiles and interpolation": [
    [() => quantile(b, 1.5), "[argument/number] quantile: q is a number from 0 to 1, got 1.5.", () => quantile(b, 1)],
    [
      () => quantile(b, [0.5, -0.1]),
      "[argument/number] quantile: q is a number from 0 to 1, got -0.1 at [1].",
      () => quantile(b, [0.5, 0.1]),
    ],
    [
      () => quantile(b, tensor([[0, Number.NaN]])),
      "[argument/number] quantile: q is a number from 0 to 1, got NaN at [0, 1].",
      () => quantile(b, tensor([[0, 1]])),
    ],
    [
      () => quantile(b, any("0.5")),
      '[argument/tensor] quantile: q is a number or a tensor, got "0.5".',
      () => quantile(b, 0.5),
    ],
    [
      () => quantile(b, any([0.5, "1"])),
      '[argument/tensor] quantile: q[1] is a number or a tensor, got "1".',
      () => quantile(b, [0.5, 1]),
    ],
    [
      () => quantile(a, 0.5, any({ axes: 0 })),
      '[option/unknown] quantile: unknown option "axes". axis?',
      () => quantile(a, 0.5, { axis: 0 }),
    ],
    [
      () => median(empty, { axis: 1 }),
      "[shape/empty-axis] median: axes [1] of shape [2, 0] hold no numbers. There is no such number of nothing; check the size first.",
      () => median(empty, { axis: 0 }),
    ],
    [
      () => searchsorted(a, b),
      "[shape/rank] searchsorted: sorted is a vector, got shape [2, 3]. For several at once use vmap.",
      () => searchsorted(b, a),
    ],
    [
      () => searchsorted(b, a, { side: any("middle") }),
      '[option/choice] searchsorted: side is one of "left", "right", got "middle".',
      () => searchsorted(b, a, { side: "right" }),
    ],
    [
      () => searchsorted(b, any([1])),
      "[argument/tensor] searchsorted: values is a number or a tensor, got [1]. Make one with tensor(...).",
      () => searchsorted(b, 1),
    ],
    [
      () => interpolate(1, tensor([0, 2, 1]), b),
      "[argument/knots] interpolate: knots increase strictly, got 1 after 2 at [2]. Sort them, with the values by take(values, argsort(knots)), and leave out what stands there twice.",
      () => interpolate(1, tensor([0, 1, 2]), b),
    ],
    [
      () => interpolate(1, tensor([0, Number.NaN]), tensor([0, 1])),
      "[argument/knots] interpolate: knots increase strictly, got NaN after 0 at [1]. Sort them, with the values by take(values, argsort(knots)), and leave out what stands there twice.",
      () => interpolate(1, tensor([0, 1]), tensor([0, 1])),
    ],
    [
      () => interpolate(1, b, tensor([0, 1])),
      "[shape/length] interpolate: there is one value for each knot, got 3 knots and 2 values.",
      () => interpolate(1, b, b),
    ],
    [
      () => interpolate(1, b, a),
      "[shape/rank] interpolate: values is a vector, got shape [2, 3]. For several at once use vmap.",
      () => interpolate(a, b, b),
    ],
    [
      () => interpolate(1, zeros([0]), zeros([0])),
      "[shape/empty-axis] interpolate: there are no knots.",
      () => interpolate(1, zeros([1]), zeros([1])),
    ],
    [
      () => meshgrid(b, a),
      "[shape/rank] meshgrid: vectors[1] is a vector, got shape [2, 3]. For several at once use vmap.",
      () => meshgrid(b, b),
    ],
    [
      () => meshgrid(b, any([1, 2])),
      "[argument/tensor] meshgrid: vectors[1] is a tensor, got [1, 2]. Make one with tensor(...).",
      () => meshgrid(b, tensor([1, 2])),
    ],
    [
      () => meshgrid(b, { indexing: any("xyz") }),
      '[option/choice] meshgrid: indexing is one of "xy", "ij", got "xyz".',
      () => meshgrid(b, undefined),
    ],
  ],
  "rolling, padding, dropping": [
    [
      () => roll(a, 0.5),
      "[argument/integer] roll: shift is an integer from -2147483647 to 2147483647, got 0.5.",
      () => roll(a, 5),
    ],
    [
      () => roll(a, [1, 2]),
      "[argument/integer] roll: shift is an integer from -2147483647 to 2147483647, got [1, 2].",
      () => roll(a, [1, 2], { axis: [0, 1] }),
    ],
    [
      () => roll(a, [1, 2], { axis: 0 }),
      "[argument/roll] roll: one shift for each axis is wanted, got [1, 2] for axis 0.",
      () => roll(a, [1], { axis: 0 }),
    ],
    [
      () => roll(a, 1, { axis: [0, 0] }),
      "[axis/range] roll: axis 0 is named twice in [0, 0].",
      () => roll(a, 1, { axis: [0, 1] }),
    ],
    [
      () => pad(a, 1, { mode: any("mirror") }),
      '[option/choice] pad: mode is one of "constant", "reflect", "replicate", got "mirror".',
      () => pad(a, 1, { mode: "reflect" }),
    ],
    [
      () => pad(empty, 1, { mode: "reflect" }),
      '[shape/empty-axis] pad: axis 1 of shape [2, 0] has no numbers to continue. The mode "constant" needs none.',
      () => pad(empty, 1, { mode: "constant" }),
    ],
    [
      () => pad(a, [[1, 1]], { mode: "replicate" }),
      "[argument/pad] pad: widths are a number or 2 pairs [before, after], one per axis, got [[1, 1]].",
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
      () => dropout(key, a, any(undefined)),
      "[option/required] dropout: the option rate is required.",
      () => dropout(key, a, { rate: 0.5 }),
    ],
    [
      () => dropout(key, a, { rate: 1 }),
      "[argument/number] dropout: rate is a number from 0 up to 1, 1 excluded, got 1.",
      () => dropout(key, a, { rate: 0.999 }),
    ],
    [
      () => dropout(key, a, { rate: any(Number.NaN) }),
      "[argument/number] dropout: rate is a number from 0 up to 1, 1 excluded, got NaN.",
      () => dropout(key, a, { rate: 0 }),
    ],
    [
      () => dropout(any(ones([2])), a, { rate: 0.5 }),
      "[random/key] dropout: a key is an int32 tensor of shape [2], got float64 [2]. Make one with random.key(seed).",
      () => dropout(key, a, { rate: 0.5 }),
    ],
    [
      () => nanToNum(a, any({ posInf: 1 })),
      '[option/unknown] nanToNum: unknown option "posInf". posinf?',
      () => nanToNum(a, { posinf: 1 }),
    ],
    [
      () => nanToNum(a, { nan: Number.NaN }),
      "[argument/number] nanToNum: nan is a number, got NaN.",
      () => nanToNum(a, { nan: -1 }),
    ],
  ],
};
