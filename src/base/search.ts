import type { TensorData } from "./dtype";

/** Whether a comes before b in ascending order, where NaN is last. */
const isBefore = (a: number, b: number): boolean => a < b || (Number.isNaN(b) && !Number.isNaN(a));

/** How many of the ascending numbers from `start` on come before x. @internal */
export function countBefore(numbers: TensorData, start: number, count: number, x: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(numbers[start + middle], x)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the ascending numbers from `start` on do not come after x. @internal */
export function countUpTo(numbers: TensorData, start: number, count: number, x: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(x, numbers[start + middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The number at t from 0 to 1 on the way from a to b: exactly a at 0, b at 1, and a where b is the same. Of an infinity
 * and a finite number it is the infinity; NaN flows from t, and from a or b where it has a weight.
 * @internal
 */
export function between(a: number, b: number, t: number): number {
  if (!(t > 0)) return Number.isNaN(t) ? t : a;
  if (t >= 1 || a === b) return b;
  const way = b - a;
  if (!Number.isFinite(way)) return (1 - t) * a + t * b;
  return t < 0.5 ? a + way * t : b - way * (1 - t);
}
