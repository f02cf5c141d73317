import fc from "fast-check";
import { expect, test } from "vitest";
import { type Handle, makeTensor } from "../../../src/core/tensor/handle";
import type { Tensor } from "../../../src/core/tensor/tensor";
import { asHandle } from "../../../src/core/tensor/value";
import { meshgrid } from "../../../src/ops/create/meshgrid";
import { interpolate, searchsorted } from "../../../src/ops/indexing/interpolation";
import { sum } from "../../../src/ops/reduce/reduction";
import { grad } from "../../../src/transforms/grad";
import { trace } from "../../../src/transforms/trace";
import { vmap } from "../../../src/transforms/vmap";
import { float32, int32, iota, messageOf, nested } from "../nested";

const vector = (numbers: readonly number[]): Handle =>
  makeTensor([numbers.length], "float64", Float64Array.from(numbers));
const few = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, Infinity, -Infinity, -0));
/** In ascending order, NaN last. */
const ascending = fc
  .array(few, { maxLength: 12 })
  .map((list) => [...list.filter((v) => !Number.isNaN(v)).sort((a, b) => a - b), ...list.filter(Number.isNaN)]);

test("searchsorted counts what comes before, or up to, each value", () => {
  const before = (a: number, b: number) => a < b || (Number.isNaN(b) && !Number.isNaN(a));
  fc.assert(
    fc.property(ascending, fc.array(few, { maxLength: 8 }), (sorted, values) => {
      const [left, right] = (["left", "right"] as const).map((side) =>
        asHandle(searchsorted(vector(sorted), vector(values), { side })),
      );
      expect(left?.dtype).toBe("int32");
      expect(left?.toArray()).toEqual(values.map((v) => sorted.filter((s) => before(s, v)).length));
      expect(right?.toArray()).toEqual(values.map((v) => sorted.filter((s) => !before(v, s)).length));
    }),
  );
});

test("searchsorted takes numbers, tensors of any shape, and other dtypes", () => {
  expect(searchsorted(vector([1, 2]), 1.5).toArray()).toBe(1);
  expect(searchsorted(int32([3], [1, 2, 3]), makeTensor([1, 2], "float64", Float64Array.of(2.5, 2))).toArray()).toEqual(
    [[2, 1]],
  );
  expect(searchsorted(float32([2], [0.1, 0.2]), 0.1).toArray()).toBe(0);
});

test("searchsorted in a batch of vectors, of values, or of both", () => {
  const sorted = makeTensor([2, 3], "float64", Float64Array.of(1, 2, 3, 10, 20, 30));
  const values = makeTensor([2, 2], "float64", Float64Array.of(2, 5, 15, 35));
  const f = (s: Handle, v: Handle) => searchsorted(s, v);
  expect(asHandle(vmap(f)(sorted, values)).toArray()).toEqual([
    [1, 3],
    [1, 3],
  ]);
  expect(asHandle(vmap(f, { inAxes: [null, 0] })(vector([1, 20]), values)).toArray()).toEqual([
    [1, 1],
    [1, 2],
  ]);
  expect(asHandle(vmap(f, { inAxes: [0, null] })(sorted, vector([2, 25]))).toArray()).toEqual([
    [1, 3],
    [0, 2],
  ]);
});

const points = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: -5, max: 5 })), { minLength: 1, maxLength: 6 })
  .map((steps) => {
    let knot = -4;
    return { knots: steps.map(([step]) => (knot += step)), values: steps.map(([, value]) => value) };
  });

/** The value at x and the slope to the right, by the definition of the piecewise linear function. */
function piecewise(x: number, knots: readonly number[], values: readonly number[]): [value: number, slope: number] {
  const last = knots.length - 1;
  if (x < knots[0]) return [values[0], 0];
  if (x >= knots[last]) return [values[last], 0];
  const i = knots.findIndex((_, k) => x < knots[k + 1]);
  const slope = (values[i + 1] - values[i]) / (knots[i + 1] - knots[i]);
  return [values[i] + slope * (x - knots[i]), slope];
}

test("interpolate is the piecewise linear function, with its slope to the right", () => {
  fc.assert(
    fc.property(points, fc.array(fc.integer({ min: -24, max: 120 }), { maxLength: 8 }), ({ knots, values }, places) => {
      // Quarters: on knots, between them and outside.
      const x = vector(places.map((p) => p / 4));
      const want = [...x.data].map((at) => piecewise(at, knots, values));
      const f = (y: Tensor): Tensor => interpolate(y, vector(knots), vector(values));
      const slopes = grad((y: Tensor): Tensor => sum(f(y)))(x).data;
      const y = f(x).data;
      expect(y.length).toBe(want.length);
      for (const [i, [value, slope]] of want.entries()) {
        expect(y[i]).toBeCloseTo(value, 12);
        expect(slopes[i]).toBeCloseTo(slope, 12);
      }
    }),
  );
});

test("interpolate gives exactly the values at the knots, and is linear in the values", () => {
  fc.assert(
    fc.property(points, fc.integer({ min: -30, max: 120 }), ({ knots, values }, place) => {
      expect(interpolate(vector(knots), vector(knots), vector(values)).toArray()).toEqual(values);
      const f = (v: Tensor): Tensor => interpolate(place / 4, vector(knots), v);
      const weights = [...grad(f)(vector(values)).data];
      const again = weights.reduce((total, w, i) => total + w * values[i], 0);
      expect(again).toBeCloseTo(piecewise(place / 4, knots, values)[0], 12);
    }),
  );
});

test("moving points and x together changes nothing: the slopes by x and by the knots add up to 0", () => {
  fc.assert(
    fc.property(points, fc.integer({ min: -30, max: 120 }), ({ knots, values }, place) => {
      const f = ([x, k]: [Tensor, Tensor]): Tensor => interpolate(x, k, vector(values));
      const [byX, byKnots] = grad(f)([makeTensor([], "float64", Float64Array.of(place / 4)), vector(knots)]);
      expect([...byX.data, ...byKnots.data].reduce((a, b) => a + b)).toBeCloseTo(0, 12);
    }),
  );
});

test("interpolate: dtypes, batches of knots, and knots that are known only when the tape is replayed", () => {
  expect(interpolate(float32([1], [0.5]), int32([2], [0, 1]), float32([2], [0, 1])).dtype).toBe("float32");
  expect(interpolate(0.5, int32([2], [0, 1]), int32([2], [0, 1])).toArray()).toBe(0.5);
  const knots = makeTensor([2, 2], "float64", Float64Array.of(0, 1, 0, 4));
  const f = (k: Handle) => interpolate(1, k, vector([0, 1]));
  expect(asHandle(vmap(f)(knots)).toArray()).toEqual([1, 0.25]);
  const tape = trace(f)(vector([0, 1]));
  expect(asHandle(tape.replay(vector([0, 2]))).item()).toBe(0.5);
  expect(messageOf(() => tape.replay(vector([1, 1])))).toMatch(
    /^interpolate: knots must increase strictly, got 1 after 1/,
  );
});

test("meshgrid agrees with NumPy", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });
  fc.assert(
    fc.property(sizes, fc.boolean(), (counts, exchanged) => {
      const vectors = counts.map((count) => iota([count]));
      const grids = exchanged ? meshgrid(...vectors) : meshgrid(...vectors, { indexing: "ij" });
      const swap = (i: number) => (exchanged && counts.length > 1 && i < 2 ? 1 - i : i);
      const shape = counts.map((_, i) => counts[swap(i)]);
      expect(grids.length).toBe(counts.length);
      grids.forEach((grid, k) => {
        expect(grid.shape).toEqual(shape);
        expect(grid.toArray()).toEqual(nested(shape, (index) => index[swap(k)]));
      });
    }),
  );
});
