import type { TensorData } from "../../base/dtype";

/* Sums over n elements of an array, `step` apart from `start` on, two at a time. */

/** Sums of squares or of powers below it are too small to be exact. @internal */
export const SMALLEST: number = 2 ** -900;
/** Times this, exactly, a sum of any number of elements stays in range. @internal */
export const FAR_BELOW: number = 2 ** -64;

/** What rounding takes from a + b; nothing where the sum is infinite. @internal */
export function lostIn(a: number, b: number): number {
  const sum = a + b;
  const part = sum - a;
  const lost = a - (sum - part) + (b - part);
  return lost - lost === 0 && lost !== 0 ? lost : -0;
}

/**
 * Sums of elements of x in double precision, divided by one count or by counts in turn. `again` adds up the same of other elements:
 * where a sum of x is not finite, much smaller ones. @internal
 */
export function divideSums(
  out: TensorData,
  sums: Float64Array,
  counts: number | TensorData,
  x: TensorData,
  again: (small: Float64Array) => Float64Array,
): void {
  let scaled: Float64Array | null = null;
  for (let i = 0; i < out.length; i++) {
    const count = typeof counts === "number" ? counts : counts[i % counts.length];
    let [sum, scale] = [sums[i], 1];
    if (sum - sum !== 0 && x instanceof Float64Array) {
      scaled ??= again(x.map((element) => element * FAR_BELOW));
      [sum, scale] = [scaled[i], FAR_BELOW];
    }
    out[i] = sum / count / scale;
  }
}

/** The mean of n elements, counted from the first on: exact where all are equal, and close where they nearly are. @internal */
export function meanOf(x: TensorData, start: number, n: number, step: number): number {
  const mean = x[start] + sumOf(x, x[start], start, n, step) / n;
  if (mean - mean === 0) return mean;
  let sum = 0;
  for (let j = 0, at = start; j < n; j++, at += step) sum += x[at] * FAR_BELOW;
  return sum / n / FAR_BELOW;
}

/** The sum of g y, leaving out terms with g or y = 0, in two independent sums. @internal */
export function productOf(g: TensorData, y: TensorData, start: number, n: number, step: number): number {
  const end = start + n * step;
  let first = 0;
  let second = 0;
  let at = start;
  for (; at < end - step; at += 2 * step) {
    if (g[at] !== 0) first += g[at] * y[at];
    if (g[at + step] !== 0) second += g[at + step] * y[at + step];
  }
  if (at < end && g[at] !== 0) first += g[at] * y[at];
  const sum = first + second;
  return sum - sum === 0 ? sum : absorbingProductOf(g, y, start, n, step);
}

/** The same where some g is not finite: only then does a y = 0 matter. */
function absorbingProductOf(g: TensorData, y: TensorData, start: number, n: number, step: number): number {
  let sum = 0;
  for (let j = 0, at = start; j < n; j++, at += step) if (g[at] !== 0 && y[at] !== 0) sum += g[at] * y[at];
  return sum;
}

/** The sum of n elements less an origin, in two independent sums. @internal */
export function sumOf(x: TensorData, origin: number, start: number, n: number, step: number): number {
  const end = start + n * step;
  let first = 0;
  let second = 0;
  let at = start;
  for (; at < end - step; at += 2 * step) {
    first += x[at] - origin;
    second += x[at + step] - origin;
  }
  return at < end ? first + second + (x[at] - origin) : first + second;
}

/** The sum of the squares of x - mean. @internal */
export function squaresOf(x: TensorData, mean: number, start: number, n: number, step: number): number {
  const end = start + n * step;
  let first = 0;
  let second = 0;
  let at = start;
  for (; at < end - step; at += 2 * step) {
    const difference = x[at] - mean;
    const next = x[at + step] - mean;
    first += difference * difference;
    second += next * next;
  }
  const last = at < end ? x[at] - mean : 0;
  return first + second + last * last;
}
