import type { Value } from "../../core/tensor/tensor";
import * as formula from "../../kernel/expansions/builder";
import { type FormulaFunction, inSingle } from "../../kernel/formula";
import {
  angleSlope as angleSlopeOf,
  SATURATED_SINGLE,
  tanhSlope as tanhSlopeOf,
} from "../../numeric/special/elementary";
import { type Binary, makeBinary, makeUnary, type Unary } from "../define/define-elementwise";
import { mulZero } from "../define/elementwise-op";
import { add, difference, mul, neg, square } from "./arithmetic";

/*
 * Derivatives that are no function of the package are ops of their own, each closed under differentiation: its value is
 * exact where a formula made of ops would cancel or leave the range, and its derivative is a product.
 */

/** factor x y^power by products that stay between factor and result. */
const timesPower = (factor: number, x: Value, y: Value, power: 2 | 3): Value => {
  const square = mulZero(mulZero(mulZero(factor, x), y), y);
  return power === 2 ? square : mulZero(square, y);
};

const asinSlope: Unary = /* @__PURE__ */ makeUnary({
  name: "asinSlope",
  value: (x) => 1 / Math.sqrt((1 - x) * (1 + x)),
  formula: (x) => formula.div(1, formula.sqrt(formula.mul(formula.sub(1, x), formula.add(1, x)))),
  derivative: (x, y) => timesPower(1, x, y, 3),
});

const atanSlope: Unary = /* @__PURE__ */ makeUnary({
  name: "atanSlope",
  value: (x) => 1 / (1 + x * x),
  formula: (x) => formula.div(1, formula.add(1, formula.mul(x, x))),
  derivative: (x, y) => timesPower(-2, x, y, 2),
});

const TANH_SLOPE: FormulaFunction = /* @__PURE__ */ inSingle("tanhSlope", tanhSlopeOf, 4, (x, y) => {
  const tail = formula.exp(formula.mul(-2, formula.abs(x)));
  const whole = formula.add(1, tail);
  return formula.choose(
    formula.less(formula.abs(y), SATURATED_SINGLE),
    formula.mul(formula.sub(1, y), formula.add(1, y)),
    formula.div(formula.mul(4, tail), formula.mul(whole, whole)),
  );
});

/**
 * From x and y = tanh(x): from y alone it would cancel. Its derivative by x is the whole one, as if y were not there; so no
 * rule reads y, which is a constant to it.
 */
const tanhSlope: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "tanhSlope",
    value: tanhSlopeOf,
    formula: (x, y) => formula.applied(TANH_SLOPE, x, y),
    derivatives: [(x, _, slope) => mulZero(mul(-2, tanh(x)), slope), 0],
  },
  {
    twins: { float32: (x, y) => tanhSlopeOf(x, y, SATURATED_SINGLE) },
  },
);

const asinhSlope: Unary = /* @__PURE__ */ makeUnary({
  name: "asinhSlope",
  value: (x) => (Math.abs(x) > 1e10 ? 1 / Math.abs(x) : 1 / Math.sqrt(1 + x * x)),
  formula: (x) => {
    // From here on 1 is nothing beside the square, which would leave the range of float32.
    const size = formula.abs(x);
    const root = formula.sqrt(formula.add(1, formula.mul(x, x)));
    return formula.div(1, formula.choose(formula.less(1e10, size), size, root));
  },
  derivative: (x, y) => timesPower(-1, x, y, 3),
});

const acoshSlope: Unary = /* @__PURE__ */ makeUnary({
  name: "acoshSlope",
  value: (x) => 1 / (Math.sqrt(x - 1) * Math.sqrt(x + 1)),
  formula: (x) => formula.div(1, formula.mul(formula.sqrt(formula.sub(x, 1)), formula.sqrt(formula.add(x, 1)))),
  derivative: (x, y) => timesPower(-1, x, y, 3),
});

const atanhSlope: Unary = /* @__PURE__ */ makeUnary({
  name: "atanhSlope",
  value: (x) => 1 / ((1 - x) * (1 + x)),
  formula: (x) => formula.div(1, formula.mul(formula.sub(1, x), formula.add(1, x))),
  derivative: (x, y) => timesPower(2, x, y, 2),
});

/**
 * Sine of an angle in radians.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = cos(x)`.
 *
 * NaN at ±Infinity; sin(-0) is -0; NaN propagates.
 * @param x - a number or a tensor, in radians
 * @returns values in [-1, 1], shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { grad, sin } from "gradtape";
 * grad(sin)(0); // => 1
 * ```
 */
export const sin: Unary = /* @__PURE__ */ makeUnary(
  { name: "sin", value: Math.sin, derivative: (x) => cos(x) },
  {
    reads: "x",
  },
);

/**
 * Cosine of an angle in radians.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = -sin(x)`.
 *
 * NaN at ±Infinity; NaN propagates.
 * @param x - a number or a tensor, in radians
 * @returns values in [-1, 1], shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { cos } from "gradtape";
 * cos(Math.PI); // => -1
 * ```
 */
export const cos: Unary = /* @__PURE__ */ makeUnary(
  { name: "cos", value: Math.cos, derivative: (x) => neg(sin(x)) },
  {
    reads: "x",
  },
);

/**
 * Tangent of an angle in radians.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = 1 + y^2`.
 *
 * NaN at ±Infinity; tan(-0) is -0; NaN propagates.
 * @param x - a number or a tensor, in radians
 * @returns the tangent, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { tan } from "gradtape";
 * tan(Math.PI / 4); // => 1
 * ```
 */
export const tan: Unary = /* @__PURE__ */ makeUnary(
  { name: "tan", value: Math.tan, derivative: (_, y) => add(1, square(y)) },
  { reads: "y" },
);

/**
 * Arc sine, in radians.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64. Domain: [-1, 1], NaN outside.
 *
 * `dy/dx = 1 / sqrt(1 - x^2)`: Infinity at ±1.
 * @param x - a number or a tensor
 * @returns angles in [-pi/2, pi/2], shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { asin } from "gradtape";
 * asin(1); // => 1.570796
 * ```
 */
export const asin: Unary = /* @__PURE__ */ makeUnary(
  { name: "asin", value: Math.asin, derivative: (x) => asinSlope(x) },
  { reads: "x" },
);

/**
 * Arc cosine, in radians.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64. Domain: [-1, 1], NaN outside.
 *
 * `dy/dx = -1 / sqrt(1 - x^2)`: -Infinity at ±1.
 * @param x - a number or a tensor
 * @returns angles in [0, pi], shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { acos } from "gradtape";
 * acos(-1); // => 3.141593
 * ```
 */
export const acos: Unary = /* @__PURE__ */ makeUnary(
  { name: "acos", value: Math.acos, derivative: (x) => neg(asinSlope(x)) },
  { reads: "x" },
);

/**
 * Arc tangent, in radians. See also {@link atan2}, the angle of a point.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = 1 / (1 + x^2)`.
 *
 * ±pi/2 at ±Infinity; NaN propagates.
 * @param x - a number or a tensor
 * @returns angles in [-pi/2, pi/2], shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { atan } from "gradtape";
 * atan(1); // => 0.785398
 * ```
 */
export const atan: Unary = /* @__PURE__ */ makeUnary(
  { name: "atan", value: Math.atan, derivative: (x) => atanSlope(x) },
  { reads: "x" },
);

/**
 * Hyperbolic sine.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = cosh(x)`.
 *
 * ±Infinity at ±Infinity; sinh(-0) is -0; NaN propagates.
 * @param x - a number or a tensor
 * @returns (exp(x) - exp(-x)) / 2, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { sinh } from "gradtape";
 * sinh(1); // => 1.175201
 * ```
 */
export const sinh: Unary = /* @__PURE__ */ makeUnary(
  { name: "sinh", value: Math.sinh, derivative: (x) => cosh(x) },
  { reads: "x" },
);

/**
 * Hyperbolic cosine.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = sinh(x)`.
 *
 * Infinity at ±Infinity; NaN propagates.
 * @param x - a number or a tensor
 * @returns (exp(x) + exp(-x)) / 2, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { cosh } from "gradtape";
 * cosh(1); // => 1.543081
 * ```
 */
export const cosh: Unary = /* @__PURE__ */ makeUnary(
  { name: "cosh", value: Math.cosh, derivative: (x) => sinh(x) },
  { reads: "x" },
);

/**
 * Hyperbolic tangent.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = 1 / cosh(x)^2`.
 *
 * ±1 at ±Infinity, with derivative 0; tanh(-0) is -0; NaN propagates.
 * @param x - a number or a tensor
 * @returns values in [-1, 1], shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { grad, tanh } from "gradtape";
 * tanh(1); // => 0.761594
 * grad(grad(tanh))(1); // => -0.639700
 * ```
 */
export const tanh: Unary = /* @__PURE__ */ makeUnary(
  { name: "tanh", value: Math.tanh, formula: formula.tanh, derivative: (x, y) => tanhSlope(x, y) },
  {},
);

/**
 * Inverse hyperbolic sine.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = 1 / sqrt(x^2 + 1)`.
 *
 * ±Infinity at ±Infinity, with derivative 0; NaN propagates.
 * @param x - a number or a tensor
 * @returns the number whose sinh is x, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { asinh, sinh } from "gradtape";
 * asinh(sinh(0.5)); // => 0.5
 * ```
 */
export const asinh: Unary = /* @__PURE__ */ makeUnary(
  { name: "asinh", value: Math.asinh, derivative: (x) => asinhSlope(x) },
  { reads: "x" },
);

/**
 * Inverse hyperbolic cosine.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64. Domain: x >= 1, NaN below.
 *
 * `dy/dx = 1 / sqrt(x^2 - 1)`: Infinity at 1.
 * @param x - a number or a tensor
 * @returns the number >= 0 whose cosh is x, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { acosh, cosh } from "gradtape";
 * acosh(cosh(0.5)); // => 0.5
 * ```
 */
export const acosh: Unary = /* @__PURE__ */ makeUnary(
  { name: "acosh", value: Math.acosh, derivative: (x) => acoshSlope(x) },
  { reads: "x" },
);

/**
 * Inverse hyperbolic tangent.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64. Domain: [-1, 1], NaN outside.
 *
 * `dy/dx = 1 / (1 - x^2)`.
 *
 * ±Infinity at ±1, with derivative Infinity.
 * @param x - a number or a tensor
 * @returns the number whose tanh is x, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { atanh, tanh } from "gradtape";
 * atanh(tanh(0.5)); // => 0.5
 * ```
 */
export const atanh: Unary = /* @__PURE__ */ makeUnary(
  { name: "atanh", value: Math.atanh, derivative: (x) => atanhSlope(x) },
  { reads: "x" },
);

/** a / (a^2 + b^2). */
export const angleSlope: Binary = /* @__PURE__ */ makeBinary({
  name: "angleSlope",
  value: angleSlopeOf,
  derivatives: [
    // Where both leave the range, equal ones still differ by 0.
    (a, b, y) => mulZero(difference(angleSlope(b, a), y), difference(angleSlope(b, a), neg(y))),
    (a, b, y) => mulZero(mul(-2, y), angleSlope(b, a)),
  ],
});

/**
 * The angle of the point (x, y) in radians, counted from the positive x axis: y first.
 *
 * Shape: `F[...A], F[...B] -> F[...broadcast]`; integers give float64.
 *
 * With z the angle, `dz/dy = x / (x^2 + y^2)`, `dz/dx = -y / (x^2 + y^2)`: NaN at the origin, where the value is 0 or
 * ±pi by the signs of the zeros; 0 where x or y is infinite.
 * @param a - y
 * @param b - x
 * @returns angles in [-pi, pi]; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { atan2 } from "gradtape";
 * atan2(1, -1); // => 2.356194
 * ```
 */
export const atan2: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "atan2",
    value: Math.atan2,
    derivatives: [(y, x) => angleSlope(x, y), (y, x) => neg(angleSlope(y, x))],
  },
  { reads: "x" },
);
