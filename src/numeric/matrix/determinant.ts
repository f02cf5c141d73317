import { parity } from "./lu";

/**
 * An order in which numbers can be multiplied so that no partial product overflows or underflows unless the whole does: one
 * of size below 1 follows when the product is above 1, and the other way round.
 * @internal
 */
export function balanced(d: Float64Array): Int32Array {
  const order = new Int32Array(d.length);
  let product = 1;
  let large = 0;
  let small = 0;
  for (let k = 0; k < d.length; k++) {
    while (large < d.length && Math.abs(d[large]) < 1) large++;
    while (small < d.length && !(Math.abs(d[small]) < 1)) small++;
    const shrink = large === d.length || (small < d.length && Math.abs(product) > 1);
    order[k] = shrink ? small++ : large++;
    product *= d[order[k]];
  }
  return order;
}

/** The determinant of a matrix from its factors. @internal */
export function determinant(f: Float64Array, at: number, n: number): number {
  const pivots = diagonalOf(f, at, n);
  let product = parity(f, at, n);
  for (const k of balanced(pivots)) product *= pivots[k];
  return product;
}

/** Sign and logarithm of the absolute value of the determinant: 0 and -Infinity where a pivot is zero. @internal */
export function logDeterminant(f: Float64Array, at: number, n: number): [sign: number, logarithm: number] {
  let sign = parity(f, at, n);
  let logarithm = 0;
  for (let k = 0; k < n; k++) {
    const pivot = f[at + k * (n + 1)];
    sign *= Math.sign(pivot);
    logarithm += Math.log(Math.abs(pivot));
  }
  // Not -0.
  return [sign + 0, logarithm];
}

function diagonalOf(f: Float64Array, at: number, n: number): Float64Array {
  const diagonal = new Float64Array(n);
  for (let k = 0; k < n; k++) diagonal[k] = f[at + k * (n + 1)];
  return diagonal;
}
