/*
 * exp of numbers that are not positive: 2^(k / 64) exp(r) with r at most log(2) / 128 in size, by a table and a polynomial of
 * degree 5 whose error is 4e-17; with roundings the error is below 2 units of 2^-52.
 * See P. T. P. Tang, Table-driven implementation of the exponential function, ACM TOMS 15 (1989).
 */

/** Entries of the table. @internal */
export const STEPS = 64;
/** log(2) / 64 in two parts; products of the first with integers below 2^17 are exact. @internal */
export const STEP_HIGH = 0.010830424695086549;
/** @internal */
export const STEP_LOW = 1.162596423439437e-12;
/** Added and taken away it rounds to an integer, half to even. @internal */
export const ROUND = 6755399441055744;
/** k = x times this, rounded. @internal */
export const RATE = STEPS / Math.LN2;
const SECOND = 1 / 2;
const THIRD = 1 / 6;
const FOURTH = 1 / 24;
const FIFTH = 1 / 120;
/** Coefficients of the polynomial, the highest first; those of degree 1 and 0 are 1. @internal */
export const COEFFICIENTS = [FIFTH, FOURTH, THIRD, SECOND] as const;
const LOWEST = -745.2;

/** @internal */
export interface ExponentialTables {
  /** 2^(i / 64) for i = 0 to 63. */
  readonly parts: Float64Array;
  /** 2^(-i) for i = 0 to 1,080. */
  readonly powers: Float64Array;
}
let tables: ExponentialTables | undefined;

/** @internal */
export function exponentialTables(): ExponentialTables {
  tables ??= {
    parts: Float64Array.from({ length: STEPS }, (_, i) => 2 ** (i / STEPS)),
    powers: Float64Array.from({ length: 1081 }, (_, i) => 2 ** -i),
  };
  return tables;
}

/** exp of x <= 0; NaN of NaN. @internal */
export function expBelowZero(x: number, parts: Float64Array, powers: Float64Array): number {
  if (x < LOWEST) return 0;
  const k = x * RATE + ROUND - ROUND;
  const r = x - k * STEP_HIGH - k * STEP_LOW;
  const i = k | 0;
  const e = r + r * r * (SECOND + r * (THIRD + r * (FOURTH + r * FIFTH)));
  return parts[i & (STEPS - 1)] * (1 + e) * powers[-(i >> 6)];
}
