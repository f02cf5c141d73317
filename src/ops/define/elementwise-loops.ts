import type { TensorData } from "../../base/dtype";
import { type Shape, stridesOf } from "../../base/shape";

type Data = TensorData;

/** A loop over the elements of x. */
export type UnaryLoop = (out: Data, x: Data) => void;

/**
 * Loops of a binary op over n elements: array with array, array with one number, one number with array. Hot ops bring
 * literal ones: a loop that calls a closure for each element is many times slower.
 */
export interface BinaryLoops {
  both(out: Data, to: number, a: Data, i: number, b: Data, j: number, n: number): void;
  right(out: Data, to: number, a: Data, i: number, b: number, n: number): void;
  left(out: Data, to: number, a: number, b: Data, j: number, n: number): void;
}

/** Loops that call a function for each element, but where a literal one is given. */
export const loopsOf = (
  value: (a: number, b: number) => number,
  both: BinaryLoops["both"] = (out, to, a, i, b, j, n) => {
    for (let k = 0; k < n; k++) out[to + k] = value(a[i + k], b[j + k]);
  },
): BinaryLoops => ({
  both,
  right: (out, to, a, i, b, n) => {
    for (let k = 0; k < n; k++) out[to + k] = value(a[i + k], b);
  },
  left: (out, to, a, b, j, n) => {
    for (let k = 0; k < n; k++) out[to + k] = value(a, b[j + k]);
  },
});

/** A loop that calls a function for each element. */
export const loopOf =
  (value: (x: number) => number): UnaryLoop =>
  (out, x) => {
    for (let k = 0; k < out.length; k++) out[k] = value(x[k]);
  };

const stepsOf = (shape: Shape, of: Shape): number[] => {
  const strides = stridesOf(of);
  const lead = shape.length - of.length;
  return shape.map((_, i) => (i < lead || of[i - lead] === 1 ? 0 : strides[i - lead]));
};

/** Runs the loops over two operands broadcast to `shape`: one loop for each innermost stretch. */
export function runBinary(
  loops: BinaryLoops,
  out: Data,
  shape: Shape,
  a: Data,
  shapeA: Shape,
  b: Data,
  shapeB: Shape,
): void {
  const n = out.length;
  if (n === 0) return;
  if (a.length === n && b.length === n) loops.both(out, 0, a, 0, b, 0, n);
  else if (b.length === 1) loops.right(out, 0, a, 0, b[0], n);
  else if (a.length === 1) loops.left(out, 0, a[0], b, 0, n);
  else stretches(loops, out, shape, a, stepsOf(shape, shapeA), b, stepsOf(shape, shapeB));
}

function stretches(
  loops: BinaryLoops,
  out: Data,
  shape: Shape,
  a: Data,
  stepsA: readonly number[],
  b: Data,
  stepsB: readonly number[],
): void {
  let last = shape.length - 1;
  while (last > 0 && shape[last] === 1) last--;
  let n = shape[last];
  const [stepA, stepB] = [stepsA[last], stepsB[last]];
  while (last > 0 && stepsA[last - 1] === stepA * n && stepsB[last - 1] === stepB * n) n *= shape[--last];
  let to = 0;
  const walk = (axis: number, i: number, j: number): void => {
    if (axis === last) {
      if (stepB === 0) {
        if (stepA === 0) loops.right(out, to, a, i, b[j], 1);
        else loops.right(out, to, a, i, b[j], n);
      } else if (stepA === 0) loops.left(out, to, a[i], b, j, n);
      else loops.both(out, to, a, i, b, j, n);
      to += n;
      return;
    }
    const [dA, dB] = [stepsA[axis], stepsB[axis]];
    for (let k = 0; k < shape[axis]; k++) walk(axis + 1, i + k * dA, j + k * dB);
  };
  walk(0, 0, 0);
}
