// The NIST StRD problems of nonlinear regression, each from both starts, with the default options of leastSquares.
import { describe, expect, test } from "vitest";
import { expectEvery } from "../../support";
import { models } from "./models";
import { load, parse } from "./parse";
import { solve } from "./solve";

/** Correct digits asked of every problem but those named. */
const DIGITS = 7;
/** Ill-conditioned: fewer digits are left, and how many is a matter of rounding. */
const FEWER: Readonly<Record<string, number>> = { Lanczos3: 6.5, ENSO: 6.5 };

test("all 27 problems are here, and read", () => {
  const names = Object.keys(models);
  expect(names.length).toBe(27);
  for (const name of names) {
    const { starts, certified, sum, x, y } = load(name);
    for (const numbers of [...starts, certified, [sum], y, ...x]) expectEvery(numbers, Number.isFinite);
    expect(starts.map((start) => start.length)).toEqual([certified.length, certified.length]);
    expect(x.map((column) => column.length)).toEqual(x.map(() => y.length));
    expect(sum).toBeGreaterThan(0);
  }
  expect(load("Nelson").x.length).toBe(2);
  expect(load("Misra1a")).toMatchObject({
    starts: [
      [500, 0.0001],
      [250, 0.0005],
    ],
    certified: [238.94212918, 5.5015643181e-4],
  });
  expect(() => parse("")).toThrow();
});

describe.each(Object.keys(models))("%s", (name) => {
  test.each([1, 2] as const)("from start %d", (start) => {
    const { outcome, logRelativeError, certifiedSum } = solve(name, start);
    expect(outcome.converged).toBe(true);
    expect(logRelativeError).toBeGreaterThanOrEqual(FEWER[name] ?? DIGITS);
    // Of Lanczos1, the sum is rounding errors of the data.
    expect(outcome.value / certifiedSum).toBeCloseTo(1, name === "Lanczos1" ? 1 : 7);
  });
});
