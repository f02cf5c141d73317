import type { TensorData } from "../../base/dtype";
import { type Shape, stridesOf } from "../../base/shape";

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

/** Visits runs along the last axis: where each starts and ends in x, where it starts in y, and the step in y. */
function eachRun(
  { shape, axes }: Contest,
  visit: (from: number, to: number, group: number, step: number) => void,
): void {
  const steps = stridesOf(shape.map((size, i) => (axes.includes(i) ? 1 : size)));
  const last = shape.length - 1;
  const run = shape[last] ?? 1;
  let from = 0;
  const walk = (axis: number, group: number): void => {
    const step = axes.includes(axis) ? 0 : (steps[axis] ?? 0);
    if (axis < last) for (let i = 0; i < shape[axis]; i++) walk(axis + 1, group + i * step);
    else {
      visit(from, from + run, group, step);
      from += run;
    }
  };
  walk(0, 0);
}

/**
 * Calls `give` with each element of x that gets a part, its element of y and the part: 1 over the number of winners, and
 * NaN for all where there is none, beside NaN or an empty mask.
 */
function eachPart(contest: Contest, give: (i: number, g: number, part: number) => void): void {
  const { x, y, mask } = contest;
  const counts = new Int32Array(y.length);
  const last = new Int32Array(y.length);
  eachRun(contest, (from, to, group, step) => {
    for (let i = from, g = group; i < to; i++, g += step) {
      if (x[i] !== y[g] || mask?.[i] === 0) continue;
      counts[g]++;
      last[g] = i;
    }
  });
  if (counts.every((count) => count === 1)) for (let g = 0; g < last.length; g++) give(last[g], g, 1);
  else
    eachRun(contest, (from, to, group, step) => {
      for (let i = from, g = group; i < to; i++, g += step) {
        const count = counts[g];
        if (count === 0 || (x[i] === y[g] && mask?.[i] !== 0)) give(i, g, count === 0 ? Number.NaN : 1 / count);
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
