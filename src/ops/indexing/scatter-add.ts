import { toNumeric } from "../../base/dtype";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { checkAxis } from "../../base/shape";
import { castTo } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { AxisOption, Indices, Tensor, Value } from "../../core/tensor/tensor";
import { isValue, notATensor, toHandle } from "../../core/tensor/tensor-argument";
import { operands } from "../define/elementwise-op";
import { spreadTo } from "../movement/reshape-transpose";
import { alongAxis, alongEvery, spreadIndices } from "./along-axis";
import { type Along, gatheredShape, scatterAddAlong } from "./gather-scatter-op";
import { checkKnownRange, toIndices } from "./index-checks";

type Scatter = [x: Handle, indices: Handle, updates: Handle, along: Along];

/** x and updates in one dtype, the updates broadcast to what would be taken there. */
function alignedTo(x: Handle, rows: Handle, updates: Value | boolean, along: Along, keepsBool = false): Scatter {
  if (!isValue(updates)) notATensor(along.where, updates, "updates");
  const [one, other, both] = operands(x, updates);
  const dtype = keepsBool ? both : toNumeric(both);
  const [whole, more] = [castTo(one, dtype), castTo(other, dtype)];
  checkKnownRange(along.where, rows, x.shape[along.axis], [whole, more]);
  return [whole, rows, spreadTo(along.where, more, gatheredShape(x.shape, rows.shape, along), "updates"), along];
}

/**
 * The arguments of a function that brings whole slices to indices along an axis, 0 by default. A sum of bools is int32; what
 * keeps them chooses one.
 */
export function scatterArguments(
  where: string,
  x: Tensor,
  indices: Indices,
  updates: Value | boolean,
  options: AxisOption | undefined,
  keepsBool: boolean,
): Scatter {
  const whole = toHandle(where, x);
  checkOptions(where, options, ["axis"]);
  const axis = checkAxis(where, options?.axis ?? 0, whole.rank);
  return alignedTo(whole, toIndices(where, indices), updates, alongAxis(where, axis), keepsBool);
}

/**
 * Adds updates to whole slices of x at indices along an axis; repeated indices add up. The transpose of {@link take}. See also
 * {@link scatterSet}, {@link scatterMax} and {@link scatterMin}.
 *
 * Shape: `T[...A, n, ...B], int32[...I], T[...A, ...I, ...B] -> T[...A, n, ...B]`; the updates broadcast.
 *
 * `y = x; y[a, indices[i], b] += updates[a, i, b]`. The derivative passes the cotangent to x, and takes it at the
 * indices for the updates; the indices have none. PyTorch calls this index_add.
 *
 * @param x - the tensor to add to; it is not changed
 * @param indices - an int32 tensor, an Int32Array, a number, or nested arrays of integers; negative ones count from
 *   the end
 * @param updates - what is added, a number or a tensor that broadcasts to the shape of `take(x, indices)`
 * @param options - axis: default 0
 * @returns x plus the updates, of the promoted dtype (bool counts as int32)
 * @throws GradtapeError `index/invalid` for an index out of range or no integer, `dtype/index` for a tensor of another
 *   dtype, `shape/broadcast`, `tensor/ragged`, `axis/range`
 * @example
 * ```ts
 * import { scatterAdd, zeros } from "gradtape";
 * scatterAdd(zeros([3]), [0, 2, 2], 1); // => [1, 0, 2]
 * ```
 */
export function scatterAdd<X extends Tensor>(x: X, indices: Indices, updates: Value | boolean, options?: AxisOption): X;
export function scatterAdd(x: Tensor, indices: Indices, updates: Value | boolean, options?: AxisOption): Tensor {
  refuseExtra("scatterAdd", "x, indices, updates, options", 4, arguments);
  return scatterAddAlong(...scatterArguments("scatterAdd", x, indices, updates, options, false));
}

/**
 * Adds one update for each index, along an axis; repeated indices add up. The transpose of {@link takeAlongAxis}.
 *
 * Shape: `T[...A, n, ...B], int32[...A, m, ...B], T[...A, m, ...B] -> T[...A, n, ...B]`; indices and updates broadcast.
 *
 * `y = x; y[a, indices[a, i, b], b] += updates[a, i, b]`. The derivative passes the cotangent to x, and takes it at
 * the indices for the updates; the indices have none. PyTorch calls this scatter_add.
 *
 * @param x - the tensor to add to; it is not changed
 * @param indices - as many axes as x has; an int32 tensor, an Int32Array, or nested arrays of integers; negative ones
 *   count from the end
 * @param updates - what is added, a number or a tensor that broadcasts to the shape of the indices
 * @param options - axis: default -1
 * @returns x plus the updates, of the promoted dtype (bool counts as int32)
 * @throws GradtapeError `index/invalid` for an index out of range or no integer, `dtype/index` for a tensor of another
 *   dtype, `shape/rank` if the ranks differ, `shape/broadcast`, `axis/range`
 * @example
 * ```ts
 * import { scatterAddAlongAxis, tensor, zeros } from "gradtape";
 * scatterAddAlongAxis(zeros([2, 3]), [[2], [0]], tensor([[5], [7]])); // => [[0, 0, 5], [7, 0, 0]]
 * ```
 */
export function scatterAddAlongAxis<X extends Tensor>(
  x: X,
  indices: Indices,
  updates: Value | boolean,
  options?: AxisOption,
): X;
export function scatterAddAlongAxis(
  x: Tensor,
  indices: Indices,
  updates: Value | boolean,
  options?: AxisOption,
): Tensor {
  refuseExtra("scatterAddAlongAxis", "x, indices, updates, options", 4, arguments);
  const where = "scatterAddAlongAxis";
  const whole = toHandle(where, x);
  checkOptions(where, options, ["axis"]);
  const axis = checkAxis(where, options?.axis ?? -1, whole.rank);
  const rows = spreadIndices(where, whole, toIndices(where, indices), axis);
  return scatterAddAlong(...alignedTo(whole, rows, updates, alongEvery(where, axis, whole.rank)));
}
