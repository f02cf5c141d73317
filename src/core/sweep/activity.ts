import { opAt, tensorEntryAt } from "../op/entry";
import { isLive, leafAt } from "../op/leaf";
import { KIND_MASK, LATER_PART, PAGE_SIZE, SYMBOLIC } from "../tape/page";
import { reachablePages, rootOf, type Strand, viewOf } from "../tape/strand";
import { Handle, placeOf } from "../tensor/handle";
import { type PageScratch, scratchFor, VARIED } from "./page-scratch";

/*
 * Activity analysis: which entries between some targets and some outputs matter. Varied: depends on a target. Useful: an
 * output needs it. Observed: depends on something besides the targets by which one may yet differentiate: a variable, a
 * symbol, an input of a function that is still running. Marks are local to one analysis, so two nested transforms cannot
 * confuse their inputs, and there is no level to count.
 */

/** Mark: the entry depends on a freed one. */
const STALE = 2;
/** Mark, alone or beside VARIED: the entry is observed, it depends on something live besides the targets. */
export const OBSERVED = 32;

let visits = 0;

/** Entries visited by marking since the program began, for the test that sweeps in a loop stay linear. */
export const entriesVisited = (): number => visits;

/**
 * The part of the tape between targets (the inputs of a sweep) and outputs, with a mark on every entry that depends on a
 * target. Made by one forward pass in the order of time, from the birth of the oldest target to the youngest output.
 */
export class Activity {
  readonly scratches: PageScratch[] = [];
  /** Places of the targets; negative for leaves. */
  readonly targets: readonly number[];
  /** Some varied entry is observed. */
  observed = false;
  /** An output depends on freed entries. */
  stale = false;
  /** Numbers of the targets that are leaves, by place: a table where the places are close together, else a map. */
  private readonly leaves: Map<number, number> | null;
  private readonly table: readonly number[] | null;
  private lowest = 0;
  private readonly base: number;
  private readonly olderStrands = new Map<number, Strand | null>();

  /** @param derivative - false: dependence of any kind; true: only where derivatives flow */
  constructor(outputs: readonly Handle[], inputs: readonly Handle[], derivative: boolean) {
    this.targets = inputs.map(placeOf);
    let base = Infinity;
    let highest = -Infinity;
    for (let k = 0; k < inputs.length; k++) {
      const place = this.targets[k];
      base = Math.min(base, place < 0 ? (inputs[k].strand?.start ?? 0) : place);
      if (place < 0) {
        this.lowest = Math.min(this.lowest, place);
        highest = Math.max(highest, place);
      }
    }
    this.base = base;
    const width = highest - this.lowest + 1;
    if (width > 8 * inputs.length + 64) {
      this.leaves = new Map(this.targets.map((place, k) => [place, k]));
      this.table = null;
    } else {
      const table = new Array<number>(Math.max(width, 0)).fill(-1);
      for (let k = 0; k < inputs.length; k++) if (this.targets[k] < 0) table[this.targets[k] - this.lowest] = k;
      this.table = table;
      this.leaves = null;
    }
    const strands: Strand[] = [];
    let last = -1;
    for (const y of outputs) {
      const place = placeOf(y);
      if (place <= 0 || y.strand === null) continue;
      strands.push(y.strand);
      last = Math.max(last, place);
    }
    for (const span of reachablePages(strands, base)) {
      const found = scratchFor(span, last);
      if (found.end > found.start) this.scratches.push(found);
      else found.release();
    }
    for (const place of this.targets) {
      const at = place > 0 ? this.scratchOf(place) : null;
      // A target that no output depends on can lie outside the scratch of its page, where marks are never cleaned.
      if (at?.holds(place)) at.marks[place - at.page.base] = VARIED | OBSERVED;
    }
    for (const scratch of this.scratches) this.mark(scratch, derivative);
    for (const y of outputs) if ((this.markAt(placeOf(y)) & STALE) !== 0) this.stale = true;
  }

  /** Which target a leaf is, -1 if none. */
  slotOf(place: number): number {
    if (this.table !== null) {
      const k = place - this.lowest;
      return k >= 0 && k < this.table.length ? this.table[k] : -1;
    }
    return this.leaves?.get(place) ?? -1;
  }

  /** Whether a target lies in a scratch: then its cotangent is still to be read. */
  targetsIn(scratch: PageScratch): boolean {
    const { base } = scratch.page;
    return this.targets.some((place) => place >= base && place < base + PAGE_SIZE);
  }

  /** The scratch that holds a place, null outside the activity. */
  scratchOf(place: number): PageScratch | null {
    const scratches = this.scratches;
    let low = 0;
    let high = scratches.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const scratch = scratches[middle];
      if (place < scratch.page.base) high = middle - 1;
      else if (place >= scratch.page.base + PAGE_SIZE) low = middle + 1;
      else return scratch;
    }
    return null;
  }

  /** The tensor at a place inside or outside the activity, with its history again; x holds its elements. */
  handleAt(place: number, x: Handle): Handle {
    if (place === 0) return x;
    if (place < 0) return leafAt(place, x.value, x.body);
    const strand = this.scratchOf(place)?.strand ?? this.olderStrand(Math.floor(place / PAGE_SIZE));
    return strand === null ? x : new Handle(strand, place % PAGE_SIZE, x.value, x.body);
  }

  /** A strand for what entries of the activity depend on, on a page that is older than the activity. */
  private olderStrand(page: number): Strand | null {
    let strand = this.olderStrands.get(page);
    if (strand === undefined) {
      const strands: Strand[] = [];
      for (const scratch of this.scratches) {
        for (const s of scratch.strand.older ?? []) if (s.page?.number === page) strands.push(rootOf(s));
      }
      strand = strands.length === 0 ? null : viewOf(strands);
      this.olderStrands.set(page, strand);
    }
    return strand;
  }

  /**
   * The marks of a place. What lies after the birth of the oldest target but in no scratch was freed. What is older is
   * not looked into: its flags tell whether it is observed.
   */
  markAt(place: number): number {
    if (place === 0) return 0;
    if (place < 0) {
      if (this.slotOf(place) < 0) return isLive(place, -place & KIND_MASK) ? OBSERVED : 0;
      return (-place & SYMBOLIC) !== 0 ? VARIED | OBSERVED : VARIED;
    }
    const scratch = this.scratchOf(place);
    if (scratch?.holds(place)) return scratch.marks[place - scratch.page.base];
    if (place >= this.base) return STALE;
    const page = scratch?.page ?? this.olderStrand(Math.floor(place / PAGE_SIZE))?.page ?? null;
    return page === null || isLive(place, page.flags[place - page.base]) ? OBSERVED : 0;
  }

  /** Whether the entry at a place depends on a target. */
  isVaried(place: number): boolean {
    return (this.markAt(place) & VARIED) !== 0;
  }

  /** Whether the entry at a place depends on something live other than the targets. */
  isObserved(place: number): boolean {
    return (this.markAt(place) & (OBSERVED | STALE)) !== 0;
  }

  private mark(scratch: PageScratch, derivative: boolean): void {
    const { page, marks, start, end } = scratch;
    const { base, codes, placeA, placeB } = page;
    // What lies before the scratch on the same page is older than the activity, or was freed.
    const first = base + start;
    visits += end - start;
    for (let i = start; i < end; i++) {
      const code = codes[i];
      if (code > 0) {
        const a = placeA[i];
        const b = placeB[i];
        const markA = a === 0 ? 0 : a >= first ? marks[a - base] : this.markAt(a);
        const markB = b === 0 ? 0 : b >= first ? marks[b - base] : this.markAt(b);
        const mark = markA | markB;
        if (mark === 0) continue;
        marks[i] |= mark;
        if ((mark & VARIED) !== 0 && (mark & OBSERVED) !== 0) this.observed = true;
        continue;
      }
      if (code === 0) {
        marks[i] = STALE;
        continue;
      }
      const entry = tensorEntryAt(page, i);
      if (entry === null) continue;
      const op = opAt(page, i);
      if (op === null) continue;
      const { places } = entry;
      let mark = 0;
      for (let k = 0; k < places.length; k++) {
        const place = places[k];
        if (place === 0) continue;
        const m = place >= first ? marks[place - base] : this.markAt(place);
        // Indices and conditions of a trace pass no derivative on, but rules read them: the sweep has to be traced too.
        const passes = !derivative || op.differentiable(k);
        mark |= passes ? m : m & OBSERVED;
      }
      if (mark === 0) continue;
      if ((mark & VARIED) !== 0 && (mark & OBSERVED) !== 0) this.observed = true;
      for (let k = 0; k < entry.outputs.length; k++) marks[i + k] |= mark;
    }
  }

  /** Returns the scratch to its pool. Not called after an error. */
  release(): void {
    for (const scratch of this.scratches) scratch.release();
  }
}

/** Mark beside VARIED: an output needs the entry. */
export const USEFUL = 16;

/** Marks the varied entries that the outputs need, walking back in time. */
export function markUseful(activity: Activity, outputs: readonly Handle[]): void {
  const need = (place: number): void => {
    const scratch = place > 0 ? activity.scratchOf(place) : null;
    if (scratch !== null && (scratch.marks[place - scratch.page.base] & VARIED) !== 0)
      scratch.marks[place - scratch.page.base] |= USEFUL;
  };
  for (const y of outputs) need(placeOf(y));
  const targets = new Set(activity.targets.filter((place) => place > 0));
  for (let l = activity.scratches.length - 1; l >= 0; l--) {
    const scratch: PageScratch = activity.scratches[l];
    for (let i = scratch.end - 1; i >= scratch.start; i--) {
      const { page, marks } = scratch;
      if ((marks[i] & USEFUL) === 0 || (targets.size > 0 && targets.has(page.base + i))) continue;
      const entry = tensorEntryAt(page, i);
      if (page.codes[i] === LATER_PART) marks[i - 1] |= USEFUL;
      else if (entry !== null) for (const place of entry.places) need(place);
      else {
        need(page.placeA[i]);
        need(page.placeB[i]);
      }
    }
  }
}
