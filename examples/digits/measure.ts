/** What the per-sample gradients of a batch say about the gradient of its mean cost, and about the shortcut. */
import { abs, batchGrad, type Gradient, grad, max, mean, sub, type Tensor, tree } from "gradtape";
import { comparePitfalls, type PitfallRow } from "gradtape/pitfalls";
import { cost, type Digit, type Digits, outputCost, type Params, predict } from "./model";
import { averagedError, spelledOut } from "./shortcut";

export interface Measurement {
  /** Per parameter: the largest |mean of the per-sample gradients - gradient of the mean cost|. */
  readonly meanGaps: readonly ParameterValue[];
  /** Per parameter: the largest |shortcut spelled out for this network - shortcut as gradtape/pitfalls computes it|. */
  readonly shortcutGaps: readonly ParameterValue[];
  /** Per parameter: relative error and angle of the shortcut, against the right gradient. */
  readonly shortcutErrors: readonly PitfallRow[];
}

export interface ParameterValue {
  readonly path: string;
  readonly value: number;
}

const perSample = batchGrad((params: Params, digit: Digit) => cost(params, digit));
const pitfalls = comparePitfalls((params: Params, digit: Digit) => predict(params, digit), outputCost);

export function measure(params: Params, batch: Digits): Measurement {
  const each = perSample(params, batch).materialize();
  const meanGradient = tree.map((gradients: Tensor) => mean(gradients, { axis: 0 }), each);
  return {
    meanGaps: largestDifferences(meanGradient, grad(cost)(params, batch)),
    shortcutGaps: largestDifferences(spelledOut(params, batch), averagedError(params, batch)),
    shortcutErrors: pitfalls(params, batch).averagedError,
  };
}

/**
 * The norms of the per-sample gradients, all parameters together, in the order of the batch. They come from the factors that one
 * pass leaves: no gradient of a sample is spelled out.
 */
export function gradientNorms(params: Params, batch: Digits): readonly number[] {
  return Array.from(perSample(params, batch).norms().data);
}

/** Minimum, lower quartile, median, upper quartile, maximum; between two values, linear. */
export function fiveNumbers(values: readonly number[]): readonly number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const position = share * (sorted.length - 1);
    const [below = Number.NaN, above = below] = sorted.slice(Math.floor(position));
    return below + (above - below) * (position % 1);
  });
}

function largestDifferences(a: Gradient<Params>, b: Gradient<Params>): ParameterValue[] {
  const differences = tree.map((x, y) => max(abs(sub(x, y))), a, b);
  return tree
    .leaves(differences)
    .map(({ path, value }) => ({ path, value: typeof value === "number" ? value : value.item() }));
}
