import { isFloat } from "../../base/dtype";
import { describe, fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { applyParts } from "../../core/op/apply";
import {
  type AnyDefinition,
  type OpDefinition,
  opOf,
  type PartsDefinition,
  type WithPullback,
} from "../../core/op/definition";
import { pullThrough } from "../../core/op/elementwise-rules";
import { onFreshInputs } from "../../core/op/leaf";
import type { CoreOp, Residuals } from "../../core/op/op";
import { checked } from "../../core/op/rule-check";
import { castTo } from "../../core/op/sweep-ops";
import { pullBack } from "../../core/sweep/differentiate";
import { Handle, isWeak, makeFilled } from "../../core/tensor/handle";
import type { Tensor, Value } from "../../core/tensor/tensor";
import { isValue, notATensor } from "../../core/tensor/tensor-argument";
import { asHandle } from "../../core/tensor/value";
import { mapSamples } from "../program/map-samples";
import { checkDefinition } from "./definition-check";
import { checkCount, checkOne, checkShapes, evaluateFailed, takeReturned } from "./rule-contract";

/** An op: a function of its inputs, each a number or a tensor, and of its attributes, if any. */
export interface Op<In extends readonly unknown[], Attrs = undefined> {
  (...args: [...inputs: { [K in keyof In]: Value }, ...attrs: Attrs extends undefined ? [] : [attrs: Attrs]]): Tensor;
  /** The definition it was made from. */
  readonly definition: {
    /** Its name. */
    readonly name: string;
  };
}

/** An op with several outputs. @internal */
export type PartsOp<In extends readonly unknown[], Attrs> = (
  ...args: [...inputs: { [K in keyof In]: Value }, ...attrs: Attrs extends undefined ? [] : [attrs: Attrs]]
) => readonly Tensor[];

type Inputs = readonly Handle[];

/** What the pullback and the pushforward of a definition of either kind are called with. */
interface AnyPullbackRule {
  readonly wanted: readonly boolean[];
}
interface AnyPushforwardRule {
  readonly inputs: Inputs;
  readonly output?: Handle;
  readonly outputs?: Inputs;
  readonly attrs: unknown;
  readonly xDots: readonly (Handle | null)[];
}

const isHandle = (x: unknown): x is Handle => x instanceof Handle;

/** The tangents of the outputs, derived from the pullbacks: these are linear in the cotangents, and so can be transposed. */
export function transposeTwice(op: CoreOp, r: Residuals, xDots: readonly (Handle | null)[]): (Handle | null)[] {
  const ones = r.outputs.map((y) => makeFilled(y.shape, isFloat(y.dtype) ? y.dtype : "float64", 1));
  const wanted = xDots.map((dot) => dot !== null);
  const [bars, xBars] = onFreshInputs(ones, (own) => pullThrough(op, r, own, wanted));
  const ends: Handle[] = [];
  const cotangents: Handle[] = [];
  xDots.forEach((dot, k) => {
    const bar = xBars[k];
    if (dot === null || bar === null || bar === undefined) return;
    ends.push(checked(op, "the cotangent of input", k, bar, r.inputs[k]));
    cotangents.push(dot);
  });
  return [...pullBack(op.name, { outputs: ends, cotangents, inputs: bars, free: false }).cotangents];
}

/**
 * The op of a user's definition: what its rules return is checked, and rules that it omits are derived. The pushforward
 * is the transpose of the pullback, the batch rule one loop over the samples.
 */
function completeOp(d: AnyDefinition): CoreOp {
  const { name, parts, jvp, pullback, pushforward } = d;
  const op: CoreOp = opOf(
    {
      batch: (inputs, batched, attrs, size) => mapSamples(op, inputs, batched, attrs, size),
      ...d,
      shape: (shapes, attrs) => {
        const given = d.shape(shapes, attrs);
        return parts === undefined ? checkOne(name, given) : checkShapes(name, given, parts);
      },
      evaluate: (output, inputs, attrs) => {
        try {
          const returned: unknown = d.evaluate(output, inputs, attrs);
          if (typeof returned === "object" && returned !== null) takeReturned(name, output, returned);
        } catch (cause) {
          evaluateFailed(name, inputs, cause);
        }
      },
      ...(pullback && { pullback: (rule: AnyPullbackRule) => checkCount(name, pullback(rule), rule.wanted.length) }),
      ...(jvp === undefined &&
        pushforward === undefined && {
          pushforward: ({ inputs, output, outputs, attrs, xDots }: AnyPushforwardRule) =>
            transposeTwice(op, { inputs, outputs: outputs ?? (output ? [output] : []), attrs }, xDots),
        }),
    },
    {
      batch: d.batch === undefined ? "derived" : "own",
      pushforward: jvp === undefined && pushforward === undefined ? "derived" : "own",
      checkRule: checked,
    },
  );
  return op;
}

/** Arguments of an op: its inputs as tensors (numbers take the dtype of the first tensor), then attributes. */
function argumentsOf(name: string, args: readonly unknown[], arity: number): [inputs: Handle[], attrs: unknown] {
  let count = arity;
  if (arity === 0) while (count < args.length && isValue(args[count])) count++;
  const given = args.slice(0, count);
  const first = given.find((x): x is Handle => isHandle(x) && !isWeak(x));
  const dtype = first !== undefined && isFloat(first.dtype) ? first.dtype : "float64";
  const inputs = given.map((x, k) =>
    isHandle(x)
      ? isWeak(x) && x.dtype === "float64"
        ? castTo(x, dtype)
        : x
      : asHandle(isValue(x) ? x : notATensor(name, x, `input ${k}`), dtype),
  );
  if (inputs.length < count) {
    fail(
      "op/arguments",
      `${name}: ${count === 1 ? "an input is" : `${count} inputs are`} needed, got ${list(given.map(describe))}.`,
      { op: name, expected: count },
      "Give all inputs, then the attributes.",
    );
  }
  refuseExtra(name, "inputs, attributes", count + 1, args);
  return [inputs, args[count]];
}

const OPTIONAL = {
  vjp: "rules",
  jvp: "rules",
  dtype: "function",
  pullback: "function",
  pushforward: "function",
  batch: "function",
  parts: "parts",
  differentiable: "any",
  reads: "any",
  declares: "facts",
  lower: "function",
} as const;

/**
 * Defines a custom op that works under every transform. The shape rule, the value and one pullback per input are enough.
 *
 *
 * Shape: `inputs -> shape(shapes, attrs)`, of the promoted dtype unless `dtype` says otherwise.
 *
 * If `jvp` is omitted, the pushforward is derived as the transpose of the pullback; if `batch` is omitted, the op is
 * mapped over the samples in one loop ({@link explain} reports both). One `pullback` for all inputs may replace `vjp`,
 * one `pushforward` may replace `jvp`. `lower` says the output in terms of lazy arrays, so that compiled programs need not call
 * `evaluate` ({@link Lower}). Write the types of the inputs out: they cannot be inferred.
 * @param definition - the op; with `parts` it has several outputs
 * @returns the op: a function of the inputs, and of the attributes if there are any
 * @throws GradtapeError `op/definition`, `option/unknown` for a key that definitions, or their `declares`, do not have, `op/arguments`, and, where a rule breaks its contract, `op/shape`, `op/rule-shape`,
 * `op/rule-dtype`, `op/reads`
 * @example
 * ```ts
 * import { defineOp, mul, type Tensor, tensor, vmap } from "gradtape";
 * const scaled = defineOp<[x: Tensor], { factor: number }>({
 *   name: "scaled",
 *   shape: ([x]) => x,
 *   evaluate: (output, [x], { factor }) => output.set(x.data.map((number) => factor * number)),
 *   vjp: [({ yBar, attrs }) => mul(yBar, attrs.factor)],
 * });
 * scaled(tensor([1, 2]), { factor: 3 }); // => [3, 6]
 * vmap((x: Tensor) => scaled(x, { factor: 2 }))(tensor([[1], [2]])); // => [[2], [4]]
 * ```
 * @example
 * With a lowering; `checkOp` holds it to `evaluate`.
 * ```ts
 * import { defineOp, formula, mul, type Tensor, tensor } from "gradtape";
 * import { checkOp } from "gradtape/testing";
 * const scaled = defineOp<[x: Tensor], { factor: number }>({
 *   name: "scaled",
 *   shape: ([x]) => x,
 *   evaluate: (output, [x], { factor }) => output.set(x.data.map((number) => factor * number)),
 *   lower: (on, [x], { factor }) => [on.map(x.dtype, (number) => formula.mul(factor, number), x)],
 *   vjp: [({ yBar, attrs }) => mul(yBar, attrs.factor)],
 * });
 * checkOp(scaled, (random) => ({ inputs: [tensor([random(), random()])], attrs: { factor: 3 } }));
 * ```
 */
export function defineOp<In extends readonly Tensor[], Attrs = undefined>(
  definition: OpDefinition<In, Attrs> | WithPullback<OpDefinition<In, Attrs>>,
): Op<In, Attrs>;
export function defineOp<In extends readonly Tensor[], Attrs = undefined>(
  definition: PartsDefinition<In, Attrs> | WithPullback<PartsDefinition<In, Attrs>>,
): PartsOp<In, Attrs>;
export function defineOp(definition: AnyDefinition): unknown {
  refuseExtra("defineOp", "definition", 1, arguments);
  checkDefinition("defineOp", definition, { shape: "function", evaluate: "function" }, OPTIONAL);
  const { name, vjp, pullback } = definition;
  if (vjp === undefined && pullback === undefined) {
    fail(
      "op/definition",
      `${name}: a definition must have vjp or pullback, got neither.`,
      { op: name },
      "Give vjp one pullback per input; for inputs that the output does not vary with, null.",
    );
  }
  const op = completeOp(definition);
  const several = definition.parts !== undefined;
  const run = (...args: readonly unknown[]): unknown => {
    const [inputs, attrs] = argumentsOf(name, args, vjp?.length ?? 0);
    const outputs = applyParts(op, inputs, attrs);
    return several ? outputs : outputs[0];
  };
  return Object.assign(run, { definition });
}
