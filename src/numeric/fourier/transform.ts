import type { TensorData } from "../../base/dtype";
import { type Buffers, planOf, transformBackward, transformForward } from "./plan";

/*
 * Transforms along one axis of an array, seen as [outer, n, inner]. Lines are copied into buffers, some of them side by
 * side, and computed in double precision whatever the array holds.
 */

/** An array around its axis: how many elements stand before the axis, and behind it. @internal */
export interface Around {
  readonly outer: number;
  readonly inner: number;
}

/** Some lines side by side: the indices before and behind the axis of the first, which the others follow. @internal */
export interface Block {
  readonly width: number;
  readonly before: number;
  readonly behind: number;
  /** Indices behind the axis; 1: the lines follow each other before the axis. */
  readonly inner: number;
}

/** Lines of a block at most. */
const WIDEST = 16;
/** Elements of a block of whole lines: few enough for the nearest cache of the processor. */
const NEAR = 1 << 10;
/** The same where lines lie across each other, and reading one costs as much as reading its neighbors too. */
const FAR = 1 << 17;

/** How many lines of n elements are transformed side by side. */
function widthFor(n: number, { outer, inner }: Around): number {
  const most = inner === 1 ? Math.min(outer, Math.floor(NEAR / n)) : Math.min(inner, Math.floor(FAR / n));
  return Math.max(1, Math.min(WIDEST, most));
}

/** Runs `each` on blocks of lines of n elements. @internal */
export function forBlocks(around: Around, n: number, each: (block: Block) => void): void {
  const { outer, inner } = around;
  const widest = widthFor(n, around);
  if (inner === 1) {
    for (let i = 0; i < outer; i += widest) {
      each({ width: Math.min(widest, outer - i), before: i, behind: 0, inner });
    }
    return;
  }
  for (let i = 0; i < outer; i++) {
    for (let j = 0; j < inner; j += widest) {
      each({ width: Math.min(widest, inner - j), before: i, behind: j, inner });
    }
  }
}

/**
 * Buffers as they were left by the last call, unless they were large: a short transform costs less than making them.
 */
let spare: Buffers | null = null;
const SCRATCH_LENGTH = 1 << 14;
/** Elements between the buffers: at distances that are powers of 2 they would push each other out of the cache. */
const APART = 72;

/** Buffers for blocks of lines of n elements, which take up `room` each. What they hold is not defined. @internal */
export function buffersFor(n: number, room: number, around: Around): Buffers {
  const size = room * widthFor(n, around);
  if (spare !== null && spare.re.length >= size) return spare;
  const apart = size + APART;
  const all = new Float64Array(4 * apart);
  const part = (k: number): Float64Array => all.subarray(k * apart, k * apart + size);
  const made = { re: part(0), im: part(1), nextRe: part(2), nextIm: part(3) };
  if (size <= SCRATCH_LENGTH) spare = made;
  return made;
}

/** Every step-th element of the lines of a block, from element `begin` on, into rows 0, ..., rows - 1. @internal */
export function load(
  to: Float64Array,
  rows: number,
  x: TensorData,
  n: number,
  { width, before, behind, inner }: Block,
  begin = 0,
  step = 1,
): void {
  const across = inner === 1 ? n : 1;
  const jump = step * inner;
  let row = (before * n + begin) * inner + behind;
  if (width === 1) {
    if (jump === 1) to.set(x.subarray(row, row + rows));
    else for (let j = 0; j < rows; j++, row += jump) to[j] = x[row];
    return;
  }
  for (let j = 0, at = 0; j < rows; j++, row += jump) {
    for (let q = 0, from = row; q < width; q++, from += across) to[at++] = x[from];
  }
}

/** The other way: row j divided by `divisor` is element begin + j * step of the lines. @internal */
export function store(
  out: TensorData,
  rows: number,
  from: Float64Array,
  divisor: number,
  n: number,
  { width, before, behind, inner }: Block,
  begin = 0,
  step = 1,
): void {
  const across = inner === 1 ? n : 1;
  const jump = step * inner;
  let row = (before * n + begin) * inner + behind;
  if (width === 1 && divisor === 1) {
    if (jump === 1) out.set(from.subarray(0, rows), row);
    else for (let j = 0; j < rows; j++, row += jump) out[row] = from[j];
    return;
  }
  for (let j = 0, at = 0; j < rows; j++, row += jump) {
    for (let q = 0, to = row; q < width; q++, to += across) out[to] = from[at++] / divisor;
  }
}

/**
 * The discrete Fourier transform along an axis of n elements, divided by `divisor`: the sums over j of (re[j] + i
 * im[j]) exp(sign 2 pi i j k / n). Without `im` it is 0.
 *
 * Error, relative to the largest element of the result: a few units of 2^-53 for each factor of n, also where n is
 * prime.
 * @see transformForward
 * @internal
 */
export function fourierTransform(
  outRe: TensorData,
  outIm: TensorData,
  re: TensorData,
  im: TensorData | null,
  n: number,
  around: Around,
  sign: -1 | 1,
  divisor: number,
): void {
  const plan = planOf(n);
  const buffers = buffersFor(n, plan.room, around);
  forBlocks(around, n, (block) => {
    load(buffers.re, n, re, n, block);
    if (im === null) buffers.im.fill(0, 0, n * block.width);
    else load(buffers.im, n, im, n, block);
    if (sign < 0) transformForward(plan, block.width, buffers);
    else transformBackward(plan, block.width, buffers);
    store(outRe, n, buffers.re, divisor, n, block);
    store(outIm, n, buffers.im, divisor, n, block);
  });
}
