import { add, div, mul, neg, reciprocal, square, sub } from "./arithmetic";
import { type Binary, makeBinary, makeUnary, type Unary } from "./define-elementwise";
import { hypot, rsqrt } from "./exponential";

/** Sine of x radians. */
export const sin: Unary = /* @__PURE__ */ makeUnary(
  { name: "sin", value: Math.sin, derivative: (x) => cos(x) },
  {
    reads: "x",
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = Math.sin(x[k]);
    },
  },
);

/** Cosine of x radians. */
export const cos: Unary = /* @__PURE__ */ makeUnary(
  { name: "cos", value: Math.cos, derivative: (x) => neg(sin(x)) },
  {
    reads: "x",
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = Math.cos(x[k]);
    },
  },
);

/** Tangent of x radians. */
export const tan: Unary = /* @__PURE__ */ makeUnary(
  { name: "tan", value: Math.tan, derivative: (_, y) => add(1, square(y)) },
  { reads: "y" },
);

/** Arc sine in radians. */
export const asin: Unary = /* @__PURE__ */ makeUnary(
  { name: "asin", value: Math.asin, derivative: (x) => rsqrt(mul(sub(1, x), add(1, x))) },
  { reads: "x" },
);

/** Arc cosine in radians. */
export const acos: Unary = /* @__PURE__ */ makeUnary(
  { name: "acos", value: Math.acos, derivative: (x) => neg(rsqrt(mul(sub(1, x), add(1, x)))) },
  { reads: "x" },
);

/** Arc tangent in radians. */
export const atan: Unary = /* @__PURE__ */ makeUnary(
  { name: "atan", value: Math.atan, derivative: (x) => reciprocal(add(1, square(x))) },
  { reads: "x" },
);

/** Hyperbolic sine. */
export const sinh: Unary = /* @__PURE__ */ makeUnary(
  { name: "sinh", value: Math.sinh, derivative: (x) => cosh(x) },
  { reads: "x" },
);

/** Hyperbolic cosine. */
export const cosh: Unary = /* @__PURE__ */ makeUnary(
  { name: "cosh", value: Math.cosh, derivative: (x) => sinh(x) },
  { reads: "x" },
);

/** Hyperbolic tangent. */
export const tanh: Unary = /* @__PURE__ */ makeUnary(
  { name: "tanh", value: Math.tanh, derivative: (_, y) => sub(1, square(y)) },
  {
    reads: "y",
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = Math.tanh(x[k]);
    },
  },
);

/** Inverse hyperbolic sine. */
export const asinh: Unary = /* @__PURE__ */ makeUnary(
  { name: "asinh", value: Math.asinh, derivative: (x) => reciprocal(hypot(x, 1)) },
  { reads: "x" },
);

/** Inverse hyperbolic cosine. */
export const acosh: Unary = /* @__PURE__ */ makeUnary(
  { name: "acosh", value: Math.acosh, derivative: (x) => rsqrt(mul(sub(x, 1), add(x, 1))) },
  { reads: "x" },
);

/** Inverse hyperbolic tangent. */
export const atanh: Unary = /* @__PURE__ */ makeUnary(
  { name: "atanh", value: Math.atanh, derivative: (x) => reciprocal(mul(sub(1, x), add(1, x))) },
  { reads: "x" },
);

/** The angle of the point (x, y) in radians: y first. */
export const atan2: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "atan2",
    value: Math.atan2,
    derivatives: [(y, x) => div(x, add(square(x), square(y))), (y, x) => neg(div(y, add(square(x), square(y))))],
  },
  { reads: "x" },
);
