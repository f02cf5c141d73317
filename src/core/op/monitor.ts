import type { Handle } from "../tensor/handle";
import type { Value } from "../tensor/tensor";
import type { CoreOp, Direction, Origin } from "./op";

/** Observes every value that an op or a rule produces; `checkNumerics` is its only implementation. */
export interface Monitor {
  /** An op has produced values. */
  onValue(op: string, inputs: readonly (Value | boolean)[], outputs: readonly (Value | boolean)[]): void;
  /** An entry was written: a tensor entry, or the place of a scalar one. */
  onEntry(entry: object | number): void;
  /** Runs a rule of the op of an entry, for the cotangents or tangents given. */
  rule<T extends readonly (Value | null)[]>(
    direction: Direction,
    op: CoreOp,
    entry: object | number,
    given: readonly (Handle | null)[],
    run: () => T,
  ): T;
  /** Runs a step of a program that was written elsewhere. */
  step<T>(origin: Origin | undefined, run: () => T): T;
}

/** The current monitor, if any. Without one, every call costs a comparison with null. */
export let monitor: Monitor | null = null;

/** Runs f with a monitor. It ends with f, also when f throws; what f does later, in a promise, is not observed. */
export function withMonitor<T>(next: Monitor | null, f: () => T): T {
  const before = monitor;
  monitor = next;
  try {
    return f();
  } finally {
    monitor = before;
  }
}

/** Origins of tensor entries, for the programs that are read off them. */
export const origins = /* @__PURE__ */ new WeakMap<object, Origin>();
