import { toNumeric } from "../../base/dtype";
import { describe, fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkFlag, checkOptions } from "../../base/options";
import { type Axis, broadcastsTo, checkAxes, reducedShape, type Shape, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import { withStrength } from "../../core/op/leaf";
import { loweringOf } from "../../core/op/linear-op";
import type { CoreOp, Kind, Lazy, Lower } from "../../core/op/op";
import { checked } from "../../core/op/rule-check";
import { broadcastToShape, castTo, counted, reshapeTo, sumAxes } from "../../core/op/sweep-ops";
import { truthOf } from "../../core/tensor/condition";
import { Handle, isSymbolic, isWeak, makeFilled, makeScalar, makeTruth } from "../../core/tensor/handle";
import type { Reduced } from "../../core/tensor/shape-types";
import type { AxesOptions, Of, ReduceOptions, ShapeOf, Tensor, TruthOf, Value } from "../../core/tensor/tensor";
import { isValue, notATensor } from "../../core/tensor/tensor-argument";
import { valueOf } from "../../core/tensor/value";
import { foldAxes } from "../../numeric/strided";
import { checkDefinition } from "./definition-check";
import { type FamilyBase, mulZero } from "./elementwise-op";

/**
 * A function that reduces axes, all of them by default: a number gives a number, a tensor a tensor without the axes.
 * Options: `axis`, one or several, negative from the end; `keepDims` keeps the reduced axes as size 1.
 *
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/tensor`
 */
export interface Reduction {
  <X extends Value | boolean, const A extends Axis | undefined = undefined, const K extends boolean = false>(
    x: X,
    options?: AxesOptions<A, K>,
  ): X extends number | boolean ? number : Of<Reduced<ShapeOf<X>, A, K>>;
}

/**
 * A {@link Reduction} that can be told to leave elements out, by the option `where`: a bool tensor that broadcasts to
 * the shape of x. Where it is false there is no element, whatever stands there: its derivative is 0. Without any
 * element the result is that of an empty axis.
 *
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/tensor`; for a mask `dtype/unsupported`,
 * `shape/broadcast`
 */
export interface MaskedReduction {
  <X extends Value | boolean, const A extends Axis | undefined = undefined, const K extends boolean = false>(
    x: X,
    options?: ReduceOptions<A, K>,
  ): X extends number | boolean ? number : Of<Reduced<ShapeOf<X>, A, K>>;
}

/** A {@link MaskedReduction} that keeps bools: a boolean gives a boolean. */
export interface Selection {
  <X extends Value | boolean, const A extends Axis | undefined = undefined, const K extends boolean = false>(
    x: X,
    options?: ReduceOptions<A, K>,
  ): X extends boolean ? boolean : X extends number ? number : Of<Reduced<ShapeOf<X>, A, K>>;
}

/**
 * A {@link MaskedReduction} that gives conditions: a boolean where no axis is left, as a {@link Comparison} does, else a bool
 * tensor.
 */
export interface Quantifier {
  <X extends Value | boolean, const A extends Axis | undefined = undefined, const K extends boolean = false>(
    x: X,
    options?: ReduceOptions<A, K>,
  ): TruthOf<Reduced<ShapeOf<X>, A, K>>;
}

/** The definition of a reduction. */
export interface ReductionDefinition extends FamilyBase {
  /** The value of an empty reduction. */
  readonly initial: number;
  /** The next accumulator; elements come in the order of the axis. */
  combine(accumulator: number, x: number): number;
  /** The derivative of y by each element of x; y has its reduced axes kept as size 1. */
  derivative(x: Tensor, y: Tensor): Tensor;
  /** The output in terms of the lazy array x, for compiled programs; null, or omitted: all is combined one by one. */
  lower?(on: Lower, x: Lazy, axes: readonly number[], output: Kind): Lazy | null;
}

/** x with its axes reduced and dropped. The mask, of the shape of x, is null where all elements count. */
export type Reduce = (x: Handle, axes: readonly number[], mask: Handle | null) => Handle;

const KNOWN = ["axis", "keepDims"] as const;
/** Options of a reduction that takes a mask. */
export const KNOWN_MASKED: readonly string[] = [...KNOWN, "where"];

/** Options of a reduction, checked. */
export function reduceWith(
  where: string,
  x: Value,
  options: ReduceOptions | undefined,
  reduce: Reduce,
  known: readonly string[] = KNOWN,
): Value {
  checkOptions(where, options, known);
  if (typeof x !== "number" && !(x instanceof Handle)) return notATensor(where, x);
  const input = typeof x === "number" ? makeScalar(x) : x;
  const axes = checkAxes(where, options?.axis, input.shape.length);
  const keep = checkFlag(where, "keepDims", options?.keepDims);
  const reduced = reduce(input, axes, maskOf(where, options?.where, input.shape));
  // What is made of a plain number stands for one, whatever shapes it had on the way.
  const y = isWeak(input) ? withStrength(reduced, true) : reduced;
  if (typeof x === "number" && !isSymbolic(y)) return y.item();
  // What stands for a number gives what stands for one, however it was computed.
  if (isWeak(input)) return withStrength(y, true);
  return keep ? reshapeTo(y, reducedShape(input.shape, axes, true)) : y;
}

/** The reduction of a function of handles. */
export const makeReduction = (name: string, reduce: Reduce): Reduction =>
  function (x: Value | boolean, options?: AxesOptions) {
    refuseExtra(name, "x, options", 2, arguments);
    return reduceWith(name, counted(x), options, reduce);
  } as Reduction;

/** The reduction of a function of handles that knows what to do with a mask. */
export const makeMasked = (name: string, reduce: Reduce): MaskedReduction =>
  function (x: Value | boolean, options?: ReduceOptions) {
    refuseExtra(name, "x, options", 2, arguments);
    return reduceWith(name, counted(x), options, reduce, KNOWN_MASKED);
  } as MaskedReduction;

/** The same of a function that keeps bools. */
export const makeSelection = (name: string, reduce: Reduce): Selection =>
  function (x: Value | boolean, options?: ReduceOptions) {
    refuseExtra(name, "x, options", 2, arguments);
    if (isValue(options)) {
      fail(
        "option/invalid",
        `${name}: options must be an object, got ${describe(options)}.`,
        { options },
        `Write ${RESULTS[name]}(a, b) for two values, and { axis: 0 } for an axis.`,
      );
    }
    const y = reduceWith(name, asSingle(x), options, reduce, KNOWN_MASKED);
    return typeof x === "boolean" ? valueOf(y) !== 0 : y;
  } as Selection;

/** The same of a function that gives bools. */
export const makeQuantifier = (name: string, reduce: Reduce): Quantifier =>
  function (x: Value | boolean, options?: ReduceOptions) {
    refuseExtra(name, "x, options", 2, arguments);
    const y = reduceWith(name, asSingle(x), options, reduce, KNOWN_MASKED);
    return y instanceof Handle ? truthOf(name, y) : y !== 0;
  } as Quantifier;

/** A boolean as a tensor. */
const asSingle = (x: Value | boolean): Value => (typeof x === "boolean" ? makeTruth(x) : x);

/** The option `where` in the shape of x; null where it leaves nothing out. */
export function maskOf(where: string, mask: unknown, shape: Shape): Handle | null {
  if (mask === undefined || mask === null || mask === true) return null;
  if (mask === false) return makeFilled(shape, "bool", 0);
  if (!(mask instanceof Handle)) return notATensor(where, mask, "where", true);
  if (mask.dtype !== "bool") {
    fail(
      "dtype/unsupported",
      `${where}: where must be a bool tensor, got ${mask.dtype}.`,
      { dtype: mask.dtype },
      "Compare first: greater(x, 0).",
    );
  }
  if (!broadcastsTo(mask.shape, shape)) {
    fail(
      "shape/broadcast",
      `${where}: where must broadcast to shape ${list(shape)}, got shape ${list(mask.shape)}.`,
      { mask: mask.shape, shape },
      "A mask says for each element of x whether it counts; its axes align with the last axes of x.",
    );
  }
  return broadcastToShape(mask, shape);
}

/** y with the reduced axes back as size 1. */
export const withReducedAxes = (y: Handle, shape: Shape, axes: readonly number[]): Handle =>
  reshapeTo(y, reducedShape(shape, axes, true));

/** Number of elements along the axes. */
export const countOf = (shape: Shape, axes: readonly number[]): number => sizeOf(axes.map((axis) => shape[axis]));

/** What a reduction gives, where its name is not the word for it. */
const RESULTS: Readonly<Record<string, string>> = { max: "maximum", min: "minimum" };

/** Throws if there is a result but no element to reduce. */
export function requireNonEmpty(where: string, shape: Shape, axes: readonly number[]): void {
  if (countOf(shape, axes) === 0 && sizeOf(reducedShape(shape, axes, false)) > 0) {
    fail(
      "shape/empty-axis",
      `${where}: axes ${list(axes)} of shape ${list(shape)} have no elements.`,
      { shape, axes },
      `An empty axis has no ${RESULTS[where] ?? where.replace(/^.*\./, "")}; check its size first.`,
    );
  }
}

interface Axes {
  readonly axes: readonly number[];
}

/** The primitive op of a reduction: reduced axes are dropped. */
function reductionOp({ name, initial, combine, derivative, lower }: ReductionDefinition): CoreOp<Axes> {
  const partial = (x: Handle, y: Handle, axes: readonly number[]): Value =>
    derivative(x, withReducedAxes(y, x.shape, axes));
  const op: CoreOp<Axes> = makeOp<readonly [Handle], Axes>(
    {
      name,
      shape: ([shape], { axes }) => reducedShape(shape, axes, false),
      dtype: ([dtype]) => toNumeric(dtype),
      evaluate: (out, [x], { axes }) => foldAxes(out, x.data, x.shape, axes, foldOf(initial, combine)),
      vjp: [
        ({ yBar, inputs: [x], output: y, attrs: { axes } }) => {
          const bar = broadcastToShape(withReducedAxes(yBar, x.shape, axes), x.shape);
          return castTo(mulZero(bar, partial(x, y, axes)), x.dtype);
        },
      ],
      jvp: [
        ({ xDot, inputs: [x], output: y, attrs: { axes } }) =>
          castTo(sumAxes(mulZero(xDot, partial(x, y, axes)), axes), y.dtype),
      ],
      batch: ([x], _, { axes }) => apply(op, [x], { axes: axes.map((axis) => axis + 1) }),
      declares: { absorbing: true },
      ...(lower && { lower: loweringOf<Axes>((on, x, { axes }, output) => lower(on, x, axes, output)) }),
    },
    { checkRule: checked },
  );
  return op;
}

/** A fold of elements by a function. */
const foldOf =
  (initial: number, combine: (accumulator: number, x: number) => number): Parameters<typeof foldAxes>[4] =>
  (out, x, outer, count, inner) => {
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < inner; j++) {
        let y = initial;
        for (let i = 0, at = o * count * inner + j; i < count; i++, at += inner) y = combine(y, x[at]);
        out[o * inner + j] = y;
      }
    }
  };

/**
 * Defines a reduction from the way two elements combine and the derivative of the result by each element. The one formula
 * gives both modes, every order, the batch rule and the traced form.
 *
 * Shape: `T[...S] -> T[...S without the axes]`; bool counts as int32.
 * @param definition - name, value of an empty reduction, how elements combine, and the derivative as a formula of ops
 * @returns the reduction, with the options axis and keepDims
 * @throws GradtapeError `shape/broadcast` in a sweep, if the derivative does not have the shape of x
 * @example
 * ```ts
 * import { defineReduction, grad, mul, tensor } from "gradtape";
 * const sumOfSquares = defineReduction({
 *   name: "sumOfSquares",
 *   initial: 0,
 *   combine: (sum, x) => sum + x * x,
 *   derivative: (x) => mul(2, x),
 * });
 * const x = tensor([1, 2, 3]);
 * sumOfSquares(x); // => 14
 * grad((v: typeof x) => sumOfSquares(v))(x); // => [2, 4, 6]
 * ```
 */
export function defineReduction(definition: ReductionDefinition): Reduction {
  refuseExtra("defineReduction", "definition", 1, arguments);
  checkDefinition(
    "defineReduction",
    definition,
    { initial: "number", combine: "function", derivative: "function" },
    { lower: "function" },
  );
  const op = reductionOp(definition);
  return makeReduction(definition.name, (x, axes) => apply(op, [x], { axes }));
}
