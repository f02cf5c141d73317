import type { Shape } from "../base/shape";
import { accumulate, castTo, reshapeTo, sumAxes } from "../core/op/sweep-ops";
import { type Handle, makeFilled } from "../core/tensor/handle";
import type { Value } from "../core/tensor/tensor";
import { asHandle } from "../core/tensor/value";
import { matmul } from "../ops/contract/matmul";
import { square } from "../ops/elementwise/arithmetic";
import { concat } from "../ops/movement/concat-stack";
import { permute } from "../ops/movement/reshape-transpose";
import { stridedSlice, windowAlong } from "../ops/movement/strided-window";

/*
 * Arithmetic on the gradients of some samples: one tensor [n, ...] for each parameter.
 */

/** Sums of squares of everything behind the batch axis, [B]. */
export const squaresOf = (g: Handle): Handle => sumAxes(asHandle(square(g)), g.shape.map((_, i) => i).slice(1));
/** What each sample has, in one row. */
export const asRows = (g: Handle): Handle => reshapeTo(g, [g.shape[0], g.shape.slice(1).reduce((a, b) => a * b, 1)]);
/** The sum of what each parameter gives; zeros of the shape without parameters. */
export const sumOfAll = (xs: readonly Handle[], shape: Shape): Handle =>
  xs.length === 0 ? makeFilled(shape, "float64", 0) : xs.reduce((sum, x) => asHandle(addTo(sum, x)));
const addTo = (a: Handle, b: Handle): Value =>
  a.dtype === b.dtype ? accumulate(a, b) : accumulate(castTo(a, "float64"), castTo(b, "float64"));
/** sum_i weights[i] g_i. */
export const weighted = (g: Handle, weights: Handle): Handle => {
  const row = reshapeTo(castTo(weights, g.dtype), [1, g.shape[0]]);
  return reshapeTo(asHandle(matmul(row, asRows(g))), g.shape.slice(1));
};
/** Inner products of the gradients of one parameter, [n, n]. */
export const gramOf = (g: Handle): Handle => asHandle(matmul(asRows(g), permute(asRows(g), [1, 0])));
/** Chunks of samples, joined. */
export const joined = (parts: readonly Handle[]): Handle => (parts.length === 1 ? parts[0] : asHandle(concat(parts)));
/** Samples from `start` on. */
export const cut = (x: Handle, start: number, n: number): Handle =>
  n === x.shape[0] ? x : stridedSlice(x, windowAlong(x.shape, 0, start, n));
