import { epsilonOf, promote, type TensorData, toFloat } from "../../base/dtype";
import { fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { broadcastShapes } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { accumulate, castTo, reshapeTo } from "../../core/op/sweep-ops";
import { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";
import { gemm } from "../../numeric/matrix/gemm";
import { singularValues } from "../../numeric/matrix/jacobi-svd";
import { lead } from "../contract/batch-of-matrices";
import { minus } from "../elementwise/arithmetic";
import { inMatrix } from "./in-matrix";
import { times, toMatrices, transposed } from "./matrix-arguments";

/** v diag(1 / s) uᵀ of every matrix, over the singular values that are not 0 to the rounding of the dtype. */
function invert(out: TensorData, { data, shape }: Handle, epsilon: number): void {
  const [rows, columns] = shape.slice(-2);
  const k = Math.min(rows, columns);
  const [u, s, vt] = [rows * k, k, k * columns].map((size) => new Float64Array(size));
  for (let at = 0, i = 0; at < data.length; at += rows * columns, i++) {
    if (!singularValues(data, at, rows, columns, [u, s, vt])) {
      fail(
        "linalg/not-converged",
        `linalg.pinv: the singular values of a${inMatrix(shape, i)} did not converge.`,
        { matrix: i, shape },
        "Please report this matrix: it takes more steps than any known so far.",
      );
    }
    const cutoff = Math.max(rows, columns) * epsilon * s[0];
    for (let r = 0; r < k; r++) {
      const factor = s[r] <= cutoff ? 0 : 1 / s[r];
      for (let j = 0; j < columns; j++) vt[r * columns + j] *= factor;
    }
    gemm(out, at, vt, 0, 1, columns, u, 0, 1, k, columns, k, rows, false);
  }
}

/** aBar of matrices with at least as many rows as columns, p their pseudoinverses: nothing is larger than they are. */
function pullTall(a: Handle, p: Handle, pBar: Handle): Handle {
  const inner = times(p, pBar, false, true);
  const first = times(times(p, pBar, true), p, false, true);
  const second = times(minus(transposed(pBar), times(a, inner)), times(p, p, false, true));
  const third = times(p, minus(inner, times(inner, times(p, a))), true);
  return minus(accumulate(second, third), first);
}

/** pDot of matrices with at least as many rows as columns. */
function pushTall(a: Handle, p: Handle, aDot: Handle): Handle {
  const first = times(times(p, aDot), p);
  const second = times(times(p, p, false, true), minus(transposed(aDot), times(times(aDot, a, true), p)));
  const inner = times(aDot, p, true, true);
  const third = times(minus(inner, times(p, times(a, inner))), p);
  return minus(accumulate(second, third), first);
}

/** A rule of tall matrices, for any: the pseudoinverse of aᵀ is pᵀ. */
function ofAny(rule: (a: Handle, p: Handle, x: Handle) => Handle): (a: Handle, p: Handle, x: Handle) => Handle {
  return (a, p, x) => {
    const [rows, columns] = a.shape.slice(-2);
    return rows >= columns ? rule(a, p, x) : transposed(rule(transposed(a), transposed(p), transposed(x)));
  };
}

/*
 * pDot = -p aDot p + p pᵀ aDotᵀ (1 - a p) + (1 - p a) aDotᵀ pᵀ p, as long as the rank stays (Golub and Pereyra).
 */
const PINV: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle]>({
  name: "pinv",
  shape: ([a]) => [...lead(a), a[a.length - 1], a[a.length - 2]],
  evaluate: (out, [a]) => invert(out, a, epsilonOf(a.dtype)),
  vjp: [({ yBar: pBar, inputs: [a], output: p }) => ofAny(pullTall)(a, p, pBar)],
  jvp: [({ xDot: aDot, inputs: [a], output: p }) => ofAny(pushTall)(a, p, aDot)],
  batch: ([a]) => apply(PINV, [a], undefined),
});

/**
 * Pseudoinverse (Moore and Penrose): p with a p a = a, p a p = p, and a p and p a symmetric.
 *
 * Shape: `F[...A, m, n] -> F[...A, n, m]`; integers give float64.
 *
 * Singular values of at most max(m, n) epsilon times the largest count as 0, epsilon that of the dtype.
 * `pDot = -p aDot p + p pᵀ aDotᵀ (1 - a p) + (1 - p a) aDotᵀ pᵀ p`.
 *
 * Where the rank is the largest possible it stays, and this is the derivative. Of a matrix of smaller rank p is not
 * continuous; the formula then gives the derivative along the matrices of the same rank.
 *
 * NaN or Infinity in a matrix gives NaN for all of it.
 * @param a - matrices
 * @returns the pseudoinverses
 * @throws GradtapeError `shape/rank`, `argument/tensor`, `linalg/not-converged` (not seen so far)
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * linalg.pinv(tensor([[2, 0], [0, 0], [0, 0]])); // => [[0.5, 0, 0], [0, 0, 0]]
 * ```
 * @see G. H. Golub, V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose
 * variables separate", SIAM J. Numer. Anal. 10 (1973)
 */
export function pinv(a: Tensor): Tensor {
  refuseExtra("linalg.pinv", "a", 1, arguments);
  return apply(PINV, [toMatrices("linalg.pinv", "a", a)], undefined);
}

/**
 * Least squares: the x with the smallest |a x - b|, of several the shortest. Any shape, any rank.
 *
 * Shape: `F[...A, m, n], F[...B, m, k] -> F[...broadcast, n, k]`; a b with one axis is a vector, `[m]`, and so is each
 * solution. Integers give float64.
 *
 * `x = pinv(a) b`, by the singular value decomposition, with the derivatives of {@link pinv}: what counts as rank, and what
 * holds where it is not the largest possible, stands there. NaN or Infinity in a matrix gives NaN.
 * @param a - matrices
 * @param b - right-hand sides
 * @returns x
 * @throws GradtapeError `shape/inner-dimension`, `shape/rank`, `shape/broadcast`, `argument/tensor`, `linalg/not-converged`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * const a = tensor([[1, 0], [1, 1], [1, 2]]);
 * linalg.lstsq(a, tensor([1, 3, 5])); // => [1, 2]
 * linalg.lstsq(tensor([[1, 1]]), tensor([4])); // => [2, 2]
 * ```
 * @see Å. Björck, "Numerical Methods for Least Squares Problems" (1996), 1.2 and 2.6
 */
export function lstsq(a: Tensor, b: Tensor): Tensor {
  refuseExtra("linalg.lstsq", "a, b", 2, arguments);
  const where = "linalg.lstsq";
  const left = toMatrices(where, "a", a);
  if (!(b instanceof Handle)) return notATensor(where, b, "b", true);
  if (b.shape.length === 0) {
    fail(
      "shape/rank",
      `${where}: b must be a vector, or a matrix, or matrices on leading axes, got a single number.`,
      { name: "b", shape: b.shape },
      "Make a vector of a number with reshape(b, [1]).",
    );
  }
  const vector = b.shape.length === 1;
  const [rows, size] = [left.shape[left.shape.length - 2], b.shape[vector ? 0 : b.shape.length - 2]];
  if (rows !== size) {
    fail(
      "shape/inner-dimension",
      `${where}: b has ${size} ${vector ? "elements" : "rows"}, but a, of shape ${list(left.shape)}, has ${rows} rows.`,
      { a: left.shape, b: b.shape, inner: [rows, size] },
      vector || left.shape.length === 2
        ? "Give b one row, or one element of a vector, for each row of a."
        : "Only a b with one axis is a vector; make each of several a column: expandDims(b, { axis: -1 }).",
    );
  }
  const dtype = toFloat(promote(a.dtype, b.dtype));
  const right = castTo(vector ? reshapeTo(b, [size, 1]) : b, dtype);
  broadcastShapes(where, lead(left.shape), lead(right.shape));
  const x = times(apply(PINV, [castTo(left, dtype)], undefined), right);
  return vector ? reshapeTo(x, x.shape.slice(0, -1)) : x;
}
