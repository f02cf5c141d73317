import { logSigmoid as logSigmoidOf, sigmoid as sigmoidOf, softplus as softplusOf } from "../base/special";
import { mul, sub } from "./arithmetic";
import { makeUnary, type Unary } from "./define-elementwise";

/** 1 / (1 + exp(-x)). */
export const sigmoid: Unary = /* @__PURE__ */ makeUnary(
  { name: "sigmoid", value: sigmoidOf, derivative: (_, y) => mul(y, sub(1, y)) },
  {
    reads: "y",
    loops: (out, x) => {
      for (let k = 0; k < out.length; k++) out[k] = sigmoidOf(x[k]);
    },
  },
);

/** log(1 + exp(x)) without overflow. */
export const softplus: Unary = /* @__PURE__ */ makeUnary(
  { name: "softplus", value: softplusOf, derivative: (x) => sigmoid(x) },
  { reads: "x" },
);

/** log(sigmoid(x)) without overflow. */
export const logSigmoid: Unary = /* @__PURE__ */ makeUnary(
  { name: "logSigmoid", value: logSigmoidOf, derivative: (x) => sigmoid(mul(-1, x)) },
  { reads: "x" },
);
