// Wrong options, indices and arguments of ops: see bad-input.test.ts.
import {
  arange,
  argmax,
  clip,
  greater,
  mul,
  oneHot,
  onesLike,
  slice,
  softmax,
  split,
  square,
  sum,
  type Tensor,
  take,
  takeAlongAxis,
  tensor,
} from "gradtape";

const a: Tensor = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const b: Tensor = tensor([1, 2]);
const any = (x: unknown) => x as never;

/** A wrong call, its error, and the right call beside it. */
export type Row = readonly [wrong: () => unknown, error: string, right: () => unknown];

export const badArguments: Readonly<Record<string, readonly Row[]>> = {
  "axes and options": [
    [
      () => sum(a, { axis: 2 }),
      "[axis/range] sum: axis 2 is out of range for rank 2. Axes run from -2 to 1.",
      () => sum(a, { axis: 1 }),
    ],
    [
      () => sum(a, { axis: [0, -2] }),
      "[axis/range] sum: axis 0 is named twice in [0, -2].",
      () => sum(a, { axis: [0, 1] }),
    ],
    [
      () => softmax(tensor(1)),
      "[axis/range] softmax: axis -1 is out of range for rank 0. A single number has no axes.",
      () => softmax(b),
    ],
    [() => sum(a, { axis: any(0.5) }), "[axis/range] sum: an axis is an integer, got 0.5.", () => sum(a, { axis: 0 })],
    [() => sum(a, any({ axes: 0 })), '[option/unknown] sum: unknown option "axes". axis?', () => sum(a, { axis: 0 })],
    [
      () => sum(a, any({ keepdims: true })),
      '[option/unknown] sum: unknown option "keepdims". keepDims?',
      () => sum(a, { keepDims: true }),
    ],
    [
      () => sum(a, any({ reductionOverWhat: 1 })),
      '[option/unknown] sum: unknown option "reductionOverWhat". Options: axis, keepDims, where.',
      () => sum(a, {}),
    ],
    [
      () => sum(a, any(0)),
      "[option/invalid] sum: options are an object with axis, keepDims, where, got 0.",
      () => sum(a, any(null)),
    ],
    [
      () => sum(a, { where: a }),
      "[dtype/unsupported] sum: where must be a bool tensor, got float64. Compare first: greater(x, 0).",
      () => sum(a, { where: greater(a, 0) }),
    ],
    [
      () => softmax(b, { where: greater(a, 0) }),
      "[shape/broadcast] softmax: where must broadcast to shape [2], got shape [2, 3]. A mask says for each element of x whether it counts; its axes align with the last axes of x.",
      () => softmax(b, { where: greater(b, 0) }),
    ],
    [
      () => argmax(a, any({ where: greater(a, 0) })),
      '[option/unknown] argmax: unknown option "where". Options: axis, keepDims.',
      () => argmax(a),
    ],
    [() => clip(b, 2, 1), "[argument/number] clip: min is at most max, got min 2 and max 1.", () => clip(b, 1, 2)],
  ],
  indices: [
    [
      () => take(a, [0, 2]),
      "[index/invalid] take: index 2 at [1] is out of range for an axis of size 2. Indices run from -2 to 1.",
      () => take(a, [0, -2]),
    ],
    [
      () => take(a, [-3]),
      "[index/invalid] take: index -3 at [0] is out of range for an axis of size 2. Indices run from -2 to 1.",
      () => take(a, [-1]),
    ],
    [() => take(a, [0.5]), "[index/invalid] take: an index is an integer, got 0.5 at [0].", () => take(a, 0)],
    [() => take(a, [Number.NaN]), "[index/invalid] take: an index is an integer, got NaN at [0].", () => take(a, [1])],
    [
      () => a.at(0, 3),
      "[index/invalid] at: index 3 is out of range for axis 1 of size 3. Indices run from -3 to 2.",
      () => a.at(0, 2),
    ],
    [
      () => oneHot([3], 3),
      "[index/invalid] oneHot: index 3 at [0] is out of range for an axis of size 3. Indices run from -3 to 2.",
      () => oneHot([2], 3),
    ],
    [
      () => takeAlongAxis(a, [[0], [3]]),
      "[index/invalid] takeAlongAxis: index 3 at [1, 0] is out of range for an axis of size 3. Indices run from -3 to 2.",
      () => takeAlongAxis(a, [[0], [2]]),
    ],
    [
      () => split(a, 2, { axis: 1 }),
      "[shape/split] split: axis 1 of size 3 does not divide into 2 equal parts. Give the sizes of the parts as an array.",
      () => split(a, 3, { axis: 1 }),
    ],
    [
      () => slice(a, [{ step: 0 }]),
      "[argument/integer] slice: step of part 0 is an integer other than 0, got 0.",
      () => slice(a, [{ step: -1 }]),
    ],
    [
      () => arange(0, 3, 0),
      "[argument/number] arange: step is a finite number other than 0, got 0.",
      () => arange(0, 3, 1),
    ],
  ],
  "what is no number and no tensor": [
    [
      () => mul("2" as never, 3 as never),
      '[argument/tensor] mul: a is a number or a tensor, got "2".',
      () => mul(2, 3),
    ],
    [() => mul(2, any(undefined)), "[argument/tensor] mul: b is a number or a tensor, got undefined.", () => mul(2, 3)],
    [
      () => sum(any([1, 2])),
      "[argument/tensor] sum: x is a number or a tensor, got [1, 2]. Make one with tensor(...).",
      () => sum(b),
    ],
    [
      () => square(any(new Float32Array(2))),
      "[argument/tensor] square: x is a number or a tensor, got a Float32Array. Make one with tensor(...).",
      () => square(b),
    ],
    [() => square(any(3n)), "[argument/tensor] square: x is a number or a tensor, got 3n.", () => square(3)],
    [
      () => onesLike(any({})),
      "[argument/tensor] onesLike: x is a number or a tensor, got an object.",
      () => onesLike(b),
    ],
  ],
};
