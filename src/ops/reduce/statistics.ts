import { toFloat } from "../../base/dtype";
import { refuseExtra } from "../../base/extra-arguments";
import { checkNumber } from "../../base/options";
import type { Axis } from "../../base/shape";
import { castTo, counted, sumAxes } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Reduced } from "../../core/tensor/shape-types";
import type { Of, ReduceOptions, ShapeOf, Tensor, Value } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { countOf, KNOWN_MASKED, type Reduce, reduceWith } from "../define/define-reduction";
import { abs, sub } from "../elementwise/arithmetic";
import { select } from "../elementwise/select";
import { countsOf, filled, whereCounted } from "./mask";
import { inOrder, neighborOrder } from "./neighbor-axes";
import { centered, meanSquare, rootMeanPower } from "./power-mean";
import { maxOver } from "./reduction";

/** Options of {@link variance} and {@link std}. */
export interface SpreadOptions<A = Axis | undefined, K = boolean> extends ReduceOptions<A, K> {
  /** Subtracted from the divisor n: 0 (population, the default) or 1 (sample, PyTorch's default). */
  readonly correction?: number | undefined;
}

/** Options of {@link norm}. */
export interface NormOptions<A = Axis | undefined, K = boolean> extends ReduceOptions<A, K> {
  /** Order of the norm, >= 1 or Infinity; 2 by default. */
  readonly ord?: number | undefined;
}

/** Integers as float64. */
export const asFloat = (x: Handle): Handle => castTo(x, toFloat(x.dtype));

/** The mean square, or its root, of the distances from the mean. */
const spreadOver =
  (spread: typeof meanSquare, correction: number): Reduce =>
  (input, given, mask) => {
    const [axes, order] = neighborOrder(input.rank, given);
    const x = inOrder(asFloat(input), order);
    const left = mask && inOrder(mask, order);
    const distances = centered(x, left, axes);
    if (mask === null) {
      const n = countOf(input.shape, given);
      return spread(distances, axes, n === 0 ? Number.NaN : n - correction);
    }
    const counts = countsOf(mask, given);
    const divisors = select(counts, sub(counts, correction), 1);
    return whereCounted(counts, spread(distances, axes, asHandle(divisors)), Number.NaN);
  };

/**
 * The variance, the mean squared distance from the mean, over axes, all of them by default. See also {@link std}.
 *
 * Shape: `F[...S] -> F[...S without the axes]`; integers give float64. Unit: that of x, squared.
 *
 * `y = sum (x - m)^2 / (n - correction)`, `dy/dx = 2 (x - m) / (n - correction)`, with m the mean.
 *
 * NaN where n is 0 or n = correction = 1; infinities give NaN; NaN propagates. Infinity or 0 only where the variance
 * itself leaves the range of the dtype.
 * @param x - a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false; correction: 0
 * (default, as in NumPy and JAX) or 1 (the default of PyTorch); where: a mask, see {@link MaskedReduction}
 * @returns the variances
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/number`, `argument/tensor`; for a mask
 * `dtype/unsupported`, `shape/broadcast`
 * @example
 * ```ts
 * import { tensor, variance } from "gradtape";
 * variance(tensor([1, 2, 3])); // => 0.666667
 * variance(tensor([1, 2, 3]), { correction: 1 }); // => 1
 * ```
 */
export function variance<
  X extends Tensor,
  const A extends Axis | undefined = undefined,
  const K extends boolean = false,
>(x: X, options?: SpreadOptions<A, K>): Of<Reduced<ShapeOf<X>, A, K>>;
export function variance(x: Tensor, options?: SpreadOptions): Value {
  refuseExtra("variance", "x, options", 2, arguments);
  const correction = checkNumber("variance", "correction", options?.correction ?? 0, -Infinity, Infinity);
  return reduceWith("variance", counted(x), options, spreadOver(meanSquare, correction), [
    ...KNOWN_MASKED,
    "correction",
  ]);
}

/**
 * The standard deviation over axes, all of them by default: the square root of the {@link variance}.
 *
 * Shape: `F[...S] -> F[...S without the axes]`; integers give float64. Unit: that of x.
 *
 * `dy/dx = (x - m) / ((n - correction) y)`, with m the mean; 0 where all elements are equal.
 *
 * Squares never overflow or vanish on the way. NaN where n is 0; infinities give NaN; NaN propagates.
 * @param x - a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false; correction: 0
 * (default, as in NumPy and JAX) or 1 (the default of PyTorch); where: a mask, see {@link MaskedReduction}
 * @returns the standard deviations
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/number`, `argument/tensor`; for a mask
 * `dtype/unsupported`, `shape/broadcast`
 * @example
 * ```ts
 * import { std, tensor } from "gradtape";
 * std(tensor([[1, 3], [2, 6]]), { axis: 1 }); // => [1, 2]
 * ```
 */
export function std<X extends Tensor, const A extends Axis | undefined = undefined, const K extends boolean = false>(
  x: X,
  options?: SpreadOptions<A, K>,
): Of<Reduced<ShapeOf<X>, A, K>>;
export function std(x: Tensor, options?: SpreadOptions): Value {
  refuseExtra("std", "x, options", 2, arguments);
  const correction = checkNumber("std", "correction", options?.correction ?? 0, -Infinity, Infinity);
  const root: typeof meanSquare = (distances, axes, divisor) => rootMeanPower(distances, axes, 2, divisor);
  return reduceWith("std", counted(x), options, spreadOver(root, correction), [...KNOWN_MASKED, "correction"]);
}

/**
 * The length of vectors: the p-norm over axes, of all elements by default. For norms of matrices see `linalg.norm`.
 *
 * Shape: `F[...S] -> F[...S without the axes]`; integers give float64. Unit: that of x.
 *
 * `y = (sum |x|^p)^(1/p)`, the largest |x| for p = Infinity; `dy/dx = sign(x) (|x| / y)^(p - 1)`, so x / y for p = 2.
 *
 * Powers never overflow or vanish on the way. The gradient is 0 where y is 0; for p = Infinity ties share it evenly.
 * NaN propagates.
 * @param x - a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false; ord: p, at least 1
 * or Infinity, default 2; where: a mask, see {@link MaskedReduction}
 * @returns the norms
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/number`, `argument/tensor`; for a mask
 * `dtype/unsupported`, `shape/broadcast`
 * @example
 * ```ts
 * import { norm, tensor } from "gradtape";
 * norm(tensor([[3, 4], [6, 8]]), { axis: 1 }); // => [5, 10]
 * norm(tensor([3, -4]), { ord: 1 }); // => 7
 * ```
 */
export function norm<X extends Tensor, const A extends Axis | undefined = undefined, const K extends boolean = false>(
  x: X,
  options?: NormOptions<A, K>,
): Of<Reduced<ShapeOf<X>, A, K>>;
export function norm(x: Tensor, options?: NormOptions): Value {
  refuseExtra("norm", "x, options", 2, arguments);
  const ord = checkNumber("norm", "ord", options?.ord ?? 2, 1, Infinity);
  const reduce: Reduce = (input, given, mask) => {
    const x = filled(asFloat(input), mask, 0);
    if (ord === 1) return sumAxes(asHandle(abs(x)), given);
    if (ord === Infinity) {
      return countOf(x.shape, given) === 0 ? sumAxes(x, given) : maxOver(asHandle(abs(x)), given, null);
    }
    const [axes, order] = neighborOrder(x.rank, given);
    return rootMeanPower(inOrder(x, order), axes, ord, 1);
  };
  return reduceWith("norm", counted(x), options, reduce, [...KNOWN_MASKED, "ord"]);
}
