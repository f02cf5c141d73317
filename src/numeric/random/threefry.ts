/**
 * Threefry-2x32 with 20 rounds, the counter-based generator that all random numbers come from, and the keys that drive it.
 *
 * A key is two int32 numbers. The generator maps (key, counter) to 64 bits; there is no state, so element i depends on the key and i
 * alone, in whatever order elements are computed. Counters have 64 bits, and the top bits of the second word say what they are for:
 * drawn numbers (00), keys split off (10) and keys folded (01) never meet.
 *
 * @see J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC'11. The tests hold
 * the known answers published with it.
 */

const SPLIT = 0x80000000;
const FOLD = 0x40000000;
const TWO_32 = 4294967296;

/**
 * One block: encrypts the counter (c0, c1) with the key (k0, k1) and writes the two 32-bit words to out[offset] and out[offset + 1].
 *
 * Arguments are taken modulo 2^32, so int32 and uint32 numbers serve alike. Nothing is allocated.
 *
 * @internal
 */
export function threefry(
  k0: number,
  k1: number,
  c0: number,
  c1: number,
  out: Int32Array | Uint32Array,
  offset: number,
): void {
  // Five key injections with four rounds between each two; the rotations are written out because a loop over them costs three times as much.
  const k2 = 0x1bd11bda ^ k0 ^ k1;
  let x = (c0 + k0) | 0;
  let y = (c1 + k1) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k1) | 0;
  y = (y + k2 + 1) | 0;
  x = (x + y) | 0;
  y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0;
  y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0;
  y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0;
  y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k2) | 0;
  y = (y + k0 + 2) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k0) | 0;
  y = (y + k1 + 3) | 0;
  x = (x + y) | 0;
  y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0;
  y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0;
  y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0;
  y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k1) | 0;
  y = (y + k2 + 4) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  out[offset] = (x + k2) | 0;
  out[offset + 1] = (y + k0 + 5) | 0;
}

/**
 * The key of a seed: the two halves, high first, of the seed as a 64-bit integer in two's complement.
 *
 * Different integers within +-2^53 give different keys; -0 is 0. The caller has checked that the seed is an integer.
 *
 * @internal
 */
export function seedKey(seed: number): [k0: number, k1: number] {
  const high = Math.floor(seed / TWO_32);
  return [high | 0, (seed - high * TWO_32) | 0];
}

/** Writes `count` keys, independent of each other and of the numbers drawn from the key, to out[offset ...]. @internal */
export function splitKey(k0: number, k1: number, count: number, out: Int32Array, offset = 0): void {
  for (let i = 0; i < count; i++) threefry(k0, k1, i, SPLIT, out, offset + 2 * i);
}

/**
 * Writes the key that belongs to a key and an integer within +-2^53 (its two's complement modulo 2^62) to out[offset] and
 * out[offset + 1].
 *
 * @internal
 */
export function foldKey(k0: number, k1: number, data: number, out: Int32Array, offset = 0): void {
  const high = Math.floor(data / TWO_32);
  threefry(k0, k1, data - high * TWO_32, FOLD | (high & 0x3fffffff), out, offset);
}
