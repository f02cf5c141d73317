/** Two tasks for one network: the Gram matrix of their gradients says when they conflict, and how to make them agree. */
import {
  batchGrad,
  cast,
  diagonal,
  div,
  equal,
  eye,
  greater,
  loss,
  mean,
  minimum,
  mul,
  prod,
  random,
  remainder,
  reshape,
  type Scalar,
  sqrt,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  tree,
  valueOf,
  zeros,
} from "gradtape";
import { chosen, load } from "../digits/data.js";
import { accuracy, affine, CLASSES, type Layer, PIXELS } from "../digits/model.js";

const [HIDDEN, BATCH, RATE, STEPS] = [10, 64, 0.3, 500];

/** Images [B, 64] and the digits that they show, int32 [B]. */
export interface Labeled {
  readonly pixels: Tensor;
  readonly labels: Tensor;
}

export type Params = ReturnType<typeof initialize>;

export function initialize(key: random.Key) {
  const [hidden, digit, parity] = random.split(key, 3);
  const layer = (from: random.Key, inputs: number, outputs: number): Layer => ({
    weights: random.normal(from, [inputs, outputs], { std: 1 / Math.sqrt(inputs) }),
    bias: zeros([outputs]),
  });
  return {
    hidden: layer(hidden, PIXELS, HIDDEN),
    digit: layer(digit, HIDDEN, CLASSES),
    parity: layer(parity, HIDDEN, 1),
  };
}

/** Which digit is it, and is it odd: logits of both, from one hidden layer that they share. */
export function predict(params: Params, pixels: Tensor) {
  const seen = tanh(affine(params.hidden, pixels));
  return { digit: affine(params.digit, seen), parity: reshape(affine(params.parity, seen), [pixels.shape[0] ?? 1]) };
}

/** The mean costs of the two tasks, [2]. */
export function costs(params: Params, { pixels, labels }: Labeled): Tensor {
  const { digit, parity } = predict(params, pixels);
  const odd = cast(remainder(labels, 2), "float64");
  return stack([loss.crossEntropy(digit, labels), loss.bceWithLogits(parity, odd)]);
}

/** The samples are the tasks: the rows of a unit matrix choose one each, the digits are shared by both. */
export function taskGradients(params: Params, digits: Labeled) {
  return batchGrad((p: Params, task: Tensor, shared: Labeled): Scalar => sum(mul(task, costs(p, shared))))(
    params,
    eye(2),
    digits,
  );
}

export const cosine = (gram: Tensor): number => div(gram.at(0, 1), sqrt(prod(diagonal(gram)))).item();

/**
 * PCGrad: where g_1 . g_2 = c < 0, each gradient loses what it has along the other, g_1 - (c / |g_2|²) g_2. The sum of both
 * is a weighted sum of the gradients as they were, with weights 1 - c / |g_1|² and 1 - c / |g_2|².
 */
export const surgery = (gram: Tensor): Tensor => sub(1, div(minimum(gram.at(0, 1), 0), diagonal(gram)));

export function taskConflict() {
  const [start, order] = random.split(random.key(1));
  const [train, test] = [load("train"), load("test")];
  const trainedBy = (weightsOf: (gram: Tensor) => Tensor | readonly number[]) => {
    let params = initialize(start);
    const cosines: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const { digits, labels } = chosen(train, random.choice(random.fold(order, step), train.count, [BATCH]));
      const gradients = taskGradients(params, { pixels: digits.pixels, labels });
      const gram = gradients.gram();
      cosines.push(cosine(gram));
      params = tree.map((p, g) => sub(p, mul(RATE, g)), params, gradients.weightedSum(weightsOf(gram)));
    }
    const { digit, parity } = predict(params, test.digits.pixels);
    const odd = equal(greater(parity, 0), equal(remainder(test.labels, 2), 1));
    const conflicts = (part: readonly number[]) => part.filter((c) => c < 0).length / part.length;
    return {
      accuracy: { digit: accuracy(digit, test.labels), parity: valueOf(mean(odd)) },
      conflicts: { first100: conflicts(cosines.slice(0, 100)), last100: conflicts(cosines.slice(-100)) },
      lowestCosine: Math.min(...cosines),
    };
  };
  return { sum: trainedBy(() => [1, 1]), surgery: trainedBy(surgery) };
}
