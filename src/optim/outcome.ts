/**
 * Why a solver stopped.
 *
 * - "gradient": the gradient is as good as zero
 * - "step": the last step was too small to matter
 * - "value": the value went down too little to matter
 * - "maxIterations": the limit was reached
 * - "lineSearch": no step along the direction makes the value smaller, and none of the above holds
 * - "nonFinite": the start, or everything near the last point, is infinite or NaN
 * - "stopped": onIteration returned false
 */
export type Reason = "gradient" | "step" | "value" | "maxIterations" | "lineSearch" | "nonFinite" | "stopped";

/** What a solver gives: always the best parameters it has seen. */
export interface Outcome<P> {
  /** The parameters: plain numbers and tensors in the form of the start. */
  readonly params: P;
  /** The value at params. */
  readonly value: number;
  /** Steps tried. */
  readonly iterations: number;
  /** Whether it stopped because it arrived: reason is "gradient", "step" or "value". */
  readonly converged: boolean;
  /** Why it stopped. */
  readonly reason: Reason;
}

/** What onIteration is told. */
export interface Progress<P> {
  /** Steps done, from 1. */
  readonly iteration: number;
  /** The value at params. */
  readonly value: number;
  /** The parameters now. */
  readonly params: P;
  /** Length of the gradient at params. */
  readonly gradientNorm: number;
  /** Length of the last step; 0 if it was not taken. */
  readonly stepNorm: number;
}

/** Options of both solvers. */
export interface SolverOptions<P> {
  /** How many steps are tried at most. */
  readonly maxIterations?: number | undefined;
  /** When to stop: see where it is used. */
  readonly tolerance?: number | undefined;
  /** Called after every step; false stops. */
  readonly onIteration?: ((progress: Progress<P>) => unknown) | undefined;
}

export const hasConverged = (reason: Reason): boolean =>
  reason === "gradient" || reason === "step" || reason === "value";
