import { fail, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkFunction } from "../base/options";
import { apply } from "../core/op/apply";
import { makeOp } from "../core/op/definition";
import type { CoreOp } from "../core/op/op";
import { checked } from "../core/op/rule-check";
import { broadcastBatch, sumAxes } from "../core/op/sweep-ops";
import type { Handle } from "../core/tensor/handle";
import type { Tensor, Value } from "../core/tensor/tensor";
import { toHandle } from "../core/tensor/tensor-argument";
import { transposeTwice } from "../ops/define/define-op";
import { stopGradientOf } from "../ops/define/stop-gradient-op";
import { vmap } from "./vmap";

/** All cotangents of the inputs, from the cotangent of the output. */
type Rule = (rule: {
  readonly yBar: Handle;
  readonly inputs: readonly Handle[];
  readonly output: Handle;
}) => readonly (Value | null)[];

interface CustomAttrs {
  readonly rule: Rule;
}

/*
 * The inputs, and behind them the value that f gave on constants of the inputs: the op passes it on. So what f captures
 * keeps its ordinary derivative through that value, and the inputs get the rule's.
 */
const CUSTOM: CoreOp<CustomAttrs> = /* @__PURE__ */ makeOp<readonly Handle[], CustomAttrs>(
  {
    name: "customGradient",
    shape: (shapes) => shapes[shapes.length - 1],
    dtype: (dtypes) => dtypes[dtypes.length - 1],
    evaluate: (out, inputs) => out.set(inputs[inputs.length - 1].data),
    pullback: ({ yBar, inputs, output, attrs: { rule }, wanted }) => {
      const own = inputs.slice(0, -1);
      if (!wanted.slice(0, -1).includes(true)) return [...own.map(() => null), yBar];
      const given = rule({ yBar, inputs: own, output });
      if (!Array.isArray(given) || given.length !== own.length) {
        const count = Array.isArray(given)
          ? `${given.length} cotangent${given.length === 1 ? "" : "s"}`
          : "no list of cotangents";
        fail(
          "op/rule-shape",
          `customGradient: the pullback must give one cotangent for each input, got ${count} for ${own.length} input${own.length === 1 ? "" : "s"}.`,
          { expected: own.length, shapes: list(own.map((x) => list(x.shape))) },
          "Give one cotangent, or null, for each input.",
        );
      }
      return [...given, yBar];
    },
    pushforward: ({ xDots, inputs, output, attrs }) =>
      transposeTwice(CUSTOM, { inputs, outputs: [output], attrs }, xDots)[0],
    batch: (inputs, batched, { rule }, size) =>
      apply(CUSTOM, withBatchedValue(inputs, batched, size), { rule: batchRule(rule, batched) }),
    lower: (_, inputs) => inputs.slice(-1),
  },
  { checkRule: checked },
);

/** The value must have the batch axis when an input has it. */
const withBatchedValue = (inputs: readonly Handle[], batched: readonly boolean[], size: number): Handle[] => {
  const last = inputs.length - 1;
  return [...inputs.slice(0, last), ...broadcastBatch([inputs[last]], [batched[last]], size)];
};

/** The rule of one sample as the rule of a batch: cotangents of inputs that all samples share are summed. */
function batchRule(rule: Rule, batched: readonly boolean[]): Rule {
  const own = batched.slice(0, -1);
  return ({ yBar, inputs, output }) => {
    const present: boolean[] = [];
    const one = (bar: Handle, y: Handle, ...xs: Handle[]): readonly Value[] => {
      const bars = rule({ yBar: bar, inputs: xs, output: y });
      present.push(...bars.map((b) => b !== null));
      return bars.filter((b): b is Value => b !== null);
    };
    const inAxes = [0, 0, ...own.map((b) => (b ? 0 : null))];
    const results: readonly unknown[] = vmap(one, { inAxes })(yBar, output, ...inputs);
    let next = 0;
    return inputs.map((_, k) => {
      if (!present[k]) return null;
      const bar = toHandle("customGradient", results[next++] as Value);
      return own[k] ? bar : sumAxes(bar, [0]);
    });
  };
}

/**
 * A function with a custom gradient.
 *
 * The pullback is written with ops. Forward mode, second order, batching and per-sample gradients are derived from it.
 * Tracked tensors that f captures keep their ordinary derivative.
 *
 * @param f - the function of numbers and tensors; it runs on values, without history
 * @param pullback - from yBar (shaped like the output), the inputs and the output to one cotangent, or null, per input
 * @returns the function with that gradient
 * @throws GradtapeError `op/rule-shape`, `op/rule-dtype` where the pullback gives something else
 * @example
 * ```ts
 * import { customGradient, grad, log, mul, type Scalar } from "gradtape";
 * // The identity, with a gradient that is cut in half.
 * const halved = customGradient((x: Scalar) => x, ({ yBar }) => [mul(yBar, 0.5)]);
 * grad((x: number) => log(halved(x)))(2); // => 0.25
 * ```
 */
export function customGradient<A extends readonly Value[], Y extends Value>(
  f: (...inputs: A) => Y,
  pullback: (rule: { readonly yBar: Tensor; readonly inputs: A; readonly output: Y }) => {
    readonly [K in keyof A]: Value | null;
  },
): (...inputs: A) => Y;
export function customGradient(
  f: (...inputs: readonly Value[]) => Value,
  pullback: Rule,
): (...inputs: readonly Value[]) => Value {
  refuseExtra("customGradient", "f, pullback", 2, arguments);
  checkFunction("customGradient", f);
  checkFunction("customGradient", pullback, "pullback");
  return (...given) => {
    const inputs = given.map((x, k) => toHandle("customGradient", x, `input ${k}`));
    const y = f(...given.map((x, k) => (typeof x === "number" ? x : stopGradientOf(inputs[k]))));
    if (typeof y === "number" && inputs.every((x) => x.strand === null)) return y;
    return apply(CUSTOM, [...inputs, toHandle("customGradient", y, "the result")], { rule: pullback });
  };
}
