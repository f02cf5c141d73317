import { checkDtype, type Dtype, isFloat, type TensorData } from "../../base/dtype";
import { fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { castTo } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor, Value } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import * as formula from "../../kernel/expansions/builder";

/**
 * Writes elements as another dtype: int32 truncates and refuses what it cannot hold, bool is whether x is not 0.
 * @internal
 */
export function convertInto(where: string, out: TensorData, numbers: ArrayLike<number>, dtype: Dtype): void {
  if (dtype === "bool") {
    for (let i = 0; i < out.length; i++) out[i] = numbers[i] !== 0 ? 1 : 0;
    return;
  }
  if (dtype === "int32") {
    for (let i = 0; i < out.length; i++) {
      const x = numbers[i];
      if (x > -2147483649 && x < 2147483648) continue;
      fail(
        "cast/invalid",
        `${where}: ${x} at position ${i} has no int32 value.`,
        { value: x, position: i, dtype },
        "int32 holds -2147483648 to 2147483647; float64 has no such limit.",
      );
    }
  }
  for (let i = 0; i < out.length; i++) out[i] = numbers[i];
}

/** From a float to int32 or bool: neither linear nor differentiable, unlike the casts of core/op/sweep-ops. */
const CONVERT: CoreOp<Dtype> = /* @__PURE__ */ makeOp<readonly [Handle], Dtype>({
  name: "castToInteger",
  shape: ([shape]) => shape,
  dtype: (_, dtype) => dtype,
  evaluate: (out, [x], dtype) => convertInto("cast", out, x.data, dtype),
  vjp: [null],
  batch: ([x], _, dtype) => apply(CONVERT, [x], dtype),
  declares: { elementwise: true },
  // To int32 it may throw.
  lower: (on, xs, dtype) => (dtype === "bool" ? [on.map(dtype, (x) => formula.notEqual(x, 0), ...xs)] : null),
});

/**
 * The same elements as another dtype.
 *
 * Shape: `any[...S] -> dtype[...S]`.
 *
 * Value x, rounded to float32, truncated towards zero for int32, x != 0 for bool. Derivative 1 between floats; a cotangent
 * is cast back. Through int32 and bool the derivative is 0.
 *
 * To int32, NaN, infinities and elements that do not fit are an error; to bool, NaN is true.
 *
 * @param x - a number, a boolean or a tensor
 * @param dtype - "float64", "float32", "int32" or "bool"
 * @returns a tensor of the shape of x, 0-d for a number or boolean
 * @throws GradtapeError `dtype/unknown`; `cast/invalid` for an element that int32 does not hold
 * @example
 * ```ts
 * import { cast, tensor } from "gradtape";
 * cast(tensor([1.7, -1.7]), "int32"); // => [1, -1]
 * cast(tensor([0, 2]), "bool"); // => [false, true]
 * cast(tensor([NaN]), "int32"); // => throws [cast/invalid]
 * ```
 */
export function cast<X extends Value | boolean>(x: X, dtype: Dtype): X extends Tensor ? X : Tensor<readonly []>;
export function cast(x: Value | boolean, dtype: Dtype): Tensor {
  refuseExtra("cast", "x, dtype", 2, arguments);
  const handle = toHandle("cast", x);
  const to = checkDtype("cast", dtype);
  return isFloat(handle.dtype) && !isFloat(to) ? apply(CONVERT, [handle], to) : castTo(handle, to);
}
