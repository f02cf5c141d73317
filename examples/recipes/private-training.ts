/** Private training (DP-SGD): the gradient of each digit is clipped, and noise hides what any single one adds. */
import { add, batchGrad, div, type Gradient, greater, mean, mul, random, sub, tensor, tree, valueOf } from "gradtape";
import { chosen, load } from "../digits/data.js";
import { accuracy, cost, type Digits, initialize, type Params, predict } from "../digits/model.js";

/** C, the clip norm: what one digit adds to the sum is never longer. */
const CLIP = 1;
/** sigma, the noise multiplier: each number of the sum gets noise of the standard deviation sigma C. */
const SIGMA = 1;
/** L, how many digits a batch has on average. */
const EXPECTED = 256;
const [STEPS, RATE] = [100, 1];

/** Poisson sampling: each of `count` digits is in the batch with probability p, whatever the others do. */
export function drawBatch(key: random.Key, count: number, p: number) {
  const inside = random.bernoulli(key, [count], { p }).data;
  return tensor(Int32Array.from(inside.keys()).filter((i) => inside[i] === 1));
}

/** (sum_i g_i min(1, C / |g_i|) + sigma C noise) / L. To divide by the size of this batch would tell who is in it. */
export function privateGradient(key: random.Key, params: Params, batch: Digits, sigma: number): Gradient<Params> {
  const sum = tree.ravel(batchGrad(cost)(params, batch).clippedSum(CLIP));
  const noise = random.normal(key, sum.shape, { std: sigma * CLIP });
  return tree.unravel<Gradient<Params>>(div(add(sum, noise), EXPECTED), params);
}

type GradientOf = (params: Params, batch: Digits, key: random.Key) => Gradient<Params>;

export function privateTraining() {
  const [start, draws] = random.split(random.key(1));
  const [train, test] = [load("train"), load("test")];
  const trainedBy = (gradientOf: GradientOf) => {
    let params = initialize(start);
    for (let step = 0; step < STEPS; step++) {
      const [batch, noise] = random.split(random.fold(draws, step));
      const { digits } = chosen(train, drawBatch(batch, train.count, EXPECTED / train.count));
      params = tree.map((p, g) => sub(p, mul(RATE, g)), params, gradientOf(params, digits, noise));
    }
    return params;
  };
  const accuracyOf = (params: Params) => accuracy(predict(params, test.digits), test.labels);
  const clipped = (params: Params) => valueOf(mean(greater(batchGrad(cost)(params, train.digits).norms(), CLIP)));
  const noisy = (sigma: number) => trainedBy((params, batch, key) => privateGradient(key, params, batch, sigma));
  const hidden = noisy(SIGMA);
  return {
    accuracy: {
      private: accuracyOf(hidden),
      eightTimesTheNoise: accuracyOf(noisy(8 * SIGMA)),
      withoutNoise: accuracyOf(noisy(0)),
      withoutClipping: accuracyOf(trainedBy((params, batch) => batchGrad(cost)(params, batch).mean())),
    },
    /** The share of the training digits whose gradients are longer than C, before training and after it. */
    clipped: { before: clipped(initialize(start)), after: clipped(hidden) },
  };
}
