/** The gradient noise scale: how many digits a batch should have, from the gradients of single ones. */
import { batchGrad, dot, mean, mul, type PerSampleGradient, random, sub, tensor, tree, valueOf } from "gradtape";
import { load, minibatches } from "../digits/data.js";
import { cost, initialize, type Params } from "../digits/model.js";

const [EPOCHS, BATCH, RATE] = [5, 32, 0.1];

export interface Noise {
  /** Of |G|², G the true gradient. */
  readonly signal: number;
  /** Of tr Sigma, the variance of the gradient of a single sample, summed over the parameters. */
  readonly noise: number;
}

/**
 * Estimates without bias. The expected squared norm of the gradient of one sample is |G|² + tr Sigma, that of the mean of
 * B is |G|² + tr Sigma / B: two equations.
 */
export function estimate(gradients: PerSampleGradient<Params>): Noise {
  const average = tree.ravel(gradients.mean());
  const [ofOne, ofMean] = [valueOf(mean(gradients.squaredNorms())), valueOf(dot(average, average))];
  const noise = (ofOne - ofMean) / (1 - 1 / gradients.batchSize);
  return { signal: ofOne - noise, noise };
}

/** B_simple = tr Sigma / |G|². Estimates are averaged before they are divided: a single one of |G|² may be negative. */
export function scaleOf(estimates: readonly Noise[]): number {
  const total = (name: keyof Noise) => estimates.reduce((sum, one) => sum + one[name], 0);
  return total("noise") / total("signal");
}

export function noiseScale() {
  const [start, order] = random.split(random.key(1));
  const train = load("train");
  const gradientsOf = batchGrad(cost);
  let params = initialize(start);
  /** From all digits at once. */
  const measure = () => {
    const scale = scaleOf([estimate(gradientsOf(params, train.digits))]);
    return { scale, batch: 2 ** Math.round(Math.log2(scale)) };
  };
  /** Along the way: the batches that the steps are made of give their estimates too. */
  const trainOneEpoch = (epoch: number) => {
    const estimates: Noise[] = [];
    for (const batch of minibatches(random.fold(order, epoch), train, BATCH)) {
      const gradients = gradientsOf(params, batch);
      estimates.push(estimate(gradients));
      params = tree.map((p, g) => sub(p, mul(RATE, g)), params, gradients.mean());
    }
    return scaleOf(estimates);
  };
  const before = measure();
  const alongTheWay = Array.from({ length: EPOCHS }, (_, epoch) => trainOneEpoch(epoch));
  return { before, after: measure(), alongTheWay: tensor(alongTheWay) };
}
