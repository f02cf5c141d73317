import { type Dtype, toFloat, toNumeric } from "../../base/dtype";
import { refuseExtra } from "../../base/extra-arguments";
import { scalarCode } from "../../core/op/entry";
import { monitor } from "../../core/op/monitor";
import { recordScalar } from "../../core/op/record";
import { checked } from "../../core/op/rule-check";
import type { Partial } from "../../core/op/scalar-ops";
import { castTo } from "../../core/op/sweep-ops";
import { flagsOf, Handle, isWeak, makeScalar, makeTruth } from "../../core/tensor/handle";
import type { Beside, Chosen, Elementwise, Value } from "../../core/tensor/tensor";
import { isValue, notATensor } from "../../core/tensor/tensor-argument";
import { applied, called, type Formula } from "../../kernel/formula";
import { checkDefinition } from "./definition-check";
import { pointwise, runUnary } from "./elementwise-loops";
import {
  applyElementwise,
  type BinaryDefinition,
  binaryOp,
  combine,
  elementwiseOp,
  type FamilyBase,
  type Tuning,
} from "./elementwise-op";

export type { BinaryDefinition, FamilyBase };

/**
 * An elementwise function of one value: a number gives a number, a tensor a tensor of its shape.
 *
 * @throws GradtapeError `argument/tensor` for anything else
 */
export interface Unary {
  <X extends Value | boolean>(x: X): Elementwise<X>;
}

/**
 * An elementwise function of two values, with broadcasting: two numbers give a number. A number beside a tensor takes
 * its dtype.
 *
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 */
export interface Binary {
  <A extends Value | boolean, B extends Value | boolean>(a: A, b: Beside<B, A>): Elementwise<A, B>;
}

/**
 * The larger or the smaller of two values, with broadcasting: two numbers give a number, two booleans a boolean.
 *
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 */
export interface Extreme {
  <A extends Value | boolean, B extends Value | boolean>(a: A, b: Beside<B, A>): Chosen<A, B>;
}

/** The definition of an elementwise function of one value. */
export interface UnaryDefinition extends FamilyBase {
  /**
   * The value as a formula, for kernels and compiled programs; if omitted, `value` is called for every place. `checkOp` holds
   * it to `value`.
   */
  formula?(x: Formula): Formula;
  /** The value for plain numbers; it must say what happens at ±0, ±Infinity and NaN. */
  value(x: number): number;
  /** The derivative as a formula of x and y = value(x) made of ops, or a constant. */
  readonly derivative: number | ((x: Value, y: Value) => Value);
}

/** A function whose `name` is that of its op, for messages and stack traces. */
const named = <F extends (...args: never[]) => Value | boolean>(name: string, run: F): F =>
  Object.defineProperty(run, "name", { value: name });

/** `defineUnary` for built-in ops. */
export function makeUnary(definition: UnaryDefinition, tuning: Tuning = {}): Unary {
  const { name, value, derivative, formula = (x) => applied(called(name, value, 1), x) } = definition;
  const { integers = false, reads, digits = false } = tuning;
  const places = pointwise(value, formula, tuning.twins);
  const partial: Partial = typeof derivative === "number" ? derivative : (x, _, y) => derivative(x, y);
  const dtypeOf = (dtype: Dtype): Dtype => (integers ? toNumeric(dtype) : toFloat(dtype));
  const tensor = (x: Handle): Handle => {
    const dtype = x.dtype === "bool" && isWeak(x) ? "float64" : dtypeOf(x.dtype);
    return applyElementwise(op, [castTo(x, dtype)], x.shape, dtype, evaluate);
  };
  const evaluate = (out: Handle["data"], _: unknown, [x]: readonly Handle[]): void => runUnary(places, out, x.data);
  const op = elementwiseOp(
    name,
    [partial, 0],
    1,
    reads,
    ([x]) => tensor(x),
    formula,
    evaluate,
    ([dtype]) => dtypeOf(dtype),
    tuning.checkRule,
  );
  const code = scalarCode(op);
  const run = function (x: Value | boolean): Value {
    refuseExtra(name, "x", 1, arguments, !digits);
    if (monitor !== null) return monitored(name, [x], given);
    return given(x);
  };
  const given = (x: Value | boolean): Value => {
    if (typeof x === "number") return value(x);
    if (!(x instanceof Handle)) return typeof x === "boolean" ? value(Number(x)) : notATensor(name, x);
    if (x.body !== null) return tensor(x);
    const y = value(x.value);
    return x.strand === null || partial === 0 ? makeScalar(y, flagsOf(x)) : recordScalar(code, x, null, y);
  };
  return named(name, run) as Unary;
}

/** Runs under a monitor. Single numbers are reported here, as recordScalar tells the monitor no more than their place. */
function monitored<A extends (Value | boolean)[], Y extends Value | boolean>(
  name: string,
  inputs: A,
  run: (...inputs: A) => Y,
): Y {
  const y = run(...inputs);
  if (monitor !== null && (typeof y !== "object" || y.rank === 0)) monitor.onValue(name, inputs, [y]);
  return y;
}

/** `defineBinary` for built-in ops. */
export function makeBinary(definition: BinaryDefinition, tuning: Tuning & { readonly integers: "bool" }): Extreme;
export function makeBinary(definition: BinaryDefinition, tuning?: Tuning): Binary;
export function makeBinary(definition: BinaryDefinition, tuning: Tuning = {}): Binary | Extreme {
  const { name, value } = definition;
  const made = binaryOp(definition, tuning);
  const run = function (a: Value | boolean, b: Value | boolean): Value | boolean {
    refuseExtra(name, "a, b", 2, arguments);
    if (monitor !== null) return monitored(name, [a, b], given);
    return given(a, b);
  };
  const given = (a: Value | boolean, b: Value | boolean): Value | boolean => {
    if (typeof a === "number") {
      if (typeof b === "number") return value(a, b);
      if (b instanceof Handle && b.body === null) {
        const y = value(a, b.value);
        return b.strand === null ? makeScalar(y, b.index) : recordScalar(made.code, makeScalar(a), b, y);
      }
    } else if (a instanceof Handle && a.body === null) {
      if (typeof b === "number") {
        const y = value(a.value, b);
        return a.strand === null ? makeScalar(y, a.index) : recordScalar(made.code, a, makeScalar(b), y);
      }
      if (b instanceof Handle && b.body === null) {
        const y = value(a.value, b.value);
        return a.strand === null && b.strand === null
          ? makeScalar(y, a.index | b.index)
          : recordScalar(made.code, a, b, y);
      }
    }
    if (!isValue(a)) return notATensor(name, a, "a");
    if (!isValue(b)) return notATensor(name, b, "b");
    return typeof a === "boolean" || typeof b === "boolean" ? beside(a, b) : combine(made, a, b);
  };
  const beside = (a: Value | boolean, b: Value | boolean): Value | boolean => {
    if (typeof a !== "object" && typeof b !== "object") {
      const y = value(Number(a), Number(b));
      return tuning.integers === "bool" && typeof a === typeof b ? y !== 0 : y;
    }
    const operand = (x: Value | boolean, other: Value | boolean): Value =>
      typeof x !== "boolean" ? x : other instanceof Handle && other.body !== null ? makeTruth(x) : Number(x);
    return given(operand(a, b), operand(b, a));
  };
  return named(name, run) as Binary | Extreme;
}

/**
 * Defines an elementwise op of one value from its value and its derivative. One formula gives both modes, every order,
 * the batch rule and the traced form.
 *
 * `formula` says the value once more, of parts that kernels and compiled programs have instructions for (`formula` of this
 * package has them all): they compute many elements at once. Without it `value` is called for each element.
 *
 * @param definition - name, value on plain numbers, derivative as a formula of ops or a constant; formula, if there is one
 * @returns the op: a number gives a number, a tensor a tensor of its shape; integers become float64
 * @example
 * ```ts
 * import { defineUnary, grad, mul } from "gradtape";
 * const cube = defineUnary({ name: "cube", value: (x) => x * x * x, derivative: (x) => mul(3, mul(x, x)) });
 * cube(2); // => 8
 * grad(cube)(2); // => 12
 * ```
 * @example
 * With a formula; `checkOp` holds it to the value.
 * ```ts
 * import { defineUnary, formula, mul, ones, relu, sqrt } from "gradtape";
 * import { checkOp } from "gradtape/testing";
 * const ramp = defineUnary({
 *   name: "ramp",
 *   value: (x) => Math.max(x, 0) * Math.sqrt(Math.abs(x)),
 *   formula: (x) => formula.mul(formula.max(x, 0), formula.sqrt(formula.abs(x))),
 *   derivative: (x) => mul(1.5, sqrt(relu(x))),
 * });
 * ramp(mul(4, ones([100]))).at(99); // => 8
 * checkOp(ramp, (random) => ({ inputs: [1 + random()] }));
 * ```
 */
export function defineUnary(definition: UnaryDefinition): Unary {
  refuseExtra("defineUnary", "definition", 1, arguments);
  checkDefinition("defineUnary", definition, { value: "function", derivative: "partial" }, { formula: "function" });
  return makeUnary(definition, { checkRule: checked });
}

/**
 * Defines an elementwise op of two values, with broadcasting, from its value and its two partial derivatives.
 *
 * @param definition - name, value on plain numbers, partial derivatives as formulas of ops or constants
 * @returns the op: two numbers give a number
 * @example
 * ```ts
 * import { defineBinary, grad, mul } from "gradtape";
 * const area = defineBinary({
 *   name: "area",
 *   value: (a, b) => (a * b) / 2,
 *   derivatives: [(_, b) => mul(b, 0.5), (a) => mul(a, 0.5)],
 * });
 * grad((a: number) => area(a, 6))(1); // => 3
 * ```
 */
export function defineBinary(definition: BinaryDefinition): Binary {
  refuseExtra("defineBinary", "definition", 1, arguments);
  checkDefinition("defineBinary", definition, { value: "function", derivatives: "partials" }, { formula: "function" });
  return makeBinary(definition, { checkRule: checked });
}
