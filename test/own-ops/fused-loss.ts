// A fused loss by a custom rule: its derivative is the difference of two vectors, whatever the value took to compute.
import { defineOp, expandDims, mul, oneHot, softmax, sub, type Tensor } from "gradtape";

/** log(sum(exp(logits))) - logits[label], over the last axis; labels are int32. */
export const softmaxLoss = defineOp<[logits: Tensor, label: Tensor]>({
  name: "softmaxLoss",
  shape: ([logits]) => logits.slice(0, -1),
  dtype: ([logits]) => logits,
  evaluate: (output, [logits, label]) => {
    const [classes = 1] = logits.shape.slice(-1);
    for (let i = 0; i < output.length; i++) {
      const row = Array.from(logits.data.subarray(i * classes, (i + 1) * classes));
      const top = Math.max(...row);
      const total = row.reduce((sum, x) => sum + Math.exp(x - top), 0);
      // A label that is no class gives NaN.
      output[i] = top + Math.log(total) - (row[label.data[i] ?? -1] ?? Number.NaN);
    }
  },
  vjp: [
    ({ yBar, inputs: [logits, label] }) => {
      const [classes = 1] = logits.shape.slice(-1);
      const slope = sub(softmax(logits), oneHot(label, classes, { dtype: logits.dtype }));
      return mul(expandDims(yBar, { axis: -1 }), slope);
    },
    null,
  ],
  reads: { output: false },
});
