import { describe, fail, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { type Explanation, makeExplanation } from "../core/program/explanation";
import type { Equation, Tape } from "./trace";

/** How an equation is differentiated and batched. */
function wayOf({ looped, derived = [] }: Equation): string {
  if (looped === true) return "loop over samples (the op has no batch rule)";
  const notes = [
    ...(derived.includes("jvp") ? ["jvp derived from vjp"] : []),
    ...(derived.includes("batch") ? ["vmap loops over samples"] : []),
  ];
  return ["own rule", ...notes].join("; ");
}

/**
 * What was derived or looped: one row for each equation of a tape, or for each parameter of per-sample gradients.
 *
 * An equation whose op brings every rule has `way: "own rule"`; else the way says which rules are derived. One that holds
 * a program (a loop, a branch, a loop over samples) has `over`: the ops inside.
 *
 * What was compiled: one row for each kernel that a call runs, and as text the program, its arrays and its memory.
 *
 * @param subject - a {@link Tape}, what {@link batchGrad} gives, or what {@link compile} gives
 * @returns rows for a program, and text for a person by `String(...)`
 * @example
 * ```ts
 * import { explain, square, tensor, trace } from "gradtape";
 * explain(trace(square)(tensor([1, 2]))).rows; // => [{ op: "square", result: "float64[2]", way: "own rule" }]
 * ```
 */
export function explain(subject: Tape<never, unknown> | { explain(): Explanation }): Explanation {
  refuseExtra("explain", "subject", 1, arguments);
  const holder = Object(subject);
  if (!("explain" in holder || "equations" in holder)) {
    return fail(
      "argument/tape",
      `explain: subject must be a tape, what batchGrad gives, or a compiled function, got ${describe(subject)}.`,
      { subject },
      "Trace first: explain(trace(f)(x)); or compile: explain(compile(f)).",
    );
  }
  if ("explain" in subject) return subject.explain();
  const rows = subject.equations.map((equation) => ({
    op: equation.op,
    result: `${equation.dtype}${list(equation.shape)}`,
    way: wayOf(equation),
    ...(equation.body === undefined ? {} : { over: equation.body.join(", ") }),
  }));
  return makeExplanation(`tape of ${rows.length} equations`, rows);
}
