import type { TensorData } from "./dtype";

/*
 * softmax and its derivative along one axis of [outer, n, inner]. Sums are taken in float64. exp is computed as 2^(k / 64) exp(r) with r at most log(2) / 128
 * in size: a table, and a polynomial of degree 5 whose error is 4e-17; with roundings the error is below 2 units of 2^-52.
 * See P. T. P. Tang, Table-driven implementation of the exponential function, ACM TOMS 15 (1989).
 */
const STEPS = 64;
/** log(2) / 64 in two parts; products of the first with integers below 2^17 are exact. */
const STEP_HIGH = 0.010830424695086549;
const STEP_LOW = 1.162596423439437e-12;
/** Added and taken away it rounds to an integer, half to even. */
const ROUND = 6755399441055744;
const LOWEST = -745.2;

interface Tables {
  /** 2^(i / 64) for i = 0 to 63. */
  readonly parts: Float64Array;
  /** 2^(-i) for i = 0 to 1,080. */
  readonly powers: Float64Array;
}
let tables: Tables | undefined;
const tablesOf = (): Tables => {
  tables ??= {
    parts: Float64Array.from({ length: STEPS }, (_, i) => 2 ** (i / STEPS)),
    powers: Float64Array.from({ length: 1081 }, (_, i) => 2 ** -i),
  };
  return tables;
};

/** exp of x <= 0; NaN of NaN. */
function expBelowZero(x: number, parts: Float64Array, powers: Float64Array): number {
  if (x < LOWEST) return 0;
  const k = x * (STEPS / Math.LN2) + ROUND - ROUND;
  const r = x - k * STEP_HIGH - k * STEP_LOW;
  const i = k | 0;
  const e = r + r * r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120))));
  return parts[i & (STEPS - 1)] * (1 + e) * powers[-(i >> 6)];
}

/** The largest of n numbers, two at a time; NaN is passed over, exp will meet it. */
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
  const { parts, powers } = tablesOf();
  const row = new Float64Array(n);
  for (let outer = 0; outer < x.length; outer += n * inner) {
    for (let start = outer; start < outer + inner; start++) {
      const peak = peakOf(x, start, n, inner);
      let sum = 0;
      for (let j = 0, at = start; j < n; j++, at += inner) {
        const power = expBelowZero(x[at] - peak, parts, powers);
        row[j] = power;
        sum += power;
      }
      const share = 1 / sum;
      for (let j = 0, at = start; j < n; j++, at += inner) out[at] = row[j] * share;
    }
  }
}

/** x less the logarithm of the sum of exp(x). @internal */
export function logSoftmaxInto(out: TensorData, x: TensorData, n: number, inner: number): void {
  const { parts, powers } = tablesOf();
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

/** y (g - sum of g y); where g is 0, also beside NaN, it is 0. @internal */
export function softmaxPull(out: TensorData, y: TensorData, g: TensorData, n: number, inner: number): void {
  for (let outer = 0; outer < y.length; outer += n * inner) {
    for (let start = outer; start < outer + inner; start++) {
      const sum = productOf(g, y, start, n, inner);
      for (let j = 0, at = start; j < n; j++, at += inner) {
        const difference = g[at] - sum;
        out[at] = difference === 0 ? 0 : y[at] * difference;
      }
    }
  }
}

/** The sum of g y, without what g makes 0, in two sums that need not wait for one another. @internal */
export function productOf(g: TensorData, y: TensorData, start: number, n: number, step: number): number {
  const end = start + n * step;
  let first = 0;
  let second = 0;
  let at = start;
  for (; at < end - step; at += 2 * step) {
    if (g[at] !== 0) first += g[at] * y[at];
    if (g[at + step] !== 0) second += g[at + step] * y[at + step];
  }
  if (at < end && g[at] !== 0) first += g[at] * y[at];
  return first + second;
}
