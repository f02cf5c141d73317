import { cellAt, letGoOf, opAt, partialsA, partialsB } from "../op/entry";
import { watch } from "../op/monitor";
import type { Op, Residuals } from "../op/op";
import { checked } from "../op/rule-check";
import { scale } from "../op/scalar-ops";
import { LATER_PART } from "../tape/page";
import { Handle, makeScalar } from "../tensor/handle";
import { Ledger } from "./accumulator";
import { NEEDED, type Region, SEEN } from "./activity";
import { type Lane, MARKED, NUMBER, TENSOR } from "./page-scratch";
import { pullScalar, pushNumbers, pushScalar } from "./scalar-sweep";

/**
 * Which residuals rules get with their history, so that the sweep itself can be differentiated: none, those that somebody
 * besides the inputs asked about can see, or all.
 */
export type Recording = "none" | "seen" | "all";

/** Whether the entry of a lane is to be swept with its history. */
const isRecorded = (recording: Recording, lane: Lane, i: number): boolean =>
  recording === "all" || (recording === "seen" && (lane.marks[i] & SEEN) !== 0);

/** The residuals of an entry. */
function residualsOf(region: Region, lane: Lane, i: number, recording: Recording): Residuals {
  const { page } = lane;
  const cell = cellAt(page, i);
  const recorded = isRecorded(recording, lane, i);
  const input = (place: number, x: Handle): Handle =>
    recorded && (recording === "all" || region.seen(place)) ? region.handleAt(place, x) : x;
  if (cell === null) {
    const a = input(page.placeA[i], makeScalar(page.valueA[i]));
    const b = input(page.placeB[i], makeScalar(page.valueB[i]));
    const output = recorded ? new Handle(lane.strand, i, page.value[i], null) : makeScalar(page.value[i]);
    return { inputs: [a, b], outputs: [output], attrs: undefined };
  }
  if (!recorded) return cell;
  const inputs = cell.inputs.map((x, k) => input(cell.places[k], x));
  const outputs = cell.outputs.map((y, k) => new Handle(lane.strand, i + k, y.value, y.body));
  return { inputs, outputs, attrs: cell.attrs };
}

/** A cotangent or tangent of a single number, checked. */
const scalarOf = (op: Op, what: string, k: number, given: Handle): Handle =>
  given.body === null ? given : checked(op, what, k, given, ZERO);
const ZERO = /* @__PURE__ */ makeScalar(0);

/**
 * Walks the marked entries back in time. Gives the cotangent of each input asked about, null where nothing arrived.
 * `release`: lets go of the entries swept.
 */
export function sweepBack(
  region: Region,
  outputs: readonly { readonly place: number; readonly cotangent: Handle }[],
  recording: Recording,
  release: boolean,
): (Handle | null)[] {
  const ledger = new Ledger(region);
  for (const { place, cotangent } of outputs) if (region.markAt(place) !== 0) ledger.add(place, cotangent);
  const whole = watch !== null;
  for (let l = region.lanes.length - 1; l >= 0; l--) {
    const lane = region.lanes[l];
    const { page, marks } = lane;
    const { codes, placeA, placeB, valueA, valueB, value } = page;
    let released = 0;
    const { start } = lane;
    for (let i = lane.end - 1; i >= start; i--) {
      const mark = marks[i];
      const code = codes[i];
      if ((mark & MARKED) === 0 || code === 0 || code === LATER_PART) continue;
      if (whole || code < 0 || (mark & TENSOR) !== 0 || isRecorded(recording, lane, i)) {
        pullEntry(ledger, lane, i, recording, release);
        continue;
      }
      if ((mark & NUMBER) === 0 || lane.scalars === null) continue;
      const bar = lane.scalars[i];
      const a = placeA[i];
      const b = placeB[i];
      const partialA = partialsA[code];
      const partialB = partialsB[code];
      let swept = false;
      if (a !== 0 && partialA !== 0) {
        swept = pass(ledger, lane, a, scale(bar, partialA, valueA[i], valueB[i], value[i]));
      }
      if (b !== 0 && partialB !== 0) {
        swept = pass(ledger, lane, b, scale(bar, partialB, valueA[i], valueB[i], value[i])) || swept;
      }
      if (release && swept) {
        codes[i] = 0;
        released++;
      }
    }
    page.released += released;
    if (release) page.recycle();
    if (!region.asksIn(lane)) lane.empty();
  }
  return region.asked.map((place) => ledger.at(place));
}

/** Adds a number at a marked place, most often one of the same page. False where the place is not marked. */
function pass(ledger: Ledger, lane: Lane, place: number, x: number): boolean {
  const { marks } = lane;
  const i = place - lane.page.base;
  if (i < 0) {
    if (ledger.region.markAt(place) === 0) return false;
    ledger.addNumber(place, x);
    return true;
  }
  const mark = marks[i];
  if (mark === MARKED && lane.scalars !== null) {
    lane.scalars[i] = x;
    marks[i] = MARKED | NUMBER;
    return true;
  }
  if ((mark & MARKED) === 0) return false;
  lane.addNumber(i, x);
  return true;
}

function pullEntry(ledger: Ledger, lane: Lane, i: number, recording: Recording, release: boolean): void {
  const { region } = ledger;
  const { page } = lane;
  const op = opAt(page, i);
  if (op === null) return;
  if (page.codes[i] > 0 && watch === null) {
    const visit = { region, lane, i, op, recorded: isRecorded(recording, lane, i), all: recording === "all" };
    const swept = pullScalar(visit, (k, place, bar) =>
      ledger.add(place, scalarOf(op, "the cotangent of input", k, bar)),
    );
    if (release && swept) letGoOf(page, i, 1);
    return;
  }
  const yBars: (Handle | null)[] = [];
  let any = false;
  for (let k = 0; k < op.parts; k++) {
    yBars.push(lane.at(i + k));
    any ||= yBars[k] !== null;
  }
  if (!any) return;
  const cell = cellAt(page, i);
  const places = cell === null ? [page.placeA[i], page.placeB[i]] : cell.places;
  const wanted = places.map((place, k) => region.markAt(place) !== 0 && op.differentiable(k));
  // An input asked about, which came from nothing that is asked about.
  if (!wanted.includes(true)) return;
  const r = residualsOf(region, lane, i, recording);
  const xBars =
    watch === null
      ? op.pull(r, yBars, wanted)
      : watch.rule("backward", op, cell ?? page.base + i, yBars, () => op.pull(r, yBars, wanted));
  for (let k = 0; k < places.length; k++) {
    const xBar = xBars[k];
    if (wanted[k] && xBar !== null && xBar !== undefined) {
      ledger.add(places[k], checked(op, "the cotangent of input", k, xBar, r.inputs[k]));
    }
  }
  if (release) letGoOf(page, i, op.parts);
}

/** Walks the marked entries forward in time. Gives the tangent at each place wanted, null where it is zero. */
export function sweepForward(
  region: Region,
  tangents: readonly Handle[],
  outputs: readonly number[],
  recording: Recording,
): (Handle | null)[] {
  const ledger = new Ledger(region);
  region.asked.forEach((place, k) => {
    if ((region.markAt(place) & MARKED) !== 0) ledger.add(place, tangents[k]);
  });
  for (const lane of region.lanes) {
    const { page, marks } = lane;
    for (let i = lane.start; i < lane.end; i++) {
      if ((marks[i] & NEEDED) === 0) continue;
      const op = opAt(page, i);
      if (op !== null) pushEntry(ledger, lane, i, op, recording);
    }
  }
  return outputs.map((place) => ledger.at(place));
}

function pushEntry(ledger: Ledger, lane: Lane, i: number, op: Op, recording: Recording): void {
  const { page } = lane;
  const cell = cellAt(page, i);
  if (cell === null && watch === null) {
    const recorded = isRecorded(recording, lane, i);
    if (!recorded && pushNumbers(ledger, lane, i, op)) return;
    const visit = { region: ledger.region, lane, i, op, recorded, all: recording === "all" };
    const dot = pushScalar(visit, (place) => ledger.at(place));
    if (dot !== null) ledger.add(page.base + i, scalarOf(op, "the tangent of output", 0, dot));
    return;
  }
  const places = cell === null ? [page.placeA[i], page.placeB[i]] : cell.places;
  const xDots = places.map((place, k) => (place !== 0 && op.differentiable(k) ? ledger.at(place) : null));
  if (xDots.every((x) => x === null)) return;
  const r = residualsOf(ledger.region, lane, i, recording);
  const yDots =
    watch === null
      ? op.push(r, xDots)
      : watch.rule("tangent", op, cell ?? page.base + i, xDots, () => op.push(r, xDots));
  for (let k = 0; k < op.parts; k++) {
    const yDot = yDots[k];
    if (yDot !== null && yDot !== undefined) {
      ledger.add(page.base + i + k, checked(op, "the tangent of output", k, yDot, r.outputs[k]));
    }
  }
}
