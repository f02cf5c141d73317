import { refuseExtra } from "../../base/extra-arguments";
import { checkInteger } from "../../base/shape";
import { valueArgument } from "../../core/op/sweep-ops";
import type { Elementwise, Value } from "../../core/tensor/tensor";
import * as formula from "../../kernel/expansions/builder";
import { ERF_FLOAT, ERFC_FLOAT } from "../../kernel/expansions/error";
import { inSingle } from "../../kernel/formula";
import {
  digamma as digammaOf,
  erfc as erfcOf,
  erf as erfOf,
  lgamma as lgammaOf,
  polygamma as polygammaOf,
} from "../../numeric/special/elementary";
import { erfInverse } from "../../numeric/special/erf-inverse";
import { makeUnary, type Unary } from "../define/define-elementwise";
import { mulZero } from "../define/elementwise-op";
import { mul, neg, square } from "./arithmetic";
import { exp } from "./exponential";

const ERF = /* @__PURE__ */ inSingle("erf", erfOf, ERF_FLOAT.ulp, ERF_FLOAT.formula);
const ERFC = /* @__PURE__ */ inSingle("erfc", erfcOf, ERFC_FLOAT.ulp, ERFC_FLOAT.formula);

/** 2 / sqrt(pi) exp(-x^2). */
export const bell: Unary = /* @__PURE__ */ makeUnary(
  { name: "bell", value: (x) => PEAK * Math.exp(-x * x), derivative: (x, y) => mulZero(mul(-2, x), y) },
  {},
);
/** 2 / sqrt(pi) */
const PEAK = 1.1283791670955126;

/**
 * Error function: 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = 2 / sqrt(pi) exp(-x^2)`.
 *
 * erf(-0) is -0, erf(±Infinity) is ±1; NaN propagates.
 *
 * Error below 1.8 units of 2^-52, relative.
 * @param x - a number or a tensor
 * @returns values in [-1, 1], shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { erf, grad } from "gradtape";
 * erf(1); // => 0.842701
 * grad(erf)(0); // => 1.128379
 * ```
 * @see W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969)
 */
export const erf: Unary = /* @__PURE__ */ makeUnary(
  { name: "erf", value: erfOf, formula: (x) => formula.applied(ERF, x), derivative: (x) => bell(x) },
  { reads: "x" },
);

/**
 * Complementary error function, 1 - erf(x), with full relative precision in the tail.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = -2 / sqrt(pi) exp(-x^2)`.
 *
 * 2 at -Infinity, 0 at Infinity; NaN propagates.
 *
 * Error below 2.5 units of 2^-52, relative.
 * @param x - a number or a tensor
 * @returns values in [0, 2], shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { erfc } from "gradtape";
 * erfc(10); // => 2.088488e-45
 * ```
 * @see W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969)
 */
export const erfc: Unary = /* @__PURE__ */ makeUnary(
  { name: "erfc", value: erfcOf, formula: (x) => formula.applied(ERFC, x), derivative: (x) => neg(bell(x)) },
  { reads: "x" },
);

/**
 * Inverse of the error function: the y with erf(y) = x.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64. Domain: [-1, 1].
 *
 * `dy/dx = sqrt(pi) / 2 exp(y^2)`.
 *
 * erfInv(-0) is -0, erfInv(±1) is ±Infinity with derivative Infinity; outside the domain NaN; NaN propagates.
 *
 * Error below 3.1 units of 2^-52, relative, also next to ±1.
 * @param x - a number or a tensor
 * @returns the inverse, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { erfInv, grad } from "gradtape";
 * erfInv(0.5); // => 0.476936
 * grad(erfInv)(0); // => 0.886227
 * ```
 * @see M. J. Wichura, Algorithm AS 241: The percentage points of the normal distribution, Appl. Statist. 37 (1988)
 */
export const erfInv: Unary = /* @__PURE__ */ makeUnary(
  { name: "erfInv", value: erfInverse, derivative: (_, y) => mul(Math.sqrt(Math.PI) / 2, exp(square(y))) },
  { reads: "y" },
);

/**
 * Logarithm of the absolute value of the gamma function.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = digamma(x)`.
 *
 * Infinity at 0, at the negative integers and at both infinities; at the negative integers the derivative is NaN; NaN
 * propagates.
 *
 * For x > 0 the error is below 2.1 units of 2^-52, relative.
 * @param x - a number or a tensor
 * @returns log |Gamma(x)|, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { lgamma } from "gradtape";
 * lgamma(5); // => 3.178054
 * ```
 * @see NIST Digital Library of Mathematical Functions, sections 5.5, 5.7 and 5.11, https://dlmf.nist.gov/5
 */
export const lgamma: Unary = /* @__PURE__ */ makeUnary(
  { name: "lgamma", value: lgammaOf, derivative: (x) => digamma(x) },
  { reads: "x" },
);

/**
 * Digamma function, the derivative of lgamma.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx` is the trigamma function, and so on to any order.
 *
 * -Infinity at 0, Infinity at -0, NaN at the negative integers; NaN propagates.
 *
 * Error below 6 units of 2^-52, relative to max(1, |y|).
 * @param x - a number or a tensor
 * @returns the derivative of log |Gamma(x)|, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { digamma, grad } from "gradtape";
 * digamma(1); // => -0.577216
 * grad(digamma)(1); // => 1.644934
 * ```
 * @see NIST Digital Library of Mathematical Functions, sections 5.5, 5.11 and 5.15, https://dlmf.nist.gov/5
 */
export const digamma: Unary = /* @__PURE__ */ makeUnary(
  { name: "digamma", value: digammaOf, derivative: (x) => polygammaOp(1)(x) },
  { reads: "x" },
);

/**
 * The n-th derivative of the digamma function: polygamma(0, x) is digamma(x), polygamma(1, x) the trigamma function.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = polygamma(n + 1, x)`.
 *
 * Poles at 0 and the negative integers: Infinity for odd n; for even n -Infinity at 0, Infinity at -0, NaN at the
 * negative integers. NaN at -Infinity; NaN propagates.
 *
 * For n = 1 to 6 the error is below 6 units of 2^-52, relative to max(1, |y|).
 * @param n - the order, an integer >= 0; no derivative by it
 * @param x - a number or a tensor
 * @returns the derivative, shaped like x
 * @throws GradtapeError `argument/integer`, `argument/tensor`
 * @example
 * ```ts
 * import { polygamma } from "gradtape";
 * polygamma(1, 1); // => 1.644934
 * ```
 * @see NIST Digital Library of Mathematical Functions, section 5.15, https://dlmf.nist.gov/5.15
 */
export function polygamma<X extends Value | boolean>(n: number, x: X): Elementwise<X>;
export function polygamma(n: number, x: Value | boolean): Value {
  refuseExtra("polygamma", "n, x", 2, arguments);
  return polygammaOp(checkInteger("polygamma", "n", n, 0))(valueArgument("polygamma", x));
}

const orders: Unary[] = [];

/** The n-th derivative of digamma as an op, made when a derivative asks for it. */
function polygammaOp(n: number): Unary {
  orders[n] ??= makeUnary(
    { name: `polygamma${n}`, value: (x) => polygammaOf(n, x), derivative: (x) => polygammaOp(n + 1)(x) },
    { reads: "x" },
  );
  return orders[n];
}
