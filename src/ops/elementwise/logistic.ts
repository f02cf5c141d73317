import * as formula from "../../kernel/expansions/builder";
import { LOG1P } from "../../kernel/expansions/logarithm";
import { type Formula, type FormulaFunction, inSingle } from "../../kernel/formula";
import {
  logit as logitOf,
  logSigmoid as logSigmoidOf,
  SATURATED_SINGLE,
  sigmoid as sigmoidOf,
  sigmoidSlope as sigmoidSlopeOf,
  softplus as softplusOf,
} from "../../numeric/special/elementary";
import { type Binary, makeBinary, makeUnary, type Unary } from "../define/define-elementwise";
import { mulZero } from "../define/elementwise-op";
import { mul, neg, sub } from "./arithmetic";
import { tanh } from "./trigonometric";

const SLOPE: FormulaFunction = /* @__PURE__ */ inSingle("sigmoidSlope", sigmoidSlopeOf, 4, (x, y) => {
  const tail = formula.exp(formula.neg(x));
  const whole = formula.add(1, tail);
  return formula.choose(
    formula.less(y, SATURATED_SINGLE),
    formula.mul(y, formula.sub(1, y)),
    formula.div(tail, formula.mul(whole, whole)),
  );
});

/**
 * The derivative of sigmoid, from x and y = sigmoid(x): from y alone it would cancel. Its derivative by x is the whole
 * one, as if y were not there.
 */
export const sigmoidSlope: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "sigmoidSlope",
    value: sigmoidSlopeOf,
    formula: (x, y) => formula.applied(SLOPE, x, y),
    derivatives: [(x, _, slope) => mulZero(neg(slope), tanh(mul(0.5, x))), 0],
  },
  {
    twins: { float32: (x, y) => sigmoidSlopeOf(x, y, SATURATED_SINGLE) },
  },
);

/**
 * Logistic function, 1 / (1 + exp(-x)), without overflow on either side. See also {@link logSigmoid}, and {@link logit}, its
 * inverse.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = sigmoid(x) sigmoid(-x)`.
 *
 * 0 at -Infinity, 1 at Infinity, both with derivative 0; NaN propagates.
 * @param x - a number or a tensor; a log-odds
 * @returns values in [0, 1], shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { grad, sigmoid } from "gradtape";
 * sigmoid(0); // => 0.5
 * grad(sigmoid)(0); // => 0.25
 * ```
 */
export const sigmoid: Unary = /* @__PURE__ */ makeUnary(
  { name: "sigmoid", value: sigmoidOf, formula: formula.sigmoid, derivative: (x, y) => sigmoidSlope(x, y) },
  {},
);

const softplusFormula = (x: Formula): Formula =>
  formula.add(formula.greatest(x, 0), formula.applied(LOG1P, formula.exp(formula.neg(formula.abs(x)))));

/**
 * log(1 + exp(x)), a smooth max(x, 0), without overflow.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = sigmoid(x)`.
 *
 * 0 at -Infinity, Infinity at Infinity; NaN propagates.
 * @param x - a number or a tensor
 * @returns values >= 0, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { softplus } from "gradtape";
 * softplus(0); // => 0.693147
 * softplus(1000); // => 1000
 * ```
 */
export const softplus: Unary = /* @__PURE__ */ makeUnary(
  { name: "softplus", value: softplusOf, formula: softplusFormula, derivative: (x) => sigmoid(x) },
  { reads: "x" },
);

/**
 * log(sigmoid(x)) without overflow: -softplus(-x).
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = sigmoid(-x)`.
 *
 * -Infinity at -Infinity, with derivative 1; -0 at Infinity; NaN propagates.
 * @param x - a number or a tensor; a log-odds
 * @returns values <= 0, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { logSigmoid } from "gradtape";
 * logSigmoid(-1000); // => -1000
 * ```
 */
export const logSigmoid: Unary = /* @__PURE__ */ makeUnary(
  {
    name: "logSigmoid",
    value: logSigmoidOf,
    formula: (x) => formula.neg(softplusFormula(formula.neg(x))),
    derivative: (x) => sigmoid(mul(-1, x)),
  },
  { reads: "x" },
);

/** The derivative of logit: its own, `s^2 (2 x - 1)`, is right up to the ends of the domain. */
const logitSlope: Unary = /* @__PURE__ */ makeUnary({
  name: "logitSlope",
  value: (x) => 1 / (x * (1 - x)),
  formula: (x) => formula.div(1, formula.mul(x, formula.sub(1, x))),
  derivative: (x, s) => mulZero(mul(s, s), sub(mul(2, x), 1)),
});

/**
 * Log-odds of a probability, log(x / (1 - x)): the inverse of {@link sigmoid}.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64. Domain: [0, 1].
 *
 * `dy/dx = 1 / (x (1 - x))`.
 *
 * -Infinity at 0 and -0, Infinity at 1, with derivative Infinity (-Infinity at -0); outside the domain the value is NaN;
 * NaN propagates.
 *
 * Error below 2 units of 2^-52, relative, also next to the zero at 1/2.
 * @param x - a number or a tensor; a probability
 * @returns the log-odds, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { grad, logit } from "gradtape";
 * logit(0.75); // => 1.098612
 * grad(logit)(0.5); // => 4
 * ```
 */
export const logit: Unary = /* @__PURE__ */ makeUnary(
  { name: "logit", value: logitOf, derivative: (x) => logitSlope(x) },
  { reads: "x" },
);
