import * as formula from "../../kernel/expansions/builder";
import { EXPM1 } from "../../kernel/expansions/exponential";
import { LOG1P, LOG2 } from "../../kernel/expansions/logarithm";
import {
  hypot as hypotOf,
  hypotSlope as hypotSlopeOf,
  logAddExp as logAddExpOf,
  sigmoid as sigmoidOf,
} from "../../numeric/special/elementary";
import { power, powerBy } from "../../numeric/special/power";
import { type Binary, makeBinary, makeUnary, type Unary } from "../define/define-elementwise";
import { mulZero } from "../define/elementwise-op";
import { add, div, mul, neg, reciprocal, square } from "./arithmetic";
import { angleSlope } from "./trigonometric";

/**
 * Exponential function, e to the power x.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = y`.
 *
 * exp(-Infinity) is 0, exp(Infinity) is Infinity (from 709.8 on); NaN propagates.
 * @param x - a number or a tensor
 * @returns e to the power x, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { exp, grad } from "gradtape";
 * exp(1); // => 2.718282
 * grad(exp)(0); // => 1
 * ```
 */
export const exp: Unary = /* @__PURE__ */ makeUnary(
  { name: "exp", value: Math.exp, formula: formula.exp, derivative: (_, y) => y },
  {
    reads: "y",
  },
);

/**
 * exp(x) - 1, without the loss of digits near 0.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = exp(x)`.
 *
 * expm1(-0) is -0, expm1(-Infinity) is -1, expm1(Infinity) is Infinity; NaN propagates.
 * @param x - a number or a tensor
 * @returns exp(x) - 1, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { expm1 } from "gradtape";
 * expm1(1e-12); // => 1e-12
 * ```
 */
export const expm1: Unary = /* @__PURE__ */ makeUnary(
  { name: "expm1", value: Math.expm1, formula: (x) => formula.applied(EXPM1, x), derivative: (x) => exp(x) },
  { reads: "x" },
);

/**
 * Natural logarithm.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64. Domain: x >= 0.
 *
 * `dy/dx = 1 / x`.
 *
 * log(0) and log(-0) are -Infinity, with derivative Infinity and -Infinity; below 0 the value is NaN; NaN propagates.
 * @param x - a number or a tensor
 * @returns the logarithm, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { grad, log } from "gradtape";
 * log(Math.E); // => 1
 * grad(log)(4); // => 0.25
 * ```
 */
export const log: Unary = /* @__PURE__ */ makeUnary(
  { name: "log", value: Math.log, formula: formula.log, derivative: (x) => reciprocal(x) },
  {
    reads: "x",
  },
);

/**
 * Logarithm to the base 2, exact at powers of 2.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64. Domain: x >= 0.
 *
 * `dy/dx = 1 / (x log(2))`.
 *
 * log2(0) and log2(-0) are -Infinity, with derivative Infinity and -Infinity; below 0 the value is NaN; NaN propagates.
 * @param x - a number or a tensor
 * @returns the logarithm, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { log2 } from "gradtape";
 * log2(8); // => 3
 * ```
 */
export const log2: Unary = /* @__PURE__ */ makeUnary(
  {
    name: "log2",
    value: Math.log2,
    formula: (x) => formula.applied(LOG2, x),
    derivative: (x) => reciprocal(mul(Math.LN2, x)),
  },
  {
    reads: "x",
  },
);

/**
 * Logarithm to the base 10, exact at powers of 10.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64. Domain: x >= 0.
 *
 * `dy/dx = 1 / (x log(10))`.
 *
 * log10(0) and log10(-0) are -Infinity, with derivative Infinity and -Infinity; below 0 the value is NaN; NaN
 * propagates.
 * @param x - a number or a tensor
 * @returns the logarithm, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { log10 } from "gradtape";
 * log10(1000); // => 3
 * ```
 */
export const log10: Unary = /* @__PURE__ */ makeUnary(
  { name: "log10", value: Math.log10, derivative: (x) => reciprocal(mul(Math.LN10, x)) },
  {
    reads: "x",
  },
);

/**
 * log(1 + x), without the loss of digits near 0.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64. Domain: x >= -1.
 *
 * `dy/dx = 1 / (1 + x)`.
 *
 * log1p(-0) is -0, log1p(-1) is -Infinity with derivative Infinity; below -1 the value is NaN; NaN propagates.
 * @param x - a number or a tensor
 * @returns log(1 + x), shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { log1p } from "gradtape";
 * log1p(1e-12); // => 1e-12
 * ```
 */
export const log1p: Unary = /* @__PURE__ */ makeUnary(
  {
    name: "log1p",
    value: Math.log1p,
    formula: (x) => formula.applied(LOG1P, x),
    derivative: (x) => reciprocal(add(1, x)),
  },
  { reads: "x" },
);

/** x log(y), and 0 where x is 0, unless y is NaN. */
const timesLog = (x: number, y: number): number => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y));

/** x / y, and 0 where both are 0; it varies with both as elsewhere, so that the mixed derivatives of xlogy agree. */
const ratioOrZero: Binary = /* @__PURE__ */ makeBinary({
  name: "ratioOrZero",
  value: (x, y) => (x === 0 && y === 0 ? 0 : x / y),
  formula: (x, y) => formula.choose(formula.and(formula.equal(x, 0), formula.equal(y, 0)), 0, formula.div(x, y)),
  derivatives: [(_, y) => reciprocal(y), (_, y, ratio) => neg(ratioOrZero(ratio, y))],
});

/**
 * x log(y), and 0 where x is 0: a term of an entropy or of a likelihood, safe where a count or a probability is 0.
 *
 * Shape: `F[...A], F[...B] -> F[...broadcast]`; integers give float64. Domain: y >= 0, or x = 0.
 *
 * With z the value, `dz/dx = log(y)`, `dz/dy = x / y`, 0 where x and y are 0.
 *
 * 0 for x = 0, whatever y is, -0, infinities and numbers below 0 included; NaN for y = NaN. By x the derivative is
 * -Infinity for y = 0, also at x = 0, and NaN for y < 0.
 * @param a - x, the factor
 * @param b - y, whose logarithm is taken
 * @returns the product; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { grad, tensor, xlogy } from "gradtape";
 * xlogy(tensor([0, 0.5, 1]), tensor([0, 0.5, 1])); // => [0, -0.346574, 0]
 * grad((y: number) => xlogy(3, y))(2); // => 1.5
 * ```
 */
export const xlogy: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "xlogy",
    value: timesLog,
    formula: (x, y) =>
      formula.choose(formula.and(formula.equal(x, 0), formula.equal(y, y)), 0, formula.mul(x, formula.log(y))),
    derivatives: [(_, y) => log(y), (x, y) => ratioOrZero(x, y)],
  },
  { reads: "x" },
);

/**
 * Square root.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64. Domain: x >= 0.
 *
 * `dy/dx = 1 / (2 y)`: Infinity at 0.
 *
 * sqrt(-0) is -0; below 0 value and derivative are NaN; NaN propagates.
 * @param x - a number or a tensor
 * @returns the root, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { grad, sqrt } from "gradtape";
 * sqrt(9); // => 3
 * grad(sqrt)(4); // => 0.25
 * ```
 */
export const sqrt: Unary = /* @__PURE__ */ makeUnary(
  { name: "sqrt", value: Math.sqrt, formula: formula.sqrt, derivative: (_, y) => div(0.5, y) },
  {
    reads: "y",
  },
);

/**
 * One over the square root.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64. Domain: x > 0.
 *
 * `dy/dx = -y^3 / 2`.
 *
 * rsqrt(0) is Infinity with derivative -Infinity, rsqrt(Infinity) is 0; below 0 NaN; NaN propagates.
 * @param x - a number or a tensor
 * @returns 1 / sqrt(x), shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { rsqrt } from "gradtape";
 * rsqrt(4); // => 0.5
 * ```
 */
export const rsqrt: Unary = /* @__PURE__ */ makeUnary(
  {
    name: "rsqrt",
    value: (x) => 1 / Math.sqrt(x),
    formula: (x) => formula.div(1, formula.sqrt(x)),
    derivative: (_, y) => mul(-0.5, mul(y, square(y))),
  },
  { reads: "y" },
);

const powers: Binary[][] = [];

/** The derivative of pow, so many times by the base and by the exponent: an op, made when a derivative asks for it. */
function powBy(byBase: number, byExponent: number): Binary {
  powers[byBase] ??= [];
  powers[byBase][byExponent] ??= makeBinary(
    {
      name: `pow${byBase},${byExponent}`,
      value: (a, b) => powerBy(byBase, byExponent, a, b),
      derivatives: [(a, b) => powBy(byBase + 1, byExponent)(a, b), (a, b) => powBy(byBase, byExponent + 1)(a, b)],
    },
    { reads: "x" },
  );
  return powers[byBase][byExponent];
}

/**
 * a to the power b, with broadcasting.
 *
 * Shape: `F[...A], F[...B] -> F[...broadcast]`; integers give float64. Domain: a > 0, or b an integer.
 *
 * `dy/da = b a^(b - 1)`, 0 where a and b are 0; `dy/db = y log(a)`, 0 where a is 0 and b >= 0, as are all derivatives
 * that b has a part in.
 *
 * Values are those of C's pow: pow(x, 0) and pow(1, x) are 1, NaN included; a fraction as power of a negative number
 * gives NaN; the derivative by b is NaN for a < 0.
 * @param a - base
 * @param b - exponent
 * @returns the power; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { grad, pow, tensor } from "gradtape";
 * pow(tensor([1, 2, 3]), 2); // => [1, 4, 9]
 * grad((x: number) => pow(x, 3))(2); // => 12
 * ```
 */
export const pow: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "pow",
    value: power,
    derivatives: [(a, b) => powBy(1, 0)(a, b), (a, b) => powBy(0, 1)(a, b)],
  },
  { reads: "x" },
);

/**
 * log(exp(a) + exp(b)) without overflow: the sum of two numbers given by their logarithms.
 *
 * Shape: `F[...A], F[...B] -> F[...broadcast]`; integers give float64.
 *
 * `dy/da = sigmoid(a - b)`, `dy/db = sigmoid(b - a)`.
 *
 * Two equal infinities give that infinity and 1/2 each; NaN propagates.
 * @param a - a logarithm
 * @param b - a logarithm
 * @returns the logarithm of the sum; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { logAddExp } from "gradtape";
 * logAddExp(1000, 1000); // => 1000.693147
 * ```
 */
export const logAddExp: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "logAddExp",
    value: logAddExpOf,
    derivatives: [(a, b) => powerShare(a, b), (a, b) => powerShare(b, a)],
  },
  { reads: "x" },
);

/**
 * exp(a) / (exp(a) + exp(b)): one op, not sigmoid of a difference, so that both ways to differentiate twice agree at NaN.
 */
const powerShare: Binary = /* @__PURE__ */ makeBinary({
  name: "powerShare",
  value: (a, b) => sigmoidOf(a === b ? 0 : a - b),
  derivatives: [(a, b, share) => mul(share, powerShare(b, a)), (a, b, share) => neg(mul(share, powerShare(b, a)))],
});

/**
 * Length of the vector (a, b): sqrt(a^2 + b^2) without overflow.
 *
 * Shape: `F[...A], F[...B] -> F[...broadcast]`; integers give float64.
 *
 * `dy/da = a / y`, `dy/db = b / y`, both 0 at the origin; an infinite side has derivative ±1, a finite one beside it 0.
 *
 * An infinite side gives Infinity, even beside NaN; else NaN propagates.
 * @param a - one side
 * @param b - the other side
 * @returns the length; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { grad, hypot } from "gradtape";
 * hypot(3, 4); // => 5
 * grad((a: number) => hypot(a, 4))(3); // => 0.6
 * ```
 */
export const hypot: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "hypot",
    value: hypotOf,
    derivatives: [(a, b) => hypotSlope(a, b), (a, b) => hypotSlope(b, a)],
  },
  { reads: "x" },
);

/** a / hypot(a, b), a cosine: it turns by the sine times what the angle does. NaN at the origin meets a factor of 0. */
const hypotSlope: Binary = /* @__PURE__ */ makeBinary({
  name: "hypotSlope",
  value: hypotSlopeOf,
  derivatives: [
    (a, b) => mulZero(hypotSlope(b, a), angleSlope(b, a)),
    (a, b, cosine) => mulZero(neg(cosine), angleSlope(b, a)),
  ],
});
