import { abs, add, applied, choose, div, type Formula, less, neg, type Term } from "../formula";
import { EXP } from "./exponential";
import { TANH } from "./hyperbolic";
import { LOG } from "./logarithm";

/*
 * What formulas are made of: every function of numbers and truths at one place that kernels have. Operands are formulas, or
 * numbers, which stand for themselves.
 */
export {
  abs,
  add,
  and,
  applied,
  called,
  ceil,
  choose,
  copySign,
  div,
  equal,
  floor,
  greatest,
  least,
  less,
  lessEqual,
  max,
  min,
  mul,
  nearest,
  neg,
  not,
  notEqual,
  or,
  sqrt,
  sub,
  trunc,
} from "../formula";

/** e to the power of a: Math.exp. */
export const exp = (a: Term): Formula => applied(EXP, a);
/** The natural logarithm: Math.log. */
export const log = (a: Term): Formula => applied(LOG, a);
/** The hyperbolic tangent: Math.tanh. */
export const tanh = (a: Term): Formula => applied(TANH, a);
/** The logistic function, 1 / (1 + exp(-a)), without overflow. */
export const sigmoid = (a: Term): Formula => {
  const tail = exp(neg(abs(a)));
  return div(choose(less(a, 0), tail, 1), add(1, tail));
};
