/**
 * Dense matrix products on plain typed arrays.
 *
 * Method: blocks of both operands are packed into float64 panels, multiplied there, and stored. Packing takes any strides, so a transpose
 * costs nothing, and any element type, so the kernel sees float64 only.
 *
 * Every element is the sum of its k products in ascending order in float64, rounded once when it is stored: bit for bit what the
 * naive triple loop gives, on every machine. Nothing is skipped, so NaN and Infinity propagate, also against zeros.
 *
 * @see Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34 (2008), for packing and blocking.
 */

import type { TensorData } from "./dtype";
import { matrixVector, outerProduct } from "./matrix-vector";
import { multiplierFor, PANEL, packPanels } from "./panel-product";

/** Packed numbers of A, and of B, that are kept at a time: 1 MB and 256 KB, so that they stay in the second-level cache. */
const BLOCK_A = 131072;
const BLOCK_B = 32768;

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
  const multiplier = multiplierFor(m * k * n);
  const height = Math.min(panels(m), Math.max(1, Math.floor(BLOCK_A / (k * PANEL))));
  const width = Math.min(panels(n), Math.max(1, Math.floor(BLOCK_B / (k * PANEL))));
  const atB = height * PANEL * k;
  const atC = atB + width * PANEL * k;
  const scratch = multiplier.reserve(atC + height * width * PANEL * PANEL);
  for (let top = 0; top < m; top += height * PANEL) {
    const rows = Math.min(height * PANEL, m - top);
    packPanels(scratch, 0, a, aOffset + top * aRowStride, aRowStride, aColStride, rows, k);
    for (let left = 0; left < n; left += width * PANEL) {
      const columns = Math.min(width * PANEL, n - left);
      packPanels(scratch, atB, b, bOffset + left * bColStride, bColStride, bRowStride, columns, k);
      multiplier.multiply(0, atB, atC, k, panels(rows), panels(columns));
      storeBlock(out, outOffset + top * n + left, n, scratch, atC, panels(columns) * PANEL, rows, columns, accumulate);
    }
  }
}

const panels = (lanes: number): number => Math.ceil(lanes / PANEL);

/** Stores or adds the part of a product of panels that lies within the matrix, converted to the element type. */
function storeBlock(
  out: TensorData,
  corner: number,
  stride: number,
  from: Float64Array,
  start: number,
  width: number,
  rows: number,
  columns: number,
  accumulate: boolean,
): void {
  for (let i = 0; i < rows; i++) {
    const to = corner + i * stride;
    const at = start + i * width;
    if (accumulate) for (let j = 0; j < columns; j++) out[to + j] += from[at + j];
    else for (let j = 0; j < columns; j++) out[to + j] = from[at + j];
  }
}
