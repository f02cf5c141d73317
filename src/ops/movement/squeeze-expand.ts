import { fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { type Axis, checkAxes } from "../../base/shape";
import { reshapeTo } from "../../core/op/sweep-ops";
import type { Tensor, Value } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";

/**
 * Drops axes of size 1. See also {@link expandDims}.
 *
 * Shape: `T[...S] -> T[...S without some sizes 1]`
 *
 * The derivative puts the axes back.
 *
 * @param x - a tensor of any dtype
 * @param options - axis: one or several axes, each of size 1; default every axis of size 1
 * @returns the same elements with fewer axes
 * @throws GradtapeError `shape/squeeze` if an axis named has another size, `axis/range`
 * @example
 * ```ts
 * import { squeeze, tensor } from "gradtape";
 * squeeze(tensor([[[1], [2]]])); // => [1, 2]
 * squeeze(tensor([[[1], [2]]]), { axis: 0 }); // => [[1], [2]]
 * ```
 */
export function squeeze(x: Tensor, options?: { readonly axis?: Axis | undefined }): Tensor {
  refuseExtra("squeeze", "x, options", 2, arguments);
  const from = toHandle("squeeze", x);
  checkOptions("squeeze", options, ["axis"]);
  const axis = options?.axis ?? null;
  if (axis === null)
    return reshapeTo(
      from,
      from.shape.filter((size) => size !== 1),
    );
  const axes = checkAxes("squeeze", axis, from.rank);
  for (const i of axes) {
    if (from.shape[i] === 1) continue;
    fail(
      "shape/squeeze",
      `squeeze: axis ${i} of shape ${list(from.shape)} has size ${from.shape[i]}, not 1.`,
      { axis: i, shape: from.shape },
      "Leave the axis out; to take one position of an axis use slice.",
    );
  }
  return reshapeTo(
    from,
    from.shape.filter((_, i) => !axes.includes(i)),
  );
}

/**
 * Adds axes of size 1. See also {@link squeeze}.
 *
 * Shape: `T[...S] -> T[...S with sizes 1 between]`
 *
 * The derivative drops the axes again.
 *
 * @param x - a number or a tensor of any dtype
 * @param options - axis: where the new axes stand in the result, one position or several; required
 * @returns the same elements with more axes
 * @throws GradtapeError `option/required` without axis, `axis/range`
 * @example
 * ```ts
 * import { expandDims, tensor } from "gradtape";
 * expandDims(tensor([1, 2]), { axis: 0 }); // => [[1, 2]]
 * expandDims(tensor([1, 2]), { axis: -1 }); // => [[1], [2]]
 * ```
 */
export function expandDims(x: Value | boolean, options: { readonly axis: Axis }): Tensor {
  refuseExtra("expandDims", "x, options", 2, arguments);
  const from = toHandle("expandDims", x);
  checkOptions("expandDims", options, ["axis"]);
  const axis = options?.axis ?? null;
  if (axis === null) {
    return fail(
      "option/required",
      "expandDims: the option axis is required.",
      { option: "axis" },
      "{ axis: 0 } adds a leading axis, { axis: -1 } a last one.",
    );
  }
  const rank = from.rank + (typeof axis === "number" ? 1 : axis.length);
  const axes = checkAxes("expandDims", axis, rank);
  const shape: number[] = [];
  for (let i = 0, next = 0; i < rank; i++) shape.push(axes.includes(i) ? 1 : from.shape[next++]);
  return reshapeTo(from, shape);
}
