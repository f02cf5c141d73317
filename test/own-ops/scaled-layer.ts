// An op that says what sum of products it is.
import { defineOp, einsum, type Tensor } from "gradtape";

/** y[b, n] = scale[n] sum over k of x[b, k] w[k, n]. */
export const scaledLayer = defineOp<[x: Tensor, w: Tensor, scale: Tensor]>({
  name: "scaledLayer",
  shape: ([[b = 0], [, n = 0]]) => [b, n],
  evaluate: (output, [x, w, scale]) => {
    const [k, n] = [w.shape[0] ?? 0, scale.size];
    output.forEach((_, i) => {
      const [row, column] = [Math.floor(i / n), i % n];
      let total = 0;
      for (let j = 0; j < k; j++) total += (x.data[row * k + j] ?? 0) * (w.data[j * n + column] ?? 0);
      output[i] = total * (scale.data[column] ?? 0);
    });
  },
  vjp: [
    ({ yBar, inputs: [, w, scale] }) => einsum("bn,kn,n->bk", yBar, w, scale),
    ({ yBar, inputs: [x, , scale] }) => einsum("bn,bk,n->kn", yBar, x, scale),
    ({ yBar, inputs: [x, w] }) => einsum("bn,bk,kn->n", yBar, x, w),
  ],
  reads: { output: false },
  declares: { linear: "each", contraction: () => "bk,kn,n->bn" },
});
