// Networks, batches and errors drawn so that the shortcut of (d) must fail: by construction, not by luck.
import fc from "fast-check";
import { add, div, matmul, mean, mul, norm, sqrt, square, sub, type Tensor, vmap } from "gradtape";
import {
  type Activation,
  drawNetwork,
  type Network,
  type Pair,
  predictor,
  type Sample,
  type Spread,
  targetsFor,
  withModestLogits,
} from "./networks";
import { Numbers } from "./numbers";

export interface Draw {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly batchSize: number;
  readonly seed: number;
}

export const draws: fc.Arbitrary<Draw> = fc.record({
  inputs: fc.integer({ min: 3, max: 6 }),
  hidden: fc.array(fc.integer({ min: 4, max: 8 }), { minLength: 1, maxLength: 3 }),
  outputs: fc.integer({ min: 2, max: 4 }),
  batchSize: fc.integer({ min: 8, max: 33 }),
  seed: fc.integer(),
});

/** Wide enough that inputs in [-3, 3] reach the curves of every hidden activation. */
export const wide: Spread = { weights: 2, biases: 1 };

/** Nothing below zero before the last layer: with inputs in [0, 3] every ReLU stays open. */
export const open: Spread = { weights: 2, biases: 0.5, positive: true };

/** Norm of the mean error where the errors have mean square 1: what the shortcut sees, against what it does not. */
const MEAN_ERROR = 0.02;

/**
 * Errors linear in the inputs, of mean square 1, around a mean of norm MEAN_ERROR. Each true gradient is the covariance of
 * the error with an activation or a slope, plus what the means make of it; the shortcut knows the means alone, so it misses
 * nearly all. For softmax the errors of a sample add up to 0, as the difference of two distributions does.
 */
function drawErrors(numbers: Numbers, x: Tensor, outputs: number, simplex: boolean): Tensor {
  const centerd = (rows: Tensor): Tensor => (simplex ? sub(rows, mean(rows, { axis: -1, keepDims: true })) : rows);
  const inputs = x.shape[1];
  const varying = centerd(matmul(sub(x, mean(x, { axis: 0 })), numbers.tensor([inputs, outputs])));
  const common = centerd(numbers.tensor([outputs]));
  return add(div(varying, sqrt(mean(square(varying)))), mul(MEAN_ERROR, div(common, norm(common))));
}

/** A network with a batch on which it errs as arranged. */
export function arrange(
  draw: Draw,
  activation: Activation,
  pair: Pair,
  spread: Spread,
): { network: Network; batch: Sample } {
  const numbers = new Numbers(draw.seed);
  const x = numbers.tensor([draw.batchSize, draw.inputs], spread.positive ? 0 : -3, 3);
  const network = withModestLogits(drawNetwork(numbers, draw, spread), activation, x);
  const logits = vmap((row: Tensor) => predictor(activation)(network, { x: row }))(x);
  return { network, batch: { x, t: targetsFor(pair, logits, drawErrors(numbers, x, draw.outputs, pair.simplex)) } };
}
