import fc from "fast-check";
import {
  add,
  cast,
  diagonal,
  eye,
  grad,
  linalg,
  log,
  matmul,
  mul,
  sum,
  swapAxes,
  type Tensor,
  tril,
  vjp,
} from "gradtape";
import { gradcheck } from "gradtape/testing";
import { expect, test } from "vitest";
import { seeds } from "../../numeric/matrix/drawn-matrix";
import { expectEvery } from "../../support";
import { drawn, expectNear } from "./matrices";

const turned = (x: Tensor): Tensor => swapAxes(x, -1, -2);
function positive(shape: readonly number[], seed: number): Tensor {
  const g = drawn(shape, seed);
  return add(matmul(g, turned(g)), mul(eye(shape.at(-1) as number), 0.5));
}
const size = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constantFrom(33, 40));
const leads = fc.constantFrom([], [2], [2, 2], [0]);

test("L Lᵀ = A, L lower triangular with a positive diagonal", () => {
  fc.assert(
    fc.property(size, leads, seeds, (n, lead, seed) => {
      const a = positive([...lead, n, n], seed);
      const l = linalg.cholesky(a);
      expectNear(matmul(l, turned(l)), a);
      expect(l.data).toEqual(tril(l).data);
      expectEvery(diagonal(l).data, (x) => x > 0);
    }),
    { numRuns: 50 },
  );
});

test("only the mean of both triangles counts, and the gradient is symmetric", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), leads, seeds, (n, lead, seed) => {
      const a = positive([...lead, n, n], seed);
      const skew = drawn([...lead, n, n], seed + 1);
      const other = add(a, add(skew, mul(turned(skew), -1)));
      expectNear(linalg.cholesky(other), linalg.cholesky(a));
      const [, pullback] = vjp((x: Tensor) => linalg.cholesky(x), [other]);
      const [bar] = pullback(drawn(a.shape, seed + 2));
      expectNear(bar, turned(bar));
    }),
  );
});

test("the sum of logarithms of the diagonal is half of slogdet, to second order", () => {
  const half = (a: Tensor) => mul(0.5, linalg.slogdet(a).logAbsDet);
  const byFactor = (a: Tensor) => sum(log(diagonal(linalg.cholesky(a))));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), seeds, (n, seed) => {
      const a = positive([n, n], seed);
      expectNear(byFactor(a), half(a));
      expectNear(grad(byFactor)(a), grad((x: Tensor) => sum(half(x)))(a), 9);
      const weights = drawn([n, n], seed + 1);
      const symmetric = add(weights, turned(weights));
      const second = (f: (x: Tensor) => Tensor) =>
        grad((x: Tensor) => sum(mul(grad((y: Tensor) => sum(f(y)))(x), symmetric)))(a);
      expectNear(second(byFactor), second(half), 7);
    }),
  );
});

test("derivatives agree with differences to order 2", () => {
  gradcheck((a: Tensor) => linalg.cholesky(a), [positive([3, 3], 1)]);
  gradcheck((a: Tensor) => linalg.cholesky(a), [positive([2, 2, 2], 2)]);
});

test("float32 is computed in float64 and rounded once", () => {
  const a = cast(positive([6, 6], 3), "float32");
  expect(linalg.cholesky(a).data).toEqual(cast(linalg.cholesky(cast(a, "float64")), "float32").data);
});
