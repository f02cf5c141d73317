import { refuseExtra } from "../../base/extra-arguments";
import { checkFlag, checkOptions } from "../../base/options";
import { checkAxis, checkInteger, checkPlaces, sizesAround } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import type { Handle } from "../../core/tensor/handle";
import type { AxisOption, Tensor } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { sortOrder } from "../../numeric/order/sort";
import { alongEvery } from "../indexing/along-axis";
import { gatherAlong } from "../indexing/gather-scatter-op";

/** Options of {@link sort} and {@link argsort}. */
export interface SortOptions extends AxisOption {
  /** The largest element first; false by default. */
  readonly descending?: boolean | undefined;
}

interface Order {
  readonly axis: number;
  /** How many positions are wanted. */
  readonly k: number;
  readonly descending: boolean;
}

const ARGSORT: CoreOp<Order> = /* @__PURE__ */ makeOp<readonly [Handle], Order>({
  name: "argsort",
  shape: ([shape], { axis, k }) => {
    checkPlaces("argsort", shape[axis]);
    return shape.map((size, i) => (i === axis ? k : size));
  },
  dtype: () => "int32",
  evaluate: (out, [{ data, shape }], { axis, k, descending }) => {
    if (out.length === 0) return;
    sortOrder(out, data, ...sizesAround(shape, axis), k, descending);
  },
  vjp: [null],
  batch: ([x], _, order) => apply(ARGSORT, [x], { ...order, axis: order.axis + 1 }),
});

/** The first k positions along an axis in the order of the elements. */
export const orderAlong = (x: Handle, axis: number, k: number, descending: boolean): Handle =>
  apply(ARGSORT, [x], { axis, k, descending });

/** What stands at positions along an axis, others for every place on the other axes. */
export const numbersAt = (where: string, x: Handle, positions: Handle, axis: number): Handle =>
  gatherAlong(x, positions, alongEvery(where, axis, x.rank));

function ordered(
  where: string,
  input: Tensor,
  options: SortOptions | undefined,
): [x: Handle, order: Handle, axis: number] {
  const x = toHandle(where, input);
  checkOptions(where, options, ["axis", "descending"]);
  const axis = checkAxis(where, options?.axis ?? -1, x.rank);
  const descending = checkFlag(where, "descending", options?.descending);
  return [x, orderAlong(x, axis, x.shape[axis], descending), axis];
}

/**
 * The elements along an axis in ascending order, or in descending order. See also {@link argsort} and {@link topK}.
 *
 * Shape: `T[...S] -> T[...S]`
 *
 * Stable: equal elements, 0 and -0 among them, keep their order. NaN comes last, also in descending order. Nothing gives
 * nothing.
 *
 * The derivative puts each cotangent where its element came from.
 *
 * @param x - a tensor of any dtype
 * @param options - axis: default -1; descending: the largest element first, default false
 * @returns the elements in order, shaped like x
 * @throws GradtapeError `axis/range`, `option/unknown`, `option/choice`, `argument/tensor`
 * @example
 * ```ts
 * import { sort, tensor } from "gradtape";
 * sort(tensor([3, 1, 2])); // => [1, 2, 3]
 * sort(tensor([3, NaN, 2]), { descending: true }); // => [3, 2, NaN]
 * ```
 */
export function sort<X extends Tensor>(x: X, options?: SortOptions): X;
export function sort(x: Tensor, options?: SortOptions): Tensor {
  refuseExtra("sort", "x, options", 2, arguments);
  const [from, order, axis] = ordered("sort", x, options);
  return numbersAt("sort", from, order, axis);
}

/**
 * Where the elements of {@link sort} stand along the axis: `takeAlongAxis(x, argsort(x))` is `sort(x)`.
 *
 * Shape: `T[...S] -> int32[...S]`
 *
 * Stable: of equal elements, 0 and -0 among them, the first comes first. NaN comes last, also in descending order. The
 * derivative is zero.
 *
 * @param x - a tensor of any dtype
 * @param options - axis: default -1; descending: the largest element first, default false
 * @returns positions, counted from 0
 * @throws GradtapeError `axis/range`, `option/unknown`, `option/choice`, `argument/tensor`
 * @example
 * ```ts
 * import { argsort, tensor } from "gradtape";
 * argsort(tensor([3, 1, 2])); // => [1, 2, 0]
 * ```
 */
export function argsort<X extends Tensor>(x: X, options?: SortOptions): X;
export function argsort(x: Tensor, options?: SortOptions): Tensor {
  refuseExtra("argsort", "x, options", 2, arguments);
  return ordered("argsort", x, options)[1];
}

/**
 * The k largest elements along an axis, or the k smallest, in order, and where they stand. See also {@link sort}.
 *
 * Shape: `T[...A, n, ...B] -> T[...A, k, ...B], int32[...A, k, ...B]`
 *
 * The first k of {@link sort} and {@link argsort}: of equal elements the first comes first, NaN last of all. The
 * derivative of the values puts each cotangent where its element came from; the indices have none.
 *
 * @param x - a tensor of any dtype
 * @param k - how many, from 0 to n
 * @param options - axis: default -1; largest: false for the smallest, default true
 * @returns values, from the largest down (or the smallest up), and indices along the axis
 * @throws GradtapeError `argument/integer` for k below 0, above n or a fraction, `axis/range`, `option/unknown`,
 *   `option/choice`, `argument/tensor`
 * @example
 * ```ts
 * import { tensor, topK } from "gradtape";
 * const { values, indices } = topK(tensor([1, 5, 3]), 2);
 * values; // => [5, 3]
 * indices; // => [1, 2]
 * ```
 */
export function topK(
  x: Tensor,
  k: number,
  options?: { readonly axis?: number | undefined; readonly largest?: boolean | undefined },
): {
  /** The elements, in order. */
  readonly values: Tensor;
  /** Where they stand along the axis. */
  readonly indices: Tensor;
} {
  refuseExtra("topK", "x, k, options", 3, arguments);
  const from = toHandle("topK", x);
  checkOptions("topK", options, ["axis", "largest"]);
  const axis = checkAxis("topK", options?.axis ?? -1, from.rank);
  const largest = checkFlag("topK", "largest", options?.largest ?? true);
  const indices = orderAlong(from, axis, checkInteger("topK", "k", k, 0, from.shape[axis]), largest);
  return { values: numbersAt("topK", from, indices, axis), indices };
}
