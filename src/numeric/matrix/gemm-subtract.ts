import { gemm } from "./gemm";

/** From so many multiplications on, and so many rows of B, a packed product and a subtraction are sooner done. */
const WASM_THRESHOLD = 8192;
const WORTH_ROWS = 12;
/** Elements of such a product that are kept at a time. */
const CHUNK = 32768;
let products: Float64Array | undefined;

/**
 * C -= A B on parts of row-major float64 arrays: what elimination, substitution and Cholesky spend their time in. C is m by
 * n, A m by k, B k by n; row i of C starts at `cAt + i * cRow`, likewise B; element (i, p) of A is at
 * `aAt + i * aRow + p * aColumn`, so A may be read transposed. C may share its array with A and B if it does not overlap.
 *
 * Small and narrow parts are done in place, two rows of C and four of B at a time: every element of B that is loaded is
 * used twice, every one of C four times. Nothing is skipped: NaN and Infinity propagate, also against zeros.
 * @internal
 */
export function subtractProduct(
  c: Float64Array,
  cAt: number,
  cRow: number,
  a: Float64Array,
  aAt: number,
  aRow: number,
  aColumn: number,
  b: Float64Array,
  bAt: number,
  bRow: number,
  m: number,
  k: number,
  n: number,
): void {
  if (k >= WORTH_ROWS && m * k * n >= WASM_THRESHOLD && n <= CHUNK) {
    subtractPacked(c, cAt, cRow, a, aAt, aRow, aColumn, b, bAt, bRow, m, k, n);
    return;
  }
  for (let i = 0; i + 1 < m; i += 2) {
    subtractPair(c, cAt + i * cRow, cRow, a, aAt + i * aRow, aRow, aColumn, b, bAt, bRow, k, n);
  }
  if (m % 2 === 1) subtractRow(c, cAt + (m - 1) * cRow, a, aAt + (m - 1) * aRow, aColumn, b, bAt, bRow, k, n);
}

function subtractPacked(
  c: Float64Array,
  cAt: number,
  cRow: number,
  a: Float64Array,
  aAt: number,
  aRow: number,
  aColumn: number,
  b: Float64Array,
  bAt: number,
  bRow: number,
  m: number,
  k: number,
  n: number,
): void {
  products ??= new Float64Array(CHUNK);
  const height = Math.floor(CHUNK / n);
  for (let top = 0; top < m; top += height) {
    const rows = Math.min(height, m - top);
    gemm(products, 0, a, aAt + top * aRow, aRow, aColumn, b, bAt, bRow, 1, rows, k, n, false);
    let from = 0;
    for (let i = top; i < top + rows; i++) {
      const end = cAt + i * cRow + n;
      for (let j = cAt + i * cRow; j < end; j++) c[j] -= products[from++];
    }
  }
}

function subtractPair(
  c: Float64Array,
  cAt: number,
  cRow: number,
  a: Float64Array,
  aAt: number,
  aRow: number,
  aColumn: number,
  b: Float64Array,
  bAt: number,
  bRow: number,
  k: number,
  n: number,
): void {
  const end = cAt + n;
  let p = 0;
  for (; p + 3 < k; p += 4) {
    let f = aAt + p * aColumn;
    const f0 = a[f];
    const g0 = a[f + aRow];
    f += aColumn;
    const f1 = a[f];
    const g1 = a[f + aRow];
    f += aColumn;
    const f2 = a[f];
    const g2 = a[f + aRow];
    f += aColumn;
    const f3 = a[f];
    const g3 = a[f + aRow];
    let b0 = bAt + p * bRow;
    let b1 = b0 + bRow;
    let b2 = b1 + bRow;
    let b3 = b2 + bRow;
    for (let j = cAt; j < end; j++) {
      const x0 = b[b0++];
      const x1 = b[b1++];
      const x2 = b[b2++];
      const x3 = b[b3++];
      c[j] -= f0 * x0 + f1 * x1 + f2 * x2 + f3 * x3;
      c[j + cRow] -= g0 * x0 + g1 * x1 + g2 * x2 + g3 * x3;
    }
  }
  for (; p < k; p++) {
    const f = a[aAt + p * aColumn];
    const g = a[aAt + p * aColumn + aRow];
    let from = bAt + p * bRow;
    for (let j = cAt; j < end; j++) {
      const x = b[from++];
      c[j] -= f * x;
      c[j + cRow] -= g * x;
    }
  }
}

function subtractRow(
  c: Float64Array,
  cAt: number,
  a: Float64Array,
  aAt: number,
  aColumn: number,
  b: Float64Array,
  bAt: number,
  bRow: number,
  k: number,
  n: number,
): void {
  const end = cAt + n;
  let p = 0;
  for (; p + 3 < k; p += 4) {
    let f = aAt + p * aColumn;
    const f0 = a[f];
    f += aColumn;
    const f1 = a[f];
    f += aColumn;
    const f2 = a[f];
    f += aColumn;
    const f3 = a[f];
    let b0 = bAt + p * bRow;
    let b1 = b0 + bRow;
    let b2 = b1 + bRow;
    let b3 = b2 + bRow;
    for (let j = cAt; j < end; j++) c[j] -= f0 * b[b0++] + f1 * b[b1++] + f2 * b[b2++] + f3 * b[b3++];
  }
  for (; p < k; p++) {
    const f = a[aAt + p * aColumn];
    let from = bAt + p * bRow;
    for (let j = cAt; j < end; j++) c[j] -= f * b[from++];
  }
}
