/**
 * Convolutions and their transposes on plain typed arrays: x [N, G * C, H, W], kernel k [G * O, C, KH, KW], y [N, G * O, OH, OW].
 *
 * All three are sides of one trilinear form, the sum over n, g, o, c, q, t of y[n, g, o, q] k[g, o, c, t] x[n, g, c, q stride +
 * t dilation - before], where x is 0 outside: each is what stands beside one of them.
 *
 * Method: products of matrices whose right operand is read where it stands. The numbers of one group of one image (of some
 * images, if they are small; of some channels or a part of the plane, if they are large) are copied to a float64 field with
 * zeros around them, and two tables of places take the part of patches: no patch is ever written. What a stride leaves out is
 * left out by the tables, not multiplied by 0.
 *
 * Every element is the sum of its products in float64 (in ascending order of channel and tap, or of image and place, where one
 * field is enough), rounded once when it is stored. Zeros of the border take part in it: beside an infinite kernel they give NaN.
 *
 * @see Dukhan, "The Indirect Convolution Algorithm", arXiv:1907.02129 (2019), for tables in place of patches.
 */

import {
  type AxisPart,
  areaOf,
  type ConvolutionAxis,
  divide,
  loadField,
  partsOfX,
  partsOfY,
  type Piece,
  type Table,
  tableOf,
} from "./convolution-field";
import { makeMultiplier, type Multiplier, TILE_ROWS } from "./convolution-kernel";
import type { TensorData } from "./dtype";
import { Scratch, type View } from "./scratch";

/** Sizes of a convolution. @internal */
export interface Convolution {
  readonly images: number;
  readonly groups: number;
  /** Channels of x, and of y, in one group. */
  readonly channels: number;
  readonly filters: number;
  readonly axes: readonly [rows: ConvolutionAxis, columns: ConvolutionAxis];
}

/** Numbers of a field, of packed rows, and terms at a time: what is in use stays in the second-level cache. */
const FIELD = 49152;
const PANELS = 32768;
const TERMS = 512;
/** Places for which it is worth going on to the next image. */
const ENOUGH = 128;

interface Workspace extends Multiplier {
  readonly source: Scratch;
  readonly other: Scratch;
  readonly sums: Scratch;
}
let made: Workspace | undefined;
const workspace = (): Workspace =>
  (made ??= {
    ...makeMultiplier(FIELD, PANELS, TERMS),
    source: new Scratch(),
    other: new Scratch(),
    sums: new Scratch(),
  });

/** What is gathered from, and what meets it: an array of places and one of taps. The sum is over either of them. */
interface Job {
  /** Planes of a group of an image that is gathered from, and their size. */
  readonly planes: number;
  readonly size: readonly [height: number, width: number];
  readonly parts: readonly [rows: readonly AxisPart[], columns: readonly AxisPart[]];
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

/** y from x and k; y comes zeroed. @internal */
export const convolve = (y: TensorData, x: TensorData, k: TensorData, c: Convolution): void =>
  contract(y, x, k, c, gatherX(c), true);

/** x from y and k; x comes zeroed. @internal */
export const convolveInput = (x: TensorData, y: TensorData, k: TensorData, c: Convolution): void =>
  contract(x, y, k, c, gatherY(c), true);

/** k from x and y; k comes zeroed. @internal */
export const convolveKernel = (k: TensorData, x: TensorData, y: TensorData, c: Convolution): void =>
  contract(k, x, y, c, gatherX(c), false);

function contract(
  out: TensorData,
  source: TensorData,
  other: TensorData,
  c: Convolution,
  job: Job,
  overTaps: boolean,
): void {
  if (out.length === 0 || source.length === 0 || other.length === 0) return;
  const work = workspace();
  const { images, groups } = c;
  const plane = job.places[0] * job.places[1];
  const sourceSize = job.planes * job.size[0] * job.size[1];
  const imageSize = job.rows * plane;
  const kernelSize = (overTaps ? other.length : out.length) / groups;
  const block = groups === 1 ? blockOf(images, plane, job.planes * areaOf(...job.parts)) : 1;
  const steps = stepsOf(job, block, imageSize);
  for (let g = 0; g < groups; g++) {
    const kernelStart = g * kernelSize;
    const taps = overTaps
      ? work.other.read(other, kernelStart, kernelSize)
      : work.sums.open(out, kernelStart, kernelSize);
    for (let n = 0; n < images; n += block) {
      const some = Math.min(block, images - n);
      const start = (n * groups + g) * imageSize;
      const size = some * imageSize;
      const places = overTaps ? work.sums.open(out, start, size) : work.other.read(other, start, size);
      for (const { piece, parts } of steps) {
        const from = (n * groups + g) * sourceSize + piece.plane * job.size[0] * job.size[1];
        loadField(work.field, source, from, some * piece.planes, job.size, piece, work.source);
        for (const part of parts) {
          const count = (part.places.field.length / block) * some;
          const ofPlaces = { view: places, row: plane, table: part.places, count };
          const ofTaps = { view: taps, row: job.taps[0], table: part.taps, count: part.taps.field.length };
          if (overTaps) product(work, job.rows, ofPlaces, ofTaps);
          else product(work, job.rows, ofTaps, ofPlaces);
        }
      }
      if (overTaps) work.sums.store(places, out, start, size);
    }
    if (!overTaps) work.sums.store(taps, out, kernelStart, kernelSize);
  }
}

/** Images at a time: some of them if they are small, but never more than have room with all their planes. */
const blockOf = (images: number, plane: number, fieldSize: number): number =>
  Math.max(1, Math.min(images, Math.ceil(ENOUGH / plane), Math.floor(FIELD / fieldSize)));

interface Step {
  readonly piece: Piece;
  readonly parts: readonly { readonly places: Table; readonly taps: Table }[];
}

function stepsOf(job: Job, block: number, imageSize: number): Step[] {
  const [, tapPlane, tapWidth] = job.taps;
  return divide(FIELD, block, job.planes, ...job.parts).map((piece) => {
    const [width, area] = [piece.columns.size, piece.rows.size * piece.columns.size];
    const origin = piece.rows.origin * width + piece.columns.origin;
    const parts = piece.parts.map(([rows, columns]) => ({
      places: tableOf(
        block,
        [piece.planes * area, imageSize],
        [rows.places, columns.places],
        [width, job.places[1]],
        [-origin, 0],
      ),
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

/** Rows, and places in them: columns of the result, or terms. */
interface Operand {
  readonly view: View;
  readonly row: number;
  readonly table: Table;
  readonly count: number;
}

/** Adds a product to the result, a number of terms and of rows at a time. */
function product({ offsets, pack, multiply }: Multiplier, rows: number, result: Operand, from: Operand): void {
  for (let begin = 0; begin < from.count; begin += TERMS) {
    const end = Math.min(begin + TERMS, from.count);
    offsets.set(from.table.field.subarray(begin, end));
    const terms = from.table.other.subarray(begin, end);
    const block = Math.floor(PANELS / (end - begin) / TILE_ROWS) * TILE_ROWS;
    for (let top = 0; top < rows; top += block) {
      const height = Math.min(block, rows - top);
      pack(from.view.data, from.view.start + top * from.row, from.row, height, terms);
      multiply(
        result.view.data,
        result.view.start + top * result.row,
        result.row,
        height,
        result.table.other,
        result.table.field,
        result.count,
        end - begin,
      );
    }
  }
}
