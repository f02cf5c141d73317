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

/** x without the mean of its row, the rows being the middle of [outer, n, inner]; 0 where a mask leaves it out. @internal */
export function centerInto(out: TensorData, x: TensorData, mask: TensorData | null, n: number, inner: number): void {
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
  }
}
