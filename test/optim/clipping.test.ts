import fc from "fast-check";
import { tensor, trace, tree, valueOf } from "gradtape";
import { clipByGlobalNorm, clipByValue, globalNorm } from "gradtape/optim";
import { expect, test } from "vitest";
import { errorOf } from "../errors/error-of";

const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const gradients = fc.record({ w: fc.array(finite, { minLength: 1, maxLength: 5 }).map((w) => tensor(w)), b: finite });

test("clipping by the global norm gives the norm allowed, in the same direction, or changes nothing", () => {
  fc.assert(
    fc.property(gradients, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (g, most) => {
      const norm = valueOf(globalNorm(g));
      expect(norm).toBeCloseTo(Math.hypot(...g.w.data, g.b), 9);
      const clipped = clipByGlobalNorm(g, most);
      if (norm <= most) expect(JSON.stringify(clipped)).toBe(JSON.stringify(g));
      else {
        expect(valueOf(globalNorm(clipped)) / most).toBeCloseTo(1, 12);
        expect(clipped.b).toBeCloseTo((g.b * most) / norm, 9);
      }
      expect(typeof clipped.b).toBe("number");
    }),
  );
});

test("clipping by value", () => {
  expect(clipByValue({ w: tensor([3, -0.5]), b: -4 }, 1).w.toArray()).toEqual([1, -0.5]);
  expect(clipByValue([Number.NaN, Infinity, -0], 1)).toEqual([Number.NaN, 1, -0]);
});

test.each([
  [
    [0, 0],
    [0, 0],
  ],
  [
    [Number.NaN, 1],
    [Number.NaN, Number.NaN],
  ],
  [
    [Infinity, 1],
    [Number.NaN, 0],
  ],
  [
    [1e200, 0],
    [1, 0],
  ],
])("special values: %j becomes %j", (g, wanted) => {
  expect(clipByGlobalNorm(g, 1)).toEqual(wanted);
});

test("dtypes stay beside other dtypes, and tracing gives the same", () => {
  const g = { w: tensor([3], { dtype: "float32" }), v: tensor([4]) };
  const clipped = clipByGlobalNorm(g, 1);
  expect([clipped.w.dtype, clipped.v.dtype]).toEqual(["float32", "float64"]);
  const replayed = trace((x: typeof g) => clipByGlobalNorm(x, 1))(g).replay(g);
  expect(tree.leaves(replayed).map(({ value }) => String(value))).toEqual(
    tree.leaves(clipped).map(({ value }) => String(value)),
  );
});

test("limits that make no sense", () => {
  expect(errorOf(() => clipByGlobalNorm(1, 0))).toContain("[argument/number] clipByGlobalNorm: maxNorm");
  expect(errorOf(() => clipByValue(1, Number.NaN))).toBe(
    "[argument/number] clipByValue: limit must be a number >= 0, got NaN. NaN is outside every range: look where it was computed.",
  );
  expect(errorOf(() => clipByValue({ g: "x" }, 1))).toContain("[tree/leaf] clipByValue: gradients.g");
});
