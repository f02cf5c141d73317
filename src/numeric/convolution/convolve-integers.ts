import type { TensorData } from "../../base/dtype";
import type { Convolution, ConvolutionAxis } from "./taps";

/** Up to here sums of products of integers are exact in double precision. */
const EXACT = 2 ** 53;

function largest(x: TensorData): number {
  let most = 0;
  for (let i = 0; i < x.length; i++) most = Math.max(most, Math.abs(x[i]));
  return most;
}

/** Whether a sum of so many products of elements may need more bits than a double has. @internal */
export const mayOverflow = (a: TensorData, b: TensorData, terms: number): boolean =>
  largest(a) * largest(b) * terms > EXACT;

/** Places along an axis that meet: in y, k and x. */
function meetings({ x, k, y, stride, dilation, before }: ConvolutionAxis): (readonly [number, number, number])[] {
  const found: (readonly [number, number, number])[] = [];
  for (let i = 0; i < y; i++) {
    for (let t = 0; t < k; t++) {
      const at = i * stride + t * dilation - before;
      if (at >= 0 && at < x) found.push([i, t, at]);
    }
  }
  return found;
}

/**
 * What stands beside two sides of the trilinear form, exact modulo 2^32; `out`, zero-filled, is one of y, k and x.
 * @internal
 */
export function convolveIntegers(
  out: Int32Array,
  y: TensorData,
  k: TensorData,
  x: TensorData,
  { images, groups, channels, filters, axes: [h, w] }: Convolution,
): void {
  const [rows, columns] = [meetings(h), meetings(w)];
  for (let n = 0; n < images; n++) {
    for (let f = 0; f < groups * filters; f++) {
      const group = Math.floor(f / filters);
      for (let c = 0; c < channels; c++) {
        const ofY = (n * groups * filters + f) * h.y;
        const ofK = (f * channels + c) * h.k;
        const ofX = ((n * groups + group) * channels + c) * h.x;
        for (const [i, s, row] of rows) {
          for (const [j, t, column] of columns) {
            const [a, b, d] = [(ofY + i) * w.y + j, (ofK + s) * w.k + t, (ofX + row) * w.x + column];
            if (out === y) out[a] += Math.imul(k[b], x[d]);
            else if (out === k) out[b] += Math.imul(y[a], x[d]);
            else out[d] += Math.imul(y[a], k[b]);
          }
        }
      }
    }
  }
}
