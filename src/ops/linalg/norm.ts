import { describe, fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkFlag, checkOptions } from "../../base/options";
import { reducedShape } from "../../base/shape";
import { reshapeTo, sumAxes } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { requireNonEmpty } from "../define/define-reduction";
import { abs } from "../elementwise/arithmetic";
import { max } from "../reduce/reduction";
import { norm as vectorNorm } from "../reduce/statistics";
import { toMatrices } from "./matrix-arguments";
import { decomposed } from "./svd";

/** Options of {@link norm}. @internal */
export interface MatrixNormOptions {
  /** Which norm; default "fro". */
  readonly ord?: "fro" | "nuc" | 1 | 2 | typeof Infinity | undefined;
  /** Keep the two axes as size 1. */
  readonly keepDims?: boolean | undefined;
}

const WHERE = "linalg.norm";

/** The norms of matrices on leading axes; the largest of a list of sums or singular values, where there is one. */
function normOf(a: Handle, ord: unknown): Handle {
  const last = a.shape.length - 1;
  const largest = (x: Handle): Handle => {
    requireNonEmpty(WHERE, x.shape, [last - 1]);
    return asHandle(max(x, { axis: -1 }));
  };
  if (ord === "fro") return asHandle(vectorNorm(a, { axis: [-2, -1] }));
  if (ord === "nuc") return sumAxes(decomposed(a)[1], [last - 1]);
  if (ord === 2) return largest(decomposed(a)[1]);
  if (ord === 1 || ord === Infinity) return largest(sumAxes(asHandle(abs(a)), [ord === 1 ? last - 1 : last]));
  return fail(
    "option/choice",
    `${WHERE}: ord must be one of "fro", "nuc", 1, 2, Infinity, got ${describe(ord)}.`,
    { option: "ord", received: ord, choices: ["fro", "nuc", 1, 2, Infinity] },
    "For norms of vectors use norm, without linalg.",
  );
}

/**
 * Norms of matrices; for norms of vectors see `norm`, which is not in `linalg`.
 *
 * Shape: `F[...A, m, n] -> F[...A]`, with `keepDims` `F[...A, 1, 1]`; integers give float64. Unit: that of a.
 *
 * - "fro": the square root of the sum of squares; gradient a / y, and 0 where y is 0.
 * - "nuc": the sum of the singular values; gradient u vt over those that are not 0, as of svd.
 * - 2: the largest singular value; gradient u_1 v_1ᵀ, equal ones share evenly.
 * - 1: the largest sum of absolute values of a column; Infinity: of a row; gradient their signs; ties share evenly.
 *
 * "fro" and "nuc" of an empty matrix are 0. NaN in a matrix gives NaN; Infinity gives NaN for 2 and "nuc".
 * @param a - matrices
 * @param options - ord: which norm, default "fro"; keepDims: keep the two axes as size 1, default false
 * @returns the norms
 * @throws GradtapeError `option/choice` for another ord, `shape/rank`, `shape/empty-axis`, `argument/tensor`,
 * `option/unknown`, `linalg/not-converged`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * const a = tensor([[3, 0], [0, -4]]);
 * linalg.norm(a); // => 5
 * linalg.norm(a, { ord: "nuc" }); // => 7
 * linalg.norm(a, { ord: 2 }); // => 4
 * ```
 */
export function norm(a: Tensor, options?: MatrixNormOptions): Tensor {
  refuseExtra("linalg.norm", "a, options", 2, arguments);
  checkOptions(WHERE, options, ["ord", "keepDims"]);
  const x = toMatrices(WHERE, "a", a);
  const keep = checkFlag(WHERE, "keepDims", options?.keepDims);
  const y = normOf(x, options?.ord ?? "fro");
  const axes = [x.shape.length - 2, x.shape.length - 1];
  return keep ? reshapeTo(y, reducedShape(x.shape, axes, true)) : y;
}
