import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { checkAxis } from "../../base/shape";
import type { AxisOption, Indices, Tensor } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { alongAxis, alongEvery, spreadOthers } from "./along-axis";
import { gatherAlong } from "./gather-scatter-op";
import { checkKnownRange, toIndices } from "./index-checks";

/**
 * Takes whole slices at indices along an axis: the rows of a table, the embeddings of tokens. See also
 * {@link takeAlongAxis}, and {@link gather} for indices along several axes.
 *
 * Shape: `T[...A, n, ...B], int32[...I] -> T[...A, ...I, ...B]`
 *
 * `y[a, i, b] = x[a, indices[i], b]`. The derivative adds the cotangents up where the slices came from
 * ({@link scatterAdd}); the indices have none.
 *
 * @param x - a tensor of any dtype
 * @param indices - an int32 tensor, an Int32Array, a number, or nested arrays of integers; negative ones count from
 *   the end
 * @param options - axis: default 0
 * @returns the slices
 * @throws GradtapeError `index/invalid` for an index out of range or no integer, `dtype/index` for a tensor of another
 *   dtype, `tensor/ragged`, `axis/range`
 * @example
 * ```ts
 * import { take, tensor } from "gradtape";
 * const x = tensor([[1, 2], [3, 4], [5, 6]]);
 * take(x, [2, 0, -1]); // => [[5, 6], [1, 2], [5, 6]]
 * take(x, 1, { axis: 1 }); // => [2, 4, 6]
 * ```
 */
export function take(x: Tensor, indices: Indices, options?: AxisOption): Tensor {
  refuseExtra("take", "x, indices, options", 3, arguments);
  const from = toHandle("take", x);
  checkOptions("take", options, ["axis"]);
  const axis = checkAxis("take", options?.axis ?? 0, from.rank);
  const rows = toIndices("take", indices);
  checkKnownRange("take", rows, from.shape[axis], [from]);
  return gatherAlong(from, rows, alongAxis("take", axis));
}

/**
 * Takes one element for each index, along an axis: every position on the other axes has indices of its own. See also
 * {@link take}.
 *
 * Shape: `T[...A, n, ...B], int32[...A, m, ...B] -> T[...A, m, ...B]`; A and B broadcast.
 *
 * `y[a, i, b] = x[a, indices[a, i, b], b]`. The derivative adds the cotangents up where the elements came from
 * ({@link scatterAddAlongAxis}); the indices have none.
 *
 * @param x - a tensor of any dtype
 * @param indices - as many axes as x has; an int32 tensor, an Int32Array, or nested arrays of integers; negative ones
 *   count from the end
 * @param options - axis: default -1
 * @returns the elements taken, of the dtype of x
 * @throws GradtapeError `index/invalid` for an index out of range or no integer, `dtype/index` for a tensor of another
 *   dtype, `shape/rank` if the ranks differ, `shape/broadcast`, `axis/range`
 * @example
 * ```ts
 * import { takeAlongAxis, tensor } from "gradtape";
 * takeAlongAxis(tensor([[1, 2, 3], [4, 5, 6]]), [[2], [0]]); // => [[3], [4]]
 * ```
 */
export function takeAlongAxis(x: Tensor, indices: Indices, options?: AxisOption): Tensor {
  refuseExtra("takeAlongAxis", "x, indices, options", 3, arguments);
  const where = "takeAlongAxis";
  const from = toHandle(where, x);
  checkOptions(where, options, ["axis"]);
  const axis = checkAxis(where, options?.axis ?? -1, from.rank);
  const [whole, rows] = spreadOthers(where, from, toIndices(where, indices), axis);
  checkKnownRange(where, rows, whole.shape[axis], [whole]);
  return gatherAlong(whole, rows, alongEvery(where, axis, whole.rank));
}
