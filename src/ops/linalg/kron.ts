import { allocatingFor } from "../../base/allocate";
import { refuseExtra } from "../../base/extra-arguments";
import { reshapeTo } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { commonLead } from "../contract/batch-of-matrices";
import { mul } from "../elementwise/arithmetic";
import { demandMatrices } from "./matrix-arguments";

const WHERE = "linalg.kron";

/** Matrices with an axis of size 1 before (`at` 0) or behind (`at` 1) each of their two. */
function spaced(x: Handle, at: 0 | 1): Handle {
  const [m, n] = x.shape.slice(-2);
  return reshapeTo(x, [...x.shape.slice(0, -2), ...(at === 0 ? [1, m, 1, n] : [m, 1, n, 1])]);
}

/**
 * The Kronecker product of matrices: the matrix of blocks a[i, j] b.
 *
 * Shape: `T[...A, m, n], T[...B, p, q] -> T[...broadcast, m p, n q]`; bool counts as int32.
 *
 * `y[i p + k, j q + l] = a[i, j] b[k, l]`; cotangents `aBar[i, j]`, the sum over the block (i, j) of yBar times b, and
 * `bBar`, the sum over blocks of yBar times a[i, j].
 *
 * NaN propagates; in values zeros do not protect from infinities, in derivatives they do, as in {@link mul}.
 * @param a - matrices, one for each block structure
 * @param b - matrices, repeated in the blocks
 * @returns the products, of the promoted dtype
 * @throws GradtapeError `shape/rank`, `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * linalg.kron(tensor([[1, 2]]), tensor([[1, 0], [0, 1]])); // => [[1, 0, 2, 0], [0, 1, 0, 2]]
 * ```
 */
export function kron(a: Tensor, b: Tensor): Tensor {
  refuseExtra("linalg.kron", "a, b", 2, arguments);
  const [x, y] = [demandMatrices(WHERE, "a", a), demandMatrices(WHERE, "b", b)];
  const lead = commonLead(WHERE, [x.shape, y.shape]);
  const [m, n] = x.shape.slice(-2);
  const [p, q] = y.shape.slice(-2);
  const all = allocatingFor(WHERE, () => mul(spaced(x, 1), spaced(y, 0)));
  return reshapeTo(asHandle(all), [...lead, m * p, n * q]);
}
