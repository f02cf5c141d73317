import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logPortable, normalQuantile } from "../../../src/numeric/special/normal-quantile";
import { normalReference } from "./reference";

describe("normalQuantile", () => {
  it.each(normalReference)("at %d", (p, expected) => {
    expect(Math.abs(normalQuantile(p) / expected - 1)).toBeLessThan(7e-16);
  });

  it("is odd about 1/2, infinite at 0 and 1, NaN outside", () => {
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0.75)).toBe(-normalQuantile(0.25));
    expect([0, 1, -0.1, 1.1, Number.NaN].map(normalQuantile)).toEqual([-Infinity, Infinity, NaN, NaN, NaN]);
  });
});

describe("logPortable", () => {
  it("agrees with Math.log", () => {
    fc.assert(
      fc.property(fc.double({ min: 5e-324, max: Number.MAX_VALUE, noNaN: true }), (x) => {
        expect(Math.abs(logPortable(x) - Math.log(x))).toBeLessThanOrEqual(6e-16 * Math.abs(Math.log(x)));
      }),
      { numRuns: 5000, examples: [[1], [2], [0.5], [1 - 2 ** -53], [1 + 2 ** -52], [5e-324], [Number.MAX_VALUE]] },
    );
  });
});
