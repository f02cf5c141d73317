import { toFloat } from "../../base/dtype";
import { refuseExtra } from "../../base/extra-arguments";
import { sizesAround } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { castTo } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { AxisOption, Tensor } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { runningLogSumExp } from "../../numeric/rows/cumulative";
import { mulZero } from "../define/elementwise-op";
import { difference } from "../elementwise/arithmetic";
import { sigmoid } from "../elementwise/logistic";
import { stridedPad, stridedSlice, windowAlong } from "../movement/strided-window";
import { checkedArguments, recur } from "./cumulative";

/**
 * y[i] is logAddExp(y[i - 1], x[i]), and these are its derivatives: by y[i - 1], what is kept of the sum so far, and by
 * x[i], what comes in. The two add up to 1; the first sum is the first element.
 */
function weightsOf(x: Handle, y: Handle, axis: number): [kept: Handle, own: Handle] {
  const { shape } = x;
  const count = shape[axis];
  if (count === 0) return [x, x];
  const behind = windowAlong(shape, axis, 1, count - 1);
  const before = stridedSlice(y, windowAlong(shape, axis, 0, count - 1));
  const next = stridedSlice(x, behind);
  const weight = (a: Handle, b: Handle, value: number) =>
    stridedPad(asHandle(sigmoid(difference(a, b))), { window: behind, shape, value });
  return [weight(before, next, 0), weight(next, before, 1)];
}

const LOG_CUM_SUM_EXP: CoreOp<number> = /* @__PURE__ */ makeOp<readonly [Handle], number>({
  name: "logCumSumExp",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x], axis) => runningLogSumExp(out, x.data, ...sizesAround(x.shape, axis)),
  vjp: [
    ({ yBar, inputs: [x], output: y, attrs: axis }) => {
      const [kept, own] = weightsOf(x, y, axis);
      return mulZero(recur(kept, yBar, { axis, reverse: true }), own);
    },
  ],
  jvp: [
    ({ xDot, inputs: [x], output: y, attrs: axis }) => {
      const [kept, own] = weightsOf(x, y, axis);
      return recur(kept, mulZero(xDot, own), { axis, reverse: false });
    },
  ],
  batch: ([x], _, axis) => apply(LOG_CUM_SUM_EXP, [x], axis + 1),
});

/**
 * Running log(sum(exp(x))) along an axis, without overflow: running sums of numbers given by their logarithms. See also
 * {@link logSumExp} and {@link cumsum}.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `y[i] = log(exp(x[0]) + ... + exp(x[i]))`, `dy[i]/dx[j] = exp(x[j] - y[i])` for j <= i, in time in proportion to the
 * number of elements.
 *
 * -Infinity adds nothing, also in front; beside nothing but -Infinity the derivatives are those of {@link logAddExp}, 1/2
 * each. Infinity and NaN stay in all sums that follow, NaN last.
 *
 * @param x - a tensor; logarithms
 * @param options - axis: default -1
 * @returns the logarithms of the sums, shaped like x
 * @throws GradtapeError `axis/range`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { grad, logCumSumExp, type Tensor, tensor } from "gradtape";
 * logCumSumExp(tensor([-Infinity, 1000, 1000])); // => [-Infinity, 1000, 1000.693147]
 * grad((x: Tensor) => logCumSumExp(x).at(-1))(tensor([0, 0, 0, 0])); // => [0.25, 0.25, 0.25, 0.25]
 * ```
 */
export function logCumSumExp<X extends Tensor>(x: X, options?: AxisOption): X;
export function logCumSumExp(x: Tensor, options?: AxisOption): Tensor {
  refuseExtra("logCumSumExp", "x, options", 2, arguments);
  const [from, axis] = checkedArguments("logCumSumExp", x, options);
  return apply(LOG_CUM_SUM_EXP, [castTo(from, toFloat(from.dtype))], axis);
}
