import type { Dtype } from "../../base/dtype";
import { refuseExtra } from "../../base/extra-arguments";
import type { Shape } from "../../base/shape";
import { elementOf, Handle, makeFilled, makeScalar, makeTruth, noteRead, reading } from "./handle";
import type { Value } from "./tensor";
import { notATensor } from "./tensor-argument";

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
export function shapeOf(x: Value | boolean): Shape {
  refuseExtra("shapeOf", "x", 1, arguments);
  return typeof x === "number" || typeof x === "boolean"
    ? []
    : x instanceof Handle
      ? x.shape
      : notATensor("shapeOf", x);
}

/**
 * Dtype of a number, a boolean or a tensor: a number counts as float64.
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
export function dtypeOf(x: Value | boolean): Dtype {
  refuseExtra("dtypeOf", "x", 1, arguments);
  if (x instanceof Handle) return x.dtype;
  return typeof x === "number" ? "float64" : typeof x === "boolean" ? "bool" : notATensor("dtypeOf", x);
}

/**
 * The value of a number, or of a tensor with one element; of a boolean 1 or 0. No gradient passes.
 *
 * @param x - a number or a tensor of size 1
 * @returns the number
 * @throws GradtapeError `tensor/item` for more than one element, `trace/value` for a symbol, `argument/tensor` for
 * anything else
 * @example
 * ```ts
 * import { tensor, valueOf } from "gradtape";
 * valueOf(tensor([7])); // => 7
 * ```
 */
export function valueOf(x: Value | boolean): number {
  refuseExtra("valueOf", "x", 1, arguments);
  if (typeof x === "number") return x;
  if (typeof x === "boolean") return Number(x);
  if (!(x instanceof Handle)) return notATensor("valueOf", x);
  if (reading.reader !== null) noteRead(x);
  return elementOf(x, "valueOf");
}

/** A value as a tensor: a number becomes a 0-d one of the dtype, a boolean a 0-d bool. */
export function asHandle(x: Value | boolean, dtype: Dtype = "float64"): Handle {
  if (x instanceof Handle) return x;
  if (typeof x === "boolean") return makeTruth(x);
  if (typeof x !== "number") return makeScalar(Number.NaN);
  return dtype === "float64" ? makeScalar(x) : makeFilled([], dtype, x);
}
