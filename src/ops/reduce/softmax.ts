import { checkOptions } from "../../base/options";
import { checkAxis, sizesAround } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp, type Op } from "../../core/op/op";
import { broadcastBatch, plus, sumAxes } from "../../core/op/sweep-ops";
import { Handle } from "../../core/tensor/handle";
import type { AxisOption, Tensor } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";
import { asHandle } from "../../core/tensor/value";
import { logSoftmaxInto, softmaxInto, softmaxPull } from "../../numeric/rows/softmax";
import { withReducedAxes } from "../define/define-reduction";
import { mulZeroEither } from "../define/elementwise-op";
import { minus } from "../elementwise/arithmetic";
import { exp } from "../elementwise/exponential";
import { asFloat } from "./statistics";

interface Along {
  readonly axis: number;
}
/** Elements along the axis, and behind it. */
function rowsOf(x: Handle, { axis }: Along): [n: number, inner: number] {
  const [, n, inner] = sizesAround(x.shape, axis);
  return [n, inner];
}
const onNextAxis = ({ axis }: Along): Along => ({ axis: axis + 1 });
/** Sums along the axis, which stays with size 1. */
const sumsOf = (x: Handle, { axis }: Along): Handle => withReducedAxes(sumAxes(x, [axis]), x.shape, [axis]);

const SOFTMAX: Op<Along> = /* @__PURE__ */ makeOp<Along>({
  name: "softmax",
  shapes: ([x]) => [x],
  dtypes: ([x]) => [x],
  evaluate: ([out], [x], along) => softmaxInto(out, x.data, ...rowsOf(x, along)),
  differentiable: () => true,
  readsInput: () => false,
  pull: ({ outputs: [y], attrs }, [yBar]) => [yBar && softmaxTimes(y, yBar, attrs)],
  push: ({ outputs: [y], attrs }, [xDot]) => [xDot && softmaxTimes(y, xDot, attrs)],
  batch: ([x], _, attrs) => [apply(SOFTMAX, [x], onNextAxis(attrs))],
});

/** The Jacobian of softmax, which is symmetric, times g: y (g - sum of g y). */
const SOFTMAX_TIMES: Op<Along> = /* @__PURE__ */ makeOp<Along>({
  name: "softmaxTimes",
  shapes: ([y]) => [y],
  dtypes: ([y]) => [y],
  evaluate: ([out], [y, g], along) => softmaxPull(out, y.data, g.data, ...rowsOf(y, along)),
  differentiable: () => true,
  readsOutput: false,
  pull: ({ inputs: [y, g], attrs }, [bar], wanted) => {
    if (bar === null) return [null, null];
    const byY = (): Handle =>
      minus(
        mulZeroEither(bar, minus(g, sumsOf(mulZeroEither(g, y), attrs))),
        mulZeroEither(g, sumsOf(mulZeroEither(bar, y), attrs)),
      );
    return [wanted[0] ? byY() : null, wanted[1] ? softmaxTimes(y, bar, attrs) : null];
  },
  push: ({ inputs: [y, g], attrs }, [yDot, gDot]) => {
    const byY =
      yDot &&
      minus(
        mulZeroEither(yDot, minus(g, sumsOf(mulZeroEither(g, y), attrs))),
        mulZeroEither(y, sumsOf(mulZeroEither(g, yDot), attrs)),
      );
    return [plus(byY, gDot && softmaxTimes(y, gDot, attrs))];
  },
  batch: (inputs, batched, attrs, size) => [
    apply(SOFTMAX_TIMES, broadcastBatch(inputs, batched, size), onNextAxis(attrs)),
  ],
});
const softmaxTimes = (y: Handle, g: Handle, along: Along): Handle => apply(SOFTMAX_TIMES, [y, g], along);

const LOG_SOFTMAX: Op<Along> = /* @__PURE__ */ makeOp<Along>({
  name: "logSoftmax",
  shapes: ([x]) => [x],
  dtypes: ([x]) => [x],
  evaluate: ([out], [x], along) => logSoftmaxInto(out, x.data, ...rowsOf(x, along)),
  differentiable: () => true,
  readsInput: () => false,
  pull: ({ outputs: [y], attrs }, [yBar]) => [
    yBar && minus(yBar, mulZeroEither(sumsOf(yBar, attrs), asHandle(exp(y)))),
  ],
  push: ({ outputs: [y], attrs }, [xDot]) => [
    xDot && minus(xDot, sumsOf(mulZeroEither(xDot, asHandle(exp(y))), attrs)),
  ],
  batch: ([x], _, attrs) => [apply(LOG_SOFTMAX, [x], onNextAxis(attrs))],
});

function prepared(where: string, x: Tensor, options: AxisOption | undefined): [Handle, Along] {
  checkOptions(where, options, ["axis"]);
  if (!(x instanceof Handle)) return notATensor(where, x, "x", true);
  return [asFloat(x), { axis: checkAxis(where, options?.axis ?? -1, x.shape.length) }];
}

/**
 * exp(x) over its sum along an axis: turns elements into probabilities. The largest element is taken out first, so
 * nothing overflows. See also {@link logSoftmax} and {@link logSumExp}.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy_i/dx_j = y_i ([i = j] - y_j)`.
 *
 * Infinity along the axis, or only -Infinity, gives NaN; NaN propagates.
 * @param x - a tensor; log-probabilities up to a constant
 * @param options - axis: default -1, the last
 * @returns values in [0, 1] with sum 1 along the axis
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { softmax, tensor } from "gradtape";
 * softmax(tensor([0, Math.log(3)])); // => [0.25, 0.75]
 * ```
 */
export function softmax<X extends Tensor>(x: X, options?: AxisOption): X;
export function softmax(x: Tensor, options?: AxisOption): Tensor {
  const [from, along] = prepared("softmax", x, options);
  return apply(SOFTMAX, [from], along);
}

/**
 * log(softmax(x)) along an axis, exact where softmax underflows. See also {@link softmax} and {@link logSumExp}.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `y_i = x_i - log(sum exp(x))`, `dy_i/dx_j = [i = j] - exp(y_j)`.
 *
 * Infinity along the axis gives NaN; NaN propagates.
 * @param x - a tensor; log-probabilities up to a constant
 * @param options - axis: default -1, the last
 * @returns values <= 0
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { logSoftmax, tensor } from "gradtape";
 * logSoftmax(tensor([1000, 0])); // => [0, -1000]
 * ```
 */
export function logSoftmax<X extends Tensor>(x: X, options?: AxisOption): X;
export function logSoftmax(x: Tensor, options?: AxisOption): Tensor {
  const [from, along] = prepared("logSoftmax", x, options);
  return apply(LOG_SOFTMAX, [from], along);
}
