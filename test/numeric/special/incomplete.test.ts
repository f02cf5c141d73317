import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { erf, erfc } from "../../../src/numeric/special/erf";
import { erfInverse } from "../../../src/numeric/special/erf-inverse";
import { lgamma } from "../../../src/numeric/special/gamma";
import { gaussLegendre } from "../../../src/numeric/special/gauss-legendre";
import { betaDensity, incompleteBeta } from "../../../src/numeric/special/incomplete-beta";
import { gammaDensity, incompleteGamma, upperIncompleteGamma } from "../../../src/numeric/special/incomplete-gamma";
import { betaReference, erfInverseReference, gammaReference, upperGammaReference } from "./incomplete-reference";

function expectClose(got: number, want: number, tolerance: number, scale = Math.abs(want)): void {
  if (Object.is(got, want)) return;
  expect(Math.abs(got - want), `${got} instead of ${want}`).toBeLessThanOrEqual(tolerance * scale + SUBNORMAL);
}
/** Below it there are fewer digits. */
const SUBNORMAL = 1e-300;
const logUniform = (low: number, high: number) =>
  fc.double({ min: Math.log(low), max: Math.log(high), noNaN: true }).map(Math.exp);
const parameter = logUniform(1e-3, 1e3);
const unit = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
/** An argument from the tails and from the body of the gamma distribution. */
const gammaArguments = fc
  .tuple(parameter, fc.oneof(logUniform(1e-4, 1e4), fc.double({ min: -6, max: 6, noNaN: true })))
  .map(([a, t]): [a: number, x: number] => [a, t > 6 ? t : Math.max(1e-8, a + t * Math.sqrt(a))]);
function assertLaw<T>(draw: fc.Arbitrary<T>, law: (x: T) => void): void {
  const property = fc.property(draw, (x) => {
    law(x);
  });
  fc.assert(property, { numRuns: 1000 });
}
const SAME = { low: 0, high: 0 };

describe("reference values", () => {
  it.each(gammaReference)("P(%d, %d) and its derivatives by a", (a, x, ...want) => {
    // P(a, a) has a second derivative near 0.
    const scales = [1, 1, 1 / a, 1 / a].map((s, k) => Math.max(Math.abs(want[k]), k < 2 ? 0 : s * Math.abs(want[1])));
    want.forEach((w, order) => {
      expectClose(incompleteGamma(order, a, x), w, 2e-13, scales[order]);
    });
  });

  it.each(upperGammaReference)("Q(%d, %d) and its derivative by a", (a, x, value, byA) => {
    expectClose(upperIncompleteGamma(a, x), value, 2e-13);
    expectClose(-incompleteGamma(1, a, x), byA, 2e-13);
  });

  it.each(betaReference)("I(%d, %d, %d) and its derivatives by a and b", (a, b, x, value, ...want) => {
    expectClose(incompleteBeta(0, 0, a, b, x), value, 2e-13);
    const orders = [
      [1, 0],
      [0, 1],
      [2, 0],
      [1, 1],
      [0, 2],
    ] as const;
    orders.forEach(([i, j], k) => {
      expectClose(incompleteBeta(i, j, a, b, x), want[k], 1e-11);
    });
  });

  it.each(erfInverseReference)("erfInverse(%d)", (x, y) => expectClose(erfInverse(x), y, 7e-16));
});

describe("the incomplete gamma function", () => {
  it("is elementary for a = 1, and erf for a = 1/2", () => {
    assertLaw(logUniform(1e-12, 700), (x) => {
      expectClose(incompleteGamma(0, 1, x), -Math.expm1(-x), 3e-15);
      expectClose(incompleteGamma(0, 0.5, x), erf(Math.sqrt(x)), 3e-15);
    });
  });

  it("P(a + 1, x) = P(a, x) - x^a exp(-x) / Gamma(a + 1)", () => {
    assertLaw(gammaArguments, ([a, x]) => {
      const step = gammaDensity(0, 0, a + 1, x);
      const [low, high] = [incompleteGamma(0, a, x), incompleteGamma(0, a + 1, x)];
      // a + 1 rounds, which matters as much as P varies.
      const slope = 1e-13 * a * Math.abs(incompleteGamma(1, a, x));
      expect(Math.abs(high - (low - step))).toBeLessThanOrEqual(4e-13 * low + slope);
    });
  });

  it("is 1 - Q, and Q is elementary for a = 1, and erfc for a = 1/2", () => {
    assertLaw(logUniform(1e-12, 700), (x) => {
      expectClose(upperIncompleteGamma(1, x), Math.exp(-x), 4e-14);
      expectClose(upperIncompleteGamma(0.5, x), erfc(Math.sqrt(x)), 4e-14);
    });
    assertLaw(gammaArguments, ([a, x]) => {
      expectClose(upperIncompleteGamma(a, x) + incompleteGamma(0, a, x), 1, 4e-14);
    });
  });

  it("rises with x and falls with a", () => {
    assertLaw(fc.tuple(gammaArguments, fc.double({ min: 1.001, max: 2, noNaN: true })), ([[a, x], factor]) => {
      const p = incompleteGamma(0, a, x);
      expect(p).toBeGreaterThanOrEqual(0);
      expect(p).toBeLessThanOrEqual(1);
      expect(incompleteGamma(0, a, x * factor)).toBeGreaterThanOrEqual(p * (1 - 1e-12));
      expect(incompleteGamma(0, a * factor, x)).toBeLessThanOrEqual(p * (1 + 1e-12));
      expect(incompleteGamma(1, a, x)).toBeLessThanOrEqual(0);
    });
  });

  it("has the density as its derivative by x, and each order is the derivative by a of the one before", () => {
    assertLaw(gammaArguments, ([a, x]) => {
      for (const order of [0, 1, 2, 3]) {
        const hx = 1e-3 * Math.min(x, Math.sqrt(a) + 1e-2);
        const ha = 1e-3 * Math.min(a, Math.sqrt(a));
        const slope = (f: (h: number) => number, h: number) => (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
        const scale = (f: (h: number) => number, h: number) => (Math.abs(f(3 * h)) + Math.abs(f(-3 * h))) / (300 * h);
        const byX = (h: number) => incompleteGamma(order, a, x + h);
        const byA = (h: number) => incompleteGamma(order, a + h, x);
        const density = (h: number) => gammaDensity(order, 0, a, x + h);
        expectClose(gammaDensity(order, 0, a, x), slope(byX, hx), 1e-7, scale(byX, hx));
        expectClose(incompleteGamma(order + 1, a, x), slope(byA, ha), 1e-7, scale(byA, ha));
        const second = gammaDensity(order, 1, a, x) - gammaDensity(order, 0, a, x);
        expectClose(second, slope(density, hx), 1e-7, scale(density, hx));
      }
    });
  });

  it.each([1e4, 1e6, 1e9, 1e12, 1e15, 1e18, 1e100, 1e300])("converges at x = a = %d", (a) => {
    expectClose(incompleteGamma(0, a, a), 0.5 + 1 / (3 * Math.sqrt(2 * Math.PI * a)), 2e-9);
    expectClose(incompleteGamma(1, a, a) * Math.sqrt(2 * Math.PI * a), -1, 1e-5);
    expectClose(gammaDensity(0, 0, a, a) * Math.sqrt(2 * Math.PI * a), 1, 1e-4);
  });

  it("has limits at 0 and Infinity, and is NaN outside its domain", () => {
    const table: readonly (readonly [order: number, a: number, x: number, value: number])[] = [
      [0, 2, 0, 0],
      [1, 2, 0, 0],
      [0, 2, Infinity, 1],
      [2, 2, Infinity, 0],
      [0, 0, 3, 1],
      [0, Infinity, 3, 0],
      [1, Infinity, 3, 0],
      [0, 0, 0, NaN],
      [0, Infinity, Infinity, NaN],
      [0, -1, 1, NaN],
      [0, 1, -1, NaN],
      [0, NaN, 1, NaN],
      [1, 1, NaN, NaN],
      [0, 5e-324, 5e-324, 1],
      [0, 3, 1e308, 1],
      [0, 1e300, 1, 0],
    ];
    for (const [order, a, x, value] of table) expect(incompleteGamma(order, a, x), `${order} ${a} ${x}`).toBe(value);
  });
});

describe("the incomplete beta function", () => {
  it("is elementary where a parameter is 1, and the arcsine law for 1/2 and 1/2", () => {
    assertLaw(fc.tuple(parameter, unit), ([a, x]) => {
      expectClose(incompleteBeta(0, 0, a, 1, x), x ** a, 2e-13);
      expectClose(incompleteBeta(0, 0, 1, a, x), -Math.expm1(a * Math.log1p(-x)), 2e-13);
      expectClose(incompleteBeta(0, 0, 0.5, 0.5, x), (2 / Math.PI) * Math.atan2(Math.sqrt(x), Math.sqrt(1 - x)), 3e-15);
    });
  });

  it("I(a, b, x) = 1 - I(b, a, 1 - x), derivatives included", () => {
    const exact = fc.integer({ min: 1, max: 2 ** 20 - 1 }).map((k) => k / 2 ** 20);
    assertLaw(fc.tuple(parameter, parameter, exact), ([a, b, x]) => {
      expectClose(incompleteBeta(0, 0, a, b, x), 1 - incompleteBeta(0, 0, b, a, 1 - x), 1e-15, 1);
      expectClose(incompleteBeta(2, 1, a, b, x), -incompleteBeta(1, 2, b, a, 1 - x), 1e-12);
      expectClose(betaDensity(1, 0, SAME, a, b, x), betaDensity(0, 1, SAME, b, a, 1 - x), 1e-12);
    });
  });

  it("I(a, b, x) = x I(a - 1, b, x) + (1 - x) I(a, b - 1, x)", () => {
    assertLaw(fc.tuple(logUniform(1.001, 300), logUniform(1.001, 300), unit), ([a, b, x]) => {
      const want = x * incompleteBeta(0, 0, a - 1, b, x) + (1 - x) * incompleteBeta(0, 0, a, b - 1, x);
      expectClose(incompleteBeta(0, 0, a, b, x), want, 1e-12);
    });
  });

  it("rises with x and b and falls with a", () => {
    assertLaw(
      fc.tuple(parameter, parameter, unit, fc.double({ min: 1.001, max: 2, noNaN: true })),
      ([a, b, x, factor]) => {
        const p = incompleteBeta(0, 0, a, b, x);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        expect(incompleteBeta(0, 0, a * factor, b, x)).toBeLessThanOrEqual(p * (1 + 1e-12));
        expect(incompleteBeta(0, 0, a, b * factor, x)).toBeGreaterThanOrEqual(p * (1 - 1e-12));
        expect(incompleteBeta(0, 0, a, b, x / factor)).toBeLessThanOrEqual(p * (1 + 1e-12));
        expect(incompleteBeta(1, 0, a, b, x)).toBeLessThanOrEqual(0);
        expect(incompleteBeta(0, 1, a, b, x)).toBeGreaterThanOrEqual(0);
      },
    );
  });

  it("has derivatives that are those of one another", () => {
    const near = fc.double({ min: -3, max: 3, noNaN: true });
    assertLaw(fc.tuple(parameter, parameter, near), ([a, b, t]) => {
      const mean = a / (a + b);
      const deviation = Math.sqrt((mean * (1 - mean)) / (a + b + 1));
      const x = mean + t * deviation;
      if (!(x > 1e-4 && x < 1 - 1e-4)) return;
      const steps = [
        1e-3 * Math.min(a, Math.sqrt(a)),
        1e-3 * Math.min(b, Math.sqrt(b)),
        1e-3 * Math.min(x, 1 - x, deviation),
      ];
      const check = (want: number, f: (h: number) => number, h: number) => {
        const slope = (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
        expectClose(slope, want, 1e-6, (Math.abs(f(3 * h)) + Math.abs(f(-3 * h))) / (300 * h));
      };
      for (const [i, j] of [
        [0, 0],
        [1, 0],
        [0, 1],
        [1, 1],
      ] as const) {
        check(incompleteBeta(i + 1, j, a, b, x), (h) => incompleteBeta(i, j, a + h, b, x), steps[0]);
        check(incompleteBeta(i, j + 1, a, b, x), (h) => incompleteBeta(i, j, a, b + h, x), steps[1]);
        check(betaDensity(i, j, SAME, a, b, x), (h) => incompleteBeta(i, j, a, b, x + h), steps[2]);
        check(betaDensity(i + 1, j, SAME, a, b, x), (h) => betaDensity(i, j, SAME, a + h, b, x), steps[0]);
        const second =
          betaDensity(i, j, { low: 1, high: 0 }, a, b, x) - betaDensity(i, j, { low: 0, high: 1 }, a, b, x);
        check(second, (h) => betaDensity(i, j, SAME, a, b, x + h), steps[2]);
      }
    });
  });

  it.each([1e4, 1e8, 1e12, 1e16, 1e100])("converges at its mean for a = b = %d", (a) => {
    expectClose(incompleteBeta(0, 0, a, a, 0.5), 0.5, 3e-15);
    expectClose(incompleteBeta(1, 0, a, a, 0.5) * Math.sqrt(4 * Math.PI * a), -1, 1e-4);
  });

  it("has limits at its ends, and is NaN outside its domain", () => {
    const table: readonly (readonly [a: number, b: number, x: number, value: number])[] = [
      [2, 3, 0, 0],
      [2, 3, 1, 1],
      [0, 3, 0.5, 1],
      [3, 0, 0.5, 0],
      [3, Infinity, 0.5, 1],
      [Infinity, 3, 0.5, 0],
      [0, 0, 0.5, NaN],
      [Infinity, Infinity, 0.5, NaN],
      [-1, 1, 0.5, NaN],
      [1, -1, 0.5, NaN],
      [1, 1, -0.1, NaN],
      [1, 1, 1.1, NaN],
      [1, 1, NaN, NaN],
      [NaN, 1, 0.5, NaN],
      [1e-300, 1e-300, 0.3, 0.5],
      [1e300, 1, 0.5, 0],
      [1, 1e300, 0.5, 1],
    ];
    for (const [a, b, x, value] of table) expect(incompleteBeta(0, 0, a, b, x), `${a} ${b} ${x}`).toBe(value);
  });
});

describe("densities at the ends", () => {
  it("are the limits from inside", () => {
    expect([0.5, 1, 2, 3].map((a) => gammaDensity(0, 0, a, 0))).toEqual([Infinity, 1, 0, 0]);
    expect([0.5, 1, 2, 3].map((a) => gammaDensity(0, 1, a, 0))).toEqual([-Infinity, 0, 1, 0]);
    expect(gammaDensity(1, 0, 1, 0)).toBe(-Infinity);
    expect(gammaDensity(0, 0, 1, Infinity)).toBe(0);
    expect([0.5, 1, 2].map((a) => betaDensity(0, 0, SAME, a, 4, 0))).toEqual([Infinity, 4, 0]);
    expect([0.5, 1, 2].map((b) => betaDensity(0, 0, SAME, 4, b, 1))).toEqual([Infinity, 4, 0]);
    expect(betaDensity(0, 1, SAME, 1, 4, 0)).toBeCloseTo(1, 13);
  });
});

describe("erfInverse", () => {
  it("is the inverse of erf", () => {
    assertLaw(fc.double({ min: -1, max: 1, minExcluded: true, maxExcluded: true, noNaN: true }), (x) => {
      // An error in y counts as much as erf rises.
      const y = erfInverse(x);
      const slope = (2 / Math.sqrt(Math.PI)) * Math.exp(-y * y);
      expect(Math.abs(erf(y) - x)).toBeLessThanOrEqual(1e-15 * (Math.abs(y) * slope) + 5e-16 * Math.abs(x) + SUBNORMAL);
      expect(erfInverse(-x)).toBe(-y);
    });
  });

  it("meets its limits", () => {
    expect([0, -0, 1, -1, 1.5, NaN].map(erfInverse)).toEqual([0, -0, Infinity, -Infinity, NaN, NaN]);
  });
});

it("the rule of Gauss and Legendre is exact for polynomials", () => {
  const { points, weights } = gaussLegendre(32);
  for (const degree of [0, 1, 2, 31, 62, 63]) {
    const integral = points.reduce((sum, x, i) => sum + weights[i] * x ** degree, 0);
    expectClose(integral, 1 / (degree + 1), 1e-14);
  }
  expect(points.reduce((sum, x, i) => sum + weights[i] * x ** 64, 0)).not.toBe(1 / 65);
});

it("integrals of densities are 1", () => {
  const { points, weights } = gaussLegendre(40);
  for (const [a, b] of [
    [3, 5],
    [2.5, 8],
    [20, 11],
  ]) {
    const total = points.reduce((sum, x, i) => sum + weights[i] * betaDensity(0, 0, SAME, a, b, x), 0);
    expectClose(total, 1, 1e-6);
    expectClose(gammaDensity(0, 0, a, b), Math.exp((a - 1) * Math.log(b) - b - lgamma(a)), 1e-14);
  }
});
