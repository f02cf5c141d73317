// The counter of counts.test.ts beside counts by hand.
import { conv2d, grad, matmul, ones, reshape, type Scalar, sum, swapAxes, type Tensor, vmap, zeros } from "gradtape";
import { describe, expect, test } from "vitest";
import { costOf } from "./cost";

describe("multiplications", () => {
  test("of matrix products, whichever matrix is read transposed", () => {
    const [a, b] = [ones([3, 4]), ones([4, 5])];
    expect(costOf(() => matmul(a, b)).multiplications).toBe(3 * 4 * 5);
    // By b alone, and by both: aᵀ yBar, and yBar bᵀ besides.
    expect(costOf(() => grad((y: Tensor): Scalar => sum(matmul(a, y)))(b)).multiplications).toBe(2 * 60);
    const both = (p: readonly [Tensor, Tensor]): Scalar => sum(matmul(...p));
    expect(costOf(() => grad(both)([a, b])).multiplications).toBe(3 * 60);
  });

  test("of batches, and of a matrix for all of them", () => {
    expect(costOf(() => matmul(ones([2, 3, 4]), ones([2, 4, 5]))).multiplications).toBe(2 * 60);
    expect(costOf(() => matmul(ones([2, 3, 4]), ones([4, 5]))).multiplications).toBe(2 * 60);
    expect(costOf(() => vmap((x: Tensor): Tensor => matmul(x, ones([4, 5])))(ones([7, 4]))).multiplications).toBe(
      7 * 20,
    );
    expect(costOf(() => matmul(ones([0, 4]), ones([4, 5]))).multiplications).toBe(0);
  });

  test("of convolutions: each number of the result meets one filter", () => {
    const [x, k] = [ones([2, 4, 6, 6]), ones([8, 2, 3, 3])];
    const y = (kernel: Tensor): Scalar => sum(conv2d(x, kernel, { groups: 2 }));
    const one = 2 * 8 * 4 * 4 * (2 * 3 * 3);
    expect(costOf(() => y(k)).multiplications).toBe(one);
    expect(costOf(() => grad(y)(k)).multiplications).toBe(2 * one);
  });
});

test("numbers written are those of results that are no input as it is", () => {
  const x = ones([3, 4]);
  expect(costOf(() => swapAxes(x, 0, 1)).written).toBe(12);
  expect(costOf(() => sum(x)).written).toBe(1);
  expect(costOf(() => matmul(x, zeros([4, 2]))).written).toBe(6);
  expect([0, 12]).toContain(costOf(() => reshape(x, [4, 3])).written);
});
