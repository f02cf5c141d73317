import type { Dtype } from "../base/dtype";
import { keyOfNumber } from "../base/format";
import { expansionIn, type Formula, type FormulaFunction } from "./formula";
import {
  AND,
  CHOOSE,
  DIV,
  EQUAL,
  MUL,
  NEG,
  NOT,
  NOT_EQUAL,
  type NumberType,
  OR,
  type Primitive,
  SUB,
} from "./primitives";

/*
 * Formulas with types, over reads of arrays at affine places: what one place of an array is, as a graph in which equal parts
 * are one object.
 */

/** An array in memory. */
export interface Stored {
  readonly id: number;
  readonly dtype: Dtype;
  readonly size: number;
  /** Where it begins, in bytes, once it has a place. */
  address: number;
}

/** What stands at one place. The type of a truth is bool. */
export type Expression =
  | { readonly is: "number"; readonly id: number; readonly type: Dtype; readonly value: number }
  | {
      /** The element at start + the sum of strides[j] * index j. */
      readonly is: "read";
      readonly id: number;
      readonly type: Dtype;
      readonly array: Stored;
      readonly start: number;
      readonly strides: readonly number[];
    }
  | {
      /** The index itself: start + the sum of strides[j] * index j. */
      readonly is: "place";
      readonly id: number;
      readonly type: "int32";
      readonly start: number;
      readonly strides: readonly number[];
    }
  | {
      /** What a sum, fold or product came to. */
      readonly is: "total";
      readonly id: number;
      readonly type: Dtype;
    }
  | {
      /** `inside` where from <= the index along an axis < to, and `outside` elsewhere, which does not read `inside`. */
      readonly is: "guard";
      readonly id: number;
      readonly type: Dtype;
      readonly axis: number;
      readonly from: number;
      readonly to: number;
      readonly inside: Expression;
      readonly outside: Expression;
    }
  | {
      readonly is: "apply";
      readonly id: number;
      readonly type: Dtype;
      /** What the operands are computed in. */
      readonly within: NumberType;
      readonly f: Primitive | FormulaFunction;
      readonly of: readonly Expression[];
    }
  | { readonly is: "convert"; readonly id: number; readonly type: Dtype; readonly x: Expression };

type Without<E> = E extends unknown ? Omit<E, "id"> : never;
export type Read = Extract<Expression, { is: "read" }>;
type Apply = Extract<Expression, { is: "apply" }>;

/** What dtypes are computed in: elements of bool count as int32. */
export const typeOf = (dtype: Dtype): NumberType => (dtype === "bool" ? "int32" : dtype);

/** A number as a dtype holds it. */
export function roundTo(type: Dtype, x: number): number {
  if (type === "float32") return Math.fround(x);
  if (type === "int32") return x | 0;
  return type === "bool" ? Number(x !== 0) : x;
}

/** Makes expressions, equal ones once, and simplifies what is exact to simplify. */
export class Expressions {
  private readonly known = new Map<string, Expression>();
  private readonly functions = new Map<object, number>();

  /** Whether a product that absorbs 0 was taken for a plain one. */
  speculated = false;

  /**
   * `expandAll`: functions of float64 by their expansions too. `speculative`: products in which 0 absorbs Infinity and NaN are
   * plain products, which are NaN there.
   */
  constructor(
    private readonly expandAll = false,
    readonly speculative = false,
  ) {}

  number(type: Dtype, x: number): Expression {
    const value = roundTo(type, x);
    return this.make(`${type}${keyOfNumber(value)}`, { is: "number", type, value });
  }

  read(array: Stored, start: number, strides: readonly number[]): Expression {
    return this.make(`r${array.id}@${start}:${strides.join()}`, {
      is: "read",
      type: array.dtype,
      array,
      start,
      strides,
    });
  }

  place(start: number, strides: readonly number[]): Expression {
    if (strides.every((stride) => stride === 0)) return this.number("int32", start);
    return this.make(`p${start}:${strides.join()}`, { is: "place", type: "int32", start, strides });
  }

  total(type: Dtype): Expression {
    return this.make(`t${type}`, { is: "total", type });
  }

  guard(axis: number, from: number, to: number, inside: Expression, outside: Expression): Expression {
    if (inside === outside) return inside;
    const key = `g${axis},${from},${to},${inside.id},${outside.id}`;
    return this.make(key, { is: "guard", type: inside.type, axis, from, to, inside, outside });
  }

  convert(x: Expression, type: Dtype): Expression {
    if (x.type === type) return x;
    if (x.is === "number") return this.number(type, x.value);
    // A truth as a number is a truth again where it is asked for.
    if (x.is === "convert" && type === "bool" && x.x.type === "bool") return x.x;
    if (x.is === "guard") {
      return this.guard(x.axis, x.from, x.to, this.convert(x.inside, type), this.convert(x.outside, type));
    }
    return this.make(`c${type}${x.id}`, { is: "convert", type, x });
  }

  /** A primitive, or a function that is called. */
  apply(f: Primitive | FormulaFunction, within: NumberType, of: readonly Expression[]): Expression {
    const primitive = f.is === "primitive" ? f : null;
    const operands = of.map((x, k) => this.convert(x, primitive?.takes[k] === "truth" ? "bool" : within));
    const type = primitive?.truth === true ? "bool" : within;
    return this.simplified(f, within, operands) ?? this.applied(f, within, operands, type);
  }

  private applied(
    f: Primitive | FormulaFunction,
    within: NumberType,
    given: readonly Expression[],
    type: Dtype,
  ): Expression {
    const [a, b] = given;
    const of = f.is === "primitive" && f.commutes && a.id > b.id ? [b, a] : given;
    const which = this.functions.get(f) ?? this.functions.set(f, this.functions.size).size - 1;
    const key = `a${which}${within}(${of.map(({ id }) => id).join()}`;
    return this.make(key, { is: "apply", type, within, f, of });
  }

  /** A formula of expressions, computed within a type. */
  formula(
    formula: Formula,
    within: NumberType,
    inputs: readonly Expression[],
    memo = new Map<Formula, Expression>(),
  ): Expression {
    const known = memo.get(formula);
    if (known !== undefined) return known;
    let made: Expression;
    if (formula.is === "number") made = this.number(within, formula.value);
    else if (formula.is === "input") made = inputs[formula.at];
    else {
      const { f, to } = formula;
      const expansion = f.is === "function" ? expansionIn(f, within, this.expandAll) : undefined;
      if (expansion === undefined) {
        made = this.apply(
          f,
          within,
          to.map((x) => this.formula(x, within, inputs, memo)),
        );
      } else {
        const inner = to.map((x) => this.formula(x, within, inputs, memo));
        const body = expansion.formula(...to.map((_, at): Formula => ({ is: "input", at })));
        made = this.formula(body, within, inner);
      }
    }
    memo.set(formula, made);
    return made;
  }

  /** The same with other children: of guards, applications and conversions. */
  withParts(x: Expression, map: (x: Expression) => Expression): Expression {
    switch (x.is) {
      case "apply": {
        const of = x.of.map(map);
        return of.every((y, k) => y === x.of[k]) ? x : this.apply(x.f, x.within, of);
      }
      case "convert":
        return this.convert(map(x.x), x.type);
      case "guard":
        return this.guard(x.axis, x.from, x.to, map(x.inside), map(x.outside));
      default:
        return x;
    }
  }

  private make(key: string, fields: Without<Expression>): Expression {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const made = { ...fields, id: this.known.size } as Expression;
    this.known.set(key, made);
    return made;
  }

  private simplified(f: Apply["f"], within: NumberType, of: readonly Expression[]): Expression | null {
    if (of.length > 0 && of.every((x) => x.is === "number")) {
      const plain = (f.is === "primitive" ? f.twins?.[within] : undefined) ?? f.plain;
      const value = plain(...of.map((x) => (x.is === "number" ? x.value : 0)));
      return this.number(f.is === "primitive" && f.truth ? "bool" : within, value);
    }
    return f.is === "primitive" ? (RULES.get(f)?.(this, within, of) ?? null) : null;
  }
}

type Rule = (on: Expressions, within: NumberType, of: readonly Expression[]) => Expression | null;
const isNumber = (x: Expression, value: number): boolean => x.is === "number" && Object.is(x.value, value);
const applies = (x: Expression, f: Primitive): x is Apply => x.is === "apply" && x.f === f;
/** Whether its reciprocal is exact. */
const isPowerOfTwo = (x: number): boolean =>
  Math.abs(Math.log2(Math.abs(x))) < 100 && Number.isInteger(Math.log2(Math.abs(x)));
/** The truth that stands as 0 or 1. */
const truthIn = (x: Expression): Expression | null => (x.is === "convert" && x.x.type === "bool" ? x.x : null);

const timesRule: Rule = (on, within, of) => {
  for (const [k, x] of of.entries()) {
    if (isNumber(x, 1)) return of[1 - k];
    if (isNumber(x, -1)) return on.apply(NEG, within, [of[1 - k]]);
  }
  return null;
};

const quotientRule: Rule = (on, within, [a, b]) => {
  if (b.is !== "number") return null;
  if (b.value === 1) return a;
  if (b.value === -1) return on.apply(NEG, within, [a]);
  return isPowerOfTwo(b.value) ? on.apply(MUL, within, [a, on.number(within, 1 / b.value)]) : null;
};

/** One of two truths is known: `absorbing` decides, the other value leaves the other operand. */
const logicRule =
  (absorbing: boolean): Rule =>
  (on, _, of) => {
    for (const [k, x] of of.entries()) {
      if (x.is === "number") return (x.value !== 0) === absorbing ? on.number("bool", x.value) : of[1 - k];
    }
    return of[0] === of[1] ? of[0] : null;
  };

/** Whether it is c x for a finite c other than 0: then it is 0 where x is, but for the sign of zero. */
const vanishesWith = (y: Expression, x: Expression): boolean =>
  y === x ||
  (applies(y, NEG) && y.of[0] === x) ||
  (applies(y, MUL) &&
    y.of.some((c, k) => y.of[1 - k] === x && c.is === "number" && c.value !== 0 && Number.isFinite(c.value)));

/** The other operand of a comparison with 0; null for anything else. */
function comparedWithZero(x: Expression): Expression | null {
  if (!applies(x, EQUAL)) return null;
  const [a, b] = x.of;
  return isNumber(b, 0) ? a : isNumber(a, 0) ? b : null;
}

/** Whether a product is replaced by 0 where, and only where, a factor is 0. */
function isAbsorbing(condition: Expression, product: Expression): boolean {
  if (!applies(product, MUL)) return false;
  const tests = applies(condition, OR) ? condition.of : [condition];
  return tests.every((x) => {
    const factor = comparedWithZero(x);
    return factor !== null && product.of.includes(factor);
  });
}

const choiceRule: Rule = (on, within, [condition, a, b]) => {
  if (condition.is === "number") return condition.value !== 0 ? a : b;
  if (a === b) return a;
  if (isNumber(a, 1) && isNumber(b, 0)) return on.convert(condition, within);
  const zero = applies(condition, EQUAL) && isNumber(a, 0) ? condition.of : [];
  if (zero.some((x, k) => isNumber(zero[1 - k], 0) && vanishesWith(b, x))) return b;
  if (on.speculative && isNumber(a, 0) && isAbsorbing(condition, b)) {
    on.speculated = true;
    return b;
  }
  return null;
};

/** A comparison with 0 of a truth that stands as a number. */
const zeroRule =
  (equal: boolean): Rule =>
  (on, within, of) => {
    for (const [k, x] of of.entries()) {
      const truth = isNumber(of[1 - k], 0) ? truthIn(x) : null;
      if (truth !== null) return equal ? on.apply(NOT, within, [truth]) : truth;
    }
    return null;
  };

/** What is exact to simplify, but for the sign of zero beside an absorbing product. */
const RULES: ReadonlyMap<Primitive, Rule> = /* @__PURE__ */ new Map([
  [MUL, timesRule],
  [DIV, quotientRule],
  [SUB, (_, __, [a, b]) => (isNumber(b, 0) ? a : null)],
  [NEG, (_, __, [a]) => (applies(a, NEG) ? a.of[0] : null)],
  [NOT, (_, __, [a]) => (applies(a, NOT) ? a.of[0] : null)],
  [AND, /* @__PURE__ */ logicRule(false)],
  [OR, /* @__PURE__ */ logicRule(true)],
  [CHOOSE, choiceRule],
  [EQUAL, /* @__PURE__ */ zeroRule(true)],
  [NOT_EQUAL, /* @__PURE__ */ zeroRule(false)],
]);
