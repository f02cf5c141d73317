/**
 * The shortcut that looks like backpropagation and is not: average the output error over the batch, send that one
 * average back. `averagedErrorGrad` of gradtape/pitfalls does so to any model; here it is spelled out for this one,
 * to show what it does, and the demo checks that the two agree.
 */
import { type Gradient, matmul, mean, mul, outer, softmax, square, sub, type Tensor, tanh } from "gradtape";
import { averagedErrorGrad } from "gradtape/pitfalls";
import { affine, type Digit, type Digits, outputCost, type Params, predict } from "./model";

/** The shortcut, for any `predict` and cost of the output. */
export const averagedError = averagedErrorGrad((params: Params, digit: Digit) => predict(params, digit), outputCost);

/** The same, for this network. */
export function spelledOut(params: Params, batch: Digits): Gradient<Params> {
  const hidden = tanh(affine(params.hidden, batch.pixels));
  const probabilities = softmax(affine(params.output, hidden));

  // From here on no sample is left, only the average one.
  const meanPixels = averageSample(batch.pixels);
  const meanHidden = averageSample(hidden);
  const error = averageSample(sub(probabilities, batch.target));

  const slope = sub(1, square(meanHidden)); // tanh' by its output: the slope at an average, not the average slope
  const hiddenError = mul(matmul(params.output.weights, error), slope);
  return {
    hidden: { weights: outer(meanPixels, hiddenError), bias: hiddenError },
    output: { weights: outer(meanHidden, error), bias: error },
  };
}

function averageSample(x: Tensor): Tensor {
  return mean(x, { axis: 0 });
}
