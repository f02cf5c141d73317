// The recipes of per-sample gradients do what they say, and what they rest on holds.
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Worker } from "node:worker_threads";
import {
  add,
  argmax,
  batchGrad,
  dot,
  grad,
  mul,
  norm,
  random,
  slice,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  tree,
  valueOf,
} from "gradtape";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chosen, first, load } from "../../examples/digits/data";
import { cost, type Digit, initialize, type Params } from "../../examples/digits/model";
import { perSample } from "../../examples/recipes/all";
import * as parallel from "../../examples/recipes/data-parallel";
import * as variance from "../../examples/recipes/gradient-variance";
import * as influence from "../../examples/recipes/influence";
import * as mislabeled from "../../examples/recipes/mislabeled";
import * as noiseScale from "../../examples/recipes/noise-scale";
import * as privacy from "../../examples/recipes/private-training";
import * as conflict from "../../examples/recipes/task-conflict";
import { expectPrinted, once } from "./guide";

const numbers = (x: Tensor): number[] => Array.from(x.data);
const squaredNorm = (x: Tensor): number => sum(x.square()).item();

const params = initialize(random.key(20));
const digits = first(40, load("train"));
const digitAt = (i: number): Digit => tree.map((x) => x.at(i), digits.digits);
/** The gradient of one digit, as a vector, without batchGrad. */
const gradientAt = (i: number, at: Params = params): Tensor => tree.ravel(grad(cost)(at, digitAt(i)));

describe("private training", () => {
  const LOT = 256;
  const gradientOf = (places: number[], key: random.Key, sigma: number) =>
    tree.ravel(privacy.privateGradient(key, params, chosen(digits, tensor(places).cast("int32")).digits, sigma));
  const key = random.key(21);

  test("costs some accuracy, and leaves most of it", () => {
    const { accuracy, clipped } = once(privacy.privateTraining);
    expect(accuracy.withoutClipping).toBeGreaterThan(0.93);
    expect(accuracy.private).toBeGreaterThan(0.9);
    expect(accuracy.private).toBeLessThan(accuracy.withoutClipping);
    expect(accuracy.eightTimesTheNoise).toBeLessThan(accuracy.private);
    expect(clipped.before).toBeGreaterThan(0.99);
    expect(clipped.after).toBeLessThan(0.6);
  });

  test("one digit moves the sum by its clipped gradient, never by more than 1", () => {
    const others = [0, 1, 2, 3, 4];
    for (const i of [5, 6, 7]) {
      const moved = mul(LOT, sub(gradientOf([...others, i], key, 0), gradientOf(others, key, 0)));
      const gradient = gradientAt(i);
      const length = norm(gradient).item();
      expect(norm(moved).item()).toBeLessThan(1 + 1e-12);
      expect(squaredNorm(sub(moved, mul(gradient, Math.min(1, 1 / length))))).toBeLessThan(1e-24);
    }
  });

  test("the noise has the standard deviation sigma C / L, and no number of it comes twice", () => {
    const noise = mul(LOT / 3, sub(gradientOf([0, 1], key, 3), gradientOf([0, 1], key, 0)));
    expect(Math.abs(noise.mean().item())).toBeLessThan(0.05);
    expect(Math.sqrt(squaredNorm(noise) / noise.size)).toBeCloseTo(1, 1);
    expect(new Set(numbers(noise).map((x) => x.toFixed(9))).size).toBe(noise.size);
    expect(numbers(gradientOf([0, 1], key, 3))).toEqual(numbers(gradientOf([0, 1], key, 3)));
    expect(numbers(gradientOf([0, 1], random.key(22), 3))).not.toEqual(numbers(gradientOf([0, 1], key, 3)));
  });

  test("batches are drawn without a fixed size, each digit with the probability asked for", () => {
    const drawn = Array.from({ length: 400 }, (_, i) => numbers(privacy.drawBatch(random.key(i), 50, 0.2)));
    const seen = drawn.flat();
    for (let digit = 0; digit < 50; digit++) {
      // Four standard deviations of a share of 400 draws.
      expect(Math.abs(seen.filter((i) => i === digit).length / 400 - 0.2)).toBeLessThan(0.08);
    }
    expect(drawn.every((batch) => new Set(batch).size === batch.length)).toBe(true);
    expect(new Set(drawn.map(({ length }) => length)).size).toBeGreaterThan(5);
  });
});

describe("noise scale", () => {
  test("grows while the network learns, and the estimates along the way follow it", () => {
    const { before, after, alongTheWay } = once(noiseScale.noiseScale);
    const along = numbers(alongTheWay);
    expect(after.scale).toBeGreaterThan(5 * before.scale);
    expect(after.batch).toBeGreaterThan(before.batch);
    expect(along).toEqual([...along].sort((a, b) => a - b));
    expect(along[0]).toBeGreaterThan(before.scale);
    expect((along.at(-1) ?? 0) / after.scale).toBeGreaterThan(0.4);
    expect((along.at(-1) ?? 0) / after.scale).toBeLessThan(2.5);
  });

  test("over all pairs that can be drawn, the estimates are right on average", () => {
    const count = 5;
    const gradients = Array.from({ length: count }, (_, i) => gradientAt(i));
    const average = stack(gradients).mean({ axis: 0 });
    const trace = gradients.reduce((total, g) => total + squaredNorm(sub(g, average)) / count, 0);
    const pairs = gradients.flatMap((_, i) => gradients.map((_, j) => tensor([i, j]).cast("int32")));
    const estimates = pairs.map((pair) => noiseScale.estimate(batchGrad(cost)(params, chosen(digits, pair).digits)));
    const mean = (name: keyof noiseScale.Noise) => estimates.reduce((total, one) => total + one[name], 0) / count ** 2;
    expect(mean("signal") / squaredNorm(average)).toBeCloseTo(1, 10);
    expect(mean("noise") / trace).toBeCloseTo(1, 10);
    expect(noiseScale.scaleOf(estimates)).toBeCloseTo(trace / squaredNorm(average), 8);
  });
});

describe("influence", () => {
  test("digits of its own kind help, those it is taken for mislead, and training without them shows it", () => {
    const { digit, cost, harmful, helpful, costWithoutAny } = once(influence.influence);
    expect(digit.readAs).not.toBe(digit.label);
    expect(new Set(numbers(harmful.labels))).toEqual(new Set([digit.readAs]));
    expect(new Set(numbers(helpful.labels))).toEqual(new Set([digit.label]));
    expect(Math.max(...numbers(harmful.influence))).toBeLessThan(0);
    expect(Math.min(...numbers(helpful.influence))).toBeGreaterThan(0);
    for (const usual of [cost, costWithoutAny]) {
      expect(harmful.costWithout).toBeLessThan(usual - 0.2);
      expect(helpful.costWithout).toBeGreaterThan(usual + 0.2);
    }
  });

  test("a step along one training digit lowers the loss by its influence, to first order", () => {
    const digit = tree.map((x: Tensor) => x.at(0), load("test").digits);
    const error = (i: number, rate: number) => {
      const found = influence.influences([params], digits, digit, rate).at(i).item();
      const moved = tree.map((p, g) => sub(p, mul(rate, g)), params, grad(cost)(params, digitAt(i)));
      const lowered = valueOf(cost(params, digit)) - valueOf(cost(moved, digit));
      expect(Math.abs(lowered - found)).toBeLessThan(0.05 * Math.abs(found));
      return lowered - found;
    };
    // What is left is of second order: a tenth of the step leaves a hundredth of it.
    for (const i of [0, 7, 23]) expect(error(i, 1e-3) / error(i, 1e-4)).toBeCloseTo(100, -1);
  });

  test("over several parameters it is a sum, and on itself the square of the norm", () => {
    const others = initialize(random.key(23));
    const found = influence.influences([params, others], digits, digitAt(3), 0.5).at(3).item();
    expect(found).toBeCloseTo(0.5 * (squaredNorm(gradientAt(3)) + squaredNorm(gradientAt(3, others))), 9);
  });
});

describe("mislabeled digits", () => {
  test("are found by the norms of their gradients", () => {
    const { spoiled, byNorm, byLoss } = once(mislabeled.mislabeled);
    expect(spoiled).toBe(191);
    for (const { asMany, twiceAsMany } of [byNorm, byLoss]) {
      expect(asMany.precision).toBeGreaterThan(0.8);
      expect(asMany.recall).toBe(asMany.precision);
      expect(twiceAsMany.recall).toBeGreaterThan(0.98);
      expect(twiceAsMany.precision).toBeCloseTo(twiceAsMany.recall / 2, 12);
    }
  });

  test("one in twenty is spoiled, never into what it was, and the targets follow", () => {
    const set = load("train");
    const { train, wrong, spoiled } = mislabeled.spoil(random.key(24), set);
    const changed = numbers(train.labels).map((label, i) => Number(label !== set.labels.data[i]));
    expect(changed).toEqual(numbers(wrong));
    expect(changed.reduce((a, b) => a + b)).toBe(spoiled);
    expect(spoiled).toBe(Math.round(set.count / 20));
    expect(Math.min(...train.labels.data)).toBe(0);
    expect(Math.max(...train.labels.data)).toBe(9);
    expect(numbers(argmax(train.digits.target, { axis: 1 }))).toEqual(numbers(train.labels));
    expect(train.digits.pixels).toBe(set.digits.pixels);
  });

  test("precision and recall are counted by hand", () => {
    const [scores, wrong] = [tensor([5, 1, 4, 3, 2]), tensor([1, 1, 0, 1, 0])];
    expect(mislabeled.retrieve(scores, wrong, 2)).toEqual({ precision: 1 / 2, recall: 1 / 3 });
    expect(mislabeled.retrieve(scores, wrong, 3)).toEqual({ precision: 2 / 3, recall: 2 / 3 });
    expect(mislabeled.retrieve(scores, wrong, 5)).toEqual({ precision: 3 / 5, recall: 1 });
  });
});

describe("gradient variance", () => {
  test("falls while the network learns, and the signal falls faster", () => {
    const stages = Object.values(once(variance.gradientVariance));
    expect(stages.length).toBe(4);
    for (const layer of ["hidden", "output"] as const) {
      for (const what of ["variance", "signalToNoise"] as const) {
        const course = stages.map((stage) => stage[layer][what]);
        expect(course).toEqual([...course].sort((a, b) => b - a));
        expect(course[3]).toBeLessThan(0.5 * course[0]);
      }
    }
  });

  test("is that of the gradients of single digits", () => {
    const found = variance.measure(params, digits.digits);
    for (const layer of ["hidden", "output"] as const) {
      const each = stack(Array.from({ length: 40 }, (_, i) => tree.ravel(grad(cost)(params, digitAt(i))[layer])));
      const average = each.mean({ axis: 0 });
      const want = squaredNorm(sub(each, average)) / 39;
      expect(found[layer].variance).toBeCloseTo(want, 10);
      expect(found[layer].signalToNoise).toBeCloseTo(norm(average).item() / Math.sqrt(want / 32), 10);
    }
  });
});

describe("task conflict", () => {
  const gradientsOf = (p: conflict.Params, batch: conflict.Labeled): Tensor[] =>
    [0, 1].map((task) => tree.ravel(grad((q: conflict.Params) => conflict.costs(q, batch).at(task))(p)));
  /** Networks and batches, drawn; in many of them the tasks are in conflict. */
  const drawn = Array.from({ length: 40 }, (_, i) => {
    const { digits: some, labels } = chosen(digits, random.choice(random.key(i), 40, [8]));
    const [p, batch] = [conflict.initialize(random.key(i)), { pixels: some.pixels, labels }];
    return { gradients: gradientsOf(p, batch), products: conflict.taskGradients(p, batch) };
  });

  test("training meets conflicts, and both ways learn both tasks", () => {
    const found = once(conflict.taskConflict);
    for (const { accuracy, conflicts, lowestCosine } of [found.sum, found.surgery]) {
      expect(accuracy.digit).toBeGreaterThan(0.9);
      expect(accuracy.parity).toBeGreaterThan(0.93);
      expect(conflicts.first100 + conflicts.last100).toBeGreaterThan(0.05);
      expect(lowestCosine).toBeLessThan(-0.2);
    }
  });

  test("the Gram matrix of the tasks is that of their gradients", () => {
    for (const {
      gradients: [a, b],
      products,
    } of drawn) {
      const gram = products.gram();
      const want = [dot(a, a), dot(a, b), dot(a, b), dot(b, b)].map((x) => x.item());
      for (const [i, x] of numbers(gram).entries()) expect(x).toBeCloseTo(want[i], 10);
      expect(conflict.cosine(gram)).toBeCloseTo(want[1] / Math.sqrt(want[0] * want[3]), 10);
    }
  });

  test("after surgery no task works against the other; without a conflict nothing changes", () => {
    let conflicts = 0;
    for (const {
      gradients: [a, b],
      products,
    } of drawn) {
      const weights = conflict.surgery(products.gram());
      const both = tree.ravel(products.weightedSum(weights));
      expect(dot(both, a).item()).toBeGreaterThanOrEqual(0);
      expect(dot(both, b).item()).toBeGreaterThanOrEqual(0);
      const inner = dot(a, b).item();
      if (inner >= 0) {
        expect(numbers(weights)).toEqual([1, 1]);
        continue;
      }
      conflicts++;
      // As the paper writes it: each gradient without its part along the other.
      const without = (x: Tensor, along: Tensor) => sub(x, mul(inner / squaredNorm(along), along));
      const projected = [without(a, b), without(b, a)] as const;
      expect(dot(projected[0], b).item()).toBeCloseTo(0, 12);
      expect(dot(projected[1], a).item()).toBeCloseTo(0, 12);
      expect(squaredNorm(sub(both, add(...projected)))).toBeLessThan(1e-24);
    }
    expect(conflicts).toBeGreaterThan(5);
    expect(conflicts).toBeLessThan(drawn.length);
  });

  test("where one gradient is much longer the plain sum works against the other, and surgery does not", () => {
    const gram = tensor([
      [100, -5],
      [-5, 1],
    ]);
    const along = (weights: Tensor) => numbers(gram.matmul(weights));
    expect(Math.min(...along(tensor([1, 1])))).toBeLessThan(0);
    expect(Math.min(...along(conflict.surgery(gram)))).toBeGreaterThan(0);
  });
});

describe("data-parallel training", () => {
  const { digits: many } = first(700, load("train"));
  const chunks = parallel.chunksOf(many);
  const sums = chunks.map((chunk) => parallel.gradientSum(params, chunk));

  /** All workers that a test has started, as Node announces them. */
  const started: Worker[] = [];
  const note = (message: unknown): void => {
    started.push((message as { worker: Worker }).worker);
  };
  beforeEach(() => {
    started.length = 0;
    subscribe("worker_threads", note);
  });
  afterEach(() => {
    unsubscribe("worker_threads", note);
  });
  const hasEnded = ({ threadId }: Worker): boolean => threadId === -1;

  test("threads end with the bits of one, and have learned", async () => {
    const { cost, differing, byWeight } = await once(parallel.dataParallel);
    expect(differing).toEqual({ twoWorkers: 0, threeWorkers: 0 });
    expect(cost.after).toBeLessThan(0.7 * cost.before);
    expect(byWeight).toBeLessThan(1e-15);
  });

  test("two workers send back the bits of this thread, each time they are asked, and end", async () => {
    const others = initialize(random.key(25));
    await parallel.withWorkers(2, chunks, async (sumsOf) => {
      const found = await sumsOf(params);
      expect(found.length).toBe(chunks.length);
      expect(found.map((sum, i) => parallel.differing(sum, sums[i]))).toEqual(sums.map(() => 0));
      expect(parallel.differing((await sumsOf(others))[0], parallel.gradientSum(others, chunks[0]))).toBe(0);
    });
    expect(started.length).toBe(2);
    expect(started.map(hasEnded)).toEqual([true, true]);
  });

  test("what fails in a worker fails here", async () => {
    const narrow = { ...params, output: params.hidden };
    const failing = parallel.withWorkers(2, chunks, (sumsOf) => sumsOf(narrow));
    await expect(failing).rejects.toThrow(/crossEntropy/);
    expect(started.map(hasEnded)).toEqual([true, true]);
  });

  test("chunks hold every digit once, and other chunks or another order give other bits", () => {
    expect(chunks.map(({ pixels }) => pixels.shape[0])).toEqual([128, 128, 128, 128, 128, 60]);
    const found = parallel.combine(sums, 700);
    const want = grad(cost)(params, many);
    expect(Math.max(...numbers(sub(tree.ravel(found), tree.ravel(want)).abs()))).toBeLessThan(1e-15);
    expect(parallel.differing(found, parallel.combine([...sums].reverse(), 700))).toBeGreaterThan(0);
    expect(parallel.differing(found, parallel.combine([parallel.gradientSum(params, many)], 700))).toBeGreaterThan(0);
  });

  test("means of unequal shards, weighted by their sizes, are the mean; unweighted they are not", () => {
    const shard = (start: number, stop: number) => tree.map((x) => slice(x, [{ start, stop }]), many);
    const shards = [shard(0, 50), shard(50, 400), shard(400, 700)];
    const want = tree.ravel(batchGrad(cost)(params, many).mean());
    const gap = (x: Tensor) => norm(sub(x, want)).item() / norm(want).item();
    expect(gap(tree.ravel(parallel.combineByWeight(params, shards)))).toBeLessThan(1e-14);
    const means = shards.map((one) => tree.ravel(batchGrad(cost)(params, one).mean()));
    expect(gap(stack(means).mean({ axis: 0 }))).toBeGreaterThan(0.01);
  });
});

test.each(Object.entries(perSample))("the guide prints what %s gives", async (name, run) => {
  expectPrinted(name, await once(run));
});
