import { subtractProduct } from "./subtract-product";

/** Rows that are factorised together before the rest of the matrix is updated. */
const BLOCK = 32;

/**
 * Turns the upper triangle of a symmetric positive definite matrix, row-major, `n` by `n`, into U with A = Uᵀ U, in place; the
 * lower triangle is neither read nor left as it was. Gives the position of the first pivot that is not above zero, and stops there; -1 where
 * all are, or are NaN.
 *
 * @see N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, theorem 10.3: Uᵀ U is a matrix that
 * differs from A by at most n + 1 units of rounding of |Uᵀ| |U|
 * @internal
 */
export function choleskyUpper(a: Float64Array, n: number): number {
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK);
    for (let k = from; k < to; k++) {
      const own = k * n + k;
      const above = from * n + k;
      subtractProduct(a, own, n, a, above, 1, n, a, above, n, 1, k - from, n - k);
      if (a[own] <= 0) return k;
      const root = Math.sqrt(a[own]);
      a[own] = root;
      for (let j = own + 1; j < (k + 1) * n; j++) a[j] /= root;
    }
    // What is left, some rows at a time: of each only the part from its first diagonal on.
    for (let row = to; row < n; row += BLOCK) {
      const count = Math.min(BLOCK, n - row);
      const above = from * n + row;
      subtractProduct(a, row * n + row, n, a, above, 1, n, a, above, n, count, to - from, n - row);
    }
  }
  return -1;
}
