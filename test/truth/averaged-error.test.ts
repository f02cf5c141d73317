// (d) Averaging the output error and sending it back once. Only the last bias gets its gradient: every other parameter's is
// a mean of products (error times activation, error times slope), and a mean of products is not the product of the means.
import fc from "fast-check";
import { type Gradient, oneHot, relu, tensor, tree } from "gradtape";
import { comparePitfalls } from "gradtape/pitfalls";
import { describe, expect, test } from "vitest";
import { arrange, draws, open, wide } from "./arranged";
import {
  type Activation,
  curved,
  drawNetwork,
  gradients,
  type Network,
  type Pair,
  pairs,
  predictor,
  type Sample,
  type Spread,
  straight,
} from "./networks";
import { dataOf, expectSameTree, Numbers, relativeError, relativeErrors } from "./numbers";

/** A parameter's gradient is called wrong from here on, relative to its size, and right up to there. */
const WRONG = 0.01;
const RIGHT = 1e-9;

/** Relative error of the shortcut, by path, without the last bias; and that of the last bias. */
function errorsOf(network: Network, activation: Activation, pair: Pair, batch: Sample) {
  const { right, shortcut } = gradients(network, activation, pair, batch);
  const errors = relativeErrors(shortcut, right);
  const path = `layers[${network.layers.length - 1}].b`;
  const lastBias = errors.get(path);
  errors.delete(path);
  return { errors, lastBias, right, shortcut };
}

/** Paths among the errors that are not on the expected side of a bound. */
const pathsWhere = (errors: Map<string, number>, holds: (error: number) => boolean) =>
  [...errors].filter(([, error]) => holds(error)).map(([path, error]) => `${path}: ${error}`);

describe.each(pairs)("the averaged error sent back once, $name", (pair) => {
  test.each(Object.entries(curved))(
    "is wrong for every parameter but the last bias: %s hidden layers",
    (_, activation) => {
      const property = fc.property(draws, (draw) => {
        const { network, batch } = arrange(draw, activation, pair, wide);
        const { errors, lastBias } = errorsOf(network, activation, pair, batch);
        expect(errors.size).toBe(2 * network.layers.length - 1);
        expect(pathsWhere(errors, (error) => !(error > WRONG))).toEqual([]);
        expect(lastBias).toBeLessThan(RIGHT);
      });
      fc.assert(property, { numRuns: 30 });
    },
  );

  test.each(Object.entries(curved))("is right for every parameter where all samples are alike: %s", (_, activation) => {
    const property = fc.property(draws, (draw) => {
      const { network, batch } = arrange({ ...draw, batchSize: 8 }, activation, pair, wide);
      const same = { x: batch.x.take(Array(draw.batchSize).fill(0)), t: batch.t.take(Array(draw.batchSize).fill(0)) };
      const { right, shortcut } = gradients(network, activation, pair, same);
      expectSameTree(shortcut, right, 1e-12);
    });
    fc.assert(property, { numRuns: 15 });
  });

  const flat: [string, Activation, Spread][] = [
    ["linear hidden layers", straight, wide],
    ["ReLU layers kept in one linear region", relu, open],
  ];
  test.each(flat)("is right for every bias and wrong for every weight matrix: %s", (_, activation, spread) => {
    const property = fc.property(draws, (draw) => {
      const { network, batch } = arrange(draw, activation, pair, spread);
      const { errors, lastBias } = errorsOf(network, activation, pair, batch);
      expect(pathsWhere(errors, (error) => !(error > WRONG)).filter((path) => !path.includes(".b:"))).toEqual([]);
      expect(pathsWhere(errors, (error) => !(error < RIGHT)).filter((path) => !path.includes(".w:"))).toEqual([]);
      expect(lastBias).toBeLessThan(RIGHT);
    });
    fc.assert(property, { numRuns: 30 });
  });
});

describe("the averaged error sent back once, nothing arranged", () => {
  /** Targets from random scores: the class of the largest, or one or zero for each, or the scores themselves. */
  const label = (pair: Pair, scores: number[][]) => {
    if (!pair.probabilities) return tensor(scores);
    if (pair.simplex)
      return oneHot(
        scores.map((row) => row.indexOf(Math.max(...row))),
        scores[0]?.length ?? 0,
      );
    return tensor(scores.map((row) => row.map((score) => (score > 0 ? 1 : 0))));
  };

  test.each(pairs)("is off by more than a thousandth over all parameters together: $name", (pair) => {
    const property = fc.property(draws, fc.constantFrom(...Object.values(curved)), (draw, activation) => {
      const numbers = new Numbers(draw.seed);
      const x = numbers.tensor([draw.batchSize, draw.inputs], -3, 3);
      const network = drawNetwork(numbers, draw, wide);
      const batch = { x, t: label(pair, numbers.rows(draw.batchSize, draw.outputs, -2, 2)) };
      const { right, shortcut } = gradients(network, activation, pair, batch);
      const whole = (gradient: Gradient<Network>) =>
        tensor(tree.leaves(gradient).flatMap(({ value }) => dataOf(value)));
      expect(relativeError(whole(shortcut), whole(right))).toBeGreaterThan(0.001);
    });
    fc.assert(property, { numRuns: 40 });
  });

  test("comparePitfalls reports the same relative errors, and no angle where the gradient is right", () => {
    const pair = pairs[0];
    const property = fc.property(draws, (draw) => {
      const { network, batch } = arrange(draw, curved.tanh, pair, wide);
      const { right, shortcut } = gradients(network, curved.tanh, pair, batch);
      const report = comparePitfalls(predictor(curved.tanh), (logits: typeof batch.t, { t }: Sample) =>
        pair.loss(logits, t),
      )(network, batch);
      const wanted = relativeErrors(shortcut, right);
      expect(report.averagedError.map(({ path }) => path)).toEqual([...wanted.keys()]);
      for (const { path, relativeError, angle } of report.averagedError) {
        expect(Math.abs(relativeError - (wanted.get(path) as number))).toBeLessThan(1e-9 * (1 + relativeError));
        expect(angle).toBeGreaterThanOrEqual(0);
        if (relativeError < RIGHT) expect(angle).toBeLessThan(1e-6);
      }
    });
    fc.assert(property, { numRuns: 10 });
  });
});
