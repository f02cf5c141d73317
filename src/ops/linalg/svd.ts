import type { TensorData } from "../../base/dtype";
import { fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import type { Shape } from "../../base/shape";
import { applyParts } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { accumulate, plus } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { singularValues } from "../../numeric/matrix/jacobi-svd";
import { minus } from "../elementwise/arithmetic";
import { diagonal } from "../indexing/diagonal";
import { inMatrix } from "./in-matrix";
import { awayFromZero, inverseGaps, inverseOf, inverseSums, roundingOf } from "./inverse-gaps";
import { asColumn, asRow, scaled, skewPart, symmetricPart } from "./matrix-algebra";
import { times, toMatrices } from "./matrix-arguments";

function decompose([u, s, vt]: readonly TensorData[], { data, shape }: Handle): void {
  const [rows, columns] = shape.slice(-2);
  const k = Math.min(rows, columns);
  const part = (x: TensorData, size: number, i: number): TensorData => x.subarray(i * size, (i + 1) * size);
  for (let i = 0; i * k < s.length; i++) {
    const parts = [part(u, rows * k, i), part(s, k, i), part(vt, k * columns, i)];
    if (singularValues(data, i * rows * columns, rows, columns, parts)) continue;
    fail(
      "linalg/not-converged",
      `linalg.svd: the singular values of a${inMatrix(shape, i)} did not converge.`,
      { matrix: i, shape },
      "Please report this matrix: it takes more steps than any known so far.",
    );
  }
}

const shapesOf = (a: Shape): readonly Shape[] => {
  const [lead, [rows, columns]] = [a.slice(0, -2), a.slice(-2)];
  const k = Math.min(rows, columns);
  return [
    [...lead, rows, k],
    [...lead, k],
    [...lead, k, columns],
  ];
};

const sizesOf = (u: Handle, vt: Handle): readonly [rows: number, k: number, columns: number] => [
  u.shape[u.shape.length - 2],
  u.shape[u.shape.length - 1],
  vt.shape[vt.shape.length - 1],
];

function roundingIn(u: Handle, s: Handle, vt: Handle): Handle {
  const [rows, , columns] = sizesOf(u, vt);
  return roundingOf(s, Math.max(rows, columns));
}

/** The cotangent of D, from those of u and v as D sees them: uᵀ uBar and vᵀ vBar. */
function turningBar(uSide: Handle | null, vSide: Handle | null, s: Handle, rounding: Handle): Handle | null {
  const together = plus(uSide, vSide);
  if (together === null) return null;
  const against = plus(uSide, vSide && scaled(vSide, -1)) ?? together;
  const turned = symmetricPart(scaled(inverseGaps(s, rounding), together));
  return accumulate(turned, skewPart(scaled(inverseSums(s, rounding), against)));
}

/*
 * With D = uᵀ aDot v, D₊ and D₋ its symmetric and its skew part, E_ij = 1 / (s_j - s_i) and G_ij = 1 / (s_i + s_j):
 *
 *   sDot = diag(D),  uDot = u (E * D₊ + G * D₋) + (aDot v - u D) / s,  vDot = v (E * D₊ - G * D₋) + (aDotᵀ u - v Dᵀ) / s
 *
 * The last terms are what leaves the spaces of u and v: none where they are square. The textbook's 1 / (s_j² - s_i²) is
 * E G. Taken apart, what turns u and v together (E) does not spoil what turns one against the other (G).
 */
const SVD: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle]>({
  name: "svd",
  parts: 3,
  shape: ([a]) => shapesOf(a),
  dtype: ([dtype]) => [dtype, dtype, dtype],
  evaluate: (outputs, [a]) => decompose(outputs, a),
  pullback: ({ yBars: [uBar, sBar, vtBar], outputs: [u, s, vt] }) => {
    const rounding = roundingIn(u, s, vt);
    const [rows, k, columns] = sizesOf(u, vt);
    const uSide = uBar && times(u, uBar, true);
    const vSide = vtBar && times(vt, vtBar, false, true);
    const inner = turningBar(uSide, vSide, s, rounding);
    let left = plus(sBar && scaled(u, asRow(awayFromZero(sBar, s, rounding))), inner && times(u, inner));
    if (uBar && uSide && rows > k) {
      left = plus(left, scaled(minus(uBar, times(u, uSide)), asRow(inverseOf(s, rounding))));
    }
    const aBar = left && times(left, vt);
    if (!vtBar || !vSide || columns === k) return [aBar];
    const right = scaled(minus(vtBar, times(vSide, vt, true)), asColumn(inverseOf(s, rounding)));
    return [plus(aBar, times(u, right))];
  },
  pushforward: ({ xDots: [aDot], outputs: [u, s, vt] }) => {
    if (aDot === null) return [null, null, null];
    const rounding = roundingIn(u, s, vt);
    const [rows, k, columns] = sizesOf(u, vt);
    const right = times(aDot, vt, false, true);
    const d = times(u, right, true);
    const together = scaled(inverseGaps(s, rounding), symmetricPart(d));
    const against = scaled(inverseSums(s, rounding), skewPart(d));
    let uDot = times(u, accumulate(together, against));
    let vtDot = times(minus(together, against), vt, true);
    if (rows > k) uDot = accumulate(uDot, scaled(minus(right, times(u, d)), asRow(inverseOf(s, rounding))));
    if (columns > k) {
      const rest = minus(times(u, aDot, true), times(d, vt));
      vtDot = accumulate(vtDot, scaled(rest, asColumn(inverseOf(s, rounding))));
    }
    return [uDot, awayFromZero(asHandle(diagonal(d)), s, rounding), vtDot];
  },
  reads: { inputs: false },
  batch: ([a]) => applyParts(SVD, [a], undefined),
});

/** The parts u, s, vt of matrices that are checked. */
export const decomposed = (a: Handle): readonly Handle[] => applyParts(SVD, [a], undefined);

/**
 * Singular value decomposition: `a = u diag(s) vt`, reduced.
 *
 * Shape: `F[...A, m, n] -> { u: F[...A, m, k], s: F[...A, k], vt: F[...A, k, n] }`, k = min(m, n); integers give float64.
 *
 * The columns of u and the rows of vt are orthonormal, s >= 0 descends. Of each row of vt the element of largest
 * absolute value (the first of them) is positive. `sDot = diag(uᵀ aDot v)`; those of u and v divide by differences and
 * sums of singular values, and by single ones where the matrix is not square.
 *
 * What would be divided by 0 counts as 0, so derivatives are finite; values are equal, or 0, when they are so to
 * rounding (max(m, n) epsilon times the largest). Equal singular values: first derivatives are right for sums of them
 * (one of them: a subgradient), and for the sums of u_i v_iᵀ, u_i u_iᵀ, v_i v_iᵀ over all of them, thus for the polar
 * factor u vt. One vector of several has none. u diag(f(s)) vt loses what mixes equal values, and so do second
 * derivatives.
 *
 * Zero singular values: the derivative of one counts as 0, as that of abs at 0, so the gradient of their sum is the sum
 * of u_i v_iᵀ over the others, the smallest of its subgradients. Vectors of zeros are any that complete the others.
 *
 * NaN or Infinity in a matrix gives NaN for all of it.
 * @param a - matrices
 * @returns the three parts
 * @throws GradtapeError `shape/rank`, `argument/tensor`, `linalg/not-converged` (not seen so far)
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * const { u, s, vt } = linalg.svd(tensor([[3, 0], [0, -5], [0, 0]]));
 * s; // => [5, 3]
 * u; // => [[0, 1], [-1, 0], [0, 0]]
 * vt; // => [[0, 1], [1, 0]]
 * ```
 * @see QR and one-sided Jacobi rotations (Z. Drmač, K. Veselić, SIAM J. Matrix Anal. Appl. 29, 2008): exact for a matrix
 * off by some units of rounding times its norm. Derivatives: J. Townsend, "Differentiating the singular value
 * decomposition" (2016).
 */
export function svd(a: Tensor): {
  /** Left singular vectors, in the columns. */
  readonly u: Tensor;
  /** Singular values, descending. */
  readonly s: Tensor;
  /** Right singular vectors, in the rows. */
  readonly vt: Tensor;
} {
  refuseExtra("linalg.svd", "a", 1, arguments);
  const [u, s, vt] = decomposed(toMatrices("linalg.svd", "a", a));
  return { u, s, vt };
}
