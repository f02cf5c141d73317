// Policy: sections 0.8 and 3 of the contract; IEEE 754 where it says nothing.
import * as gt from "gradtape";
import type { Rows, UnaryRow } from "./row";

const PI = Math.PI;
const EULER = 0.5772156649015329;
const BELL = 2 / Math.sqrt(PI);
const LN2 = Math.LN2;

/** Ops whose options are set, by the name of the op. */
export const withOptions: Readonly<Record<string, (x: gt.Value) => unknown>> = {
  clip: (x) => gt.clip(x, -1, 1),
  polygamma: (x) => gt.polygamma(1, x),
};

export const unaryRows: Rows<UnaryRow> = {
  neg: [[0, -0, -1], [-0, 0, -1], [Infinity, -Infinity, -1], [-Infinity, Infinity, -1], [NaN, NaN, -1]],
  abs: [[0, 0, 0], [-0, 0, 0], [Infinity, Infinity, 1], [-Infinity, Infinity, -1], [-1e-320, 1e-320, -1], [NaN, NaN, NaN]],
  sign: [[0, 0, 0], [-0, -0, 0], [1e-320, 1, 0], [Infinity, 1, 0], [-Infinity, -1, 0], [NaN, NaN, 0]],
  floor: [[0, 0, 0], [-0, -0, 0], [-0.5, -1, 0], [1e300, 1e300, 0], [-Infinity, -Infinity, 0], [NaN, NaN, 0]],
  ceil: [[0, 0, 0], [-0, -0, 0], [-0.5, -0, 0], [1e300, 1e300, 0], [Infinity, Infinity, 0], [NaN, NaN, 0]],
  round: [[0.5, 0, 0], [1.5, 2, 0], [2.5, 2, 0], [-0.5, -0, 0], [-1.5, -2, 0], [-2.5, -2, 0], [-0, -0, 0], [0.49999999999999994, 0, 0], [4503599627370495.5, 4503599627370496, 0], [9007199254740991, 9007199254740991, 0], [Infinity, Infinity, 0], [NaN, NaN, 0]],
  exp: [[0, 1, 1], [-0, 1, 1], [710, Infinity, Infinity], [-750, 0, 0], [Infinity, Infinity, Infinity], [-Infinity, 0, 0], [NaN, NaN, NaN]],
  expm1: [[0, 0, 1], [-0, -0, 1], [1e-20, 1e-20, 1], [-50, -1, Math.exp(-50)], [Infinity, Infinity, Infinity], [-Infinity, -1, 0], [NaN, NaN, NaN]],
  log: [[0, -Infinity, Infinity], [-0, -Infinity], [1, 0, 1], [1e300, 690.7755278982137, 1e-300], [Infinity, Infinity, 0], [-1, NaN], [NaN, NaN, NaN]],
  log1p: [[0, 0, 1], [-0, -0, 1], [1e-20, 1e-20, 1], [-1, -Infinity, Infinity], [Infinity, Infinity, 0], [-2, NaN], [NaN, NaN, NaN]],
  sqrt: [[0, 0, Infinity], [-0, -0], [1e-320, Math.sqrt(1e-320), 0.5 / Math.sqrt(1e-320)], [1e300, 1e150, 0.5e-150], [Infinity, Infinity, 0], [-1, NaN, NaN], [NaN, NaN, NaN]],
  rsqrt: [[0, Infinity, -Infinity], [1e-200, 1e100, -0.5e300], [Infinity, 0, -0], [-1, NaN, NaN], [NaN, NaN, NaN]],
  square: [[0, 0, 0], [-0, 0, -0], [1e200, Infinity, 2e200], [1e-200, 0, 2e-200], [-Infinity, Infinity, -Infinity], [NaN, NaN, NaN]],
  reciprocal: [[0, Infinity, -Infinity], [-0, -Infinity, -Infinity], [1e100, 1e-100, -1e-200], [Infinity, 0, -0], [-Infinity, -0, -0], [NaN, NaN, NaN]],
  sin: [[0, 0, 1], [-0, -0, 1], [Infinity, NaN, NaN], [NaN, NaN, NaN]],
  cos: [[0, 1, -0], [Infinity, NaN, NaN], [NaN, NaN, NaN]],
  tan: [[0, 0, 1], [-0, -0, 1], [Infinity, NaN, NaN], [NaN, NaN, NaN]],
  asin: [[0, 0, 1], [-0, -0, 1], [1, PI / 2, Infinity], [-1, -PI / 2, Infinity], [2, NaN, NaN], [NaN, NaN, NaN]],
  acos: [[0, PI / 2, -1], [1, 0, -Infinity], [-1, PI, -Infinity], [2, NaN, NaN], [NaN, NaN, NaN]],
  atan: [[0, 0, 1], [-0, -0, 1], [1e200, PI / 2, 0], [Infinity, PI / 2, 0], [-Infinity, -PI / 2, 0], [NaN, NaN, NaN]],
  sinh: [[0, 0, 1], [-0, -0, 1], [Infinity, Infinity, Infinity], [-Infinity, -Infinity, Infinity], [NaN, NaN, NaN]],
  cosh: [[0, 1, 0], [-0, 1, -0], [Infinity, Infinity, Infinity], [-Infinity, Infinity, -Infinity], [NaN, NaN, NaN]],
  tanh: [[0, 0, 1], [-0, -0, 1], [400, 1, 0], [-400, -1, 0], [Infinity, 1, 0], [-Infinity, -1, 0], [NaN, NaN, NaN]],
  asinh: [[0, 0, 1], [-0, -0, 1], [1e200, 461.2101657793691, 1e-200], [Infinity, Infinity, 0], [-Infinity, -Infinity, 0], [NaN, NaN, NaN]],
  acosh: [[1, 0, Infinity], [0.5, NaN, NaN], [Infinity, Infinity, 0], [NaN, NaN, NaN]],
  atanh: [[0, 0, 1], [-0, -0, 1], [1, Infinity, Infinity], [-1, -Infinity, Infinity], [2, NaN], [NaN, NaN, NaN]],
  sigmoid: [[0, 0.5, 0.25], [800, 1, 0], [-800, 0, 0], [-700, Math.exp(-700), Math.exp(-700)], [Infinity, 1, 0], [-Infinity, 0, 0], [NaN, NaN, NaN]],
  logSigmoid: [[0, -LN2, 0.5], [800, -0, 0], [-800, -800, 1], [700, -Math.exp(-700), Math.exp(-700)], [Infinity, -0, 0], [-Infinity, -Infinity, 1], [NaN, NaN, NaN]],
  softplus: [[0, LN2, 0.5], [800, 800, 1], [-800, 0, 0], [-700, Math.exp(-700), Math.exp(-700)], [Infinity, Infinity, 1], [-Infinity, 0, 0], [NaN, NaN, NaN]],
  relu: [[0, 0, 0], [-0, 0, 0], [1e-320, 1e-320, 1], [Infinity, Infinity, 1], [-Infinity, 0, 0], [NaN, NaN]],
  silu: [[0, 0, 0.5], [-0, -0, 0.5], [800, 800, 1], [-800, -0, 0], [Infinity, Infinity, 1], [-Infinity, -0, 0], [NaN, NaN, NaN]],
  erf: [[0, 0, BELL], [-0, -0, BELL], [1e-20, BELL * 1e-20, BELL], [30, 1, 0], [Infinity, 1, 0], [-Infinity, -1, 0], [NaN, NaN, NaN]],
  erfc: [[0, 1, -BELL], [10, 2.088487583762545e-45, -BELL * Math.exp(-100)], [30, 0, 0], [Infinity, 0, -0], [-Infinity, 2, -0], [NaN, NaN, NaN]],
  lgamma: [[1, 0, -EULER], [2, 0, 1 - EULER], [0, Infinity], [-1, Infinity], [Infinity, Infinity, Infinity], [NaN, NaN, NaN]],
  digamma: [[1, -EULER, PI ** 2 / 6], [Infinity, Infinity, 0], [NaN, NaN, NaN]],
  polygamma: [[1, PI ** 2 / 6, -2.4041138063191885], [Infinity, 0, 0], [NaN, NaN, NaN]],
  leakyRelu: [[0, 0], [-1e300, -1e298, 0.01], [Infinity, Infinity, 1], [-Infinity, -Infinity, 0.01], [NaN, NaN]],
  elu: [[0, 0, 1], [1000, 1000, 1], [-1e-20, -1e-20, 1], [Infinity, Infinity, 1], [-Infinity, -1, 0], [NaN, NaN]],
  gelu: [[0, 0, 0.5], [40, 40, 1], [-40, -0, 0], [Infinity, Infinity, 1], [-Infinity, -0, 0], [NaN, NaN, NaN]],
  clip: [[-1, -1, 1], [1, 1, 1], [0, 0, 1], [-0, -0, 1], [2, 1, 0], [Infinity, 1, 0], [-Infinity, -1, 0], [NaN, NaN]],
  logicalNot: [[0, true], [-0, true], [1, false], [NaN, false]],
  isNaN: [[NaN, true], [0, false], [Infinity, false]],
  isFinite: [[NaN, false], [Infinity, false], [-Infinity, false], [1e308, true], [-0, true]],
};
