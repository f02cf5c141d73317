/**
 * Dense matrix products on plain typed arrays.
 *
 * Method: both operands are packed into float64 panels, 3 rows of A and 4 columns of B side by side, and one register-tiled kernel
 * (12 accumulators; more of them, or an unrolled loop, was no faster) runs over the panels. Packing takes any strides, so a
 * transpose costs nothing, and any element type, so the kernel sees float64 only and its loads stay monomorphic.
 *
 * Every element is the sum of its k products in ascending order in float64, rounded once when it is stored: bit for bit what the
 * naive triple loop gives, on every machine. Nothing is skipped, so NaN and Infinity propagate, also against zeros.
 *
 * @see Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34 (2008), for packing and blocking.
 */

import type { TensorData } from "./dtype";
import { COLUMNS, multiplyPanels, packColumns, packRows, ROWS, storeTile } from "./gemm-kernel";
import { matrixVector, outerProduct } from "./matrix-vector";

/** Packed rows of A that are kept at a time: 1 MB, so that they stay in the second-level cache. */
const BLOCK = 131072;

let packedA = /* @__PURE__ */ new Float64Array(0);
let packedB = /* @__PURE__ */ new Float64Array(0);
let tile: Float64Array | undefined;

/**
 * Computes C = A B, or C += A B, for A of m rows and k columns and B of k rows and n columns.
 *
 * Shape: `[m, k], [k, n] -> [m, n]`. Element (i, p) of A is `a[aOffset + i * aRowStride + p * aColStride]`, likewise B; strides may be
 * zero or negative. C is contiguous, by rows, from `outOffset`, and must not overlap A or B. k = 0 gives zeros (or leaves C).
 *
 * @param accumulate - add to what `out` holds (the product is summed first, then added and rounded once)
 * @internal
 */
export function gemm(
  out: TensorData,
  outOffset: number,
  a: TensorData,
  aOffset: number,
  aRowStride: number,
  aColStride: number,
  b: TensorData,
  bOffset: number,
  bRowStride: number,
  bColStride: number,
  m: number,
  k: number,
  n: number,
  accumulate: boolean,
): void {
  if (m === 0 || n === 0) return;
  if (n === 1) {
    matrixVector(out, outOffset, a, aOffset, aRowStride, aColStride, b, bOffset, bRowStride, m, k, accumulate);
    return;
  }
  if (m === 1) {
    matrixVector(out, outOffset, b, bOffset, bColStride, bRowStride, a, aOffset, aColStride, n, k, accumulate);
    return;
  }
  if (k === 1) {
    outerProduct(out, outOffset, a, aOffset, aRowStride, b, bOffset, bColStride, m, n, accumulate);
    return;
  }
  const blockRows = Math.max(ROWS, Math.floor(BLOCK / (k * ROWS)) * ROWS);
  packedA = reserve(packedA, Math.min(blockRows, m + ROWS - 1) * k);
  packedB = reserve(packedB, COLUMNS * k);
  tile ??= new Float64Array(ROWS * COLUMNS);
  const direct = out instanceof Float64Array && !accumulate ? out : undefined;
  for (let top = 0; top < m; top += blockRows) {
    const height = Math.min(blockRows, m - top);
    packRows(packedA, a, aOffset + top * aRowStride, aRowStride, aColStride, height, k);
    for (let left = 0; left < n; left += COLUMNS) {
      const width = Math.min(COLUMNS, n - left);
      packColumns(packedB, b, bOffset + left * bColStride, bRowStride, bColStride, k, width);
      for (let row = 0; row < height; row += ROWS) {
        const rows = Math.min(ROWS, height - row);
        const corner = outOffset + (top + row) * n + left;
        if (direct !== undefined && rows === ROWS && width === COLUMNS) {
          multiplyPanels(direct, corner, n, packedA, row * k, packedB, k);
        } else {
          multiplyPanels(tile, 0, COLUMNS, packedA, row * k, packedB, k);
          storeTile(out, corner, n, tile, rows, width, accumulate);
        }
      }
    }
  }
}

function reserve(scratch: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  return scratch.length >= size ? scratch : new Float64Array(size);
}
