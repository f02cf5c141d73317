import type { TensorData } from "../../base/dtype";
import { reducedShape } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import { makeLinear } from "../../core/op/linear-op";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch, broadcastToShape, castTo, divideBy } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import { asHandle } from "../../core/tensor/value";
import { FAR_BELOW } from "../../numeric/rows/row-sums";
import { foldAxes, foldSum } from "../../numeric/strided";
import { countOf, withReducedAxes } from "../define/define-reduction";
import { div } from "../elementwise/arithmetic";

interface Axes {
  readonly axes: readonly number[];
}
const onNextAxes = ({ axes }: Axes): Axes => ({ axes: axes.map((axis) => axis + 1) });
const spread = (yBar: Handle, x: Handle, { axes }: Axes): Handle =>
  broadcastToShape(withReducedAxes(yBar, x.shape, axes), x.shape);

/** Sums over axes in double precision, divided by one count or one for each. A sum may leave the range, a mean does not. */
function meansInto(out: TensorData, x: Handle, axes: readonly number[], counts: number | TensorData): void {
  const sums = out instanceof Float64Array ? out : new Float64Array(out.length);
  foldAxes(sums, x.data, x.shape, axes, foldSum);
  let scaled: Float64Array | null = null;
  for (let i = 0; i < out.length; i++) {
    const count = typeof counts === "number" ? counts : counts[i];
    let [sum, scale] = [sums[i], 1];
    if (sum - sum !== 0 && x.dtype === "float64") {
      scaled ??= scaledSums(x, axes, out.length);
      [sum, scale] = [scaled[i], FAR_BELOW];
    }
    out[i] = sum / count / scale;
  }
}

function scaledSums(x: Handle, axes: readonly number[], size: number): Float64Array {
  const sums = new Float64Array(size);
  const small = Float64Array.from(x.data, (element) => element * FAR_BELOW);
  foldAxes(sums, small, x.shape, axes, foldSum);
  return sums;
}

const MEAN: CoreOp<Axes> = /* @__PURE__ */ makeLinear<Axes>({
  name: "mean",
  shape: (shape, { axes }) => reducedShape(shape, axes, false),
  evaluate: (out, x, { axes }) => meansInto(out, x, axes, countOf(x.shape, axes)),
  transpose: (yBar, shape, { axes }) =>
    broadcastToShape(withReducedAxes(divideBy(yBar, countOf(shape, axes)), shape, axes), shape),
  batch: (x, attrs) => apply(MEAN, [x], onNextAxes(attrs)),
});

/** Inputs x, with zeros for what does not count, and how much of it counts for each mean: at least 1. */
const MEAN_OF_SOME: CoreOp<Axes> = /* @__PURE__ */ makeOp<readonly [Handle, Handle], Axes>({
  name: "meanOfSome",
  shape: ([shape], { axes }) => reducedShape(shape, axes, false),
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x, counts], { axes }) => meansInto(out, x, axes, counts.data),
  vjp: [
    ({ yBar, inputs: [x, counts], attrs }) => spread(asHandle(div(yBar, castTo(counts, yBar.dtype))), x, attrs),
    null,
  ],
  jvp: [({ xDot, inputs: [, counts], attrs }) => apply(MEAN_OF_SOME, [xDot, counts], attrs), null],
  reads: { inputs: [false, true], output: false },
  batch: (inputs, batched, attrs, size) =>
    apply(MEAN_OF_SOME, broadcastBatch(inputs, batched, size), onNextAxes(attrs)),
  declares: { linear: "jointly" },
});

/** The means of floats over axes. */
export const meanOver = (x: Handle, axes: readonly number[]): Handle => apply(MEAN, [x], { axes });

/** The sums of floats over axes, each divided by a count of its own (at least 1). */
export const meanOfSome = (x: Handle, counts: Handle, axes: readonly number[]): Handle =>
  apply(MEAN_OF_SOME, [x, counts], { axes });
