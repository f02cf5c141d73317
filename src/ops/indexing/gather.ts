import { describe, fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { broadcastShapes, checkAxis, checkPlaces, type Shape, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch, broadcastToShape, reshapeTo } from "../../core/op/sweep-ops";
import { type Handle, isSymbolic } from "../../core/tensor/handle";
import type { AxisOption, Indices, Tensor } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { alongAxis } from "./along-axis";
import { gatherAlong } from "./gather-scatter-op";
import { checkRange, toIndices } from "./index-checks";

const WHERE = "gather";

/** Inputs of one shape, the indices along each of the axes; the output counts through these axes as if they were one. */
const FLAT_INDICES: CoreOp<{ readonly sizes: Shape }> = /* @__PURE__ */ makeOp<
  readonly Handle[],
  { readonly sizes: Shape }
>({
  name: "flatIndices",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, indices, { sizes }) => {
    for (const [k, { data }] of indices.entries()) {
      checkRange(WHERE, indices[k], sizes[k]);
      for (let i = 0; i < out.length; i++) out[i] = out[i] * sizes[k] + (data[i] < 0 ? data[i] + sizes[k] : data[i]);
    }
  },
  pullback: ({ inputs }) => inputs.map(() => null),
  differentiable: false,
  batch: (inputs, batched, attrs, size) => apply(FLAT_INDICES, broadcastBatch(inputs, batched, size), attrs),
});

/** Indices of an axis of that size, counted from its start. */
export const fromStart = (indices: Handle, size: number): Handle => apply(FLAT_INDICES, [indices], { sizes: [size] });

/** The sizes of the axes that the indices go along. */
function sizesOf(x: Handle, axis: number, indices: unknown): Shape {
  if (!Array.isArray(indices) || indices.length === 0 || axis + indices.length > x.rank) {
    return fail(
      "index/axes",
      `${WHERE}: indices must be an array with the indices along each of 1 to ${x.rank - axis} axes, got ${
        Array.isArray(indices) ? `${indices.length} of them` : describe(indices)
      } for x of shape ${list(x.shape)}.`,
      { shape: x.shape, axis },
      "gather(x, [rows, columns]) takes x[rows[i], columns[i]]; along one axis there is take.",
    );
  }
  return x.shape.slice(axis, axis + indices.length);
}

/**
 * Takes elements by coordinates, or slices: several index tensors, one for each axis. See also {@link take}, for one axis, and
 * {@link takeAlongAxis}, which PyTorch calls gather.
 *
 * Shape: `T[...A, n1, ..., nk, ...B], k times int32[...I] -> T[...A, ...I, ...B]`; the indices broadcast to each other.
 *
 * `y[a, i, b] = x[a, indices[0][i], ..., indices[k - 1][i], b]`; NumPy writes x[rows, columns]. The derivative adds the
 * cotangents up where the elements came from; the indices have none.
 *
 * @param x - a tensor of any dtype
 * @param indices - an array with the indices along each of the axes from `axis` on: int32 tensors, Int32Arrays, numbers, or
 *   nested arrays of integers; negative ones count from the end
 * @param options - axis: the first of the axes, default 0
 * @returns the elements, or the slices along all other axes
 * @throws GradtapeError `index/axes` for no indices or for more than there are axes, `index/invalid` for an index out of range or
 *   no integer, `dtype/index` for a tensor of another dtype, `shape/broadcast`, `tensor/ragged`, `axis/range`
 * @example
 * ```ts
 * import { gather, tensor } from "gradtape";
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * gather(x, [[0, 1, 1], [2, 0, -1]]); // => [3, 4, 6]
 * gather(x, [1, [0, 2]]); // => [4, 6]
 * ```
 */
export function gather(x: Tensor, indices: readonly Indices[], options?: AxisOption): Tensor {
  refuseExtra("gather", "x, indices, options", 3, arguments);
  const from = toHandle(WHERE, x);
  checkOptions(WHERE, options, ["axis"]);
  const axis = checkAxis(WHERE, options?.axis ?? 0, from.rank);
  const sizes = sizesOf(from, axis, indices);
  checkPlaces(WHERE, sizeOf(sizes));
  const rows = Array.from(indices, (one) => toIndices(WHERE, one));
  const shape = rows.map((one) => one.shape).reduce((p, q) => broadcastShapes(WHERE, p, q));
  // An op that runs checks its indices itself.
  if (rows.some(isSymbolic))
    for (const [k, one] of rows.entries()) if (!isSymbolic(one)) checkRange(WHERE, one, sizes[k]);
  const flat = apply(
    FLAT_INDICES,
    rows.map((one) => broadcastToShape(one, shape)),
    { sizes },
  );
  const lead = from.shape.slice(0, axis);
  const whole = reshapeTo(from, [...lead, sizeOf(sizes), ...from.shape.slice(axis + sizes.length)]);
  return gatherAlong(whole, flat, alongAxis(WHERE, axis));
}
