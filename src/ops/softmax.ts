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

/** exp(x) over its sum along an axis. */
export function softmax<X extends Tensor>(x: X, options?: AxisOption): X;
export function softmax(x: Tensor, options?: AxisOption): Tensor {
  const [y, axes] = alongAxis("softmax", x, options);
  const powers = asHandle(exp(sub(y, shiftOf(y, axes))));
  return asHandle(div(powers, kept(sumAxes(powers, axes), y.shape, axes)));
}

/** log(softmax(x)) along an axis, exact where softmax is tiny. */
export function logSoftmax<X extends Tensor>(x: X, options?: AxisOption): X;
export function logSoftmax(x: Tensor, options?: AxisOption): Tensor {
  const [y, axes] = alongAxis("logSoftmax", x, options);
  const shifted = asHandle(sub(y, shiftOf(y, axes)));
  const sums = sumAxes(asHandle(exp(shifted)), axes);
  return asHandle(sub(shifted, log(kept(sums, y.shape, axes))));
}

/** x minus its mean, over its standard deviation, along axes. */
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
