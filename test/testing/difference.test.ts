// Central differences against derivatives that are known exactly.
import fc from "fast-check";
import { tensor, type Value } from "gradtape";
import { describe, expect, test } from "vitest";
import { differenceAlong } from "../../src/testing/difference";
import type { Subject } from "../../src/testing/subject";

/** A function of one number as a subject. */
const subject = (f: (x: number) => number, x: number): Subject => ({
  leaves: [{ path: "x", shape: [], dtype: "float64", plain: true }],
  point: [Float64Array.of(x)],
  call: ([value]: readonly Value[]) => [tensor([f(value as number)])],
});
const differenceOf = (f: (x: number) => number, x: number) => {
  const { value, error } = differenceAlong(subject(f, x), [Float64Array.of(1)], 1 / 32);
  return { value: value[0], error: error[0] };
};

describe("a central difference", () => {
  const cases: Record<string, [f: (x: number) => number, derivative: (x: number) => number]> = {
    sin: [Math.sin, Math.cos],
    exp: [Math.exp, Math.exp],
    log: [Math.log, (x) => 1 / x],
    cube: [(x) => x ** 3, (x) => 3 * x ** 2],
    "fast sine": [(x) => Math.sin(50 * x), (x) => 50 * Math.cos(50 * x)],
  };
  for (const [name, [f, derivative]] of Object.entries(cases)) {
    test(`of ${name} is as near to the derivative as it says`, () => {
      fc.assert(
        fc.property(fc.double({ min: 0.05, max: 3, noNaN: true }), (x) => {
          const { value, error } = differenceOf(f, x);
          expect(Math.abs(value - derivative(x))).toBeLessThanOrEqual(4 * error + 1e-15);
          expect(error).toBeLessThanOrEqual(1e-7 * (1 + Math.abs(derivative(x))));
        }),
      );
    });
  }

  test("of a function with rounding errors takes steps that are not too small", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 3, noNaN: true }), (x) => {
        const { value } = differenceOf((y) => 1e5 + Math.sin(y) - 1e5, x);
        expect(Math.abs(value - Math.cos(x))).toBeLessThan(1e-7);
        const single = differenceOf((y) => Math.fround(Math.sin(y)), x).value;
        expect(Math.abs(single - Math.cos(x))).toBeLessThan(1e-4);
      }),
      { numRuns: 1000 },
    );
  });

  test("next to a kink takes steps that stay clear of it", () => {
    expect(differenceOf(Math.abs, 1e-4).value).toBeCloseTo(1, 9);
    expect(differenceOf(Math.abs, -1e-4).value).toBeCloseTo(-1, 9);
  });

  test("next to the edge of the domain takes steps inside", () => {
    expect(differenceOf(Math.sqrt, 1e-4).value / 50).toBeCloseTo(1, 6);
  });

  test("of a constant is 0, also where it is infinite", () => {
    expect(differenceOf(() => 7, 1).value).toBe(0);
    expect(differenceOf(() => Infinity, 1).value).toBe(0);
  });

  test("knows that it knows nothing at a jump", () => {
    const { error } = differenceOf((x) => (x < 1 ? 0 : 1), 1);
    expect(error).toBeGreaterThan(0.1);
  });
});
