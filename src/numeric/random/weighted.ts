import { exponentialOf, unitOf } from "./draw";
import { threefry } from "./threefry";

/*
 * Positions drawn by weights >= 0, at least one of them above 0: the n weights from `start` on.
 */

/** With replacement: where a uniform number falls among the running sums of the weights. @internal */
export function fillWeighted(
  out: Int32Array,
  offset: number,
  count: number,
  k0: number,
  k1: number,
  weights: ArrayLike<number>,
  start: number,
  n: number,
): void {
  const sums = new Float64Array(n);
  let total = 0;
  let whole = 0;
  for (let i = 0; i < n; i++) whole += weights[start + i];
  // Sums that no number holds, or that have few bits, are taken of larger or smaller weights in proportion.
  const part = whole < 2 ** -900 ? 2 ** 900 : whole < Infinity ? 1 : 2 ** -31;
  for (let i = 0; i < n; i++) {
    total += weights[start + i] * part;
    sums[i] = total;
  }
  const words = new Int32Array(2);
  for (let i = 0; i < count; i++) {
    threefry(k0, k1, i, 0, words, 0);
    const wanted = unitOf(words[0], words[1]) * total;
    // The first sum above it, which is above the one before: nothing of weight 0.
    let [low, high] = [0, n - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > wanted) high = middle;
      else low = middle + 1;
    }
    out[offset + i] = low;
  }
}

/**
 * Without replacement: each waits for an exponential time, by its weight as rate, and the first ones are drawn, as if they were
 * drawn one after the other. At least `count` weights are above 0.
 *
 * @see P. S. Efraimidis, P. G. Spirakis, "Weighted random sampling with a reservoir", Inf. Process. Lett. 97 (2006).
 * @internal
 */
export function fillWeightedOnce(
  out: Int32Array,
  offset: number,
  count: number,
  k0: number,
  k1: number,
  weights: ArrayLike<number>,
  start: number,
  n: number,
): void {
  const words = new Int32Array(2);
  const times = new Float64Array(n);
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    threefry(k0, k1, i, 0, words, 0);
    times[i] = exponentialOf(words[0], words[1]) / weights[start + i];
    order[i] = i;
  }
  // Times that no number holds: the larger weight first, 0 last.
  order.sort((a, b) =>
    times[a] === times[b] ? weights[start + b] - weights[start + a] || a - b : times[a] - times[b],
  );
  out.set(order.subarray(0, count), offset);
}
