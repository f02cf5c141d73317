import { isFloat } from "../base/dtype";
import { digits } from "../base/format";
import { compile } from "../compiler/compile";
import type { Tensor, Value } from "../core/tensor/tensor";
import { trace } from "../transforms/trace";
import { vjp } from "../transforms/vjp-jvp";
import type { Complaint } from "./compare";
import { sampleOf } from "./law-batch";
import { drawDirection } from "./random";
import { leafOf, numbersOf, valueOf, valuesAt } from "./subject";
import { complain, firstDifference, type Result, resultsOf, type Trial } from "./trial";

type Compare = (f: (inputs: readonly Value[]) => unknown, inputs: readonly Value[], what: string) => Complaint | null;

/** A trace replayed gives the values of a call, for other inputs too; so does the trace of the gradient. */
export const checkTrace = (trial: Trial): Complaint | null => compareBoth(trial, compareReplay);

/** Compiled gives what a call gives, for other inputs too; so does the gradient. */
export const checkCompile = (trial: Trial): Complaint | null => compareBoth(trial, compareCompiled);

/** Compares for the op and for its gradient. */
function compareBoth({ call, inputs, subject, random }: Trial, compare: Compare): Complaint | null {
  const found = compare(call, inputs, "the op");
  if (found !== null || subject.leaves.length === 0) return found;
  const count = subject.leaves.length;
  const yBars = subject
    .call(valuesAt(subject))
    .map((y) => valueOf(leafOf("", y), drawDirection(random, numbersOf(y).length)));
  const pull = (xs: readonly Value[]) =>
    vjp((...leaves) => subject.call(leaves), xs.slice(0, count))[1](xs.slice(count));
  return compare(pull, [...valuesAt(subject), ...yBars], "its gradient");
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

/** How far compiled results may be from those of a call, relative to the largest element. */
const BOUNDS = { float32: 2e-5, float64: 1e-11 } as const;

/** The first element that is not as close as it must be; -1 where all are. */
function firstApart(got: Result, want: Result, single: boolean): number {
  const largest = Array.from(want.numbers).reduce(
    (most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most),
    0,
  );
  const bound = (single ? BOUNDS.float32 : BOUNDS.float64) * Math.max(largest, 1e-30);
  return Array.from(want.numbers).findIndex((x, i) => {
    const y = got.numbers[i];
    return !(x === y || (Number.isNaN(x) && Number.isNaN(y)) || Math.abs(x - y) <= bound);
  });
}

const isSingle = (x: Value): boolean => typeof x !== "number" && isFloat(x.dtype) && x.dtype !== "float64";

function compareCompiled(
  f: (inputs: readonly Value[]) => unknown,
  inputs: readonly Value[],
  what: string,
): Complaint | null {
  const compiled = compile((...xs: Value[]) => f(xs) as Tensor);
  for (const s of [0, 1]) {
    const row = inputs.map((x) => sampleOf(x, s));
    const got = resultsOf(compiled(...row));
    const want = resultsOf(f(row));
    for (let k = 0; k < want.length; k++) {
      const i = firstApart(got[k], want[k], inputs.some(isSingle));
      if (i < 0 && got[k].dtype === want[k].dtype) continue;
      const [a, b] = [got[k].numbers[i], want[k].numbers[i]];
      const text =
        i < 0
          ? `${what} compiled gives ${got[k].dtype}, but a call ${want[k].dtype}`
          : `${what} compiled gives ${digits(a)} for element ${i}${s === 0 ? "" : " of other inputs"}, but a call ${digits(b)}`;
      return complain("compile", text, a, b, "A formula or a lowering must give what evaluate gives.");
    }
  }
  return null;
}
