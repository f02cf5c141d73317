import type { TensorData } from "../../base/dtype";
import { meanOf, productOf, SMALLEST, squaresOf, sumOf } from "./row-sums";

/* Normalization of the n elements of each row of [outer, n, inner], and its derivative. Sums are taken in float64. */

/** (x - mean) * r and r = 1 / sqrt(variance + epsilon), for each row. @internal */
export function normalizeInto(
  out: TensorData,
  r: TensorData,
  x: TensorData,
  n: number,
  inner: number,
  epsilon: number,
): void {
  for (let row = 0; row < r.length; row++) {
    const start = Math.floor(row / inner) * n * inner + (row % inner);
    const mean = meanOf(x, start, n, inner);
    const square = squaresOf(x, mean, start, n, inner) / n + epsilon;
    if (square < SMALLEST || !(square < Infinity)) {
      r[row] = normalizeScaled(out, x, mean, start, n, inner, epsilon);
      continue;
    }
    const scale = 1 / Math.sqrt(square);
    r[row] = scale;
    for (let j = 0, at = start; j < n; j++, at += inner) out[at] = (x[at] - mean) * scale;
  }
}

/** A row whose variance is not an ordinary number: the largest difference is taken out first. Gives r. */
function normalizeScaled(
  out: TensorData,
  x: TensorData,
  mean: number,
  start: number,
  n: number,
  inner: number,
  epsilon: number,
): number {
  // A quarter of large elements: their differences are in range, whatever their signs.
  const part = Math.abs(mean) > 1 || !(squaresOf(x, mean, start, n, inner) < 1) ? 0.25 : 1;
  const end = start + n * inner;
  let largest = 0;
  for (let at = start; at < end; at += inner) largest = Math.max(largest, Math.abs(x[at] * part - mean * part));
  if (largest === 0) {
    const scale = 1 / Math.sqrt(epsilon);
    for (let at = start; at < end; at += inner) out[at] = 0 * scale;
    return scale;
  }
  let sum = 0;
  for (let at = start; at < end; at += inner) sum += ((x[at] * part - mean * part) / largest) ** 2;
  const root = Math.sqrt(sum / n + (epsilon * part * part) / largest / largest);
  for (let at = start; at < end; at += inner) out[at] = (x[at] * part - mean * part) / largest / root;
  return part / largest / root;
}

/** r (g - mean of g - y times the mean of g y); rows of zeros in g give zeros, also beside NaN. @internal */
export function normalizePull(
  out: TensorData,
  y: TensorData,
  r: TensorData,
  g: TensorData,
  n: number,
  inner: number,
): void {
  for (let row = 0; row < r.length; row++) {
    const start = Math.floor(row / inner) * n * inner + (row % inner);
    const scale = r[row];
    const mean = sumOf(g, 0, start, n, inner) / n;
    const slope = productOf(g, y, start, n, inner) / n;
    for (let j = 0, at = start; j < n; j++, at += inner) {
      const difference = g[at] - mean - (slope === 0 ? 0 : y[at] * slope);
      out[at] = difference === 0 ? 0 : scale * difference;
    }
  }
}
