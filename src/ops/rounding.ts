import { roundHalfEven } from "../base/special";
import { makeUnary, type Unary } from "./define-elementwise";

/** The largest integer <= x. Derivative 0. */
export const floor: Unary = /* @__PURE__ */ makeUnary(
  { name: "floor", value: Math.floor, derivative: 0 },
  { integers: true },
);

/** The smallest integer >= x. Derivative 0. */
export const ceil: Unary = /* @__PURE__ */ makeUnary(
  { name: "ceil", value: Math.ceil, derivative: 0 },
  { integers: true },
);

/** The nearest integer; halves go to the even one. Derivative 0. */
export const round: Unary = /* @__PURE__ */ makeUnary(
  { name: "round", value: roundHalfEven, derivative: 0 },
  { integers: true },
);
