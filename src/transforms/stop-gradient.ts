import { ownMemory } from "../base/allocate";
import { refuseExtra } from "../base/extra-arguments";
import { makeTensor } from "../core/tensor/handle";
import { mapTensors } from "../core/tensor/tree";
import { stopGradientOf } from "../ops/define/stop-gradient-op";

/**
 * The same elements, constant to every transform inside which it stands.
 *
 * Shape: that of x.
 *
 * The derivative is zero.
 * @param x - a tensor, a number, or a tree of them
 * @returns the same tree
 * @example
 * ```ts
 * import { grad, mul, type Scalar, stopGradient } from "gradtape";
 * grad((x: Scalar) => mul(x, stopGradient(x)))(3); // => 3
 * ```
 */
export function stopGradient<X>(x: X): X {
  refuseExtra("stopGradient", "x", 1, arguments);
  return mapTensors(x, stopGradientOf, "stopGradient");
}

/**
 * The same elements without history: for what is kept or printed after a computation, so that it keeps no tape alive.
 *
 * Shape: that of x.
 *
 * The derivative is zero.
 * @param x - a tensor, a number, or a tree of them
 * @returns the same tree, without history
 * @example
 * ```ts
 * import { detach, square, variable } from "gradtape";
 * const y = square(variable(3));
 * y.watched; // => true
 * detach(y).watched; // => false
 * ```
 */
export function detach<X>(x: X): X {
  refuseExtra("detach", "x", 1, arguments);
  return mapTensors(
    x,
    (t) => {
      const constant = stopGradientOf(t);
      const data = constant.body?.data ?? null;
      const own = data === null ? null : ownMemory(data);
      return own === null || own === data ? constant : makeTensor(constant.shape, constant.dtype, own);
    },
    "detach",
  );
}
