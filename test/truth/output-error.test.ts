// (f) Output activation and loss in one: the gradient at the logits is prediction minus target. For one sample of n outputs:
//   softmax and cross-entropy              p - t            (one row, one term; the targets of a row add up to 1)
//   sigmoid and binary cross-entropy      (p - t) / n       for "mean", p - t for "sum": n terms
//   identity and squared error           2 (p - t) / n      for "mean", 2 (p - t) for "sum", so p - t for half the sum
// and over a batch of B samples averaged, each of them divided by B.
import fc from "fast-check";
import { grad, loss, mean, mul, oneHot, type Scalar, sub, type Tensor, tensor, vmap } from "gradtape";
import { describe, expect, test } from "vitest";
import { type Pair, pairs } from "./networks";
import { dataOf, expectSameTree, Numbers } from "./numbers";

/** Gradient at the logits of one sample over (prediction - target), as the library's "mean" has it. */
const factor: Readonly<Record<string, (n: number) => number>> = {
  "softmax and cross-entropy": () => 1,
  "sigmoid and binary cross-entropy": (n) => 1 / n,
  "identity and squared error": (n) => 2 / n,
};
const factorOf = (pair: Pair, n: number) => factor[pair.name](n);

const cases = fc
  .record({ n: fc.integer({ min: 1, max: 6 }), batchSize: fc.integer({ min: 1, max: 33 }), seed: fc.integer() })
  .map(({ n, batchSize, seed }) => {
    const numbers = new Numbers(seed);
    return { n, batchSize, numbers, logits: numbers.tensor([batchSize, n], -8, 8) };
  });

function drawTargets(pair: Pair, numbers: Numbers, batchSize: number, n: number): Tensor {
  const rows = numbers.rows(batchSize, n, 0, 1);
  if (!pair.simplex) return tensor(rows);
  return tensor(
    rows.map((row) => {
      const total = row.reduce((a, b) => a + b);
      return row.map((mass) => mass / total);
    }),
  );
}

const row = (x: Tensor): Tensor => x.at(0);

describe.each(pairs)("the gradient at the logits, $name", (pair) => {
  test("of one sample is prediction minus target, times the factor of the mean", () => {
    const property = fc.property(cases, ({ n, numbers, logits }) => {
      const [z, t] = [row(logits), row(drawTargets(pair, numbers, 1, n))];
      const error = sub(pair.predicted(z), t);
      expectSameTree(grad(pair.loss)(z, t), mul(factorOf(pair, n), error), 1e-14, 20);
    });
    fc.assert(property);
  });

  test("of the mean over a batch is that divided by the size of the batch", () => {
    const property = fc.property(cases, ({ n, batchSize, numbers, logits }) => {
      const t = drawTargets(pair, numbers, batchSize, n);
      const meanLoss = (z: Tensor): Scalar => mean(vmap(pair.loss)(z, t));
      const error = sub(pair.predicted(logits), t);
      expectSameTree(grad(meanLoss)(logits), mul(factorOf(pair, n) / batchSize, error), 1e-14, 20);
      expectSameTree(grad(pair.loss)(logits, t), mul(factorOf(pair, n) / batchSize, error), 1e-14, 20);
    });
    fc.assert(property);
  });

  test("is zero exactly where the prediction is the target", () => {
    const property = fc.property(cases, ({ logits }) => {
      const z = row(logits);
      const gradient = grad(pair.loss)(z, pair.predicted(z));
      expect(Math.max(...dataOf(gradient).map(Math.abs))).toBeLessThan(1e-14);
    });
    fc.assert(property);
  });
});

describe("the gradient at the logits, other forms of the same losses", () => {
  test("of cross-entropy with a class is prediction minus the class as one-hot", () => {
    const property = fc.property(cases, ({ n, numbers, logits }) => {
      const target = numbers.integer(n);
      const gradient = grad((z: Tensor) => loss.crossEntropy(z, target))(row(logits));
      const [softmaxPair] = pairs as [Pair];
      expectSameTree(gradient, sub(softmaxPair.predicted(row(logits)), oneHot(target, n)), 1e-14, 1);
    });
    fc.assert(property);
  });

  test("of the sum over outputs of binary cross-entropy is prediction minus target", () => {
    const property = fc.property(cases, ({ n, numbers, logits }) => {
      const t = numbers.tensor([n], 0, 1);
      const gradient = grad((z: Tensor) => loss.bceWithLogits(z, t, { reduction: "sum" }))(row(logits));
      expectSameTree(gradient, sub(row(logits).sigmoid(), t), 1e-14, 1);
    });
    fc.assert(property);
  });

  test("of half the sum of squared errors is prediction minus target", () => {
    const property = fc.property(cases, ({ n, numbers, logits }) => {
      const t = numbers.tensor([n], -3, 3);
      const half = (z: Tensor): Scalar => mul(0.5, loss.mse(z, t, { reduction: "sum" }));
      expectSameTree(grad(half)(row(logits)), sub(row(logits), t), 1e-14, 20);
    });
    fc.assert(property);
  });
});
