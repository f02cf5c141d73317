// (a) Differentiation is linear: the mean of the per-sample gradients is the gradient of the mean loss, whatever the model.
import fc from "fast-check";
import {
  add,
  batchGrad,
  type Gradient,
  grad,
  mean,
  mul,
  type Scalar,
  sum,
  type Tensor,
  tensor,
  tree,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { untyped } from "../support";
import { build, type Model, type Params, type Recipe, recipes, recipesOf, rowsOf } from "./arbitrary";
import { losses } from "./losses";
import { expectSameTree, type FloatDtype, largest, Numbers } from "./numbers";
import { type Sample, steps } from "./steps";

/** Rounding, relative to the largest per-sample gradient: both sides add up the same terms, in another order. */
const tolerance: Readonly<Record<FloatDtype, number>> = { float64: 1e-11, float32: 2e-4 };

const lossNames = Object.keys(losses);

/** The gradient of a combination of the losses of all samples, by differentiating once through vmap. */
function gradientOf({ params, batch, cost }: Model, combine: (all: Tensor) => Scalar): Gradient<Params> {
  return grad((p: Params) => combine(vmap((sample: Sample) => cost(p, sample))(batch)))(params);
}

/** The gradient of each sample's loss, one call at a time. */
const gradientsOf = ({ params, samples, cost }: Model): Gradient<Params>[] =>
  samples.map((sample) => grad(cost)(params, sample));

const scaled = <G>(gradient: G, factor: number): G => tree.map((g) => mul(g, factor), gradient) as G;
const added = <G>(a: G, b: G): G => tree.map((x, y) => add(x, y), a, untyped(b));

function expectMeansAgree(recipe: Recipe, lossName: string): void {
  const model = build(recipe, lossName);
  const result = batchGrad(model.cost)(model.params, model.batch);
  const each = gradientsOf(model);
  const wanted = gradientOf(model, (all) => mean(all));
  const scale = 1 + largest(each);
  const same = (got: unknown) => expectSameTree(got, wanted, tolerance[recipe.dtype], scale);
  same(result.mean());
  same(tree.map((rows) => mean(rows, { axis: 0 }), result.materialize()));
  same(each.map((gradient) => scaled(gradient, 1 / each.length)).reduce(added));
}

describe("the mean of per-sample gradients is the gradient of the mean loss", () => {
  test.each(lossNames)("for random compositions of ops and random nested parameters: %s", (lossName) => {
    fc.assert(
      fc.property(recipes, (recipe) => expectMeansAgree(recipe, lossName)),
      { numRuns: 25 },
    );
  });

  test.each(Object.keys(steps))("for a model with the step: %s", (name) => {
    fc.assert(
      fc.property(recipesOf(name), (recipe) => expectMeansAgree(recipe, "mse")),
      { numRuns: 5 },
    );
  });

  test.each([1, 2, 32, 33])("for a batch of %d", (batchSize) => {
    fc.assert(
      fc.property(recipes, (recipe) => expectMeansAgree({ ...recipe, batchSize }, "huber")),
      { numRuns: 10 },
    );
  });
});

describe("a weighted sum of per-sample gradients is the gradient of the weighted sum of losses", () => {
  test.each(lossNames)("for random weights, negative ones too: %s", (lossName) => {
    const property = fc.property(recipes, (recipe) => {
      const model = build(recipe, lossName);
      const weights = new Numbers(recipe.seed + 1, recipe.dtype).tensor([recipe.batchSize], -1, 2);
      const result = batchGrad(model.cost)(model.params, model.batch);
      const wanted = gradientOf(model, (all) => sum(mul(weights, all)));
      const scale = (1 + largest(gradientsOf(model))) * recipe.batchSize;
      expectSameTree(result.weightedSum(weights), wanted, tolerance[recipe.dtype], scale);
      expectSameTree(result.weightedSum(Array.from<number>(weights.data)), wanted, tolerance[recipe.dtype], scale);
    });
    fc.assert(property, { numRuns: 15 });
  });

  test("equal weights 1 / B give the mean", () => {
    const property = fc.property(recipes, (recipe) => {
      const model = build(recipe, "mse");
      const result = batchGrad(model.cost)(model.params, model.batch);
      const weights = tensor(model.samples.map(() => 1 / model.samples.length));
      const scale = 1 + largest(gradientsOf(model));
      expectSameTree(result.weightedSum(weights), result.mean(), tolerance[recipe.dtype], scale);
    });
    fc.assert(property, { numRuns: 15 });
  });
});

describe("unequal shards of a batch", () => {
  /** A batch cut into shards of random sizes, none empty. */
  const sharded = fc
    .tuple(recipes, fc.constantFrom(...lossNames), fc.uniqueArray(fc.integer({ min: 1, max: 32 }), { maxLength: 4 }))
    .map(([recipe, lossName, cuts]) => {
      const inside = cuts.filter((cut) => cut < recipe.batchSize).sort((a, b) => a - b);
      return { recipe, lossName, ends: [...inside, recipe.batchSize] };
    });

  test("combine by weight, size of the shard over size of the batch, to the gradient of the whole", () => {
    const property = fc.property(sharded, ({ recipe, lossName, ends }) => {
      const model = build(recipe, lossName);
      const parts = ends.map((stop, i) => {
        const start = i === 0 ? 0 : ends[i - 1];
        const shard = batchGrad(model.cost)(model.params, rowsOf(model, start, stop));
        expect(shard.batchSize).toBe(stop - start);
        return scaled(shard.mean(), shard.batchSize / recipe.batchSize);
      });
      const wanted = gradientOf(model, (all) => mean(all));
      expectSameTree(parts.reduce(added), wanted, tolerance[recipe.dtype], 1 + largest(gradientsOf(model)));
    });
    fc.assert(property, { numRuns: 60 });
  });

  test("do not combine to it by their plain average, once their gradients differ", () => {
    const slope = (w: number, x: number | Tensor): Scalar => mul(w, x);
    const first = batchGrad(slope)(1, tensor([1])).mean();
    const second = batchGrad(slope)(1, tensor([4, 4, 4])).mean();
    const whole = batchGrad(slope)(1, tensor([1, 4, 4, 4])).mean();
    expect([first, second, whole]).toEqual([1, 4, 3.25]);
    expect((first + second) / 2).toBe(2.5);
    expect((first * 1 + second * 3) / 4).toBe(whole);
  });
});
