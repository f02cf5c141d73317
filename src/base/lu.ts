import { subtractProduct } from "./subtract-product";
import { solveTriangular, type Triangular } from "./triangular";

/*
 * Elimination with partial pivoting, P A = L U, in place. A matrix and its factors are n + 1 rows of n numbers: first A by
 * rows, which becomes L below the diagonal (whose diagonal is ones) and U on and above it; in the last row, where each row of
 * P A stood in A.
 *
 * See G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th edition, section 3.4; N. J. Higham, "Accuracy and Stability of
 * Numerical Algorithms", 2nd edition, theorem 9.3: L U is a matrix that differs from P A by at most n units of rounding of |L| |U|.
 */

/** Columns that are eliminated together before the rest of the matrix is updated. */
const BLOCK = 16;

const L: Triangular = { upper: false, transpose: false, unitDiagonal: true };
const U: Triangular = { upper: true, transpose: false, unitDiagonal: false };
const L_TRANSPOSED: Triangular = { ...L, transpose: true };
const U_TRANSPOSED: Triangular = { ...U, transpose: true };

/** Numbers of a matrix and its factors. @internal */
export const factorSize = (n: number): number => (n + 1) * n;

/** Factorises the matrix that starts at `at`, in place. A column without a pivot, all zeros, is passed over. @internal */
export function factorise(f: Float64Array, at: number, n: number): void {
  const order = at + n * n;
  for (let i = 0; i < n; i++) f[order + i] = i;
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK);
    for (let k = from; k < to; k++) {
      const pivot = pivotRow(f, at, n, k);
      if (pivot !== k) {
        swap(f, at + k * n, at + pivot * n, n);
        swap(f, order + k, order + pivot, 1);
      }
      eliminate(f, at, n, k, to);
    }
    // Rows `from` to `to` of U, then all that is left of the matrix.
    for (let i = from + 1; i < to; i++) {
      subtractProduct(f, at + i * n + to, n, f, at + i * n + from, n, 1, f, at + from * n + to, n, 1, i - from, n - to);
    }
    subtractProduct(
      f,
      at + to * n + to,
      n,
      f,
      at + to * n + from,
      n,
      1,
      f,
      at + from * n + to,
      n,
      n - to,
      to - from,
      n - to,
    );
  }
}

/** The row of the largest number on and below the diagonal, or of the first NaN. */
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

/** Column k of L, and what it takes from the columns before `to`. */
function eliminate(f: Float64Array, at: number, n: number, k: number, to: number): void {
  const own = at + k * n;
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
 * columns of the matrix (`a` from `aAt` on) are scaled to a largest number of 1, so that units do not matter. -1 without any.
 * A matrix that holds NaN has none: what is solved with it is NaN.
 * @internal
 */
export function lostPivot(f: Float64Array, at: number, n: number, a: Float64Array, aAt: number): number {
  if (n > 0 && Number.isNaN(f[at + n * n - 1])) return -1;
  const rows = new Float64Array(n);
  const columns = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = aAt + i * n;
    let largest = 0;
    for (let j = 0; j < n; j++) largest = Math.max(largest, Math.abs(a[row + j]));
    rows[i] = largest;
    if (largest > 0) for (let j = 0; j < n; j++) columns[j] = Math.max(columns[j], Math.abs(a[row + j]) / largest);
  }
  const rounding = 16 * Math.min(n, 16) * Number.EPSILON;
  for (let k = 0; k < n; k++) {
    const pivot = Math.abs(f[at + k * (n + 1)]);
    if (pivot === 0 || pivot <= rounding * columns[k] * rows[f[at + n * n + k]]) return k;
  }
  return -1;
}

/** Turns B, `n` by `width` from `xAt` on, into the X of A X = B. `rows`: room for n by width numbers. @internal */
export function solveFactorised(
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
    solveTriangular(f, at, n, x, xAt, width, U_TRANSPOSED);
    solveTriangular(f, at, n, x, xAt, width, L_TRANSPOSED);
  }
  for (let i = 0; i < n; i++) {
    const there = f[order + i] * width;
    const [from, to] = transpose ? [i * width, there] : [there, i * width];
    for (let j = 0; j < width; j++) rows[to + j] = x[xAt + from + j];
  }
  for (let j = 0; j < n * width; j++) x[xAt + j] = rows[j];
  if (transpose) return;
  solveTriangular(f, at, n, x, xAt, width, L);
  solveTriangular(f, at, n, x, xAt, width, U);
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
