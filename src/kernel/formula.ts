import {
  ABS,
  ADD,
  AND,
  CEIL,
  CHOOSE,
  COPY_SIGN,
  DIV,
  EQUAL,
  FLOOR,
  GREATEST,
  LEAST,
  LESS,
  LESS_EQUAL,
  MAX,
  MIN,
  MUL,
  NEAREST,
  NEG,
  NOT,
  NOT_EQUAL,
  type NumberType,
  OR,
  type Primitive,
  SQRT,
  SUB,
  TRUNC,
} from "./primitives";

/*
 * What an elementwise op computes at one place, as plain data: run by kernels, by the interpreter and in compiled programs,
 * and printed. All numbers of a formula are of one type, that of its inputs together.
 */

/** A function that targets lack: a formula of others in some types, called one number at a time in the rest. */
export interface FormulaFunction {
  /** What it is beside a {@link Primitive}. */
  readonly is: "function";
  /** For printing only. */
  readonly name: string;
  /** How many operands it has. */
  readonly arity: number;
  /** The value for numbers. In float32 it is rounded. */
  plain(...x: number[]): number;
  /** Its formula in float32. */
  readonly float32?: Expansion | undefined;
  /** Its formula in float64. */
  readonly float64?: Expansion | undefined;
}

/** A function as a formula of simpler ones, in one type. */
export interface Expansion {
  /** Bound of its error, in units in the last place. */
  readonly ulp: number;
  /** The formula, of those of its operands. */
  formula(...x: Formula[]): Formula;
}

/** A number at one place, as a tree. */
export type Formula =
  | {
      /** A number. */
      readonly is: "number";
      /** The number. */
      readonly value: number;
    }
  | {
      /** The number of an input. */
      readonly is: "input";
      /** Which of the inputs. */
      readonly at: number;
    }
  | {
      /** A function of formulas. */
      readonly is: "apply";
      /** What is applied. */
      readonly f: Primitive | FormulaFunction;
      /** To what. */
      readonly to: readonly Formula[];
    };

/** An operand of a formula: a number stands for itself. */
export type Term = Formula | number;

const asFormula = (x: Term): Formula => (typeof x === "number" ? { is: "number", value: x } : x);
/** A function applied to formulas. */
export const applied = (f: Primitive | FormulaFunction, ...to: Term[]): Formula => ({
  is: "apply",
  f,
  to: to.map(asFormula),
});

/** a + b; int32 wraps. */
export const add = (a: Term, b: Term): Formula => applied(ADD, a, b);
/** a - b; int32 wraps. */
export const sub = (a: Term, b: Term): Formula => applied(SUB, a, b);
/** a * b; int32 wraps. */
export const mul = (a: Term, b: Term): Formula => applied(MUL, a, b);
/** a / b, of floats. */
export const div = (a: Term, b: Term): Formula => applied(DIV, a, b);
/** -a */
export const neg = (a: Term): Formula => applied(NEG, a);
/** The absolute value. */
export const abs = (a: Term): Formula => applied(ABS, a);
/** The square root, of floats. */
export const sqrt = (a: Term): Formula => applied(SQRT, a);
/** The largest integer that is not larger. */
export const floor = (a: Term): Formula => applied(FLOOR, a);
/** The smallest integer that is not smaller. */
export const ceil = (a: Term): Formula => applied(CEIL, a);
/** The integer part. */
export const trunc = (a: Term): Formula => applied(TRUNC, a);
/** The nearest integer, of two the even one. */
export const nearest = (a: Term): Formula => applied(NEAREST, a);
/** Math.min: NaN if one is. */
export const min = (a: Term, b: Term): Formula => applied(MIN, a, b);
/** Math.max: NaN if one is. */
export const max = (a: Term, b: Term): Formula => applied(MAX, a, b);
/** `b < a ? b : a` */
export const least = (a: Term, b: Term): Formula => applied(LEAST, a, b);
/** `a < b ? b : a` */
export const greatest = (a: Term, b: Term): Formula => applied(GREATEST, a, b);
/** Whether a is b: a truth. NaN equals nothing, 0 equals -0. */
export const equal = (a: Term, b: Term): Formula => applied(EQUAL, a, b);
/** Whether a is not b: a truth. */
export const notEqual = (a: Term, b: Term): Formula => applied(NOT_EQUAL, a, b);
/** Whether a < b: a truth. */
export const less = (a: Term, b: Term): Formula => applied(LESS, a, b);
/** Whether a <= b: a truth. */
export const lessEqual = (a: Term, b: Term): Formula => applied(LESS_EQUAL, a, b);
/** Whether both truths hold. */
export const and = (a: Formula, b: Formula): Formula => applied(AND, a, b);
/** Whether one of two truths holds. */
export const or = (a: Formula, b: Formula): Formula => applied(OR, a, b);
/** Whether a truth does not hold. */
export const not = (a: Formula): Formula => applied(NOT, a);
/** |a| with the sign of b, which is not NaN unless a is. */
export const copySign = (a: Term, b: Term): Formula => applied(COPY_SIGN, a, b);
/** a where the condition holds, b elsewhere; both are computed. */
export const choose = (condition: Formula, a: Term, b: Term): Formula => applied(CHOOSE, condition, a, b);

/** A function of formulas from a function of numbers, which is called one number at a time. */
export const called = (name: string, plain: (...x: number[]) => number, arity = plain.length): FormulaFunction => ({
  is: "function",
  name,
  arity,
  plain,
});

/** A function that has a formula in float32 alone, of so many units in the last place; elsewhere it is called. */
export const inSingle = (
  name: string,
  plain: (...x: number[]) => number,
  ulp: number,
  formula: (...x: Formula[]) => Formula,
): FormulaFunction => ({ ...called(name, plain, formula.length), float32: { ulp, formula } });

/** The formula of a function of formulas, of so many inputs. */
export const formulaOf = (f: (...x: Formula[]) => Formula, arity: number): Formula =>
  f(...Array.from({ length: arity }, (_, at): Formula => ({ is: "input", at })));

/** The expansion of a function in a type, if it is used: in float64 only where it is as good as the called function. */
export function expansionIn(f: FormulaFunction, type: NumberType, always: boolean): Expansion | undefined {
  if (type === "float32") return f.float32;
  if (type !== "float64" || f.float64 === undefined) return undefined;
  return always || f.float64.ulp <= 1 ? f.float64 : undefined;
}
