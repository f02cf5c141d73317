import type { TensorData } from "../../base/dtype";

/*
 * Bisection of ascending elements, `count` of them from `start` on, NaN last. What is left is halved without a branch:
 * the processor cannot predict on which side x is.
 */

/** How many elements come before x. @internal */
export function countBefore(numbers: TensorData, start: number, count: number, x: number): number {
  if (Number.isNaN(x)) return countUpTo(numbers, start, count, Infinity);
  let low = start;
  for (let left = count; left > 0; ) {
    const half = (left + 1) >>> 1;
    low += half * Number(numbers[low + half - 1] < x);
    left -= half;
  }
  return low - start;
}

/** How many elements do not come after x. @internal */
export function countUpTo(numbers: TensorData, start: number, count: number, x: number): number {
  if (Number.isNaN(x)) return count;
  let low = start;
  for (let left = count; left > 0; ) {
    const half = (left + 1) >>> 1;
    low += half * Number(numbers[low + half - 1] <= x);
    left -= half;
  }
  return low - start;
}

/**
 * The number at t from 0 to 1 on the way from a to b: exactly a at 0, b at 1, and a where b is the same. Of an infinity
 * and a finite number it is the infinity; NaN propagates from t, and from a or b where it has a weight.
 * @internal
 */
export function between(a: number, b: number, t: number): number {
  if (!(t > 0)) return Number.isNaN(t) ? t : a;
  if (t >= 1 || a === b) return b;
  const way = b - a;
  if (!Number.isFinite(way)) return (1 - t) * a + t * b;
  return t < 0.5 ? a + way * t : b - way * (1 - t);
}
