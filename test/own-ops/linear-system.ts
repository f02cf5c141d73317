// An op that calls another numeric library: ml-matrix solves, and its derivative is another solve.
import { defineOp, neg, type Op, outer, type Tensor, transpose } from "gradtape";
import { Matrix, solve } from "ml-matrix";

/** x with a x = b. */
export const linearSystem: Op<[a: Tensor, b: Tensor]> = defineOp<[a: Tensor, b: Tensor]>({
  name: "linearSystem",
  shape: ([, b]) => b,
  evaluate: (output, [a, b]) => {
    const n = b.size;
    const x = solve(Matrix.from1DArray(n, n, [...a.data]), Matrix.columnVector([...b.data]));
    for (let i = 0; i < n; i++) output[i] = x.get(i, 0);
  },
  vjp: [
    ({ yBar, inputs: [a], output }) => neg(outer(linearSystem(transpose(a), yBar), output)),
    ({ yBar, inputs: [a] }) => linearSystem(transpose(a), yBar),
  ],
  reads: { inputs: [true, false], output: true },
});
