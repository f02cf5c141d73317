import { accumulate, castTo, reshapeTo } from "../core/op/sweep-ops";
import { type Handle, makeFilled, makeTensor } from "../core/tensor/handle";
import { asHandle } from "../core/tensor/value";
import { matmul, product } from "../ops/contract/matmul";
import { concat } from "../ops/movement/concat-stack";
import { stridedSlice, windowAlong } from "../ops/movement/strided-window";

/*
 * Arithmetic on the gradients of some samples: one tensor [n, ...] for each parameter.
 */

/** Along the batch axis. */
export const ALONG = { where: "batchGrad", axis: 0, lead: 0, trail: 0 };

/** Numbers of samples as indices. */
export const placesOf = (samples: readonly number[]): Handle =>
  makeTensor([samples.length], "int32", Int32Array.from(samples));

/** 0 for some of n samples, 1 for all others. */
export function maskOf(n: number, samples: readonly number[]): Handle {
  const mask = new Float64Array(n).fill(1);
  for (const i of samples) mask[i] = 0;
  return makeTensor([n], "float64", mask);
}

/** So many weights of one value. */
export const equal = (n: number, weight: number): Handle => makeFilled([n], "float64", weight);

/** What each sample has, in one row. */
export const asRows = (g: Handle): Handle => reshapeTo(g, [g.shape[0], g.shape.slice(1).reduce((a, b) => a * b, 1)]);

/** The sum of tensors of one shape, in double precision where their dtypes differ. */
export const addAll = (xs: readonly Handle[]): Handle =>
  xs.reduce((a, b) =>
    a.dtype === b.dtype ? accumulate(a, b) : accumulate(castTo(a, "float64"), castTo(b, "float64")),
  );

/** sum_i weights[i] g_i. */
export const weighted = (g: Handle, weights: Handle): Handle => {
  const row = reshapeTo(castTo(weights, g.dtype), [1, g.shape[0]]);
  return reshapeTo(asHandle(matmul(row, asRows(g))), g.shape.slice(1));
};

/** Inner products of gradients spelled out, [n, n]. */
export const gramOf = (g: Handle): Handle => product(asRows(g), asRows(g), false, true);

/** Inner products of gradients spelled out with directions [d, ...], as [n, d], in double precision. */
export const projected = (g: Handle, directions: Handle): Handle =>
  product(castTo(asRows(g), "float64"), castTo(asRows(directions), "float64"), false, true);

/** Chunks of samples, joined. */
export const joined = (parts: readonly Handle[]): Handle => (parts.length === 1 ? parts[0] : asHandle(concat(parts)));

/** Samples from `start` on. */
export const cut = (x: Handle, start: number, n: number): Handle =>
  n === x.shape[0] ? x : stridedSlice(x, windowAlong(x.shape, 0, start, n));
