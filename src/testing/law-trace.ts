import { digits } from "../base/format";
import type { Value } from "../core/tensor/tensor";
import { trace } from "../transforms/trace";
import { vjp } from "../transforms/vjp-jvp";
import type { Complaint } from "./compare";
import { sampleOf } from "./law-batch";
import { drawDirection } from "./random";
import { leafOf, numbersOf, valueOf, valuesAt } from "./subject";
import { complain, firstDifference, resultsOf, type Trial } from "./trial";

/** A trace replayed gives the values of a call, for other inputs too; so does the trace of the gradient. */
export function checkTrace(trial: Trial): Complaint | null {
  const found = compareReplay(trial.call, trial.inputs, "the op");
  const { subject } = trial;
  if (found !== null || subject.leaves.length === 0) return found;
  const count = subject.leaves.length;
  const yBars = subject
    .call(valuesAt(subject))
    .map((y) => valueOf(leafOf("", y), drawDirection(trial.random, numbersOf(y).length)));
  const pull = (xs: readonly Value[]) =>
    vjp((...leaves) => subject.call(leaves), xs.slice(0, count))[1](xs.slice(count));
  return compareReplay(pull, [...valuesAt(subject), ...yBars], "its gradient");
}

function compareReplay(
  f: (inputs: readonly Value[]) => unknown,
  inputs: readonly Value[],
  what: string,
): Complaint | null {
  const tape = trace((...xs: Value[]) => f(xs))(...inputs);
  for (const s of [0, 1]) {
    const row = inputs.map((x) => sampleOf(x, s));
    const got = resultsOf(tape.replay(...row));
    const want = resultsOf(f(row));
    for (let k = 0; k < want.length; k++) {
      const i = firstDifference(got[k].numbers, want[k].numbers);
      if (i < 0) continue;
      const [a, b] = [got[k].numbers[i], want[k].numbers[i]];
      const text = `a trace of ${what}, replayed${s === 0 ? "" : " on other inputs"}, gives ${digits(a)} for element ${i}, but a call ${digits(b)}`;
      return complain("trace", text, a, b, "What is recorded must not depend on the values of the inputs.");
    }
  }
  return null;
}
