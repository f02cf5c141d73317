import { refuseExtra } from "../../base/extra-arguments";
import type { Tensor } from "../../core/tensor/tensor";
import { factorsOf, inverted, solved } from "./factors";
import { toSquareMatrices } from "./matrix-arguments";
import { toSystem } from "./system-arguments";

/**
 * Solves a x = b.
 *
 * Shape: `F[...A, n, n], F[...B, n, m] -> F[...broadcast, n, m]`; a b with one axis is a vector, `[n]`, and so is each
 * solution. Integers give float64.
 *
 * `bBar = a⁻ᵀ xBar`, `aBar = -bBar xᵀ`, from the factors that gave the value. float32 is computed in float64 and
 * rounded once.
 *
 * A matrix is singular if a pivot is zero, or zero to rounding: below 16 n epsilon (256 at most) where rows and columns
 * are scaled to a largest element of 1. Nearly singular ones are solved, with the error that their condition gives. A
 * NaN in a matrix makes all of its solution NaN.
 * @param a - square matrices
 * @param b - right-hand sides
 * @returns x
 * @throws GradtapeError `linalg/singular` with the pivot, `linalg/square`, `shape/inner-dimension`, `shape/rank`,
 * `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * linalg.solve(tensor([[2, 1], [1, 3]]), tensor([3, 4])); // => [1, 1]
 * linalg.solve(tensor([[1, 2], [2, 4]]), tensor([3, 4])); // => throws [linalg/singular]
 * ```
 * @see elimination with partial pivoting: N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition,
 * theorem 9.4: the solution is exact for a matrix off by some n units of rounding of |L| |U|
 */
export function solve<B extends Tensor>(a: Tensor, b: B): B;
export function solve(first: Tensor, second: Tensor): Tensor {
  refuseExtra("linalg.solve", "a, b", 2, arguments);
  const where = "linalg.solve";
  const { a, b, back } = toSystem(where, first, second);
  return back(solved(a, factorsOf(a), b, { where, transpose: false, singular: "error" }));
}

/**
 * The inverse of a matrix. Where it is to be multiplied with something, {@link solve} is faster and more accurate.
 *
 * Shape: `F[...A, n, n] -> F[...A, n, n]`; integers give float64.
 *
 * `aBar = -xᵀ xBar xᵀ`.
 *
 * What is singular, and what NaN does, is as for {@link solve}.
 * @param a - square matrices
 * @returns the inverses
 * @throws GradtapeError `linalg/singular` with the pivot, `linalg/square`, `shape/rank`, `argument/tensor`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * linalg.inv(tensor([[2, 0], [0, 4]])); // => [[0.5, 0], [0, 0.25]]
 * ```
 */
export function inv<X extends Tensor>(a: X): X;
export function inv(x: Tensor): Tensor {
  refuseExtra("linalg.inv", "a", 1, arguments);
  const where = "linalg.inv";
  const a = toSquareMatrices(where, "a", x);
  return inverted(a, factorsOf(a), { where, transpose: false, singular: "error" });
}
