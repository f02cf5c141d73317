import type { TensorData } from "./dtype";

/** Rows and columns of a tile of the result that is computed at a time. @internal */
export const ROWS = 3;
/** @internal */
export const COLUMNS = 4;

/** The kernel: a 3 by 4 tile of C, written to float64 storage with the given row stride. @internal */
export function multiplyPanels(
  out: Float64Array,
  corner: number,
  rowStride: number,
  a: Float64Array,
  aStart: number,
  b: Float64Array,
  k: number,
): void {
  // biome-ignore format: a tile reads as rows and columns
  let c00 = 0, c01 = 0, c02 = 0, c03 = 0,
    c10 = 0, c11 = 0, c12 = 0, c13 = 0,
    c20 = 0, c21 = 0, c22 = 0, c23 = 0;
  let ia = aStart;
  let ib = 0;
  for (let p = 0; p < k; p++) {
    const a0 = a[ia];
    const a1 = a[ia + 1];
    const a2 = a[ia + 2];
    const b0 = b[ib];
    c00 += a0 * b0;
    c10 += a1 * b0;
    c20 += a2 * b0;
    const b1 = b[ib + 1];
    c01 += a0 * b1;
    c11 += a1 * b1;
    c21 += a2 * b1;
    const b2 = b[ib + 2];
    c02 += a0 * b2;
    c12 += a1 * b2;
    c22 += a2 * b2;
    const b3 = b[ib + 3];
    c03 += a0 * b3;
    c13 += a1 * b3;
    c23 += a2 * b3;
    ia += ROWS;
    ib += COLUMNS;
  }
  out[corner] = c00;
  out[corner + 1] = c01;
  out[corner + 2] = c02;
  out[corner + 3] = c03;
  const second = corner + rowStride;
  out[second] = c10;
  out[second + 1] = c11;
  out[second + 2] = c12;
  out[second + 3] = c13;
  const third = second + rowStride;
  out[third] = c20;
  out[third + 1] = c21;
  out[third + 2] = c22;
  out[third + 3] = c23;
}

/** Stores or adds the part of a tile that lies within the matrix, converted to the element type. @internal */
export function storeTile(
  out: TensorData,
  corner: number,
  rowStride: number,
  from: Float64Array,
  rows: number,
  width: number,
  accumulate: boolean,
): void {
  for (let i = 0; i < rows; i++) {
    const to = corner + i * rowStride;
    const row = i * COLUMNS;
    if (accumulate) for (let j = 0; j < width; j++) out[to + j] += from[row + j];
    else for (let j = 0; j < width; j++) out[to + j] = from[row + j];
  }
}

/** Packs rows three at a time: panel by panel, within a panel column by column. A last panel of fewer rows repeats its last one. @internal */
export function packRows(
  panels: Float64Array,
  a: TensorData,
  start: number,
  rowStride: number,
  colStride: number,
  rows: number,
  k: number,
): void {
  let to = 0;
  for (let i = 0; i < rows; i += ROWS) {
    let first = start + i * rowStride;
    let second = i + 1 < rows ? first + rowStride : first;
    let third = i + 2 < rows ? second + rowStride : second;
    for (let p = 0; p < k; p++) {
      panels[to] = a[first];
      panels[to + 1] = a[second];
      panels[to + 2] = a[third];
      to += ROWS;
      first += colStride;
      second += colStride;
      third += colStride;
    }
  }
}

/** Packs one panel of up to four columns, row by row. A panel of fewer columns repeats its last one. @internal */
export function packColumns(
  panel: Float64Array,
  b: TensorData,
  start: number,
  rowStride: number,
  colStride: number,
  k: number,
  width: number,
): void {
  let first = start;
  let second = width > 1 ? first + colStride : first;
  let third = width > 2 ? second + colStride : second;
  let fourth = width > 3 ? third + colStride : third;
  const end = COLUMNS * k;
  for (let to = 0; to < end; to += COLUMNS) {
    panel[to] = b[first];
    panel[to + 1] = b[second];
    panel[to + 2] = b[third];
    panel[to + 3] = b[fourth];
    first += rowStride;
    second += rowStride;
    third += rowStride;
    fourth += rowStride;
  }
}
