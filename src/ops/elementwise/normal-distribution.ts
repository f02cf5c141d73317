import type { Value } from "../../core/tensor/tensor";
import * as formula from "../../kernel/expansions/builder";
import { NDTR_FLOAT } from "../../kernel/expansions/error";
import { type FormulaFunction, inSingle } from "../../kernel/formula";
import {
  inverseMillsExcess as excessOf,
  inverseMillsExcessSlope as excessSlopeOf,
  inverseMills as inverseMillsOf,
  inverseMillsSlope as inverseMillsSlopeOf,
  logNormalDistribution,
  normalDensity as normalDensityOf,
  normalDistribution,
} from "../../numeric/special/normal-distribution";
import { makeUnary, type Unary } from "../define/define-elementwise";
import { mulZero } from "../define/elementwise-op";
import { mul, neg, square, sub } from "./arithmetic";

/** The distribution function in formulas. */
export const NDTR: FormulaFunction = /* @__PURE__ */ inSingle(
  "ndtr",
  normalDistribution,
  NDTR_FLOAT.ulp,
  NDTR_FLOAT.formula,
);

/** exp(-x^2 / 2) / sqrt(2 pi). */
export const normalDensity: Unary = /* @__PURE__ */ makeUnary({
  name: "normalDensity",
  value: normalDensityOf,
  derivative: (x, y) => mulZero(mul(-1, x), y),
});

/**
 * Distribution function of the standard normal distribution, Phi(x), with full relative precision in the lower tail. See
 * also {@link logNdtr} and {@link erfc}; `ndtr(-x)` is the upper tail.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `y = erfc(-x / sqrt(2)) / 2`, `dy/dx = exp(-x^2 / 2) / sqrt(2 pi)`.
 *
 * 0 at -Infinity, 1 at Infinity; NaN propagates.
 *
 * Error below 3 units of 2^-52, relative.
 * @param x - a number or a tensor
 * @returns probabilities, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { grad, ndtr } from "gradtape";
 * ndtr(-1.959964); // => 0.025
 * ndtr(-30); // => 4.906714e-198
 * grad(ndtr)(0); // => 0.398942
 * ```
 * @see W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969)
 */
export const ndtr: Unary = /* @__PURE__ */ makeUnary(
  {
    name: "ndtr",
    value: normalDistribution,
    formula: (x) => formula.applied(NDTR, x),
    derivative: (x) => normalDensity(x),
  },
  { reads: "x" },
);

/*
 * With m the derivative of logNdtr: m' = -m (x + m) and (x + m)' = 1 - m (x + m). Written so they cancel far below 0, where
 * m is almost -x; every part is an op with an exact value.
 */
const inverseMills: Unary = /* @__PURE__ */ makeUnary(
  { name: "inverseMills", value: inverseMillsOf, derivative: (x) => neg(inverseMillsSlope(x)) },
  { reads: "x" },
);
const inverseMillsSlope: Unary = /* @__PURE__ */ makeUnary(
  { name: "inverseMillsSlope", value: inverseMillsSlopeOf, derivative: (x) => bend(x) },
  { reads: "x" },
);
const inverseMillsExcess: Unary = /* @__PURE__ */ makeUnary(
  { name: "inverseMillsExcess", value: excessOf, derivative: (x) => inverseMillsExcessSlope(x) },
  { reads: "x" },
);
const inverseMillsExcessSlope: Unary = /* @__PURE__ */ makeUnary(
  { name: "inverseMillsExcessSlope", value: excessSlopeOf, derivative: (x) => neg(bend(x)) },
  { reads: "x" },
);
/** The second derivative of m with the other sign. */
const bend = (x: Value): Value =>
  mulZero(inverseMills(x), sub(inverseMillsExcessSlope(x), square(inverseMillsExcess(x))));

/**
 * Logarithm of the distribution function of the standard normal distribution, log(Phi(x)), also where Phi(x) is too small
 * for a number. See also {@link ndtr}.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = exp(-x^2 / 2) / (sqrt(2 pi) Phi(x))`, about -x far below 0; computed to full precision, and so is the second
 * derivative, about -1 there.
 *
 * -Infinity at -Infinity, with derivative Infinity; -0 at Infinity; NaN propagates.
 *
 * Error below 3 units of 2^-52, relative.
 * @param x - a number or a tensor
 * @returns logarithms of probabilities, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { grad, logNdtr } from "gradtape";
 * logNdtr(0); // => -0.693147
 * logNdtr(-1e10); // => -5e19
 * grad(logNdtr)(-1e10); // => 1e10
 * ```
 * @see NIST Digital Library of Mathematical Functions, section 7.9, https://dlmf.nist.gov/7.9
 */
export const logNdtr: Unary = /* @__PURE__ */ makeUnary(
  { name: "logNdtr", value: logNormalDistribution, derivative: (x) => inverseMills(x) },
  { reads: "x" },
);
