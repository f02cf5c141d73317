import { logAddExp as logAddExpOf } from "../base/special";
import type { Value } from "../core/tensor";
import { abs, add, choose, div, mul, reciprocal, square, sub } from "./arithmetic";
import { equal, lessEqual } from "./comparison";
import { type Binary, makeBinary, makeUnary, type Unary } from "./define-elementwise";
import { sigmoid } from "./logistic";

/** e to the power x. */
export const exp: Unary = /* @__PURE__ */ makeUnary(
  { name: "exp", value: Math.exp, derivative: (_, y) => y },
  {
    reads: "y",
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = Math.exp(x[k]);
    },
  },
);

/** exp(x) - 1, exact for small x. */
export const expm1: Unary = /* @__PURE__ */ makeUnary(
  { name: "expm1", value: Math.expm1, derivative: (x) => exp(x) },
  { reads: "x" },
);

/** Natural logarithm. */
export const log: Unary = /* @__PURE__ */ makeUnary(
  { name: "log", value: Math.log, derivative: (x) => reciprocal(x) },
  {
    reads: "x",
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = Math.log(x[k]);
    },
  },
);

/** log(1 + x), exact for small x. */
export const log1p: Unary = /* @__PURE__ */ makeUnary(
  { name: "log1p", value: Math.log1p, derivative: (x) => reciprocal(add(1, x)) },
  { reads: "x" },
);

/** Square root. */
export const sqrt: Unary = /* @__PURE__ */ makeUnary(
  { name: "sqrt", value: Math.sqrt, derivative: (_, y) => div(0.5, y) },
  {
    reads: "y",
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = Math.sqrt(x[k]);
    },
  },
);

/** 1 / sqrt(x). */
export const rsqrt: Unary = /* @__PURE__ */ makeUnary(
  { name: "rsqrt", value: (x) => 1 / Math.sqrt(x), derivative: (_, y) => mul(-0.5, mul(y, square(y))) },
  { reads: "y" },
);

const power = (a: number, b: number): number => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b);

/** log(a), and 0 where a is 0 and b >= 0: there a ** b does not vary with b. */
const logOrZero = (a: Value, b: Value): Value => {
  const zero = equal(a, 0);
  return choose(lessEqual(0, b), choose(zero, 0, log(choose(zero, 1, a))), log(a));
};

/** a ** b. */
export const pow: Binary = /* @__PURE__ */ makeBinary({
  name: "pow",
  value: power,
  derivatives: [(a, b) => choose(equal(b, 0), 0, mul(b, pow(a, sub(b, 1)))), (a, b, y) => mul(y, logOrZero(a, b))],
});

/** log(exp(a) + exp(b)) without overflow. */
export const logAddExp: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "logAddExp",
    value: logAddExpOf,
    derivatives: [(a, b) => sigmoid(difference(a, b)), (a, b) => sigmoid(difference(b, a))],
  },
  { reads: "x" },
);
/** a - b, and 0 where both are the same infinity. */
const difference = (a: Value, b: Value): Value =>
  choose(equal(a, b), mul(0, choose(equal(abs(a), Infinity), 0, sub(a, b))), sub(a, b));

/** sqrt(a * a + b * b) without overflow. */
export const hypot: Binary = /* @__PURE__ */ makeBinary({
  name: "hypot",
  value: Math.hypot,
  derivatives: [(a, _, y) => ratio(a, y), (_, b, y) => ratio(b, y)],
});
/** x / y, and 0 where both are 0. */
const ratio = (x: Value, y: Value): Value => choose(equal(y, 0), 0, div(x, choose(equal(y, 0), 1, y)));
