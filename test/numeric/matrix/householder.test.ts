import fc from "fast-check";
import { expect, test } from "vitest";
import { lengthOf, solveUpper, solveUpperTransposed, triangularize } from "../../../src/numeric/matrix/householder";

const entry = fc.double({ min: -10, max: 10, noNaN: true });
/** Columns of a matrix that has at least as many rows as columns. */
const matrix = fc.integer({ min: 1, max: 5 }).chain((columns) =>
  fc.integer({ min: columns, max: 8 }).chain((rows) =>
    fc.record({
      columns: fc.array(fc.array(entry, { minLength: rows, maxLength: rows }), {
        minLength: columns,
        maxLength: columns,
      }),
      b: fc.array(entry, { minLength: rows, maxLength: rows }),
    }),
  ),
);
const inner = (a: ArrayLike<number>, b: ArrayLike<number>, n: number): number => {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
};

test.each([false, true])("R^T R is A^T A, R^T Q^T b is A^T b, and lengths stay; pivoting: %s", (pivot) => {
  fc.assert(
    fc.property(matrix, ({ columns, b }) => {
      const [rows, size] = [b.length, columns.length];
      const r = Float64Array.from(columns.flat());
      const rhs = Float64Array.from(b);
      const order = Int32Array.from(columns, (_, j) => j);
      triangularize(r, rows, size, rhs, pivot ? order : undefined);
      const upper = (j: number): Float64Array => r.slice(j * rows, j * rows + j + 1);
      for (let j = 0; j < size; j++) {
        const a = columns[order[j]];
        expect(inner(upper(j), rhs, j + 1)).toBeCloseTo(inner(a, b, rows), 9);
        for (let k = 0; k <= j; k++)
          expect(inner(upper(k), upper(j), k + 1)).toBeCloseTo(inner(columns[order[k]], a, rows), 9);
        if (pivot && j > 0)
          expect(Math.abs(upper(j)[j])).toBeLessThanOrEqual(Math.abs(upper(j - 1)[j - 1]) * (1 + 1e-9));
      }
      expect(lengthOf(rhs)).toBeCloseTo(Math.hypot(...b), 10);
    }),
  );
});

test("triangles are solved, and their transposes", () => {
  const r = Float64Array.of(2, 0, 3, 4);
  expect([...solveUpper(r, 2, Float64Array.of(7, 8), 2)]).toEqual([0.5, 2]);
  expect([...solveUpper(r, 2, Float64Array.of(7, 8), 1)]).toEqual([3.5, 0]);
  expect([...solveUpperTransposed(r, 2, Float64Array.of(4, 14))]).toEqual([2, 2]);
});

test("lengths do not overflow or vanish on the way", () => {
  expect(lengthOf(Float64Array.of(3e200, 4e200))).toBeCloseTo(5e200, -190);
  expect(lengthOf(Float64Array.of(3e-200, 4e-200)) / 5e-200).toBeCloseTo(1, 14);
  expect(lengthOf(Float64Array.of(1, Number.NaN, 2))).toBeNaN();
  expect(lengthOf(Float64Array.of(1, Infinity, 2))).toBe(Infinity);
  expect(lengthOf(Float64Array.of())).toBe(0);
});

test("a matrix whose normal equations are singular is solved to the digits its condition leaves", () => {
  // Läuchli's: A^T A rounds to a matrix of ones.
  const small = 1e-9;
  const a = Float64Array.of(1, small, 0, 1, 0, small);
  const b = Float64Array.of(2, small, small);
  triangularize(a, 3, 2, b);
  const x = solveUpper(a, 3, b.slice(0, 2), 2);
  expect(x[0]).toBeCloseTo(1, 6);
  expect(x[1]).toBeCloseTo(1, 6);
});
