import type { TensorData } from "../../base/dtype";

/*
 * Keys of elements: unsigned integers of 32 bits in the order of the elements. -0 has the key of 0, and every NaN the
 * largest one, in both directions. A float64 has two: one for its higher word, and one for its lower word, which
 * decides where the first are equal.
 */
const SIGN = 0x80000000;
const LARGEST = 0xffffffff;
const HIGHER = /* @__PURE__ */ higherWord();

/** Which of the two words of a float64 is the higher one: 1, or 0 on a big-endian machine. */
function higherWord(): number {
  return new Uint32Array(Float64Array.of(1).buffer)[0] === 0 ? 1 : 0;
}

/** The bits of elements: two words for each float64, one for a float32; integers are what they are. */
export type Words = Uint32Array | Int32Array | Uint8Array;
export const wordsOf = (x: TensorData): Words =>
  x instanceof Float64Array || x instanceof Float32Array
    ? new Uint32Array(x.buffer, x.byteOffset, x.byteLength / 4)
    : x;

/**
 * Writes the keys of the elements at start + rows[i] * stride, of the higher words; `flip` is -1 for descending order.
 */
export type WriteKeys = (
  keys: Uint32Array,
  rows: Int32Array,
  count: number,
  words: Words,
  start: number,
  stride: number,
  flip: number,
) => void;

/** How keys are written for elements of such an array. */
export const writerFor = (x: TensorData): WriteKeys =>
  x instanceof Float64Array ? higherKeys : x instanceof Float32Array ? singleKeys : integerKeys;

const higherKeys: WriteKeys = (keys, rows, count, words, start, stride, flip) => {
  for (let i = 0; i < count; i++) {
    const at = 2 * (start + rows[i] * stride);
    const high = words[at + HIGHER];
    const low = words[at + 1 - HIGHER];
    const size = high & 0x7fffffff;
    if (size > 0x7ff00000 || (size === 0x7ff00000 && low !== 0)) keys[i] = LARGEST;
    else if (size === high) keys[i] = high ^ SIGN ^ flip;
    else keys[i] = ((size | low) === 0 ? SIGN : ~high) ^ flip;
  }
};

const singleKeys: WriteKeys = (keys, rows, count, words, start, stride, flip) => {
  for (let i = 0; i < count; i++) {
    const word = words[start + rows[i] * stride];
    const size = word & 0x7fffffff;
    if (size > 0x7f800000) keys[i] = LARGEST;
    else if (size === word) keys[i] = word ^ SIGN ^ flip;
    else keys[i] = (size === 0 ? SIGN : ~word) ^ flip;
  }
};

const integerKeys: WriteKeys = (keys, rows, count, words, start, stride, flip) => {
  for (let i = 0; i < count; i++) keys[i] = words[start + rows[i] * stride] ^ SIGN ^ flip;
};

/** Replaces the keys from `from` to `to`, all of one higher word, by those of the lower words. False for NaN: no need. */
export function writeLowerKeys(
  keys: Uint32Array,
  rows: Int32Array,
  from: number,
  to: number,
  words: Words,
  start: number,
  stride: number,
  flip: number,
): boolean {
  if (keys[from] === LARGEST) return false;
  for (let i = from; i < to; i++) {
    const at = 2 * (start + rows[i] * stride);
    const high = words[at + HIGHER];
    const low = words[at + 1 - HIGHER];
    keys[i] = (high < SIGN || (high === SIGN && low === 0) ? low : ~low) ^ flip;
  }
  return true;
}
