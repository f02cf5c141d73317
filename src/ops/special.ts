import { checkInteger } from "../base/shape";
import {
  digamma as digammaOf,
  erf as erfOf,
  erfc as erfcOf,
  lgamma as lgammaOf,
  polygamma as polygammaOf,
} from "../base/special";
import type { Elementwise, Value } from "../core/tensor";
import { mul, neg, square } from "./arithmetic";
import { makeUnary, type Unary } from "./define-elementwise";
import { exp } from "./exponential";

const bell = (x: Value): Value => mul(2 / Math.sqrt(Math.PI), exp(neg(square(x))));

/** Error function: 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. */
export const erf: Unary = /* @__PURE__ */ makeUnary(
  { name: "erf", value: erfOf, derivative: (x) => bell(x) },
  { reads: "x" },
);

/** 1 - erf(x), exact in the tail. */
export const erfc: Unary = /* @__PURE__ */ makeUnary(
  { name: "erfc", value: erfcOf, derivative: (x) => neg(bell(x)) },
  { reads: "x" },
);

/** log |Gamma(x)|. */
export const lgamma: Unary = /* @__PURE__ */ makeUnary(
  { name: "lgamma", value: lgammaOf, derivative: (x) => digamma(x) },
  { reads: "x" },
);

/** Derivative of lgamma. */
export const digamma: Unary = /* @__PURE__ */ makeUnary(
  { name: "digamma", value: digammaOf, derivative: (x) => polygammaOp(1)(x) },
  { reads: "x" },
);

/** The n-th derivative of digamma. */
export function polygamma<X extends Value>(n: number, x: X): Elementwise<X>;
export function polygamma(n: number, x: Value): Value {
  return polygammaOp(checkInteger("polygamma", "n", n, 0))(x);
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
