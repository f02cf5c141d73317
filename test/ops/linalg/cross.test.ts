import fc from "fast-check";
import { einsum, linalg, mul, type Shape, sum, type Tensor, tensor } from "gradtape";
import { expect, test } from "vitest";
import { seeds } from "../../numeric/matrix/drawn-matrix";
import { drawn, expectNear } from "./matrices";

/** The signs of the permutations of three. */
const signs = tensor([0, 0, 0, 0, 0, 1, 0, -1, 0, 0, 0, -1, 0, 0, 0, 1, 0, 0, 0, 1, 0, -1, 0, 0, 0, 0, 0], {
  shape: [3, 3, 3],
});
const leads = fc.constantFrom<[Shape, Shape]>([[], []], [[4], []], [[], [2]], [[2, 1], [3]], [[0], [1]]);

test("it is the sum over permutations, and broadcasts", () => {
  fc.assert(
    fc.property(leads, seeds, ([left, right], seed) => {
      const [a, b] = [drawn([...left, 3], seed), drawn([...right, 3], seed + 1)];
      expectNear(linalg.cross(a, b), einsum("ijk,...j,...k->...i", signs, a, b));
    }),
  );
});

test("it is orthogonal to both, and the triple product is the determinant", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const [a, b, c]: Tensor[] = [drawn([3], seed), drawn([3], seed + 1), drawn([3], seed + 2)];
      const dot = (x: Tensor, y: Tensor) => sum(mul(x, y)).item();
      expect(dot(linalg.cross(a, b), a)).toBeCloseTo(0, 13);
      const rows = tensor([...a.data, ...b.data, ...c.data], { shape: [3, 3] });
      expect(dot(linalg.cross(a, b), c)).toBeCloseTo(linalg.det(rows).item(), 12);
    }),
  );
});
