// (c) For the linear cost J(theta) = mean(y - theta x), averaging first agrees: the gradient is -mean(x) for every theta,
// so it can be computed once. But J has no minimum: along -gradient it falls by |gradient|^2 a step, without bound.
import fc from "fast-check";
import { batchGrad, dot, grad, loss, mean, mul, type Scalar, type Tensor, tensor, vmap } from "gradtape";
import { averagedErrorGrad, averagedInputGrad } from "gradtape/pitfalls";
import { describe, expect, test } from "vitest";
import { dataOf, expectSameTree, Numbers } from "./numbers";

type Sample = { readonly x: Tensor; readonly y: Tensor };

/** One parameter, or a vector of them: theta times x, or theta . x. */
const kinds = [
  { name: "a scalar theta", n: undefined, predict: (theta: Tensor, { x }: Sample): Tensor => mul(theta, x) },
  { name: "a vector theta", n: 3, predict: (theta: Tensor, { x }: Sample): Tensor => dot(theta, x) },
] as const;

describe.each(kinds)("the linear cost J = mean(y - theta x), $name", ({ n, predict }) => {
  const shape = n === undefined ? [] : [n];
  const cost = (theta: Tensor, sample: Sample): Scalar => loss.linear(predict(theta, sample), sample.y);
  const meanCost = (theta: Tensor, batch: Sample): Scalar => mean(vmap((sample: Sample) => cost(theta, sample))(batch));

  /** Inputs between 0.5 and 2.5, all of one sign: their mean is at least 0.5 away from zero. */
  const cases = fc
    .record({ batchSize: fc.integer({ min: 1, max: 33 }), negative: fc.boolean(), seed: fc.integer() })
    .map(({ batchSize, negative, seed }) => {
      const numbers = new Numbers(seed);
      const x = numbers.tensor([batchSize, ...shape], 0.5, 2.5);
      const batch = { x: negative ? x.neg() : x, y: numbers.tensor([batchSize], -3, 3) };
      return { numbers, batch, gradient: mean(batch.x, { axis: 0 }).neg(), theta: numbers.tensor(shape, -3, 3) };
    });

  test("has the gradient -mean(x), the same for every theta", () => {
    const property = fc.property(cases, ({ numbers, batch, gradient, theta }) => {
      for (const at of [
        theta,
        numbers.tensor(shape, -1e6, 1e6),
        tensor(
          dataOf(theta).map(() => 0),
          { shape },
        ),
      ]) {
        expectSameTree(grad(meanCost)(at, batch), gradient, 1e-14, 10);
        expectSameTree(batchGrad(cost)(at, batch).mean(), gradient, 1e-14, 10);
      }
    });
    fc.assert(property);
  });

  test("gives the same gradient when inputs and targets, or the error, are averaged first", () => {
    const property = fc.property(cases, ({ batch, gradient, theta }) => {
      expectSameTree(averagedInputGrad(cost)(theta, batch), gradient, 1e-14, 10);
      const compare = (output: Tensor, { y }: Sample): Scalar => loss.linear(output, y);
      expectSameTree(averagedErrorGrad(predict, compare)(theta, batch), gradient, 1e-14, 10);
    });
    fc.assert(property);
  });

  test("has no minimum: s steps along -gradient lower it by s |gradient|^2, below every bound", () => {
    const property = fc.property(
      cases,
      fc.double({ min: -1e9, max: 1e6, noNaN: true }),
      ({ batch, gradient, theta }, bound) => {
        const square = dataOf(gradient).reduce((total, g) => total + g * g, 0);
        expect(square).toBeGreaterThanOrEqual(0.25);
        const valueAfter = (s: number) => dataOf(meanCost(theta.sub(mul(s, gradient)), batch))[0];
        const start = valueAfter(0);
        for (const s of [0.5, 1, 10, 1e3, 1e6]) {
          expect(Math.abs(valueAfter(s) - (start - s * square))).toBeLessThanOrEqual(1e-12 * (100 + s * square));
        }
        const enough = Math.max(0, start - bound) / square + 1;
        expect(valueAfter(enough)).toBeLessThan(bound);
      },
    );
    fc.assert(property);
  });
});
