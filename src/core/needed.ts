import { cellAt } from "./op";
import { type Handle, placeOf } from "./handle";
import { type Lane, MARKED } from "./lane";
import { LATER_PART } from "./page";
import type { Region } from "./region";

/** Mark beside MARKED: an output needs the entry. */
export const NEEDED = 16;

/** Marks the entries between the inputs asked about and the outputs that the outputs need, walking back in time. */
export function markNeeded(region: Region, outputs: readonly Handle[]): void {
  const ask = (place: number): void => {
    const lane = place > 0 ? region.laneOf(place) : null;
    if (lane !== null && (lane.marks[place - lane.page.base] & MARKED) !== 0)
      lane.marks[place - lane.page.base] |= NEEDED;
  };
  for (const y of outputs) ask(placeOf(y));
  const asked = new Set(region.asked.filter((place) => place > 0));
  for (let l = region.lanes.length - 1; l >= 0; l--) {
    const lane: Lane = region.lanes[l];
    for (let i = lane.end - 1; i >= lane.start; i--) {
      const { page, marks } = lane;
      if ((marks[i] & NEEDED) === 0 || (asked.size > 0 && asked.has(page.base + i))) continue;
      const cell = cellAt(page, i);
      if (page.codes[i] === LATER_PART) marks[i - 1] |= NEEDED;
      else if (cell !== null) for (const place of cell.places) ask(place);
      else {
        ask(page.placeA[i]);
        ask(page.placeB[i]);
      }
    }
  }
}
