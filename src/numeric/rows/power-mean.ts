import type { TensorData } from "../../base/dtype";
import { SMALLEST } from "./row-sums";

/** As many powers are added one after another; longer sums are those of their halves. */
const RUN = 1024;

/** |x|^p of neighboring rows of [count, inner], added to one sum for each. */
function addPowers(sums: Float64Array, x: TensorData, start: number, count: number, p: number): void {
  const inner = sums.length;
  const end = start + count * inner;
  if (count > RUN) {
    const half = count >> 1;
    addPowers(sums, x, start, half, p);
    const rest = new Float64Array(inner);
    addPowers(rest, x, start + half * inner, count - half, p);
    for (let j = 0; j < inner; j++) sums[j] += rest[j];
  } else if (inner > 1) {
    for (let at = start; at < end; ) {
      if (p === 2) for (let j = 0; j < inner; j++, at++) sums[j] += x[at] * x[at];
      else for (let j = 0; j < inner; j++, at++) sums[j] += Math.abs(x[at]) ** p;
    }
  } else if (p === 2) {
    let first = 0;
    let second = 0;
    let at = start;
    for (; at < end - 1; at += 2) {
      first += x[at] * x[at];
      second += x[at + 1] * x[at + 1];
    }
    sums[0] += at < end ? first + second + x[at] * x[at] : first + second;
  } else {
    let sum = 0;
    for (let at = start; at < end; at++) sum += Math.abs(x[at]) ** p;
    sums[0] += sum;
  }
}

/** The p-th root of x. */
const rootOf = (x: number, p: number): number => (p === 2 ? Math.sqrt(x) : x ** (1 / p));

/** The power mean of a row whose sum of powers is not an ordinary number: the largest element is taken out first. */
function scaledMean(
  x: TensorData,
  start: number,
  n: number,
  step: number,
  p: number,
  divisor: number,
  root: boolean,
): number {
  let largest = 0;
  for (let i = 0, at = start; i < n; i++, at += step) {
    const size = Math.abs(x[at]);
    if (!(size <= largest)) largest = size;
    if (Number.isNaN(size)) return size;
  }
  if (largest === 0) return root ? Math.abs(0 / divisor) : 0 / divisor;
  if (largest === Infinity) return largest / divisor;
  let sum = 0;
  for (let i = 0, at = start; i < n; i++, at += step) sum += (Math.abs(x[at]) / largest) ** p;
  return root ? largest * rootOf(sum / divisor, p) : largest * (sum / divisor) * largest;
}

/**
 * (sum of |x|^p / divisor)^(1/p) of each row, the rows being the middle of [outer, n, inner]; without `root`, the mean
 * square itself (p is 2). Divisors are one for all rows, or one for each. Never Infinity or 0 but where the result is.
 * @internal
 */
export function powerMeansInto(
  out: TensorData,
  x: TensorData,
  n: number,
  inner: number,
  p: number,
  divisors: number | TensorData,
  root: boolean,
): void {
  const sums = new Float64Array(inner);
  for (let row = 0, start = 0; row < out.length; row += inner, start += n * inner) {
    sums.fill(0);
    addPowers(sums, x, start, n, p);
    for (let j = 0; j < inner; j++) {
      const divisor = typeof divisors === "number" ? divisors : divisors[row + j];
      const mean = sums[j] / divisor;
      if (sums[j] < SMALLEST || !(sums[j] < Infinity))
        out[row + j] = scaledMean(x, start + j, n, inner, p, divisor, root);
      else out[row + j] = root ? rootOf(mean, p) : mean;
    }
  }
}
