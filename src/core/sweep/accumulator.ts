import { accumulate } from "../op/sweep-ops";
import { type Handle, makeScalar } from "../tensor/handle";
import type { Activity } from "./activity";
import { NUMBER, type PageScratch, TENSOR } from "./page-scratch";

/** What stands at a place. */
export type HeldKind = "nothing" | "number" | "tensor";

/**
 * Cotangents or tangents by place. At any time a place holds either a number (0-d float64, nobody watching) or a tensor,
 * and contributions are added in the order in which they come: so values do not depend on who is watching.
 */
export class Accumulator {
  /** The number that `look` found last. */
  number = 0;
  private readonly numbers: number[];
  private readonly held: boolean[];
  private readonly tensors: (Handle | null)[];
  constructor(readonly activity: Activity) {
    const count = activity.targets.length;
    this.numbers = new Array<number>(count).fill(0);
    this.held = new Array<boolean>(count).fill(false);
    this.tensors = new Array<Handle | null>(count).fill(null);
  }

  addNumber(place: number, x: number): void {
    if (place > 0) {
      const scratch = this.activity.scratchOf(place);
      if (scratch !== null) scratch.addNumber(place - scratch.page.base, x);
      return;
    }
    const k = this.activity.slotOf(place);
    if (k < 0) return;
    const tensor = this.tensors[k];
    if (tensor !== null) this.tensors[k] = accumulate(tensor, makeScalar(x));
    else if (this.held[k]) this.numbers[k] += x;
    else {
      this.numbers[k] = x;
      this.held[k] = true;
    }
  }

  add(place: number, x: Handle): void {
    if (x.strand === null && x.body === null) {
      this.addNumber(place, x.value);
      return;
    }
    if (place > 0) {
      const scratch = this.activity.scratchOf(place);
      if (scratch !== null) scratch.add(place - scratch.page.base, x);
      return;
    }
    const k = this.activity.slotOf(place);
    if (k < 0) return;
    const there = this.tensors[k] ?? (this.held[k] ? makeScalar(this.numbers[k]) : null);
    this.held[k] = false;
    this.tensors[k] = there === null ? x : accumulate(there, x);
  }

  /** What has come together at a place, null if nothing. */
  at(place: number): Handle | null {
    if (place > 0) {
      const scratch = this.activity.scratchOf(place);
      return scratch === null ? null : scratch.at(place - scratch.page.base);
    }
    const k = this.activity.slotOf(place);
    if (k < 0) return null;
    return this.tensors[k] ?? (this.held[k] ? makeScalar(this.numbers[k]) : null);
  }

  /** Looks a place up without making a tensor: what is held there; a number comes in `number`. */
  peek(scratch: PageScratch, place: number): HeldKind {
    if (place > 0) {
      const i = place - scratch.page.base;
      const own = i >= scratch.start ? scratch : this.activity.scratchOf(place);
      if (own === null) return "nothing";
      const k = place - own.page.base;
      const mark = own.marks[k];
      if ((mark & TENSOR) !== 0) return "tensor";
      if ((mark & NUMBER) === 0 || own.scalars === null) return "nothing";
      this.number = own.scalars[k];
      return "number";
    }
    const k = place === 0 ? -1 : this.activity.slotOf(place);
    if (k < 0) return "nothing";
    if (this.tensors[k] !== null) return "tensor";
    this.number = this.numbers[k];
    return this.held[k] ? "number" : "nothing";
  }
}
