import { fail } from "../../base/errors";
import { freshInput } from "../op/leaf";
import { now } from "../tape/page";
import { FREED } from "../tape/strand";
import { type Handle, isSymbolic, placeOf, withoutHistory } from "../tensor/handle";
import { Activity, markUseful } from "./activity";
import { sweepBack, sweepForward } from "./sweep";

/** Fresh inputs with the numbers of xs, all born now. */
export function freshInputs(xs: readonly Handle[]): Handle[] {
  const birth = now();
  return xs.map((x) => freshInput(x, birth));
}

/** Whether somebody besides the inputs asked about can see the values of a sweep: then it must be recorded. */
function isObserved(activity: Activity, inputs: readonly Handle[], outputs: readonly Handle[]): boolean {
  const linked = (x: Handle): boolean => x.strand !== null && x.strand.page !== null;
  return activity.observed || inputs.some(linked) || outputs.some(isSymbolic);
}

/** What a pass back asks for. */
export interface PullBackRequest {
  readonly outputs: readonly Handle[];
  readonly cotangents: readonly Handle[];
  readonly inputs: readonly Handle[];
  /** Record the sweep; undefined: when somebody else is watching. */
  readonly recorded?: boolean;
  /** Let go of what was swept. */
  readonly free?: boolean;
}

/** Cotangents by input, null where nothing arrived; and by output whether more than the inputs can see it. */
export interface PullBackResult {
  readonly cotangents: readonly (Handle | null)[];
  readonly observed: readonly boolean[];
}

/** Sends cotangents of the outputs back to the inputs. `where` names the caller in errors. */
export function pullBack(where: string, question: PullBackRequest): PullBackResult {
  const { outputs, cotangents, inputs } = question;
  const activity = new Activity(outputs, inputs, true);
  if (activity.stale) failFreed(where);
  const { recorded = isObserved(activity, inputs, outputs) } = question;
  const release = question.free ?? !recorded;
  const recording = !recorded ? "none" : question.recorded === undefined ? "seen" : "all";
  const ends = outputs.map((y, k) => ({ place: placeOf(y), cotangent: cotangents[k] }));
  const bars = sweepBack(activity, ends, recording, release);
  const seen = outputs.map((y) => isSymbolic(y) || activity.isObserved(placeOf(y)));
  // An output that comes from none of the inputs was not swept, and keeps its history.
  const swept = outputs.filter((y) => release && placeOf(y) > 0 && activity.markAt(placeOf(y)) !== 0);
  activity.release();
  for (const y of swept) {
    y.index = placeOf(y);
    y.strand = FREED;
  }
  return { cotangents: bars, observed: seen };
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
  const recording = isObserved(activity, inputs, outputs) ? "seen" : "none";
  const dots = sweepForward(activity, tangents, outputs.map(placeOf), recording);
  activity.release();
  return dots;
}

/** y as a transform hands it out: without history, unless it depends on more than the fresh inputs of the transform. */
export function detachUnlessObserved(y: Handle, inputs: readonly Handle[]): Handle {
  if (y.strand === null) return y;
  const activity = new Activity([y], inputs, false);
  const inner = !activity.isObserved(placeOf(y));
  activity.release();
  return inner ? withoutHistory(y) : y;
}
