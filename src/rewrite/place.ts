import type { Placed } from "../core/op/op";
import { type Axis, type Place, plain, type Term } from "./terms";

/** First and last position of a place. */
function ends({ start, step, size }: Place): readonly [first: number, last: number] {
  const other = start + (size - 1) * step;
  return [Math.min(start, other), Math.max(start, other)];
}

/** Whether no element of one place stands where one of the other does, by their ends. */
export function areApart(a: Place, b: Place): boolean {
  const [[p, q], [r, s]] = [ends(a), ends(b)];
  return q < r || s < p;
}

/** Whether two places are the same. */
export const samePlace = (a: Place | null, b: Place | null): boolean =>
  a === b || (a !== null && b !== null && a.start === b.start && a.step === b.step && a.size === b.size);

/**
 * Windows: a window on zeros of a window on zeros is a window on zeros. The term of a placed tensor, from that of the tensor,
 * whose axes of size 1 the window may have added.
 */
export function placed(t: Term, shape: readonly number[], { starts, steps, sizes, shape: whole }: Placed): Term {
  const own = t.axes.filter((_, i) => shape[i] !== 1);
  let next = 0;
  const axes = sizes.map((size, i): Axis => {
    const axis = size === 1 ? plain([]) : own[next++];
    if (size === whole[i] && starts[i] === 0 && (size <= 1 || steps[i] === 1)) return axis;
    const place = { start: starts[i], step: steps[i], size, whole: whole[i] };
    return { labels: axis.labels, place: axis.place === null ? place : within(axis.place, place) };
  });
  return { ...t, axes };
}

const within = (inner: Place, outer: Place): Place => ({
  start: outer.start + inner.start * outer.step,
  step: inner.step * outer.step,
  size: inner.size,
  whole: outer.whole,
});
