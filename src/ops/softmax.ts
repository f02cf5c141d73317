import { checkNumber, checkOptions } from "../base/options";
import { type Axis, checkAxes } from "../base/shape";
import { Handle, notATensor } from "../core/handle";
import { asHandle, divideBy, sumAxes } from "../core/linear";
import type { AxisOption, Tensor } from "../core/tensor";
import { add, div, mul, square, sub } from "./arithmetic";
import { countOf, kept } from "./define-reduction";
import { exp, log, rsqrt } from "./exponential";
import { shiftOf } from "./reduction";
import { centered, floating } from "./statistics";

function alongAxis(where: string, x: Tensor, options: AxisOption | undefined): [Handle, readonly number[]] {
  checkOptions(where, options, ["axis"]);
  if (!(x instanceof Handle)) return notATensor(where, x);
  return [floating(x), checkAxes(where, options?.axis ?? -1, x.shape.length)];
}

/**
 * exp(x) over its sum along an axis: numbers made into probabilities. The largest number is taken out first, so nothing
 * overflows.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy_i/dx_j = y_i ([i = j] - y_j)`. Infinity, or nothing but -Infinity, along the axis gives NaN; NaN flows.
 * @param x - a tensor; log-probabilities up to a constant
 * @param options - axis: default -1, the last
 * @returns numbers in [0, 1] with sum 1 along the axis
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { softmax, tensor } from "gradtape";
 * softmax(tensor([0, Math.log(3)])); // => [0.25, 0.75]
 * ```
 */
export function softmax<X extends Tensor>(x: X, options?: AxisOption): X;
export function softmax(x: Tensor, options?: AxisOption): Tensor {
  const [y, axes] = alongAxis("softmax", x, options);
  const powers = asHandle(exp(sub(y, shiftOf(y, axes))));
  return asHandle(div(powers, kept(sumAxes(powers, axes), y.shape, axes)));
}

/**
 * log(softmax(x)) along an axis, exact where softmax is too small to be written.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `y_i = x_i - log(sum exp(x))`, `dy_i/dx_j = [i = j] - exp(y_j)`. Infinity along the axis gives NaN; NaN flows.
 * @param x - a tensor; log-probabilities up to a constant
 * @param options - axis: default -1, the last
 * @returns numbers <= 0
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { logSoftmax, tensor } from "gradtape";
 * logSoftmax(tensor([1000, 0])); // => [0, -1000]
 * ```
 */
export function logSoftmax<X extends Tensor>(x: X, options?: AxisOption): X;
export function logSoftmax(x: Tensor, options?: AxisOption): Tensor {
  const [y, axes] = alongAxis("logSoftmax", x, options);
  const shifted = asHandle(sub(y, shiftOf(y, axes)));
  const sums = sumAxes(asHandle(exp(shifted)), axes);
  return asHandle(sub(shifted, log(kept(sums, y.shape, axes))));
}

/**
 * x minus its mean, over its standard deviation, along axes. Without scale and shift: write `add(mul(layerNorm(x), g),
 * b)`.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `y = (x - m) / sqrt(v + epsilon)`, with mean m and variance v (correction 0), all of it differentiated. Numbers that
 * are all equal give 0 (NaN with epsilon 0); NaN flows.
 * @param x - a tensor
 * @param options - axis: one or several, default -1; epsilon: default 1e-5
 * @returns numbers with mean 0 and variance 1 along the axes
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/number`, `argument/tensor`
 * @example
 * ```ts
 * import { layerNorm, tensor } from "gradtape";
 * layerNorm(tensor([1, 2, 3]), { epsilon: 0 }); // => [-1.224745, 0, 1.224745]
 * ```
 * @see J. L. Ba, J. R. Kiros, G. E. Hinton, Layer Normalization, arXiv:1607.06450
 */
export function layerNorm<X extends Tensor>(
  x: X,
  options?: { readonly axis?: Axis | undefined; readonly epsilon?: number | undefined },
): X;
export function layerNorm(
  x: Tensor,
  options?: { readonly axis?: Axis | undefined; readonly epsilon?: number | undefined },
): Tensor {
  checkOptions("layerNorm", options, ["axis", "epsilon"]);
  if (!(x instanceof Handle)) return notATensor("layerNorm", x);
  const epsilon = checkNumber("layerNorm", "epsilon", options?.epsilon ?? 1e-5, 0, Infinity);
  const axes = checkAxes("layerNorm", options?.axis ?? -1, x.shape.length);
  const y = centered(floating(x), axes);
  const spread = kept(divideBy(sumAxes(asHandle(square(y)), axes), countOf(y.shape, axes)), y.shape, axes);
  return asHandle(mul(y, rsqrt(add(spread, epsilon))));
}
