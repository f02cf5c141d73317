import fc from "fast-check";
import { expect, test } from "vitest";
import { solveDense } from "../../../src/numeric/matrix/dense-solve";
import { distance, matrixOf, product, seeds, uniform } from "./drawn-matrix";

test("units of rows and columns do not matter", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), seeds, (n, seed) => {
      const random = uniform(seed);
      const a = matrixOf(n, n, (i, j) => random() + (i === j ? 2 * n : 0));
      const x = matrixOf(n, 1, random);
      const b = product(a, x);
      const unit = (k: number) => 2 ** (40 * (k % 5) - 80);
      const scaled = matrixOf(n, n, (i, j) => a.data[i * n + j] * unit(i) * unit(j + 2));
      const found = matrixOf(n, 1, (i) => b.data[i] * unit(i));
      expect(solveDense(scaled.data, found.data)).toBe(true);
      expect(
        distance(
          matrixOf(n, 1, (i) => found.data[i] * unit(i + 2)),
          x,
        ),
      ).toBeLessThan(1e-13);
    }),
  );
});

test("says so where the matrix is singular to rounding, or not finite", () => {
  const solve = (...a: number[]) => solveDense(Float64Array.from(a), new Float64Array(Math.sqrt(a.length)).fill(1));
  expect(solve(1, 2, 2, 4)).toBe(false);
  expect(solve(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)).toBe(false);
  expect(solve(1, 0, 0, 0)).toBe(false);
  expect(solve(1, 0, 1, 0)).toBe(false);
  expect(solve(Number.NaN)).toBe(false);
  expect(solve(Infinity)).toBe(false);
  expect(solve(1, 1, 1, 1 + 1e-13)).toBe(true);
});
