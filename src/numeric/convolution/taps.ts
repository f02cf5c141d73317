import { allocateInt32 } from "../../base/allocate";
import type { TensorData } from "../../base/dtype";
import type { Scratch } from "../scratch";

/** One axis of a convolution: place i of x meets place q of y at tap t of the kernel where i = q * stride + t * dilation - before. @internal */
export interface ConvolutionAxis {
  /** Sizes of x, of y, and of the kernel. */
  readonly x: number;
  readonly y: number;
  readonly k: number;
  readonly stride: number;
  readonly dilation: number;
  /** How many zeros stand before x. How many stand behind it follows from the sizes. */
  readonly before: number;
}

/** Sizes of a convolution. @internal */
export interface Convolution {
  readonly images: number;
  readonly groups: number;
  /** Channels of x, and of y, in one group. */
  readonly channels: number;
  readonly filters: number;
  readonly axes: readonly [rows: ConvolutionAxis, columns: ConvolutionAxis];
}

/** Equal steps along an axis: in the array that is gathered from, and in the one whose elements meet it. */
interface Steps {
  readonly count: number;
  readonly gathered: number;
  readonly gatheredStep: number;
  readonly other: number;
  readonly otherStep: number;
}

/**
 * What meets what along an axis: a place and a tap lead to the element at the sum of what they gather, or to 0
 * outside. @internal
 */
export interface AxisTerm {
  readonly places: Steps;
  readonly taps: Steps;
}

/** How places of y, and taps, find elements of x. @internal */
export const partsOfX = ({ y, k, stride, dilation, before }: ConvolutionAxis): readonly AxisTerm[] => [
  {
    places: { count: y, gathered: -before, gatheredStep: stride, other: 0, otherStep: 1 },
    taps: { count: k, gathered: 0, gatheredStep: dilation, other: 0, otherStep: 1 },
  },
];

/**
 * How places of x, and taps, find elements of y: a part for each remainder that `i + before` leaves when it is divided
 * by the stride, as only taps of the same remainder lead there. No zero is put between the elements of y.
 * @internal
 */
export function partsOfY({ x, y, k, stride, dilation, before }: ConvolutionAxis): readonly AxisTerm[] {
  const parts: AxisTerm[] = [];
  const period = stride / greatestDivisor(stride, dilation);
  for (let tap = 0; tap < Math.min(period, k); tap++) {
    const remainder = (tap * dilation) % stride;
    const place = (((remainder - before) % stride) + stride) % stride;
    if (place >= x) continue;
    const places: Steps = {
      count: Math.ceil((x - place) / stride),
      gathered: (place + before - remainder) / stride,
      gatheredStep: 1,
      other: place,
      otherStep: stride,
    };
    const taps: Steps = {
      count: Math.ceil((k - tap) / period),
      gathered: (remainder - tap * dilation) / stride,
      gatheredStep: (-period * dilation) / stride,
      other: tap,
      otherStep: period,
    };
    parts.push(...withoutZeros({ places, taps }, y));
  }
  return parts;
}

/** Zeros that a part may take along, for each element: cutting it to pieces costs as well. */
const MAX_ZERO_SHARE = 0.5;

/**
 * A part, or pieces of it that lead to y, of the given size, where the whole one mostly leads to the zeros around it: with a kernel
 * as large as x. Places are one apart in y.
 */
function withoutZeros({ places, taps }: AxisTerm, y: number): AxisTerm[] {
  const ahead = -taps.gatheredStep;
  // The places from which taps from `start` on, `count` of them, lead to y.
  const seeing = (start: number, count: number): readonly [from: number, to: number] => {
    const first = places.gathered + taps.gathered - start * ahead;
    return [Math.max(0, -first), Math.min(places.count, y - first + (count - 1) * ahead)];
  };
  let useful = 0;
  for (let t = 0; t < taps.count; t++) {
    const [from, to] = seeing(t, 1);
    useful += Math.max(0, to - from);
  }
  if (places.count * taps.count <= (1 + MAX_ZERO_SHARE) * useful) return [{ places, taps }];
  const pieces: AxisTerm[] = [];
  const together = 1 + Math.floor((MAX_ZERO_SHARE * y) / ahead);
  for (let start = 0; start < taps.count; start += together) {
    const count = Math.min(together, taps.count - start);
    const [from, to] = seeing(start, count);
    if (to > from) pieces.push({ places: cut(places, from, to), taps: cut(taps, start, start + count) });
  }
  return pieces;
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

const reachOf = ({ count, gatheredStep }: Steps): number => (count - 1) * gatheredStep;
const firstOf = (steps: Steps): number => steps.gathered + Math.min(0, reachOf(steps));
const lastOf = (steps: Steps): number => steps.gathered + Math.max(0, reachOf(steps));

/** One axis of a field: where it begins in what it is a part of, and how long it is. */
interface Extent {
  readonly origin: number;
  readonly size: number;
}

function extentOf(parts: readonly AxisTerm[]): Extent {
  let first = Infinity;
  let last = -Infinity;
  for (const { places, taps } of parts) {
    first = Math.min(first, firstOf(places) + firstOf(taps));
    last = Math.max(last, lastOf(places) + lastOf(taps));
  }
  return { origin: first, size: last + 1 - first };
}

/** A part of the work that one field is enough for. @internal */
export interface Piece {
  readonly plane: number;
  readonly planes: number;
  readonly rows: Extent;
  readonly columns: Extent;
  readonly parts: readonly (readonly [rows: AxisTerm, columns: AxisTerm])[];
}

const cut = (steps: Steps, start: number, end: number): Steps => ({
  ...steps,
  count: end - start,
  gathered: steps.gathered + start * steps.gatheredStep,
  other: steps.other + start * steps.otherStep,
});

/** Two halves of a part: of its places, or of its taps where these reach further. */
function halves({ places, taps }: AxisTerm): AxisTerm[] {
  const ofPlaces = Math.abs(reachOf(places)) >= Math.abs(reachOf(taps));
  const steps = ofPlaces ? places : taps;
  const middle = steps.count >> 1;
  return [cut(steps, 0, middle), cut(steps, middle, steps.count)].map((half) =>
    ofPlaces ? { places: half, taps } : { places, taps: half },
  );
}

/** How many elements a plane of the field of all parts has. @internal */
export const areaOf = (rows: readonly AxisTerm[], columns: readonly AxisTerm[]): number =>
  rows.length * columns.length === 0 ? 1 : extentOf(rows).size * extentOf(columns).size;

/** Divides the work until the field of every piece, for the given number of images, has room. @internal */
export function divide(
  room: number,
  images: number,
  planes: number,
  rows: readonly AxisTerm[],
  columns: readonly AxisTerm[],
): Piece[] {
  if (rows.length === 0 || columns.length === 0) return [];
  const [height, width] = [extentOf(rows), extentOf(columns)];
  const fitting = Math.floor(room / (images * height.size * width.size));
  if (fitting > 0) {
    const parts = rows.flatMap((row) => columns.map((column) => [row, column] as const));
    const pieces: Piece[] = [];
    for (let plane = 0; plane < planes; plane += fitting) {
      pieces.push({ plane, planes: Math.min(fitting, planes - plane), rows: height, columns: width, parts });
    }
    return pieces;
  }
  if (rows.length > 1) return rows.flatMap((row) => divide(room, images, planes, [row], columns));
  if (columns.length > 1) return columns.flatMap((column) => divide(room, images, planes, rows, [column]));
  return height.size > width.size
    ? halves(rows[0]).flatMap((half) => divide(room, images, planes, [half], columns))
    : halves(columns[0]).flatMap((half) => divide(room, images, planes, rows, [half]));
}

/** Places in a field, and in the array whose elements meet it. @internal */
export interface Table {
  readonly field: Int32Array;
  readonly other: Int32Array;
}

/** The places of all steps along two axes, `count` times with steps of their own between them. The widths are those of rows. @internal */
export function tableOf(
  count: number,
  [fieldStep, otherStep]: readonly [number, number],
  [rows, columns]: readonly [Steps, Steps],
  [fieldWidth, otherWidth]: readonly [number, number],
  [fieldStart, otherStart]: readonly [number, number],
): Table {
  const size = count * rows.count * columns.count;
  const field = allocateInt32(size);
  const other = allocateInt32(size);
  const [fieldRow, otherRow] = [rows.gatheredStep * fieldWidth, rows.otherStep * otherWidth];
  // A long axis of a convolution in one dimension is the inner loop.
  const upright = columns.count === 1;
  const [outer, inner] = upright ? [1, rows.count] : [rows.count, columns.count];
  const [fieldInner, otherInner] = upright ? [fieldRow, otherRow] : [columns.gatheredStep, columns.otherStep];
  let to = 0;
  for (let n = 0; n < count; n++) {
    const fieldFirst = fieldStart + n * fieldStep + rows.gathered * fieldWidth + columns.gathered;
    const otherFirst = otherStart + n * otherStep + rows.other * otherWidth + columns.other;
    for (let i = 0; i < outer; i++) {
      let inField = fieldFirst + i * fieldRow;
      let inOther = otherFirst + i * otherRow;
      for (let j = 0; j < inner; j++, to++) {
        field[to] = inField;
        other[to] = inOther;
        inField += fieldInner;
        inOther += otherInner;
      }
    }
  }
  return { field, other };
}

/** Where an extent and a source of a size overlap, if they do. */
function overlap({ origin, size }: Extent, source: number): readonly [start: number, end: number] {
  const start = Math.min(Math.max(0, origin), source);
  return [start, Math.max(start, Math.min(source, origin + size))];
}

/** Copies planes of a source, from `start` on, into a field, with zeros around them. @internal */
export function loadField(
  field: Float64Array,
  source: TensorData,
  start: number,
  planes: number,
  [height, width]: readonly [number, number],
  { rows, columns }: Piece,
  scratch: Scratch,
): void {
  const [top, bottom] = overlap(rows, height);
  const [left, right] = overlap(columns, width);
  const area = rows.size * columns.size;
  if (bottom - top < rows.size || right - left < columns.size) field.fill(0, 0, planes * area);
  if (bottom === top || right === left) return;
  const every = bottom - top === height;
  if (right - left === width && columns.size === width) {
    if (every && rows.size === height) {
      field.set(source.subarray(start, start + planes * area));
      return;
    }
    for (let p = 0; p < planes; p++) {
      const from = start + (p * height + top) * width;
      field.set(source.subarray(from, from + (bottom - top) * width), p * area + (top - rows.origin) * width);
    }
    return;
  }
  // All rows of all planes stand side by side: they are read at once.
  const step = every ? planes : 1;
  for (let first = 0; first < planes; first += step) {
    const size = (bottom - top) * width;
    const read = scratch.read(source, start + (first * height + top) * width, step * size);
    for (let p = 0; p < step; p++) {
      const corner = (first + p) * area + (top - rows.origin) * columns.size - columns.origin;
      copyRows(field, corner, columns.size, read.data, read.start + p * size, width, bottom - top, left, right);
    }
  }
}

function copyRows(
  field: Float64Array,
  to: number,
  toWidth: number,
  source: Float64Array,
  from: number,
  width: number,
  rows: number,
  left: number,
  right: number,
): void {
  for (let i = 0; i < rows; i++) {
    let j = left;
    for (; j < right - 3; j += 4) {
      field[to + j] = source[from + j];
      field[to + j + 1] = source[from + j + 1];
      field[to + j + 2] = source[from + j + 2];
      field[to + j + 3] = source[from + j + 3];
    }
    for (; j < right; j++) field[to + j] = source[from + j];
    to += toWidth;
    from += width;
  }
}
