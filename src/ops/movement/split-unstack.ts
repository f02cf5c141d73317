import { fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { checkAxis, checkInteger, type Shape } from "../../base/shape";
import type { Repeated } from "../../core/tensor/shape-types";
import type { AxisOption, Tensor, Unstacked } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { stridedSlice, windowAlong } from "./strided-window";

/**
 * Takes a tensor apart along an axis, which the pieces no longer have: the inverse of {@link stack}.
 *
 * Shape: `T[...A, n, ...B] -> n times T[...A, ...B]`
 *
 * The derivative puts the cotangents side by side.
 *
 * @param x - a tensor of any dtype
 * @param options - axis: default 0
 * @returns an array of n tensors; along the first axis, where the shape is known to the compiler, a tuple
 * @throws GradtapeError `axis/range`
 * @example
 * ```ts
 * import { tensor, unstack } from "gradtape";
 * const [a, b] = unstack(tensor([[1, 2], [3, 4]]));
 * a; // => [1, 2]
 * b; // => [3, 4]
 * ```
 */
export function unstack<S extends Shape>(x: Tensor<S>, options?: { readonly axis?: 0 | undefined }): Unstacked<S>;
export function unstack(x: Tensor, options?: AxisOption): Tensor[];
export function unstack(x: Tensor, options?: AxisOption): Tensor[] {
  refuseExtra("unstack", "x, options", 2, arguments);
  const from = toHandle("unstack", x);
  checkOptions("unstack", options, ["axis"]);
  const axis = checkAxis("unstack", options?.axis ?? 0, from.rank);
  return Array.from({ length: from.shape[axis] }, (_, i) =>
    stridedSlice(from, windowAlong(from.shape, axis, i, 1, true)),
  );
}

/** Sizes of the pieces from what the user wrote. */
function checkParts(parts: unknown, size: number, axis: number): readonly number[] {
  if (!Array.isArray(parts)) {
    const count = checkInteger("split", "parts", parts, 1);
    if (size % count === 0) return new Array<number>(count).fill(size / count);
    return fail(
      "shape/split",
      `split: axis ${axis} of size ${size} does not divide into ${count} equal parts.`,
      { axis, size, parts },
      "Give the sizes of the parts as an array.",
    );
  }
  const sizes = Array.from(parts, (part, i) => checkInteger("split", `parts[${i}]`, part, 0));
  const total = sizes.reduce((sum, part) => sum + part, 0);
  if (total === size) return sizes;
  return fail(
    "shape/split",
    `split: sizes ${list(sizes)} sum to ${total}, but axis ${axis} has size ${size}.`,
    { axis, size, parts, total },
    `Give sizes that sum to ${size}.`,
  );
}

/**
 * Cuts a tensor into pieces along an axis: the inverse of {@link concat}.
 *
 * Shape: `T[...A, n, ...B] -> T[...A, n1, ...B], T[...A, n2, ...B], ...`
 *
 * The derivative puts the cotangents side by side.
 *
 * @param x - a tensor of any dtype
 * @param parts - how many equal pieces, or the size of each
 * @param options - axis: default 0
 * @returns an array of tensors; for a count that is written as a number, a tuple
 * @throws GradtapeError `shape/split` if the count does not divide the axis or the sizes do not sum to it,
 *   `argument/integer`, `axis/range`
 * @example
 * ```ts
 * import { arange, split } from "gradtape";
 * split(arange(4), 2)[1]; // => [2, 3]
 * split(arange(4), [1, 3])[1]; // => [1, 2, 3]
 * ```
 */
export function split<const N extends number>(x: Tensor, parts: N, options?: AxisOption): Repeated<N, Tensor>;
export function split(x: Tensor, parts: number | readonly number[], options?: AxisOption): Tensor[];
export function split(x: Tensor, parts: number | readonly number[], options?: AxisOption): Tensor[] {
  refuseExtra("split", "x, parts, options", 3, arguments);
  const from = toHandle("split", x);
  checkOptions("split", options, ["axis"]);
  const axis = checkAxis("split", options?.axis ?? 0, from.rank);
  let start = 0;
  return checkParts(parts, from.shape[axis], axis).map((size) => {
    start += size;
    return stridedSlice(from, windowAlong(from.shape, axis, start - size, size));
  });
}
