import { signOf } from "../base/special";
import type { Value } from "../core/tensor";
import { equal, greater, less } from "./comparison";
import { type Binary, makeBinary, makeUnary, type Unary } from "./define-elementwise";
import { where } from "./selection";

const KEEP = { integers: true } as const;

/** a + b. */
export const add: Binary = /* @__PURE__ */ makeBinary(
  { name: "add", value: (a, b) => a + b, derivatives: [1, 1] },
  {
    integers: true,
    loops: {
      both: (out, to, a, i, b, j, n) => {
        for (let k = 0; k < n; k++) out[to + k] = a[i + k] + b[j + k];
      },
      right: (out, to, a, i, b, n) => {
        for (let k = 0; k < n; k++) out[to + k] = a[i + k] + b;
      },
      left: (out, to, a, b, j, n) => {
        for (let k = 0; k < n; k++) out[to + k] = a + b[j + k];
      },
    },
  },
);

/** a - b. */
export const sub: Binary = /* @__PURE__ */ makeBinary(
  { name: "sub", value: (a, b) => a - b, derivatives: [1, -1] },
  {
    integers: true,
    loops: {
      both: (out, to, a, i, b, j, n) => {
        for (let k = 0; k < n; k++) out[to + k] = a[i + k] - b[j + k];
      },
      right: (out, to, a, i, b, n) => {
        for (let k = 0; k < n; k++) out[to + k] = a[i + k] - b;
      },
      left: (out, to, a, b, j, n) => {
        for (let k = 0; k < n; k++) out[to + k] = a - b[j + k];
      },
    },
  },
);

/** a * b, number by number. */
export const mul: Binary = /* @__PURE__ */ makeBinary(
  { name: "mul", value: (a, b) => a * b, derivatives: [(_, b) => b, (a) => a] },
  {
    integers: true,
    reads: "x",
    loops: {
      both: (out, to, a, i, b, j, n) => {
        for (let k = 0; k < n; k++) out[to + k] = a[i + k] * b[j + k];
      },
      right: (out, to, a, i, b, n) => {
        for (let k = 0; k < n; k++) out[to + k] = a[i + k] * b;
      },
      left: (out, to, a, b, j, n) => {
        for (let k = 0; k < n; k++) out[to + k] = a * b[j + k];
      },
    },
  },
);

/** a / b. */
export const div: Binary = /* @__PURE__ */ makeBinary(
  { name: "div", value: (a, b) => a / b, derivatives: [(_, b) => reciprocal(b), (_, b, y) => neg(div(y, b))] },
  {
    loops: {
      both: (out, to, a, i, b, j, n) => {
        for (let k = 0; k < n; k++) out[to + k] = a[i + k] / b[j + k];
      },
      right: (out, to, a, i, b, n) => {
        for (let k = 0; k < n; k++) out[to + k] = a[i + k] / b;
      },
      left: (out, to, a, b, j, n) => {
        for (let k = 0; k < n; k++) out[to + k] = a / b[j + k];
      },
    },
  },
);

/** -x. */
export const neg: Unary = /* @__PURE__ */ makeUnary(
  { name: "neg", value: (x) => -x, derivative: -1 },
  {
    integers: true,
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = -x[k];
    },
  },
);

/** 1 / x. */
export const reciprocal: Unary = /* @__PURE__ */ makeUnary(
  { name: "reciprocal", value: (x) => 1 / x, derivative: (_, y) => neg(square(y)) },
  {
    reads: "y",
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = 1 / x[k];
    },
  },
);

/** x * x. */
export const square: Unary = /* @__PURE__ */ makeUnary(
  { name: "square", value: (x) => x * x, derivative: (x) => mul(2, x) },
  {
    integers: true,
    reads: "x",
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = x[k] * x[k];
    },
  },
);

/** -1, 0 or 1 with the sign of x; sign(-0) is -0. Derivative 0. */
export const sign: Unary = /* @__PURE__ */ makeUnary({ name: "sign", value: signOf, derivative: 0 }, KEEP);

/** |x|. Derivative sign(x), 0 at 0. */
export const abs: Unary = /* @__PURE__ */ makeUnary(
  { name: "abs", value: Math.abs, derivative: (x) => sign(x) },
  {
    integers: true,
    reads: "x",
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = Math.abs(x[k]);
    },
  },
);

/** 1 where a wins, 1/2 where both are equal, 0 where b wins. */
const share = (wins: Value | boolean, ties: Value | boolean): Value => choose(wins, 1, choose(ties, 0.5, 0));
/** where, for conditions that are booleans when the operands were numbers. */
export const choose = (condition: Value | boolean, a: Value, b: Value): Value =>
  typeof condition === "boolean" ? where(condition, a, b) : typeof condition === "number" ? b : where(condition, a, b);

/** The larger of a and b; NaN flows. Ties share the derivative evenly. */
export const maximum: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "maximum",
    value: Math.max,
    derivatives: [(a, b) => share(greater(a, b), equal(a, b)), (a, b) => share(less(a, b), equal(a, b))],
  },
  { integers: true, reads: "x" },
);

/** The smaller of a and b; NaN flows. Ties share the derivative evenly. */
export const minimum: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "minimum",
    value: Math.min,
    derivatives: [(a, b) => share(less(a, b), equal(a, b)), (a, b) => share(greater(a, b), equal(a, b))],
  },
  { integers: true, reads: "x" },
);
