import { type Dtype, toFloat } from "../../base/dtype";
import { refuseExtra } from "../../base/extra-arguments";
import { checkFlag, checkOptions } from "../../base/options";
import { checkAxis, checkPlaces, reducedShape, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import { foldKept } from "../../core/op/lazy-views";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch, castTo, reshapeTo, sumAxes } from "../../core/op/sweep-ops";
import { Handle, makeFilled } from "../../core/tensor/handle";
import type { Reduced } from "../../core/tensor/shape-types";
import type { AxesOptions, Of, ShapeOf, Tensor } from "../../core/tensor/tensor";
import { notATensor, toHandle } from "../../core/tensor/tensor-argument";
import { asHandle } from "../../core/tensor/value";
import { and, choose, div, equal as equals, type Formula, notEqual as notEquals, or } from "../../kernel/formula";
import { extremeFold, meanOfWinners, shareAmongWinners } from "../../numeric/rows/winners";
import { foldAxes } from "../../numeric/strided";
import {
  countOf,
  type MaskedReduction,
  makeMasked,
  makeQuantifier,
  makeSelection,
  type Quantifier,
  type Reduce,
  requireNonEmpty,
  type Selection,
} from "../define/define-reduction";
import { mul } from "../elementwise/arithmetic";
import { equal, greater, logicalNot } from "../elementwise/comparison";
import { stridedSlice, windowAlong } from "../movement/strided-window";
import { absorbing } from "./lazy-rows";
import { countsOf, filled, whereCounted } from "./mask";
import { meanOver } from "./mean-op";

const sumOver: Reduce = (x, axes, mask) => sumAxes(filled(x, mask, 0), axes);
const average: Reduce = (input, axes, mask) => {
  const x = filled(castTo(input, toFloat(input.dtype)), mask, 0);
  if (mask === null) return meanOver(x, axes);
  const counts = countsOf(mask, axes);
  return whereCounted(counts, meanOver(x, axes, whereCounted(counts, counts, 1)), Number.NaN);
};

/**
 * The sum over axes, all of them by default. See also {@link mean}, and {@link cumsum} for running sums.
 *
 * Shape: `T[...S] -> T[...S without the axes]`; bool counts as int32.
 *
 * `dy/dx = 1` for every element, also beside infinities and NaN.
 *
 * The sum over an empty axis is 0. Added up in float64, also float32; int32 wraps: sums are exact modulo 2³² (the guide
 * Numerics has the policy).
 * @param x - a number or a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false; where: a mask
 * @returns the sums; a number gives a number; see {@link MaskedReduction} for the options and errors
 * @example
 * ```ts
 * import { sum, tensor } from "gradtape";
 * sum(tensor([[1, 2], [3, 4]])); // => 10
 * sum(tensor([[1, 2], [3, 4]]), { axis: 0, keepDims: true }); // => [[4, 6]]
 * ```
 */
export const sum: MaskedReduction = /* @__PURE__ */ makeMasked("sum", sumOver);

/**
 * The mean over axes, all of them by default. See also {@link median}, {@link variance} and {@link std}.
 *
 * Shape: `F[...S] -> F[...S without the axes]`; integers give float64.
 *
 * `dy/dx = 1 / n` for each of the n elements.
 *
 * The mean over an empty axis is NaN.
 * @param x - a number or a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false; where: a mask
 * @returns the means; a number gives a number; see {@link MaskedReduction} for the options and errors
 * @example
 * ```ts
 * import { mean, tensor } from "gradtape";
 * mean(tensor([[1, 2], [3, 6]]), { axis: 1 }); // => [1.5, 4.5]
 * ```
 */
export const mean: MaskedReduction = /* @__PURE__ */ makeMasked("mean", average);

/** Multiplies halves of an axis until one element is left: exact with zeros, to every order. The axis is dropped. */
function multiplyAlong(x: Handle, axis: number): Handle {
  const n = x.shape[axis];
  const shape = x.shape.filter((_, i) => i !== axis);
  if (n < 2) return n === 0 ? makeFilled(shape, x.dtype, 1) : reshapeTo(x, shape);
  const part = (start: number, size: number): Handle => stridedSlice(x, windowAlong(x.shape, axis, start, size));
  const half = n >> 1;
  if (n % 2 === 0) return multiplyAlong(asHandle(mul(part(0, half), part(half, half))), axis);
  return asHandle(mul(multiplyAlong(part(0, n - 1), axis), reshapeTo(part(n - 1, 1), shape)));
}

/**
 * The product over axes, all of them by default. See also {@link cumprod} for running products.
 *
 * Shape: `T[...S] -> T[...S without the axes]`; bool counts as int32.
 *
 * `dy/dx` is the product of all other elements, to every order, and exact where elements are 0.
 *
 * The product over an empty axis is 1; NaN propagates; int32 wraps: products are exact modulo 2³².
 * @param x - a number or a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false; where: a mask
 * @returns the products; a number gives a number; see {@link MaskedReduction} for the options and errors
 * @example
 * ```ts
 * import { grad, prod, type Tensor, tensor } from "gradtape";
 * grad((x: Tensor) => prod(x))(tensor([0, 2, 3])); // => [6, 0, 0]
 * ```
 */
export const prod: MaskedReduction = /* @__PURE__ */ makeMasked("prod", (x, axes, mask) => {
  const y = filled(x.dtype === "bool" ? castTo(x, "int32") : x, mask, 1);
  return [...axes].reverse().reduce(multiplyAlong, y);
});

const asBool = (x: Tensor | boolean): Handle => toHandle("reduce", x);

/** What is never larger (or smaller) than an element, and the result without any. */
function endOf(dtype: Dtype, sign: number): number {
  if (dtype === "bool") return sign > 0 ? 1 : 0;
  if (dtype === "int32") return sign > 0 ? 2 ** 31 - 1 : -(2 ** 31);
  return sign * Infinity;
}

interface Axes {
  readonly axes: readonly number[];
}

/** Inputs v, x, y and a mask, if there is one: v moves between the winners among x and the extremes y. Linear in v. */
function winnersOp(name: string, back: boolean): CoreOp<Axes> {
  const op: CoreOp<Axes> = makeOp<readonly Handle[], Axes>({
    name,
    shape: ([, x], { axes }) => (back ? x : reducedShape(x, axes, false)),
    dtype: ([dtype]) => dtype,
    evaluate: (out, [v, x, y, mask], { axes }) =>
      (back ? shareAmongWinners : meanOfWinners)(out, v.data, {
        x: x.data,
        y: y.data,
        mask: mask?.data,
        shape: x.shape,
        axes,
      }),
    vjp: [({ yBar, inputs, attrs }) => apply(back ? MEAN : SHARE, [yBar, ...inputs.slice(1)], attrs), null, null, null],
    jvp: [({ xDot, inputs, attrs }) => apply(op, [xDot, ...inputs.slice(1)], attrs), null, null, null],
    reads: { inputs: [false, true, true, true], output: false },
    batch: (inputs, batched, { axes }, size) =>
      apply(op, broadcastBatch(inputs, batched, size), { axes: axes.map((axis) => axis + 1) }),
    declares: { absorbing: true },
    lower: (on, [v, x, y, mask], { axes }, [{ dtype }]) => {
      const kept = reducedShape(x.shape, axes, true);
      const wins = on.map("bool", equals, x, on.reshape(y, kept));
      const counted = mask === undefined ? wins : on.map("bool", both, wins, mask);
      const counts = foldKept(on, "sum", on.cast(counted, "int32"), axes);
      const parts = on.map(dtype, partOfWinner, back ? on.reshape(v, kept) : v, counted, counts);
      return [back ? parts : on.fold("sum", parts, axes)];
    },
  });
  return op;
}
const both = (a: Formula, b: Formula): Formula => and(notEquals(a, 0), notEquals(b, 0));
/** What an element has of v: a part if it wins, NaN where nobody wins. A v of 0 is left alone. */
const partOfWinner = (v: Formula, wins: Formula, count: Formula): Formula => {
  const part = choose(notEquals(wins, 0), div(1, count), choose(equals(count, 0), Number.NaN, 0));
  return absorbing(v, part);
};
const SHARE = /* @__PURE__ */ winnersOp("shareAmongWinners", true);
const MEAN = /* @__PURE__ */ winnersOp("meanOfWinners", false);

function extremeOver(name: string, sign: 1 | -1): Reduce {
  const fold = extremeFold(sign);
  const op: CoreOp<Axes> = makeOp<readonly Handle[], Axes>({
    name,
    shape: ([shape, mask], { axes }) => {
      if (mask === undefined) requireNonEmpty(name, shape, axes);
      return reducedShape(shape, axes, false);
    },
    dtype: ([dtype]) => dtype,
    evaluate: (out, [x], { axes }) => foldAxes(out, x.data, x.shape, axes, fold),
    vjp: [
      ({ yBar, inputs: [x, ...mask], output: y, attrs }) => castTo(apply(SHARE, [yBar, x, y, ...mask], attrs), x.dtype),
      null,
    ],
    jvp: [({ xDot, inputs: [x, ...mask], output: y, attrs }) => apply(MEAN, [xDot, x, y, ...mask], attrs), null],
    batch: (inputs, batched, { axes }, size) =>
      apply(op, broadcastBatch(inputs, batched, size), { axes: axes.map((axis) => axis + 1) }),
    declares: { absorbing: true },
    lower: (on, [x], { axes }) => [on.fold(sign > 0 ? "max" : "min", x, axes)],
  });
  return (x, axes, mask) => {
    const end = endOf(x.dtype, -sign);
    if (mask !== null && countOf(x.shape, axes) === 0) {
      return makeFilled(reducedShape(x.shape, axes, false), x.dtype, end);
    }
    const whole = filled(x, mask, end);
    return apply(op, mask === null ? [whole] : [whole, mask], { axes });
  };
}
/** The largest elements over axes. */
export const maxOver: Reduce = /* @__PURE__ */ extremeOver("max", 1);
const minOver = /* @__PURE__ */ extremeOver("min", -1);

/**
 * The largest element over axes, all of them by default. See also {@link maximum}, the larger of two values, and
 * {@link argmax}.
 *
 * Shape: `T[...S] -> T[...S without the axes]`.
 *
 * The derivative is 1 for the largest element; ties share it evenly.
 *
 * NaN propagates, with derivatives NaN.
 * @param x - a number or a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false; where: a mask
 * @returns the largest elements; a number gives a number; see {@link MaskedReduction} for the options and errors
 * @example
 * ```ts
 * import { grad, max, type Tensor, tensor } from "gradtape";
 * grad((x: Tensor) => max(x))(tensor([1, 3, 3])); // => [0, 0.5, 0.5]
 * ```
 */
export const max: Selection = /* @__PURE__ */ makeSelection("max", maxOver);

/**
 * The smallest element over axes, all of them by default. See also {@link minimum}, the smaller of two values, and
 * {@link argmin}.
 *
 * Shape: `T[...S] -> T[...S without the axes]`.
 *
 * The derivative is 1 for the smallest element; ties share it evenly.
 *
 * NaN propagates, with derivatives NaN.
 * @param x - a number or a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false; where: a mask
 * @returns the smallest elements; a number gives a number; see {@link MaskedReduction} for the options and errors
 * @example
 * ```ts
 * import { min, tensor } from "gradtape";
 * min(tensor([[1, 5], [4, 2]]), { axis: 0 }); // => [1, 2]
 * ```
 */
export const min: Selection = /* @__PURE__ */ makeSelection("min", minOver);

/** 1 where x is not 0 (NaN is not), else 0. */
const nonZero = (x: Handle): Handle => castTo(asBool(logicalNot(equal(x, 0))), "int32");

/**
 * Whether any element over axes is not 0. See also {@link all}.
 *
 * Shape: `T[...S] -> bool[...S without the axes]`.
 *
 * False for an empty axis. The derivative is zero.
 * @param x - a tensor, mostly of dtype bool
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false
 * @returns bools, one boolean where no axis is left; see {@link MaskedReduction} for the options and errors
 * @example
 * ```ts
 * import { any, greater, tensor } from "gradtape";
 * any(greater(tensor([1, 5]), 3)); // => true
 * ```
 */
export const any: Quantifier = /* @__PURE__ */ makeQuantifier("any", (x, axes, mask) =>
  asBool(greater(sumAxes(filled(nonZero(x), mask, 0), axes), 0)),
);

/**
 * Whether all elements over axes are other than 0. See also {@link any}.
 *
 * Shape: `T[...S] -> bool[...S without the axes]`.
 *
 * True for an empty axis. The derivative is zero.
 * @param x - a tensor, mostly of dtype bool
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false
 * @returns bools, one boolean where no axis is left; see {@link MaskedReduction} for the options and errors
 * @example
 * ```ts
 * import { all, greater, tensor } from "gradtape";
 * all(greater(tensor([[1, 5], [4, 6]]), 3), { axis: 1 }); // => [false, true]
 * ```
 */
export const all: Quantifier = /* @__PURE__ */ makeQuantifier("all", (x, axes, mask) =>
  asBool(equal(sumAxes(filled(nonZero(x), mask, 1), axes), countOf(x.shape, axes))),
);

interface Along {
  readonly axis: number;
}

function argOp(name: "argmax" | "argmin", wins: (x: number, best: number) => boolean): CoreOp<Along> {
  const op: CoreOp<Along> = makeOp<readonly [Handle], Along>({
    name,
    shape: ([shape], { axis }) => {
      requireNonEmpty(name, shape, [axis]);
      checkPlaces(name, shape[axis]);
      return reducedShape(shape, [axis], false);
    },
    dtype: () => "int32",
    evaluate: (out, [x], { axis }) => {
      const data = x.data;
      const count = x.shape[axis];
      const inner = sizeOf(x.shape.slice(axis + 1));
      for (let k = 0; k < out.length; k++) {
        const from = Math.floor(k / inner) * count * inner + (k % inner);
        let best = 0;
        for (let i = 1; i < count; i++) {
          const [value, top] = [data[from + i * inner], data[from + best * inner]];
          if (wins(value, top) || (Number.isNaN(value) && !Number.isNaN(top))) best = i;
        }
        out[k] = best;
      }
    },
    vjp: [null],
    batch: ([x], _, { axis }) => apply(op, [x], { axis: axis + 1 }),
    lower: (on, [x], { axis }) => {
      const best = foldKept(on, name === "argmax" ? "max" : "min", x, [axis]);
      const found = on.map("bool", (a, top) => or(equals(a, top), notEquals(a, a)), x, best);
      const places = on.map(
        "int32",
        (here, place) => choose(notEquals(here, 0), place, x.shape[axis]),
        found,
        on.place(x.shape, axis),
      );
      return [on.fold("min", places, [axis])];
    },
  });
  return op;
}

const ARGMAX = /* @__PURE__ */ argOp("argmax", (x, best) => x > best);
const ARGMIN = /* @__PURE__ */ argOp("argmin", (x, best) => x < best);

function argReduce(op: CoreOp<Along>, input: Tensor, options: AxesOptions | undefined): Tensor {
  checkOptions(op.name, options, ["axis", "keepDims"]);
  if (!(input instanceof Handle)) return notATensor(op.name, input);
  const axis = options?.axis ?? null;
  const keep = checkFlag(op.name, "keepDims", options?.keepDims);
  if (axis === null) {
    const y = apply(op, [reshapeTo(input, [input.size])], { axis: 0 });
    return keep
      ? reshapeTo(
          y,
          input.shape.map(() => 1),
        )
      : y;
  }
  const at = checkAxis(op.name, axis, input.shape.length);
  const y = apply(op, [input], { axis: at });
  return keep ? reshapeTo(y, reducedShape(input.shape, [at], true)) : y;
}

/**
 * The position of the largest element along an axis: the first one, or the first NaN. See also {@link max}.
 *
 * Shape: `T[...S] -> int32[...S without the axis]`; if axis is omitted, the position among all elements, flattened.
 *
 * The derivative is zero.
 * @param x - a tensor
 * @param options - axis: one, negative from the end, default all axes flattened; keepDims: keep it as size 1, default
 * false
 * @returns positions, counted from 0; see {@link Reduction} for the errors
 * @example
 * ```ts
 * import { argmax, tensor } from "gradtape";
 * argmax(tensor([[1, 5], [4, 2]]), { axis: 1 }); // => [1, 0]
 * ```
 */
export function argmax<
  X extends Tensor,
  const A extends number | undefined = undefined,
  const K extends boolean = false,
>(x: X, options?: AxesOptions<A, K>): Of<Reduced<ShapeOf<X>, A, K>>;
export function argmax(x: Tensor, options?: AxesOptions): Tensor {
  refuseExtra("argmax", "x, options", 2, arguments);
  return argReduce(ARGMAX, x, options);
}

/**
 * The position of the smallest element along an axis: the first one, or the first NaN. See also {@link min}.
 *
 * Shape: `T[...S] -> int32[...S without the axis]`; if axis is omitted, the position among all elements, flattened.
 *
 * The derivative is zero.
 * @param x - a tensor
 * @param options - axis: one, negative from the end, default all axes flattened; keepDims: keep it as size 1, default
 * false
 * @returns positions, counted from 0; see {@link Reduction} for the errors
 * @example
 * ```ts
 * import { argmin, tensor } from "gradtape";
 * argmin(tensor([[3, 5], [4, 2]])); // => 3
 * ```
 */
export function argmin<
  X extends Tensor,
  const A extends number | undefined = undefined,
  const K extends boolean = false,
>(x: X, options?: AxesOptions<A, K>): Of<Reduced<ShapeOf<X>, A, K>>;
export function argmin(x: Tensor, options?: AxesOptions): Tensor {
  refuseExtra("argmin", "x, options", 2, arguments);
  return argReduce(ARGMIN, x, options);
}
