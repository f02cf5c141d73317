import type { TensorData } from "../../base/dtype";
import { type Handle, makeScalar } from "../tensor/handle";
import type { Activity } from "./activity";
import { LongSums } from "./long-sums";
import { isAddable, NUMBER, ownedCopy, type PageScratch, TENSOR } from "./page-scratch";

/** What is held at a place. */
export type HeldKind = "nothing" | "number" | "tensor";

/**
 * Cotangents or tangents by place: in page scratch for entries, in lists for the targets that are leaves. At any time a
 * place holds either a number (0-d float64, not observed) or a tensor.
 *
 * Invariant: contributions are added in the order of their arrival, on both paths. Floating-point sums depend on their
 * order, so with any other rule a value would depend on whether it is observed.
 */
export class Accumulator {
  /** The number that `peek` found last. */
  number = 0;
  private readonly numbers: number[];
  private readonly held: boolean[];
  private readonly tensors: (Handle | null)[];
  /** Which of the tensors nobody else holds. */
  private readonly owned = new Set<number>();
  private readonly long = new LongSums();
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
    if (tensor !== null) this.tensors[k] = this.long.add(k, tensor, makeScalar(x));
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
    const held = this.tensors[k] ?? (this.held[k] ? makeScalar(this.numbers[k]) : null);
    this.held[k] = false;
    this.tensors[k] = held === null ? x : this.long.add(k, held, x);
  }

  /** The elements of the tensor held at a place, to be added to; null if none is held, or one with a history. */
  sumAt(place: number): TensorData | null {
    if (place > 0) {
      const scratch = this.activity.scratchOf(place);
      return scratch === null ? null : scratch.sumAt(place - scratch.page.base);
    }
    const k = this.activity.slotOf(place);
    const held = k < 0 ? null : this.tensors[k];
    if (held === null || !isAddable(held)) return null;
    const next = this.long.next(k, held);
    const sum = next !== held || this.owned.has(k) ? next : ownedCopy(held);
    this.tensors[k] = sum;
    this.owned.add(k);
    return sum.data;
  }

  /** The sum at a place, null if nothing has arrived. */
  at(place: number): Handle | null {
    if (place > 0) {
      const scratch = this.activity.scratchOf(place);
      return scratch === null ? null : scratch.at(place - scratch.page.base);
    }
    const k = this.activity.slotOf(place);
    if (k < 0) return null;
    const held = this.tensors[k];
    if (held !== null) return this.long.sum(k, held);
    return this.held[k] ? makeScalar(this.numbers[k]) : null;
  }

  /** What is held at a place, without making a tensor of it: a number is left in `number`. */
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
