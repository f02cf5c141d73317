/** The largest absolute value of a part of an array; NaN is passed over. @internal */
export function largestOf(x: Float64Array, from: number, to: number): number {
  let largest = 0;
  for (let i = from; i < to; i++) {
    const size = Math.abs(x[i]);
    if (size > largest) largest = size;
  }
  return largest;
}

/**
 * A power of two that brings the largest absolute value of part of an array near 1, where squares neither overflow nor
 * vanish and no digit is lost: 1 for zeros, NaN if an element is not finite.
 * @internal
 */
export function scaleOf(x: ArrayLike<number>, from: number, to: number): number {
  let largest = 0;
  for (let i = from; i < to; i++) {
    const size = Math.abs(x[i]);
    if (!(size < Infinity)) return Number.NaN;
    if (size > largest) largest = size;
  }
  return largest === 0 ? 1 : 2 ** -Math.max(-1000, Math.floor(Math.log2(largest)));
}

/** Whether the first of the elements with the largest absolute value, to rounding, is negative. @internal */
export function leadingComponentIsNegative(x: ArrayLike<number>, from: number, to: number): boolean {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(x[i]));
  for (let i = from; i < to; i++) if (Math.abs(x[i]) >= largest * (1 - 1e-8)) return x[i] < 0;
  return false;
}
