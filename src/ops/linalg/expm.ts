import { refuseExtra } from "../../base/extra-arguments";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { type Handle, makeFilled } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { matrixExponential } from "../../numeric/matrix/exponential";
import { concat } from "../movement/concat-stack";
import { stridedSlice, windowAlong } from "../movement/strided-window";
import { asFloat64 } from "./in-matrix";
import { toSquareMatrices, transposed } from "./matrix-arguments";

/** `block`: the size of the matrix whose exponential was asked for, of which derivatives are made of blocks. */
const EXPM: CoreOp<{ readonly block: number }> = /* @__PURE__ */ makeOp<readonly [Handle], { readonly block: number }>({
  name: "expm",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [a], { block }) => {
    const n = a.shape[a.rank - 1];
    const from = asFloat64(a.data);
    for (let at = 0; at < out.length; at += n * n) {
      out.set(matrixExponential(from.slice(at, at + n * n), n, block), at);
    }
  },
  vjp: [({ yBar, inputs: [a], attrs }) => transposed(along(a, transposed(yBar), attrs.block))],
  jvp: [({ xDot, inputs: [a], attrs }) => along(a, xDot, attrs.block)],
  reads: { output: false },
  batch: ([a], _, attrs) => apply(EXPM, [a], attrs),
});

/** The derivative of the exponential along e: the upper right block of the exponential of [[a, e], [0, a]]. */
function along(a: Handle, e: Handle, block: number): Handle {
  const [rank, n] = [a.rank, a.shape[a.rank - 1]];
  if (n === 0) return e;
  const upper = concat([a, e], { axis: -1 });
  const lower = concat([makeFilled(a.shape, a.dtype, 0), a], { axis: -1 });
  const y = apply(EXPM, [asHandle(concat([upper, lower], { axis: -2 }))], { block });
  const rows = stridedSlice(y, windowAlong(y.shape, rank - 2, 0, n));
  return stridedSlice(rows, windowAlong(rows.shape, rank - 1, n, n));
}

/**
 * The exponential of a matrix: I + a + a a / 2 + a a a / 6 + ..., which solves y' = a y from y = I to time 1.
 *
 * Shape: `F[...A, n, n] -> F[...A, n, n]`; integers give float64.
 *
 * The derivative along aDot is the upper right block of the exponential of [[a, aDot], [0, a]], and that for a cotangent the same
 * with both transposed: to every order, in as many times eight the time.
 *
 * A matrix with NaN or Infinity gives NaN for all of it. Results that leave the range are Infinity or NaN. float32 is computed in
 * float64 and rounded once.
 * @param a - square matrices
 * @returns their exponentials
 * @throws GradtapeError `linalg/square`, `shape/rank`, `argument/tensor`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * linalg.expm(tensor([[0, 1], [0, 0]])); // => [[1, 1], [0, 1]]
 * linalg.expm(tensor([[0, -Math.PI], [Math.PI, 0]])); // => [[-1, 0], [0, -1]]
 * ```
 * @see scaling and squaring of the Padé approximant: N. J. Higham, SIAM J. Matrix Anal. Appl. 26 (2005), A. H. Al-Mohy and
 * N. J. Higham, the same 31 (2009); exact for a matrix off by some units of rounding, times what squaring magnifies. Derivative:
 * R. Mathias, "A chain rule for matrix functions and applications", the same 17 (1996)
 */
export function expm<X extends Tensor>(a: X): X;
export function expm(a: Tensor): Tensor {
  refuseExtra("linalg.expm", "a", 1, arguments);
  const x = toSquareMatrices("linalg.expm", "a", a);
  return apply(EXPM, [x], { block: x.shape[x.rank - 1] });
}
