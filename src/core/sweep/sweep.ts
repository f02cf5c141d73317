import { pullThrough, pushThrough } from "../op/elementwise-rules";
import { freeEntry, opAt, partialsA, partialsB, tensorEntryAt } from "../op/entry";
import { monitor } from "../op/monitor";
import { type CoreOp, fromRule, type Residuals } from "../op/op";
import { timesPartial } from "../op/scalar-ops";
import { LATER_PART } from "../tape/page";
import { Handle, makeScalar } from "../tensor/handle";
import { Accumulator } from "./accumulator";
import { type Activity, OBSERVED, USEFUL } from "./activity";
import { NUMBER, type PageScratch, TENSOR, VARIED } from "./page-scratch";
import { pullScalar, pushNumbers, pushScalar } from "./scalar-sweep";

/*
 * The sweeps themselves. Both walk the marked entries once, and both have two paths: numbers, for scalar entries that are
 * not observed, and tensors, for everything else. A sweep calls ops by their rules and never by name.
 */

/**
 * Which residuals rules get with their history, so that the sweep itself can be differentiated: none, those that are
 * observed, or all.
 */
export type Recording = "none" | "observed" | "all";

/** Whether an entry is swept with its history. */
const isRecorded = (recording: Recording, scratch: PageScratch, i: number): boolean =>
  recording === "all" || (recording === "observed" && (scratch.marks[i] & OBSERVED) !== 0);

/** The residuals of an entry. */
function residualsOf(activity: Activity, scratch: PageScratch, i: number, recording: Recording): Residuals {
  const { page } = scratch;
  const entry = tensorEntryAt(page, i);
  const recorded = isRecorded(recording, scratch, i);
  const input = (place: number, x: Handle): Handle =>
    recorded && (recording === "all" || activity.isObserved(place)) ? activity.handleAt(place, x) : x;
  if (entry === null) {
    const a = input(page.placeA[i], makeScalar(page.valueA[i]));
    const b = input(page.placeB[i], makeScalar(page.valueB[i]));
    const output = recorded ? new Handle(scratch.strand, i, page.value[i], null) : makeScalar(page.value[i]);
    return { inputs: [a, b], outputs: [output], attrs: undefined };
  }
  if (!recorded) return entry;
  const inputs = entry.inputs.map((x, k) => input(entry.places[k], x));
  const outputs = entry.outputs.map((y, k) => new Handle(scratch.strand, i + k, y.value, y.body));
  return { inputs, outputs, attrs: entry.attrs };
}

/** A cotangent or tangent of a scalar entry, checked. */
const scalarOf = (op: CoreOp, what: string, k: number, given: Handle): Handle =>
  given.body === null ? given : fromRule(op, what, k, given, ZERO);
const ZERO = /* @__PURE__ */ makeScalar(0);

/**
 * Walks the varied entries back in time. Returns the cotangent of each target, null where nothing arrived. `free`: frees
 * the entries it has swept.
 */
export function sweepBack(
  activity: Activity,
  outputs: readonly { readonly place: number; readonly cotangent: Handle }[],
  recording: Recording,
  free: boolean,
): (Handle | null)[] {
  const accumulator = new Accumulator(activity);
  for (const { place, cotangent } of outputs) if (activity.isVaried(place)) accumulator.add(place, cotangent);
  const monitored = monitor !== null;
  for (let l = activity.scratches.length - 1; l >= 0; l--) {
    const scratch = activity.scratches[l];
    const { page, marks } = scratch;
    const { codes, placeA, placeB, valueA, valueB, value } = page;
    let freed = 0;
    const { start } = scratch;
    for (let i = scratch.end - 1; i >= start; i--) {
      const mark = marks[i];
      const code = codes[i];
      if ((mark & VARIED) === 0 || code === 0 || code === LATER_PART) continue;
      if (monitored || code < 0 || (mark & TENSOR) !== 0 || isRecorded(recording, scratch, i)) {
        pullEntry(accumulator, scratch, i, recording, free);
        continue;
      }
      if ((mark & NUMBER) === 0 || scratch.scalars === null) continue;
      const bar = scratch.scalars[i];
      const a = placeA[i];
      const b = placeB[i];
      const partialA = partialsA[code];
      const partialB = partialsB[code];
      let swept = false;
      if (a !== 0 && partialA !== 0) {
        swept = addPartial(accumulator, scratch, a, timesPartial(bar, partialA, valueA[i], valueB[i], value[i]));
      }
      if (b !== 0 && partialB !== 0) {
        swept =
          addPartial(accumulator, scratch, b, timesPartial(bar, partialB, valueA[i], valueB[i], value[i])) || swept;
      }
      if (free && swept) {
        codes[i] = 0;
        freed++;
      }
    }
    page.freed += freed;
    if (free) page.recycle();
    if (!activity.targetsIn(scratch)) scratch.empty();
  }
  return accumulator.take(activity.targets);
}

/** Adds a number at a varied place, most often one of the same page. False where the place is not varied. */
function addPartial(accumulator: Accumulator, scratch: PageScratch, place: number, x: number): boolean {
  const { marks } = scratch;
  const i = place - scratch.page.base;
  if (i < 0) {
    if (!accumulator.activity.isVaried(place)) return false;
    accumulator.addNumber(place, x);
    return true;
  }
  const mark = marks[i];
  if (mark === VARIED && scratch.scalars !== null) {
    scratch.scalars[i] = x;
    marks[i] = VARIED | NUMBER;
    return true;
  }
  if ((mark & VARIED) === 0) return false;
  scratch.addNumber(i, x);
  return true;
}

function pullEntry(
  accumulator: Accumulator,
  scratch: PageScratch,
  i: number,
  recording: Recording,
  free: boolean,
): void {
  const { activity } = accumulator;
  const { page } = scratch;
  const op = opAt(page, i);
  if (op === null) return;
  if (page.codes[i] > 0 && monitor === null) {
    const visit = { activity, scratch, i, op, recorded: isRecorded(recording, scratch, i), all: recording === "all" };
    const swept = pullScalar(visit, (k, place, bar) =>
      accumulator.add(place, scalarOf(op, "the cotangent of input", k, bar)),
    );
    if (free && swept) freeEntry(page, i, 1);
    return;
  }
  const yBars: (Handle | null)[] = [];
  let any = false;
  for (let k = 0; k < op.parts; k++) {
    yBars.push(scratch.at(i + k));
    any ||= yBars[k] !== null;
  }
  if (!any) return;
  const entry = tensorEntryAt(page, i);
  const places = entry === null ? [page.placeA[i], page.placeB[i]] : entry.places;
  const wanted = places.map((place, k) => activity.isVaried(place) && op.differentiable(k));
  // A target that depends on no other target.
  if (!wanted.includes(true)) return;
  const yBar = yBars[0];
  if (op.addCotangent !== undefined && entry !== null && yBar?.strand === null && monitor === null) {
    const sum = isRecorded(recording, scratch, i) ? null : accumulator.sumAt(places[0]);
    if (sum !== null) {
      op.addCotangent(sum, entry, yBar);
      if (free) freeEntry(page, i, 1);
      return;
    }
  }
  const r = residualsOf(activity, scratch, i, recording);
  const xBars =
    monitor === null
      ? pullThrough(op, r, yBars, wanted)
      : monitor.rule("backward", op, entry ?? page.base + i, yBars, () => pullThrough(op, r, yBars, wanted));
  for (let k = 0; k < places.length; k++) {
    const xBar = xBars[k];
    if (wanted[k] && xBar !== null && xBar !== undefined) {
      accumulator.add(places[k], fromRule(op, "the cotangent of input", k, xBar, r.inputs[k]));
    }
  }
  if (free) freeEntry(page, i, op.parts);
}

/** Walks the useful entries forward in time. Returns the tangent of each output, null where it is zero. */
export function sweepForward(
  activity: Activity,
  tangents: readonly Handle[],
  outputs: readonly number[],
  recording: Recording,
): (Handle | null)[] {
  const accumulator = new Accumulator(activity);
  activity.targets.forEach((place, k) => {
    if (activity.isVaried(place)) accumulator.add(place, tangents[k]);
  });
  for (const scratch of activity.scratches) {
    const { page, marks } = scratch;
    for (let i = scratch.start; i < scratch.end; i++) {
      if ((marks[i] & USEFUL) === 0) continue;
      const op = opAt(page, i);
      if (op !== null) pushEntry(accumulator, scratch, i, op, recording);
    }
  }
  return accumulator.take(outputs);
}

function pushEntry(accumulator: Accumulator, scratch: PageScratch, i: number, op: CoreOp, recording: Recording): void {
  const { page } = scratch;
  const entry = tensorEntryAt(page, i);
  if (entry === null && monitor === null) {
    const recorded = isRecorded(recording, scratch, i);
    if (!recorded && pushNumbers(accumulator, scratch, i, op)) return;
    const visit = { activity: accumulator.activity, scratch, i, op, recorded, all: recording === "all" };
    const dot = pushScalar(visit, (place) => accumulator.at(place));
    if (dot !== null) accumulator.add(page.base + i, scalarOf(op, "the tangent of output", 0, dot));
    return;
  }
  const places = entry === null ? [page.placeA[i], page.placeB[i]] : entry.places;
  const xDots = places.map((place, k) => (place !== 0 && op.differentiable(k) ? accumulator.at(place) : null));
  if (xDots.every((x) => x === null)) return;
  const r = residualsOf(accumulator.activity, scratch, i, recording);
  const yDots =
    monitor === null
      ? pushThrough(op, r, xDots)
      : monitor.rule("tangent", op, entry ?? page.base + i, xDots, () => pushThrough(op, r, xDots));
  for (let k = 0; k < op.parts; k++) {
    const yDot = yDots[k];
    if (yDot !== null && yDot !== undefined) {
      accumulator.add(page.base + i + k, fromRule(op, "the tangent of output", k, yDot, r.outputs[k]));
    }
  }
}
