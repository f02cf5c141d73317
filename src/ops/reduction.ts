import { toFloat } from "../base/dtype";
import { checkOptions } from "../base/options";
import { checkAxis, reducedShape, sizeOf } from "../base/shape";
import { Handle, makeFilled, makeTensor, notATensor } from "../core/handle";
import { asHandle, castTo, divideBy, reshapeTo, sumAxes } from "../core/linear";
import { apply, OP_DEFAULTS, type Op } from "../core/op";
import type { Of, ReduceOptions, Reduced, ShapeOf, Tensor, Value } from "../core/tensor";
import { add, choose, div, mul, sub } from "./arithmetic";
import { equal, greater, isFinite, notEqual } from "./comparison";
import {
  countOf,
  demandNumbers,
  foldOf,
  kept,
  makeReduction,
  type Reduce,
  type Reduction,
  reductionOp,
} from "./define-reduction";
import { exp, log } from "./exponential";
import { see, windowAlong } from "./window";
import { stop } from "./stop";

const total: Reduce = (x, axes) => sumAxes(x, axes);
const average: Reduce = (x, axes) => divideBy(sumAxes(castTo(x, toFloat(x.dtype)), axes), countOf(x.shape, axes));

/** Sum over axes; 0 of nothing. */
export const sum: Reduction = /* @__PURE__ */ makeReduction("sum", total);

/** Mean over axes; NaN of nothing. Integers give float64. */
export const mean: Reduction = /* @__PURE__ */ makeReduction("mean", average);

/** Multiplies halves of an axis until one number is left: exact with zeros, to every order. The axis is dropped. */
function multiplyAlong(x: Handle, axis: number): Handle {
  const n = x.shape[axis];
  const shape = x.shape.filter((_, i) => i !== axis);
  if (n < 2) return n === 0 ? makeFilled(shape, x.dtype, 1) : reshapeTo(x, shape);
  const part = (start: number, size: number): Handle => see(x, windowAlong(x.shape, axis, start, size));
  const half = n >> 1;
  if (n % 2 === 0) return multiplyAlong(asHandle(mul(part(0, half), part(half, half))), axis);
  return asHandle(mul(multiplyAlong(part(0, n - 1), axis), reshapeTo(part(n - 1, 1), shape)));
}

/** Product over axes; 1 of nothing. The derivative is exact where numbers are 0. */
export const prod: Reduction = /* @__PURE__ */ makeReduction("prod", (x, axes) => {
  const y = x.dtype === "bool" ? castTo(x, "int32") : x;
  return [...axes].reverse().reduce(multiplyAlong, y);
});

/** Where x is the winner, divided by the number of winners: ties share evenly. */
const shareOfWinners = (x: Handle, y: Handle, axes: readonly number[]): Value => {
  const wins = castTo(asHandle(castTo(equalHandles(x, y), x.dtype)), x.dtype);
  return div(wins, kept(sumAxes(wins, axes), x.shape, axes));
};
const equalHandles = (x: Handle, y: Handle): Handle => {
  const same: Tensor | boolean = equal(x, y);
  return same instanceof Handle ? same : makeFilled([], "bool", 0);
};

const MAX = /* @__PURE__ */ reductionOp({
  name: "max",
  demand: true,
  fold: foldOf(-Infinity, (y, x) => (y !== y || x <= y ? y : x)),
  derivative: shareOfWinners,
});
const MIN = /* @__PURE__ */ reductionOp({
  name: "min",
  demand: true,
  fold: foldOf(Infinity, (y, x) => (y !== y || x >= y ? y : x)),
  derivative: shareOfWinners,
});

/** The largest number over axes; NaN flows. Ties share the derivative evenly. */
export const max: Reduction = /* @__PURE__ */ makeReduction("max", MAX);

/** The smallest number over axes; NaN flows. Ties share the derivative evenly. */
export const min: Reduction = /* @__PURE__ */ makeReduction("min", MIN);

/** A constant to subtract before exp: the largest number, 0 where that is not finite or there is none. Axes kept. */
export function shiftOf(x: Handle, axes: readonly number[]): Handle {
  if (countOf(x.shape, axes) === 0) return makeFilled(reducedShape(x.shape, axes, true), x.dtype, 0);
  const peak = stop(kept(MAX(stop(x), axes), x.shape, axes));
  return asHandle(choose(isFinite(peak), peak, 0), peak.dtype);
}

/** log of the sum of exp over axes, without overflow; -Infinity of nothing. */
export const logSumExp: Reduction = /* @__PURE__ */ makeReduction("logSumExp", (input, axes) => {
  const x = castTo(input, toFloat(input.dtype));
  const shape = reducedShape(x.shape, axes, false);
  if (countOf(x.shape, axes) === 0) return makeFilled(shape, x.dtype, -Infinity);
  const shift = shiftOf(x, axes);
  const sums = sumAxes(asHandle(exp(sub(x, shift))), axes);
  return asHandle(add(log(sums), reshapeTo(shift, shape)));
});

const nonZero = (x: Handle): Handle => castTo(asHandle(castTo(differs(x), "int32")), "int32");
const differs = (x: Handle): Handle => {
  const result: Tensor | boolean = notEqual(x, 0);
  return result instanceof Handle ? result : makeTensor([], "bool", Uint8Array.of(result ? 1 : 0));
};
const asBool = (x: Tensor | boolean): Handle =>
  x instanceof Handle ? x : makeTensor([], "bool", Uint8Array.of(x === true ? 1 : 0));

/** Whether any number over axes is not 0; false of nothing. */
export const any: Reduction = /* @__PURE__ */ makeReduction("any", (x, axes) =>
  asBool(greater(sumAxes(nonZero(x), axes), 0)),
);

/** Whether all numbers over axes are other than 0; true of nothing. */
export const all: Reduction = /* @__PURE__ */ makeReduction("all", (x, axes) =>
  asBool(equal(sumAxes(nonZero(x), axes), countOf(x.shape, axes))),
);

interface Along {
  readonly axis: number;
}

function argOp(name: string, wins: (x: number, best: number) => boolean): Op<Along> {
  const op: Op<Along> = {
    ...OP_DEFAULTS,
    name,
    shapes: ([shape], { axis }) => {
      demandNumbers(name, shape, [axis]);
      return [reducedShape(shape, [axis], false)];
    },
    dtypes: () => ["int32"],
    evaluate: ([out], [x], { axis }) => {
      const data = x.data;
      const count = x.shape[axis];
      const inner = sizeOf(x.shape.slice(axis + 1));
      for (let k = 0; k < out.length; k++) {
        const from = Math.floor(k / inner) * count * inner + (k % inner);
        let best = 0;
        for (let i = 1; i < count; i++) {
          const [value, top] = [data[from + i * inner], data[from + best * inner]];
          if (wins(value, top) || (value !== value && top === top)) best = i;
        }
        out[k] = best;
      }
    },
    differentiable: () => false,
    pull: () => [null],
    push: () => [null],
    batch: ([x], _, { axis }) => [apply(op, [x], { axis: axis + 1 })],
  };
  return op;
}

const ARGMAX = /* @__PURE__ */ argOp("argmax", (x, best) => x > best);
const ARGMIN = /* @__PURE__ */ argOp("argmin", (x, best) => x < best);

function argReduce(op: Op<Along>, input: Tensor, options: ReduceOptions | undefined): Tensor {
  checkOptions(op.name, options, ["axis", "keepDims"]);
  if (!(input instanceof Handle)) return notATensor(op.name, input);
  const axis = options?.axis ?? null;
  const keep = options?.keepDims === true;
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

/** Index of the largest number along an axis (of all, flattened, by default): the first one, or the first NaN. */
export function argmax<
  X extends Tensor,
  const A extends number | undefined = undefined,
  const K extends boolean = false,
>(x: X, options?: ReduceOptions<A, K>): Of<Reduced<ShapeOf<X>, A, K>>;
export function argmax(x: Tensor, options?: ReduceOptions): Tensor {
  return argReduce(ARGMAX, x, options);
}

/** Index of the smallest number along an axis (of all, flattened, by default): the first one, or the first NaN. */
export function argmin<
  X extends Tensor,
  const A extends number | undefined = undefined,
  const K extends boolean = false,
>(x: X, options?: ReduceOptions<A, K>): Of<Reduced<ShapeOf<X>, A, K>>;
export function argmin(x: Tensor, options?: ReduceOptions): Tensor {
  return argReduce(ARGMIN, x, options);
}
