import type { Value } from "../../core/tensor/tensor";
import { type Binary, makeBinary, makeUnary, type Unary } from "../define/define-elementwise";
import { add, div, mul, neg, reciprocal, square, sub } from "./arithmetic";
import { hypot, rsqrt } from "./exponential";

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
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = Math.sin(x[k]);
    },
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
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = Math.cos(x[k]);
    },
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
  { name: "asin", value: Math.asin, derivative: (x) => rsqrt(mul(sub(1, x), add(1, x))) },
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
  { name: "acos", value: Math.acos, derivative: (x) => neg(rsqrt(mul(sub(1, x), add(1, x)))) },
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
  { name: "atan", value: Math.atan, derivative: (x) => reciprocal(add(1, square(x))) },
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
 * `dy/dx = 1 - y^2`.
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
  { name: "tanh", value: Math.tanh, derivative: (_, y) => sub(1, square(y)) },
  {
    reads: "y",
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = Math.tanh(x[k]);
    },
  },
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
  { name: "asinh", value: Math.asinh, derivative: (x) => reciprocal(hypot(x, 1)) },
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
  { name: "acosh", value: Math.acosh, derivative: (x) => rsqrt(mul(sub(x, 1), add(x, 1))) },
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
  { name: "atanh", value: Math.atanh, derivative: (x) => reciprocal(mul(sub(1, x), add(1, x))) },
  { reads: "x" },
);

/** a / (a^2 + b^2), without the square: it overflows, or is 0, where this is an ordinary number. */
const overSquare = (a: Value, b: Value): Value => div(div(a, hypot(a, b)), hypot(a, b));

/**
 * The angle of the point (x, y) in radians, counted from the positive x axis: y first.
 *
 * Shape: `F[...A], F[...B] -> F[...broadcast]`; integers give float64.
 *
 * With z the angle, `dz/dy = x / (x^2 + y^2)`, `dz/dx = -y / (x^2 + y^2)`: NaN at the origin, where the value is 0 or
 * ±pi by the signs of the zeros.
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
    derivatives: [(y, x) => overSquare(x, y), (y, x) => neg(overSquare(y, x))],
  },
  { reads: "x" },
);
