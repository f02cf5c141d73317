import { subtractProduct } from "./gemm-subtract";
import { halfOf, SMALL, solveTriangular, type Triangular } from "./triangular";

/** Rows of what is left that are updated at a time, of each only the part from its first diagonal on. */
const ROWS = 32;

const U_TRANSPOSED: Triangular = { upper: true, transpose: true, unitDiagonal: false };

/**
 * Turns the upper triangle of a symmetric positive definite matrix, row-major, n by n, into U with A = Uᵀ U, in place; the
 * lower triangle is not read, and parts of it are overwritten. Gives the position of the first pivot that is not above zero,
 * which is left where it stands, and stops there; -1 where all are, or are NaN.
 *
 * @see N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, theorem 10.3: Uᵀ U is a matrix that
 * differs from A by at most n + 1 units of rounding of |Uᵀ| |U|
 * @internal
 */
export const choleskyUpper = (a: Float64Array, n: number): number => factorizeRows(a, n, 0, n);

/** Half of the rows first, then what they take from the other half at once. */
function factorizeRows(a: Float64Array, n: number, from: number, to: number): number {
  if (to - from <= SMALL) return factorizeFew(a, n, from, to);
  const half = from + halfOf(to - from);
  const lost = factorizeRows(a, n, from, half);
  if (lost >= 0) return lost;
  const above = from * n;
  solveTriangular(a, above + from, n, half - from, a, above + half, n, to - half, U_TRANSPOSED);
  for (let row = half; row < to; row += ROWS) {
    const count = Math.min(ROWS, to - row);
    const known = half - from;
    subtractProduct(a, row * n + row, n, a, above + row, 1, n, a, above + row, n, count, known, to - row);
  }
  return factorizeRows(a, n, half, to);
}

function factorizeFew(a: Float64Array, n: number, from: number, to: number): number {
  for (let k = from; k < to; k++) {
    const own = k * n + k;
    for (let i = from; i < k; i++) {
      const factor = a[i * n + k];
      for (let j = 0; j < to - k; j++) a[own + j] -= factor * a[i * n + k + j];
    }
    if (a[own] <= 0) return k;
    const root = Math.sqrt(a[own]);
    a[own] = root;
    for (let j = 1; j < to - k; j++) a[own + j] /= root;
  }
  return -1;
}
