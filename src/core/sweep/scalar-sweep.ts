import type { CoreOp } from "../op/op";
import { type Partial, timesPartial } from "../op/scalar-ops";
import { plus } from "../op/sweep-ops";
import { Handle, makeScalar } from "../tensor/handle";
import type { Accumulator } from "./accumulator";
import { type Activity, OBSERVED } from "./activity";
import type { PageScratch } from "./page-scratch";

/*
 * Scalar entries off the number path: their cotangents or tangents are tensors, because they are observed. The same rule
 * as on the number path, partial derivative times cotangent, applied as an op; without the lists that rules of tensors get.
 */

/** An input of an entry as its rule reads it: with its history if the sweep is recorded and the input is observed. */
function residual(
  activity: Activity,
  scratch: PageScratch,
  place: number,
  value: number,
  recorded: boolean,
  all: boolean,
): Handle {
  if (!recorded || place === 0) return makeScalar(value);
  const j = place - scratch.page.base;
  if (j < 0) return all || activity.isObserved(place) ? activity.handleAt(place, makeScalar(value)) : makeScalar(value);
  const observed = all || (j < scratch.start ? activity.isObserved(place) : (scratch.marks[j] & OBSERVED) !== 0);
  return new Handle(observed ? scratch.strand : null, observed ? j : 0, value, null);
}

/** bar times a partial derivative, as an op. */
function timesRule(op: CoreOp, bar: Handle, partial: Partial, a: Handle, b: Handle, y: Handle): Handle {
  if (partial === 1) return bar;
  return op.times(bar, typeof partial === "number" ? partial : partial(a, b, y));
}

/** One entry that a sweep visits. */
export interface Visit {
  readonly activity: Activity;
  readonly scratch: PageScratch;
  readonly i: number;
  readonly op: CoreOp;
  /** Whether residuals get their history: those that are observed, or all. */
  readonly recorded: boolean;
  readonly all: boolean;
}

/** Sends the cotangent of a scalar entry to its varied inputs. False if it has no cotangent or no such input. */
export function pullScalar(
  { activity, scratch, i, op, recorded, all }: Visit,
  add: (k: number, place: number, bar: Handle) => void,
): boolean {
  const bar = scratch.at(i);
  if (bar === null) return false;
  const { placeA, placeB, valueA, valueB, value } = scratch.page;
  const a = placeA[i];
  const b = placeB[i];
  const toA = a !== 0 && op.partialA !== 0 && activity.isVaried(a);
  const toB = b !== 0 && op.partialB !== 0 && activity.isVaried(b);
  if (!toA && !toB) return false;
  const x = residual(activity, scratch, a, valueA[i], recorded, all);
  const z = residual(activity, scratch, b, valueB[i], recorded, all);
  const y = recorded ? new Handle(scratch.strand, i, value[i], null) : makeScalar(value[i]);
  if (toA) add(0, a, timesRule(op, bar, op.partialA, x, z, y));
  if (toB) add(1, b, timesRule(op, bar, op.partialB, x, z, y));
  return true;
}

/** The tangent of a scalar entry from those of its inputs, null where both are zero. */
export function pushScalar(
  { activity, scratch, i, op, recorded, all }: Visit,
  at: (place: number) => Handle | null,
): Handle | null {
  const { placeA, placeB, valueA, valueB, value } = scratch.page;
  const dotA = placeA[i] === 0 || op.partialA === 0 ? null : at(placeA[i]);
  const dotB = placeB[i] === 0 || op.partialB === 0 ? null : at(placeB[i]);
  if (dotA === null && dotB === null) return null;
  const x = residual(activity, scratch, placeA[i], valueA[i], recorded, all);
  const z = residual(activity, scratch, placeB[i], valueB[i], recorded, all);
  const y = recorded ? new Handle(scratch.strand, i, value[i], null) : makeScalar(value[i]);
  const left = dotA && timesRule(op, dotA, op.partialA, x, z, y);
  const right = dotB && timesRule(op, dotB, op.partialB, x, z, y);
  return plus(left, right);
}

/** The same on the number path. False if a tensor is held for an input. */
export function pushNumbers(accumulator: Accumulator, scratch: PageScratch, i: number, op: CoreOp): boolean {
  const { placeA, placeB, valueA, valueB, value } = scratch.page;
  const heldA = accumulator.peek(scratch, placeA[i]);
  const dotA = accumulator.number;
  const heldB = accumulator.peek(scratch, placeB[i]);
  const dotB = accumulator.number;
  if (heldA === "tensor" || heldB === "tensor") return false;
  if (heldA === "number" && op.partialA !== 0)
    scratch.addNumber(i, timesPartial(dotA, op.partialA, valueA[i], valueB[i], value[i]));
  if (heldB === "number" && op.partialB !== 0)
    scratch.addNumber(i, timesPartial(dotB, op.partialB, valueA[i], valueB[i], value[i]));
  return true;
}
