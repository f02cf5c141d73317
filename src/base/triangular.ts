import { subtractProduct } from "./subtract-product";

/** Rows that are solved together, before what they know is taken from all others: they stay in the cache. */
const BLOCK = 32;

/** How a triangular matrix is read: which triangle, swapped or not, and whether its diagonal counts as ones. @internal */
export interface Triangular {
  readonly upper: boolean;
  readonly transpose: boolean;
  readonly unitDiagonal: boolean;
}

/**
 * Solves A X = B by substitution, A triangular: B, `n` by `width` from `xAt` on, becomes X. A is row-major, `n` by `n`, from
 * `aAt` on; its other triangle is not read. A zero on the diagonal gives infinities and NaN.
 *
 * @see N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, theorem 8.5: the solution is exact for a
 * matrix that differs from A by n units of rounding, number by number
 * @internal
 */
export function solveTriangular(
  a: Float64Array,
  aAt: number,
  n: number,
  x: Float64Array,
  xAt: number,
  width: number,
  { upper, transpose, unitDiagonal }: Triangular,
): void {
  const [row, column] = transpose ? [1, n] : [n, 1];
  const down = upper === transpose;
  for (let done = 0; done < n; done += BLOCK) {
    const count = Math.min(BLOCK, n - done);
    const top = down ? done : n - done - count;
    const [rest, restCount] = down ? [top + count, n - top - count] : [0, top];
    for (let step = 0; step < count; step++) {
      const i = down ? top + step : top + count - 1 - step;
      const known = down ? top : i + 1;
      const to = xAt + i * width;
      subtractProduct(
        x,
        to,
        width,
        a,
        aAt + i * row + known * column,
        row,
        column,
        x,
        xAt + known * width,
        width,
        1,
        step,
        width,
      );
      if (unitDiagonal) continue;
      const pivot = a[aAt + i * (n + 1)];
      for (let j = to; j < to + width; j++) x[j] /= pivot;
    }
    subtractProduct(
      x,
      xAt + rest * width,
      width,
      a,
      aAt + rest * row + top * column,
      row,
      column,
      x,
      xAt + top * width,
      width,
      restCount,
      count,
      width,
    );
  }
}

/** Position of the first zero on the diagonal, -1 without any. @internal */
export function zeroOnDiagonal(a: Float64Array, aAt: number, n: number): number {
  for (let i = 0; i < n; i++) if (a[aAt + i * (n + 1)] === 0) return i;
  return -1;
}
