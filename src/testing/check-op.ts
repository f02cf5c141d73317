import { describe, fail, GradtapeError } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { digits } from "../base/format";
import { checkFunction } from "../base/options";
import { checkInteger } from "../base/shape";
import type { Tensor, Value } from "../core/tensor/tensor";
import { isTensor } from "../core/tensor/tensor-argument";
import type { Op } from "../ops/define/define-op";
import { trace } from "../transforms/trace";
import type { Complaint } from "./compare";
import { checkLaw, laws } from "./laws";
import { checkChoices, type Law, type LawOptions, type OpCase, type Settings, settingsOf } from "./options";
import { generator } from "./random";
import { subjectOf } from "./subject";
import { complain, type Trial } from "./trial";

/** Further cases that are drawn after a failure, for a smaller one that fails too. */
const SMALLER = 100;

/**
 * Holds an op to the laws: `laws` lists them. Cases are drawn until one fails or there were enough.
 *
 * `op` is what `defineOp` and its relatives give, or any function of numbers and tensors; it is called with the inputs
 * of a case, and with its attributes as last argument where it has any. Its result may have several parts, and may be
 * integers or booleans: their derivative is zero. Integer and boolean inputs are constant. Draw inputs away from kinks,
 * where there is no derivative to compare with.
 *
 * @param op - the op
 * @param cases - draws one case; `random` gives uniform numbers in [0, 1) and is all it may depend on
 * @param options - runs: how many cases, default 50 (run number i draws from seed + i); laws: default all; and those of
 * {@link gradcheck}
 * @throws GradtapeError `testing/gradcheck`: the law, the rule and the input that break it, the seed (with `runs: 1` it draws
 * the same case again), the smallest case found, and a hint
 * @example
 * ```ts
 * import { defineUnary, mul, tensor } from "gradtape";
 * import { checkOp } from "gradtape/testing";
 * const cube = defineUnary({ name: "cube", value: (x) => x ** 3, derivative: (x) => mul(3, mul(x, x)) });
 * checkOp(cube, (random) => ({ inputs: [tensor([random(), random()])] }));
 *
 * const wrong = defineUnary({ name: "wrong", value: (x) => x ** 3, derivative: (x) => mul(2, mul(x, x)) });
 * checkOp(wrong, (random) => ({ inputs: [1 + random()] })); // => throws [testing/gradcheck]
 * ```
 * @example
 * Attributes are the last argument.
 * ```ts
 * import { mean, tensor } from "gradtape";
 * import { checkOp } from "gradtape/testing";
 * checkOp(mean, (random) => ({ inputs: [tensor([[random(), random()]])], attrs: { axis: -1 } }));
 * ```
 */
export function checkOp<In extends readonly Tensor[], Attrs>(
  op: Op<In, Attrs>,
  cases: (random: () => number) => OpCase<Attrs>,
  options?: LawOptions,
): void;
export function checkOp(
  op: (...args: never) => unknown,
  cases: (random: () => number) => OpCase<unknown>,
  options?: LawOptions,
): void;
export function checkOp(
  op: (...args: never) => unknown,
  cases: (random: () => number) => OpCase<unknown>,
  options?: LawOptions,
): void {
  refuseExtra("checkOp", "op, cases, options", 3, arguments);
  checkFunction("checkOp", op, "op");
  checkFunction("checkOp", cases, "cases");
  const settings = settingsOf("checkOp", options, ["runs", "laws"]);
  const runs = checkInteger("checkOp", "runs", options?.runs ?? 50, 1);
  const chosen = checkChoices("checkOp", "laws", options?.laws, laws);
  const draw = (law: Law, seed: number): [Trial, Complaint | null] => {
    const trial = trialOf(op, cases, seed, settings);
    return [trial, tried(law, trial)];
  };
  for (let run = 0; run < runs; run++) {
    for (const law of chosen) {
      const [trial, found] = draw(law, settings.seed + run);
      if (found === null) continue;
      let [seed, smallest, said] = [settings.seed + run, trial, found];
      for (let i = 1; i <= SMALLER; i++) {
        const [other, wrong] = draw(law, settings.seed + run + i);
        if (wrong !== null && sizeOfCase(other) < sizeOfCase(smallest)) {
          [seed, smallest, said] = [settings.seed + run + i, other, wrong];
        }
      }
      report(law, smallest, said, seed);
    }
  }
}

const definitionOf = (op: object): object | undefined =>
  "definition" in op && typeof op.definition === "object" && op.definition !== null ? op.definition : undefined;

/** The name the op was defined with, where that can be found out: functions of the families have none of their own. */
function nameOf(op: { readonly name: string }, inputs: readonly Value[], call: Trial["call"]): string {
  const definition = definitionOf(op);
  if (definition !== undefined && "name" in definition && typeof definition.name === "string") return definition.name;
  try {
    const { equations } = trace((...xs: Value[]) => call(xs))(...inputs);
    const isThatOp = equations.length === 1 && equations[0].inputs.length === inputs.length;
    if (isThatOp) return equations[0].op;
  } catch {
    // The law that it breaks says more than a name.
  }
  return op.name === "" ? "the op" : op.name;
}

function trialOf(
  op: (...args: never) => unknown,
  cases: (random: () => number) => OpCase<unknown>,
  seed: number,
  settings: Settings,
): Trial {
  const random = generator(seed);
  const { inputs, attrs } = cases(random);
  const last = attrs === undefined ? [] : [attrs];
  const call = (xs: readonly unknown[]): unknown => Reflect.apply(op, undefined, [...xs, ...last]);
  const subject = subjectOf("checkOp", call, inputs, (i) => `input ${i}`);
  return {
    name: () => nameOf(op, inputs, call),
    inputs,
    attrs,
    definition: definitionOf(op),
    subject,
    settings,
    random,
    call,
  };
}

/** What is wrong with a trial; an error on the way is something wrong too. */
function tried(law: Law, trial: Trial): Complaint | null {
  try {
    return checkLaw(law, trial);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const [code, input] = error instanceof GradtapeError ? [` [${error.code}]`, error.facts.input] : ["", undefined];
    const said = complain(law, `it throws${code}: ${error.message}`, error, undefined, "It must not throw here.");
    return { ...said, input: typeof input === "number" ? input : null };
  }
}

const sizeOfCase = ({ inputs }: Trial): number =>
  inputs.reduce<number>((total, x) => total + (isTensor(x) ? x.size : 1), 0);

function report(law: Law, trial: Trial, { text, rule, input, got, want, hint }: Complaint, seed: number): never {
  const name = trial.name();
  const inputs = trial.inputs.map((x, k) => `input ${k} = ${isTensor(x) ? String(x) : digits(x)}`);
  const attrs = trial.attrs === undefined ? [] : [`attributes ${wordsOfAttrs(trial.attrs)}`];
  return fail(
    "testing/gradcheck",
    `checkOp: ${name} breaks the law "${law}": ${text}. Seed ${seed}: ${[...inputs, ...attrs].join("; ")}.`,
    { op: name, law, rule, input, seed, inputs: trial.inputs, attrs: trial.attrs, got, want },
    derivesJvp(trial) && rule.startsWith("jvp") ? `${hint} The jvp of ${name} is derived from its vjp.` : hint,
  );
}

const wordsOfAttrs = (attrs: unknown): string => {
  const readable = (_: string, x: unknown) => (typeof x === "number" && !Number.isFinite(x) ? String(x) : x);
  return JSON.stringify(attrs, readable) ?? describe(attrs);
};

const derivesJvp = ({ definition }: Trial): boolean =>
  definition !== undefined && "vjp" in definition && !("jvp" in definition) && !("pushforward" in definition);
