import { logPortable, lowerNormalQuantile } from "../special/normal-quantile";
import { threefry } from "./threefry";

/*
 * Filling typed arrays with random numbers. Only + - * /, Math.sqrt, Math.floor and Math.fround are used, all of them exactly rounded
 * by the standard, so the numbers are the same, bit for bit, on every machine. Element `offset + i` is drawn with counter i.
 */

/** The arrays that random numbers are drawn into. @internal */
export type DrawArray = Float64Array | Float32Array;

const TWO_32 = 4294967296;
/** 53 bits of two words as a number in [0, 1). @internal */
export function unitOf(high: number, low: number): number {
  return ((high >>> 5) * 67108864 + (low >>> 6)) / 9007199254740992;
}

/**
 * Uniform numbers in [min, max): 53 random bits for float64, 24 for float32.
 *
 * A number that rounding would lift to max becomes min, so the interval stays half open.
 *
 * @internal
 */
export function fillUniform(
  out: DrawArray,
  offset: number,
  count: number,
  k0: number,
  k1: number,
  min: number,
  max: number,
): void {
  const words = new Int32Array(2);
  const double = out instanceof Float64Array;
  const span = max - min;
  // A span that no number holds: computed at half the size.
  const half = max / 2 - min / 2;
  for (let i = 0; i < count; i++) {
    threefry(k0, k1, i, (i / TWO_32) | 0, words, 0);
    const unit = double ? unitOf(words[0], words[1]) : (words[0] >>> 8) / 16777216;
    const value = Number.isFinite(span) ? min + unit * span : 2 * (min / 2 + unit * half);
    out[offset + i] = (double ? value : Math.fround(value)) < max ? value : min;
  }
}

/**
 * Normal numbers, by the inverse of the distribution function: one bit for the sign and 52 for the tail each, half a unit
 * away from 0 and 1/2, so the least probable is 8.3 standard deviations away. Drawn in float64 for float32 too, and rounded.
 *
 * @see normalQuantile
 * @internal
 */
export function fillNormal(
  out: DrawArray,
  offset: number,
  count: number,
  k0: number,
  k1: number,
  mean: number,
  std: number,
): void {
  const words = new Int32Array(2);
  for (let i = 0; i < count; i++) {
    threefry(k0, k1, i, (i / TWO_32) | 0, words, 0);
    const tail = ((words[0] & 0x7fffffff) * 2097152 + (words[1] >>> 11) + 0.5) / 9007199254740992;
    const value = lowerNormalQuantile(tail);
    out[offset + i] = mean + std * (words[0] < 0 ? -value : value);
  }
}

/** An exponential number of mean 1 from two words: 52 bits, half a unit away from 0 and 1, so from 1.1e-16 to 36.7. @internal */
export const exponentialOf = (high: number, low: number): number =>
  -logPortable(((high >>> 6) * 67108864 + (low >>> 6) + 0.5) / 4503599627370496);

/** Exponential numbers by the inverse of the distribution function. Drawn in float64 for float32 too, and rounded. @internal */
export function fillExponential(
  out: DrawArray,
  offset: number,
  count: number,
  k0: number,
  k1: number,
  rate: number,
): void {
  const words = new Int32Array(2);
  for (let i = 0; i < count; i++) {
    threefry(k0, k1, i, (i / TWO_32) | 0, words, 0);
    out[offset + i] = exponentialOf(words[0], words[1]) / rate;
  }
}

/** Gumbel numbers, minus the logarithm of an exponential one: from -3.6 to 36.7. @internal */
export function fillGumbel(
  out: DrawArray,
  offset: number,
  count: number,
  k0: number,
  k1: number,
  location: number,
  scale: number,
): void {
  const words = new Int32Array(2);
  for (let i = 0; i < count; i++) {
    threefry(k0, k1, i, (i / TWO_32) | 0, words, 0);
    out[offset + i] = location - scale * logPortable(exponentialOf(words[0], words[1]));
  }
}

/**
 * Integers in [min, max), max - min at most 2^32: the upper part of 53 random bits times the size of the range.
 *
 * Each has its share of the 2^53 outcomes to within one, so the probabilities are equal to within 2^-21 relative, at worst.
 *
 * @internal
 */
export function fillIntegers(
  out: Int32Array,
  offset: number,
  count: number,
  k0: number,
  k1: number,
  min: number,
  max: number,
): void {
  const words = new Int32Array(2);
  for (let i = 0; i < count; i++) {
    threefry(k0, k1, i, (i / TWO_32) | 0, words, 0);
    out[offset + i] = min + below(max - min, words);
  }
}

/** 1 with probability p, else 0 (exact to 53 bits: p = 0 gives only 0, p = 1 only 1). @internal */
export function fillBernoulli(out: Uint8Array, offset: number, count: number, k0: number, k1: number, p: number): void {
  const words = new Int32Array(2);
  for (let i = 0; i < count; i++) {
    threefry(k0, k1, i, (i / TWO_32) | 0, words, 0);
    out[offset + i] = unitOf(words[0], words[1]) < p ? 1 : 0;
  }
}

/**
 * A permutation of 0 ... count - 1, each equally likely as far as {@link fillIntegers} is even.
 *
 * @see R. Durstenfeld, "Algorithm 235: Random permutation", Comm. ACM 7 (1964) (the Fisher-Yates shuffle).
 * @internal
 */
export function fillPermutation(out: Int32Array, offset: number, count: number, k0: number, k1: number): void {
  const words = new Int32Array(2);
  for (let i = 0; i < count; i++) out[offset + i] = i;
  for (let i = count - 1; i > 0; i--) {
    threefry(k0, k1, i, (i / TWO_32) | 0, words, 0);
    const j = offset + below(i + 1, words);
    const kept = out[j];
    out[j] = out[offset + i];
    out[offset + i] = kept;
  }
}

/**
 * What the last `count` elements of {@link fillPermutation} of 0 ... n - 1 are, backwards: distinct, each equally likely. If
 * they are few, only what was moved is remembered.
 *
 * @internal
 */
export function fillDistinct(out: Int32Array, offset: number, count: number, k0: number, k1: number, n: number): void {
  if (count > n / 4) {
    const all = new Int32Array(n);
    fillPermutation(all, 0, n, k0, k1);
    for (let i = 0; i < count; i++) out[offset + i] = all[n - 1 - i];
    return;
  }
  const words = new Int32Array(2);
  const moved = new Map<number, number>();
  for (let last = n - 1, to = offset; to < offset + count; last--, to++) {
    threefry(k0, k1, last, (last / TWO_32) | 0, words, 0);
    const j = below(last + 1, words);
    out[to] = moved.get(j) ?? j;
    moved.set(j, moved.get(last) ?? last);
    moved.delete(last);
  }
}

/** An integer in [0, range). The product may round up to the range itself only beyond 2^53, where no range reaches. */
function below(range: number, words: Int32Array): number {
  return Math.min(range - 1, Math.floor(unitOf(words[0], words[1]) * range));
}
