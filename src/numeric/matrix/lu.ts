import { subtractProduct } from "./gemm-subtract";
import { largestOf } from "./scaling";
import { halfOf, SMALL, solveTriangular, type Triangular } from "./triangular";

/*
 * Elimination with partial pivoting, P A = L U, in place. A matrix and its factors are n + 1 rows of n elements: first
 * A by rows, which becomes L below the diagonal (whose diagonal is ones) and U on and above it; in the last row, where
 * each row of P A stood in A.
 *
 * See G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th edition, section 3.4; N. J. Higham, "Accuracy and Stability of
 * Numerical Algorithms", 2nd edition, theorem 9.3: L U is a matrix that differs from P A by at most n units of rounding of |L| |U|.
 */

const L: Triangular = { upper: false, transpose: false, unitDiagonal: true };
const U: Triangular = { upper: true, transpose: false, unitDiagonal: false };
const L_TRANSPOSED: Triangular = { upper: false, transpose: true, unitDiagonal: true };
const U_TRANSPOSED: Triangular = { upper: true, transpose: true, unitDiagonal: false };

/** Elements of a matrix and its factors. @internal */
export const factorSize = (n: number): number => (n + 1) * n;

/** Factorizes the matrix that starts at `at`, in place. A column without a pivot, all zeros, is passed over. @internal */
export function luFactorize(f: Float64Array, at: number, n: number): void {
  for (let i = 0; i < n; i++) f[at + n * n + i] = i;
  factorizeColumns(f, at, n, 0, n);
}

/** Half of the columns first, then what they take from the other half at once. */
function factorizeColumns(f: Float64Array, at: number, n: number, from: number, to: number): void {
  if (to - from <= SMALL) {
    for (let k = from; k < to; k++) eliminate(f, at, n, k, to);
    return;
  }
  const half = from + halfOf(to - from);
  factorizeColumns(f, at, n, from, half);
  const corner = at + from * n;
  solveTriangular(f, corner + from, n, half - from, f, corner + half, n, to - half, L);
  const below = at + half * n;
  const [known, width] = [half - from, to - half];
  subtractProduct(f, below + half, n, f, below + from, n, 1, f, corner + half, n, n - half, known, width);
  factorizeColumns(f, at, n, half, to);
}

/** The row of the largest element on and below the diagonal, or of the first NaN. */
function pivotRow(f: Float64Array, at: number, n: number, k: number): number {
  let best = k;
  let largest = Math.abs(f[at + k * n + k]);
  for (let i = k + 1; i < n; i++) {
    const size = Math.abs(f[at + i * n + k]);
    if (size > largest || (Number.isNaN(size) && !Number.isNaN(largest))) {
      best = i;
      largest = size;
    }
  }
  return best;
}

/** Finds row k of the matrix with the pivot first, then column k of L, and what it takes from the columns before `to`. */
function eliminate(f: Float64Array, at: number, n: number, k: number, to: number): void {
  const own = at + k * n;
  const best = pivotRow(f, at, n, k);
  if (best !== k) {
    swap(f, own, at + best * n, n);
    swap(f, at + n * n + k, at + n * n + best, 1);
  }
  const pivot = f[own + k];
  for (let i = k + 1; i < n; i++) {
    const row = at + i * n;
    const factor = pivot === 0 ? 0 : f[row + k] / pivot;
    f[row + k] = factor;
    for (let j = k + 1; j < to; j++) f[row + j] -= factor * f[own + j];
  }
}

function swap(f: Float64Array, a: number, b: number, count: number): void {
  for (let j = 0; j < count; j++) {
    const kept = f[a + j];
    f[a + j] = f[b + j];
    f[b + j] = kept;
  }
}

/**
 * Position of the first pivot that is zero, or nothing but rounding: at most 16 n units of it, and 256, where rows and
 * columns of the matrix (`a` from `aAt` on) are scaled to a largest element of 1, so that units do not matter. -1
 * without any. A matrix that holds NaN has none: what is solved with it is NaN.
 * @internal
 */
export function firstZeroPivot(f: Float64Array, at: number, n: number, a: Float64Array, aAt: number): number {
  if (n > 0 && Number.isNaN(f[at + n * n - 1])) return -1;
  const rounding = 16 * Math.min(n, 16) * Number.EPSILON;
  // The scale of a row times that of a column is at most the largest element: most matrices need no more than that.
  const bound = rounding * largestOf(a, aAt, aAt + n * n);
  let suspect = false;
  for (let k = 0; k < n; k++) suspect ||= !(Math.abs(f[at + k * (n + 1)]) > bound);
  if (!suspect) return -1;
  const rows = new Float64Array(n);
  const columns = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = aAt + i * n;
    rows[i] = largestOf(a, row, row + n);
    if (rows[i] > 0) for (let j = 0; j < n; j++) columns[j] = Math.max(columns[j], Math.abs(a[row + j]) / rows[i]);
  }
  for (let k = 0; k < n; k++) {
    const pivot = Math.abs(f[at + k * (n + 1)]);
    if (pivot === 0 || pivot <= rounding * columns[k] * rows[f[at + n * n + k]]) return k;
  }
  return -1;
}

/** Turns B, `n` by `width` from `xAt` on, into the X of A X = B. `rows`: room for n by width elements. @internal */
export function solveFactorized(
  f: Float64Array,
  at: number,
  n: number,
  x: Float64Array,
  xAt: number,
  width: number,
  transpose: boolean,
  rows: Float64Array,
): void {
  const order = at + n * n;
  if (transpose) {
    solveTriangular(f, at, n, n, x, xAt, width, width, U_TRANSPOSED);
    solveTriangular(f, at, n, n, x, xAt, width, width, L_TRANSPOSED);
  }
  for (let i = 0; i < n; i++) {
    const there = f[order + i] * width;
    const [from, to] = transpose ? [i * width, there] : [there, i * width];
    for (let j = 0; j < width; j++) rows[to + j] = x[xAt + from + j];
  }
  for (let j = 0; j < n * width; j++) x[xAt + j] = rows[j];
  if (transpose) return;
  solveTriangular(f, at, n, n, x, xAt, width, width, L);
  solveTriangular(f, at, n, n, x, xAt, width, width, U);
}

/** The determinant of P: 1 for an even number of swaps, -1 for an odd one. @internal */
export function parity(f: Float64Array, at: number, n: number): number {
  const order = at + n * n;
  const met = new Uint8Array(n);
  let sign = 1;
  for (let i = 0; i < n; i++) {
    // A cycle of m rows is m - 1 swaps.
    for (let j = f[order + i]; met[i] === 0 && j !== i; j = f[order + j]) {
      met[j] = 1;
      sign = -sign;
    }
  }
  return sign;
}
