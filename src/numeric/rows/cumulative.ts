import type { TensorData } from "../../base/dtype";
import { lostIn } from "./row-sums";

/*
 * Running sums, products and recurrences along the middle axis of [outer, count, inner] arrays, from its end on if
 * `reverse`. What runs is kept in double precision, whatever the dtype of the result.
 */

/** Where the first element of a row stands. */
const startOf = (row: number, count: number, inner: number, reverse: boolean): number =>
  (reverse ? (row + 1) * count - 1 : row * count) * inner;

/** Up to so many elements are added one after another. */
const LONG = 1024;
/** Longer sums are those of such runs, together with what rounding takes from them. */
const RUN = 64;

/** y[i] = y[i - 1] + x[i]. Not from 0 but from -0 on, which keeps the sign of a first -0. @internal */
export function runningSum(
  out: TensorData,
  x: TensorData,
  outer: number,
  count: number,
  inner: number,
  reverse: boolean,
): void {
  if (count > LONG) {
    longRunningSum(out, x, outer, count, inner, reverse);
    return;
  }
  const step = reverse ? -inner : inner;
  const sums = new Float64Array(inner > 1 ? inner : 0);
  for (let o = 0; o < outer; o++) {
    let at = startOf(o, count, inner, reverse);
    if (inner === 1) {
      let sum = -0;
      for (let i = 0; i < count; i++, at += step) {
        sum += x[at];
        out[at] = sum;
      }
      continue;
    }
    sums.fill(-0);
    for (let i = 0; i < count; i++, at += step) {
      for (let j = 0; j < inner; j++) {
        const sum = sums[j] + x[at + j];
        sums[j] = sum;
        out[at + j] = sum;
      }
    }
  }
}

function longRunningSum(
  out: TensorData,
  x: TensorData,
  outer: number,
  count: number,
  inner: number,
  reverse: boolean,
): void {
  const step = reverse ? -inner : inner;
  const [wholes, sums] = [new Float64Array(inner), new Float64Array(inner)];
  for (let o = 0; o < outer; o++) {
    wholes.fill(-0);
    sums.fill(-0);
    for (let i = 0, at = startOf(o, count, inner, reverse); i < count; i += RUN, at += RUN * step) {
      const rows = Math.min(RUN, count - i);
      if (inner === 1) sums[0] = addRun(out, x, at, step, rows, wholes[0], sums[0]);
      else addRuns(out, x, at, step, rows, wholes, sums);
      for (let j = 0; j < inner; j++) {
        const lost = lostIn(wholes[j], sums[j]);
        wholes[j] += sums[j];
        sums[j] = lost;
      }
    }
  }
}

function addRun(
  out: TensorData,
  x: TensorData,
  start: number,
  step: number,
  rows: number,
  whole: number,
  lost: number,
): number {
  let sum = lost;
  for (let i = 0, at = start; i < rows; i++, at += step) {
    sum += x[at];
    out[at] = whole + sum;
  }
  return sum;
}

function addRuns(
  out: TensorData,
  x: TensorData,
  start: number,
  step: number,
  rows: number,
  wholes: Float64Array,
  sums: Float64Array,
): void {
  for (let i = 0, at = start; i < rows; i++, at += step) {
    for (let j = 0; j < sums.length; j++) {
      const sum = sums[j] + x[at + j];
      sums[j] = sum;
      out[at + j] = wholes[j] + sum;
    }
  }
}

/** y[i] = y[i - 1] x[i], integers modulo 2^32. @internal */
export function runningProduct(out: TensorData, x: TensorData, outer: number, count: number, inner: number): void {
  const integers = out instanceof Int32Array;
  const products = new Float64Array(inner > 1 ? inner : 0);
  for (let o = 0; o < outer; o++) {
    let at = o * count * inner;
    if (inner === 1) {
      let product = 1;
      for (let i = 0; i < count; i++, at++) {
        product = integers ? Math.imul(product, x[at]) : product * x[at];
        out[at] = product;
      }
      continue;
    }
    products.fill(1);
    for (let i = 0; i < count; i++, at += inner) {
      for (let j = 0; j < inner; j++) {
        const product = integers ? Math.imul(products[j], x[at + j]) : products[j] * x[at + j];
        products[j] = product;
        out[at + j] = product;
      }
    }
  }
}

/**
 * y[i] = a[i] y[i - 1] + b[i], or, in reverse, y[i] = a[i + 1] y[i + 1] + b[i]: the solutions of L y = b and Lᵀ y = b,
 * where L has ones on its diagonal and -a below. y of exactly 0 absorbs whatever a is: y is a tangent or a cotangent.
 * @internal
 */
export function recurrence(
  out: TensorData,
  a: TensorData,
  b: TensorData,
  outer: number,
  count: number,
  inner: number,
  reverse: boolean,
): void {
  const step = reverse ? -inner : inner;
  const ahead = reverse ? inner : 0;
  const ys = new Float64Array(inner > 1 ? inner : 0);
  for (let o = 0; o < outer; o++) {
    let at = startOf(o, count, inner, reverse);
    if (inner === 1) {
      let y = 0;
      for (let i = 0; i < count; i++, at += step) {
        y = (y === 0 ? 0 : a[at + ahead] * y) + b[at];
        out[at] = y;
      }
      continue;
    }
    ys.fill(0);
    for (let i = 0; i < count; i++, at += step) {
      for (let j = 0; j < inner; j++) {
        const last = ys[j];
        const y = (last === 0 ? 0 : a[at + ahead + j] * last) + b[at + j];
        ys[j] = y;
        out[at + j] = y;
      }
    }
  }
}

/**
 * y[i] = log(exp(x[0]) + ... + exp(x[i])), as the largest so far plus log(1 + the others, divided by it): neither
 * overflows nor cancels. Equal infinities give that infinity; NaN stays. @internal
 */
export function runningLogSumExp(out: TensorData, x: TensorData, outer: number, count: number, inner: number): void {
  for (let row = 0; row < outer * inner; row++) {
    let at = startOf(Math.floor(row / inner), count, inner, false) + (row % inner);
    let largest = -Infinity;
    let others = -1;
    for (let i = 0; i < count; i++, at += inner) {
      const next = x[at];
      if (next > largest) {
        others = (others + 1) * Math.exp(largest - next);
        largest = next;
      } else if (next === largest) others += 1;
      else if (next < largest) others += Math.exp(next - largest);
      else largest = NaN;
      out[at] = largest + Math.log1p(others);
    }
  }
}

/** The place of the largest element so far, or, with sign -1, of the smallest: the first of ties, the first NaN. @internal */
export function recordPlaces(
  out: TensorData,
  x: TensorData,
  outer: number,
  count: number,
  inner: number,
  sign: 1 | -1,
): void {
  for (let row = 0; row < outer * inner; row++) {
    let at = startOf(Math.floor(row / inner), count, inner, false) + (row % inner);
    let best = NaN;
    let place = 0;
    for (let i = 0; i < count; i++, at += inner) {
      const next = sign * x[at];
      if (i === 0 || !(next <= best || Number.isNaN(best))) {
        best = next;
        place = i;
      }
      out[at] = place;
    }
  }
}
