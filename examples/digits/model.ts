/** The classifier: one hidden layer of tanh units, softmax and cross-entropy. Parameters are a plain object. */
import {
  add,
  argmax,
  type Batch,
  equal,
  loss,
  matmul,
  mean,
  random,
  type Tensor,
  tanh,
  valueOf,
  zeros,
} from "gradtape";

export const PIXELS = 64;
export const HIDDEN = 64;
export const CLASSES = 10;

export interface Layer {
  readonly weights: Tensor;
  readonly bias: Tensor;
}

export interface Params {
  readonly hidden: Layer;
  readonly output: Layer;
}

/** One digit: its pixels [64], and the probability of each class [10]. */
export interface Digit {
  readonly pixels: Tensor;
  readonly target: Tensor;
}

/** Many digits: pixels [B, 64], target [B, 10]. */
export type Digits = Batch<Digit>;

export function initialize(key: random.Key): Params {
  const [hidden, output] = random.split(key);
  return { hidden: randomLayer(hidden, PIXELS, HIDDEN), output: randomLayer(output, HIDDEN, CLASSES) };
}

function randomLayer(key: random.Key, inputs: number, outputs: number): Layer {
  return { weights: random.normal(key, [inputs, outputs], { std: 1 / Math.sqrt(inputs) }), bias: zeros([outputs]) };
}

export function affine(layer: Layer, x: Tensor): Tensor {
  return add(matmul(x, layer.weights), layer.bias);
}

/** Logits of one digit [10], or of a batch [B, 10]: matmul and broadcasting make no difference between the two. */
export function predict(params: Params, digit: Digit | Digits): Tensor {
  return affine(params.output, tanh(affine(params.hidden, digit.pixels)));
}

/** What the logits cost. The softmax belongs here: fused with the cross-entropy it is exact and cannot overflow. */
export function outputCost(logits: Tensor, digit: Digit | Digits): Tensor<readonly []> {
  return loss.crossEntropy(logits, digit.target);
}

/** The cost of one digit; given a batch, the mean over its digits. */
export function cost(params: Params, digit: Digit | Digits): Tensor<readonly []> {
  return outputCost(predict(params, digit), digit);
}

/** The share of digits whose most probable class is the label. */
export function accuracy(logits: Tensor, labels: Tensor): number {
  return valueOf(mean(equal(argmax(logits, { axis: -1 }), labels)));
}
