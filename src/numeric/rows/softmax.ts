import type { TensorData } from "../../base/dtype";
import { expBelowZero, exponentialTables } from "../special/exp-below-zero";
import { productOf } from "./row-sums";
import { softmaxVectors } from "./softmax-wasm";

/*
 * softmax and its derivative along one axis of [outer, n, inner]. Sums are taken in float64, those of powers of the
 * elements at even and at odd places apart, as the kernel in WebAssembly does.
 */

/** The largest of n elements, two at a time; NaN is passed over, as exp gives NaN for it. */
function peakOf(x: TensorData, start: number, n: number, step: number): number {
  const end = start + n * step;
  let first = -Infinity;
  let second = -Infinity;
  let at = start;
  for (; at < end - step; at += 2 * step) {
    if (x[at] > first) first = x[at];
    if (x[at + step] > second) second = x[at + step];
  }
  if (at < end && x[at] > first) first = x[at];
  return Math.max(first, second);
}

/** exp(x) over its sum. @internal */
export function softmaxInto(out: TensorData, x: TensorData, n: number, inner: number): void {
  if (inner === 1 && out instanceof Float32Array && x instanceof Float32Array && softmaxVectors(out, x, n)) return;
  const { parts, powers } = exponentialTables();
  const row = new Float64Array(n);
  for (let outer = 0; outer < x.length; outer += n * inner) {
    for (let start = outer; start < outer + inner; start++) {
      const peak = peakOf(x, start, n, inner);
      let even = 0;
      let odd = 0;
      let j = 0;
      for (let at = start; j < n - 1; j += 2, at += 2 * inner) {
        const first = expBelowZero(x[at] - peak, parts, powers);
        const second = expBelowZero(x[at + inner] - peak, parts, powers);
        row[j] = first;
        row[j + 1] = second;
        even += first;
        odd += second;
      }
      if (j < n) {
        row[j] = expBelowZero(x[start + j * inner] - peak, parts, powers);
        even += row[j];
      }
      const share = 1 / (even + odd);
      for (let k = 0, at = start; k < n; k++, at += inner) out[at] = row[k] * share;
    }
  }
}

/** x less the logarithm of the sum of exp(x). @internal */
export function logSoftmaxInto(out: TensorData, x: TensorData, n: number, inner: number): void {
  const { parts, powers } = exponentialTables();
  for (let outer = 0; outer < x.length; outer += n * inner) {
    for (let start = outer; start < outer + inner; start++) {
      const peak = peakOf(x, start, n, inner);
      let sum = 0;
      for (let j = 0, at = start; j < n; j++, at += inner) sum += expBelowZero(x[at] - peak, parts, powers);
      const rest = Math.log(sum);
      for (let j = 0, at = start; j < n; j++, at += inner) out[at] = x[at] - peak - rest;
    }
  }
}

/**
 * y (g - sum of g y); where g is 0, also beside NaN, it is 0. Where one y is near 1, its g is near the sum: as all results add
 * up to 0, that one is taken from the others, which do not cancel.
 *
 * @internal
 */
export function softmaxPull(out: TensorData, y: TensorData, g: TensorData, n: number, inner: number): void {
  for (let outer = 0; outer < y.length; outer += n * inner) {
    for (let start = outer; start < outer + inner; start++) {
      const sum = productOf(g, y, start, n, inner);
      let dominant = -1;
      let others = 0;
      for (let j = 0, at = start; j < n; j++, at += inner) {
        const share = y[at];
        const difference = g[at] - sum;
        const product = difference === 0 ? 0 : share * difference;
        out[at] = product;
        if (share > 0.5) dominant = at;
        else others += product;
      }
      if (dominant >= 0) out[dominant] = 0 - others;
    }
  }
}
