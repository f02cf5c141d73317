/*
 * Eigenvalues and eigenvectors of symmetric matrices: reflections make the matrix tridiagonal, QL steps with implicit
 * shifts make it diagonal. Backward stable: the result is exact for a matrix off by some units of rounding times its norm.
 * Written by the formulas of G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th edition, sections 8.3.1 and 8.3.3, and
 * A. Dubrulle, R. S. Martin, J. H. Wilkinson, "The implicit QL algorithm", Numer. Math. 12 (1968).
 *
 * Everything runs along rows, which are contiguous: of the matrix only the lower triangle is worked on, and eigenvectors
 * are rows until they are written out.
 */
import type { TensorData } from "../../base/dtype";
import { lengthOf } from "./householder";
import { leadingComponentIsNegative, scaleOf } from "./scaling";

/** What couples two eigenvalues less than this, beside a matrix scaled to 1, counts as nothing. */
const NEGLIGIBLE = 2 ** -100;
/** QL steps there may be for each eigenvalue, on average; 2 are usual. */
const STEPS = 30;

/** sqrt(x² + y²) of numbers that are not large: without overflow to care for, and exact enough when they are tiny. */
function length(x: number, y: number): number {
  const squared = x * x + y * y;
  return squared > 1e-280 ? Math.sqrt(squared) : Math.hypot(x, y);
}

/**
 * Brings the lower triangle of `a` (row-major, n by n) into tridiagonal form: the diagonal in `d`, what stands below it
 * in `e[1]`, `e[2]`, ... Row k of `a` then starts with the k elements of a reflector, whose squared length is twice
 * `heads[k]`.
 */
function tridiagonalize(a: Float64Array, n: number, d: Float64Array, e: Float64Array, heads: Float64Array): void {
  const w = new Float64Array(n);
  for (let k = n - 1; k >= 0; k--) {
    const row = k * n;
    d[k] = a[row + k];
    if (k === 0) break;
    let rest = 0;
    for (let j = 0; j < k - 1; j++) rest += Math.abs(a[row + j]);
    const last = a[row + k - 1];
    e[k] = last;
    if (rest === 0) continue;
    // The reflector x ± |x| e over |x|, the sign chosen so that nothing cancels; scaled first, so that squares hold.
    const size = rest + Math.abs(last);
    let sum = 0;
    for (let j = 0; j < k; j++) {
      a[row + j] /= size;
      sum += a[row + j] * a[row + j];
    }
    const norm = Math.sqrt(sum);
    const sign = last < 0 ? -1 : 1;
    for (let j = 0; j < k; j++) a[row + j] *= sign / norm;
    a[row + k - 1] += 1;
    const beta = a[row + k - 1];
    heads[k] = beta;
    e[k] = -sign * norm * size;
    symmetricProduct(a, n, row, k, w);
    let product = 0;
    for (let j = 0; j < k; j++) {
      w[j] /= beta;
      product += w[j] * a[row + j];
    }
    const half = product / (2 * beta);
    for (let j = 0; j < k; j++) w[j] -= half * a[row + j];
    for (let i = 0; i < k; i++) {
      const [v, u] = [a[row + i], w[i]];
      for (let j = 0, at = i * n; j <= i; j++) a[at + j] -= v * w[j] + u * a[row + j];
    }
  }
}

/** w = A v for the leading k rows of a symmetric matrix, by its lower triangle; v is the start of a row of the array. */
function symmetricProduct(a: Float64Array, n: number, v: number, k: number, w: Float64Array): void {
  for (let i = 0; i < k; i++) {
    const at = i * n;
    const factor = a[v + i];
    let sum = a[at + i] * factor;
    for (let j = 0; j < i; j++) {
      sum += a[at + j] * a[v + j];
      w[j] += a[at + j] * factor;
    }
    w[i] = sum;
  }
}

/** Replaces the reflectors that tridiagonalize leaves by the transpose of their product, in place. */
function multiplyOut(a: Float64Array, n: number, heads: Float64Array): void {
  for (let k = 1; k <= n; k++) {
    // The leading k rows and columns are the product so far, bordered by a row and a column of the identity.
    const border = k - 1;
    for (let i = 0; i < border; i++) {
      a[border * n + i] = 0;
      a[i * n + border] = 0;
    }
    a[border * n + border] = 1;
    if (k === n || heads[k] === 0) continue;
    const v = k * n;
    for (let i = 0; i < k; i++) {
      const at = i * n;
      let product = 0;
      for (let j = 0; j < k; j++) product += a[at + j] * a[v + j];
      const factor = product / heads[k];
      for (let j = 0; j < k; j++) a[at + j] -= factor * a[v + j];
    }
  }
}

/** Turns rows i and i + 1 of z by the angle of which c and s are cosine and sine. */
function rotate(z: Float64Array, n: number, i: number, c: number, s: number): void {
  for (let x = i * n, y = x + n, end = y; x < end; x++, y++) {
    const kept = z[y];
    z[y] = s * z[x] + c * kept;
    z[x] = c * z[x] - s * kept;
  }
}

/** One QL step on positions l to m of a tridiagonal matrix (e[i] couples i and i + 1), and on the rows of z. */
function step(z: Float64Array, n: number, d: Float64Array, e: Float64Array, l: number, m: number): void {
  const slope = (d[l + 1] - d[l]) / (2 * e[l]);
  const root = length(slope, 1);
  let g = d[m] - d[l] + e[l] / (slope + (slope < 0 ? -root : root));
  let [s, c, p] = [1, 1, 0];
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    const r = length(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    const t = (d[i] - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    rotate(z, n, i, c, s);
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}

/** Makes a block of two diagonal by one rotation. */
function finishPair(z: Float64Array, n: number, d: Float64Array, e: Float64Array, l: number): void {
  const slope = (d[l + 1] - d[l]) / (2 * e[l]);
  const t = (slope < 0 ? -1 : 1) / (Math.abs(slope) + length(slope, 1));
  const c = 1 / length(t, 1);
  d[l] -= t * e[l];
  d[l + 1] += t * e[l];
  e[l] = 0;
  rotate(z, n, l, c, t * c);
}

/** Makes a tridiagonal matrix diagonal; false if that took more than `limit` steps. */
function diagonalize(z: Float64Array, n: number, d: Float64Array, e: Float64Array, limit: number): boolean {
  let count = 0;
  for (let l = 0; l < n; l++) {
    for (;;) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > Number.EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1])) + NEGLIGIBLE) m++;
      if (m === l) break;
      if (count++ === limit) return false;
      if (m === l + 1) finishPair(z, n, d, e, l);
      else step(z, n, d, e, l, m);
    }
  }
  return true;
}

/**
 * Eigenvalues, ascending, and eigenvectors, in the columns of a row-major matrix, of (a + aᵀ) / 2, for one matrix that
 * starts in `a` at `from`. Of each eigenvector the element that is largest in absolute value is positive. All NaN where
 * an element of the matrix is not finite.
 * @param steps - QL steps for each value, on average
 * @returns false if those did not suffice
 * @internal
 */
export function symmetricEigen(
  a: TensorData,
  from: number,
  n: number,
  values: TensorData,
  vectors: TensorData,
  steps: number = STEPS,
): boolean {
  const scale = scaleOf(a, from, from + n * n);
  if (Number.isNaN(scale)) {
    values.fill(scale);
    vectors.fill(scale);
    return true;
  }
  const z = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) z[i * n + j] = (a[from + i * n + j] * scale + a[from + j * n + i] * scale) / 2;
  }
  const [d, e, heads] = [new Float64Array(n), new Float64Array(n + 1), new Float64Array(n)];
  tridiagonalize(z, n, d, e, heads);
  multiplyOut(z, n, heads);
  if (!diagonalize(z, n, d, e.subarray(1), steps * n)) return false;
  const order = Array.from(d.keys()).sort((i, j) => d[i] - d[j]);
  for (let k = 0; k < n; k++) {
    const row = order[k] * n;
    values[k] = d[order[k]] / scale;
    // Lengths are 1 but for the roundings of many rotations. Adding 0 turns -0 into 0.
    const size = lengthOf(z, row, row + n) * (leadingComponentIsNegative(z, row, row + n) ? -1 : 1);
    for (let i = 0; i < n; i++) vectors[i * n + k] = z[row + i] / size + 0;
  }
  return true;
}
