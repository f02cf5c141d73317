import type { TensorData } from "../base/dtype";

/** Elements somewhere in an array. @internal */
export interface View {
  readonly data: Float64Array;
  readonly start: number;
}

/** The most that is kept from one use to the next: 8 MB. */
const KEPT = 1 << 20;

/** Memory for float64 elements that is used again and again, unless much of it was needed once. @internal */
export class Scratch {
  private memory = new Float64Array(0);

  reserve(size: number): Float64Array {
    if (this.memory.length >= size) return this.memory;
    const made = new Float64Array(size);
    if (size <= KEPT) this.memory = made;
    return made;
  }

  /** Elements of any dtype as float64: where they stand, or a copy here until the next use. */
  read(data: TensorData, start: number, count: number): View {
    if (data instanceof Float64Array) return { data, start };
    const copy = this.reserve(count);
    copy.set(data.subarray(start, start + count));
    return { data: copy, start: 0 };
  }
}
