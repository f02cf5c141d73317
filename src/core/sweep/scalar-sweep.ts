import type { Op } from "../op/op";
import { type Partial, scale } from "../op/scalar-ops";
import { plus } from "../op/sweep-ops";
import { Handle, makeScalar } from "../tensor/handle";
import type { Ledger } from "./accumulator";
import { type Region, SEEN } from "./activity";
import { type Lane, MARKED } from "./page-scratch";

/*
 * Scalar entries swept with tensors as cotangents or tangents, because somebody is watching: the rule of a family
 * without the lists that rules of tensors get.
 */

/** The number at a place beside entry i, with its history if it is to be seen. */
function residual(region: Region, lane: Lane, place: number, value: number, recorded: boolean, all: boolean): Handle {
  if (!recorded || place === 0) return makeScalar(value);
  const j = place - lane.page.base;
  if (j < 0) return all || region.seen(place) ? region.handleAt(place, makeScalar(value)) : makeScalar(value);
  const mark = j < lane.start ? 0 : lane.marks[j];
  const seen = all || (mark & MARKED) === 0 || (mark & SEEN) !== 0;
  return new Handle(seen ? lane.strand : null, seen ? j : 0, value, null);
}

/** bar times a partial derivative by the rule of the op; null where the partial is 0. */
function weighed(op: Op, bar: Handle, partial: Partial, a: Handle, b: Handle, y: Handle): Handle {
  if (partial === 1) return bar;
  return op.times(bar, typeof partial === "number" ? partial : partial(a, b, y));
}

/** What an entry is swept with. */
export interface Visit {
  readonly region: Region;
  readonly lane: Lane;
  readonly i: number;
  readonly op: Op;
  /** Residuals get their history: those that are seen, or all. */
  readonly recorded: boolean;
  readonly all: boolean;
}

/** Sends the cotangent of a scalar entry to its marked inputs. False where there is none. */
export function pullScalar(
  { region, lane, i, op, recorded, all }: Visit,
  add: (k: number, place: number, bar: Handle) => void,
): boolean {
  const bar = lane.at(i);
  if (bar === null) return false;
  const { placeA, placeB, valueA, valueB, value } = lane.page;
  const a = placeA[i];
  const b = placeB[i];
  const toA = a !== 0 && op.partialA !== 0 && (region.markAt(a) & MARKED) !== 0;
  const toB = b !== 0 && op.partialB !== 0 && (region.markAt(b) & MARKED) !== 0;
  if (!toA && !toB) return false;
  const x = residual(region, lane, a, valueA[i], recorded, all);
  const z = residual(region, lane, b, valueB[i], recorded, all);
  const y = recorded ? new Handle(lane.strand, i, value[i], null) : makeScalar(value[i]);
  if (toA) add(0, a, weighed(op, bar, op.partialA, x, z, y));
  if (toB) add(1, b, weighed(op, bar, op.partialB, x, z, y));
  return true;
}

/** The tangent of a scalar entry from those of its inputs, null where they do not move. */
export function pushScalar(
  { region, lane, i, op, recorded, all }: Visit,
  at: (place: number) => Handle | null,
): Handle | null {
  const { placeA, placeB, valueA, valueB, value } = lane.page;
  const dotA = placeA[i] === 0 || op.partialA === 0 ? null : at(placeA[i]);
  const dotB = placeB[i] === 0 || op.partialB === 0 ? null : at(placeB[i]);
  if (dotA === null && dotB === null) return null;
  const x = residual(region, lane, placeA[i], valueA[i], recorded, all);
  const z = residual(region, lane, placeB[i], valueB[i], recorded, all);
  const y = recorded ? new Handle(lane.strand, i, value[i], null) : makeScalar(value[i]);
  const left = dotA && weighed(op, dotA, op.partialA, x, z, y);
  const right = dotB && weighed(op, dotB, op.partialB, x, z, y);
  return plus(left, right);
}

/** The same with numbers, where nothing but numbers is held for the inputs. False: not so. */
export function pushNumbers(ledger: Ledger, lane: Lane, i: number, op: Op): boolean {
  const { placeA, placeB, valueA, valueB, value } = lane.page;
  const heldA = ledger.look(lane, placeA[i]);
  const dotA = ledger.number;
  const heldB = ledger.look(lane, placeB[i]);
  const dotB = ledger.number;
  if (heldA === "tensor" || heldB === "tensor") return false;
  if (heldA === "number" && op.partialA !== 0)
    lane.addNumber(i, scale(dotA, op.partialA, valueA[i], valueB[i], value[i]));
  if (heldB === "number" && op.partialB !== 0)
    lane.addNumber(i, scale(dotB, op.partialB, valueA[i], valueB[i], value[i]));
  return true;
}
