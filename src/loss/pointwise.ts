import { fail, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkNumber, checkOptions } from "../base/options";
import { broadcastsTo } from "../base/shape";
import { valueArgument } from "../core/op/sweep-ops";
import type { Beside, Elementwise, Tensor, Value } from "../core/tensor/tensor";
import { shapeOf } from "../core/tensor/value";
import { relu } from "../ops/elementwise/activation";
import { abs, add, mul, neg, square, sub } from "../ops/elementwise/arithmetic";
import { softplus } from "../ops/elementwise/logistic";
import { notBelow, select } from "../ops/elementwise/select";
import { checkSameShape, inFloat, type LossOptions, type ReductionKind, reduceTerms, weighted } from "./terms";

/** What a pointwise loss gives: numbers give a number; otherwise terms, or a scalar as a tensor. */
export type Pointwise<A, B, R> = R extends "none"
  ? Elementwise<A, B>
  : A extends number | boolean
    ? B extends number | boolean
      ? number
      : Tensor<readonly []>
    : Tensor<readonly []>;

/** A loss whose terms are the elements of prediction and target. */
export interface PointwiseLoss {
  <A extends Value | boolean, B extends Value | boolean, R extends ReductionKind = "mean">(
    prediction: A,
    target: Beside<B, A>,
    options?: LossOptions<R>,
  ): Pointwise<A, B, R>;
}

const NAMES = ["prediction", "target"] as const;

/** Both arguments of a pointwise loss, checked. */
function checkPair(where: string, first: unknown, second: unknown, names: readonly [string, string] = NAMES) {
  const prediction = valueArgument(where, first, names[0]);
  const target = valueArgument(where, second, names[1]);
  checkSameShape(where, names, prediction, target);
  const [p, t] = inFloat(prediction, target);
  return { prediction: p, target: t };
}

function makePointwise(name: string, terms: (prediction: Value, target: Value) => Value): PointwiseLoss {
  const where = `loss.${name}`;
  function run<A extends Value | boolean, B extends Value | boolean, R extends ReductionKind = "mean">(
    prediction: A,
    target: Beside<B, A>,
    options?: LossOptions<R>,
  ): Pointwise<A, B, R>;
  function run(first: Value | boolean, second: Value | boolean, options?: LossOptions): Value {
    refuseExtra(where, "prediction, target, options", 3, arguments);
    checkOptions(where, options, ["reduction"]);
    const { prediction, target } = checkPair(where, first, second);
    return reduceTerms(where, terms(prediction, target), options);
  }
  return run;
}

/**
 * The squared error.
 *
 * Shape: `float64[...S], float64[...S] -> float64[]`; `[...S]` with reduction "none". A number fits every shape.
 *
 * Terms (prediction - target)². Derivative by the prediction 2 (prediction - target), by the target its negative.
 *
 * @param prediction - a number or a tensor
 * @param target - a number or a tensor of the same shape
 * @param options - reduction: "mean" (default), "sum" or "none"
 * @returns the mean or sum of the terms, or the terms; a number for numbers
 * @throws GradtapeError `loss/shape` for unequal shapes; nothing is broadcast
 * @example
 * ```ts
 * import { loss, tensor } from "gradtape";
 * loss.mse(tensor([1, 2]), tensor([1, 4])); // => 2
 * loss.mse(3, 1); // => 4
 * ```
 */
export const mse: PointwiseLoss = /* @__PURE__ */ makePointwise("mse", (prediction, target) =>
  square(sub(prediction, target)),
);

/**
 * The absolute error.
 *
 * Shape: `float64[...S], float64[...S] -> float64[]`; `[...S]` with reduction "none". A number fits every shape.
 *
 * Terms |prediction - target|. Derivative by the prediction sign(prediction - target), 0 where both are equal.
 *
 * @param prediction - a number or a tensor
 * @param target - a number or a tensor of the same shape
 * @param options - reduction: "mean" (default), "sum" or "none"
 * @returns the mean or sum of the terms, or the terms; a number for numbers
 * @throws GradtapeError `loss/shape` for unequal shapes; nothing is broadcast
 * @example
 * ```ts
 * import { loss, tensor } from "gradtape";
 * loss.mae(tensor([1, 2]), tensor([1, 4])); // => 1
 * ```
 */
export const mae: PointwiseLoss = /* @__PURE__ */ makePointwise("mae", (prediction, target) =>
  abs(sub(prediction, target)),
);

/**
 * The signed error, target minus prediction: a cost that is linear in the prediction.
 *
 * Shape: `float64[...S], float64[...S] -> float64[]`; `[...S]` with reduction "none". A number fits every shape.
 *
 * Terms target - prediction. Derivative by the prediction -1, by the target 1.
 *
 * @param prediction - a number or a tensor
 * @param target - a number or a tensor of the same shape
 * @param options - reduction: "mean" (default), "sum" or "none"
 * @returns the mean or sum of the terms, or the terms; a number for numbers
 * @throws GradtapeError `loss/shape` for unequal shapes; nothing is broadcast
 * @example
 * ```ts
 * import { loss, tensor } from "gradtape";
 * loss.linear(tensor([1, 2]), tensor([1, 4])); // => 1
 * ```
 */
export const linear: PointwiseLoss = /* @__PURE__ */ makePointwise("linear", (prediction, target) =>
  sub(target, prediction),
);

/**
 * The Huber loss: squared near the target, absolute away from it.
 *
 * Shape: `float64[...S], float64[...S] -> float64[]`; `[...S]` with reduction "none". A number fits every shape.
 *
 * With e = prediction - target, terms e² / 2 where |e| <= delta, delta (|e| - delta / 2) elsewhere. Derivative by the
 * prediction e clipped to [-delta, delta]; the second derivative is 1 where |e| <= delta, else 0.
 *
 * @param prediction - a number or a tensor
 * @param target - a number or a tensor of the same shape
 * @param options - delta: greater than 0, default 1; reduction: "mean" (default), "sum" or "none"
 * @returns the mean or sum of the terms, or the terms; a number for numbers
 * @throws GradtapeError `loss/shape` for unequal shapes; `argument/number` for a delta that is not positive
 * @example
 * ```ts
 * import { loss, tensor } from "gradtape";
 * loss.huber(tensor([0.5, 3]), 0, { reduction: "none" }); // => [0.125, 2.5]
 * ```
 */
export function huber<A extends Value | boolean, B extends Value | boolean, R extends ReductionKind = "mean">(
  prediction: A,
  target: Beside<B, A>,
  options?: LossOptions<R> & { readonly delta?: number | undefined },
): Pointwise<A, B, R>;
export function huber(
  first: Value | boolean,
  second: Value | boolean,
  options?: LossOptions & { readonly delta?: number | undefined },
): Value {
  refuseExtra("loss.huber", "prediction, target, options", 3, arguments);
  const where = "loss.huber";
  checkOptions(where, options, ["delta", "reduction"]);
  const delta = checkNumber(where, "delta", options?.delta ?? 1, 0, Infinity);
  if (delta === 0) {
    fail(
      "argument/number",
      `${where}: delta must be greater than 0, got 0.`,
      { name: "delta", received: 0 },
      "For the absolute error use loss.mae.",
    );
  }
  const { prediction, target } = checkPair(where, first, second);
  const error = sub(prediction, target);
  const size = abs(error);
  const outside = mul(delta, sub(size, delta / 2));
  return reduceTerms(where, select(notBelow(delta, size), mul(0.5, square(error)), outside), options);
}

/**
 * The hinge loss, for targets -1 and 1.
 *
 * Shape: `float64[...S], float64[...S] -> float64[]`; `[...S]` with reduction "none". A number fits every shape.
 *
 * Terms max(0, margin - target prediction). Derivative by the prediction -target where a term is positive, else 0. A target
 * of 0 costs the margin, also beside an infinite prediction.
 *
 * @param prediction - a number or a tensor
 * @param target - -1 or 1, a number or a tensor of the same shape
 * @param options - margin: default 1; reduction: "mean" (default), "sum" or "none"
 * @returns the mean or sum of the terms, or the terms; a number for numbers
 * @throws GradtapeError `loss/shape` for unequal shapes; `argument/number`
 * @example
 * ```ts
 * import { loss, tensor } from "gradtape";
 * loss.hinge(tensor([0.5, 3]), tensor([1, -1]), { reduction: "none" }); // => [0.5, 4]
 * ```
 */
export function hinge<A extends Value | boolean, B extends Value | boolean, R extends ReductionKind = "mean">(
  prediction: A,
  target: Beside<B, A>,
  options?: LossOptions<R> & { readonly margin?: number | undefined },
): Pointwise<A, B, R>;
export function hinge(
  first: Value | boolean,
  second: Value | boolean,
  options?: LossOptions & { readonly margin?: number | undefined },
): Value {
  refuseExtra("loss.hinge", "prediction, target, options", 3, arguments);
  const where = "loss.hinge";
  checkOptions(where, options, ["margin", "reduction"]);
  const margin = checkNumber(where, "margin", options?.margin ?? 1, -Infinity, Infinity);
  const { prediction, target } = checkPair(where, first, second);
  return reduceTerms(where, relu(sub(margin, weighted(target, prediction))), options);
}

/**
 * The binary cross-entropy of sigmoid(logits), computed from the logits without overflow or cancellation.
 *
 * Shape: `float64[...S], float64[...S] -> float64[]`; `[...S]` with reduction "none". A number fits every shape.
 *
 * Terms w t softplus(-x) + (1 - t) softplus(x), with w the weight of positives. Derivative by the logits
 * sigmoid(x) - t without weights; by the target -x. A target of exactly 1 at a logit of Infinity, or 0 at -Infinity,
 * costs 0.
 *
 * @param logits - a number or a tensor
 * @param target - probabilities in [0, 1], a number or a tensor of the same shape
 * @param options - positiveWeight: a number, or a tensor that broadcasts along the last axis, default 1; reduction:
 * "mean" (default), "sum" or "none"
 * @returns the mean or sum of the terms, or the terms; a number for numbers
 * @throws GradtapeError `loss/shape` for unequal shapes, and for weights that do not broadcast to the shape
 * @example
 * ```ts
 * import { loss, tensor } from "gradtape";
 * loss.bceWithLogits(tensor([0, 100]), tensor([1, 1]), { reduction: "sum" }); // => 0.6931
 * ```
 */
export function bceWithLogits<A extends Value | boolean, B extends Value | boolean, R extends ReductionKind = "mean">(
  logits: A,
  target: Beside<B, A>,
  options?: LossOptions<R> & { readonly positiveWeight?: Value | boolean | undefined },
): Pointwise<A, B, R>;
export function bceWithLogits(
  first: Value | boolean,
  second: Value | boolean,
  options?: LossOptions & { readonly positiveWeight?: Value | boolean | undefined },
): Value {
  refuseExtra("loss.bceWithLogits", "logits, target, options", 3, arguments);
  const where = "loss.bceWithLogits";
  checkOptions(where, options, ["positiveWeight", "reduction"]);
  const { prediction: logits, target } = checkPair(where, first, second, ["logits", "target"]);
  const positive = weighted(target, softplus(neg(logits)));
  const negative = weighted(sub(1, target), softplus(logits));
  if (options?.positiveWeight == null) return reduceTerms(where, add(positive, negative), options);
  const weight = valueArgument(where, options.positiveWeight, "positiveWeight");
  if (!broadcastsTo(shapeOf(weight), shapeOf(positive))) {
    fail(
      "loss/shape",
      `${where}: positiveWeight of shape ${list(shapeOf(weight))} does not broadcast to ${list(shapeOf(positive))}.`,
      { weight: shapeOf(weight), shape: shapeOf(positive) },
      "Give one number, or one for each position of the last axis.",
    );
  }
  return reduceTerms(where, add(weighted(weight, positive), negative), options);
}
