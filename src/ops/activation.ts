import { checkChoice, checkNumber, checkOptions } from "../base/options";
import { fail } from "../base/errors";
import type { Elementwise, Value } from "../core/tensor";
import { add, choose, mul, square } from "./arithmetic";
import { greater, less } from "./comparison";
import { makeUnary, type Unary } from "./define-elementwise";
import { expm1 } from "./exponential";
import { sigmoid } from "./logistic";
import { erfc } from "./special";

const step: Unary = /* @__PURE__ */ makeUnary(
  { name: "step", value: (x) => (x > 0 ? 1 : 0), derivative: 0 },
  { integers: true },
);

/** max(x, 0). Derivative 0 at 0. */
export const relu: Unary = /* @__PURE__ */ makeUnary(
  { name: "relu", value: (x) => (x < 0 ? 0 : x), derivative: (x) => step(x) },
  {
    integers: true,
    reads: "x",
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = x[k] < 0 ? 0 : x[k];
    },
  },
);

/** x * sigmoid(x), also called swish. */
export const silu: Unary = /* @__PURE__ */ makeUnary(
  {
    name: "silu",
    value: (x) => (x === -Infinity ? 0 : mul(x, sigmoid(x))),
    derivative: (x) => mul(sigmoid(x), add(1, mul(x, sigmoid(mul(-1, x))))),
  },
  { reads: "x" },
);

/** x above 0, negativeSlope * x below (and at 0). */
export function leakyRelu<X extends Value>(
  x: X,
  options?: { readonly negativeSlope?: number | undefined },
): Elementwise<X>;
export function leakyRelu(x: Value, options?: { readonly negativeSlope?: number | undefined }): Value {
  checkOptions("leakyRelu", options, ["negativeSlope"]);
  const slope = checkNumber("leakyRelu", "negativeSlope", options?.negativeSlope ?? 0.01, -Infinity, Infinity);
  return choose(greater(x, 0), x, mul(x, slope));
}

/** x above 0, alpha * (exp(x) - 1) below. */
export function elu<X extends Value>(x: X, options?: { readonly alpha?: number | undefined }): Elementwise<X>;
export function elu(x: Value, options?: { readonly alpha?: number | undefined }): Value {
  checkOptions("elu", options, ["alpha"]);
  const alpha = checkNumber("elu", "alpha", options?.alpha ?? 1, -Infinity, Infinity);
  const positive = greater(x, 0);
  return choose(positive, x, mul(alpha, expm1(choose(positive, 0, x))));
}

/** x * Phi(x) with the normal distribution function Phi, or its approximation by tanh. */
export function gelu<X extends Value>(
  x: X,
  options?: { readonly approximate?: "none" | "tanh" | undefined },
): Elementwise<X>;
export function gelu(x: Value, options?: { readonly approximate?: "none" | "tanh" | undefined }): Value {
  checkOptions("gelu", options, ["approximate"]);
  const approximate = checkChoice("gelu", "approximate", options?.approximate ?? "none", ["none", "tanh"]);
  if (approximate === "none") return mul(mul(0.5, x), erfc(mul(-Math.SQRT1_2, x)));
  const inner = mul(2 * Math.sqrt(2 / Math.PI), mul(x, add(1, mul(0.044715, square(x)))));
  return mul(x, sigmoid(inner));
}

/** x within [min, max]; ±Infinity for one side. The derivative is 1 at the bounds and 0 outside; NaN flows. */
export function clip<X extends Value>(x: X, min: Value, max: Value): Elementwise<X>;
export function clip(x: Value, min: Value, max: Value): Value {
  if (typeof min === "number" && typeof max === "number" && !(min <= max)) {
    fail("argument/number", `clip: min is at most max, got min ${min} and max ${max}.`, { min, max });
  }
  const raised = min === -Infinity ? x : choose(less(x, min), min, x);
  return max === Infinity ? raised : choose(greater(raised, max), max, raised);
}
