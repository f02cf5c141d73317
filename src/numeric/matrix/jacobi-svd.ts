/*
 * Singular values and vectors by one-sided Jacobi rotations, after a QR factorization: what is rotated is R transposed,
 * square and small however tall the matrix is, and it converges in a few sweeps. Small singular values are as accurate as
 * R is, which bidiagonalization does not promise.
 *
 * See Z. Drmač, K. Veselić, "New fast and accurate Jacobi SVD algorithm I", SIAM J. Matrix Anal. Appl. 29 (2008), and
 * G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th edition, section 8.6.3.
 */
import type { TensorData } from "../../base/dtype";
import { columnsOfQ, lengthOf, multiplyByQ, triangularize } from "./householder";
import { leadingComponentIsNegative, scaleOf } from "./scaling";

/** Sweeps over all pairs of columns; 4 to 10 are usual. */
const SWEEPS = 60;
/** Squares of lengths below this, beside a matrix scaled to 1, count as zero: they are about to lose digits. */
const NOTHING = 2 ** -1000;

/**
 * Makes the upper halves of the columns of `x` orthogonal by rotations, which the lower halves take part in: 2n by n, by
 * columns. `squares` gets the squared lengths of the upper halves. False if that took more than `sweeps` sweeps.
 */
function orthogonalize(x: Float64Array, n: number, squares: Float64Array, sweeps: number): boolean {
  const height = 2 * n;
  const tolerance = Number.EPSILON * Math.sqrt(n);
  for (let sweep = 0; sweep <= sweeps; sweep++) {
    let rotations = 0;
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let at = j * height, end = at + n; at < end; at++) sum += x[at] * x[at];
      squares[j] = sum;
    }
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const [a, b] = [squares[p], squares[q]];
        if (a < NOTHING || b < NOTHING) continue;
        let product = 0;
        for (let i = p * height, j = q * height, end = i + n; i < end; i++, j++) product += x[i] * x[j];
        if (Math.abs(product) <= tolerance * Math.sqrt(a) * Math.sqrt(b)) continue;
        rotations++;
        const slope = (b - a) / (2 * product);
        const size = Math.abs(slope);
        const t = (slope < 0 ? -1 : 1) / (size + (size < 1e150 ? Math.sqrt(1 + slope * slope) : size));
        const c = 1 / Math.sqrt(1 + t * t);
        const s = c * t;
        squares[p] = a - t * product;
        squares[q] = b + t * product;
        for (let i = p * height, j = q * height, end = i + height; i < end; i++, j++) {
          const kept = x[i];
          x[i] = c * kept - s * x[j];
          x[j] = s * kept + c * x[j];
        }
      }
    }
    if (rotations === 0) return true;
  }
  return false;
}

/** Fills the columns of x (n by n) from `rank` on so that all are orthogonal. */
function complete(x: Float64Array, n: number, rank: number): void {
  if (rank === n) return;
  const basis = x.slice(0, rank * n);
  const heads = new Float64Array(rank);
  triangularize(basis, n, rank, null, undefined, heads);
  x.set(columnsOfQ(basis, n, heads, rank, n).subarray(rank * n), rank * n);
}

/** Both sides of a decomposition, vector after vector, and the singular values, descending. */
interface Sides {
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly values: Float64Array;
}

/** Decomposes a matrix with m >= n that is stored by columns, and overwritten; null if it did not converge. */
function decompose(a: Float64Array, m: number, n: number, sweeps: number): Sides | null {
  const heads = new Float64Array(n);
  const order = new Int32Array(n);
  triangularize(a, m, n, null, order, heads);
  // R transposed above the identity: rotations make the upper half orthogonal and leave their product in the lower.
  const x = new Float64Array(2 * n * n);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) x[j * 2 * n + i] = a[i * m + j];
    x[j * 2 * n + n + j] = 1;
  }
  const squares = new Float64Array(n);
  if (!orthogonalize(x, n, squares, sweeps)) return null;
  const sorted = Array.from(squares.keys()).sort((i, j) => squares[j] - squares[i]);
  const [left, found, values] = [new Float64Array(m * n), new Float64Array(n * n), new Float64Array(n)];
  let rank = 0;
  for (let k = 0; k < n; k++) {
    const from = sorted[k] * 2 * n;
    // The product of rotations has columns of length 1, but for roundings, which both halves share.
    const drift = lengthOf(x, from + n, from + 2 * n);
    for (let i = 0; i < n; i++) left[k * m + i] = x[from + n + i] / drift;
    if (squares[sorted[k]] < NOTHING) continue;
    rank++;
    const length = Math.sqrt(squares[sorted[k]]);
    values[k] = length / drift;
    for (let i = 0; i < n; i++) found[k * n + i] = x[from + i] / length;
  }
  complete(found, n, rank);
  multiplyByQ(a, m, heads, n, left, n, false);
  const right = new Float64Array(n * n);
  for (let k = 0; k < n; k++) for (let i = 0; i < n; i++) right[k * n + order[i]] = found[k * n + i];
  return { left, right, values };
}

/**
 * Singular values, descending, and vectors of one row-major matrix that starts in `a` at `from`: a = u diag(s) vt, with
 * u [rows, k], s [k], vt [k, columns], k = min(rows, columns). Of each row of vt the element that is largest in
 * absolute value is positive. All NaN where an element of the matrix is not finite.
 * @param sweeps - over all pairs of columns
 * @returns false if those did not suffice
 * @internal
 */
export function singularValues(
  a: TensorData,
  from: number,
  rows: number,
  columns: number,
  [u, s, vt]: readonly TensorData[],
  sweeps: number = SWEEPS,
): boolean {
  const scale = scaleOf(a, from, from + rows * columns);
  if (Number.isNaN(scale)) {
    for (const part of [u, s, vt]) part.fill(scale);
    return true;
  }
  const tall = rows >= columns;
  const k = tall ? columns : rows;
  const copy = new Float64Array(rows * columns);
  for (let i = 0, at = from; i < rows; i++) {
    for (let j = 0; j < columns; j++) copy[tall ? j * rows + i : i * columns + j] = a[at++] * scale;
  }
  const found = decompose(copy, tall ? rows : columns, k, sweeps);
  if (found === null) return false;
  const [left, right] = tall ? [found.left, found.right] : [found.right, found.left];
  for (let r = 0; r < k; r++) {
    s[r] = found.values[r] / scale;
    const sign = leadingComponentIsNegative(right, r * columns, (r + 1) * columns) ? -1 : 1;
    // Adding 0 turns -0 into 0.
    for (let i = 0; i < rows; i++) u[i * k + r] = sign * left[r * rows + i] + 0;
    for (let j = 0; j < columns; j++) vt[r * columns + j] = sign * right[r * columns + j] + 0;
  }
  return true;
}
