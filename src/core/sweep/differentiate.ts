import { fail } from "../../base/errors";
import { FREED } from "../tape/strand";
import { type Handle, isSymbolic, placeOf, withoutHistory } from "../tensor/handle";
import { Activity, markUseful } from "./activity";
import { sweepBack, sweepForward } from "./sweep";

/*
 * The door to the sweeps: what transforms call. A pass back, a pass forward, and what is handed out after.
 */

/** Whether a sweep is observed, and so must be recorded: its values depend on something live besides the inputs. */
function isObserved(activity: Activity, inputs: readonly Handle[], outputs: readonly Handle[]): boolean {
  const linked = (x: Handle): boolean => x.strand !== null && x.strand.page !== null;
  return activity.observed || inputs.some(linked) || outputs.some(isSymbolic);
}

/** A request for a pass back. */
export interface PullBackRequest {
  readonly outputs: readonly Handle[];
  readonly cotangents: readonly Handle[];
  readonly inputs: readonly Handle[];
  /** Record the sweep; if omitted, where it is observed. */
  readonly recorded?: boolean;
  /** Free what was swept; if omitted, unless the sweep is recorded. */
  readonly free?: boolean;
}

/** The cotangent of each input, null where nothing arrived; and whether each output is observed. */
export interface PullBackResult {
  readonly cotangents: readonly (Handle | null)[];
  readonly observed: readonly boolean[];
}

/** Sends cotangents of the outputs back to the inputs. `where` names the caller in errors. */
export function pullBack(where: string, request: PullBackRequest): PullBackResult {
  const { outputs, cotangents, inputs } = request;
  const activity = new Activity(outputs, inputs, true);
  if (activity.stale) failFreed(where);
  const { recorded = isObserved(activity, inputs, outputs) } = request;
  const free = request.free ?? !recorded;
  const recording = !recorded ? "none" : request.recorded === undefined ? "observed" : "all";
  const ends = outputs.map((y, k) => ({ place: placeOf(y), cotangent: cotangents[k] }));
  const xBars = sweepBack(activity, ends, recording, free);
  const observed = outputs.map((y) => isSymbolic(y) || activity.isObserved(placeOf(y)));
  // An output that depends on none of the inputs was not swept, and keeps its history.
  const swept = outputs.filter((y) => free && placeOf(y) > 0 && activity.isVaried(placeOf(y)));
  activity.release();
  for (const y of swept) {
    y.index = placeOf(y);
    y.strand = FREED;
  }
  return { cotangents: xBars, observed };
}

function failFreed(where: string): never {
  return fail(
    "backward/freed",
    `${where}: the result depends on a part of the tape that an earlier backward freed.`,
    {},
    "Pass { retain: true } to the earlier backward, compute the result again, or detach what went into it.",
  );
}

/** Sends tangents of the inputs forward to the outputs, null where an output does not vary with them. */
export function pushForward(
  where: string,
  outputs: readonly Handle[],
  inputs: readonly Handle[],
  tangents: readonly Handle[],
): (Handle | null)[] {
  const activity = new Activity(outputs, inputs, true);
  if (activity.stale) failFreed(where);
  markUseful(activity, outputs);
  const recording = isObserved(activity, inputs, outputs) ? "observed" : "none";
  const dots = sweepForward(activity, tangents, outputs.map(placeOf), recording);
  activity.release();
  return dots;
}

/** y as a transform returns it: without history, unless it is observed. */
export function detachUnlessObserved(y: Handle, inputs: readonly Handle[]): Handle {
  if (y.strand === null) return y;
  const activity = new Activity([y], inputs, false);
  const inner = !activity.isObserved(placeOf(y));
  activity.release();
  return inner ? withoutHistory(y) : y;
}
