import type { TensorData } from "../../base/dtype";
import { expBelowZero, exponentialTables } from "../special/exp-below-zero";
import { productOf, sumOf } from "./row-sums";
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

/**
 * The logarithm of the sum of exp(x) less its largest element, exact where that one is all of it: its own term, 1, is left
 * to log1p. NaN if the largest is infinite.
 */
function restOf(x: TensorData, peak: number, start: number, n: number, step: number): number {
  const { parts, powers } = exponentialTables();
  let others = peak - peak;
  let own = true;
  for (let j = 0, at = start; j < n; j++, at += step) {
    if (own && x[at] === peak) own = false;
    else others += expBelowZero(x[at] - peak, parts, powers);
  }
  return Math.log1p(others);
}

/** x less the logarithm of the sum of exp(x). @internal */
export function logSoftmaxInto(out: TensorData, x: TensorData, n: number, inner: number): void {
  for (let outer = 0; outer < x.length; outer += n * inner) {
    for (let start = outer; start < outer + inner; start++) {
      const peak = peakOf(x, start, n, inner);
      const rest = restOf(x, peak, start, n, inner);
      for (let j = 0, at = start; j < n; j++, at += inner) out[at] = x[at] - peak - rest;
    }
  }
}

/** The logarithm of the sum of exp(x); -Infinity without elements. @internal */
export function logSumExpInto(out: TensorData, x: TensorData, outer: number, n: number, inner: number): void {
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * n * inner + i;
      const peak = peakOf(x, start, n, inner);
      out[o * inner + i] = Number.isFinite(peak)
        ? peak + restOf(x, peak, start, n, inner)
        : infiniteOf(x, peak, start, n, inner);
    }
  }
}

/** An infinite peak, or NaN if one of the elements is. */
function infiniteOf(x: TensorData, peak: number, start: number, n: number, step: number): number {
  for (let j = 0, at = start; j < n; j++, at += step) if (Number.isNaN(x[at])) return x[at];
  return peak;
}

/** A power above 1/2 of a sum of 1: there is at most one of them. */
const MOST = 0.5;

/**
 * The Jacobian of logSoftmax times g: g less the sum of exp(y) g, where a power or a difference of 0 absorbs. Where one power
 * is near 1 its g is taken out first, so that nothing cancels.
 *
 * @internal
 */
export function logSoftmaxPush(out: TensorData, y: TensorData, g: TensorData, n: number, inner: number): void {
  const { parts, powers } = exponentialTables();
  const row = new Float64Array(n);
  for (let outer = 0; outer < y.length; outer += n * inner) {
    for (let start = outer; start < outer + inner; start++) {
      let origin = 0;
      for (let j = 0, at = start; j < n; j++, at += inner) {
        row[j] = expBelowZero(y[at], parts, powers);
        if (row[j] > MOST) origin = g[at];
      }
      let sum = 0;
      for (let j = 0, at = start; j < n; j++, at += inner) {
        const difference = g[at] === origin ? 0 : g[at] - origin;
        if (row[j] !== 0 && difference !== 0) sum += row[j] * difference;
      }
      for (let j = 0, at = start; j < n; j++, at += inner) out[at] = (g[at] === origin ? 0 : g[at] - origin) - sum;
    }
  }
}

/**
 * The transpose: g less exp(y) times the sum of g. As all results add up to 0, the one whose power is near 1 is taken from
 * the others, which do not cancel.
 *
 * @internal
 */
export function logSoftmaxPull(out: TensorData, y: TensorData, g: TensorData, n: number, inner: number): void {
  const { parts, powers } = exponentialTables();
  for (let outer = 0; outer < y.length; outer += n * inner) {
    for (let start = outer; start < outer + inner; start++) {
      const sum = sumOf(g, 0, start, n, inner);
      let dominant = -1;
      let others = 0;
      for (let j = 0, at = start; j < n; j++, at += inner) {
        const power = expBelowZero(y[at], parts, powers);
        const rest = power === 0 || sum === 0 ? g[at] : g[at] - power * sum;
        out[at] = rest;
        if (power > MOST) dominant = at;
        else others += rest;
      }
      if (dominant >= 0) out[dominant] = 0 - others;
    }
  }
}

/**
 * y (g - sum of g y); a term where g or y is 0 is 0, also beside NaN or Infinity. Where one y is near 1, its g is near the sum: as all results add
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
        const product = difference === 0 || share === 0 ? 0 : share * difference;
        out[at] = product;
        if (share > MOST) dominant = at;
        else others += product;
      }
      if (dominant >= 0) out[dominant] = 0 - others;
    }
  }
}
