import type { Dtype } from "../../base/dtype";
import type { Shape } from "../../base/shape";
import { Handle, makeFilled, makeScalar, noteRead, reading, withoutHistory } from "./handle";
import type { Value } from "./tensor";

/**
 * Shape of a number or a tensor: that of a number is [].
 *
 * @param x - a number or a tensor
 * @returns its shape
 * @example
 * ```ts
 * import { shapeOf, tensor } from "gradtape";
 * shapeOf(tensor([[1, 2, 3]])); // => [1, 3]
 * shapeOf(5); // => []
 * ```
 */
export const shapeOf = (x: Value): Shape => (typeof x === "number" ? [] : x.shape);

/**
 * Dtype of a number or a tensor: a number counts as float64.
 *
 * @param x - a number or a tensor
 * @returns its dtype
 * @example
 * ```ts
 * import { dtypeOf, tensor } from "gradtape";
 * dtypeOf(tensor([true])); // => "bool"
 * dtypeOf(5); // => "float64"
 * ```
 */
export const dtypeOf = (x: Value): Dtype => (typeof x === "number" ? "float64" : x.dtype);

/**
 * The value of a number, or of a tensor with one element. No gradient passes.
 *
 * @param x - a number or a tensor of size 1
 * @returns the number
 * @throws GradtapeError `tensor/item` for more than one element, `trace/value` for a symbol
 * @example
 * ```ts
 * import { tensor, valueOf } from "gradtape";
 * valueOf(tensor([7])); // => 7
 * ```
 */
export function valueOf(x: Value): number {
  if (typeof x === "number") return x;
  if (reading.reader !== null && x instanceof Handle) {
    noteRead(x);
    return withoutHistory(x).item();
  }
  return x.item();
}

/** A value as a tensor: a number becomes a 0-d one of the dtype. */
export const asHandle = (x: Value, dtype: Dtype = "float64"): Handle =>
  x instanceof Handle
    ? x
    : typeof x === "number"
      ? dtype === "float64"
        ? makeScalar(x)
        : makeFilled([], dtype, x)
      : makeScalar(Number.NaN);
