import fc from "fast-check";
import { expect, test } from "vitest";
import { factor, trustRegionStep } from "../../src/optim/trust-region";

const entry = fc.integer({ min: -50, max: 50 }).map((x) => x / 10);
const scales = fc.integer({ min: -4, max: 4 }).map((k) => 2 ** k);
const SIZE = 3;
const problem = fc.integer({ min: 2, max: 6 }).chain((rows) =>
  fc.record({
    jacobian: fc.array(entry, { minLength: rows * SIZE, maxLength: rows * SIZE }),
    f: fc.array(entry, { minLength: rows, maxLength: rows }),
    scale: fc.array(scales, { minLength: SIZE, maxLength: SIZE }),
    radius: fc.integer({ min: -8, max: 4 }).map((k) => 2 ** k),
  }),
);

test("steps solve the damped normal equations, and are as long as the radius or undamped and shorter", () => {
  fc.assert(
    fc.property(problem, ({ jacobian, f, scale, radius }) => {
      const rows = f.length;
      const j = Float64Array.from(jacobian);
      const triangular = factor(j, Float64Array.from(f), SIZE);
      const { step, length, damping } = trustRegionStep(triangular, Float64Array.from(scale), radius, 0);
      expect(length).toBeCloseTo(Math.hypot(...step.map((p, k) => scale[k] * p)), 9);
      expect(length).toBeLessThanOrEqual(1.1 * radius * (1 + 1e-12));
      if (damping === 0) return;
      // Where columns depend on each other, no damping at all may already be shorter than the undamped step.
      if (damping > 1e-3) expect(length).toBeGreaterThanOrEqual(0.9 * radius * (1 - 1e-12));
      const left = Array.from(f, (fi, i) => fi - step.reduce((sum, p, k) => sum + j[k * rows + i] * p, 0));
      step.forEach((p, k) => {
        const slope = left.reduce((sum, li, i) => sum + li * j[k * rows + i], 0);
        const size = 1 + Math.abs(damping * scale[k] ** 2 * p);
        expect(slope / size).toBeCloseTo((damping * scale[k] ** 2 * p) / size, 7);
      });
    }),
  );
});
