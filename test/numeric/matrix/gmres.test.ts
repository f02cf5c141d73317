import { describe, expect, test } from "vitest";
import { gmres } from "../../../src/numeric/matrix/gmres";

const N = 90;
/** A diagonal that outweighs the rest, in a unit of its own. */
const times =
  (unit: number) =>
  (v: Float64Array): Float64Array =>
    v.map((x, i) => unit * ((2 + i / N) * x + 0.5 * (v[i - 1] ?? 0) - 0.5 * (v[i + 1] ?? 0)));

describe("gmres", () => {
  // FAULTS 19: whether the products leave the space was asked in the unit of the right side.
  test.each([
    [1, 1],
    [1e-12, 1e12],
    [1e12, 1e-12],
    [1e-12, 1e-12],
    [1e12, 1e12],
  ])("solves to the same precision with matrix times %d, right side times %d", (a, b) => {
    const want = Float64Array.from({ length: N }, (_, i) => (b / a) * Math.sin(i));
    const { x, residual, iterations } = gmres(times(a), times(a)(want), 1e-13, 10 * N);
    expect(residual).toBeLessThan(1e-12);
    expect(iterations).toBeLessThan(60);
    x.forEach((xi, i) => {
      expect((xi * a) / b).toBeCloseTo(Math.sin(i), 10);
    });
  });

  test("a system without a solution is said to have none", () => {
    const last = (v: Float64Array): Float64Array => v.map((x, i) => (i === N - 1 ? 0 : x));
    expect(gmres(last, new Float64Array(N).fill(1e-12), 1e-13, 10 * N).residual).toBeGreaterThan(0.1);
  });
});
