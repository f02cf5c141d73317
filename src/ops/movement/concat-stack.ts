import type { TensorData } from "../../base/dtype";
import { describe, fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { checkAxis, type Shape, sameShape, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp, Lazy } from "../../core/op/op";
import { broadcastBatch, castTo, dtypeOfAll } from "../../core/op/sweep-ops";
import { type Handle, makeFilled } from "../../core/tensor/handle";
import type { AxisOption, Tensor, Value } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { copyRun } from "../../numeric/strided";
import { stridedSlice, windowAlong } from "./strided-window";

/** Copies pieces of [outer, chunk] elements each, side by side, into out of [outer, sum of chunks]. */
function join(out: TensorData, pieces: readonly Handle[], outer: number): void {
  const row = out.length / outer;
  let start = 0;
  for (const piece of pieces) {
    if (piece.body === null) {
      out[start++] = piece.value;
      continue;
    }
    const x = piece.data;
    const chunk = x.length / outer;
    for (let o = 0, from = 0; o < outer; o++, from += chunk) copyRun(out, o * row + start, x, from, chunk);
    start += chunk;
  }
}

/** An op that joins any number of inputs along an axis: one that they have (concat) or a new one (stack). */
function joining(name: string, stacked: boolean): CoreOp<number> {
  const op: CoreOp<number> = makeOp<readonly Handle[], number>({
    name,
    shape: (shapes, axis) => {
      const size = stacked ? shapes.length : shapes.reduce((sum, shape) => sum + shape[axis], 0);
      return [...shapes[0].slice(0, axis), size, ...shapes[0].slice(stacked ? axis : axis + 1)];
    },
    dtype: ([dtype]) => dtype,
    evaluate: (out, inputs, axis) => {
      if (out.length > 0) join(out, inputs, sizeOf(inputs[0].shape.slice(0, axis)));
    },
    pullback: ({ yBar, inputs, attrs: axis, wanted }) => {
      let start = 0;
      return inputs.map((x, k) => {
        const size = stacked ? 1 : x.shape[axis];
        start += size;
        return wanted[k] ? stridedSlice(yBar, windowAlong(yBar.shape, axis, start - size, size, stacked)) : null;
      });
    },
    pushforward: ({ xDots, inputs, attrs }) => {
      const some = xDots.find((xDot) => xDot !== null);
      if (some === undefined || some === null) return null;
      return apply(
        op,
        xDots.map((xDot, k) => xDot ?? makeFilled(inputs[k].shape, some.dtype, 0)),
        attrs,
      );
    },
    reads: { inputs: false, output: false },
    batch: (inputs, batched, axis, size) => apply(op, broadcastBatch(inputs, batched, size), axis + 1),
    declares: { linear: "jointly", absorbing: true },
    lower: (on, inputs, axis) => {
      const one = (x: Lazy): Lazy => on.reshape(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);
      return [on.concat(stacked ? inputs.map(one) : inputs, axis)];
    },
  });
  return op;
}
const CONCAT = /* @__PURE__ */ joining("concat", false);
const STACK = /* @__PURE__ */ joining("stack", true);

/** What is to be joined, as tensors of one dtype. */
function checkPieces(where: string, xs: readonly (Value | boolean)[]): Handle[] {
  if (!Array.isArray(xs)) {
    return fail(
      "argument/array",
      `${where}: tensors must be given as an array, got ${describe(xs)}.`,
      { received: xs },
      `Write ${where}([a, b]).`,
    );
  }
  if (xs.length === 0) {
    return fail(
      "argument/array",
      `${where}: at least one tensor is needed, got none.`,
      { received: 0 },
      "An empty array has no shape: put zeros(shape) into it.",
    );
  }
  const handles = Array.from(xs, (x, k) => toHandle(where, x, `xs[${k}]`));
  const dtype = dtypeOfAll(xs);
  return handles.map((x, k) => (typeof xs[k] === "number" ? makeFilled([], dtype, xs[k]) : castTo(x, dtype)));
}

/** All shapes the same, besides one axis. */
function checkShapes(where: string, pieces: readonly Handle[], axis: number): void {
  const without = (shape: Shape): Shape => shape.map((size, i) => (i === axis ? 0 : size));
  const wanted = pieces[0].shape;
  const odd = pieces.findIndex((x) => !sameShape(without(x.shape), without(wanted)));
  if (odd < 0) return;
  fail(
    "shape/join",
    `${where}: xs[${odd}] has shape ${list(pieces[odd].shape)}, but xs[0] has ${list(wanted)}.`,
    { index: odd, shape: pieces[odd].shape, wanted, axis },
    axis < 0 ? "All shapes must be equal." : `Shapes must be equal on all axes but ${axis}.`,
  );
}

/**
 * Joins tensors along an axis that they have. See also {@link stack} and {@link split}.
 *
 * Shape: `T[...A, n1, ...B], T[...A, n2, ...B], ... -> T[...A, n1 + n2 + ..., ...B]`
 *
 * Mixed dtypes are promoted. The derivative cuts the cotangent into the pieces.
 *
 * @param xs - one tensor or more, of the same shape besides the axis
 * @param options - axis: default 0
 * @returns the joined tensor
 * @throws GradtapeError `shape/join` if the shapes do not agree, `axis/range`, `argument/array` for no tensors
 * @example
 * ```ts
 * import { concat, tensor } from "gradtape";
 * concat([tensor([1, 2]), tensor([3])]); // => [1, 2, 3]
 * concat([tensor([[1], [2]]), tensor([[3], [4]])], { axis: 1 }); // => [[1, 3], [2, 4]]
 * ```
 */
export function concat(xs: readonly Tensor[], options?: AxisOption): Tensor {
  refuseExtra("concat", "xs, options", 2, arguments);
  const pieces = checkPieces("concat", xs);
  checkOptions("concat", options, ["axis"]);
  const single = pieces.findIndex((x) => x.rank === 0);
  if (single >= 0) {
    fail(
      "shape/join",
      `concat: xs[${single}] is a single number and has no axis to join along.`,
      { index: single },
      "Give it one, reshape(x, [1]), or use stack for single numbers.",
    );
  }
  const axis = checkAxis("concat", options?.axis ?? 0, pieces[0].rank);
  checkShapes("concat", pieces, axis);
  return pieces.length === 1 ? pieces[0] : apply(CONCAT, pieces, axis);
}

/**
 * Joins tensors of one shape, or numbers, along a new axis. See also {@link concat} and {@link unstack}.
 *
 * Shape: `n times T[...A, ...B] -> T[...A, n, ...B]`
 *
 * Mixed dtypes are promoted; a number takes the dtype of the tensors. The derivative takes the cotangent apart again.
 *
 * @param xs - one tensor or number or more, all of one shape
 * @param options - axis: where the new axis stands in the result, default 0
 * @returns the joined tensor
 * @throws GradtapeError `shape/join` if the shapes differ, `axis/range`, `argument/array` for no tensors
 * @example
 * ```ts
 * import { stack, tensor } from "gradtape";
 * stack([1, 2, 3]); // => [1, 2, 3]
 * stack([tensor([1, 2]), tensor([3, 4])], { axis: 1 }); // => [[1, 3], [2, 4]]
 * ```
 */
export function stack<S extends Shape>(xs: readonly (Tensor<S> | number | boolean)[], options?: AxisOption): Tensor;
export function stack(xs: readonly (Value | boolean)[], options?: AxisOption): Tensor {
  refuseExtra("stack", "xs, options", 2, arguments);
  const pieces = checkPieces("stack", xs);
  checkOptions("stack", options, ["axis"]);
  const axis = checkAxis("stack", options?.axis ?? 0, pieces[0].rank + 1);
  checkShapes("stack", pieces, -1);
  return apply(STACK, pieces, axis);
}
