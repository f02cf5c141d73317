import type { TensorData } from "../../base/dtype";
import { type Words, type WriteKeys, wordsOf, writeLowerKeys, writerFor } from "./sort-keys";

/** Up to this many keys are inserted one by one. */
const SMALL = 40;
/** From this many keys on a digit has 11 bits instead of 8. */
const MANY = 4096;

/** How often each digit occurs among keys[from ... to - 1], digit after digit. */
function countDigits(counts: Int32Array, keys: Uint32Array, from: number, to: number): void {
  counts.fill(0);
  if (counts.length === 3 << 11) {
    for (let i = from; i < to; i++) {
      const key = keys[i];
      counts[key & 2047]++;
      counts[2048 + ((key >>> 11) & 2047)]++;
      counts[4096 + (key >>> 22)]++;
    }
    return;
  }
  for (let i = from; i < to; i++) {
    const key = keys[i];
    counts[key & 255]++;
    counts[256 + ((key >>> 8) & 255)]++;
    counts[512 + ((key >>> 16) & 255)]++;
    counts[768 + (key >>> 24)]++;
  }
}

/** Moves keys and rows to where the counts of one digit, `mask` of them from `first` on, say that they begin. */
function distribute(
  [keys, rows]: Pairs,
  [toKeys, toRows]: Pairs,
  counts: Int32Array,
  first: number,
  mask: number,
  shift: number,
  from: number,
  to: number,
): void {
  for (let k = first, total = from; k <= first + mask; k++) {
    const count = counts[k];
    counts[k] = total;
    total += count;
  }
  for (let i = from; i < to; i++) {
    const key = keys[i];
    const digit = first + ((key >>> shift) & mask);
    const at = counts[digit];
    counts[digit] = at + 1;
    toKeys[at] = key;
    toRows[at] = rows[i];
  }
}
type Pairs = readonly [keys: Uint32Array, rows: Int32Array];
const pairs = (size: number): Pairs => [new Uint32Array(size), new Int32Array(size)];

/** Brings rows into the order of the elements that stand there; those of equal elements stay in their order. */
class RowSorter {
  /** The rows, to be written before sorting. */
  readonly rows: Int32Array;
  private readonly keys: Uint32Array;
  private readonly spare: Pairs;
  private readonly counts: Int32Array;
  private readonly words: Words;
  private readonly write: WriteKeys;
  private readonly double: boolean;
  private readonly flip: number;

  constructor(x: TensorData, capacity: number, descending: boolean) {
    [this.keys, this.rows] = pairs(capacity);
    this.spare = pairs(capacity > SMALL ? capacity : 0);
    this.counts = new Int32Array(capacity <= SMALL ? 0 : capacity < MANY ? 4 << 8 : 3 << 11);
    this.words = wordsOf(x);
    this.write = writerFor(x);
    this.double = x instanceof Float64Array;
    this.flip = descending ? -1 : 0;
  }

  /** Sorts the first `count` rows by the elements at start + row * stride. */
  sort(count: number, start: number, stride: number): void {
    const { keys, rows, words, flip } = this;
    this.write(keys, rows, count, words, start, stride, flip);
    this.sortKeys(0, count);
    if (!this.double) return;
    for (let from = 0, to = 1; to <= count; to++) {
      if (to < count && keys[to] === keys[from]) continue;
      if (to - from > 1 && writeLowerKeys(keys, rows, from, to, words, start, stride, flip)) this.sortKeys(from, to);
      from = to;
    }
  }

  private sortKeys(from: number, to: number): void {
    if (to - from <= SMALL) this.insert(from, to);
    else this.sortDigits(from, to);
  }

  private insert(from: number, to: number): void {
    const { keys, rows } = this;
    for (let i = from + 1; i < to; i++) {
      const key = keys[i];
      const row = rows[i];
      let at = i;
      for (; at > from && keys[at - 1] > key; at--) {
        keys[at] = keys[at - 1];
        rows[at] = rows[at - 1];
      }
      keys[at] = key;
      rows[at] = row;
    }
  }

  /** From the lowest digit to the highest; a digit that all keys share is left out. */
  private sortDigits(from: number, to: number): void {
    const { counts } = this;
    const bits = counts.length === 3 << 11 ? 11 : 8;
    const mask = (1 << bits) - 1;
    countDigits(counts, this.keys, from, to);
    let here: Pairs = [this.keys, this.rows];
    let there = this.spare;
    for (let shift = 0, first = 0; shift < 32; shift += bits, first += mask + 1) {
      if (counts[first + ((here[0][from] >>> shift) & mask)] === to - from) continue;
      distribute(here, there, counts, first, mask, shift, from, to);
      [here, there] = [there, here];
    }
    if (here === this.spare) {
      this.keys.set(here[0].subarray(from, to), from);
      this.rows.set(here[1].subarray(from, to), from);
    }
  }
}

/**
 * The first k positions along the middle axis of an [outer, count, inner] array in the order of its elements: `order`
 * is [outer, k, inner]. Equal elements keep their order, 0 and -0 among them; NaN comes last, also in descending order.
 *
 * Method: a radix sort of the bits, from the lowest digit up; the lower words of float64 are only looked at where the
 * higher ones are equal. For small k a list of candidates, which is sorted and cut to k whenever it is full; an element
 * joins it only when it comes before the last of the k.
 *
 * @internal
 */
export function sortOrder(
  order: TensorData,
  x: TensorData,
  outer: number,
  count: number,
  inner: number,
  k: number,
  descending: boolean,
): void {
  const capacity = Math.max(2 * k, SMALL);
  const all = 2 * capacity >= count;
  const sorter = new RowSorter(x, all ? count : capacity, descending);
  const { rows } = sorter;
  for (let o = 0; o < outer; o++) {
    for (let j = 0; j < inner; j++) {
      const start = o * count * inner + j;
      if (all) {
        for (let i = 0; i < count; i++) rows[i] = i;
        sorter.sort(count, start, inner);
      } else sortFirst(sorter, x, count, start, inner, k, descending ? 1 : -1);
      if (inner === 1) order.set(k === rows.length ? rows : rows.subarray(0, k), o * k);
      else for (let i = 0, at = o * k * inner + j; i < k; i++, at += inner) order[at] = rows[i];
    }
  }
}

/** Leaves the first k of `count` rows in order at the beginning of sorter.rows. */
function sortFirst(
  sorter: RowSorter,
  x: TensorData,
  count: number,
  start: number,
  stride: number,
  k: number,
  sign: number,
): void {
  const { rows } = sorter;
  let filled = 0;
  let full = false;
  let last = 0;
  for (let i = 0, at = start; i < count; i++, at += stride) {
    const value = sign * x[at];
    if (full && !(value > last || (Number.isNaN(last) && !Number.isNaN(value)))) continue;
    rows[filled++] = i;
    if (filled < rows.length) continue;
    sorter.sort(filled, start, stride);
    filled = k;
    full = true;
    last = sign * x[start + rows[k - 1] * stride];
  }
  sorter.sort(filled, start, stride);
}
