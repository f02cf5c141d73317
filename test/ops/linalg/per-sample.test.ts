import {
  add,
  batchGrad,
  checkpoint,
  dot,
  eye,
  grad,
  linalg,
  matmul,
  mul,
  ones,
  type Scalar,
  stack,
  sum,
  type Tensor,
  take,
  transpose,
  zeros,
} from "gradtape";
import { checkBatchGrad } from "gradtape/testing";
import { expect, test } from "vitest";
import { drawn, expectNear, regular } from "./matrices";

const solution = (a: Tensor, { b, t }: { b: Tensor; t: Tensor }): Scalar => dot(linalg.solve(a, b), t);
/** The logarithm of the density of a Gaussian, but for constants. */
function gaussian({ l, mean }: { l: Tensor; mean: Tensor }, x: Tensor): Scalar {
  const covariance = add(matmul(l, transpose(l)), eye(3));
  const factor = linalg.cholesky(covariance);
  const z = linalg.triangularSolve(factor, add(x, mul(mean, -1)));
  return add(dot(z, z), linalg.slogdet(covariance).logAbsDet);
}

test("per-sample gradients through a solution, and through a factorization, are those of a loop", () => {
  const batch = { b: drawn([5, 3], 1), t: drawn([5, 3], 2) };
  checkBatchGrad(solution, regular([3, 3], 3), batch);
  checkBatchGrad(gaussian, { l: drawn([3, 3], 4), mean: drawn([3], 5) }, drawn([6, 3], 6));
  checkBatchGrad((w: Tensor, a: Tensor): Scalar => linalg.det(matmul(w, a)), drawn([3, 3], 7), drawn([4, 3, 3], 8));
});

test("a checkpointed solution has the same gradient", () => {
  const [a, b] = [regular([3, 3], 1), drawn([3], 2)];
  const f = (x: Tensor) => sum(linalg.solve(x, b));
  expectNear(grad((x: Tensor) => checkpoint(f)(x))(a), grad(f)(a));
});

test("samples with singular matrices can be dropped from a batch of determinants' logarithms", () => {
  const cost = (w: Tensor, a: Tensor): Scalar => linalg.slogdet(mul(w, a)).logAbsDet;
  const batch = stack([regular([2, 2], 4), zeros([2, 2]), regular([2, 2], 5)]);
  const result = batchGrad(cost, { nonFinite: "drop" })(ones([2, 2]), batch);
  expect(Array.from(result.losses().data, Number.isFinite)).toEqual([true, false, true]);
  const wanted = [0, 2].map((k) => grad((w: Tensor) => cost(w, take(batch, k)))(ones([2, 2])));
  expectNear(result.sum(), add(wanted[0], wanted[1]));
});
