// Central differences and gradients of costs, for the tests of losses.
import { GradtapeError } from "../../src/base/errors";
import type { Scalar, Tensor } from "../../src/core/tensor/tensor";
import { tensor } from "../../src/ops/create/creation";
import { grad } from "../../src/transforms/grad";

/** Code and text of the error that a call throws. */
export function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof GradtapeError) return `[${error.code}] ${error.message}`;
    throw error;
  }
  return "no error";
}

export const numbersOf = (x: Tensor): number[] => Array.from<number>(x.data);

/** The gradient by a vector or matrix, as numbers. */
export const gradientOf = (cost: (x: Tensor) => Scalar, x: Tensor): number[] => numbersOf(grad(cost)(x));

/** The same by central differences. */
export function differencesOf(cost: (x: Tensor) => Scalar, x: Tensor, step = 1e-5): number[] {
  const moved = (i: number, by: number): number => {
    const data = Float64Array.from(x.data);
    data[i] += by;
    const y = cost(tensor(data, { shape: x.shape }));
    return typeof y === "number" ? y : y.item();
  };
  return numbersOf(x).map((_, i) => (moved(i, step) - moved(i, -step)) / (2 * step));
}

/** The gradient of the sum of the gradient's squares: a derivative of second order. */
export const secondOf = (cost: (x: Tensor) => Scalar, x: Tensor, squares: (g: Tensor) => Scalar): number[] =>
  gradientOf((y) => squares(grad(cost)(y)), x);
