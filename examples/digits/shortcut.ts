/**
 * The shortcut that looks like backpropagation and is not: average the output error over the batch, send that one
 * average back. `averagedErrorGrad` of gradtape/pitfalls does this to any model, a sample at a time, to study it;
 * here it is spelled out for this network, so that a whole training run by it takes seconds. The demo checks that
 * the two agree.
 */
import { type Gradient, matmul, mean, mul, outer, softmax, square, sub, type Tensor, tanh } from "gradtape";
import { affine, type Digits, type Params } from "./model";

export function shortcutGradient(params: Params, batch: Digits): Gradient<Params> {
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
