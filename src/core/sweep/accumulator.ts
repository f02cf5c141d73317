import type { TensorData } from "../../base/dtype";
import type { Handle } from "../tensor/handle";
import type { Activity } from "./activity";
import { NUMBER, type PageScratch, scratchForLeaves, TENSOR } from "./page-scratch";

/** What is held at a place. */
export type HeldKind = "nothing" | "number" | "tensor";

/**
 * Cotangents or tangents by place: in page scratch for entries, in one more for the targets that are leaves. At any time a
 * place holds either a number (0-d float64, not observed) or a tensor.
 *
 * Invariant: contributions are added in the order of their arrival, on both paths. Floating-point sums depend on their
 * order, so with any other rule a value would depend on whether it is observed.
 */
export class Accumulator {
  /** The number that `peek` found last. */
  number = 0;
  private readonly leaves: PageScratch;
  /** Where the scratch that `scratchOf` found last holds its place. */
  private index = 0;
  constructor(readonly activity: Activity) {
    this.leaves = scratchForLeaves(activity.targets.length);
  }

  /** The scratch that holds a place, at `index`; null where no target leads to it. */
  private scratchOf(place: number): PageScratch | null {
    if (place <= 0) {
      this.index = place === 0 ? -1 : this.activity.slotOf(place);
      return this.index < 0 ? null : this.leaves;
    }
    const scratch = this.activity.scratchOf(place);
    if (scratch !== null) this.index = place - scratch.page.base;
    return scratch;
  }

  addNumber(place: number, x: number): void {
    const scratch = this.scratchOf(place);
    if (scratch !== null) scratch.addNumber(this.index, x);
  }

  add(place: number, x: Handle): void {
    if (x.strand === null && x.body === null) {
      this.addNumber(place, x.value);
      return;
    }
    const scratch = this.scratchOf(place);
    if (scratch !== null) scratch.add(this.index, x);
  }

  /** The elements of the tensor held at a place, to be added to; null if none is held, or one with a history. */
  sumAt(place: number): TensorData | null {
    const scratch = this.scratchOf(place);
    return scratch === null ? null : scratch.sumAt(this.index);
  }

  /** The sum at a place, null if nothing has arrived. */
  at(place: number): Handle | null {
    const scratch = this.scratchOf(place);
    return scratch === null ? null : scratch.at(this.index);
  }

  /** The sums at some places, at the end of a sweep. */
  take(places: readonly number[]): (Handle | null)[] {
    const sums = places.map((place) => this.at(place));
    this.leaves.release();
    return sums;
  }

  /** What is held at a place, without making a tensor of it: a number is left in `number`. */
  peek(scratch: PageScratch, place: number): HeldKind {
    const i = place - scratch.page.base;
    const near = place > 0 && i >= scratch.start;
    const own = near ? scratch : this.scratchOf(place);
    if (own === null) return "nothing";
    const k = near ? i : this.index;
    const mark = own.marks[k];
    if ((mark & TENSOR) !== 0) return "tensor";
    if ((mark & NUMBER) === 0 || own.scalars === null) return "nothing";
    this.number = own.scalars[k];
    return "number";
  }
}
