/**
 * Dense matrix products on plain typed arrays.
 *
 * Method: blocks of both operands are packed into float64 panels, multiplied there, and stored. Packing takes any strides, so a transpose
 * costs nothing, and any element type, so the kernel sees float64 only.
 *
 * Every element is the sum of its k products in ascending order in float64, rounded once when it is stored: bit for bit what the
 * naive triple loop gives, on every machine. Nothing is skipped, so NaN and Infinity propagate, also against zeros.
 * Products of integers are exact modulo 2^32.
 *
 * @see Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34 (2008), for packing and blocking.
 */

import type { TensorData } from "../../base/dtype";
import { multiplierFor, PANEL, packPanels } from "./gemm-kernel";
import { matrixVector, outerProduct } from "./gemv";

/**
 * Packed elements of A, and of B, that are kept at a time: 1 MB and 256 KB, so that they stay in the second-level
 * cache.
 */
const BLOCK_A = 131072;
const BLOCK_B = 32768;
/** Terms of the sums, panels of A and panels of B at a time. */
const DEPTH = 1024;
const HIGHEST = 32;
const WIDEST = 512;
/** Blocks of columns that are kept at a time until the later terms are added. */
const WAITING = 16;

/**
 * Computes C = A B, or C += A B, for A of m rows and k columns and B of k rows and n columns.
 *
 * Shape: `[m, k], [k, n] -> [m, n]`. Element (i, p) of A is `a[aOffset + i * aRowStride + p * aColStride]`, likewise B; strides may be
 * zero or negative. C is contiguous, by rows, from `outOffset`, and must not overlap A or B. k = 0 gives zeros (or leaves C).
 *
 * Fourteen positional parameters, on purpose: with an object `{ data, start, rowStep, columnStep }` for each operand, a product of 4 by 4
 * took 153 ns in place of 148 (3.4 %), and, where objects were made for each matrix of a batch, a batch of 64 such 17 % longer.
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
  if (k === 0) {
    if (!accumulate) out.fill(0, outOffset, outOffset + m * n);
    return;
  }
  if (out instanceof Int32Array && a instanceof Int32Array && b instanceof Int32Array) {
    const [atA, atB] = [
      { a, at: aOffset, row: aRowStride, column: aColStride },
      { a: b, at: bOffset, row: bRowStride, column: bColStride },
    ];
    multiplyIntegers(out, outOffset, atA, atB, m, k, n, accumulate);
    return;
  }
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
  const depth = Math.min(k, DEPTH);
  const height = Math.min(panels(m), HIGHEST, Math.floor(BLOCK_A / (depth * PANEL)));
  const width = Math.min(panels(n), WIDEST, Math.floor(BLOCK_B / (depth * PANEL)));
  const atB = height * PANEL * depth;
  const atC = atB + width * PANEL * depth;
  const area = height * width * PANEL * PANEL;
  const blocks = k === depth ? 1 : Math.min(WAITING, Math.ceil(panels(n) / width));
  const { multiplier, scratch } = multiplierFor(m * k * n, atC + blocks * area);
  for (let top = 0; top < m; top += height * PANEL) {
    const rows = Math.min(height * PANEL, m - top);
    const firstRow = aOffset + top * aRowStride;
    for (let first = 0; first < n; first += blocks * width * PANEL) {
      const end = Math.min(n, first + blocks * width * PANEL);
      for (let start = 0; start < k; start += depth) {
        const terms = Math.min(depth, k - start);
        if (first === 0 || k > depth) {
          packPanels(scratch, 0, a, firstRow + start * aColStride, aRowStride, aColStride, rows, terms);
        }
        for (let left = first, at = atC; left < end; left += width * PANEL, at += area) {
          const columns = Math.min(width * PANEL, n - left);
          const corner = bOffset + start * bRowStride + left * bColStride;
          packPanels(scratch, atB, b, corner, bColStride, bRowStride, columns, terms);
          multiplier.multiply(0, atB, at, terms, panels(rows), panels(columns), start > 0);
          if (start + terms < k) continue;
          storeBlock(
            out,
            outOffset + top * n + left,
            n,
            scratch,
            at,
            panels(columns) * PANEL,
            rows,
            columns,
            accumulate,
          );
        }
      }
    }
  }
}

/** A matrix within an array. */
interface Strided {
  readonly a: Int32Array;
  readonly at: number;
  readonly row: number;
  readonly column: number;
}

/** Products of integers, exact modulo 2^32. */
function multiplyIntegers(
  out: Int32Array,
  to: number,
  a: Strided,
  b: Strided,
  m: number,
  k: number,
  n: number,
  accumulate: boolean,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = accumulate ? out[to + i * n + j] : 0;
      for (let l = 0; l < k; l++) {
        sum = (sum + Math.imul(a.a[a.at + i * a.row + l * a.column], b.a[b.at + l * b.row + j * b.column])) | 0;
      }
      out[to + i * n + j] = sum;
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
