import { sinc as sincOf } from "../../numeric/special/sinc";
import { makeUnary, type Unary } from "../define/define-elementwise";

const orders: Unary[] = [];

/** The n-th derivative of sinc as an op, made when a derivative asks for it. */
function derivativeOf(n: number): Unary {
  orders[n] ??= makeUnary(
    { name: `sinc${n}`, value: (x) => sincOf(n, x), derivative: (x) => derivativeOf(n + 1)(x) },
    { reads: "x" },
  );
  return orders[n];
}

/**
 * Normalized sine cardinal, sin(pi x) / (pi x).
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = (cos(pi x) - y) / x`, by its Taylor series about 0, and so on to any order.
 *
 * 1 at 0, with derivative 0; exactly 0 at all other integers; 0 at ±Infinity, with derivative 0; NaN propagates.
 *
 * Error below 2 units of 2^-52, relative.
 * @param x - a number or a tensor
 * @returns values in [-0.22, 1], shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { grad, sinc } from "gradtape";
 * sinc(0.5); // => 0.636620
 * grad(sinc)(0); // => 0
 * grad(grad(sinc))(0); // => -3.289868
 * ```
 */
export const sinc: Unary = /* @__PURE__ */ makeUnary(
  { name: "sinc", value: (x) => sincOf(0, x), derivative: (x) => derivativeOf(1)(x) },
  { reads: "x" },
);
