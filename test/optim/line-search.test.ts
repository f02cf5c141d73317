import fc from "fast-check";
import { expect, test } from "vitest";
import { dot, type Evaluate, type Point, searchLine } from "../../src/optim/line-search";

/** A function of one number, with its derivative. */
const line =
  (f: (x: number) => number, slope: (x: number) => number): Evaluate =>
  (x) => ({ x, value: f(x[0]), gradient: Float64Array.of(slope(x[0])) });

function assertWolfeConditions(evaluate: Evaluate, from: Point, found: Point | null, direction: Float64Array): void {
  if (found === null) throw new Error("nothing found");
  const slope = dot(from.gradient, direction);
  const step = (found.x[0] - from.x[0]) / direction[0];
  expect(step).toBeGreaterThan(0);
  expect(found.value).toBeLessThanOrEqual(from.value + 1e-4 * step * slope + 1e-15);
  expect(Math.abs(dot(found.gradient, direction))).toBeLessThanOrEqual(-0.9 * slope);
  expect(found).toEqual(evaluate(found.x));
}

const functions: Readonly<Record<string, Evaluate>> = {
  parabola: line(
    (x) => (x - 3) ** 2,
    (x) => 2 * (x - 3),
  ),
  // Moré and Thuente (1994), functions 1 and 3: a flat valley, and one with many local minima.
  valley: line(
    (x) => -x / (x * x + 2),
    (x) => (x * x - 2) / (x * x + 2) ** 2,
  ),
  waves: line(
    (x) => (x - 1) ** 2 + 0.1 * Math.cos(20 * x),
    (x) => 2 * (x - 1) - 2 * Math.sin(20 * x),
  ),
  // Ends at x = 4: NaN from there.
  cliff: line(
    (x) => -Math.sqrt(4 - x) * x,
    (x) => x / (2 * Math.sqrt(4 - x)) - Math.sqrt(4 - x),
  ),
  overflow: line(
    (x) => Math.exp(x) - 2 * x,
    (x) => Math.exp(x) - 2,
  ),
};

test.each(Object.entries(functions))(
  "the strong Wolfe conditions hold on the %s, from first steps of any size",
  (_, f) => {
    fc.assert(
      fc.property(fc.double({ min: -6, max: 6, noNaN: true }), (exponent) => {
        const from = f(Float64Array.of(0.1));
        if (!(from.gradient[0] < 0)) return;
        const direction = Float64Array.of(-from.gradient[0] * 10 ** exponent);
        const slope = dot(from.gradient, direction);
        assertWolfeConditions(f, from, searchLine(f, { from, direction, slope }), direction);
      }),
    );
  },
);
