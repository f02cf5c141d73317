import fc from "fast-check";
import type { Convolution } from "../../../src/numeric/convolution/convolve";
import type { ConvolutionAxis } from "../../../src/numeric/convolution/taps";

export type Numbers = Float64Array | Float32Array | Int32Array;

/** How many numbers x, kernel and y have. */
export function sizesOf({ images, groups, channels, filters, axes: [h, w] }: Convolution) {
  return {
    x: images * groups * channels * h.x * w.x,
    k: groups * filters * channels * h.k * w.k,
    y: images * groups * filters * h.y * w.y,
  };
}

/**
 * Visits every product of the definition: the places of y, of x (-1: outside, where it is 0) and of the kernel. For one number of y, of the
 * kernel, they come in ascending order.
 */
export function eachProduct(c: Convolution, visit: (y: number, x: number, k: number) => void): void {
  const { images, groups, channels, filters } = c;
  const [h, w] = c.axes;
  const at = (axis: ConvolutionAxis, q: number, t: number) => q * axis.stride + t * axis.dilation - axis.before;
  const inside = (i: number, size: number) => i >= 0 && i < size;
  for (let n = 0; n < images; n++) {
    for (let f = 0; f < groups * filters; f++) {
      for (let p = 0; p < h.y; p++) {
        for (let q = 0; q < w.y; q++) {
          for (let ch = 0; ch < channels; ch++) {
            for (let s = 0; s < h.k; s++) {
              for (let t = 0; t < w.k; t++) {
                const [i, j] = [at(h, p, s), at(w, q, t)];
                const plane = n * groups * channels + Math.floor(f / filters) * channels + ch;
                const x = inside(i, h.x) && inside(j, w.x) ? (plane * h.x + i) * w.x + j : -1;
                visit(((n * groups * filters + f) * h.y + p) * w.y + q, x, ((f * channels + ch) * h.k + s) * w.k + t);
              }
            }
          }
        }
      }
    }
  }
}

/** y from x and kernel by the definition, in float64, rounded once. */
export function naiveY(
  c: Convolution,
  x: ArrayLike<number>,
  k: ArrayLike<number>,
  Type: new (size: Float64Array) => Numbers,
) {
  const sums = new Float64Array(sizesOf(c).y);
  eachProduct(c, (to, from, tap) => {
    sums[to] = sums[to] + (from < 0 ? 0 : x[from]) * k[tap];
  });
  return new Type(sums);
}

/** The kernel's gradient by the definition. */
export function naiveK(
  c: Convolution,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  Type: new (size: Float64Array) => Numbers,
) {
  const sums = new Float64Array(sizesOf(c).k);
  eachProduct(c, (to, from, tap) => {
    sums[tap] = sums[tap] + (from < 0 ? 0 : x[from]) * y[to];
  });
  return new Type(sums);
}

/** The input's gradient by the definition; its sums come in another order. */
export function naiveX(
  c: Convolution,
  y: ArrayLike<number>,
  k: ArrayLike<number>,
  Type: new (size: Float64Array) => Numbers,
) {
  const sums = new Float64Array(sizesOf(c).x);
  eachProduct(c, (to, from, tap) => {
    if (from >= 0) sums[from] = sums[from] + y[to] * k[tap];
  });
  return new Type(sums);
}

interface Sliding {
  readonly stride?: number;
  readonly dilation?: number;
  readonly before?: number;
  readonly after?: number;
}

/** An axis: its size, taps, and what stands before and behind (less than nothing: cut off). */
export function axisOf(x: number, k = 1, sliding: Sliding = {}): ConvolutionAxis {
  const { stride = 1, dilation = 1, before = 0 } = sliding;
  const { after = before } = sliding;
  return { x, k, stride, dilation, before, y: Math.floor((x + before + after - (k - 1) * dilation - 1) / stride) + 1 };
}

const axis = fc
  .record({
    size: fc.integer({ min: 1, max: 9 }),
    k: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 4 }),
    dilation: fc.integer({ min: 1, max: 3 }),
    before: fc.integer({ min: -1, max: 4 }),
    after: fc.integer({ min: -1, max: 4 }),
  })
  .filter(({ size, k, dilation, before, after }) => size + before + after > (k - 1) * dilation)
  .map(({ size, k, ...rest }) => axisOf(size, k, rest));

/** Any small convolution. */
export const convolutions: fc.Arbitrary<Convolution> = fc.record({
  images: fc.integer({ min: 1, max: 3 }),
  groups: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 4 }),
  filters: fc.integer({ min: 1, max: 6 }),
  axes: fc.tuple(axis, axis),
});

/** Numbers of many magnitudes, made from a seed. */
export function numbers<T extends Numbers>(Type: new (size: number) => T, size: number, seed: number): T {
  const values = new Type(size);
  for (let i = 0; i < size; i++) values[i] = (((i + 1) * (2 * seed + 7919)) % 1009) / 100 - 5;
  return values;
}
