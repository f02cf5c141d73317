import type { Explanation } from "../core/program/explanation";
import type { Tensor } from "../core/tensor/tensor";
import type { Batch, Gradient, Leaves } from "../core/tensor/tree-types";

/** One weight for each sample, [B]. */
export type Weights = Tensor | readonly number[] | Float64Array | Float32Array;

/** Options of {@link PerSampleGradient.clippedMean} and {@link PerSampleGradient.clippedSum}. */
export interface ClipOptions {
  /** Clip the gradient of each parameter on its own, instead of all of them together. */
  readonly perParameter?: boolean | undefined;
  /** A weight for each sample; the divisor of the mean stays the batch size. */
  readonly weights?: Weights | undefined;
}

/** Options of {@link batchGrad}. */
export interface BatchGradOptions {
  /** Samples worked on at a time; all of them by default. */
  readonly chunk?: number | undefined;
  /**
   * Bytes that the work on some samples may write (activations, factors, gradients spelled out): chooses chunk. What is asked for,
   * such as all of `materialize()`, is not counted. Less than one sample takes is the error `batch/memory`, which says how much
   * that is.
   */
  readonly memory?: number | undefined;
  /** What to do with samples whose loss or gradient is not finite: keep them (default), drop them, or throw. */
  readonly nonFinite?: "keep" | "drop" | "throw" | undefined;
}

/**
 * The gradients of all samples of a batch, each of its products computed only when it is asked for. Everything is
 * computed once and kept.
 *
 * Products come from factors, what one pass forward and back leaves: a gradient itself is written down only where
 * {@link PerSampleGradient.explain} says "rows". Together with the losses each costs about one gradient of the mean loss (the guide
 * What a per-sample gradient costs). Quadratic ones are computed in double precision, and once more from the gradients themselves
 * where factors cancel or leave the range of numbers; inside `vmap` and `trace`, where no number can be read, squared norms
 * are never negative, and off by a few rounding errors of the largest that they could be.
 *
 * Formulas: g_i is the gradient of the loss of sample i by all parameters, of B samples. Its norm is that of all
 * parameters together.
 */
export interface PerSampleGradient<P> {
  /** B, the number of samples. */
  readonly batchSize: number;
  /** The losses, [B]: a pass forward. */
  losses(): Tensor<readonly [number]>;
  /** sum_i g_i / B: the gradient of the mean loss, by one backward pass. B is the number of samples that were not dropped. */
  mean(): Gradient<P>;
  /** sum_i g_i: the gradient of the summed loss. */
  sum(): Gradient<P>;
  /**
   * sum_i w_i g_i, for the price of the mean.
   *
   * @param weights - w, [B]
   * @throws GradtapeError `batch/weights` unless there is one weight for each sample
   */
  weightedSum(weights: Weights): Gradient<P>;
  /** |g_i|, [B]. Its derivative is 0 where it is 0. At most one plain gradient, and a clipped mean after it a fifth more. */
  norms(): Tensor<readonly [number]>;
  /** |g_i| for each parameter on its own: a tree of [B]. */
  norms(options: { readonly perParameter: true }): Leaves<P, Tensor<readonly [number]>>;
  /** |g_i|², [B]. */
  squaredNorms(): Tensor<readonly [number]>;
  /** |g_i|² for each parameter on its own: a tree of [B]. */
  squaredNorms(options: { readonly perParameter: true }): Leaves<P, Tensor<readonly [number]>>;
  /**
   * sum_i w_i g_i min(1, maxNorm / |g_i|) / B: what private training (DP-SGD) averages. A gradient of 0 stays 0. Infinity clips
   * nothing; 0 gives 0.
   *
   * @param maxNorm - >= 0
   * @throws GradtapeError `batch/clip` unless maxNorm >= 0, `batch/weights`
   */
  clippedMean(maxNorm: number, options?: ClipOptions): Gradient<P>;
  /** sum_i w_i g_i min(1, maxNorm / |g_i|): the clipped mean times B, with the same errors. */
  clippedSum(maxNorm: number, options?: ClipOptions): Gradient<P>;
  /**
   * sum_i (g_i - mean)² / (B - correction), element by element: 0 by default, 1 for an unbiased estimate. From squares of factors
   * where a gradient is one product, and from distances where little is left of them.
   */
  variance(options?: { readonly correction?: number | undefined }): Gradient<P>;
  /** sum_i g_i² / B, element by element. */
  secondMoment(): Gradient<P>;
  /**
   * Inner products g_i . g_j, [B, B]. Of several chunks it computes the factors of each pair of chunks again; `explain` says how
   * many.
   */
  gram(): Tensor<readonly [number, number]>;
  /**
   * g_i . d, [B], for a direction d shaped like the parameters: one pass forward and back for any number of directions, or one
   * forward for each where gradients would have to be spelled out and do not fit.
   */
  project(direction: Gradient<P>): Tensor<readonly [number]>;
  /** The same for several directions at once, [B, k]. */
  project(directions: readonly Gradient<P>[]): Tensor<readonly [number, number]>;
  /** All g_i: the tree of the parameters, each leaf with a leading B. The one product that takes B gradients of memory. */
  materialize(): Batch<P>;
  /**
   * Writes all g_i into typed arrays of the caller's, a tree shaped like the parameters.
   *
   * @throws GradtapeError `batch/buffer` for one of another kind or length
   */
  materializeInto(buffers: Leaves<P, Float64Array | Float32Array>): void;
  /**
   * How each parameter's gradients are computed. `terms` says, as `einsum` would, what the gradient of sample i is a sum of ("[c]":
   * rows at indices, "@8": a window from element 8 on); `way` and `gram`, whether norms and inner products come from rows or from pairs
   * of factors, by the operations that each takes; `samplesAtATime` and `rowsAtATime`, how many samples are worked on and spelled out
   * at a time. Ops without a batch rule are named: they are looped; and, of several chunks, how many `gram` computes again.
   */
  explain(): Explanation;
}
