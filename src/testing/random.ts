import { seedKey, threefry } from "../numeric/random/threefry";

/** Uniform numbers in [0, 1) that depend on the seed alone. */
export function generator(seed: number): () => number {
  const [k0, k1] = seedKey(seed);
  const words = new Uint32Array(2);
  let drawn = 0;
  return () => {
    threefry(k0, k1, drawn++, 0, words, 0);
    return (words[0] * 2 ** 21 + (words[1] >>> 11)) / 2 ** 53;
  };
}

/**
 * A direction or a cotangent: numbers of either sign between 1/2 and 3/2, so that none is lost beside the others, of ten
 * bits, so that float32 holds them as they are.
 */
export function drawDirection(random: () => number, size: number): Float64Array {
  return Float64Array.from({ length: size }, () => {
    const magnitude = 0.5 + Math.floor(random() * 1024) / 1024;
    return random() < 0.5 ? -magnitude : magnitude;
  });
}
