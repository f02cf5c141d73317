import { refuseExtra } from "../../base/extra-arguments";
import { sumAxes } from "../../core/op/sweep-ops";
import type { Tensor } from "../../core/tensor/tensor";
import { type DiagonalOption, diagonalOf } from "../indexing/diagonal";

/**
 * The sum over a diagonal of matrices, which need not be square. (The `trace` beside `vmap` and `compile` records a function.)
 *
 * Shape: `T[...A, m, n] -> T[...A]`; bool counts as int32.
 *
 * `y = sum_i a[i, i + k]`; the gradient is 1 on that diagonal, 0 elsewhere.
 *
 * A diagonal outside of the matrix gives 0.
 *
 * NaN propagates.
 * @param a - matrices of any dtype
 * @param options - k: which diagonal, 0 the main one (default), positive above it, negative below
 * @returns a number for each
 * @throws GradtapeError `shape/rank`, `argument/integer`, `argument/tensor`, `option/unknown`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * linalg.trace(tensor([[1, 2], [3, 4]])); // => 5
 * linalg.trace(tensor([[1, 2], [3, 4]]), { k: 1 }); // => 2
 * ```
 */
export function trace(a: Tensor, options?: DiagonalOption): Tensor {
  refuseExtra("linalg.trace", "a, options", 2, arguments);
  const diagonal = diagonalOf("linalg.trace", a, options);
  return sumAxes(diagonal, [diagonal.shape.length - 1]);
}
