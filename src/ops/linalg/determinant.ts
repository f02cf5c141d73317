import type { TensorData } from "../../base/dtype";
import { refuseExtra } from "../../base/extra-arguments";
import { apply, applyParts } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { plus, reshapeTo, sumAxes, sumToShape } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { cofactors } from "../../numeric/matrix/cofactors";
import { determinant, logDeterminant } from "../../numeric/matrix/determinant";
import { alignBatches, commonLead, lead, matricesOf } from "../contract/batch-of-matrices";
import { mulZero } from "../define/elementwise-op";
import { factorsOf, inverted } from "./factors";
import { asFloat64 } from "./in-matrix";
import { toSquareMatrices } from "./matrix-arguments";

/** A number for each matrix, as matrices of size 1. */
const asMatrices = (x: Handle): Handle => reshapeTo(x, [...x.shape, 1, 1]);

/** The sum of products of the elements of two matrices; exactly 0 in the tangent absorbs. */
const along = (dot: Handle, x: Handle): Handle => {
  const y = mulZero(dot, x);
  return sumAxes(y, [y.shape.length - 2, y.shape.length - 1]);
};

function allCofactors(out: TensorData, inputs: readonly Handle[]): void {
  const n = out.length === 0 ? 0 : inputs[0].shape[inputs[0].shape.length - 1];
  const result = commonLead(
    "linalg.det",
    inputs.map((x) => x.shape),
  );
  const matrices = inputs.map((x) => matricesOf(x.shape, result));
  const [a, ...directions] = inputs.map((x) => x.data);
  for (let i = 0; i < matrices[0].length; i++) {
    const [at, ...places] = matrices.map((own) => own[i] * n * n);
    cofactors(out, i * n * n, a, at, directions, places, n);
  }
}

/**
 * Inputs a and k directions: the partial derivatives by a of the k-th derivative of det a in those directions; without any
 * the cofactors. As derivatives are symmetric, this is closed: one more derivative is one more direction, and by a
 * direction it is the same with the cotangent in its place.
 */
const COFACTORS: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly Handle[]>({
  name: "cofactors",
  shape: (shapes) => [...commonLead("linalg.det", shapes), ...shapes[0].slice(-2)],
  dtype: ([dtype]) => dtype,
  evaluate: (out, inputs) => allCofactors(out, inputs),
  pullback: ({ yBar, inputs, wanted }) =>
    inputs.map((x, k) => (wanted[k] ? sumToShape(varied(inputs, k, yBar), x.shape) : null)),
  pushforward: ({ xDots, inputs }) => xDots.map((dot, k) => dot && varied(inputs, k, dot)).reduce(plus, null),
  reads: { output: false },
  batch: (inputs, batched) => cofactorsOf(alignBatches(inputs, batched)),
});
const cofactorsOf = (inputs: readonly Handle[]): Handle => apply(COFACTORS, inputs, undefined);

/** How the output varies with input k: one more direction for a, a direction in the place of another. */
const varied = (inputs: readonly Handle[], k: number, direction: Handle): Handle =>
  cofactorsOf(k === 0 ? [...inputs, direction] : inputs.map((x, i) => (i === k ? direction : x)));

/** Inputs a and its factors. */
const DET: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle, Handle]>({
  name: "det",
  shape: ([a]) => lead(a),
  dtype: ([dtype]) => dtype,
  evaluate: (out, [a, factors]) => {
    const n = a.shape[a.shape.length - 1];
    const numbers = asFloat64(factors.data);
    for (let i = 0; i < out.length; i++) out[i] = determinant(numbers, i * (n * n + n), n);
  },
  vjp: [({ yBar, inputs: [a] }) => mulZero(asMatrices(yBar), cofactorsOf([a])), null],
  jvp: [({ xDot, inputs: [a] }) => along(xDot, cofactorsOf([a])), null],
  reads: { inputs: [true, false], output: false },
  batch: (inputs, batched) => apply(DET, alignBatches(inputs, batched), undefined),
});

/** Inputs a and its factors; parts sign and logarithm. */
const SLOGDET: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle, Handle]>({
  name: "slogdet",
  parts: 2,
  shape: ([a]) => [lead(a), lead(a)],
  dtype: ([a]) => [a, a],
  evaluate: ([signs, logarithms], [a, factors]) => {
    const n = a.shape[a.shape.length - 1];
    const numbers = asFloat64(factors.data);
    for (let i = 0; i < signs.length; i++) {
      [signs[i], logarithms[i]] = logDeterminant(numbers, i * (n * n + n), n);
    }
  },
  differentiable: [true, false],
  pullback: ({ yBars: [, bar], inputs }) => [bar && mulZero(asMatrices(bar), inverseTransposed(inputs)), null],
  pushforward: ({ xDots: [aDot], inputs }) => [null, aDot && along(aDot, inverseTransposed(inputs))],
  reads: { output: false },
  batch: (inputs, batched) => applyParts(SLOGDET, alignBatches(inputs, batched), undefined),
});
const inverseTransposed = ([a, factors]: readonly Handle[]): Handle =>
  inverted(a, factors, { where: "linalg.slogdet", transpose: true, singular: "nan" });

/**
 * The determinant.
 *
 * Shape: `F[...A, n, n] -> F[...A]`; integers give float64.
 *
 * `aBar = yBar C`, C the cofactors: finite and exact for singular matrices too (the transposed adjugate), as are
 * derivatives of every order.
 *
 * They do not go through an inverse, but through derivatives at a diagonal matrix: elimination with complete pivoting
 * writes `a + E` as `L (D + M) U` with L and U of determinant ±1 and well-conditioned however singular a is. The
 * derivative of order k costs n³ steps, and n ** k where that is more.
 *
 * The determinant of a matrix of size 0 is 1. NaN propagates. Large matrices overflow: see {@link slogdet}.
 * @param a - square matrices
 * @returns a number for each
 * @throws GradtapeError `linalg/square`, `shape/rank`, `argument/tensor`
 * @example
 * ```ts
 * import { grad, linalg, type Tensor, tensor } from "gradtape";
 * const det = (a: Tensor) => linalg.det(a);
 * det(tensor([[2, 1], [1, 3]])); // => 5
 * grad(det)(tensor([[1, 2], [2, 4]])); // => [[4, -2], [-2, 1]]
 * ```
 * @see elimination with partial pivoting: N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition,
 * section 14.6: the value is that of a matrix off by n units of rounding of |L| |U|
 */
export function det(a: Tensor): Tensor {
  refuseExtra("linalg.det", "a", 1, arguments);
  const x = toSquareMatrices("linalg.det", "a", a);
  return apply(DET, [x, factorsOf(x)], undefined);
}

/**
 * Sign and logarithm of the absolute value of the determinant, which neither overflow nor underflow.
 *
 * Shape: `F[...A, n, n] -> { sign: F[...A], logAbsDet: F[...A] }`; integers give float64.
 *
 * The sign is -1, 0 or 1, and its gradient 0. `aBar = yBar a⁻ᵀ` for the logarithm.
 *
 * Where a pivot is exactly 0 the sign is 0 and the logarithm -Infinity, and derivatives are NaN, but 0 where the
 * cotangent is 0: a matrix that `where` passes over does no harm. Those of {@link det} are finite. NaN propagates.
 * @param a - square matrices
 * @returns sign and logAbsDet, of which `det = sign exp(logAbsDet)`
 * @throws GradtapeError `linalg/square`, `shape/rank`, `argument/tensor`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * const { sign, logAbsDet } = linalg.slogdet(tensor([[0, 1], [1, 0]]));
 * sign; // => -1
 * logAbsDet; // => 0
 * ```
 */
export function slogdet(a: Tensor): {
  /** -1, 0 or 1 for each matrix. */
  readonly sign: Tensor;
  /** log |det|, -Infinity where the determinant is 0. */
  readonly logAbsDet: Tensor;
} {
  refuseExtra("linalg.slogdet", "a", 1, arguments);
  const x = toSquareMatrices("linalg.slogdet", "a", a);
  const [sign, logAbsDet] = applyParts(SLOGDET, [x, factorsOf(x)], undefined);
  return { sign, logAbsDet };
}
