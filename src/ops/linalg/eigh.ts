import type { TensorData } from "../../base/dtype";
import { fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { applyParts } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { plus } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { symmetricEigen } from "../../numeric/matrix/symmetric-eigen";
import { diagonal } from "../indexing/diagonal";
import { inMatrix } from "./in-matrix";
import { inverseGaps, roundingOf } from "./inverse-gaps";
import { asRow, scaled, symmetricPart } from "./matrix-algebra";
import { times, toSquareMatrices } from "./matrix-arguments";

function decompose([values, vectors]: readonly TensorData[], a: Handle): void {
  const n = a.shape[a.shape.length - 1];
  for (let row = 0, at = 0; row < values.length; row += n, at += n * n) {
    const [w, v] = [values.subarray(row, row + n), vectors.subarray(at, at + n * n)];
    if (symmetricEigen(a.data, at, n, w, v)) continue;
    fail(
      "linalg/not-converged",
      `linalg.eigh: the eigenvalues of a${inMatrix(a.shape, row / n)} did not converge.`,
      { matrix: row / n, shape: a.shape },
      "Please report this matrix: it takes more steps than any known so far.",
    );
  }
}

/** 1 / (w_j - w_i), 0 between eigenvalues that are equal to rounding. */
const gapsOf = (values: Handle): Handle =>
  inverseGaps(values, roundingOf(values, values.shape[values.shape.length - 1]));

const EIGH: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle]>({
  name: "eigh",
  parts: 2,
  shape: ([a]) => [a.slice(0, -1), a],
  dtype: ([dtype]) => [dtype, dtype],
  evaluate: (outputs, [a]) => decompose(outputs, a),
  // aBar = V (diag(wBar) + F * (Vᵀ vBar)) Vᵀ, symmetrized, F_ij = 1 / (w_j - w_i)
  pullback: ({ yBars: [wBar, vBar], outputs: [w, v] }) => {
    const fromValues = wBar && scaled(v, asRow(wBar));
    const fromVectors = vBar && times(v, scaled(gapsOf(w), times(v, vBar, true)));
    const left = plus(fromValues, fromVectors);
    return [left && symmetricPart(times(left, v, false, true))];
  },
  // With D = Vᵀ aDot V: wDot = diag(D), vDot = V (F * D)
  pushforward: ({ xDots: [aDot], outputs: [w, v] }) => {
    if (aDot === null) return [null, null];
    const d = times(times(v, symmetricPart(aDot), true), v);
    return [diagonal(d), times(v, scaled(gapsOf(w), d))];
  },
  reads: { inputs: false },
  batch: ([a]) => applyParts(EIGH, [a], undefined),
});

/**
 * Eigenvalues and eigenvectors of symmetric matrices: `a = v diag(w) vᵀ`. See also {@link eigvalsh}.
 *
 * Shape: `F[...A, n, n] -> { values: F[...A, n], vectors: F[...A, n, n] }`; integers give float64.
 *
 * a is read as (a + aᵀ) / 2, and so is its gradient. Values w ascend; vectors v stand in the columns, have length 1,
 * and their element of largest absolute value (the first of them) is positive. `wDot = diag(D)` and `vDot = v (F * D)`
 * with `D = vᵀ aDot v`, `F_ij = 1 / (w_j - w_i)`, and 0 on the diagonal.
 *
 * Equal eigenvalues: F is 0 where two agree to rounding (n epsilon times the largest), so derivatives are finite. First
 * derivatives are right for sums of equal values (one of them: a subgradient), and for the projector on all vectors of
 * equal values, v_1 v_1ᵀ + v_2 v_2ᵀ. One vector of several has none. A matrix function v diag(f(w)) vᵀ loses what mixes
 * equal values, and so do second derivatives: add a small perturbation that separates the eigenvalues, 1e-6 diag(1, 2,
 * ...) for instance.
 *
 * NaN or Infinity in a matrix gives NaN for all of it.
 * @param a - square matrices
 * @returns values and vectors
 * @throws GradtapeError `linalg/square`, `shape/rank`, `argument/tensor`, `linalg/not-converged` (not seen so far)
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * const { values, vectors } = linalg.eigh(tensor([[1, 2], [2, 1]]));
 * values; // => [-1, 3]
 * vectors; // => [[0.707107, 0.707107], [-0.707107, 0.707107]]
 * ```
 * @see tridiagonalization and implicit QL (Golub, Van Loan, "Matrix Computations", 8.3): exact for a matrix off by some
 * units of rounding times its norm. Derivatives: M. B. Giles, "Collected matrix derivative results" (2008), 3.1.
 */
export function eigh(a: Tensor): {
  /** Eigenvalues, ascending. */
  readonly values: Tensor;
  /** Eigenvectors, in the columns. */
  readonly vectors: Tensor;
} {
  refuseExtra("linalg.eigh", "a", 1, arguments);
  const [values, vectors] = applyParts(EIGH, [toSquareMatrices("linalg.eigh", "a", a)], undefined);
  return { values, vectors };
}

/**
 * Eigenvalues of symmetric matrices, ascending: those of {@link eigh}, without the vectors.
 *
 * Shape: `F[...A, n, n] -> F[...A, n]`; integers give float64.
 *
 * a is read as (a + aᵀ) / 2, and so is its gradient: `aBar = v diag(wBar) vᵀ`, with the eigenvectors v. It is finite also where
 * values are equal, and right for sums of equal values.
 *
 * NaN or Infinity in a matrix gives NaN for all of it.
 * @param a - square matrices
 * @returns the values
 * @throws GradtapeError `linalg/square`, `shape/rank`, `argument/tensor`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * linalg.eigvalsh(tensor([[1, 2], [2, 1]])); // => [-1, 3]
 * ```
 */
export function eigvalsh(a: Tensor): Tensor {
  refuseExtra("linalg.eigvalsh", "a", 1, arguments);
  return applyParts(EIGH, [toSquareMatrices("linalg.eigvalsh", "a", a)], undefined)[0];
}
