import { allocate } from "../../base/allocate";
import { type Dtype, dtypeOfNumber, isFloat, promote, toFloat } from "../../base/dtype";
import { broadcastShapes, type Shape, sizeOf } from "../../base/shape";
import { traceOf } from "../../core/op/apply";
import { scalarCode } from "../../core/op/entry";
import { productOf } from "../../core/op/letters";
import { type CoreOp, coreOp } from "../../core/op/op";
import { record, recordScalar } from "../../core/op/record";
import { FIRST_INPUT, type Partial, SECOND_INPUT } from "../../core/op/scalar-ops";
import { alignBatch, besideShape, dtypeOfBoth, isPlain } from "../../core/op/sweep-ops";
import { Handle, makeScalar, makeSymbolic, makeTensor, reading } from "../../core/tensor/handle";
import type { Value } from "../../core/tensor/tensor";
import { asHandle, dtypeOf } from "../../core/tensor/value";
import { applied, called, choose, equal, type Formula, mul, or } from "../../kernel/formula";
import { type Pointwise, pointwise, runBinary } from "./elementwise-loops";

/** The part that definitions of all elementwise families share. */
export interface FamilyBase {
  /** Prints, and starts every error message. */
  readonly name: string;
}

/** The definition of an elementwise function of two values. */
export interface BinaryDefinition extends FamilyBase {
  /**
   * The value as a formula, for kernels and compiled programs; if omitted, `value` is called for every place. `checkOp` holds
   * it to `value`.
   */
  formula?(a: Formula, b: Formula): Formula;
  /** The value for plain numbers; it must say what happens at ±0, ±Infinity and NaN. */
  value(a: number, b: number): number;
  /** Both partial derivatives as formulas of a, b and y = value(a, b) made of ops, or constants. */
  readonly derivatives: readonly [
    number | ((a: Value, b: Value, y: Value) => Value),
    number | ((a: Value, b: Value, y: Value) => Value),
  ];
}

/** Options of built-in families only. @internal */
export interface Tuning {
  /** The op keeps int32, or bool too; if omitted, integers become float64. */
  readonly integers?: boolean | "bool";
  /** The value in dtypes where it is another function: where the one for floats would round integers, or float32 is apart. */
  readonly twins?: Pointwise["twins"];
  /** What the derivative reads: "x" the inputs, "y" the output; if omitted, both. */
  readonly reads?: "x" | "y";
  /** A number behind x could be meant as a number of digits: it is refused, though `Array.from` passes an index there. */
  readonly digits?: boolean;
  /** How what the derivative gives is checked. */
  readonly checkRule?: CoreOp["checkRule"];
}

const isConstant = (partial: Partial): boolean => typeof partial === "number";
/** Slopes that are constant and not 0: in the package, functions that are linear; those of users may be so but for a constant. */
const isSum = (partials: readonly Partial[], arity: number): boolean =>
  partials.slice(0, arity).every((slope) => isConstant(slope) && slope !== 0);
const isProduct = ([a, b]: readonly Partial[]): boolean => a === SECOND_INPUT && b === FIRST_INPUT;

/** The core record of an elementwise op, from its partial derivatives. Filled in directly: these ops are the hottest. */
export function elementwiseOp(
  name: string,
  partials: readonly [Partial, Partial],
  arity: 1 | 2,
  reads: "x" | "y" | undefined,
  run: (inputs: readonly Handle[]) => Handle,
  formula: (...x: Formula[]) => Formula,
  evaluate: (out: Handle["data"], shape: Shape, inputs: readonly Handle[]) => void,
  dtypeOf: (dtypes: readonly Dtype[]) => Dtype,
  checkRule: CoreOp["checkRule"] = null,
): CoreOp {
  const constant = partials.every(isConstant);
  const shapeOf = (shapes: readonly Shape[]): Shape =>
    arity === 1 ? shapes[0] : broadcastShapes(name, shapes[0], shapes[1]);
  return coreOp({
    name,
    shapes: (shapes) => [shapeOf(shapes)],
    dtypes: (dtypes) => [dtypeOf(dtypes)],
    evaluate: ([out], inputs) => evaluate(out, shapeOf(inputs.map((x) => x.shape)), inputs),
    differentiable: (k) => partials[k] !== 0,
    readsInput: () => !constant && reads !== "y",
    readsOutput: !constant && reads !== "x",
    batch: (inputs, batched) => {
      const rank = Math.max(...inputs.map((x, k) => x.shape.length - (batched[k] ? 1 : 0)));
      return [run(inputs.map((x, k) => (batched[k] ? alignBatch(x, rank) : x)))];
    },
    partialA: partials[0],
    partialB: partials[1],
    times: mulZero,
    checkRule,
    lower: (on, xs, _, [{ dtype }]) => [on.map(dtype, formula, ...xs)],
    declares: {
      elementwise: true,
      linear: isSum(partials, arity) && checkRule === null ? "jointly" : isProduct(partials) ? "each" : undefined,
      ...(isProduct(partials) ? { contraction: (shapes) => productOf(shapeOf(shapes), shapes) } : null),
    },
  });
}

/** Evaluates or traces an elementwise op whose operands have the dtype they are computed in. */
export function applyElementwise(
  op: CoreOp,
  inputs: readonly Handle[],
  shape: Shape,
  dtype: Dtype,
  evaluate: (out: Handle["data"], shape: Shape, inputs: readonly Handle[]) => void,
): Handle {
  const trace = traceOf(op.name, inputs);
  let y: Handle;
  if (trace !== null) y = makeSymbolic(shape, dtype, trace);
  else {
    const data = allocate(dtype, sizeOf(shape), op.name, shape);
    const { evaluating } = reading;
    reading.evaluating = true;
    try {
      evaluate(data, shape, inputs);
    } finally {
      reading.evaluating = evaluating;
    }
    y = makeTensor(shape, dtype, data);
  }
  record(op, inputs, [y], undefined, trace !== null);
  return y;
}

/** Both operands as tensors of the dtype that they are computed in; bools alone stay bool. */
export function operands(a: Value | boolean, b: Value | boolean): [Handle, Handle, Dtype] {
  const dtype = operandDtype(a, b, false, true);
  return [beside(a, b, dtype), beside(b, a, dtype), dtype];
}

/** x as an operand of a dtype, beside the other one. */
const beside = (x: Value | boolean, other: Value | boolean, dtype: Dtype): Handle =>
  x instanceof Handle && x.dtype === dtype
    ? x
    : besideShape(
        asHandle(typeof x === "boolean" && dtype !== "bool" ? Number(x) : x, dtype),
        other instanceof Handle ? other.shape : [],
        dtype,
      );

/** The dtype that two operands are computed in; `float`: never integers; `keepsBool`: bools alone stay bool. */
function operandDtype(a: Value | boolean, b: Value | boolean, float: boolean, keepsBool: boolean): Dtype {
  // The ordinary case: floats of one dtype, or one of them beside a plain number, which takes its dtype.
  const first = a instanceof Handle ? a.dtype : null;
  const second = b instanceof Handle ? b.dtype : null;
  if (first === second && first !== null && isFloat(first)) return first;
  if (typeof a === "number" && second !== null && isFloat(second)) return second;
  if (typeof b === "number" && first !== null && isFloat(first)) return first;
  // Beside integers and bools a number counts as what holds it.
  const dtypeA = typeof a === "number" ? dtypeOfNumber(a) : dtypeOf(a);
  const dtypeB = typeof b === "number" ? dtypeOfNumber(b) : dtypeOf(b);
  if (dtypeA === "bool" && dtypeB === "bool" && keepsBool) return "bool";
  if (isPlain(a) && isPlain(b)) return "float64";
  const both =
    a instanceof Handle && b instanceof Handle && dtypeA !== dtypeB ? dtypeOfBoth(a, b) : promote(dtypeA, dtypeB);
  return float ? toFloat(both) : both;
}

/** A binary op, ready to be called. */
export interface BinaryOp {
  readonly op: CoreOp;
  readonly code: number;
  readonly value: (a: number, b: number) => number;
  readonly integers: boolean | "bool";
  readonly evaluate: (out: Handle["data"], shape: Shape, inputs: readonly Handle[]) => void;
}
/** Calls a binary op on two values. */
export function combine({ op, code, value, integers, evaluate }: BinaryOp, a: Value, b: Value): Handle {
  if (a instanceof Handle && a.body === null && (typeof b === "number" || (b instanceof Handle && b.body === null))) {
    const x = typeof b === "number" ? makeScalar(b) : asHandle(b);
    const y = value(a.value, x.value);
    return a.strand === null && x.strand === null ? makeScalar(y, a.index | x.index) : recordScalar(code, a, x, y);
  }
  const dtype = operandDtype(a, b, integers === false, integers === "bool");
  const x = beside(a, b, dtype);
  const y = beside(b, a, dtype);
  return applyElementwise(op, [x, y], broadcastShapes(op.name, x.shape, y.shape), dtype, evaluate);
}

export function binaryOp(definition: BinaryDefinition, tuning: Tuning): BinaryOp {
  const { name, value, derivatives, formula = (a, b) => applied(called(name, value, 2), a, b) } = definition;
  const { integers = false } = tuning;
  const places = pointwise(value, formula, tuning.twins);
  const evaluate = (out: Handle["data"], shape: Shape, [a, b]: readonly Handle[]): void =>
    runBinary(places, out, shape, a.data, a.shape, b.data, b.shape);
  const op = elementwiseOp(
    name,
    derivatives,
    2,
    tuning.reads,
    ([a, b]) => combine(made, a, b),
    formula,
    evaluate,
    ([a, b]) => {
      if (integers === "bool" && a === "bool" && b === "bool") return "bool";
      return integers === false ? toFloat(promote(a, b)) : promote(a, b);
    },
    tuning.checkRule,
  );
  const made: BinaryOp = { op, code: scalarCode(op), value, integers, evaluate };
  return made;
}

const product = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

/**
 * a * b, where exactly 0 on either side gives 0, even beside Infinity and NaN. A cotangent of 0 stays 0 however large the
 * partial derivative is: so a branch not taken never poisons a gradient. A partial derivative of 0 stays 0 however large the
 * cotangent is: so what an op does not depend on gets nothing.
 */
const MUL_ZERO = /* @__PURE__ */ binaryOp(
  {
    name: "mulZero",
    value: product,
    formula: (a, b) => choose(or(equal(a, 0), equal(b, 0)), 0, mul(a, b)),
    derivatives: [SECOND_INPUT, FIRST_INPUT],
  },
  {
    integers: true,
    reads: "x",
    twins: { int32: Math.imul },
  },
);

/** A cotangent or tangent times a partial derivative, or a product inside one; exactly 0 on either side gives 0. */
export function mulZero(a: Handle, b: Value): Handle;
export function mulZero(a: Value, b: Value): Value;
export function mulZero(a: Value, b: Value): Value {
  if (typeof a !== "number") return combine(MUL_ZERO, a, b);
  return typeof b === "number" ? product(a, b) : combine(MUL_ZERO, b, a);
}
