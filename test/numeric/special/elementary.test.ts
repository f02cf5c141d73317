import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  digamma,
  erf,
  erfc,
  lgamma,
  logAddExp,
  logit,
  logSigmoid,
  polygamma,
  roundHalfEven,
  sigmoid,
  signOf,
  softplus,
} from "../../../src/numeric/special/elementary";
import { polygammaReference, reference } from "./reference";

/** Close relative to `scale`, or to the larger of 1 and the expected value: relative far from the zeros, absolute about them. */
function expectClose(actual: number, expected: number, tolerance: number, scale = Math.max(1, Math.abs(expected))) {
  if (Object.is(actual, expected)) return;
  expect(Math.abs(actual - expected), `${actual} instead of ${expected}`).toBeLessThanOrEqual(tolerance * scale);
}

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
function assertLaw(domain: fc.Arbitrary<number>, law: (x: number) => void) {
  const property = fc.property(domain, (x) => {
    law(x);
  });
  fc.assert(property, { numRuns: 1000 });
}
const awayFromPoles = between(-20, 20).filter((x) => Math.abs(x - Math.round(x)) > 1e-3 || x > 0.5);
const { NaN, POSITIVE_INFINITY: inf } = Number;

describe("special functions against reference values", () => {
  it.each(reference.erf)("erf(%d)", (x, y) => expectClose(erf(x), y, 5e-16, Math.abs(y)));
  it.each(reference.erfc)("erfc(%d)", (x, y) => expectClose(erfc(x), y, 7e-16, Math.abs(y)));
  it.each(reference.logit)("logit(%d)", (x, y) => expectClose(logit(x), y, 2 * 2 ** -52, Math.abs(y)));
  it.each(reference.lgamma)("lgamma(%d)", (x, y) => {
    expectClose(lgamma(x), y, 7e-16, x > 0 ? Math.abs(y) : Math.max(1, Math.abs(y)));
  });
  it.each(reference.digamma)("digamma(%d)", (x, y) => expectClose(digamma(x), y, 1.4e-15));
  it.each(polygammaReference)("polygamma(%d, %d)", (n, x, y) => {
    expectClose(polygamma(n, x), y, (3 + n) * 2.3e-16, x > 0 ? Math.abs(y) : Math.max(1, Math.abs(y)));
  });
});

describe("special values", () => {
  it.each<[string, (x: number) => number, [number, number][]]>([
    [
      "erf",
      erf,
      [
        [0, 0],
        [-0, -0],
        [inf, 1],
        [-inf, -1],
        [NaN, NaN],
        [1e300, 1],
        [5e-324, 5e-324],
      ],
    ],
    [
      "erfc",
      erfc,
      [
        [0, 1],
        [-0, 1],
        [inf, 0],
        [-inf, 2],
        [NaN, NaN],
        [1e300, 0],
        [-1e300, 2],
      ],
    ],
    [
      "lgamma",
      lgamma,
      [
        [1, 0],
        [2, 0],
        [0, inf],
        [-0, inf],
        [-1, inf],
        [-1e300, inf],
        [inf, inf],
        [-inf, inf],
        [NaN, NaN],
        [1.7e308, inf],
      ],
    ],
    [
      "digamma",
      digamma,
      [
        [0, -inf],
        [-0, inf],
        [-1, NaN],
        [-1e300, NaN],
        [inf, inf],
        [-inf, NaN],
        [NaN, NaN],
      ],
    ],
    [
      "trigamma",
      (x) => polygamma(1, x),
      [
        [0, inf],
        [-0, inf],
        [-1, inf],
        [inf, 0],
        [-inf, NaN],
        [NaN, NaN],
        [1e-200, inf],
      ],
    ],
    [
      "polygamma 2",
      (x) => polygamma(2, x),
      [
        [0, -inf],
        [-0, inf],
        [-1, NaN],
        [inf, -0],
        [NaN, NaN],
      ],
    ],
    [
      "sigmoid",
      sigmoid,
      [
        [0, 0.5],
        [inf, 1],
        [-inf, 0],
        [NaN, NaN],
        [1e300, 1],
        [-1e300, 0],
        [-700, Math.exp(-700)],
      ],
    ],
    [
      "softplus",
      softplus,
      [
        [0, Math.LN2],
        [inf, inf],
        [-inf, 0],
        [NaN, NaN],
        [1e300, 1e300],
        [-700, Math.exp(-700)],
      ],
    ],
    [
      "logSigmoid",
      logSigmoid,
      [
        [0, -Math.LN2],
        [inf, -0],
        [-inf, -inf],
        [NaN, NaN],
        [-1e300, -1e300],
        [700, -Math.exp(-700)],
      ],
    ],
    [
      "roundHalfEven",
      roundHalfEven,
      [
        [0.5, 0],
        [1.5, 2],
        [2.5, 2],
        [-0.5, -0],
        [-1.5, -2],
        [-2.5, -2],
        [-0.2, -0],
        [-0, -0],
        [0.49999999999999994, 0],
        [4503599627370495.5, 4503599627370496],
        [9007199254740991, 9007199254740991],
        [inf, inf],
        [-inf, -inf],
        [NaN, NaN],
      ],
    ],
    [
      "signOf",
      signOf,
      [
        [3, 1],
        [-3, -1],
        [0, 0],
        [-0, -0],
        [inf, 1],
        [-inf, -1],
        [NaN, NaN],
        [5e-324, 1],
      ],
    ],
  ])("%s", (_, f, table) => {
    for (const [x, y] of table) expect(f(x), `at ${x}`).toBe(y);
  });

  it("logAddExp", () => {
    expect(logAddExp(-inf, -inf)).toBe(-inf);
    expect(logAddExp(inf, inf)).toBe(inf);
    expect(logAddExp(inf, -inf)).toBe(inf);
    expect(logAddExp(-inf, 2)).toBe(2);
    expect(logAddExp(1000, 1000)).toBe(1000 + Math.LN2);
    expect(logAddExp(NaN, inf)).toBe(NaN);
    expect(logAddExp(-inf, NaN)).toBe(NaN);
  });

  it("polygamma of an order that is none is NaN, of order 0 digamma", () => {
    expect(polygamma(-1, 2)).toBe(NaN);
    expect(polygamma(1.5, 2)).toBe(NaN);
    expect(polygamma(NaN, 2)).toBe(NaN);
    expect(polygamma(0, 2.5)).toBe(digamma(2.5));
  });
});

describe("identities", () => {
  it("erf is odd, and erf + erfc = 1", () => {
    assertLaw(between(-30, 30), (x) => {
      expect(erf(-x)).toBe(-erf(x));
      expectClose(erf(x) + erfc(x), 1, 3e-16);
      expectClose(erfc(x) + erfc(-x), 2, 3e-16);
    });
  });

  it("lgamma(x + 1) = lgamma(x) + log|x|", () => {
    assertLaw(awayFromPoles, (x) => {
      const logX = Math.log(Math.abs(x));
      // x + 1 rounds, which digamma magnifies.
      expectClose(lgamma(x + 1), lgamma(x) + logX, 1e-13, 1 + Math.abs(lgamma(x)) + Math.abs(logX));
    });
  });

  it("lgamma is the logarithm of factorials", () => {
    let factorial = 1;
    for (let n = 1; n <= 20; n++) {
      expectClose(lgamma(n), Math.log(factorial), 5e-16);
      factorial *= n;
    }
  });

  it.each([0, 1, 2, 3, 4, 5, 6])("polygamma(%i, x + 1) = polygamma(%i, x) + (-1)^n n! / x^(n + 1)", (n) => {
    const factorial = Math.round(Math.exp(lgamma(n + 1)));
    assertLaw(awayFromPoles, (x) => {
      const step = ((n % 2 === 0 ? 1 : -1) * factorial) / x ** (n + 1);
      // The sum is exact to rounding of x + 1, which the next derivative magnifies.
      const scale = 1 + Math.abs(polygamma(n, x)) + Math.abs(step) + Math.abs(polygamma(n + 1, x + 1));
      expectClose(polygamma(n, x + 1), polygamma(n, x) + step, 1e-14, scale);
    });
  });

  it("each of lgamma, digamma, polygamma is the derivative of the one before", () => {
    const chain = [lgamma, digamma, ...[1, 2, 3, 4, 5, 6].map((n) => (x: number) => polygamma(n, x))];
    const h = 1e-3;
    for (const x of [0.7, 1.46, 3.2, 15, -0.5, -3.4]) {
      for (let i = 0; i + 1 < chain.length; i++) {
        const f = chain[i];
        const slope = (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
        expectClose(chain[i + 1](x), slope, 1e-8);
      }
    }
  });

  it("sigmoid(x) + sigmoid(-x) = 1, softplus(x) - softplus(-x) = x, logSigmoid = log(sigmoid)", () => {
    assertLaw(between(-40, 40), (x) => {
      expectClose(sigmoid(x) + sigmoid(-x), 1, 3e-16);
      expectClose(softplus(x) - softplus(-x), x, 5e-16);
      expectClose(logSigmoid(x), Math.log(sigmoid(x)), 5e-16);
      expectClose(logAddExp(x, 0), softplus(x), 5e-16);
    });
  });

  it("roundHalfEven is the nearest integer, and even at ties", () => {
    assertLaw(between(-1e6, 1e6), (x) => expect(Math.abs(roundHalfEven(x) - x)).toBeLessThanOrEqual(0.5));
    assertLaw(
      fc.integer({ min: -1e9, max: 1e9 }).map((n) => n + 0.5),
      (x) => expect(Math.abs(roundHalfEven(x) % 2)).toBe(0),
    );
  });
});
