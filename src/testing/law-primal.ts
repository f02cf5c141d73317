import type { Value } from "../core/tensor/tensor";
import { variable } from "../ops/create/creation";
import { backward } from "../transforms/backward";
import { jvp, vjp } from "../transforms/vjp-jvp";
import { type Complaint, digits } from "./compare";
import { drawDirection } from "./random";
import { leafOf, numbersOf, valueOf, valuesAt } from "./subject";
import { complain, firstDifference, type Trial } from "./trial";

/** Values that must be the same bit by bit, and what observed the op when the first of them were made. */
interface Sighting {
  readonly observer: string;
  readonly what: string;
  readonly rule: string;
  readonly got: readonly Value[];
  readonly want: readonly Value[];
}

/**
 * The value of jvp and vjp is the value. And being observed never changes a value: results, gradients and tangents are
 * the same bit by bit whether nothing is tracked, a variable is, an outer transform observes them, or the backward pass
 * is recorded.
 */
export function checkPrimal(trial: Trial): Complaint | null {
  for (const { observer, what, rule, got, want } of sightings(trial)) {
    for (let k = 0; k < want.length; k++) {
      const [a, b] = [numbersOf(got[k]), numbersOf(want[k])];
      const i = firstDifference(a, b);
      if (i < 0) continue;
      const text = `${what} is ${digits17(a[i])} ${observer}, but ${digits17(b[i])} otherwise (element ${i})`;
      return complain(
        rule,
        text,
        a[i],
        b[i],
        "Being observed never changes a value: compute the same way in both cases.",
      );
    }
  }
  return null;
}

const digits17 = (x: number): string => (digits(x) === String(x) ? digits(x) : String(x));

function* sightings(trial: Trial): Generator<Sighting> {
  const { subject, random } = trial;
  const f = (...xs: readonly Value[]) => subject.call(xs);
  const xs = valuesAt(subject);
  const want = f(...xs);
  yield { observer: "when called again", what: "the value", rule: "evaluate", got: f(...xs), want };
  if (xs.length === 0) return;

  const yBars = want.map((y) => valueOf(leafOf("", y), drawDirection(random, numbersOf(y).length)));
  const xDots = subject.leaves.map((leaf, k) => valueOf(leaf, drawDirection(random, subject.point[k].length)));
  const [ofVjp, pullback] = vjp(f, xs);
  const [ofJvp, tangents] = jvp(f, xs, xDots);
  yield { observer: "under vjp", what: "the value", rule: "vjp", got: ofVjp, want };
  yield { observer: "under jvp", what: "the value", rule: "jvp", got: ofJvp, want };

  const gradients = pullback(yBars);
  const variables = xs.map((x): Value => (typeof x === "number" ? variable(x) : variable(x)));
  const gradient = { what: "the gradient", rule: "vjp", want: gradients };
  const tangent = { what: "the tangent", rule: "jvp", want: tangents };
  const ofVariables = () => f(...variables);
  yield { observer: "of a variable", what: "the value", rule: "evaluate", got: ofVariables(), want };
  yield { ...gradient, observer: "of a variable", got: vjp(f, variables)[1](yBars) };
  yield { ...tangent, observer: "of a variable", got: jvp(f, variables, xDots)[1] };
  if (want.length === 1) {
    for (const createGraph of [false, true]) {
      const [y] = ofVariables();
      if (typeof y === "number") continue;
      const got = backward(y, variables, { cotangent: yBars[0], createGraph });
      yield { ...gradient, observer: `by backward with createGraph: ${createGraph}`, got };
    }
  }

  const pull = (...inner: readonly Value[]) => vjp(f, inner)[1](yBars);
  const push = (...inner: readonly Value[]) => jvp(f, inner, xDots)[1];
  yield { ...gradient, observer: "inside another vjp", got: vjp(pull, xs)[0] };
  yield { ...gradient, observer: "inside a jvp", got: jvp(pull, xs, xDots)[0] };
  yield { ...tangent, observer: "inside a vjp", got: vjp(push, xs)[0] };
  yield { ...tangent, observer: "inside another jvp", got: jvp(push, xs, xDots)[0] };
}
