import fc from "fast-check";
import { expect, test } from "vitest";
import { type Handle, makeTensor } from "../../../src/core/tensor/handle";
import { oneHot } from "../../../src/ops/indexing/one-hot";
import { scatterAdd, scatterAddAlongAxis } from "../../../src/ops/indexing/scatter-add";
import { take, takeAlongAxis } from "../../../src/ops/indexing/take";
import { expectEvery } from "../../support";
import { int32, iota, messageOf, nested } from "../nested";

test("take agrees with NumPy", () => {
  const x = iota([2, 3, 4]);
  expect(
    take(
      x,
      [
        [0, -1],
        [2, 0],
      ],
      { axis: 1 },
    ).shape,
  ).toEqual([2, 2, 2, 4]);
  expect(
    take(
      take(
        x,
        [
          [0, -1],
          [2, 0],
        ],
        { axis: 1 },
      ),
      1,
    ).toArray(),
  ).toEqual([
    [
      [12, 13, 14, 15],
      [20, 21, 22, 23],
    ],
    [
      [20, 21, 22, 23],
      [12, 13, 14, 15],
    ],
  ]);
  expect(take(x, []).shape).toEqual([0, 3, 4]);
  expect(take(iota([3]), Int32Array.of(2, 0)).toArray()).toEqual([2, 0]);
  expect(take(iota([3]), int32([], [-1])).toArray()).toBe(2);
  expect(take(iota([2, 50]), 1).toArray()).toEqual(Array.from({ length: 50 }, (_, i) => 50 + i));
});

test("take copies an array that its caller may write to later", () => {
  const rows = Int32Array.of(0, 1);
  const y = take(iota([2]), rows);
  rows[0] = 1;
  expect(y.toArray()).toEqual([0, 1]);
});

test("takeAlongAxis agrees with NumPy, broadcasting included", () => {
  expect(takeAlongAxis(iota([2, 3, 4]), int32([1, 1, 4], [1, 0, -1, 2]), { axis: 1 }).toArray()).toEqual([
    [[4, 1, 10, 11]],
    [[16, 13, 22, 23]],
  ]);
  expect(takeAlongAxis(iota([2, 3]), [[2, 0]]).toArray()).toEqual([
    [2, 0],
    [5, 3],
  ]);
  expect(takeAlongAxis(iota([1, 3]), [[2], [0]]).toArray()).toEqual([[2], [0]]);
});

test("scatterAdd agrees with NumPy's add.at", () => {
  const zeros = makeTensor([2, 3], "float64", new Float64Array(6));
  expect(scatterAdd(zeros, [2, 0, 2], iota([2, 3]), { axis: 1 }).toArray()).toEqual([
    [1, 0, 2],
    [4, 0, 8],
  ]);
  expect(scatterAdd(zeros, [], 1).data).toEqual(zeros.data);
  expect(scatterAdd(zeros, -1, 1).toArray()).toEqual([
    [0, 0, 0],
    [1, 1, 1],
  ]);
  expect(scatterAdd(int32([2], [1, 2]), [0], 1.5).toArray()).toEqual([2.5, 2]);
  expect(scatterAdd(int32([2], [1, 2]), [0], 1).dtype).toBe("int32");
  expectEvery(zeros.data, (v) => v === 0);
});

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, v, i) => sum + v * b[i], 0);

/** Numbers that add up without rounding. */
const numbers = (shape: readonly number[], factor: number): Handle => {
  const x = iota(shape);
  return makeTensor(
    shape,
    "float64",
    Float64Array.from(x.data, (v) => ((v * factor) % 11) - 5),
  );
};
const scene = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
  pick: fc.nat(),
  draws: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
});
const drawn = (size: number, wanted: number, draws: readonly number[]): number[] =>
  Array.from({ length: wanted }, (_, i) => ((draws[i % draws.length] + i * i) % (2 * size)) - size);

test("take is what a loop takes, and scatterAdd its adjoint", () => {
  fc.assert(
    fc.property(scene, ({ shape, pick, draws }) => {
      const axis = pick % shape.length;
      const size = shape[axis];
      const rows = drawn(size, draws.length, draws);
      const x = numbers(shape, 7);
      const y = take(x, rows, { axis });
      const wanted = nested(
        shape.map((s, i) => (i === axis ? rows.length : s)),
        (index) =>
          x.data[shape.reduce((flat, s, i) => flat * s + (i === axis ? (rows[index[i]] + size) % size : index[i]), 0)],
      );
      expect(y.toArray()).toEqual(wanted);
      const yBar = numbers(y.shape, 5);
      const zeros = makeTensor(shape, "float64", new Float64Array(x.size));
      expect(dot(scatterAdd(zeros, rows, yBar, { axis }).data, x.data)).toBe(dot(yBar.data, y.data));
    }),
  );
});

test("takeAlongAxis is what a loop takes, and scatterAddAlongAxis its adjoint", () => {
  fc.assert(
    fc.property(scene, fc.integer({ min: 0, max: 3 }), ({ shape, pick, draws }, count) => {
      const axis = pick % shape.length;
      const size = shape[axis];
      const others = shape.map((s, i) => (i === axis ? count : s));
      const total = others.reduce((product, s) => product * s, 1);
      const rows = int32(others, drawn(size, total, draws));
      const x = numbers(shape, 7);
      const y = takeAlongAxis(x, rows, { axis });
      const wanted = nested(others, (index) => {
        const row = rows.data[others.reduce((flat, s, i) => flat * s + index[i], 0)];
        return x.data[shape.reduce((flat, s, i) => flat * s + (i === axis ? (row + size) % size : index[i]), 0)];
      });
      expect(y.toArray()).toEqual(wanted);
      const yBar = numbers(others, 5);
      const zeros = makeTensor(shape, "float64", new Float64Array(x.size));
      expect(dot(scatterAddAlongAxis(zeros, rows, yBar, { axis }).data, x.data)).toBe(dot(yBar.data, y.data));
    }),
  );
});

test("oneHot marks each index", () => {
  expect(oneHot([2, -3], 3).toArray()).toEqual([
    [0, 0, 1],
    [1, 0, 0],
  ]);
  expect(oneHot([2, 0], 3, { axis: 0 }).toArray()).toEqual([
    [0, 1],
    [0, 0],
    [1, 0],
  ]);
  expect(oneHot(1, 2, { dtype: "bool" }).toArray()).toEqual([false, true]);
  expect(oneHot([], 2).shape).toEqual([0, 2]);
});

test.each([
  [
    () => take(iota([3]), [[0, 3]]),
    "take: index 3 at [0, 1] is out of range for an axis of size 3. Indices run from -3 to 2.",
  ],
  [() => take(iota([3]), -4), "take: index -4 is out of range for an axis of size 3. Indices run from -3 to 2."],
  [
    () => take(iota([0]), [0]),
    "take: index 0 at [0] is out of range for an axis of size 0. The axis is empty; check its size first.",
  ],
  [
    () => take(iota([3]), [0, 1.5]),
    "take: indices[1] must be an integer, got 1.5. Indices count from 0, negative ones from the end.",
  ],
  [
    () => take(iota([3]), [[Number.NaN]]),
    "take: indices[0][0] must be an integer, got NaN. Indices count from 0, negative ones from the end.",
  ],
  [
    () => take(iota([3]), Number.NaN),
    "take: indices must be an integer, got NaN. Indices count from 0, negative ones from the end.",
  ],
  [() => take(iota([3]), iota([1])), 'take: indices must be int32, got a float64 tensor. Use cast(indices, "int32").'],
  [
    () => take(iota([3]), [[0, 1], [0]]),
    "take: indices[1] has length 1, but indices[0] has length 2. Give all arrays at one depth the same length.",
  ],
  [
    // @ts-expect-error ragged
    () => take(iota([3]), [0, [1]]),
    "take: indices[1] has length 1, but indices[0] is no array. Give all arrays at one depth the same length.",
  ],
  [
    // @ts-expect-error Float64Array
    () => take(iota([3]), Float64Array.of(0)),
    "take: indices must be an int32 tensor, an Int32Array, or nested arrays of integers, got a Float64Array. Write them as an array of integers: [0, 2].",
  ],
  [() => take(iota([]), 0), "take: axis 0 is out of range for rank 0. A single number has no axes."],
  [
    () => takeAlongAxis(iota([2, 3]), [0]),
    "takeAlongAxis: indices must have as many axes as x, got shape [1] for x of shape [2, 3]. For whole slices use take.",
  ],
  [
    () => takeAlongAxis(iota([2, 3]), [[0], [-4]]),
    "takeAlongAxis: index -4 at [1, 0] is out of range for an axis of size 3. Indices run from -3 to 2.",
  ],
  [
    () => scatterAdd(iota([3]), [1], iota([2])),
    "scatterAdd: updates of shape [2] does not broadcast to shape [1]. Sizes, counted from the last axis, must be equal, or 1 in what is repeated.",
  ],
  [
    () => scatterAdd(iota([3]), [5], 1),
    "scatterAdd: index 5 at [0] is out of range for an axis of size 3. Indices run from -3 to 2.",
  ],
  [
    // @ts-expect-error an array is no value
    () => scatterAdd(iota([3]), [1], [1]),
    "scatterAdd: updates must be a number or a tensor, got [1]. Make one with tensor(...).",
  ],
  [
    () => scatterAddAlongAxis(iota([1, 3]), [[0], [1]], 1),
    "scatterAddAlongAxis: indices of shape [2, 1] does not broadcast to shape [1, 1]. Sizes, counted from the last axis, must be equal, or 1 in what is repeated.",
  ],
  [() => oneHot([3], 3), "oneHot: index 3 at [0] is out of range for an axis of size 3. Indices run from -3 to 2."],
  [() => take(iota([3]), [0], { axes: 0 } as never), 'take: unknown option "axes". Did you mean "axis"?'],
])("errors of indexing %#", (run, message) => {
  expect(messageOf(run)).toBe(message);
});
