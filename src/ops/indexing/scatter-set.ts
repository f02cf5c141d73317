import { refuseExtra } from "../../base/extra-arguments";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { castTo, reshapeTo } from "../../core/op/sweep-ops";
import { type Handle, makeFilled, makeTensor } from "../../core/tensor/handle";
import type { AxisOption, Indices, Tensor, Value } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { copyRun } from "../../numeric/strided";
import { mulZero } from "../define/elementwise-op";
import { equal } from "../elementwise/comparison";
import { select } from "../elementwise/select";
import { type Along, gatherAlong, scatterBatch, startScatter } from "./gather-scatter-op";
import { scatterArguments } from "./scatter-add";

/** Inputs x, indices and updates. */
const SCATTER_SET: CoreOp<Along> = /* @__PURE__ */ makeOp<readonly [Handle, Handle, Handle], Along>({
  name: "scatterSet",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, inputs, along) => {
    const { places, run } = startScatter(out, inputs, along);
    const { data } = inputs[2];
    for (let p = 0, from = 0; p < places.length; p++, from += run) copyRun(out, places[p], data, from, run);
  },
  vjp: [
    ({ yBar, inputs: [, indices, updates], attrs }) =>
      setAlong(yBar, indices, makeFilled(updates.shape, yBar.dtype, 0), attrs),
    null,
    ({ yBar, inputs: [x, indices], attrs }) =>
      mulZero(gatherAlong(yBar, indices, attrs), castTo(lastOnes(x, indices, attrs), yBar.dtype)),
  ],
  pushforward: ({ xDots: [xDot, , updatesDot], inputs: [x, indices, updates], output: y, attrs }) =>
    setAlong(
      xDot ?? makeFilled(x.shape, y.dtype, 0),
      indices,
      updatesDot ?? makeFilled(updates.shape, y.dtype, 0),
      attrs,
    ),
  reads: { inputs: [false, true, false], output: false },
  batch: (inputs, batched, along, size) => scatterBatch(setAlong, inputs, batched, along, size),
  declares: { linear: "jointly", absorbing: true },
});
const setAlong = (x: Handle, indices: Handle, updates: Handle, along: Along): Handle =>
  apply(SCATTER_SET, [x, indices, updates], along);

/** 1 for each update of the indices that stays, the last one of its place; 0 for those that are written over. */
function lastOnes(x: Handle, indices: Handle, { where, axis, lead, trail }: Along): Handle {
  const end = indices.rank - trail;
  const [leads, own, trails] = [indices.shape.slice(0, lead), indices.shape.slice(lead, end), indices.shape.slice(end)];
  // Which update each place has in the end, then which it is.
  const along = { where, axis: lead, lead, trail };
  const numbers = makeTensor(
    indices.shape,
    "int32",
    Int32Array.from({ length: indices.size }, (_, i) => i),
  );
  const placed = setAlong(makeFilled([...leads, x.shape[axis], ...trails], "int32", 0), indices, numbers, along);
  const last = asHandle(select(equal(gatherAlong(placed, indices, along), numbers), 1, 0));
  const ones = (from: number, to: number): number[] => x.shape.slice(from, to).map(() => 1);
  return reshapeTo(last, [...leads, ...ones(lead, axis), ...own, ...ones(axis + 1, x.rank - trail), ...trails]);
}

/**
 * Puts updates in the place of whole slices of x, at indices along an axis. See also {@link scatterAdd}, which adds, and
 * {@link scatterMax}.
 *
 * Shape: `T[...A, n, ...B], int32[...I], T[...A, ...I, ...B] -> T[...A, n, ...B]`; the updates broadcast.
 *
 * `y = x; y[a, indices[i], b] = updates[a, i, b]`, in the order of the indices: of several updates for one place the last one
 * stays. The derivative passes the cotangent to x where nothing was put, and to the updates that stay; to what was written
 * over it passes 0. The indices have none.
 *
 * @param x - the tensor to put updates into; it is not changed
 * @param indices - an int32 tensor, an Int32Array, a number, or nested arrays of integers; negative ones count from
 *   the end
 * @param updates - what is put there, a number or a tensor that broadcasts to the shape of `take(x, indices)`
 * @param options - axis: default 0
 * @returns x with the updates, of the promoted dtype; bool with bool stays bool
 * @throws GradtapeError `index/invalid` for an index out of range or no integer, `dtype/index` for a tensor of another
 *   dtype, `shape/broadcast`, `tensor/ragged`, `axis/range`
 * @example
 * ```ts
 * import { scatterSet, tensor, zeros } from "gradtape";
 * scatterSet(zeros([3]), [0, -1], tensor([5, 7])); // => [5, 0, 7]
 * scatterSet(zeros([3]), [1, 1], tensor([5, 7])); // => [0, 7, 0]
 * ```
 */
export function scatterSet<X extends Tensor>(x: X, indices: Indices, updates: Value | boolean, options?: AxisOption): X;
export function scatterSet(x: Tensor, indices: Indices, updates: Value | boolean, options?: AxisOption): Tensor {
  refuseExtra("scatterSet", "x, indices, updates, options", 4, arguments);
  return setAlong(...scatterArguments("scatterSet", x, indices, updates, options, true));
}
