import { toFloat } from "../../base/dtype";
import { reducedShape, sizesAround } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { castTo, reshapeTo, sumAxes } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import { asHandle } from "../../core/tensor/value";
import { add, choose, equal, sub } from "../../kernel/formula";
import { logSumExpInto } from "../../numeric/rows/softmax";
import { type MaskedReduction, makeMasked, withReducedAxes } from "../define/define-reduction";
import { mulZero } from "../define/elementwise-op";
import { isInf } from "../elementwise/comparison";
import { select } from "../elementwise/select";
import { filled } from "./mask";
import { inOrder, neighborOrder, rowsOf } from "./neighbor-axes";
import { type Along, peakOf, restOf, softmaxAlong } from "./softmax";

/** 0 where the sum is infinite: its weights are NaN there. */
const finite = (bar: Handle, y: Handle): Handle => asHandle(select(isInf(y), 0, bar));

const LOG_SUM_EXP: CoreOp<Along> = /* @__PURE__ */ makeOp<readonly [Handle], Along>({
  name: "logSumExp",
  shape: ([shape], { axis }) => reducedShape(shape, [axis], false),
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x], { axis }) => logSumExpInto(out, x.data, ...sizesAround(x.shape, axis)),
  vjp: [
    ({ yBar, inputs: [x], output: y, attrs }) =>
      mulZero(withReducedAxes(finite(yBar, y), x.shape, [attrs.axis]), softmaxAlong(x, attrs)),
  ],
  jvp: [
    ({ xDot, inputs: [x], output: y, attrs }) =>
      finite(sumAxes(mulZero(xDot, softmaxAlong(x, attrs)), [attrs.axis]), y),
  ],
  batch: ([x], _, { axis }) => apply(LOG_SUM_EXP, [x], { axis: axis + 1 }),
  lower: (on, [x], along, [{ shape }]) => {
    const peak = peakOf(on, x, along);
    const y = on.map(
      x.dtype,
      (top, rest) => choose(equal(sub(top, top), 0), add(top, rest), top),
      peak,
      restOf(on, x, peak, along),
    );
    return [on.reshape(y, shape)];
  },
});

/**
 * log of the sum of exp over axes, without overflow: the largest element is taken out first. See also
 * {@link logSoftmax}.
 *
 * Shape: `F[...S] -> F[...S without the axes]`; integers give float64.
 *
 * `dy/dx = exp(x - y)`, the softmax.
 *
 * -Infinity for an empty axis, or if every element is -Infinity; NaN propagates.
 * @param x - a number or a tensor
 * @param options - axis: one or several, default all; keepDims: keep them as size 1, default false; where: a mask
 * @returns the logarithms; a number gives a number; see {@link MaskedReduction} for the options and errors
 * @example
 * ```ts
 * import { logSumExp, tensor } from "gradtape";
 * logSumExp(tensor([1000, 1000])); // => 1000.693147
 * ```
 */
export const logSumExp: MaskedReduction = /* @__PURE__ */ makeMasked("logSumExp", (input, axes, mask) => {
  const x = filled(castTo(input, toFloat(input.dtype)), mask, -Infinity);
  const [place, order] = neighborOrder(x.rank, axes);
  const neighbors = inOrder(x, order);
  const [n, inner] = rowsOf(neighbors.shape, place);
  const rows = reshapeTo(neighbors, [...neighbors.shape.slice(0, place.first), n, inner]);
  return reshapeTo(apply(LOG_SUM_EXP, [rows], { axis: place.first }), reducedShape(x.shape, axes, false));
});
