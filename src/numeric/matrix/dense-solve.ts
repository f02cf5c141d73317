import { factorSize, firstZeroPivot, luFactorize, solveFactorized } from "./lu";

/**
 * Solves a x = b by elimination with partial pivoting, rows and columns scaled first so that units do not matter.
 * `a` (row-major, n by n) and `b` are overwritten; the solution stands in `b`. False where a is singular to rounding, or
 * not finite.
 *
 * @see N. J. Higham, Accuracy and Stability of Numerical Algorithms (2002), chapter 9
 * @internal
 */
export function solveDense(a: Float64Array, b: Float64Array): boolean {
  const n = b.length;
  const columns = new Float64Array(n).fill(1);
  if (!scaleRows(a, b) || !scaleColumns(a, columns)) return false;
  const factors = new Float64Array(factorSize(n));
  factors.set(a);
  luFactorize(factors, 0, n);
  if (firstZeroPivot(factors, 0, n, a, 0) >= 0) return false;
  solveFactorized(factors, 0, n, b, 0, 1, false, new Float64Array(n));
  for (let i = 0; i < n; i++) b[i] *= columns[i];
  return true;
}

/** Every row divided by its largest element, on both sides. */
function scaleRows(a: Float64Array, b: Float64Array): boolean {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    const row = a.subarray(i * n, (i + 1) * n);
    const largest = row.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    if (!(largest > 0 && largest < Infinity)) return false;
    for (let j = 0; j < n; j++) row[j] /= largest;
    b[i] /= largest;
  }
  return true;
}

/** Every column divided by its largest element, which is left in `scale` inverted: the unknowns are in those units. */
function scaleColumns(a: Float64Array, scale: Float64Array): boolean {
  const n = scale.length;
  for (let j = 0; j < n; j++) {
    let largest = 0;
    for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(a[i * n + j]));
    if (!(largest > 0)) return false;
    for (let i = 0; i < n; i++) a[i * n + j] /= largest;
    scale[j] = 1 / largest;
  }
  return true;
}
