import { fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { broadcastsTo, checkAxis, checkShape, type Shape, sizeOf, stridesOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { following } from "../../core/op/lazy-views";
import { lettersOf } from "../../core/op/letters";
import { makeLinear } from "../../core/op/linear-op";
import type { CoreOp } from "../../core/op/op";
import { broadcastToShape, reshapeTo } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Filled, Permuted } from "../../core/tensor/shape-types";
import type { Of, ShapeOf, Tensor, Value } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { gather } from "../../numeric/strided";

const TRANSPOSE: CoreOp<Shape> = /* @__PURE__ */ makeLinear<Shape>({
  name: "transpose",
  shape: (shape, permutation) => permutation.map((axis) => shape[axis]),
  evaluate: (out, x, permutation) => {
    const strides = stridesOf(x.shape);
    gather(
      out,
      permutation.map((axis) => x.shape[axis]),
      x.data,
      permutation.map((axis) => strides[axis]),
      0,
    );
  },
  transpose: (yBar, _, permutation) =>
    permute(
      yBar,
      permutation.map((_, i) => permutation.indexOf(i)),
    ),
  batch: (x, permutation) => permute(x, [0, ...permutation.map((axis) => axis + 1)]),
  declares: {
    contraction: ([x], permutation) => {
      const letters = lettersOf(x.length);
      return `${letters}->${permutation.map((axis) => letters[axis]).join("")}`;
    },
  },
  lower: (on, x, permutation, { shape }) =>
    on.view(
      x,
      shape,
      x.shape.map((_, axis) => following(shape.length, permutation.indexOf(axis))),
    ),
});

/** Axis i of the result is axis permutation[i] of x. */
export const permute = (x: Handle, permutation: Shape): Handle =>
  permutation.every((axis, i) => axis === i) ? x : apply(TRANSPOSE, [x], permutation);

/** Axis `from` put at position `to`, the others in their order. */
export function moveAxis(x: Handle, from: number, to: number): Handle {
  const order = x.shape.map((_, i) => i).filter((axis) => axis !== from);
  order.splice(to, 0, from);
  return permute(x, order);
}

/**
 * Gives the same elements another shape, in row-major order.
 *
 * Shape: `T[...S] -> T[...R]`, both of the same size.
 *
 * The derivative reshapes the cotangent back.
 *
 * @param x - a number or a tensor of any dtype
 * @param shape - the new shape; one size may be -1 and is filled in
 * @returns the elements of x in the new shape
 * @throws GradtapeError `shape/reshape` if the sizes differ or -1 has no answer, `shape/invalid`
 * @example
 * ```ts
 * import { arange, reshape } from "gradtape";
 * reshape(arange(6), [2, -1]); // => [[0, 1, 2], [3, 4, 5]]
 * ```
 */
export function reshape<const R extends Shape>(x: Value | boolean, shape: R): Tensor<Filled<R>>;
export function reshape(x: Value | boolean, shape: Shape): Tensor {
  refuseExtra("reshape", "x, shape", 2, arguments);
  const from = toHandle("reshape", x);
  const open = Array.isArray(shape) ? shape.indexOf(-1) : -1;
  if (open >= 0 && shape.lastIndexOf(-1) !== open) {
    fail(
      "shape/reshape",
      `reshape: only one size may be -1, got ${list(shape)}.`,
      { from: from.shape, to: shape },
      "Give all sizes but one.",
    );
  }
  const wanted = checkShape("reshape", open < 0 ? shape : [...shape.slice(0, open), 1, ...shape.slice(open + 1)]);
  const known = sizeOf(wanted);
  const filled = from.size / known;
  if (open < 0 ? from.size !== known : !Number.isInteger(filled)) {
    fail(
      "shape/reshape",
      `reshape: ${elements(from.size)} of shape ${list(from.shape)} do not fit into shape ${list(shape)}` +
        (open < 0 ? `, which holds ${known}.` : `: sizes other than -1 make ${known}.`),
      { from: from.shape, to: shape, size: from.size, wanted: known },
      open < 0
        ? `The product of the sizes must be ${from.size}.`
        : known === 0
          ? "Beside a size of 0 there is no answer for -1."
          : `The product of the other sizes must divide ${from.size}.`,
    );
  }
  return reshapeTo(from, open < 0 ? wanted : wanted.map((size, i) => (i === open ? filled : size)));
}
const elements = (count: number): string => (count === 1 ? "1 element" : `${count} elements`);

/**
 * Reorders the axes. See also {@link swapAxes}.
 *
 * Shape: `T[...S] -> T[...S permuted]`
 *
 * Axis i of the result is axis `permutation[i]` of x. The derivative applies the inverse permutation.
 *
 * @param x - a tensor of any dtype
 * @param permutation - every axis once, negative ones count from the end; default: the reverse order
 * @returns x with its axes in the new order
 * @throws GradtapeError `axis/permutation` if it is none of the axes of x, `axis/range`
 * @example
 * ```ts
 * import { tensor, transpose } from "gradtape";
 * transpose(tensor([[1, 2, 3], [4, 5, 6]])); // => [[1, 4], [2, 5], [3, 6]]
 * ```
 */
export function transpose<X extends Tensor, const P extends Shape | undefined = undefined>(
  x: X,
  permutation?: P,
): Of<Permuted<ShapeOf<X>, P>>;
export function transpose(x: Tensor, permutation?: Shape | null): Tensor {
  refuseExtra("transpose", "x, permutation", 2, arguments);
  const from = toHandle("transpose", x);
  const order = from.shape.map((_, i) => i);
  if (permutation === undefined || permutation === null) return permute(from, order.reverse());
  const axes = Array.isArray(permutation) ? permutation.map((axis) => checkAxis("transpose", axis, from.rank)) : [];
  if (axes.length !== from.rank || order.some((axis) => !axes.includes(axis))) {
    fail(
      "axis/permutation",
      `transpose: ${Array.isArray(permutation) ? list(permutation) : String(permutation)} does not name each axis of a tensor of rank ${from.rank} once.`,
      { permutation, rank: from.rank },
      `Give ${list(from.shape.map((_, axis) => axis))} in another order, or nothing to reverse the axes.`,
    );
  }
  return permute(from, axes);
}

/**
 * Exchanges two axes; `swapAxes(x, -1, -2)` transposes a batch of matrices.
 *
 * Shape: `T[...S] -> T[...S with two sizes exchanged]`
 *
 * The derivative exchanges them back.
 *
 * @param x - a tensor of any dtype
 * @param a - one axis
 * @param b - the other axis; the same axis gives x
 * @returns x with the two axes exchanged
 * @throws GradtapeError `axis/range`
 * @example
 * ```ts
 * import { swapAxes, tensor } from "gradtape";
 * swapAxes(tensor([[[1, 2], [3, 4]]]), -1, -2); // => [[[1, 3], [2, 4]]]
 * ```
 */
export function swapAxes(x: Tensor, a: number, b: number): Tensor {
  refuseExtra("swapAxes", "x, a, b", 3, arguments);
  const from = toHandle("swapAxes", x);
  const [first, second] = [checkAxis("swapAxes", a, from.rank), checkAxis("swapAxes", b, from.rank)];
  return permute(
    from,
    from.shape.map((_, i) => (i === first ? second : i === second ? first : i)),
  );
}

/**
 * Repeats x along new leading axes and along axes of size 1 until it has the shape.
 *
 * Shape: `T[...S] -> T[...R]`, where S broadcasts to R.
 *
 * The derivative sums the cotangent over what was repeated.
 *
 * @param x - a number or a tensor of any dtype
 * @param shape - the shape wanted
 * @returns x in that shape
 * @throws GradtapeError `shape/broadcast` if x does not broadcast to the shape, `shape/invalid`
 * @example
 * ```ts
 * import { broadcastTo, tensor } from "gradtape";
 * broadcastTo(tensor([1, 2]), [2, 2]); // => [[1, 2], [1, 2]]
 * ```
 */
export function broadcastTo<X extends Value | boolean, const R extends Shape>(x: X, shape: R): Tensor<R>;
export function broadcastTo(x: Value | boolean, shape: Shape): Tensor {
  refuseExtra("broadcastTo", "x, shape", 2, arguments);
  const from = toHandle("broadcastTo", x);
  return spreadTo("broadcastTo", from, checkShape("broadcastTo", shape));
}

/** x in a shape that it broadcasts to, or the error. */
export function spreadTo(where: string, x: Handle, shape: Shape, name = "x"): Handle {
  if (!broadcastsTo(x.shape, shape)) {
    fail(
      "shape/broadcast",
      `${where}: ${name} of shape ${list(x.shape)} does not broadcast to shape ${list(shape)}.`,
      { from: x.shape, to: shape },
      "Sizes, counted from the last axis, must be equal, or 1 in what is repeated.",
    );
  }
  return broadcastToShape(x, shape);
}
