import type { TensorData } from "../../base/dtype";
import { reducedShape } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch, broadcastToShape, castTo, divideBy } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import { asHandle } from "../../core/tensor/value";
import { div as quotient } from "../../kernel/formula";
import { divideSums } from "../../numeric/rows/row-sums";
import { foldAxes, foldSum } from "../../numeric/strided";
import { countOf, withReducedAxes } from "../define/define-reduction";
import { div } from "../elementwise/arithmetic";
import { meansOfSums } from "./lazy-rows";

interface Axes {
  readonly axes: readonly number[];
}

/** Sums over axes in double precision, divided by one count or one for each. A sum may leave the range, a mean does not. */
function meansInto(out: TensorData, x: Handle, axes: readonly number[], counts: number | TensorData): void {
  const sums = out instanceof Float64Array ? out : new Float64Array(out.length);
  foldAxes(sums, x.data, x.shape, axes, foldSum);
  divideSums(out, sums, counts, x.data, (small) => {
    const again = new Float64Array(out.length);
    foldAxes(again, small, x.shape, axes, foldSum);
    return again;
  });
}

/** Of x alone, or of x with zeros for what does not count, and how much of it counts for each mean: at least 1. */
const MEAN: CoreOp<Axes> = /* @__PURE__ */ makeOp<readonly [x: Handle, ...counts: Handle[]], Axes>({
  name: "mean",
  shape: ([shape], { axes }) => reducedShape(shape, axes, false),
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x, counts], { axes }) => meansInto(out, x, axes, counts?.data ?? countOf(x.shape, axes)),
  vjp: [
    ({ yBar, inputs: [x, counts], attrs: { axes } }) => {
      const each = counts ? asHandle(div(yBar, castTo(counts, yBar.dtype))) : divideBy(yBar, countOf(x.shape, axes));
      return broadcastToShape(withReducedAxes(each, x.shape, axes), x.shape);
    },
    null,
  ],
  jvp: [({ xDot, inputs: [, ...counts], attrs }) => apply(MEAN, [xDot, ...counts], attrs), null],
  reads: { inputs: [false, true], output: false },
  batch: (inputs, batched, { axes }, size) =>
    apply(MEAN, broadcastBatch(inputs, batched, size), { axes: axes.map((axis) => axis + 1) }),
  declares: { linear: "jointly", absorbing: true },
  lower: (on, [x, counts], { axes }, [{ shape, dtype }]) => {
    const wide = on.cast(x, "float64");
    const count = counts === undefined ? on.number(countOf(x.shape, axes), "float64") : counts;
    // No sum of float32 leaves the range of float64.
    if (x.dtype === "float32") return [on.map(dtype, quotient, on.fold("sum", wide, axes), count)];
    const kept = counts === undefined ? count : on.reshape(count, reducedShape(x.shape, axes, true));
    return [on.reshape(meansOfSums(on, wide, axes, kept), shape)];
  },
});

/** The means of floats over axes; with counts, the sums divided by a count of its own each (at least 1). */
export const meanOver = (x: Handle, axes: readonly number[], ...counts: readonly Handle[]): Handle =>
  apply(MEAN, [x, ...counts], { axes });
