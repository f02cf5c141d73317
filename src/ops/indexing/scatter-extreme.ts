import { refuseExtra } from "../../base/extra-arguments";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { castTo } from "../../core/op/sweep-ops";
import { type Handle, makeFilled } from "../../core/tensor/handle";
import type { AxisOption, Indices, Tensor, Value } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { mulZero } from "../define/elementwise-op";
import { div } from "../elementwise/arithmetic";
import { equal } from "../elementwise/comparison";
import { select } from "../elementwise/select";
import { type Along, gatherAlong, scatterAddAlong, scatterBatch, startScatter } from "./gather-scatter-op";
import { scatterArguments } from "./scatter-add";

interface Extreme extends Along {
  /** 1 for the largest, -1 for the smallest. */
  readonly sign: 1 | -1;
}

type Inputs = readonly [x: Handle, indices: Handle, updates: Handle];

/** What x and the updates get of the derivative: 1 at the extreme of a place, shared evenly by all that are equal to it. */
function sharesOf([x, indices, updates]: Inputs, y: Handle, along: Along): [x: Handle, updates: Handle] {
  const wins = (a: Handle, b: Handle): Handle => castTo(asHandle(select(equal(a, b), 1, 0)), y.dtype);
  const [ofX, ofUpdates] = [wins(x, y), wins(updates, gatherAlong(y, indices, along))];
  const count = scatterAddAlong(ofX, indices, ofUpdates, along);
  return [asHandle(div(ofX, count)), asHandle(div(ofUpdates, gatherAlong(count, indices, along)))];
}

const SCATTER_EXTREME: CoreOp<Extreme> = /* @__PURE__ */ makeOp<Inputs, Extreme>({
  name: "scatterExtreme",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, inputs, along) => {
    const { places, run } = startScatter(out, inputs, along);
    const extreme = along.sign > 0 ? Math.max : Math.min;
    const from = inputs[2].data;
    for (let p = 0, k = 0; p < places.length; p++) {
      for (let i = places[p]; i < places[p] + run; i++) out[i] = extreme(out[i], from[k++]);
    }
  },
  pullback: ({ yBar, inputs, output: y, attrs }) => {
    const [ofX, ofUpdates] = sharesOf(inputs, y, attrs);
    return [mulZero(yBar, ofX), null, mulZero(gatherAlong(yBar, inputs[1], attrs), ofUpdates)];
  },
  pushforward: ({ xDots: [xDot, , updatesDot], inputs, output: y, attrs }) => {
    const [ofX, ofUpdates] = sharesOf(inputs, y, attrs);
    const own = xDot === null ? makeFilled(y.shape, y.dtype, 0) : mulZero(xDot, ofX);
    return updatesDot === null ? own : scatterAddAlong(own, inputs[1], mulZero(updatesDot, ofUpdates), attrs);
  },
  differentiable: [true, false, true],
  batch: (inputs, batched, along, size) =>
    scatterBatch(
      (x, indices, updates, next) => apply(SCATTER_EXTREME, [x, indices, updates], { ...next, sign: along.sign }),
      inputs,
      batched,
      along,
      size,
    ),
  declares: { absorbing: true },
});

function extremes(
  where: string,
  x: Tensor,
  indices: Indices,
  updates: Value | boolean,
  options: AxisOption | undefined,
  sign: 1 | -1,
): Tensor {
  const [whole, rows, filled, along] = scatterArguments(where, x, indices, updates, options, true);
  return apply(SCATTER_EXTREME, [whole, rows, filled], { ...along, sign });
}

/**
 * The larger of x and of the updates for its place: whole slices, at indices along an axis. See also {@link scatterMin}, and
 * {@link scatterAdd}, which adds.
 *
 * Shape: `T[...A, n, ...B], int32[...I], T[...A, ...I, ...B] -> T[...A, n, ...B]`; the updates broadcast.
 *
 * `y = x; y[a, indices[i], b] = max(y[a, indices[i], b], updates[a, i, b])`. The derivative goes to what is as large as the
 * result, x or updates, shared evenly by ties, as that of {@link max}; the indices have none. PyTorch calls this scatter_reduce
 * with amax.
 *
 * NaN propagates, with derivative NaN. Start from `full(shape, -Infinity)` for the maxima of the updates alone.
 *
 * @param x - a tensor; it is not changed
 * @param indices - an int32 tensor, an Int32Array, a number, or nested arrays of integers; negative ones count from
 *   the end
 * @param updates - a number or a tensor that broadcasts to the shape of `take(x, indices)`
 * @param options - axis: default 0
 * @returns the maxima, shaped like x, of the promoted dtype; bool with bool stays bool
 * @throws GradtapeError `index/invalid` for an index out of range or no integer, `dtype/index` for a tensor of another
 *   dtype, `shape/broadcast`, `tensor/ragged`, `axis/range`
 * @example
 * ```ts
 * import { scatterMax, tensor, zeros } from "gradtape";
 * scatterMax(zeros([3]), [0, 2, 2], tensor([-1, 5, 7])); // => [0, 0, 7]
 * ```
 */
export function scatterMax<X extends Tensor>(x: X, indices: Indices, updates: Value | boolean, options?: AxisOption): X;
export function scatterMax(x: Tensor, indices: Indices, updates: Value | boolean, options?: AxisOption): Tensor {
  refuseExtra("scatterMax", "x, indices, updates, options", 4, arguments);
  return extremes("scatterMax", x, indices, updates, options, 1);
}

/**
 * The smaller of x and of the updates for its place: whole slices, at indices along an axis. See also {@link scatterMax}.
 *
 * Shape: `T[...A, n, ...B], int32[...I], T[...A, ...I, ...B] -> T[...A, n, ...B]`; the updates broadcast.
 *
 * `y = x; y[a, indices[i], b] = min(y[a, indices[i], b], updates[a, i, b])`. The derivative goes to what is as small as the
 * result, x or updates, shared evenly by ties, as that of {@link min}; the indices have none.
 *
 * NaN propagates, with derivative NaN. Start from `full(shape, Infinity)` for the minima of the updates alone.
 *
 * @param x - a tensor; it is not changed
 * @param indices - an int32 tensor, an Int32Array, a number, or nested arrays of integers; negative ones count from
 *   the end
 * @param updates - a number or a tensor that broadcasts to the shape of `take(x, indices)`
 * @param options - axis: default 0
 * @returns the minima, shaped like x, of the promoted dtype; bool with bool stays bool
 * @throws GradtapeError `index/invalid` for an index out of range or no integer, `dtype/index` for a tensor of another
 *   dtype, `shape/broadcast`, `tensor/ragged`, `axis/range`
 * @example
 * ```ts
 * import { scatterMin, tensor, zeros } from "gradtape";
 * scatterMin(zeros([3]), [0, 2, 2], tensor([1, -5, -7])); // => [0, 0, -7]
 * ```
 */
export function scatterMin<X extends Tensor>(x: X, indices: Indices, updates: Value | boolean, options?: AxisOption): X;
export function scatterMin(x: Tensor, indices: Indices, updates: Value | boolean, options?: AxisOption): Tensor {
  refuseExtra("scatterMin", "x, indices, updates, options", 4, arguments);
  return extremes("scatterMin", x, indices, updates, options, -1);
}
