import { fail } from "../../base/errors";
import { userLine } from "../../base/user-line";
import { STRONG } from "../tape/page";
import { type Conditions, Handle } from "./handle";

/*
 * Conditions of one element. Where there is a value they are plain booleans, so that `if` and `while` read them right.
 * In a trace they are symbols, which every `if` takes for true: so a trace keeps account of those that nothing uses.
 */

/** Conditions that nothing used, from one line, that are taken for a loop that never ends. */
const ENDLESS = 1000;

/** What a comparison gives: a boolean for one element with a value, else the tensor, of which its trace takes note. */
export function truthOf(op: string, x: Handle): boolean | Handle {
  const { body } = x;
  if (body === null || body.shape.length > 0) return x;
  if (body.data !== null) return body.data[0] !== 0;
  if (x.strand?.page) x.strand.page.flags[x.index] &= ~STRONG;
  if (body.trace === null) return x;
  const unused: Conditions["unused"] = body.trace.conditions?.unused ?? new Map();
  body.trace.conditions ??= { unused, check: () => checkUsed(unused) };
  unused.set(body, { op, at: new Error() });
  if (unused.size % ENDLESS === 0) checkEndless(unused);
  return x;
}

/** Notes that a symbol is used, if it is a condition. */
export function useCondition({ body }: Handle): void {
  if (body !== null && body.dtype === "bool" && body.trace !== null) body.trace.conditions?.unused.delete(body);
}

/** Notes the use of all symbols among the ends of anything that a function returns. */
export function useConditions(xs: readonly unknown[]): void {
  for (const x of xs) if (x instanceof Handle) useCondition(x);
}

function checkEndless(unused: Conditions["unused"]): void {
  const counts = new Map<string, number>();
  for (const { op, at } of unused.values()) {
    const line = userLine(at.stack) ?? "";
    const count = (counts.get(line) ?? 0) + 1;
    counts.set(line, count);
    if (count < ENDLESS) continue;
    fail(
      "trace/condition",
      `${op}: ${ENDLESS} conditions${madeAt(line)} must be used, and none is: a while on them never ends, as they have no values inside vmap and trace.`,
      { op, line, count },
      "Write the loop as whileLoop(condition, body, init).",
    );
  }
}

/** Throws if a trace ends with a condition that nothing has used. */
function checkUsed(unused: Conditions["unused"]): void {
  for (const { op, at } of unused.values()) {
    const line = userLine(at.stack) ?? "";
    fail(
      "trace/condition",
      `${op}: the condition${madeAt(line)} must be used: inside vmap and trace it has no value, and an if on it is always true.`,
      { op, line },
      "Choose with where(condition, a, b) or cond(condition, onTrue, onFalse).",
    );
  }
}

const madeAt = (line: string): string => (line === "" ? "" : ` made at ${line}`);
