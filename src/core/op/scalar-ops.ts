import type { Value } from "../tensor/tensor";

/*
 * What the number path of a sweep knows of an op: its partial derivatives, and one product.
 */

/** A partial derivative of a scalar function: a formula of (a, b, y), or a constant. */
export type Partial = number | ((a: Value, b: Value, y: Value) => Value);

/** Partial derivatives that are an input itself: a sweep reads them without a call. */
export const FIRST_INPUT: Partial = (a) => a;
export const SECOND_INPUT: Partial = (_, b) => b;

/** A cotangent or tangent times a partial derivative; exactly 0 on either side absorbs whatever the other is. */
export function timesPartial(bar: number, partial: Partial, a: number, b: number, y: number): number {
  if (typeof partial === "number") return partial === 1 ? bar : bar === 0 ? 0 : bar * partial;
  if (bar === 0) return 0;
  if (partial === SECOND_INPUT) return b === 0 ? 0 : bar * b;
  if (partial === FIRST_INPUT) return a === 0 ? 0 : bar * a;
  const d = partial(a, b, y);
  const slope = typeof d === "number" ? d : d.item();
  return slope === 0 ? 0 : bar * slope;
}
