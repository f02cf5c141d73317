/*
 * The inner loop of all convolutions: products of packed rows with columns that are never written down. Term r of a
 * column is the element of a field, planes of elements with zeros around them, at the place of the column plus the
 * offset of the term: two tables take the part of patches. Rows are packed in panels of 4, term by term. There is a
 * kernel in WebAssembly, and one in JavaScript for small products and where there is no WebAssembly; they give the same
 * bits.
 */

/** Rows of a panel. @internal */
export const TILE_PANEL = 4;
/** How much the memory of a multiplier holds: together less than a second-level cache. @internal */
export const FIELD = 49152;
/** @internal */
export const PANELS = 32768;
/** @internal */
export const TERMS = 512;
/** Columns and rows at a time, those that repeat the last one not counted. @internal */
export const COLUMNS = 2048;
/** @internal */
export const ROWS = 1024;
/** @internal */
export const EXTRA_ROWS = 3;

/** Memory to be filled, and the product of what is in it. @internal */
export interface TileMultiplier {
  /** Zero-filled room for a result, not larger than what was asked for with the multiplier. */
  clear(size: number): Float64Array;
  readonly field: Float64Array;
  /** Rows, packed by four: for each term the elements of four rows side by side. */
  readonly panels: Float64Array;
  /** Where the terms lie in the field, seen from where a column starts. */
  readonly offsets: Int32Array;
  readonly starts: Int32Array;
  /** Where columns lie in the result, seen from where a row starts; and rows. Those missing in a tile repeat the last one. */
  readonly places: Int32Array;
  readonly rows: Int32Array;
  /** Adds to every element of the result its products, in ascending order. No count is 0. */
  run(columns: number, rows: number, terms: number): void;
}
