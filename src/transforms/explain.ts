import { list } from "../base/errors";
import { type Explanation, makeExplanation } from "../core/explanation";
import type { Tape } from "./trace";

/**
 * What was derived or looped: one row for each equation of a tape, or for each parameter of per-sample gradients.
 *
 * @param subject - a {@link Tape}, or what {@link batchGrad} gives
 * @returns rows for a program, and text for a person by `String(...)`
 * @example
 * ```ts
 * import { explain, square, tensor, trace } from "gradtape";
 * explain(trace(square)(tensor([1, 2]))).rows; // => [{ op: "square", result: "float64[2]", way: "own rule" }]
 * ```
 */
export function explain(subject: Tape<never, unknown> | { explain(): Explanation }): Explanation {
  if ("explain" in subject) return subject.explain();
  const rows = subject.equations.map((equation) => ({
    op: equation.op,
    result: `${equation.dtype}${list(equation.shape)}`,
    way: equation.looped ? "loop over samples (the op has no batch rule)" : "own rule",
  }));
  return makeExplanation(`tape of ${rows.length} equations`, rows);
}
