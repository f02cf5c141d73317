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
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k])) pivot = i;
    if (!(Math.abs(a[pivot * n + k]) > 4 * n * Number.EPSILON)) return false;
    if (pivot !== k) {
      for (let j = k; j < n; j++) [a[k * n + j], a[pivot * n + j]] = [a[pivot * n + j], a[k * n + j]];
      [b[k], b[pivot]] = [b[pivot], b[k]];
    }
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k] / a[k * n + k];
      if (factor === 0) continue;
      for (let j = k + 1; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    let rest = b[i];
    for (let j = i + 1; j < n; j++) rest -= a[i * n + j] * b[j];
    b[i] = rest / a[i * n + i];
  }
  for (let i = 0; i < n; i++) b[i] *= columns[i];
  return true;
}

/** Every row divided by its largest number, on both sides. */
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

/** Every column divided by its largest number, which is left in `scale` inverted: the unknowns are in those units. */
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
