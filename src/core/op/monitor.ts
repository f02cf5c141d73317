import type { Handle } from "../tensor/handle";
import type { Value } from "../tensor/tensor";
import type { CoreOp } from "./op";

/** Which way numbers went when an op was asked for them. */
export type Direction = "forward" | "backward" | "tangent";

/** Where an entry of the tape comes from: the user's line, and the rule that wrote it, if one did. */
export interface Origin {
  readonly line: string | undefined;
  readonly direction: Direction;
  /** The op whose rule was running; null in the user's own code. */
  readonly rule: string | null;
}

/** Somebody who looks at every number that is made: what `checkNumerics` is. */
export interface Monitor {
  /** An op gave numbers. */
  onValue(op: string, inputs: readonly Value[], outputs: readonly Value[]): void;
  /** A cell or a scalar place was written. */
  onEntry(entry: object | number): void;
  /** Runs a rule of the op of an entry, which got the duals given. */
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

/** The one who is looking; null: nobody, which costs a comparison. */
export let monitor: Monitor | null = null;

/** Runs f with somebody looking. Ends with f, also when it throws; what f leaves to a promise is not looked at. */
export function withMonitor<T>(next: Monitor | null, f: () => T): T {
  const before = monitor;
  monitor = next;
  try {
    return f();
  } finally {
    monitor = before;
  }
}

/** Origins of cells, for the programs that are read off them. */
export const origins = /* @__PURE__ */ new WeakMap<object, Origin>();
