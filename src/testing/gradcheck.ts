import { describe, fail } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { digits } from "../base/format";
import { checkFunction } from "../base/options";

import { checkDerivative, checkSecond } from "./derivatives";
import { type CheckOptions, settingsOf } from "./options";
import { generator } from "./random";
import { joined, type Subject, subjectOf, valuesAt } from "./subject";

/**
 * Checks the derivatives of a function at one point: forward (jvp) and reverse (vjp) against central differences in random
 * directions, and against each other; then the same for the derivative itself.
 *
 * Every number and every float tensor among the arguments, however deep in arrays and objects, is varied; integers,
 * booleans and everything else are constant. What `f` gives may be a tree too; integers and booleans in it must have
 * derivative zero. Differences are extrapolated and taken in float64, also for float32 arguments: a right derivative of
 * a smooth function passes, an error of 1e-4 of a rule's size does not. At a kink (relu at 0) there is no derivative to
 * compare with: choose another point.
 *
 * @param f - the function; it must give the same numbers each time it is called with the same arguments
 * @param args - its arguments
 * @param options - order: 1 or 2 (default); modes: default both; step: the first, largest one; relative and absolute:
 * tolerances; seed: default 0
 * @throws GradtapeError `testing/gradcheck`, with the rule, the input, the seed, the numbers and a hint
 * @example
 * ```ts
 * import { exp, matmul, mul, sum, type Tensor, tensor } from "gradtape";
 * import { gradcheck } from "gradtape/testing";
 * const model = ({ w, b }: { w: Tensor; b: number }, x: Tensor) => sum(exp(mul(matmul(w, x), b)));
 * gradcheck(model, [{ w: tensor([[0.1, 0.2], [0.3, 0.4]]), b: 0.5 }, tensor([1, 2])]);
 * ```
 * @example
 * A derivative that is wrong is named.
 * ```ts
 * import { defineUnary, tensor } from "gradtape";
 * import { gradcheck } from "gradtape/testing";
 * const wrong = defineUnary({ name: "wrong", value: (x) => x * x, derivative: (x) => x });
 * gradcheck(wrong, [tensor([1, 2])]); // => throws [testing/gradcheck]
 * ```
 */
export function gradcheck<A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  args: A,
  options?: CheckOptions,
): void {
  refuseExtra("gradcheck", "f, args, options", 3, arguments);
  checkFunction("gradcheck", f);
  if (!Array.isArray(args)) {
    fail(
      "argument/array",
      `gradcheck: args must be the array of arguments, got ${describe(args)}.`,
      { args },
      "Write [x].",
    );
  }
  const settings = settingsOf("gradcheck", options);
  const name = f.name === "" ? "the function" : f.name;
  const subject = subjectOf(
    "gradcheck",
    (xs) => f(...(xs as A)),
    args,
    (i) => `argument ${i}`,
  );
  const said = `gradcheck: ${name}:`;
  const facts = { function: name, seed: settings.seed, args };
  const point = pointOf(subject);

  const once = joined(subject.call(valuesAt(subject)));
  const again = joined(subject.call(valuesAt(subject)));
  const j = once.findIndex((y, i) => !Object.is(y, again[i]));
  if (j >= 0) {
    fail(
      "testing/gradcheck",
      `${said} called twice it gives ${digits(once[j])} and then ${digits(again[j])}.`,
      { ...facts, got: again[j], want: once[j] },
      "Pass random keys and everything else it depends on as arguments.",
    );
  }

  const random = generator(settings.seed);
  const { forward, reverse } = settings;
  const comparisons = { forward, reverse, adjoint: forward && reverse };
  const found =
    checkDerivative(subject, settings, random, comparisons) ??
    (settings.order === 2 ? checkSecond(subject, settings, random, comparisons) : null);
  if (found === null) return;
  fail(
    "testing/gradcheck",
    `${said} ${found.text}. Seed ${settings.seed}: ${point}.`,
    {
      ...facts,
      rule: found.rule,
      input: found.input === null ? null : subject.leaves[found.input].path,
      got: found.got,
      want: found.want,
    },
    found.hint,
  );
}

/** More elements are told by their shape, more inputs by their count; `facts.args` has them all. */
const SHOWN = { numbers: 20, inputs: 6 };

/** The inputs as text. */
function pointOf(subject: Subject): string {
  const { leaves } = subject;
  const texts = valuesAt(subject)
    .slice(0, SHOWN.inputs)
    .map((x, k) => {
      const { path, shape, dtype } = leaves[k];
      if (typeof x === "number") return `${path} = ${digits(x)}`;
      return x.size <= SHOWN.numbers ? `${path} = ${String(x)}` : `${path} is ${dtype}[${shape.join(", ")}]`;
    });
  const more = leaves.length - texts.length;
  return more > 0 ? `${texts.join("; ")}; and ${more} more` : texts.join("; ");
}
