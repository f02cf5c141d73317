// (e) A step with the mean gradient is the mean of single-sample steps. Training by the averaged error ends somewhere worse.
import fc from "fast-check";
import { add, batchGrad, grad, mean, mul, oneHot, sub, type Tensor, tensor, tree, vmap } from "gradtape";
import { averagedErrorGrad } from "gradtape/pitfalls";
import { describe, expect, test } from "vitest";
import { untyped } from "../support";
import { build, type Params, recipes } from "./arbitrary";
import { losses } from "./losses";
import { curved, drawNetwork, type Network, type Pair, pairs, predictor, type Sample } from "./networks";
import { dataOf, expectSameTree, largest, Numbers } from "./numbers";

const stepped = <P>(params: P, gradient: unknown, rate: number): P =>
  tree.map((p, g) => sub(p, mul(rate, g)), params, untyped(gradient));

describe("one step of gradient descent with the mean gradient", () => {
  test.each(Object.keys(losses))("is the mean of the steps of the single samples: %s", (lossName) => {
    const property = fc.property(recipes, fc.double({ min: 1e-3, max: 1, noNaN: true }), (recipe, rate) => {
      const { params, samples, batch, cost } = build(recipe, lossName);
      const gradients = samples.map((sample) => grad(cost)(params, sample));
      const steps = gradients.map((gradient) => stepped(params, gradient, rate));
      const total = steps.reduce((a, b): Params => tree.map((x, y) => add(x, y), a, untyped(b)));
      const meanStep = tree.map((sum) => mul(sum, 1 / samples.length), total);
      const step = stepped(params, batchGrad(cost)(params, batch).mean(), rate);
      const scale = 1 + largest(params) + rate * largest(gradients);
      expectSameTree(step, meanStep, recipe.dtype === "float64" ? 1e-11 : 2e-4, scale);
    });
    fc.assert(property, { numRuns: 15 });
  });
});

describe("training by the averaged error sent back once", () => {
  const SAMPLES = 48;
  const STEPS = 150;
  const activation = curved.tanh;
  const predict = predictor(activation);

  /** Points of a square, and something about the product of their coordinates: no straight line can tell it. */
  function problem(seed: number, pair: Pair): { network: Network; batch: Sample } {
    const numbers = new Numbers(seed);
    const points = numbers.rows(SAMPLES, 2, -2, 2);
    const products = points.map(([a, b]) => a * b);
    const thirds = products.map((product) => (product > 0.5 ? 0 : product < -0.5 ? 1 : 2));
    const column = (values: number[]) => tensor(values.map((value) => [value]));
    const halves = column(products.map((product) => (product > 0 ? 1 : 0)));
    const t = pair.simplex ? oneHot(thirds, 3) : pair.probabilities ? halves : column(products);
    const network = drawNetwork(
      numbers,
      { inputs: 2, hidden: [8], outputs: pair.simplex ? 3 : 1 },
      { weights: 1, biases: 1 },
    );
    return { network, batch: { x: tensor(points), t } };
  }

  test.each(pairs)("ends at more than twice the loss of training by the right gradient: $name", (pair) => {
    const compare = (logits: Tensor, { t }: Sample) => pair.loss(logits, t);
    const cost = (params: Network, sample: Sample) => compare(predict(params, sample), sample);
    const rate = pair.probabilities ? 0.5 : 0.1;
    for (const seed of [1, 2, 3]) {
      const { network, batch } = problem(seed, pair);
      const lossOf = (params: Network) => dataOf(mean(vmap((sample: Sample) => cost(params, sample))(batch)))[0];
      const train = (gradientAt: (params: Network) => unknown) => {
        let params = network;
        for (let i = 0; i < STEPS; i++) params = stepped(params, gradientAt(params), rate);
        return lossOf(params);
      };
      const right = train((params) => batchGrad(cost)(params, batch).mean());
      const shortcut = train((params) => averagedErrorGrad(predict, compare)(params, batch));
      expect(right, `seed ${seed}: the right gradient trains`).toBeLessThan(0.5 * lossOf(network));
      expect(shortcut, `seed ${seed}: the shortcut does not`).toBeGreaterThan(2 * right);
    }
  });
});
