import { isFloat } from "../base/dtype";
import { fail, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkFlag, checkNumber, checkOptions } from "../base/options";
import { broadcastShapes, checkAxis, reducedShape } from "../base/shape";
import { broadcastToShape, reshapeTo } from "../core/op/sweep-ops";
import { Handle } from "../core/tensor/handle";
import type { Indices, Tensor, Value } from "../core/tensor/tensor";
import { toHandle } from "../core/tensor/tensor-argument";
import { readData } from "../ops/create/read-data";
import { stopGradientOf } from "../ops/define/stop-gradient-op";
import { clip } from "../ops/elementwise/activation";
import { add, div, maximum, mul, neg, sub } from "../ops/elementwise/arithmetic";
import { exp, log } from "../ops/elementwise/exponential";
import { same, select } from "../ops/elementwise/select";
import { takeAlongAxis } from "../ops/indexing/take";
import { sum } from "../ops/reduce/reduction";
import { logSoftmax } from "../ops/reduce/softmax";
import { norm } from "../ops/reduce/statistics";
import { type ClassAxis, readTarget, rowShape } from "./classes";
import {
  checkSameShape,
  checkTensor,
  inFloat,
  type LossOptions,
  type ReductionKind,
  reduceTerms,
  weighted,
} from "./terms";

/** What a loss over rows gives: the terms, or a scalar as a tensor. */
export type Rowwise<R> = R extends "none" ? Tensor : Tensor<readonly []>;

/** Options of losses over classes. @internal */
export interface ClassOptions {
  /** The axis of the classes; -1, the last, by default. */
  readonly axis?: number | undefined;
  /** One weight for each class. They multiply the terms and do not enter the divisor. */
  readonly classWeights?: Tensor | readonly number[] | undefined;
}

/** A value known to be a tensor because an operand was one. */
const tensorOf = (x: Value): Handle => toHandle("loss", x);

/** One weight per class, with axes of size 1 behind, so that it broadcasts along the class axis. */
function readWeights({ where, shape, axis }: ClassAxis, given: Tensor | readonly number[]): Handle {
  const weights = given instanceof Handle ? given : readData(where, given);
  if (weights.rank !== 1 || weights.size !== shape[axis]) {
    fail(
      "loss/shape",
      `${where}: classWeights must have shape ${list([shape[axis]])}, got ${list(weights.shape)}.`,
      { received: weights.shape, classes: shape[axis] },
      "Give one weight for each class.",
    );
  }
  return reshapeTo(weights, [weights.size, ...shape.slice(axis + 1).map(() => 1)]);
}

/** x y, and 0 where x is 0 and y is -Infinity: a class of probability 0 that is not expected contributes nothing. */
function expected(x: Value, y: Value): Value {
  return select(mul(same(x, 0), same(y, -Infinity)), 0, mul(x, y));
}

/** Terms -sum over classes of weight q log p, with q the target, smoothed. */
function crossTerms(
  place: ClassAxis,
  logProbabilities: Handle,
  given: Indices,
  options: ClassOptions | undefined,
  smoothing = 0,
): Value {
  const { shape, axis } = place;
  const target = readTarget(place, given);
  const logs =
    options?.classWeights == null
      ? logProbabilities
      : tensorOf(weighted(readWeights(place, options.classWeights), logProbabilities));
  const hit =
    target.dtype === "int32"
      ? reshapeTo(tensorOf(takeAlongAxis(logs, target, { axis })), rowShape(place))
      : sum(tensorOf(expected(target, logs)), { axis });
  if (smoothing === 0) return neg(hit);
  const even = mul(-smoothing / shape[axis], sum(logs, { axis }));
  return sub(even, weighted(1 - smoothing, hit));
}

function placeOf(where: string, name: string, given: unknown, axis: number | undefined): [ClassAxis, Handle] {
  const x = checkTensor(where, name, given);
  return [{ where, shape: x.shape, float: isFloat(x.dtype), axis: checkAxis(where, axis ?? -1, x.rank) }, x];
}

/**
 * The cross-entropy of softmax(logits), computed from the logits without overflow.
 *
 * Shape: `float64[...S, C], int32[...S] -> float64[]`, or with a target `float64[...S, C]`; `[...S]` with reduction
 * "none". The class axis may be another one: see the option axis.
 *
 * Terms are rows: -sum over classes c of w_c q_c log softmax(x)_c. q is the target: 1 at the class for an integer
 * target, the probabilities for a float one; with label smoothing s it is (1 - s) q + s / C. Derivative of a term by
 * the logits: softmax(x) - q, without weights and for probabilities that add up to 1. A probability of 0 at a logit of
 * -Infinity counts as 0.
 *
 * Class weights do not enter the divisor of the mean, so that the mean of the gradients of samples is the gradient of
 * the mean (PyTorch divides by the sum of the weights).
 *
 * @param logits - a tensor
 * @param target - classes: int32 tensor, Int32Array or arrays of integers; or probabilities: a float tensor
 * @param options - axis: that of the classes, default -1; labelSmoothing: default 0; classWeights: one for each class,
 * default none; reduction: "mean" (default), "sum" or "none"
 * @returns the mean or sum of the terms, or the terms
 * @throws GradtapeError `loss/class` for a class out of range; `loss/shape`; `axis/range`; `dtype/index` for bool
 * @example
 * ```ts
 * import { loss, tensor } from "gradtape";
 * const logits = tensor([[0, 0], [0, 1000]]);
 * loss.crossEntropy(logits, [0, 1], { reduction: "none" }); // => [0.6931, 0]
 * loss.crossEntropy(logits, [0, 2]); // => throws [loss/class]
 * ```
 */
export function crossEntropy<R extends ReductionKind = "mean">(
  logits: Tensor,
  target: Indices,
  options?: LossOptions<R> & ClassOptions & { readonly labelSmoothing?: number | undefined },
): Rowwise<R>;
export function crossEntropy(
  logits: Tensor,
  target: Indices,
  options?: LossOptions & ClassOptions & { readonly labelSmoothing?: number | undefined },
): Value {
  refuseExtra("loss.crossEntropy", "logits, target, options", 3, arguments);
  const where = "loss.crossEntropy";
  checkOptions(where, options, ["axis", "labelSmoothing", "classWeights", "reduction"]);
  const smoothing = checkNumber(where, "labelSmoothing", options?.labelSmoothing ?? 0, 0, 1);
  const [place, x] = placeOf(where, "logits", logits, options?.axis);
  const logProbabilities = tensorOf(logSoftmax(x, { axis: place.axis }));
  return reduceTerms(where, crossTerms(place, logProbabilities, target, options, smoothing), options);
}

/**
 * The negative logarithm of the probability of the target.
 *
 * Shape: `float64[...S, C], int32[...S] -> float64[]`, or with a target `float64[...S, C]`; `[...S]` with reduction "none".
 *
 * Terms are rows: -sum over classes c of w_c q_c x_c, with q 1 at the class for an integer target, the probabilities
 * for a float one. Derivative of a term by x_c: -w_c q_c. A probability or a weight of 0 at -Infinity counts as 0.
 *
 * Class weights do not enter the divisor of the mean, as in {@link crossEntropy}.
 *
 * @param logProbabilities - logarithms of probabilities, as logSoftmax gives them
 * @param target - classes: int32 tensor, Int32Array or arrays of integers; or probabilities: a float tensor
 * @param options - axis: that of the classes, default -1; classWeights: one for each class, default none; reduction:
 * "mean" (default), "sum" or "none"
 * @returns the mean or sum of the terms, or the terms
 * @throws GradtapeError `loss/class` for a class out of range; `loss/shape`; `axis/range`; `dtype/index` for bool
 * @example
 * ```ts
 * import { log, loss, tensor } from "gradtape";
 * loss.nll(log(tensor([0.25, 0.75])), 0); // => 1.3863
 * ```
 */
export function nll<R extends ReductionKind = "mean">(
  logProbabilities: Tensor,
  target: Indices,
  options?: LossOptions<R> & ClassOptions,
): Rowwise<R>;
export function nll(logProbabilities: Tensor, target: Indices, options?: LossOptions & ClassOptions): Value {
  refuseExtra("loss.nll", "logProbabilities, target, options", 3, arguments);
  const where = "loss.nll";
  checkOptions(where, options, ["axis", "classWeights", "reduction"]);
  const [place, x] = placeOf(where, "logProbabilities", logProbabilities, options?.axis);
  return reduceTerms(where, crossTerms(place, x, target, options), options);
}

/**
 * The Kullback-Leibler divergence of the prediction from the target, row by row.
 *
 * Shape: `float64[...S, C], float64[...S, C] -> float64[]`; `[...S]` with reduction "none".
 *
 * Terms are rows: sum over c of t_c (log t_c - x_c), where t log t is 0 at t = 0. "mean" divides by the number of rows
 * (PyTorch calls that batchmean). Derivative by x_c: -t_c; by t_c: log t_c - x_c + 1, and 0 where t_c is 0.
 *
 * @param logPrediction - logarithms of probabilities, as logSoftmax gives them
 * @param target - probabilities of the same shape, or their logarithms with `logTarget`
 * @param options - axis: default -1; logTarget: the target holds logarithms, default false; reduction: "mean"
 * (default), "sum" or "none"
 * @returns the mean or sum of the terms, or the terms
 * @throws GradtapeError `loss/shape`, `axis/range`
 * @example
 * ```ts
 * import { log, loss, tensor } from "gradtape";
 * loss.klDivergence(log(tensor([0.5, 0.5])), tensor([1, 0])); // => 0.6931
 * ```
 */
export function klDivergence<R extends ReductionKind = "mean">(
  logPrediction: Tensor,
  target: Tensor,
  options?: LossOptions<R> & { readonly axis?: number | undefined; readonly logTarget?: boolean | undefined },
): Rowwise<R>;
export function klDivergence(
  logPrediction: Tensor,
  target: Tensor,
  options?: LossOptions & { readonly axis?: number | undefined; readonly logTarget?: boolean | undefined },
): Value {
  refuseExtra("loss.klDivergence", "logPrediction, target, options", 3, arguments);
  const where = "loss.klDivergence";
  checkOptions(where, options, ["axis", "logTarget", "reduction"]);
  const [{ axis }, x] = placeOf(where, "logPrediction", logPrediction, options?.axis);
  const t = checkTensor(where, "target", target);
  checkSameShape(where, ["logPrediction", "target"], x, t);
  const logTarget = checkFlag(where, "logTarget", options?.logTarget);
  const impossible = same(t, logTarget ? -Infinity : 0);
  const cost = logTarget ? mul(exp(t), sub(t, x)) : mul(t, sub(log(t), x));
  return reduceTerms(where, sum(tensorOf(select(impossible, 0, cost)), { axis }), options);
}

/** A cosine, which rounding may have moved past 1 or -1; the derivative is that of the formula. */
function inRange(cosine: Value): Value {
  const c = stopGradientOf(tensorOf(cosine));
  return add(cosine, sub(clip(c, -1, 1), c));
}

/**
 * The cosine of the angle between vectors: 1 for the same direction, never more. As a cost, minimize its negative.
 *
 * Shape: `float64[...S, n], float64[...S, n] -> float64[]`; `[...S]` with reduction "none". The one loss that broadcasts.
 *
 * Terms are rows: a · b / (max(|a|, epsilon) max(|b|, epsilon)). Derivative by a: (b / |b| - c a / |a|) / |a|, with c
 * the cosine.
 *
 * At the zero vector value and gradient are finite thanks to epsilon. Squares never overflow or vanish on the way.
 *
 * @param a - a tensor
 * @param b - a tensor that broadcasts with a
 * @param options - axis: default -1; epsilon: default 1e-12; reduction: "mean" (default), "sum" or "none"
 * @returns the mean or sum of the terms, or the terms
 * @throws GradtapeError `shape/broadcast`, `axis/range`, `argument/number`
 * @example
 * ```ts
 * import { loss, tensor } from "gradtape";
 * loss.cosineSimilarity(tensor([[1, 0], [0, 2]]), tensor([1, 1]), { reduction: "none" }); // => [0.7071, 0.7071]
 * ```
 */
export function cosineSimilarity<R extends ReductionKind = "mean">(
  a: Tensor,
  b: Tensor,
  options?: LossOptions<R> & { readonly axis?: number | undefined; readonly epsilon?: number | undefined },
): Rowwise<R>;
export function cosineSimilarity(
  a: Tensor,
  b: Tensor,
  options?: LossOptions & { readonly axis?: number | undefined; readonly epsilon?: number | undefined },
): Value {
  refuseExtra("loss.cosineSimilarity", "a, b, options", 3, arguments);
  const where = "loss.cosineSimilarity";
  checkOptions(where, options, ["axis", "epsilon", "reduction"]);
  const epsilon = checkNumber(where, "epsilon", options?.epsilon ?? 1e-12, 0, Infinity);
  const [x, y] = inFloat(checkTensor(where, "a", a), checkTensor(where, "b", b));
  const shape = broadcastShapes(where, x.shape, y.shape);
  const axis = checkAxis(where, options?.axis ?? -1, shape.length);
  const [u, v] = [broadcastToShape(x, shape), broadcastToShape(y, shape)];
  const rest = reducedShape(shape, [axis], false);
  const lengths = (z: Handle): Value => maximum(norm(z, { axis, keepDims: true }), epsilon);
  // Not the product of both by the product of their lengths: that would leave the range long before the cosine does.
  const along = sum(tensorOf(mul(u, div(v, lengths(v)))), { axis, keepDims: true });
  return reduceTerms(where, inRange(reshapeTo(tensorOf(div(along, lengths(u))), rest)), options);
}
