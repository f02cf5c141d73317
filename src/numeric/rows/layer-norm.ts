import type { TensorData } from "../../base/dtype";
import { productOf, squaresOf, sumOf } from "./row-sums";

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
    // Counted from one of the elements on: exact where all are equal, and close where they are nearly so.
    const mean = x[start] + sumOf(x, x[start], start, n, inner) / n;
    const scale = 1 / Math.sqrt(squaresOf(x, mean, start, n, inner) / n + epsilon);
    r[row] = scale;
    for (let j = 0, at = start; j < n; j++, at += inner) out[at] = (x[at] - mean) * scale;
  }
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
