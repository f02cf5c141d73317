import { fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkChoice, checkNumber, checkOptions } from "../../base/options";
import { valueArgument } from "../../core/op/sweep-ops";
import { makeTruth } from "../../core/tensor/handle";
import type { Elementwise, Given, Value } from "../../core/tensor/tensor";
import { dtypeOf } from "../../core/tensor/value";
import * as formula from "../../kernel/expansions/builder";
import { sigmoid as sigmoidOf } from "../../numeric/special/elementary";
import { normalDistribution } from "../../numeric/special/normal-distribution";
import { type Binary, type Extreme, makeBinary, makeUnary, type Unary } from "../define/define-elementwise";
import { mulZero } from "../define/elementwise-op";
import { add, mul, square } from "./arithmetic";
import { greater } from "./comparison";
import { expm1 } from "./exponential";
import { sigmoid, sigmoidSlope } from "./logistic";
import { NDTR, normalDensity } from "./normal-distribution";
import { below, notBelow, select } from "./select";

const step: Unary = /* @__PURE__ */ makeUnary(
  {
    name: "step",
    value: (x) => (x > 0 ? 1 : 0),
    formula: (x) => formula.choose(formula.less(0, x), 1, 0),
    derivative: 0,
  },
  { integers: true },
);

/**
 * Rectified linear unit, max(x, 0).
 *
 * Shape: `T[...S] -> T[...S]`; bool counts as int32.
 *
 * The derivative is 1 above 0, and 0 below and at the kink x = 0.
 *
 * relu(-0) is -0; NaN propagates, with derivative 0.
 * @param x - a number or a tensor
 * @returns values >= 0, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { grad, relu, tensor } from "gradtape";
 * relu(tensor([-1, 2])); // => [0, 2]
 * grad(relu)(0); // => 0
 * ```
 */
export const relu: Unary = /* @__PURE__ */ makeUnary(
  {
    name: "relu",
    value: (x) => (x < 0 ? 0 : x),
    formula: (x) => formula.greatest(x, 0),
    derivative: (x) => step(x),
  },
  {
    integers: true,
    reads: "x",
  },
);

/**
 * x times sigmoid(x), also called swish.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = s (1 + x (1 - s))` with s = sigmoid(x).
 *
 * 0 at -Infinity with derivative 0, Infinity at Infinity with derivative 1; NaN propagates.
 * @param x - a number or a tensor
 * @returns x sigmoid(x), shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { silu } from "gradtape";
 * silu(1); // => 0.731059
 * ```
 */
export const silu: Unary = /* @__PURE__ */ makeUnary(
  {
    name: "silu",
    value: (x) => (x === -Infinity ? 0 : x * sigmoidOf(x)),
    formula: (x) => formula.choose(formula.equal(x, -Infinity), 0, formula.mul(x, formula.sigmoid(x))),
    derivative: (x) => mulZero(sigmoid(x), add(1, mulZero(x, sigmoid(mul(-1, x))))),
  },
  { reads: "x" },
);

/**
 * Rectified linear unit with a slope below 0.
 *
 * Shape: `T[...S] -> F[...S]`.
 *
 * `y = x` above 0, else `negativeSlope x`; the derivative is 1 or negativeSlope, which also holds at the kink x = 0.
 *
 * NaN propagates.
 * @param x - a number or a tensor
 * @param options - negativeSlope: default 0.01
 * @returns shaped like x
 * @throws GradtapeError `argument/tensor`, `option/unknown`, `argument/number`
 * @example
 * ```ts
 * import { leakyRelu, tensor } from "gradtape";
 * leakyRelu(tensor([-1, 2]), { negativeSlope: 0.1 }); // => [-0.1, 2]
 * ```
 */
export function leakyRelu<X extends Value | boolean>(
  x: X,
  options?: { readonly negativeSlope?: number | undefined },
): Elementwise<X>;
export function leakyRelu(given: Value | boolean, options?: { readonly negativeSlope?: number | undefined }): Value {
  refuseExtra("leakyRelu", "x, options", 2, arguments);
  checkOptions("leakyRelu", options, ["negativeSlope"]);
  const slope = checkNumber("leakyRelu", "negativeSlope", options?.negativeSlope ?? 0.01, -Infinity, Infinity);
  const x = valueArgument("leakyRelu", given);
  return select(greater(x, 0), x, mul(x, slope));
}

/**
 * Exponential linear unit.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `y = x` above 0, else `alpha (exp(x) - 1)`; `dy/dx = 1` or `alpha exp(x)`, alpha at the kink x = 0.
 *
 * -alpha at -Infinity; NaN propagates.
 * @param x - a number or a tensor
 * @param options - alpha: default 1
 * @returns shaped like x
 * @throws GradtapeError `argument/tensor`, `option/unknown`, `argument/number`
 * @example
 * ```ts
 * import { elu } from "gradtape";
 * elu(-1); // => -0.632121
 * ```
 */
export function elu<X extends Value | boolean>(x: X, options?: { readonly alpha?: number | undefined }): Elementwise<X>;
export function elu(given: Value | boolean, options?: { readonly alpha?: number | undefined }): Value {
  refuseExtra("elu", "x, options", 2, arguments);
  checkOptions("elu", options, ["alpha"]);
  const alpha = checkNumber("elu", "alpha", options?.alpha ?? 1, -Infinity, Infinity);
  const x = valueArgument("elu", given);
  const positive = greater(x, 0);
  return select(positive, x, mul(alpha, expm1(select(positive, 0, x))));
}

/**
 * Gaussian error linear unit: x Phi(x), with Phi the distribution function of the standard normal distribution.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = Phi(x) + x phi(x)` with phi the density. "tanh" is the approximation
 * `x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2`, differentiated as it stands; it differs by up to 5e-4.
 *
 * 0 at -Infinity with derivative 0, Infinity at Infinity with derivative 1; NaN propagates.
 * @param x - a number or a tensor
 * @param options - approximate: "none" (default) or "tanh"
 * @returns shaped like x
 * @throws GradtapeError `argument/tensor`, `option/unknown`, `option/choice`
 * @example
 * ```ts
 * import { gelu } from "gradtape";
 * gelu(1); // => 0.841345
 * gelu(1, { approximate: "tanh" }); // => 0.841192
 * ```
 */
export function gelu<X extends Value | boolean>(
  x: X,
  options?: { readonly approximate?: "none" | "tanh" | undefined },
): Elementwise<X>;
export function gelu(given: Value | boolean, options?: { readonly approximate?: "none" | "tanh" | undefined }): Value {
  refuseExtra("gelu", "x, options", 2, arguments);
  checkOptions("gelu", options, ["approximate"]);
  const approximate = checkChoice("gelu", "approximate", options?.approximate ?? "none", ["none", "tanh"]);
  const x = valueArgument("gelu", given);
  return approximate === "none" ? geluExact(x) : geluTanh(x);
}

/** y / x for y = gelu(x), with its derivative by x: the whole one, as if y were not there. */
const shareBy = (slope: (x: Value, share: Value) => Value): Binary =>
  makeBinary({
    name: "geluShare",
    value: (x, y) => (x === 0 ? 0.5 : x - x === 0 ? y / x : x > 0 ? 1 : x < 0 ? 0 : x),
    formula: (x, y) => {
      const ofInfinite = formula.choose(formula.less(0, x), 1, formula.choose(formula.less(x, 0), 0, x));
      const ofOther = formula.choose(formula.equal(formula.sub(x, x), 0), formula.div(y, x), ofInfinite);
      return formula.choose(formula.equal(x, 0), 0.5, ofOther);
    },
    derivatives: [(x, _, share) => slope(x, share), 0],
  });

const exactShare: Binary = /* @__PURE__ */ shareBy((x) => normalDensity(x));

const geluExact: Unary = /* @__PURE__ */ makeUnary({
  name: "gelu",
  value: (x) => (x === -Infinity ? 0 : x * normalDistribution(x)),
  formula: (x) => formula.choose(formula.equal(x, -Infinity), 0, formula.mul(x, formula.applied(NDTR, x))),
  derivative: (x, y) => add(exactShare(x, y), mulZero(x, normalDensity(x))),
});

/** 2 sqrt(2 / pi) */
const RATE = 1.5957691216057308;
const CUBIC = 0.044715;

/** The derivative of sigmoid(RATE (x + CUBIC x^3)). */
function turnOf(x: Value, share: Value): Value {
  const cubic = mul(CUBIC, square(x));
  const inner = mul(mul(RATE, x), add(1, cubic));
  return mulZero(sigmoidSlope(inner, share), mul(RATE, add(1, mul(3, cubic))));
}
const tanhShare: Binary = /* @__PURE__ */ shareBy(turnOf);

const geluTanh: Unary = /* @__PURE__ */ makeUnary({
  name: "geluTanh",
  value: (x) => (x === -Infinity ? 0 : x * sigmoidOf(RATE * x * (1 + CUBIC * (x * x)))),
  derivative: (x, y) => {
    const share = tanhShare(x, y);
    return add(share, mulZero(x, turnOf(x, share)));
  },
});

const raise: Extreme = /* @__PURE__ */ makeBinary(
  {
    name: "clip",
    value: (x, low) => (x < low ? low : x),
    formula: (x, low) => formula.greatest(x, low),
    derivatives: [(x, low) => notBelow(x, low), (x, low) => below(x, low)],
  },
  { integers: "bool", reads: "x" },
);
const lower: Extreme = /* @__PURE__ */ makeBinary(
  {
    name: "clip",
    value: (x, high) => (x > high ? high : x),
    formula: (x, high) => formula.least(x, high),
    derivatives: [(x, high) => notBelow(high, x), (x, high) => below(high, x)],
  },
  { integers: "bool", reads: "x" },
);

/**
 * x limited to the range from a minimum to a maximum. See also {@link maximum} and {@link minimum}.
 *
 * Shape: `T[...S] -> T[...S]`; bounds that are tensors broadcast.
 *
 * The derivative by x is 1 inside and at the bounds, 0 outside; a bound that was taken gets the derivative instead.
 *
 * NaN propagates, with derivative 1.
 * @param x - a number or a tensor
 * @param min - the lower bound; left out, undefined or -Infinity for none
 * @param max - the upper bound; left out, undefined or Infinity for none
 * @returns shaped like x
 * @throws GradtapeError `argument/number` if min > max, `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { clip, grad, tensor } from "gradtape";
 * clip(tensor([-2, 0.5, 2]), -1, 1); // => [-1, 0.5, 1]
 * clip(tensor([-2, 0.5, 2]), 0); // => [0, 0.5, 2]
 * clip(tensor([-2, 0.5, 2]), undefined, 1); // => [-2, 0.5, 1]
 * grad((x: number) => clip(x, -1, 1))(1); // => 1
 * ```
 */
export function clip<
  X extends Value | boolean,
  L extends Value | boolean | undefined = undefined,
  U extends Value | boolean | undefined = undefined,
>(x: X, min?: L, max?: U): Elementwise<Elementwise<X, Given<L>>, Given<U>>;
export function clip(given: Value | boolean, from?: Value | boolean | null, to?: Value | boolean | null): Value {
  refuseExtra("clip", "x, min, max", 3, arguments);
  const x = valueArgument("clip", given);
  // Bools beside bools stay bool.
  const bound = (b: Value | boolean, name: string): Value =>
    typeof b === "boolean" && dtypeOf(x) === "bool" ? makeTruth(b) : valueArgument("clip", b, name);
  const [low, high] = [bound(from ?? -Infinity, "min"), bound(to ?? Infinity, "max")];
  if (typeof low === "number" && typeof high === "number" && !(low <= high)) {
    fail(
      "argument/number",
      `clip: min must be at most max, got min ${low} and max ${high}.`,
      { min: low, max: high },
      "For a bound on one side only, leave the other out: clip(x, undefined, max).",
    );
  }
  const raised = low === -Infinity ? x : raise(x, low);
  return high === Infinity ? raised : lower(raised, high);
}
