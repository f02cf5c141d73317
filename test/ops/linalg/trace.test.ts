import fc from "fast-check";
import { linalg, matmul, type Tensor, tensor } from "gradtape";
import { expect, test } from "vitest";
import { seeds } from "../../numeric/matrix/drawn-matrix";
import { drawn, expectNear } from "./matrices";

test("it is the sum over the diagonal of every matrix", () => {
  const size = fc.integer({ min: 0, max: 4 });
  fc.assert(
    fc.property(size, size, fc.integer({ min: -5, max: 5 }), seeds, (m, n, k, seed) => {
      const a = drawn([2, m, n], seed);
      const want = [0, 1].map((matrix) => {
        let sum = 0;
        for (let i = 0; i < m; i++) if (i + k >= 0 && i + k < n) sum += a.data[(matrix * m + i) * n + i + k];
        return sum;
      });
      expectNear(linalg.trace(a, { k }), tensor(want));
    }),
  );
});

test("trace(A B) = trace(B A)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), seeds, (m, n, seed) => {
      const [a, b]: [Tensor, Tensor] = [drawn([m, n], seed), drawn([n, m], seed + 1)];
      expect(linalg.trace(matmul(a, b)).item()).toBeCloseTo(linalg.trace(matmul(b, a)).item(), 12);
    }),
  );
});
