import type { TensorData } from "../../base/dtype";
import { fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { accumulate, divideBy } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { choleskyUpper } from "../../numeric/matrix/cholesky";
import { tril } from "../indexing/diagonal";
import { inMatrix } from "./in-matrix";
import { symmetricPart } from "./matrix-algebra";
import { times, toSquareMatrices, transposed } from "./matrix-arguments";
import { toSystem } from "./system-arguments";
import { triangularSolved } from "./triangular-solve";

function factorAll(out: TensorData, { data, shape }: Handle): void {
  const n = shape[shape.length - 1];
  const u = new Float64Array(n * n);
  for (let at = 0; at < data.length; at += n * n) {
    for (let i = 0; i < n; i++) {
      for (let j = i; j < n; j++) u[i * n + j] = 0.5 * data[at + i * n + j] + 0.5 * data[at + j * n + i];
    }
    const pivot = choleskyUpper(u, n);
    if (pivot >= 0) indefinite(shape, at / (n * n), pivot, u[pivot * (n + 1)]);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) out[at + i * n + j] = u[j * n + i];
  }
}

function indefinite(shape: readonly number[], matrix: number, pivot: number, value: number): never {
  return fail(
    "linalg/indefinite",
    `linalg.cholesky: a is not positive definite: pivot ${pivot}${inMatrix(shape, matrix)} is ${Number(value.toPrecision(6))}.`,
    { pivot, matrix, value },
    "If that is rounding, add a small multiple of eye(n); if not, use linalg.eigh.",
  );
}

/** The lower triangle, its diagonal halved. */
const halved = (x: Handle): Handle => divideBy(accumulate(tril(x), tril(x, { k: -1 })), 2);

const LOWER = { upper: false, transpose: false, unitDiagonal: false } as const;
const LOWER_TRANSPOSED = { upper: false, transpose: true, unitDiagonal: false } as const;

const CHOLESKY: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle]>({
  name: "cholesky",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [a]) => factorAll(out, a),
  // aBar = l⁻ᵀ P l⁻¹, symmetrized, with P the halved triangle of lᵀ lBar
  vjp: [
    ({ yBar: lBar, output: l }) => {
      const left = triangularSolved(l, halved(times(l, lBar, true)), LOWER_TRANSPOSED);
      return symmetricPart(triangularSolved(l, transposed(left), LOWER_TRANSPOSED));
    },
  ],
  // lDot = l times the halved triangle of l⁻¹ aDot l⁻ᵀ
  jvp: [
    ({ xDot: aDot, output: l }) => {
      const left = triangularSolved(l, symmetricPart(aDot), LOWER);
      return times(l, halved(triangularSolved(l, transposed(left), LOWER)));
    },
  ],
  reads: { inputs: false },
  batch: ([a]) => factored(a),
});
const factored = (a: Handle): Handle => apply(CHOLESKY, [a], undefined);

/**
 * The Cholesky factor of a symmetric positive definite matrix: the lower triangular l with a positive diagonal and
 * `a = l lᵀ`.
 *
 * Shape: `F[...A, n, n] -> F[...A, n, n]`; integers give float64.
 *
 * See also {@link choleskySolve}. a is read as `(a + aᵀ) / 2`, and so is its gradient: `aBar = (S + Sᵀ) / 2`, `S = l⁻ᵀ P l⁻¹`, P the lower triangle of
 * `lᵀ lBar` with its diagonal halved.
 *
 * A pivot that is not above 0 is an error; a NaN reaches the pivots after it, and what they give.
 * @param a - symmetric positive definite matrices
 * @returns their factors
 * @throws GradtapeError `linalg/indefinite` with the pivot, `linalg/square`, `shape/rank`, `argument/tensor`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * linalg.cholesky(tensor([[4, 2], [2, 10]])); // => [[2, 0], [1, 3]]
 * linalg.cholesky(tensor([[1, 2], [2, 1]])); // => throws [linalg/indefinite]
 * ```
 * @see N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, theorem 10.3: the factor is exact for a
 * matrix off by n + 1 units of rounding of |l| |lᵀ|. Derivative: I. Murray, "Differentiation of the Cholesky decomposition"
 * (2016), section 4
 */
export function cholesky<X extends Tensor>(a: X): X;
export function cholesky(a: Tensor): Tensor {
  refuseExtra("linalg.cholesky", "a", 1, arguments);
  return factored(toSquareMatrices("linalg.cholesky", "a", a));
}

/**
 * Solves a x = b from the Cholesky factor of a, `a = l lᵀ`: two substitutions, for as many b as there are.
 *
 * Shape: `F[...L, n, n], F[...B, n, m] -> F[...broadcast, n, m]`; a b with one axis is a vector, `[n]`, and so is each
 * solution. Integers give float64.
 *
 * `x = l⁻ᵀ l⁻¹ b`; the lower triangle of l alone is read, and has a gradient: that of l, not of a.
 *
 * NaN in l or b reaches what depends on it. l is singular if its diagonal has a zero.
 * @param l - lower triangular factors, as {@link cholesky} gives them
 * @param b - right-hand sides
 * @returns x
 * @throws GradtapeError `linalg/singular` with the position, `linalg/square`, `shape/inner-dimension`, `shape/rank`,
 * `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * const l = linalg.cholesky(tensor([[4, 2], [2, 10]]));
 * linalg.choleskySolve(l, tensor([10, 14])); // => [2, 1]
 * ```
 */
export function choleskySolve<B extends Tensor>(l: Tensor, b: B): B;
export function choleskySolve(first: Tensor, second: Tensor): Tensor {
  refuseExtra("linalg.choleskySolve", "l, b", 2, arguments);
  const where = "linalg.choleskySolve";
  const { a: l, b, back } = toSystem(where, first, second, true, "l");
  const half = triangularSolved(l, b, { ...LOWER, where, name: "l" });
  return back(triangularSolved(l, half, { ...LOWER_TRANSPOSED, where, name: "l" }));
}
