import fc from "fast-check";
import { expect, test } from "vitest";
import { choleskyUpper } from "../../../src/numeric/matrix/cholesky";
import { distance, entry, matrixOf, product, seeds, turned, uniform } from "./drawn-matrix";

const upperOf = (n: number, data: Float64Array) => matrixOf(n, n, (i, j) => (j >= i ? data[i * n + j] : 0));

test("Uᵀ U = A, the lower triangle is not read", () => {
  // Blocks are 32 rows.
  const size = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom(31, 32, 33, 70));
  fc.assert(
    fc.property(size, seeds, (n, seed) => {
      const g = matrixOf(n, n + 1, uniform(seed));
      const a = product(g, turned(g));
      const u = matrixOf(n, n, (i, j) => (j >= i ? entry(a, i, j) : Number.NaN)).data;
      expect(choleskyUpper(u, n)).toBe(-1);
      const upper = upperOf(n, u);
      expect(distance(product(turned(upper), upper), a)).toBeLessThan(1e-12);
    }),
  );
});

test("the first pivot that is not above zero is named, in any block", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), seeds, (n, place, seed) => {
      const k = place % n;
      const random = uniform(seed);
      const g = matrixOf(n, n, (i, j) => (i === j ? 2 : j < i ? random() / n : 0));
      const signed = matrixOf(n, n, (i, j) => entry(g, i, j) * (j < k ? 1 : -1));
      expect(choleskyUpper(product(signed, turned(g)).data, n)).toBe(k);
    }),
  );
  expect(choleskyUpper(Float64Array.of(1, 1, 1, 1), 2)).toBe(1);
  expect(choleskyUpper(Float64Array.of(0), 1)).toBe(0);
});

test("NaN is no error, and reaches all that depends on it", () => {
  const a = Float64Array.of(1, 0, 0, 0, Number.NaN, 0, 0, 0, 1);
  expect(choleskyUpper(a, 3)).toBe(-1);
  expect([...upperOf(3, a).data].map(Number.isNaN)).toEqual([
    false,
    false,
    false,
    false,
    true,
    true,
    false,
    false,
    true,
  ]);
});
