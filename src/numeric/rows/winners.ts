import type { TensorData } from "../../base/dtype";
import { type Shape, sizeOf, stridesOf } from "../../base/shape";

/*
 * The largest or smallest elements over axes, and what their derivative does: winners, the elements that equal the result,
 * share evenly. One pass to count them, one to share.
 */

/** A fold for the largest (sign 1) or smallest (-1) of elements; the first NaN stays. */
export const extremeFold =
  (sign: 1 | -1) =>
  (out: TensorData | number[], x: ArrayLike<number>, outer: number, count: number, inner: number): void => {
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < inner; j++) {
        let y = -Infinity;
        for (let i = 0, at = o * count * inner + j; i < count; i++, at += inner) {
          const v = sign * x[at];
          if (v <= y) continue;
          y = v;
          if (Number.isNaN(v)) break;
        }
        out[o * inner + j] = sign * y;
      }
    }
  };

/** A reduction of x over axes to y; a mask, of the shape of x, says which elements count. */
export interface Contest {
  readonly x: TensorData;
  readonly y: TensorData;
  readonly mask: TensorData | undefined;
  readonly shape: Shape;
  readonly axes: readonly number[];
}

/** Visits runs along the last axis: where each starts in x, and in y, and the step in y. */
function eachRun(
  { shape, axes }: Contest,
  visit: (from: number, to: number, group: number, step: number) => void,
): void {
  if (sizeOf(shape) === 0) return;
  const rest = shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const steps = stridesOf(rest).map((stride, i) => (axes.includes(i) ? 0 : stride));
  const last = shape.length - 1;
  const [run, step] = last < 0 ? [1, 0] : [shape[last], steps[last]];
  let from = 0;
  const walk = (axis: number, group: number): void => {
    if (axis < last) for (let i = 0; i < shape[axis]; i++) walk(axis + 1, group + i * steps[axis]);
    else {
      visit(from, from + run, group, step);
      from += run;
    }
  };
  walk(0, 0);
}

/** The winners: 1 over their number for each element of y (Infinity: none, beside NaN or an empty mask), the last of each. */
function winnersOf(contest: Contest): { shares: Float64Array; last: Int32Array; single: boolean } {
  const { x, y, mask } = contest;
  const shares = new Float64Array(y.length);
  const last = new Int32Array(y.length);
  eachRun(contest, (from, to, group, step) => {
    for (let i = from, g = group; i < to; i++, g += step) {
      if (x[i] !== y[g] || mask?.[i] === 0) continue;
      shares[g]++;
      last[g] = i;
    }
  });
  for (let g = 0; g < shares.length; g++) shares[g] = 1 / shares[g];
  return { shares, last, single: shares.every((share) => share === 1) };
}

/** Calls `give` with each element of x that gets a part, its element of y and the part, by which 0 is never multiplied. */
function eachPart(contest: Contest, give: (i: number, g: number, part: number) => void): void {
  const { x, y, mask } = contest;
  const { shares, last, single } = winnersOf(contest);
  if (single) for (let g = 0; g < last.length; g++) give(last[g], g, 1);
  else
    eachRun(contest, (from, to, group, step) => {
      for (let i = from, g = group; i < to; i++, g += step) {
        if (shares[g] === Infinity) give(i, g, Number.NaN);
        else if (x[i] === y[g] && mask?.[i] !== 0) give(i, g, shares[g]);
      }
    });
}

const times = (v: number, part: number): number => (v === 0 ? 0 : v * part);

/** Gives every element of yBar to its winners, which share; `out` is zero-filled. */
export function shareAmongWinners(out: TensorData, yBar: TensorData, contest: Contest): void {
  eachPart(contest, (i, g, part) => {
    out[i] = times(yBar[g], part);
  });
}

/** The transpose: the mean of what winners have. */
export function meanOfWinners(out: TensorData, xDot: TensorData, contest: Contest): void {
  const sums = new Float64Array(out.length);
  eachPart(contest, (i, g, part) => {
    sums[g] += times(xDot[i], part);
  });
  out.set(sums);
}
