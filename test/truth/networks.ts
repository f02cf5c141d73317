// Multilayer networks whose prediction is logits, with the three pairs of output activation and loss.
import {
  abs,
  add,
  batchGrad,
  div,
  type Gradient,
  gelu,
  greater,
  loss,
  matmul,
  min,
  mul,
  type Scalar,
  sigmoid,
  softmax,
  softplus,
  sub,
  type Tensor,
  tanh,
  vmap,
  where,
} from "gradtape";
import { averagedErrorGrad } from "gradtape/pitfalls";
import { largest, type Numbers } from "./numbers";

export interface Layer {
  readonly w: Tensor;
  readonly b: Tensor;
}
export type Network = { readonly layers: readonly Layer[] };
export type Sample = { readonly x: Tensor; readonly t: Tensor };

/** An output activation fused with its loss: the loss takes logits, or plain outputs where the activation is the identity. */
export interface Pair {
  readonly name: string;
  /** What the network predicts, from its logits. */
  predicted(logits: Tensor): Tensor;
  loss(logits: Tensor, target: Tensor): Scalar;
  /** Whether targets are probabilities, and whether those of one sample add up to 1. */
  readonly probabilities: boolean;
  readonly simplex: boolean;
}

export const pairs: readonly Pair[] = [
  {
    name: "softmax and cross-entropy",
    predicted: (logits) => softmax(logits),
    loss: (logits, target) => loss.crossEntropy(logits, target),
    probabilities: true,
    simplex: true,
  },
  {
    name: "sigmoid and binary cross-entropy",
    predicted: sigmoid,
    loss: (logits, target) => loss.bceWithLogits(logits, target),
    probabilities: true,
    simplex: false,
  },
  {
    name: "identity and squared error",
    predicted: (logits) => logits,
    loss: (logits, target) => loss.mse(logits, target),
    probabilities: false,
    simplex: false,
  },
];

export type Activation = (z: Tensor) => Tensor;
export const curved: Readonly<Record<string, Activation>> = { tanh, sigmoid, softplus, gelu: (z) => gelu(z) };
export const straight: Activation = (z) => z;

/** The logits of one sample. */
export const predictor =
  (activation: Activation) =>
  ({ layers }: Network, { x }: { readonly x: Tensor }): Tensor =>
    layers.reduce((h, { w, b }, i) => add(matmul(i === 0 ? h : activation(h), w), b), x);

export interface Sizes {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
}

/** How wide the draws are; `positive` keeps the hidden layers' weights and all biases above zero. */
export interface Spread {
  readonly weights: number;
  readonly biases: number;
  readonly positive?: boolean;
}

/** Weights uniform with standard deviation `weights / sqrt(inputs of the layer)`, biases uniform in [-biases, biases]. */
export function drawNetwork(numbers: Numbers, { inputs, hidden, outputs }: Sizes, spread: Spread): Network {
  const widths = [inputs, ...hidden, outputs];
  const layers = widths.slice(1).map((width, i) => {
    const before = widths[i];
    const reach = spread.weights * Math.sqrt(3 / before);
    const isHidden = i < hidden.length;
    const low = spread.positive ? 0 : -1;
    return {
      w: numbers.tensor([before, width], isHidden ? low * reach : -reach, reach),
      b: numbers.tensor([width], low * spread.biases, spread.biases),
    };
  });
  return { layers };
}

/** The same network with its last weights scaled so that no product of theirs exceeds 2: probabilities stay inside (0, 1). */
export function withModestLogits(network: Network, activation: Activation, x: Tensor): Network {
  const last = network.layers.at(-1) as Layer;
  const logits = vmap((row: Tensor) => predictor(activation)(network, { x: row }))(x);
  const w = mul(last.w, 2 / largest(sub(logits, last.b)));
  return { layers: [...network.layers.slice(0, -1), { w, b: last.b }] };
}

/** Targets at which the error, prediction minus target, is a multiple of `error`, the same multiple for the whole batch. */
export function targetsFor(pair: Pair, logits: Tensor, error: Tensor): Tensor {
  const predicted = pair.predicted(logits);
  if (!pair.probabilities) return sub(predicted, error);
  // As far as the nearest entry can move without leaving [0, 1], and a little less.
  const room = div(where(greater(error, 0), predicted, sub(1, predicted)), abs(error));
  return sub(predicted, mul(mul(0.9, min(room)), error));
}

export interface Gradients {
  /** The mean of the per-sample gradients. */
  readonly right: Gradient<Network>;
  /** The average of the output error, sent back once. */
  readonly shortcut: Gradient<Network>;
}

export function gradients(network: Network, activation: Activation, pair: Pair, batch: Sample): Gradients {
  const predict = predictor(activation);
  const compare = (logits: Tensor, { t }: Sample) => pair.loss(logits, t);
  const cost = (params: Network, sample: Sample) => compare(predict(params, sample), sample);
  return {
    right: batchGrad(cost)(network, batch).mean(),
    shortcut: averagedErrorGrad(predict, compare)(network, batch),
  };
}
