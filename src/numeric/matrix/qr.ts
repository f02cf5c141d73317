import type { TensorData } from "../../base/dtype";
import { columnsOfQ, triangularize } from "./householder";
import { scaleOf } from "./scaling";

/**
 * Factors one row-major matrix that starts in `a` at `from` into q, with orthonormal columns, and r, upper triangular
 * with a diagonal >= 0: q [rows, k], r [k, columns], k = min(rows, columns). All NaN where an element is not finite.
 *
 * By Householder reflections: q is orthogonal, and q r the matrix, to some units of rounding, whatever its condition.
 * @internal
 */
export function qrFactorize(
  a: TensorData,
  from: number,
  rows: number,
  columns: number,
  [q, r]: readonly TensorData[],
): void {
  const scale = scaleOf(a, from, from + rows * columns);
  if (Number.isNaN(scale)) {
    for (const part of [q, r]) part.fill(scale);
    return;
  }
  const k = Math.min(rows, columns);
  const heads = new Float64Array(k);
  const work = new Float64Array(rows * columns);
  for (let i = 0, at = from; i < rows; i++) for (let j = 0; j < columns; j++) work[j * rows + i] = a[at++] * scale;
  triangularize(work, rows, columns, null, undefined, heads);
  const basis = columnsOfQ(work, rows, heads, k, k);
  for (let i = 0; i < k; i++) {
    const sign = work[i * rows + i] < 0 ? -1 : 1;
    // Adding 0 turns -0 into 0.
    for (let j = i; j < columns; j++) r[i * columns + j] = (sign * work[j * rows + i]) / scale + 0;
    for (let l = 0; l < rows; l++) q[l * k + i] = sign * basis[i * rows + l] + 0;
  }
}
