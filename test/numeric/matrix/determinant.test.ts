import fc from "fast-check";
import { expect, test } from "vitest";
import { balanced, determinant, logDeterminant } from "../../../src/numeric/matrix/determinant";
import { factorSize, luFactorize } from "../../../src/numeric/matrix/lu";
import { expanded, type Matrix, ofRank, seeds } from "./drawn-matrix";

function factors({ rows: n, data }: Matrix): Float64Array {
  const f = new Float64Array(factorSize(n));
  f.set(data);
  luFactorize(f, 0, n);
  return f;
}

test("the determinant is its expansion, and sign times exp of the logarithm", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 1 }), seeds, (n, lack, seed) => {
      const a = ofRank(n, lack, seed);
      const want = expanded(a);
      const f = factors(a);
      const got = determinant(f, 0, n);
      expect(got).toBeCloseTo(want, 8);
      const [sign, logarithm] = logDeterminant(f, 0, n);
      expect(sign).toBe(Math.sign(got) + 0);
      expect(sign * Math.exp(logarithm)).toBeCloseTo(want, 8);
    }),
  );
});

test("numbers are multiplied in an order in which no product is larger or smaller than it must be", () => {
  const number = fc.tuple(fc.double({ min: 0.1, max: 10, noNaN: true }), fc.integer({ min: -250, max: 250 }));
  fc.assert(
    fc.property(fc.array(number, { maxLength: 12 }), (drawn) => {
      const exponents = drawn.map(([m, e]) => e + Math.log10(m));
      const d = Float64Array.from(exponents, (e) => 10 ** e);
      const order = balanced(d);
      expect([...order].sort((a, b) => a - b)).toEqual(drawn.map((_, i) => i));
      const total = exponents.reduce((a, b) => a + b, 0);
      const most = Math.max(0, total, ...exponents);
      const least = Math.min(0, total, ...exponents);
      let sum = 0;
      for (const k of order) {
        sum += exponents[k];
        expect(sum).toBeLessThanOrEqual(most + 1e-9);
        expect(sum).toBeGreaterThanOrEqual(least - 1e-9);
      }
    }),
  );
});

test("zeros and NaN have their places in that order", () => {
  expect([...balanced(Float64Array.of(3, 0, Number.NaN, 0.5))].sort()).toEqual([0, 1, 2, 3]);
});
