/** How noisy the gradient of each layer is, and how that changes while a network learns. */
import { batchGrad, grad, mul, random, square, sub, sum, tree } from "gradtape";
import { load, minibatches } from "../digits/data.js";
import { cost, type Digits, initialize, type Layer, type Params } from "../digits/model.js";

const [BATCH, RATE] = [32, 0.1];
/** The steps after which it is measured. */
const MEASURED = [0, 10, 100, 1000];

const total = (layer: Layer): number => tree.reduce((all, x) => all + sum(x).item(), layer, 0);

/**
 * For each layer: the variance of the gradient of one digit, summed over its parameters; and its signal to noise, the
 * length of the mean gradient by the standard deviation of the mean of a batch.
 */
export function measure(params: Params, digits: Digits) {
  const gradients = batchGrad(cost)(params, digits);
  const [squares, variances] = [tree.map(square, gradients.mean()), gradients.variance({ correction: 1 })];
  const of = (layer: keyof Params) => {
    const [signal, variance] = [total(squares[layer]), total(variances[layer])];
    return { variance, signalToNoise: Math.sqrt((signal / variance) * BATCH) };
  };
  return { hidden: of("hidden"), output: of("output") };
}

export function gradientVariance() {
  const [start, order] = random.split(random.key(1));
  const train = load("train");
  const found: Record<string, ReturnType<typeof measure>> = {};
  let [params, step] = [initialize(start), 0];
  for (let epoch = 0; step <= Math.max(...MEASURED); epoch++) {
    for (const batch of minibatches(random.fold(order, epoch), train, BATCH)) {
      if (MEASURED.includes(step)) found[`step${step}`] = measure(params, train.digits);
      params = tree.map((p, g) => sub(p, mul(RATE, g)), params, grad(cost)(params, batch));
      step++;
    }
  }
  return found;
}
