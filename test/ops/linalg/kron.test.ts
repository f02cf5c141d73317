import fc from "fast-check";
import { einsum, linalg, matmul, mul, reshape, type Shape, transpose } from "gradtape";
import { expect, test } from "vitest";
import { seeds } from "../../numeric/matrix/drawn-matrix";
import { drawn, expectNear } from "./matrices";

const leads = fc.constantFrom<[Shape, Shape]>([[], []], [[4], []], [[], [2]], [[2, 1], [3]], [[0], [1]]);

test("it is the outer product with the axes in pairs, and broadcasts", () => {
  fc.assert(
    fc.property(leads, seeds, ([left, right], seed) => {
      const [a, b] = [drawn([...left, 2, 3], seed), drawn([...right, 4, 1], seed + 1)];
      const blocks = einsum("...ij,...kl->...ikjl", a, b);
      expectNear(linalg.kron(a, b), reshape(blocks, [...blocks.shape.slice(0, -4), 8, 3]));
    }),
  );
});

test("(a kron b) vec(x) is vec(a x bᵀ), row by row", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const [a, b, x] = [drawn([2, 3], seed), drawn([4, 5], seed + 1), drawn([3, 5], seed + 2)];
      const whole = matmul(linalg.kron(a, b), reshape(x, [15]));
      expectNear(whole, reshape(matmul(matmul(a, x), transpose(b)), [8]));
    }),
  );
});

test("the trace and the determinant of a product are those of its factors", () => {
  const [a, b] = [drawn([2, 2], 1), drawn([3, 3], 2)];
  const product = linalg.kron(a, b);
  expectNear(linalg.trace(product), mul(linalg.trace(a), linalg.trace(b)));
  expect(linalg.det(product).item()).toBeCloseTo(linalg.det(a).item() ** 3 * linalg.det(b).item() ** 2, 12);
});
