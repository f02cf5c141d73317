// A user's gradients of single samples, and of the shortcuts.
import { type Batch, batchGrad, type Gradient, type Leaves, loss, type PerSampleGradient, type Tensor } from "gradtape";
import { averagedErrorGrad, averagedInputGrad, comparePitfalls } from "gradtape/pitfalls";
import { classifier, cost, predict, type Sample } from "./model.js";

const outputOf = (params: typeof classifier, sample: Sample) => predict(params, sample.x);
const costOf = (y: Tensor<readonly [3]>, sample: Sample) => loss.crossEntropy(y, sample.y);

export const perSample = batchGrad(cost, { chunk: 8 });
export const products = (batch: { x: Tensor; y: Tensor }) => {
  const g = perSample(classifier, batch);
  return { mean: g.mean(), norms: g.norms({ perParameter: true }), all: g.materialize(), gram: g.gram(), g };
};
export const shortcut = averagedInputGrad(cost);
export const wrong = averagedErrorGrad(outputOf, costOf);
export const report = comparePitfalls(outputOf, costOf);
export class Privacy<P> {
  constructor(readonly gradient: PerSampleGradient<P>) {}
  clipped(limit: number) {
    return [this.gradient.clippedMean(limit), this.gradient.norms({ perParameter: true })] as const;
  }
}
export const trees = <P>(gradient: Gradient<P>, batch: Batch<P>, norms: Leaves<P, number>) => ({
  gradient,
  batch,
  norms,
});
