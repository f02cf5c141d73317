import type { TensorData } from "../../base/dtype";
import { meanOf } from "./row-sums";

/** The means of what a mask leaves of neighboring rows of [n, inner]; 0 where it leaves nothing. */
function maskedMeansInto(means: Float64Array, x: TensorData, mask: TensorData, start: number, n: number): void {
  const inner = means.length;
  const left = new Float64Array(n);
  for (let j = 0; j < inner; j++) {
    let count = 0;
    for (let i = 0, at = start + j; i < n; i++, at += inner) if (mask[at] !== 0) left[count++] = x[at];
    means[j] = count === 0 ? 0 : meanOf(left, 0, count, 1);
  }
}

/** The means of neighboring rows of [n, inner], into `means`. */
function meansInto(means: Float64Array, x: TensorData, start: number, n: number): void {
  const inner = means.length;
  if (inner === 1) means[0] = meanOf(x, start, n, 1);
  else {
    means.fill(0);
    for (let i = 1, at = start + inner; i < n; i++) {
      for (let j = 0; j < inner; j++, at++) means[j] += x[at] - x[start + j];
    }
    for (let j = 0; j < inner; j++) {
      const mean = x[start + j] + means[j] / n;
      means[j] = mean - mean === 0 ? mean : meanOf(x, start + j, n, inner);
    }
  }
}

/** The sum of (1 - 1 / n) x[i] and -x[j] / n for all others, of a row with infinities. */
function centerInfinite(
  out: TensorData,
  x: TensorData,
  mask: TensorData | null,
  start: number,
  n: number,
  inner: number,
): void {
  let [high, low, count, sum] = [0, 0, 0, 0];
  for (let i = 0, at = start; i < n; i++, at += inner) {
    if (mask !== null && mask[at] === 0) continue;
    count++;
    if (x[at] === Infinity) high++;
    else if (x[at] === -Infinity) low++;
    else sum += x[at] - x[at];
  }
  for (let i = 0, at = start; i < n; i++, at += inner) {
    if (mask !== null && mask[at] === 0) continue;
    const own = x[at] === Infinity ? 1 : x[at] === -Infinity ? -1 : 0;
    const up = own > 0 || low > (own < 0 ? 1 : 0);
    const down = own < 0 || high > (own > 0 ? 1 : 0);
    out[at] = count === 1 ? 0 : (up ? Infinity : 0) - (down ? Infinity : 0) + sum;
  }
}

/**
 * x without the mean of its row, the rows being the middle of [outer, n, inner]; 0 where a mask leaves it out. An infinite
 * mean gives NaN, unless results are to be taken `apart`.
 * @internal
 */
export function centerInto(
  out: TensorData,
  x: TensorData,
  mask: TensorData | null,
  n: number,
  inner: number,
  apart: boolean,
): void {
  const means = new Float64Array(inner);
  for (let start = 0; start < x.length; start += n * inner) {
    if (mask === null) meansInto(means, x, start, n);
    else maskedMeansInto(means, x, mask, start, n);
    const end = start + n * inner;
    if (mask !== null) {
      for (let at = start; at < end; )
        for (let j = 0; j < inner; j++, at++) if (mask[at] !== 0) out[at] = x[at] - means[j];
    } else if (inner === 1) for (let at = start; at < end; at++) out[at] = x[at] - means[0];
    else for (let at = start; at < end; ) for (let j = 0; j < inner; j++, at++) out[at] = x[at] - means[j];
    if (apart) {
      for (let j = 0; j < inner; j++) {
        if (means[j] - means[j] !== 0) centerInfinite(out, x, mask, start + j, n, inner);
      }
    }
  }
}
