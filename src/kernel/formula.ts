import { describe, fail } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
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

const isFormula = (x: unknown): x is Formula =>
  typeof x === "object" && x !== null && "is" in x && (x.is === "number" || x.is === "input" || x.is === "apply");

/** An operand as a formula. */
function asFormula(x: Term | undefined, k: number, name: string): Formula {
  if (typeof x === "number") return { is: "number", value: x };
  if (isFormula(x)) return x;
  return fail(
    "op/formula",
    `formula.${name}: operand ${k} must be a number or a formula, got ${describe(x)}.`,
    { operand: x },
    "Inputs of a formula have no values.",
  );
}

/** A function applied to formulas. */
export function applied(f: Primitive | FormulaFunction, ...to: Term[]): Formula {
  if (Object(f).plain === undefined) {
    const received = describe(f);
    fail(
      "op/formula",
      `formula.applied: f must be what formula.called gives, got ${received}.`,
      { f },
      "Pass formula.called(name, f).",
    );
  }
  const { name, arity } = f;
  if (to.length > arity) refuseExtra(`formula.${name}`, [..."abcdefgh"].slice(0, arity).join(", "), arity, to);
  return { is: "apply", f, to: Array.from({ length: arity }, (_, k) => asFormula(to[k], k, name)) };
}

/** A function of formulas that applies another one. */
export const operator =
  <Operands extends readonly Term[]>(f: Primitive | FormulaFunction): ((...to: Operands) => Formula) =>
  (...to) =>
    applied(f, ...to);

/** a + b; int32 wraps. */
export const add = /* @__PURE__ */ operator<[a: Term, b: Term]>(ADD);
/** a - b; int32 wraps. */
export const sub = /* @__PURE__ */ operator<[a: Term, b: Term]>(SUB);
/** a * b; int32 wraps. */
export const mul = /* @__PURE__ */ operator<[a: Term, b: Term]>(MUL);
/** a / b, of floats. */
export const div = /* @__PURE__ */ operator<[a: Term, b: Term]>(DIV);
/** -a */
export const neg = /* @__PURE__ */ operator<[a: Term]>(NEG);
/** The absolute value. */
export const abs = /* @__PURE__ */ operator<[a: Term]>(ABS);
/** The square root, of floats. */
export const sqrt = /* @__PURE__ */ operator<[a: Term]>(SQRT);
/** The largest integer that is not larger. */
export const floor = /* @__PURE__ */ operator<[a: Term]>(FLOOR);
/** The smallest integer that is not smaller. */
export const ceil = /* @__PURE__ */ operator<[a: Term]>(CEIL);
/** The integer part. */
export const trunc = /* @__PURE__ */ operator<[a: Term]>(TRUNC);
/** The nearest integer, of two the even one. */
export const nearest = /* @__PURE__ */ operator<[a: Term]>(NEAREST);
/** Math.min: NaN if one is. */
export const min = /* @__PURE__ */ operator<[a: Term, b: Term]>(MIN);
/** Math.max: NaN if one is. */
export const max = /* @__PURE__ */ operator<[a: Term, b: Term]>(MAX);
/** `b < a ? b : a` */
export const least = /* @__PURE__ */ operator<[a: Term, b: Term]>(LEAST);
/** `a < b ? b : a` */
export const greatest = /* @__PURE__ */ operator<[a: Term, b: Term]>(GREATEST);
/** Whether a is b: a truth. NaN equals nothing, 0 equals -0. */
export const equal = /* @__PURE__ */ operator<[a: Term, b: Term]>(EQUAL);
/** Whether a is not b: a truth. */
export const notEqual = /* @__PURE__ */ operator<[a: Term, b: Term]>(NOT_EQUAL);
/** Whether a < b: a truth. */
export const less = /* @__PURE__ */ operator<[a: Term, b: Term]>(LESS);
/** Whether a <= b: a truth. */
export const lessEqual = /* @__PURE__ */ operator<[a: Term, b: Term]>(LESS_EQUAL);
/** Whether both truths hold. */
export const and = /* @__PURE__ */ operator<[a: Formula, b: Formula]>(AND);
/** Whether one of two truths holds. */
export const or = /* @__PURE__ */ operator<[a: Formula, b: Formula]>(OR);
/** Whether a truth does not hold. */
export const not = /* @__PURE__ */ operator<[a: Formula]>(NOT);
/** |a| with the sign of b, which is not NaN unless a is. */
export const copySign = /* @__PURE__ */ operator<[a: Term, b: Term]>(COPY_SIGN);
/** a where the condition holds, b elsewhere; both are computed. */
export const choose = /* @__PURE__ */ operator<[condition: Formula, a: Term, b: Term]>(CHOOSE);

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
export function formulaOf(f: (...x: Formula[]) => Formula, arity: number): Formula {
  const made: unknown = f(...Array.from({ length: arity }, (_, at): Formula => ({ is: "input", at })));
  if (typeof made === "number") return { is: "number", value: made };
  if (isFormula(made)) return made;
  return fail(
    "op/formula",
    `formula: must give a formula, got ${describe(made)}.`,
    { received: made },
    "Inside a formula inputs have no values: combine them by the functions of `formula`.",
  );
}

/** The expansion of a function in a type, if it is used: in float64 only where it is as good as the called function. */
export function expansionIn(f: FormulaFunction, type: NumberType, always: boolean): Expansion | undefined {
  if (type === "float32") return f.float32;
  if (type !== "float64" || f.float64 === undefined) return undefined;
  return always || f.float64.ulp <= 1 ? f.float64 : undefined;
}
