// (b) Averaging inputs and targets first: for the prediction w.x + b and squared error, the gradient of the mean loss is
//   2 mean((w.x + b - y) x), the gradient at the averages 2 (w.mean(x) + b - mean(y)) mean(x),
// and their difference in w is 2 (Cov(x, x) w - Cov(x, y)), with population covariances. In b they are the same.
import fc from "fast-check";
import { add, batchGrad, dot, loss, type Tensor, tensor } from "gradtape";
import { averagedInputGrad } from "gradtape/pitfalls";
import { describe, expect, test } from "vitest";
import { dataOf, expectSameTree, Numbers, normOf } from "./numbers";
import { covariance, solve } from "./statistics";

type Params = { readonly w: Tensor; readonly b: Tensor };
type Sample = { readonly x: Tensor; readonly y: Tensor };
interface Data {
  readonly x: readonly number[][];
  readonly y: readonly number[];
}

const squaredError = ({ w, b }: Params, { x, y }: Sample) => loss.mse(add(dot(w, x), b), y);

/** The gradient of the mean loss, the gradient at the averages, and the difference of the two in w. */
function gradients(w: readonly number[], b: number, { x, y }: Data) {
  const params = { w: tensor(w), b: tensor(b) };
  const batch = { x: tensor(x), y: tensor(y) };
  const right = batchGrad(squaredError)(params, batch).mean();
  const averaged = averagedInputGrad(squaredError)(params, batch);
  const wrong = dataOf(averaged.w);
  return { right, averaged, difference: dataOf(right.w).map((g, i) => g - wrong[i]) };
}

/** 2 (Cov(x, x) w - Cov(x, y)). */
function predictedDifference(w: readonly number[], { x, y }: Data): number[] {
  const { xx, xy } = covariance(x, y);
  return xx.map((row, i) => 2 * (row.reduce((total, c, j) => total + c * w[j], 0) - xy[i]));
}

const cases = (batch: { min: number; max: number }) =>
  fc
    .record({ n: fc.integer({ min: 1, max: 4 }), batchSize: fc.integer(batch), seed: fc.integer() })
    .map(({ n, batchSize, seed }) => {
      const numbers = new Numbers(seed);
      const data = { x: numbers.rows(batchSize, n, -2, 3), y: numbers.list(batchSize, -3, 3) };
      return { n, numbers, data, w: numbers.list(n, -2, 2), b: numbers.uniform(-2, 2) };
    });

const close = (got: readonly number[], want: readonly number[]) =>
  expectSameTree(tensor(got), tensor(want), 1e-12, 100);

describe("averaging inputs and targets before differentiating squared error of a linear model", () => {
  test("changes the gradient of w by 2 (Cov(x, x) w - Cov(x, y)), and leaves the gradient of b", () => {
    const property = fc.property(cases({ min: 1, max: 33 }), ({ w, b, data }) => {
      const { right, averaged, difference } = gradients(w, b, data);
      close(difference, predictedDifference(w, data));
      expectSameTree(averaged.b, right.b, 1e-12, 100);
    });
    fc.assert(property);
  });

  test("is off by 2 Cov(x, x) d when w is d away from the least-squares slope, so never right there", () => {
    const property = fc.property(cases({ min: 16, max: 33 }), ({ n, numbers, b, data }) => {
      const { xx, xy } = covariance(data.x, data.y);
      const away = numbers.list(n, 0.5, 1);
      const w = solve(xx, xy).map((slope, i) => slope + away[i]);
      const { difference } = gradients(w, b, data);
      close(
        difference,
        xx.map((row) => 2 * row.reduce((total, c, j) => total + c * away[j], 0)),
      );
      // d . Cov d is the variance of d . x, which these batches have.
      const alongAway = difference.reduce((total, g, i) => total + g * away[i], 0);
      expect(alongAway).toBeGreaterThan(0.01);
      expect(normOf(difference)).toBeGreaterThan(0.01);
    });
    fc.assert(property);
  });

  test("is right at the least-squares slope, for every b", () => {
    const property = fc.property(cases({ min: 8, max: 33 }), ({ b, data }) => {
      const { xx, xy } = covariance(data.x, data.y);
      close(
        gradients(solve(xx, xy), b, data).difference,
        xy.map(() => 0),
      );
    });
    fc.assert(property);
  });

  test("is right for a batch of one sample repeated", () => {
    const property = fc.property(
      cases({ min: 1, max: 1 }),
      fc.integer({ min: 2, max: 33 }),
      ({ w, b, data }, times) => {
        const repeated = Array.from({ length: times }, () => 0);
        const constant = { x: repeated.map(() => data.x[0]), y: repeated.map(() => data.y[0]) };
        close(
          gradients(w, b, constant).difference,
          w.map(() => 0),
        );
      },
    );
    fc.assert(property);
  });

  test("is right for a batch of one", () => {
    const property = fc.property(cases({ min: 1, max: 1 }), ({ w, b, data }) => {
      close(
        gradients(w, b, data).difference,
        w.map(() => 0),
      );
    });
    fc.assert(property);
  });
});
