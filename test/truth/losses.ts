// Every loss of the library, with a target for it and its options drawn at random.
import { logSoftmax, loss, neg, type Scalar, type Tensor } from "gradtape";
import type { Numbers } from "./numbers";

/** Options drawn once for a model. */
interface Knobs {
  readonly reduction: "mean" | "sum";
  readonly delta: number;
  readonly margin: number;
  readonly labelSmoothing: number;
  /** Positive, one per class or output. */
  readonly weights: Tensor;
}

export interface LossCase {
  /** The target of one sample whose model has `m` outputs: an integer is a class. */
  target(numbers: Numbers, m: number): number | number[];
  cost(output: Tensor, target: Tensor, knobs: Knobs): Scalar;
}

export function drawKnobs(numbers: Numbers, m: number): Knobs {
  return {
    reduction: numbers.integer(2) === 0 ? "mean" : "sum",
    delta: numbers.uniform(0.2, 2),
    margin: numbers.uniform(0.5, 2),
    labelSmoothing: numbers.uniform(0, 0.5),
    weights: numbers.tensor([m], 0.5, 2),
  };
}

const real = (numbers: Numbers, m: number) => numbers.list(m, -2, 2);
const sign = (numbers: Numbers, m: number) => numbers.list(m).map((x) => (x < 0 ? -1 : 1));
const unit = (numbers: Numbers, m: number) => numbers.list(m, 0, 1);
const aClass = (numbers: Numbers, m: number) => numbers.integer(m);

function probabilities(numbers: Numbers, m: number): number[] {
  const masses = numbers.list(m, 0.1, 1);
  const total = masses.reduce((a, b) => a + b);
  return masses.map((mass) => mass / total);
}

export const losses: Readonly<Record<string, LossCase>> = {
  mse: { target: real, cost: (y, t, { reduction }) => loss.mse(y, t, { reduction }) },
  mae: { target: real, cost: (y, t, { reduction }) => loss.mae(y, t, { reduction }) },
  linear: { target: real, cost: (y, t, { reduction }) => loss.linear(y, t, { reduction }) },
  huber: { target: real, cost: (y, t, { reduction, delta }) => loss.huber(y, t, { reduction, delta }) },
  hinge: { target: sign, cost: (y, t, { reduction, margin }) => loss.hinge(y, t, { reduction, margin }) },
  bceWithLogits: {
    target: unit,
    cost: (y, t, { reduction, weights }) => loss.bceWithLogits(y, t, { reduction, positiveWeight: weights }),
  },
  "crossEntropy with classes": {
    target: aClass,
    cost: (y, t, { reduction, labelSmoothing, weights }) =>
      loss.crossEntropy(y, t, { reduction, labelSmoothing, classWeights: weights }),
  },
  "crossEntropy with probabilities": {
    target: probabilities,
    cost: (y, t, { reduction }) => loss.crossEntropy(y, t, { reduction }),
  },
  nll: {
    target: aClass,
    cost: (y, t, { reduction, weights }) => loss.nll(logSoftmax(y), t, { reduction, classWeights: weights }),
  },
  klDivergence: {
    target: probabilities,
    cost: (y, t, { reduction }) => loss.klDivergence(logSoftmax(y), t, { reduction }),
  },
  "klDivergence with the logarithm of the target": {
    target: (numbers, m) => probabilities(numbers, m).map(Math.log),
    cost: (y, t, { reduction }) => loss.klDivergence(logSoftmax(y), t, { reduction, logTarget: true }),
  },
  cosineSimilarity: {
    target: real,
    cost: (y, t, { reduction }) => neg(loss.cosineSimilarity(y, t, { reduction })),
  },
};
