import { subtractProduct } from "./gemm-subtract";

/** How a triangular matrix is read: which triangle, swapped or not, and whether its diagonal counts as ones. @internal */
export interface Triangular {
  readonly upper: boolean;
  readonly transpose: boolean;
  readonly unitDiagonal: boolean;
}

/** So few unknowns, rows or columns are done one by one, and more in halves. @internal */
export const SMALL = 4;

/** Where to cut so many in halves, by whole tiles. @internal */
export const halfOf = (count: number): number => SMALL * Math.ceil(count / (2 * SMALL));

/**
 * Solves A X = B by substitution, A triangular, n by n: B, n by `width`, becomes X. Both are row-major parts of larger
 * matrices: row i of A starts at `aAt + i * aRow`, of X at `xAt + i * xRow`. The other triangle of A is not read. A
 * zero on the diagonal gives infinities and NaN. Half of the unknowns first, then what they contribute to the other
 * half at once.
 *
 * @see N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, theorem 8.5: the solution is exact
 * for a matrix that differs from A by n units of rounding, element by element
 * @internal
 */
export function solveTriangular(
  a: Float64Array,
  aAt: number,
  aRow: number,
  n: number,
  x: Float64Array,
  xAt: number,
  xRow: number,
  width: number,
  how: Triangular,
): void {
  const [row, column] = how.transpose ? [1, aRow] : [aRow, 1];
  const down = how.upper === how.transpose;
  if (n > SMALL) {
    // The rows that are known first, and the others.
    const half = halfOf(n);
    const [first, rest] = down ? [0, half] : [n - half, 0];
    const left = n - half;
    solveTriangular(a, aAt + first * (aRow + 1), aRow, half, x, xAt + first * xRow, xRow, width, how);
    const between = aAt + rest * row + first * column;
    subtractProduct(
      x,
      xAt + rest * xRow,
      xRow,
      a,
      between,
      row,
      column,
      x,
      xAt + first * xRow,
      xRow,
      left,
      half,
      width,
    );
    solveTriangular(a, aAt + rest * (aRow + 1), aRow, left, x, xAt + rest * xRow, xRow, width, how);
    return;
  }
  for (let step = 0; step < n; step++) {
    const i = down ? step : n - 1 - step;
    const known = down ? 0 : i + 1;
    const to = xAt + i * xRow;
    const factors = aAt + i * row + known * column;
    subtractProduct(x, to, xRow, a, factors, row, column, x, xAt + known * xRow, xRow, 1, step, width);
    if (how.unitDiagonal) continue;
    const pivot = a[aAt + i * (aRow + 1)];
    for (let j = to; j < to + width; j++) x[j] /= pivot;
  }
}

/** Position of the first zero on the diagonal, -1 without any. @internal */
export function zeroOnDiagonal(a: Float64Array, aAt: number, n: number): number {
  for (let i = 0; i < n; i++) if (a[aAt + i * (n + 1)] === 0) return i;
  return -1;
}
