import { refuseExtra } from "../../base/extra-arguments";
import { checkFunction } from "../../base/options";
import {
  abs,
  add,
  applied as apply,
  called as asFunction,
  choose,
  div,
  type Formula,
  type FormulaFunction,
  less,
  neg,
  operator,
  type Term,
} from "../formula";
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

/** A function of {@link called}, or one with a formula of its own, applied to formulas. */
export const applied: (f: FormulaFunction, ...to: Term[]) => Formula = apply;

/** e to the power of a: Math.exp. */
export const exp = /* @__PURE__ */ operator<[a: Term]>(EXP);
/** The natural logarithm: Math.log. */
export const log = /* @__PURE__ */ operator<[a: Term]>(LOG);
/** The hyperbolic tangent: Math.tanh. */
export const tanh = /* @__PURE__ */ operator<[a: Term]>(TANH);
/** The logistic function, 1 / (1 + exp(-a)), without overflow. */
export function sigmoid(a: Term): Formula {
  refuseExtra("formula.sigmoid", "a", 1, arguments);
  const tail = exp(neg(abs(a)));
  return div(choose(less(a, 0), tail, 1), add(1, tail));
}

/** A function of formulas from a function of numbers, which is called one number at a time. */
export function called(name: string, plain: (...x: number[]) => number, arity?: number): FormulaFunction {
  refuseExtra("formula.called", "name, plain, arity", 3, arguments);
  checkFunction("formula.called", plain, "plain");
  return asFunction(name, plain, arity);
}
