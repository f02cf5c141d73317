import { toFloat } from "../../base/dtype";
import { checkNumber } from "../../base/options";
import type { Axis } from "../../base/shape";
import { castTo, divideBy, sumAxes } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Reduced } from "../../core/tensor/shape-types";
import type { Of, ReduceOptions, ShapeOf, Tensor, Value } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { countOf, type Reduce, reduceWith, withReducedAxes } from "../define/define-reduction";
import { abs, minus, select, square } from "../elementwise/arithmetic";
import { equal } from "../elementwise/comparison";
import { pow, sqrt } from "../elementwise/exponential";
import { max } from "./reduction";

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

/** x minus its mean over axes. */
export function centered(x: Handle, axes: readonly number[]): Handle {
  const means = withReducedAxes(divideBy(sumAxes(x, axes), countOf(x.shape, axes)), x.shape, axes);
  return minus(x, means);
}

/**
 * The variance, the mean squared distance from the mean, over axes, all of them by default. See also {@link std}.
 *
 * Shape: `F[...S] -> F[...S without the axes]`; integers give float64. Unit: that of x, squared.
 *
 * `y = sum (x - m)^2 / (n - correction)`, `dy/dx = 2 (x - m) / (n - correction)`, with m the mean.
 *
 * NaN where n is 0 or n = correction = 1; infinities give NaN; NaN propagates.
 * @param x - a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false; correction: 0
 * (default, as in NumPy and JAX) or 1 (the default of PyTorch)
 * @returns the variances
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/number`, `argument/tensor`
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
  const correction = checkNumber("variance", "correction", options?.correction ?? 0, -Infinity, Infinity);
  const reduce: Reduce = (input, axes) => {
    const squares = square(centered(asFloat(input), axes));
    return divideBy(sumAxes(asHandle(squares), axes), countOf(input.shape, axes) - correction);
  };
  return reduceWith("variance", x, options, reduce, ["axis", "keepDims", "correction"]);
}

/**
 * The standard deviation over axes, all of them by default: the square root of the {@link variance}.
 *
 * Shape: `F[...S] -> F[...S without the axes]`; integers give float64. Unit: that of x.
 *
 * `dy/dx = (x - m) / ((n - correction) y)`, with m the mean; 0 where all elements are equal.
 *
 * Infinities give NaN; NaN propagates.
 * @param x - a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false; correction: 0
 * (default, as in NumPy and JAX) or 1 (the default of PyTorch)
 * @returns the standard deviations
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/number`, `argument/tensor`
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
  const correction = checkNumber("std", "correction", options?.correction ?? 0, -Infinity, Infinity);
  const reduce: Reduce = (input, axes) => {
    const squares = square(centered(asFloat(input), axes));
    return rootOf(divideBy(sumAxes(asHandle(squares), axes), countOf(input.shape, axes) - correction), 0.5);
  };
  return reduceWith("std", x, options, reduce, ["axis", "keepDims", "correction"]);
}

/** x to a power below 1 whose derivative at 0 counts as 0: the norm's policy. */
function rootOf(x: Handle, power: number): Handle {
  const zero = equal(x, 0);
  const safe = select(zero, 1, x);
  return asHandle(select(zero, 0, power === 0.5 ? sqrt(safe) : pow(safe, power)), x.dtype);
}

/**
 * The length of vectors: the p-norm over axes, of all elements by default. For norms of matrices see `linalg.norm`.
 *
 * Shape: `F[...S] -> F[...S without the axes]`; integers give float64. Unit: that of x.
 *
 * `y = (sum |x|^p)^(1/p)`, the largest |x| for p = Infinity; `dy/dx = sign(x) (|x| / y)^(p - 1)`, so x / y for p = 2.
 *
 * The gradient is 0 where y is 0; for p = Infinity ties share it evenly. NaN propagates.
 * @param x - a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false; ord: p, at least 1
 * or Infinity, default 2
 * @returns the norms
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/number`, `argument/tensor`
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
  const ord = checkNumber("norm", "ord", options?.ord ?? 2, 1, Infinity);
  const reduce: Reduce = (input, axes) => {
    const y = asFloat(input);
    if (ord === 2) return rootOf(sumAxes(asHandle(square(y)), axes), 0.5);
    const sizes = asHandle(abs(y));
    if (ord === 1) return sumAxes(sizes, axes);
    if (ord === Infinity) return asHandle(max(sizes, { axis: axes }));
    return rootOf(sumAxes(asHandle(pow(sizes, ord)), axes), 1 / ord);
  };
  return reduceWith("norm", x, options, reduce, ["axis", "keepDims", "ord"]);
}
