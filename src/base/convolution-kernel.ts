/*
 * The inner loop of all convolutions: products of packed rows with columns that are never written down. Term r of a column is
 * the number of a field, planes of numbers with zeros around them, at the place of the column plus the offset of the term: two
 * tables take the part of patches.
 *
 * Two things make it fast, and neither can be seen in the source. The tile is 2 rows by 3 columns: its 6 sums stay in registers,
 * while of 8 or 12 sums V8 keeps some on the stack, where every term waits for the one before it. And the arrays that the loop
 * reads are made once and read through local names, so that V8 takes them for the constants they are: of an array that is an
 * argument it checks type, length and address again in every round. Together 9 GF/s in place of 5 on the machine of
 * docs/performance.md, where 11 are the limit.
 */

/** Rows and columns of a tile of the result that is computed at a time. @internal */
export const TILE_ROWS = 2;
const TILE_COLUMNS = 3;
/** Columns of the last row, where it is alone. */
const ROW_COLUMNS = 6;

/** The arrays that the loop reads, and the loop. @internal */
export interface Multiplier {
  /** Planes of numbers with zeros around them: half of a second-level cache. */
  readonly field: Float64Array;
  /** Rows packed by two. */
  readonly panels: Float64Array;
  /** Where the terms lie in the field, seen from a column. */
  readonly offsets: Int32Array;
  /** Packs `terms.length` terms of rows two at a time: term r of row i is `a[start + i * rowStride + terms[r]]`. */
  pack(a: Float64Array, start: number, rowStride: number, rows: number, terms: Int32Array): void;
  /**
   * Adds to columns of the result, three at a time: `out[at + i * rowStride + places[j]]` grows by the sum over r of term r of row i
   * times `field[starts[j] + offsets[r]]`, in ascending order. Where rows or columns are missing in a tile the last one stands
   * for them: what is written twice is the same number.
   */
  multiply(
    out: Float64Array,
    at: number,
    rowStride: number,
    rows: number,
    places: Int32Array,
    starts: Int32Array,
    columns: number,
    terms: number,
  ): void;
}

/** Makes the one multiplier there is. @internal */
export function makeMultiplier(fieldSize: number, panelSize: number, terms: number): Multiplier {
  const field = new Float64Array(fieldSize);
  const panels = new Float64Array(panelSize);
  const offsets = new Int32Array(terms);

  function multiplyTiles(
    out: Float64Array,
    at: number,
    rowStride: number,
    rows: number,
    t0: number,
    t1: number,
    t2: number,
    s0: number,
    s1: number,
    s2: number,
    length: number,
  ): void {
    const a = panels;
    const x = field;
    const steps = offsets;
    let ia = 0;
    for (let i = 0; i < rows; i += TILE_ROWS) {
      const first = at + i * rowStride;
      const second = first + rowStride;
      let c00 = out[first + t0];
      let c01 = out[first + t1];
      let c02 = out[first + t2];
      let c10 = out[second + t0];
      let c11 = out[second + t1];
      let c12 = out[second + t2];
      for (let r = 0; r < length; r++) {
        const step = steps[r];
        const a0 = a[ia];
        const a1 = a[ia + 1];
        const b0 = x[s0 + step];
        c00 += a0 * b0;
        c10 += a1 * b0;
        const b1 = x[s1 + step];
        c01 += a0 * b1;
        c11 += a1 * b1;
        const b2 = x[s2 + step];
        c02 += a0 * b2;
        c12 += a1 * b2;
        ia += TILE_ROWS;
      }
      out[first + t0] = c00;
      out[first + t1] = c01;
      out[first + t2] = c02;
      out[second + t0] = c10;
      out[second + t1] = c11;
      out[second + t2] = c12;
    }
  }

  function multiplyRow(
    out: Float64Array,
    at: number,
    places: Int32Array,
    starts: Int32Array,
    j: number,
    last: number,
    row: number,
    length: number,
  ): void {
    const a = panels;
    const x = field;
    const steps = offsets;
    const j1 = Math.min(j + 1, last);
    const j2 = Math.min(j + 2, last);
    const j3 = Math.min(j + 3, last);
    const j4 = Math.min(j + 4, last);
    const j5 = Math.min(j + 5, last);
    const s0 = starts[j];
    const s1 = starts[j1];
    const s2 = starts[j2];
    const s3 = starts[j3];
    const s4 = starts[j4];
    const s5 = starts[j5];
    let c0 = out[at + places[j]];
    let c1 = out[at + places[j1]];
    let c2 = out[at + places[j2]];
    let c3 = out[at + places[j3]];
    let c4 = out[at + places[j4]];
    let c5 = out[at + places[j5]];
    for (let r = 0; r < length; r++) {
      const step = steps[r];
      const factor = a[row + r];
      c0 += factor * x[s0 + step];
      c1 += factor * x[s1 + step];
      c2 += factor * x[s2 + step];
      c3 += factor * x[s3 + step];
      c4 += factor * x[s4 + step];
      c5 += factor * x[s5 + step];
    }
    out[at + places[j]] = c0;
    out[at + places[j1]] = c1;
    out[at + places[j2]] = c2;
    out[at + places[j3]] = c3;
    out[at + places[j4]] = c4;
    out[at + places[j5]] = c5;
  }

  return {
    field,
    panels,
    offsets,
    pack(a, start, rowStride, rows, terms) {
      const to = panels;
      let k = 0;
      for (let i = 0; i < rows; i += TILE_ROWS) {
        const first = start + i * rowStride;
        if (i + 1 === rows) {
          for (let r = 0; r < terms.length; r++) to[k++] = a[first + terms[r]];
          continue;
        }
        const second = first + rowStride;
        for (let r = 0; r < terms.length; r++) {
          const term = terms[r];
          to[k] = a[first + term];
          to[k + 1] = a[second + term];
          k += TILE_ROWS;
        }
      }
    },
    multiply(out, at, rowStride, rows, places, starts, columns, terms) {
      const last = columns - 1;
      const even = rows - (rows % TILE_ROWS);
      for (let j = 0; j < columns && even > 0; j += TILE_COLUMNS) {
        const k = Math.min(j + 1, last);
        const l = Math.min(j + 2, last);
        multiplyTiles(
          out,
          at,
          rowStride,
          even,
          places[j],
          places[k],
          places[l],
          starts[j],
          starts[k],
          starts[l],
          terms,
        );
      }
      for (let j = 0; j < columns && even < rows; j += ROW_COLUMNS) {
        multiplyRow(out, at + even * rowStride, places, starts, j, last, even * terms, terms);
      }
    },
  };
}
