import { isFloat } from "../base/dtype";
import { digits } from "../base/format";
import { castTo } from "../core/op/sweep-ops";
import type { Tensor, Value } from "../core/tensor/tensor";
import { toHandle } from "../core/tensor/tensor-argument";
import { variable } from "../ops/create/creation";
import { backward } from "../transforms/backward";
import { jvp, vjp } from "../transforms/vjp-jvp";
import type { Complaint } from "./compare";
import { drawDirection } from "./random";
import { leafOf, leavesOf, numbersOf, valueOf, valuesAt } from "./subject";
import { complain, firstDifference, type Trial, wordsOf } from "./trial";

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
  return checkForms(trial);
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

type Result = Tensor | number | boolean;

/** What a result looks like from outside. */
const formOf = (y: Result): string => (typeof y === "object" ? wordsOf(y) : typeof y);
const dtypeOf = (y: Result): string => (typeof y === "object" ? y.dtype : typeof y === "number" ? "float64" : "bool");

/** A form that an input may have beside the one that was drawn. */
const FORMS = ["float32", "float64", "int32", "bool", "number"] as const;
const inForm = (x: Value, form: (typeof FORMS)[number]): Value =>
  form === "number" ? (numbersOf(x)[0] ?? 0) : castTo(toHandle("checkOp", x), form);

/**
 * Dtypes in and out of every transform agree, also where an input has another form than the one drawn: results look as they
 * do without the transform, a gradient looks as its input and a tangent as its output. And nothing returned is watched: nobody
 * outside could differentiate it.
 */
function checkForms(trial: Trial): Complaint | null {
  const { inputs, random } = trial;
  const found = compareForms(trial, inputs);
  if (found !== null || inputs.length === 0) return found;
  const changed = Math.floor(random() * inputs.length);
  const form = FORMS[Math.floor(random() * FORMS.length)];
  try {
    return compareForms(
      trial,
      inputs.map((x, k) => (k === changed ? inForm(x, form) : x)),
    );
  } catch {
    // An input that the op refuses, or one outside its domain.
    return null;
  }
}

function compareForms(trial: Trial, inputs: readonly Value[]): Complaint | null {
  const resultsOf = (row: readonly Value[]): Result[] => leavesOf("checkOp", trial.call(row)).map(([, y]) => y);
  const want = resultsOf(inputs);
  const varied = inputs.map((_, k) => k).filter((k) => isFloat(leafOf("", inputs[k]).dtype));
  const xs = varied.map((k) => inputs[k]);
  // A whole number counts as int32 beside int32 or bool; one by which something is differentiated is a float.
  if (xs.some((x) => typeof x === "number") && xs.length < inputs.length) return null;
  let inside: readonly string[] = [];
  const f = (...given: readonly Value[]): Value[] => {
    const results = resultsOf(inputs.map((x, k) => (varied.includes(k) ? given[varied.indexOf(k)] : x)));
    inside = results.map(dtypeOf);
    // Booleans are results as any other.
    return results as Value[];
  };
  const likely = (y: Value): Value => valueOf(leafOf("", y), new Float64Array(numbersOf(y).length).fill(1));
  const said = inputs.map(formOf).join(", ");
  const differing = (what: string, got: readonly Result[], wanted: readonly Result[]): Complaint | null => {
    for (const [k, y] of got.entries()) {
      const watched = typeof y === "object" && y.watched;
      // What only moves elements gives a tensor for a number, and a transform a number again.
      const same = formOf(y) === formOf(wanted[k]) || (typeof y === "number" && formOf(wanted[k]) === "float64[]");
      if (!watched && same) continue;
      const text = watched
        ? `${what} of (${said}) is watched, though nobody outside can differentiate it`
        : `${what} of (${said}) is ${formOf(y)}, but must be ${formOf(wanted[k])}`;
      return complain(
        "forms",
        text,
        formOf(y),
        formOf(wanted[k]),
        "A transform changes no dtype, and leaves numbers numbers.",
      );
    }
    return null;
  };
  const [ofVjp, pullback] = vjp(f, xs);
  const off = inside.findIndex((dtype, k) => dtype !== dtypeOf(want[k]));
  if (off >= 0) {
    const text = `the result of (${said}) is ${inside[off]} inside vjp, ${dtypeOf(want[off])} outside`;
    return complain(
      "forms",
      text,
      inside[off],
      dtypeOf(want[off]),
      "Numbers that a transform lifts take the dtype beside them.",
    );
  }
  const [ofJvp, tangents] = jvp(f, xs, xs.map(likely));
  const values = differing("the value under vjp", ofVjp, want) ?? differing("the value under jvp", ofJvp, want);
  if (values !== null || !want.every((y) => isFloat(leafOf("", y as Value).dtype))) return values;
  return differing("the gradient", pullback(ofVjp.map(likely)), xs) ?? differing("the tangent", tangents, want);
}
