import type { TensorData } from "../../base/dtype";
import { refuseExtra } from "../../base/extra-arguments";
import type { Shape } from "../../base/shape";
import { applyParts } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { accumulate, broadcastBatch, castTo, plus } from "../../core/op/sweep-ops";
import { type Handle, makeFilled } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { qrFactorize } from "../../numeric/matrix/qr";
import { eye } from "../create/ranges";
import { minus } from "../elementwise/arithmetic";
import { equal, logicalAnd } from "../elementwise/comparison";
import { select } from "../elementwise/select";
import { tril, triu } from "../indexing/diagonal";
import { type Along, gatherAlong, scatterAddAlong } from "../indexing/gather-scatter-op";
import { type StridedWindow, stridedPad, stridedSlice, windowAlong } from "../movement/strided-window";
import { factorsOf } from "./factors";
import { scaled } from "./matrix-algebra";
import { times, toMatrices, toSquareMatrices, transposed } from "./matrix-arguments";
import { triangularSolved } from "./triangular-solve";

function factorizeAll([q, r]: readonly TensorData[], { data, shape }: Handle): void {
  const [rows, columns] = shape.slice(-2);
  const k = Math.min(rows, columns);
  for (let i = 0; i * rows * columns < data.length; i++) {
    const [start, end] = [i * k, (i + 1) * k];
    qrFactorize(data, i * rows * columns, rows, columns, [
      q.subarray(rows * start, rows * end),
      r.subarray(columns * start, columns * end),
    ]);
  }
}

const shapesOf = (a: Shape): readonly Shape[] => {
  const [lead, [rows, columns]] = [a.slice(0, -2), a.slice(-2)];
  const k = Math.min(rows, columns);
  return [
    [...lead, rows, k],
    [...lead, k, columns],
  ];
};

/** The leading columns of matrices, as many as r has rows. */
const leading = (shape: Shape, r: Handle): StridedWindow =>
  windowAlong(shape, shape.length - 1, 0, r.shape[r.shape.length - 2]);

/** The square part of r, with NaN for a zero on its diagonal: there no derivative exists. */
const squarePart = (r: Handle): Handle => withoutZeroPivots(stridedSlice(r, leading(r.shape, r)));
function withoutZeroPivots(square: Handle): Handle {
  const onDiagonal = eye(square.shape[square.shape.length - 1], { dtype: "bool" });
  return asHandle(select(logicalAnd(onDiagonal, equal(square, 0)), Number.NaN, square));
}

/** x r⁻¹, or x r⁻ᵀ. */
const overR = (x: Handle, r: Handle, transpose: boolean): Handle =>
  transposed(triangularSolved(r, transposed(x), { upper: true, transpose: !transpose, unitDiagonal: false }));

/** The strictly lower triangle. */
const below = (x: Handle): Handle => asHandle(tril(x, { k: -1 }));

/*
 * Of the leading columns, a₁ = q r₁ with r₁ square: with C = a₁Dot r₁⁻¹, X = qᵀ C and W the skew matrix that has the
 * strictly lower triangle of X,
 *
 *   qDot = C - q X + q W,  rDot = qᵀ aDot - W r.
 */
const QR: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle]>({
  name: "qr",
  parts: 2,
  shape: ([a]) => shapesOf(a),
  dtype: ([dtype]) => [dtype, dtype],
  evaluate: (outputs, [a]) => factorizeAll(outputs, a),
  pullback: ({ yBars: [qBar, lowerAndUpper], inputs: [a], outputs: [q, r] }) => {
    const rBar = lowerAndUpper && asHandle(triu(lowerAndUpper));
    const along = qBar && times(q, qBar, true);
    const turn = plus(along, rBar && scaled(times(rBar, r, false, true), -1));
    if (turn === null) return [null];
    const skew = times(q, below(minus(turn, transposed(turn))));
    const cBar = qBar && along ? accumulate(minus(qBar, times(q, along)), skew) : skew;
    const leadingBar = overR(cBar, squarePart(r), true);
    const aBar = stridedPad(leadingBar, { window: leading(a.shape, r), shape: a.shape, value: 0 });
    return [plus(aBar, rBar && times(q, rBar))];
  },
  pushforward: ({ xDots: [aDot], outputs: [q, r] }) => {
    if (aDot === null) return [null, null];
    const c = overR(stridedSlice(aDot, leading(aDot.shape, r)), squarePart(r), false);
    const x = times(q, c, true);
    const skew = minus(below(x), transposed(below(x)));
    const qDot = accumulate(c, times(q, minus(skew, x)));
    return [qDot, triu(minus(times(q, aDot, true), times(skew, r)))];
  },
  reads: { inputs: false },
  batch: ([a]) => applyParts(QR, [a], undefined),
});

/**
 * QR factorization, reduced: `a = q r`, the columns of q orthonormal, r upper triangular with a diagonal >= 0.
 *
 * Shape: `F[...A, m, n] -> { q: F[...A, m, k], r: F[...A, k, n] }`, k = min(m, n); integers give float64.
 *
 * Where the leading k columns of a are independent, q and r are unique, and smooth: `qDot = C - q X + q W`,
 * `rDot = qᵀ aDot - W r` with C = a₁Dot r₁⁻¹ (of the leading columns), X = qᵀ C, and W the skew matrix with the
 * strictly lower triangle of X.
 *
 * Where they are not, r has a zero on its diagonal and there is no derivative: NaN (huge numbers where rounding hides
 * the zero). NaN or Infinity in a matrix gives NaN for all of it.
 * @param a - matrices
 * @returns both factors
 * @throws GradtapeError `shape/rank`, `argument/tensor`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * const { q, r } = linalg.qr(tensor([[3, 1], [4, 7]]));
 * r; // => [[5, 6.2], [0, 3.4]]
 * q; // => [[0.6, -0.8], [0.8, 0.6]]
 * ```
 * @see Householder reflections (Golub, Van Loan, "Matrix Computations", 5.2): exact for a matrix off by some units of
 * rounding times its norm. Derivatives: S. F. Walter, L. Lehmann, "Algorithmic differentiation of linear algebra functions"
 * (2013); H.-J. Liao et al., Phys. Rev. X 9 (2019), 031041, for wide matrices.
 */
export function qr(a: Tensor): {
  /** Orthonormal columns. */
  readonly q: Tensor;
  /** Upper triangular, its diagonal >= 0. */
  readonly r: Tensor;
} {
  refuseExtra("linalg.qr", "a", 1, arguments);
  const [q, r] = applyParts(QR, [toMatrices("linalg.qr", "a", a)], undefined);
  return { q, r };
}

/** Along the rows of matrices, each of which has an order of its own. */
const rowsOf = (order: Handle): Along => ({ where: LU_WHERE, axis: order.rank - 1, lead: order.rank - 1, trail: 0 });
const LU_WHERE = "linalg.lu";

/** The order of the rows, from the last row of the factors. */
function orderOf(factors: Handle): Handle {
  const [n, rank] = [factors.shape[factors.rank - 1], factors.rank];
  return castTo(stridedSlice(factors, windowAlong(factors.shape, rank - 2, n, 1, true)), "int32");
}

const LOWER = { upper: false, transpose: false, unitDiagonal: true } as const;
const LOWER_TRANSPOSED = { upper: false, transpose: true, unitDiagonal: true } as const;

/*
 * Inputs a and its factors, p a = l u. With F = l⁻¹ p aDot u⁻¹: lDot = l F below the diagonal, uDot = F on and above it, u.
 */
const LU: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle, Handle]>({
  name: "lu",
  parts: 2,
  shape: ([a]) => [a, a],
  dtype: ([dtype]) => [dtype, dtype],
  evaluate: ([l, u], [a, factors]) => {
    const n = a.shape[a.rank - 1];
    const from = factors.data;
    for (let i = 0, at = 0; i < l.length; i++) {
      const [row, column] = [Math.floor(i / n) % n, i % n];
      const value = from[at++];
      l[i] = row > column ? value : row === column ? 1 : 0;
      u[i] = row > column ? 0 : value;
      // The last row of a matrix is followed by the order.
      if (row === n - 1 && column === n - 1) at += n;
    }
  },
  differentiable: [true, false],
  pullback: ({ yBars: [lBar, uBar], inputs: [a, factors], outputs: [l, u] }) => {
    const fromL = lBar && below(times(l, lBar, true));
    const inner = plus(fromL, uBar && asHandle(triu(times(uBar, u, false, true))));
    if (inner === null) return [null, null];
    const left = triangularSolved(l, inner, LOWER_TRANSPOSED);
    const order = orderOf(factors);
    const rows = overR(left, withoutZeroPivots(u), true);
    return [scatterAddAlong(makeFilled(a.shape, rows.dtype, 0), order, rows, rowsOf(order)), null];
  },
  pushforward: ({ xDots: [aDot], inputs: [, factors], outputs: [l, u] }) => {
    if (aDot === null) return [null, null];
    const order = orderOf(factors);
    const left = triangularSolved(l, gatherAlong(aDot, order, rowsOf(order)), LOWER);
    const f = overR(left, withoutZeroPivots(u), false);
    return [times(l, below(f)), times(asHandle(triu(f)), u)];
  },
  reads: { inputs: [false, true] },
  batch: (inputs, batched, _, size) => applyParts(LU, broadcastBatch(inputs, batched, size), undefined),
});

/**
 * LU factorization with partial pivoting: the rows of a in the order of the permutation are `l u`, l lower triangular with ones on
 * its diagonal and nothing above 1 in size, u upper triangular. For systems there is {@link solve}.
 *
 * Shape: `F[...A, n, n] -> { l: F[...A, n, n], u: F[...A, n, n], permutation: int32[...A, n] }`; integers give float64.
 *
 * `a[permutation[i], j] = (l u)[i, j]`: row i of `take(a, permutation)`. With `F = l⁻¹ p aDot u⁻¹`, `lDot = l F` (of F below its
 * diagonal) and `uDot = F u` (of F on and above it); the permutation has no derivative. Of pivots of equal size the first is taken.
 *
 * A singular matrix has a zero on the diagonal of u, and no derivative there: NaN, of that matrix only. NaN reaches what is
 * computed from it.
 * @param a - square matrices
 * @returns both factors, and the order of the rows
 * @throws GradtapeError `linalg/square`, `shape/rank`, `argument/tensor`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * const { l, u, permutation } = linalg.lu(tensor([[1, 3], [2, 4]]));
 * l; // => [[1, 0], [0.5, 1]]
 * u; // => [[2, 4], [0, 1]]
 * permutation; // => [1, 0]
 * ```
 * @see N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, theorem 9.3. Derivatives: S. F. Walter,
 * L. Lehmann, "Algorithmic differentiation of linear algebra functions" (2013)
 */
export function lu(a: Tensor): {
  /** Lower triangular, with ones on its diagonal. */
  readonly l: Tensor;
  /** Upper triangular. */
  readonly u: Tensor;
  /** Where each row of the product stands in a. */
  readonly permutation: Tensor;
} {
  refuseExtra("linalg.lu", "a", 1, arguments);
  const from = toSquareMatrices(LU_WHERE, "a", a);
  const factors = factorsOf(from);
  const [l, u] = applyParts(LU, [from, factors], undefined);
  return { l, u, permutation: orderOf(factors) };
}
