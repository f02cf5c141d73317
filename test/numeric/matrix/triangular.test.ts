import fc from "fast-check";
import { expect, test } from "vitest";
import { solveTriangular, zeroOnDiagonal } from "../../../src/numeric/matrix/triangular";
import { distance, entry, matrixOf, product, seeds, turned, uniform } from "./drawn-matrix";

const drawn = fc.record({
  // Blocks are 32 rows.
  n: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom(31, 32, 33, 65)),
  width: fc.integer({ min: 0, max: 5 }),
  upper: fc.boolean(),
  transpose: fc.boolean(),
  unitDiagonal: fc.boolean(),
  seed: seeds,
});

test("A times the solution is the right-hand side; what is not read may be NaN", () => {
  fc.assert(
    fc.property(drawn, ({ n, width, seed, ...how }) => {
      const random = uniform(seed);
      const whole = matrixOf(n, n, (i, j) => (i === j ? 2 + random() : random() / n));
      const seen = matrixOf(n, n, (i, j) => {
        if (i === j) return how.unitDiagonal ? 1 : entry(whole, i, j);
        return i < j === how.upper ? entry(whole, i, j) : 0;
      });
      const given = matrixOf(n, n, (i, j) => {
        const hidden = i === j ? how.unitDiagonal : i < j !== how.upper;
        return hidden ? Number.NaN : entry(whole, i, j);
      });
      const b = matrixOf(n, width, random);
      const padded = Float64Array.of(7, 7, ...b.data, 7);
      solveTriangular(Float64Array.of(9, ...given.data), 1, n, n, padded, 2, width, width, how);
      expect([...padded.slice(0, 2), padded.at(-1)]).toEqual([7, 7, 7]);
      const x = matrixOf(n, width, (i, j) => padded[2 + i * width + j]);
      const got = product(how.transpose ? turned(seen) : seen, x);
      expect(distance(got, b)).toBeLessThan(1e-13 * Math.max(1, n));
    }),
  );
});

test("the first zero of the diagonal is found", () => {
  expect(zeroOnDiagonal(Float64Array.of(1, 0, 0, 0), 0, 2)).toBe(1);
  expect(zeroOnDiagonal(Float64Array.of(1, 0, 0, 1), 0, 2)).toBe(-1);
  expect(zeroOnDiagonal(Float64Array.of(5, -0, 0, 0, 1), 1, 2)).toBe(0);
  expect(zeroOnDiagonal(Float64Array.of(Number.NaN), 0, 1)).toBe(-1);
});
