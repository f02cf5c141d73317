import { toFloat } from "../../base/dtype";
import { fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkFlag, checkOptions } from "../../base/options";
import { type Axis, checkAxes, checkPlaces, reducedShape, type Shape, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import { withStrength } from "../../core/op/leaf";
import type { CoreOp } from "../../core/op/op";
import { broadcastToShape, castTo, counted, reshapeTo } from "../../core/op/sweep-ops";
import { Handle, isSymbolic, isWeak, makeFilled, makeScalar, makeTensor } from "../../core/tensor/handle";
import type { Reduced } from "../../core/tensor/shape-types";
import type { AxesOptions, Of, ShapeOf, Tensor, Value } from "../../core/tensor/tensor";
import { isHandle, notATensor } from "../../core/tensor/tensor-argument";
import { asHandle } from "../../core/tensor/value";
import { countOf, makeReduction, type Reduction, requireNonEmpty } from "../define/define-reduction";
import { mul, sub } from "../elementwise/arithmetic";
import { isNaN } from "../elementwise/comparison";
import { lerp } from "../elementwise/lerp";
import { select } from "../elementwise/select";
import { alongAxis } from "../indexing/along-axis";
import { gatherAlong } from "../indexing/gather-scatter-op";
import { positionOf } from "../indexing/index-checks";
import { permute } from "../movement/reshape-transpose";
import { stridedSlice, windowAlong } from "../movement/strided-window";
import { numbersAt, orderAlong } from "../order/sorting";

function checkQuantiles(q: Handle): void {
  const { data } = q;
  for (let i = 0; i < data.length; i++) {
    if (data[i] >= 0 && data[i] <= 1) continue;
    const position = positionOf(i, q.shape);
    const standing = position.length === 0 ? "" : ` at ${list(position)}`;
    fail(
      "argument/number",
      `quantile: q must be a number from 0 to 1, got ${data[i]}${standing}.`,
      { name: "q", received: data[i], position },
      "0.5 is the median; divide percentages by 100.",
    );
  }
}

/** Where to look among n elements in order, for m quantiles: at m places below, m places above, and at the last. */
const PLACES: CoreOp<number> = /* @__PURE__ */ makeOp<readonly [Handle], number>({
  name: "quantileIndices",
  shape: ([q], n) => {
    checkPlaces("quantile", n);
    return [...q.slice(0, -1), 2 * q[q.length - 1] + 1];
  },
  dtype: () => "int32",
  evaluate: (out, [q], n) => {
    checkQuantiles(q);
    const m = q.shape[q.rank - 1];
    for (let row = 0; row < out.length; row += 2 * m + 1) {
      const first = (row / (2 * m + 1)) * m;
      for (let i = 0; i < m; i++) {
        out[row + i] = Math.max(0, Math.min(n - 2, Math.floor(q.data[first + i] * (n - 1))));
        out[row + m + i] = Math.min(n - 1, out[row + i] + 1);
      }
      out[row + 2 * m] = n - 1;
    }
  },
  vjp: [null],
  batch: ([q], _, n) => apply(PLACES, [q], n),
});

/** x with the axes moved behind the others and made one. */
function lastOf(x: Handle, axes: readonly number[], rest: Shape): Handle {
  const others = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  return reshapeTo(permute(x, [...others, ...axes]), [...rest, countOf(x.shape, axes)]);
}

/** The quantiles q (float64, of any shape) over axes: the axes of q lead, those of x that are left follow. */
function quantilesOf(where: string, input: Handle, q: Handle, axes: readonly number[]): Handle {
  requireNonEmpty(where, input.shape, axes);
  const dtype = toFloat(input.dtype);
  const rest = reducedShape(input.shape, axes, false);
  const x = lastOf(castTo(input, dtype), axes, rest);
  const axis = rest.length;
  const n = x.shape[axis];
  if (n === 0) return makeFilled([...q.shape, ...rest], dtype, 0);
  const m = sizeOf(q.shape);
  const places = apply(PLACES, [reshapeTo(q, [m])], n);
  const order = gatherAlong(orderAlong(x, axis, n, false), places, alongAxis(where, axis));
  const numbers = numbersAt(where, x, order, axis);
  const part = (start: number, size: number): Handle =>
    stridedSlice(numbers, windowAlong(numbers.shape, axis, start, size));
  const below = castTo(stridedSlice(places, windowAlong(places.shape, 0, 0, m)), "float64");
  const weights = castTo(asHandle(sub(mul(reshapeTo(q, [m]), n - 1), below)), dtype);
  const y = lerp(part(0, m), part(m, m), broadcastToShape(weights, [...rest, m]));
  const last = part(2 * m, 1);
  const whole = reshapeTo(asHandle(select(isNaN(last), last, y)), [...rest, ...q.shape]);
  return permute(whole, [...q.shape.map((_, i) => axis + i), ...rest.map((_, i) => i)]);
}

/** What is given as q, as float64. */
function toQuantiles(q: unknown): Handle {
  if (typeof q === "number") return makeScalar(q);
  if (isHandle("quantile", q)) return castTo(q, "float64");
  if (!Array.isArray(q)) return notATensor("quantile", q, "q");
  const numbers: unknown[] = q;
  const odd = numbers.findIndex((one) => typeof one !== "number");
  if (odd >= 0) notATensor("quantile", numbers[odd], `q[${odd}]`);
  return makeTensor([numbers.length], "float64", Float64Array.from(numbers, Number));
}

/**
 * The median over axes, all of them by default: the middle element, or the mean of the two in the middle. See also
 * {@link quantile}.
 *
 * Shape: `F[...S] -> F[...S without the axes]`; integers give float64.
 *
 * The derivative is 1 for the middle element, 1/2 for each of two; of equal elements the first counts as smaller.
 *
 * NaN propagates.
 * @param x - a number or a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false
 * @returns the medians; a number gives a number; see {@link Reduction} for the options and errors, and
 * `shape/empty-axis` for an empty axis
 * @example
 * ```ts
 * import { median, tensor } from "gradtape";
 * median(tensor([3, 1, 2])); // => 2
 * median(tensor([[1, 2], [3, 8]]), { axis: 1 }); // => [1.5, 5.5]
 * ```
 */
export const median: Reduction = /* @__PURE__ */ makeReduction("median", (x, axes) =>
  quantilesOf("median", x, makeScalar(0.5), axes),
);

/**
 * Quantiles over axes, all of them by default: the values below which the fractions q of all elements lie. See also
 * {@link median}.
 *
 * Shape: `F[...S], F[...Q] -> F[...Q, ...S without the axes]`; integers give float64.
 *
 * With the n elements in ascending order and `p = q (n - 1)`, `y = (1 - t) x[floor(p)] + t x[floor(p) + 1]` where t is
 * the fraction of p: linear interpolation, as NumPy has it. The derivative is 1 - t and t for these two elements (of
 * equal ones the first counts as smaller), and by q, for a tensor, n - 1 times their difference, from the left at q
 * = 1.
 *
 * NaN propagates.
 *
 * @param x - a number or a tensor
 * @param q - from 0 to 1: a number, or an array or a tensor of them, whose axes come first in the result
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false
 * @returns the quantiles; two numbers give a number
 * @throws GradtapeError `argument/number` for q outside 0 to 1 and NaN, `shape/empty-axis` for an empty axis,
 * `axis/range`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { quantile, tensor } from "gradtape";
 * const x = tensor([1, 2, 3, 4, 5]);
 * quantile(x, 0.25); // => 2
 * quantile(x, [0, 0.9]); // => [1, 4.6]
 * quantile(x, 2); // => throws [argument/number]
 * ```
 */
export function quantile<
  X extends Value | boolean,
  const A extends Axis | undefined = undefined,
  const K extends boolean = false,
>(x: X, q: number, options?: AxesOptions<A, K>): X extends number | boolean ? number : Of<Reduced<ShapeOf<X>, A, K>>;
export function quantile(x: Value | boolean, q: Tensor | readonly number[], options?: AxesOptions): Tensor;
export function quantile(x: Value | boolean, q: Value | readonly number[], options?: AxesOptions): Value;
export function quantile(given: Value | boolean, q: Value | readonly number[], options?: AxesOptions): Value {
  refuseExtra("quantile", "x, q, options", 3, arguments);
  const where = "quantile";
  checkOptions(where, options, ["axis", "keepDims"]);
  const x = counted(given);
  if (typeof x !== "number" && !(x instanceof Handle)) return notATensor(where, x);
  const input = typeof x === "number" ? makeScalar(x) : x;
  const axes = checkAxes(where, options?.axis, input.rank);
  const keep = checkFlag(where, "keepDims", options?.keepDims);
  const quantiles = toQuantiles(q);
  if (!isSymbolic(quantiles)) checkQuantiles(quantiles);
  const y = quantilesOf(where, input, quantiles, axes);
  if (typeof x === "number" && typeof q === "number") return y.item();
  if (isWeak(input) && isWeak(quantiles)) return withStrength(y, true);
  return keep ? reshapeTo(y, [...quantiles.shape, ...reducedShape(input.shape, axes, true)]) : y;
}
