import type { TensorData } from "../../base/dtype";
import { type Buffers, planOf, rootsOf, transformBackward, transformForward } from "./plan";
import { type Around, type Block, buffersFor, forBlocks, load, store } from "./transform";

/*
 * Transforms of real numbers, whose other half is the mirror image of the first: an even length takes one complex
 * transform of half the length (even elements as real parts, odd ones as imaginary parts), an odd length one of its
 * own.
 */

/** How many elements of the transform of n real ones are not a mirror image of others. @internal */
export const halfLength = (n: number): number => Math.floor(n / 2) + 1;

const isEven = (n: number): boolean => n % 2 === 0;

/** The elements other than 0 and n / 2, which stand for their mirror images too, times a factor. */
function weighInterior({ re, im }: Buffers, n: number, width: number, factor: number): void {
  if (factor === 1) return;
  const end = Math.ceil(n / 2) * width;
  for (let i = width; i < end; i++) {
    re[i] *= factor;
    im[i] *= factor;
  }
}

/** Clears the imaginary parts of those of elements 0 and n / 2 that have none. */
function clearEnds(im: Float64Array, n: number, width: number): void {
  im.fill(0, 0, width);
  if (isEven(n)) im.fill(0, (n / 2) * width, (n / 2 + 1) * width);
}

/** Rows 0, ..., n / 2 of the transform of one block. */
function forward(buffers: Buffers, x: TensorData, n: number, block: Block): void {
  const { width } = block;
  if (isEven(n)) {
    const half = n / 2;
    load(buffers.re, half, x, n, block, 0, 2);
    load(buffers.im, half, x, n, block, 1, 2);
    transformForward(planOf(half), width, buffers);
    takeApart(buffers, n, width);
  } else {
    load(buffers.re, n, x, n, block);
    buffers.im.fill(0, 0, n * width);
    transformForward(planOf(n), width, buffers);
  }
  clearEnds(buffers.im, n, width);
}

/**
 * Z = E + i O, of which E and O are the transforms of the even and of the odd elements, to X[k] = E[k] + w^k O[k] with
 * w = exp(-2 pi i / n): X[k] and X[n/2 - k] at once.
 */
function takeApart(buffers: Buffers, n: number, width: number): void {
  const { re, im, nextRe, nextIm } = buffers;
  const { cos, sin } = rootsOf(n);
  const half = n / 2;
  for (let k = 0; 2 * k <= half; k++) {
    const c = cos[k];
    const s = sin[k];
    const low = k * width;
    const high = (half - k) * width;
    // Z[n/2] is Z[0].
    const other = k === 0 ? 0 : high;
    for (let q = 0; q < width; q++) {
      const evenR = (re[low + q] + re[other + q]) / 2;
      const evenI = (im[low + q] - im[other + q]) / 2;
      const oddR = (im[low + q] + im[other + q]) / 2;
      const oddI = (re[other + q] - re[low + q]) / 2;
      const turnR = oddR * c + oddI * s;
      const turnI = oddI * c - oddR * s;
      nextRe[low + q] = evenR + turnR;
      nextIm[low + q] = evenI + turnI;
      nextRe[high + q] = evenR - turnR;
      nextIm[high + q] = turnI - evenI;
    }
  }
  swap(buffers);
}

/** The transpose of takeApart, but for a factor: Z[k] = X[k] + conj(X[n/2 - k]) + i w^-k (X[k] - conj(X[n/2 - k])). */
function putTogether(buffers: Buffers, n: number, width: number): void {
  const { re, im, nextRe, nextIm } = buffers;
  const { cos, sin } = rootsOf(n);
  const half = n / 2;
  for (let k = 0; 2 * k <= half; k++) {
    const c = cos[k];
    const s = sin[k];
    const low = k * width;
    const high = (half - k) * width;
    for (let q = 0; q < width; q++) {
      const evenR = re[low + q] + re[high + q];
      const evenI = im[low + q] - im[high + q];
      const difR = re[low + q] - re[high + q];
      const difI = im[low + q] + im[high + q];
      const oddR = difR * c - difI * s;
      const oddI = difR * s + difI * c;
      nextRe[low + q] = evenR - oddI;
      nextIm[low + q] = evenI + oddR;
      if (k === 0) continue;
      nextRe[high + q] = evenR + oddI;
      nextIm[high + q] = oddR - evenI;
    }
  }
  swap(buffers);
}

function swap(buffers: Buffers): void {
  const { re, im, nextRe, nextIm } = buffers;
  buffers.re = nextRe;
  buffers.im = nextIm;
  buffers.nextRe = re;
  buffers.nextIm = im;
}

/** Buffers for real lines of n elements. */
function realBuffers(n: number, around: Around): Buffers {
  const room = isEven(n) ? Math.max(planOf(n / 2).room, halfLength(n)) : planOf(n).room;
  return buffersFor(n, room, around);
}

/**
 * Elements 0, ..., n / 2 of the transform of n real numbers, the sums over j of x[j] exp(-2 pi i j k / n), divided by
 * `divisor`; all but 0 and n / 2 are multiplied by `interior`. The imaginary parts of those two are exactly 0.
 * @internal
 */
export function realTransform(
  outRe: TensorData,
  outIm: TensorData,
  x: TensorData,
  n: number,
  around: Around,
  interior: number,
  divisor: number,
): void {
  const buffers = realBuffers(n, around);
  const count = halfLength(n);
  forBlocks(around, n, (block) => {
    forward(buffers, x, n, block);
    weighInterior(buffers, n, block.width, interior);
    store(outRe, count, buffers.re, divisor, count, block);
    store(outIm, count, buffers.im, divisor, count, block);
  });
}

/** fourierTransform of elements whose imaginary parts are 0, in half the time. @internal */
export function realToComplex(
  outRe: TensorData,
  outIm: TensorData,
  x: TensorData,
  n: number,
  around: Around,
  sign: -1 | 1,
  divisor: number,
): void {
  const buffers = realBuffers(n, around);
  const count = halfLength(n);
  const mirrored = n - count;
  forBlocks(around, n, (block) => {
    forward(buffers, x, n, block);
    const { width } = block;
    const [re, im] = [buffers.re, buffers.im];
    store(outRe, count, re, divisor, n, block);
    store(outIm, count, im, sign < 0 ? divisor : -divisor, n, block);
    store(outRe, mirrored, re.subarray(width), divisor, n, block, n - 1, -1);
    store(outIm, mirrored, im.subarray(width), sign < 0 ? -divisor : divisor, n, block, n - 1, -1);
  });
}

/**
 * The transpose of realTransform: n real numbers x[j], the sums over k = 0, ..., n / 2 of the real parts of
 * (re[k] + i im[k]) exp(2 pi i j k / n), divided by `divisor`; all but those of 0 and n / 2 are multiplied by
 * `interior`. With 2 that is the inverse transform of a line and its mirror image. What `im` holds for 0 and n / 2 does
 * not count.
 * @internal
 */
export function inverseRealTransform(
  out: TensorData,
  re: TensorData,
  im: TensorData | null,
  n: number,
  around: Around,
  interior: number,
  divisor: number,
): void {
  const buffers = realBuffers(n, around);
  const count = halfLength(n);
  forBlocks(around, n, (block) => {
    const { width } = block;
    load(buffers.re, count, re, count, block);
    if (im === null) buffers.im.fill(0, 0, count * width);
    else load(buffers.im, count, im, count, block);
    clearEnds(buffers.im, n, width);
    weighInterior(buffers, n, width, interior / 2);
    if (isEven(n)) {
      const half = n / 2;
      putTogether(buffers, n, width);
      transformBackward(planOf(half), width, buffers);
      store(out, half, buffers.re, divisor, n, block, 0, 2);
      store(out, half, buffers.im, divisor, n, block, 1, 2);
    } else {
      mirror(buffers, n, width);
      transformBackward(planOf(n), width, buffers);
      store(out, n, buffers.re, divisor, n, block);
    }
  });
}

/** Rows n - k as the mirror images of rows k. */
function mirror({ re, im }: Buffers, n: number, width: number): void {
  for (let k = 1; k < halfLength(n); k++) {
    for (let q = 0; q < width; q++) {
      re[(n - k) * width + q] = re[k * width + q];
      im[(n - k) * width + q] = -im[k * width + q];
    }
  }
}
