/*
 * Householder reflections, on dense matrices stored column by column: a[i + j * rows]. What least squares, QR and the
 * singular value decomposition need, nothing more. R is backward stable (its columns are exact for a matrix off by some
 * units of rounding), which the normal equations are not: they square the condition number.
 *
 * See G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th edition, sections 5.1 and 5.2.
 */

import { largestOf } from "./scaling";

/** The length of a part of an array over its largest absolute value. */
function scaledLength(x: Float64Array, from: number, to: number, largest: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) {
    const scaled = x[i] / largest;
    sum += scaled * scaled;
  }
  return Math.sqrt(sum);
}

/** The length of a part of an array, without overflow or underflow on the way. @internal */
export function lengthOf(x: Float64Array, from = 0, to = x.length): number {
  const largest = largestOf(x, from, to);
  if (largest === 0 || !Number.isFinite(largest)) return x.subarray(from, to).some(Number.isNaN) ? Number.NaN : largest;
  return largest * scaledLength(x, from, to, largest);
}

function swapColumns(a: Float64Array, rows: number, j: number, k: number): void {
  for (let i = 0; i < rows; i++) {
    const kept = a[j * rows + i];
    a[j * rows + i] = a[k * rows + i];
    a[k * rows + i] = kept;
  }
}

/** x minus its part along the reflector v (of squared length 2 beta) in rows `from` to `rows`. */
function reflect(
  v: Float64Array,
  vAt: number,
  x: Float64Array,
  xAt: number,
  from: number,
  rows: number,
  beta: number,
): void {
  let product = 0;
  for (let i = from; i < rows; i++) product += v[vAt + i] * x[xAt + i];
  const factor = product / beta;
  for (let i = from; i < rows; i++) x[xAt + i] -= factor * v[vAt + i];
}

/**
 * Turns a matrix into R, in place, and b into Q^T b: the upper triangle of a then holds R, and what lies below it the
 * reflectors, but for their first elements, which `heads` takes up (0: no reflection). With `permutation` columns are
 * taken in order of the length that is left of them, and it is filled with their order.
 * @internal
 */
export function triangularize(
  a: Float64Array,
  rows: number,
  columns: number,
  b: Float64Array | null,
  permutation?: Int32Array,
  heads?: Float64Array,
): void {
  permutation?.forEach((_, j) => {
    permutation[j] = j;
  });
  const steps = Math.min(rows, columns);
  for (let j = 0; j < steps; j++) {
    if (permutation !== undefined) {
      const best = longestColumn(a, rows, columns, j);
      if (best !== j) {
        swapColumns(a, rows, j, best);
        [permutation[j], permutation[best]] = [permutation[best], permutation[j]];
      }
    }
    const at = j * rows;
    const largest = largestOf(a, at + j, at + rows);
    if (largest === 0) continue;
    // The reflector v = x ± |x| e, the sign chosen so that nothing cancels, divided by |x|: beta = |v|² / 2. The division
    // is done in two steps, which keeps v exact where |x| itself underflows.
    const length = scaledLength(a, at + j, at + rows, largest);
    const sign = a[at + j] < 0 ? -1 : 1;
    for (let i = j; i < rows; i++) a[at + i] = (a[at + i] / largest / length) * sign;
    a[at + j] += 1;
    const beta = a[at + j];
    for (let k = j + 1; k < columns; k++) reflect(a, at, a, k * rows, j, rows, beta);
    if (b !== null) reflect(a, at, b, 0, j, rows, beta);
    if (heads !== undefined) heads[j] = beta;
    a[at + j] = -sign * length * largest;
  }
}

/**
 * Multiplies x, of `count` columns, by Q in place, from what triangularize leaves: by the first `steps` reflections. For
 * columns of the identity (`triangular`) half of the work is none.
 * @internal
 */
export function multiplyByQ(
  a: Float64Array,
  rows: number,
  heads: Float64Array,
  steps: number,
  x: Float64Array,
  count: number,
  triangular: boolean,
): void {
  const v = new Float64Array(rows);
  for (let j = steps - 1; j >= 0; j--) {
    if (heads[j] === 0) continue;
    v.set(a.subarray(j * rows + j, (j + 1) * rows), j);
    v[j] = heads[j];
    for (let k = triangular ? j : 0; k < count; k++) reflect(v, 0, x, k * rows, j, rows, heads[j]);
  }
}

/** The first `count` columns of Q. @internal */
export function columnsOfQ(
  a: Float64Array,
  rows: number,
  heads: Float64Array,
  steps: number,
  count: number,
): Float64Array {
  const q = new Float64Array(rows * count);
  for (let j = 0; j < count; j++) q[j * rows + j] = 1;
  multiplyByQ(a, rows, heads, steps, q, count, true);
  return q;
}

function longestColumn(a: Float64Array, rows: number, columns: number, from: number): number {
  let best = from;
  let longest = -1;
  for (let k = from; k < columns; k++) {
    const length = lengthOf(a, k * rows + from, (k + 1) * rows);
    if (length > longest) {
      longest = length;
      best = k;
    }
  }
  return best;
}

/** Solves R x = b for the leading `rank` rows; what lies behind them becomes 0. @internal */
export function solveUpper(r: Float64Array, rows: number, b: Float64Array, rank: number): Float64Array {
  const x = new Float64Array(b.length);
  x.set(b.subarray(0, rank));
  for (let j = rank - 1; j >= 0; j--) {
    x[j] /= r[j * rows + j];
    for (let i = 0; i < j; i++) x[i] -= r[j * rows + i] * x[j];
  }
  return x;
}

/** Solves R^T x = b, R square. @internal */
export function solveUpperTransposed(r: Float64Array, rows: number, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let j = 0; j < x.length; j++) {
    for (let i = 0; i < j; i++) x[j] -= r[j * rows + i] * x[i];
    x[j] /= r[j * rows + j];
  }
  return x;
}
