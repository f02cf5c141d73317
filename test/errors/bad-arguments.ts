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
import { untyped } from "../support";

const a: Tensor = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const b: Tensor = tensor([1, 2]);

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
      "[axis/range] sum: axis 0 is named twice in [0, -2]. Name each axis once; negative ones count from the end.",
      () => sum(a, { axis: [0, 1] }),
    ],
    [
      () => softmax(tensor(1)),
      "[axis/range] softmax: axis -1 is out of range for rank 0. A single number has no axes.",
      () => softmax(b),
    ],
    [
      () => sum(a, { axis: untyped(0.5) }),
      "[axis/range] sum: an axis must be an integer, got 0.5 for rank 2. Axes run from -2 to 1.",
      () => sum(a, { axis: 0 }),
    ],
    [
      () => sum(a, untyped({ axes: 0 })),
      '[option/unknown] sum: unknown option "axes". Did you mean "axis"?',
      () => sum(a, { axis: 0 }),
    ],
    [
      () => sum(a, untyped({ keepdims: true })),
      '[option/unknown] sum: unknown option "keepdims". Did you mean "keepDims"?',
      () => sum(a, { keepDims: true }),
    ],
    [
      () => sum(a, untyped({ reductionOverWhat: 1 })),
      '[option/unknown] sum: unknown option "reductionOverWhat". Known options: axis, keepDims, where.',
      () => sum(a, {}),
    ],
    [
      () => sum(a, untyped(0)),
      "[option/invalid] sum: options must be an object, got 0. Give them by name, as in { axis: ... }. Known options: axis, keepDims, where.",
      () => sum(a, untyped(null)),
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
      () => argmax(a, untyped({ where: greater(a, 0) })),
      '[option/unknown] argmax: unknown option "where". Known options: axis, keepDims.',
      () => argmax(a),
    ],
    [
      () => clip(b, 2, 1),
      "[argument/number] clip: min must be at most max, got min 2 and max 1. For a bound on one side only, leave the other out: clip(x, undefined, max).",
      () => clip(b, 1, 2),
    ],
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
    [
      () => take(a, [0.5]),
      "[index/invalid] take: indices[0] must be an integer, got 0.5. Indices count from 0, negative ones from the end.",
      () => take(a, 0),
    ],
    [
      () => take(a, [Number.NaN]),
      "[index/invalid] take: indices[0] must be an integer, got NaN. Indices count from 0, negative ones from the end.",
      () => take(a, [1]),
    ],
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
      "[argument/integer] slice: step of part 0 must be an integer other than 0, got 0. -1 reverses an axis; a number in place of the part takes one position.",
      () => slice(a, [{ step: -1 }]),
    ],
    [
      () => arange(0, 3, 0),
      "[argument/number] arange: step must be a finite number other than 0, got 0. For equal elements use full.",
      () => arange(0, 3, 1),
    ],
  ],
  "what is no number and no tensor": [
    [
      () => mul("2" as never, 3 as never),
      '[argument/tensor] mul: a must be a number or a tensor, got "2". Convert it to numbers first.',
      () => mul(2, 3),
    ],
    [
      () => mul(2, untyped(undefined)),
      "[argument/tensor] mul: b must be a number or a tensor, got undefined. Look for a missing argument, or a missing return.",
      () => mul(2, 3),
    ],
    [
      () => sum(untyped([1, 2])),
      "[argument/tensor] sum: x must be a number or a tensor, got [1, 2]. Make one with tensor(...).",
      () => sum(b),
    ],
    [
      () => square(untyped(new Float32Array(2))),
      "[argument/tensor] square: x must be a number or a tensor, got a Float32Array. Make one with tensor(...).",
      () => square(b),
    ],
    [
      () => square(untyped(3n)),
      "[argument/tensor] square: x must be a number or a tensor, got 3n. Convert it to numbers first.",
      () => square(3),
    ],
    [
      () => onesLike(untyped({})),
      "[argument/tensor] onesLike: x must be a number or a tensor, got an object. Pass the tensors of an object one by one.",
      () => onesLike(b),
    ],
  ],
};
