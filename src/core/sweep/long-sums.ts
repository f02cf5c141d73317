import { castTo } from "../op/sweep-ops";
import type { Handle } from "../tensor/handle";

/** As many float32 contributions at a place are added up in float32, which is fast; the sum of more is float64. */
export const FEW = 16;

/**
 * Sums of float32 tensors by place, rounded once however many contributions there are: from FEW on what is held is float64.
 * Whether a sum is observed makes no difference.
 */
export class LongSums {
  private readonly counts = new Map<number, number>();

  /** What is held at a place, as the next contribution is to be added to it. */
  next(place: number, held: Handle): Handle {
    const count = (this.counts.get(place) ?? 0) + 1;
    this.counts.set(place, count);
    return count < FEW ? held : castTo(held, "float64");
  }

  /** The sum at a place, in the dtype of its contributions. */
  sum(place: number, held: Handle): Handle {
    return held.dtype === "float64" && this.counts.has(place) ? castTo(held, "float32") : held;
  }

  clear(): void {
    this.counts.clear();
  }
}
