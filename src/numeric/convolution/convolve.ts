/**
 * Convolutions and their transposes on plain typed arrays: x [N, G * C, H, W], kernel k [G * O, C, KH, KW], y [N, G * O, OH, OW].
 *
 * All three are sides of one trilinear form, the sum over n, g, o, c, q, t of y[n, g, o, q] k[g, o, c, t] x[n, g, c, q stride +
 * t dilation - before], where x is 0 outside: each is what stands beside one of them.
 *
 * Method: products of matrices whose right operand is read where it stands. The elements of one group of one image (of
 * some images, if they are small; of some channels or a part of the plane, if they are large) are copied to a float64
 * field with zeros around them, and two tables of places take the part of patches: no patch is ever written. What a
 * stride leaves out is left out by the tables, not multiplied by 0.
 *
 * Every element is the sum of its products in float64 (in ascending order of channel and tap, or of image and place, where one
 * field is enough), rounded once when it is stored. Products
 * of integers that may not be exact in float64 are summed modulo 2^32. Zeros of the border take part in it: beside an infinite kernel they give NaN.
 *
 * @see Dukhan, "The Indirect Convolution Algorithm", arXiv:1907.02129 (2019), for tables in place of patches.
 */

import type { TensorData } from "../../base/dtype";
import { Scratch } from "../scratch";
import { convolveIntegers, mayOverflow } from "./convolve-integers";
import { plainMultiplier } from "./kernel-js";
import { vectorMultiplier } from "./kernel-wasm";
import {
  type AxisTerm,
  areaOf,
  type Convolution,
  divide,
  loadField,
  type Piece,
  partsOfX,
  partsOfY,
  type Table,
  tableOf,
} from "./taps";
import { COLUMNS, EXTRA_ROWS, FIELD, PANELS, ROWS, TERMS, TILE_PANEL, type TileMultiplier } from "./tile-memory";

export type { Convolution } from "./taps";

/** Places for which it is worth going on to the next image. */
const ENOUGH = 128;
/** The most elements of a result at a time: 8 MB. A single row may have more. */
const SUMS = 1 << 20;
/** Fewer multiplications are done sooner than WebAssembly is entered. */
const WASM_THRESHOLD = 2048;

/** Elements of the arguments as float64. */
interface Copies {
  readonly ofSource: Scratch;
  readonly ofOther: Scratch;
}
let made: Copies | undefined;
function copies(): Copies {
  made ??= { ofSource: new Scratch(), ofOther: new Scratch() };
  return made;
}

/** What is gathered from, and what meets it: an array of places and one of taps. The sum is over either of them. */
interface Job {
  /** Planes of a group of an image that is gathered from, and their size. */
  readonly planes: number;
  readonly size: readonly [height: number, width: number];
  readonly parts: readonly [rows: readonly AxisTerm[], columns: readonly AxisTerm[]];
  /** Rows of the product: planes of a group of an image of places, of the given size. */
  readonly rows: number;
  readonly places: readonly [height: number, width: number];
  /** Steps in the array of taps: from row to row of the product, from plane to plane, from row to row of taps. */
  readonly taps: readonly [row: number, plane: number, width: number];
}

const gatherX = ({ channels, filters, axes: [h, w] }: Convolution): Job => ({
  planes: channels,
  size: [h.x, w.x],
  parts: [partsOfX(h), partsOfX(w)],
  rows: filters,
  places: [h.y, w.y],
  taps: [channels * h.k * w.k, h.k * w.k, w.k],
});

const gatherY = ({ channels, filters, axes: [h, w] }: Convolution): Job => ({
  planes: filters,
  size: [h.y, w.y],
  parts: [partsOfY(h), partsOfY(w)],
  rows: channels,
  places: [h.x, w.x],
  taps: [h.k * w.k, channels * h.k * w.k, w.k],
});

/** y from x and k; y comes zero-filled. @internal */
export const convolve = (y: TensorData, x: TensorData, k: TensorData, c: Convolution): void =>
  contract(y, x, k, c, gatherX(c), true, [y, k, x]);

/** x from y and k; x comes zero-filled. @internal */
export const convolveInput = (x: TensorData, y: TensorData, k: TensorData, c: Convolution): void =>
  contract(x, y, k, c, gatherY(c), true, [y, k, x]);

/** k from x and y; k comes zero-filled. @internal */
export const convolveKernel = (k: TensorData, x: TensorData, y: TensorData, c: Convolution): void =>
  contract(k, x, y, c, gatherX(c), false, [y, k, x]);

function contract(
  out: TensorData,
  source: TensorData,
  other: TensorData,
  c: Convolution,
  job: Job,
  overTaps: boolean,
  sides: readonly [y: TensorData, k: TensorData, x: TensorData],
): void {
  if (out.length === 0 || source.length === 0 || other.length === 0) return;
  if (out instanceof Int32Array && mayOverflow(source, other, Math.max(source.length, other.length))) {
    convolveIntegers(out, ...sides, c);
    return;
  }
  const { images, groups } = c;
  const { rows } = job;
  const plane = job.places[0] * job.places[1];
  const [row] = job.taps;
  const kernelSize = (overTaps ? other : out).length / groups;
  const block = groups === 1 ? blockOf(images, plane, rows, job.planes * areaOf(...job.parts)) : 1;
  const height = Math.min(rows, Math.max(1, Math.floor(SUMS / (overTaps ? block * plane : row))));
  const steps = stepsOf(job, block, (overTaps ? height : rows) * plane);
  const size = height * (overTaps ? block * plane : row);
  const multiplier = multiplierFor(images * plane * groups * kernelSize, size);
  const { ofSource, ofOther } = copies();
  for (let g = 0; g < groups; g++) {
    const kernel = overTaps ? ofOther.read(other, g * kernelSize, kernelSize) : null;
    for (let top = 0; top < rows; top += height) {
      const some = Math.min(height, rows - top);
      let sums = multiplier.clear(overTaps ? 0 : some * row);
      for (let n = 0; n < images; n += block) {
        const count = Math.min(block, images - n);
        const image = n * groups + g;
        const { data, start } = kernel ?? ofOther.read(other, image * rows * plane, count * rows * plane);
        if (overTaps) sums = multiplier.clear(count * some * plane);
        for (const { piece, parts } of steps) {
          const from = (image * job.planes + piece.plane) * job.size[0] * job.size[1];
          loadField(multiplier.field, source, from, count * piece.planes, job.size, piece, ofSource);
          for (const { places, taps } of parts) {
            const ofPlaces = { step: plane, table: places, count: (places.field.length / block) * count };
            const ofTaps = { step: row, table: taps, count: taps.field.length };
            const [columns, terms] = overTaps ? [ofPlaces, ofTaps] : [ofTaps, ofPlaces];
            multiply(multiplier, some, columns, terms, data, start + top * terms.step);
          }
        }
        if (overTaps) out.set(sums.subarray(0, count * some * plane), (image * rows + top) * plane);
      }
      if (!overTaps) out.set(sums.subarray(0, some * row), (g * rows + top) * row);
    }
  }
}

/** The multiplier for so many multiplications with a result of a size at a time. */
const multiplierFor = (work: number, size: number): TileMultiplier =>
  (work < WASM_THRESHOLD ? null : vectorMultiplier(size)) ?? plainMultiplier();

/** Images at a time: some of them if they are small, but never more than have room. */
function blockOf(images: number, plane: number, rows: number, fieldSize: number): number {
  const block = Math.max(1, Math.min(images, Math.ceil(ENOUGH / plane), Math.floor(FIELD / fieldSize)));
  return block * rows * plane > SUMS ? 1 : block;
}

interface Step {
  readonly piece: Piece;
  readonly parts: readonly { readonly places: Table; readonly taps: Table }[];
}

function stepsOf(job: Job, block: number, imageSize: number): Step[] {
  const [, tapPlane, tapWidth] = job.taps;
  // Pieces that differ in their planes only, of one image at a time, share their places.
  const known = new Map<Piece["parts"], Table[]>();
  return divide(FIELD, block, job.planes, ...job.parts).map((piece) => {
    const [width, area] = [piece.columns.size, piece.rows.size * piece.columns.size];
    const origin = piece.rows.origin * width + piece.columns.origin;
    const places =
      known.get(piece.parts) ??
      piece.parts.map(([rows, columns]) =>
        tableOf(
          block,
          [piece.planes * area, imageSize],
          [rows.places, columns.places],
          [width, job.places[1]],
          [-origin, 0],
        ),
      );
    known.set(piece.parts, places);
    const parts = piece.parts.map(([rows, columns], i) => ({
      places: places[i],
      taps: tableOf(
        piece.planes,
        [area, tapPlane],
        [rows.taps, columns.taps],
        [width, tapWidth],
        [0, piece.plane * tapPlane],
      ),
    }));
    return { piece, parts };
  });
}

/** Columns of the result, or terms of the sum: how many, and the step from row to row of what they are places in. */
interface Side {
  readonly step: number;
  readonly table: Table;
  readonly count: number;
}

/** Adds a product to the result, as many terms, rows and columns at a time as there is room for. */
function multiply(
  multiplier: TileMultiplier,
  rows: number,
  columns: Side,
  terms: Side,
  data: Float64Array,
  start: number,
): void {
  const { panels, offsets, starts, places } = multiplier;
  for (let begin = 0; begin < terms.count; begin += TERMS) {
    const count = Math.min(TERMS, terms.count - begin);
    const taken = terms.table.other.subarray(begin, begin + count);
    const block = Math.min(ROWS, Math.floor(PANELS / count / TILE_PANEL) * TILE_PANEL);
    offsets.set(terms.table.field.subarray(begin, begin + count));
    for (let top = 0; top < rows; top += block) {
      const height = Math.min(block, rows - top);
      pack(panels, data, start + top * terms.step, terms.step, height, taken);
      for (let i = 0; i < height + EXTRA_ROWS; i++) {
        multiplier.rows[i] = (top + Math.min(i, height - 1)) * columns.step;
      }
      for (let left = 0; left < columns.count; left += COLUMNS) {
        const width = Math.min(COLUMNS, columns.count - left);
        const end = left + width;
        starts.set(columns.table.field.subarray(left, end));
        starts.fill(starts[width - 1], width, width + EXTRA_ROWS);
        places.set(columns.table.other.subarray(left, end));
        places.fill(places[width - 1], width, width + EXTRA_ROWS);
        multiplier.run(width, height, count);
      }
    }
  }
}

/** Packs rows four at a time: term r of row i is `a[start + i * step + terms[r]]`. The last row stands for missing ones. */
function pack(to: Float64Array, a: Float64Array, start: number, step: number, rows: number, terms: Int32Array): void {
  let at = 0;
  for (let i = 0; i < rows; i += TILE_PANEL) {
    const first = start + i * step;
    const second = i + 1 < rows ? first + step : first;
    const third = i + 2 < rows ? second + step : second;
    const fourth = i + 3 < rows ? third + step : third;
    // Two terms at a time: V8 looks at the arrays anew in every round.
    const even = terms.length - (terms.length % 2);
    for (let r = 0; r < even; r += 2) {
      const term = terms[r];
      const next = terms[r + 1];
      to[at] = a[first + term];
      to[at + 1] = a[second + term];
      to[at + 2] = a[third + term];
      to[at + 3] = a[fourth + term];
      to[at + 4] = a[first + next];
      to[at + 5] = a[second + next];
      to[at + 6] = a[third + next];
      to[at + 7] = a[fourth + next];
      at += 2 * TILE_PANEL;
    }
    if (even < terms.length) {
      const term = terms[even];
      to[at] = a[first + term];
      to[at + 1] = a[second + term];
      to[at + 2] = a[third + term];
      to[at + 3] = a[fourth + term];
      at += TILE_PANEL;
    }
  }
}
