import fc from "fast-check";
import { expect, test } from "vitest";
import { makeTensor } from "../../../src/core/tensor/handle";
import type { SlicePart } from "../../../src/core/tensor/tensor";
import { at, flip, slice } from "../../../src/ops/movement/slicing";
import { iota, messageOf, nested } from "../nested";

const bound = fc.option(fc.integer({ min: -6, max: 6 }), { nil: undefined });
const part: fc.Arbitrary<SlicePart> = fc.oneof(
  fc.constant(null),
  fc.record({ start: bound, stop: bound, step: fc.constantFrom(undefined, 1, 2, 3, -1, -2, -3) }),
);

/** Python's positions, found by walking: no formula in common with the library. */
function positions(given: SlicePart, size: number): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  if (given === null || typeof given === "number") return all;
  const step = given.step ?? 1;
  const fromEnd = (x: number) => (x < 0 ? x + size : x);
  const start = given.start === undefined ? (step > 0 ? 0 : size - 1) : fromEnd(given.start);
  const stop = given.stop === undefined ? (step > 0 ? size : -1) : fromEnd(given.stop);
  const found: number[] = [];
  const first = step > 0 ? Math.max(start, 0) : Math.min(start, size - 1);
  for (let i = first; step > 0 ? i < Math.min(stop, size) : i > Math.max(stop, -1); i += step) found.push(i);
  return found;
}

test("slice takes what Python takes", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), part), { maxLength: 3 }), (axes) => {
      const shape = axes.map(([size]) => size);
      const taken = axes.map(([size, given]) => positions(given, size));
      const x = iota(shape);
      const y = slice(
        x,
        axes.map(([, given]) => given),
      );
      const wanted = nested(
        taken.map((found) => found.length),
        (index) => index.reduce((flat, i, axis) => flat * shape[axis] + taken[axis][i], 0),
      );
      expect(y.shape).toEqual(taken.map((found) => found.length));
      expect(y.toArray()).toEqual(wanted);
    }),
    { numRuns: 500 },
  );
});

test("slice follows NumPy where walks go backwards and bounds are far out", () => {
  const x = iota([5]);
  expect(slice(x, [{ step: -1 }]).toArray()).toEqual([4, 3, 2, 1, 0]);
  expect(slice(x, [{ start: -1, stop: -6, step: -2 }]).toArray()).toEqual([4, 2, 0]);
  expect(slice(x, [{ start: 100, stop: 0, step: -2 }]).toArray()).toEqual([4, 2]);
  expect(slice(x, [{ start: -100, stop: 2 }]).toArray()).toEqual([0, 1]);
  expect(slice(x, [{ start: 3, stop: 1 }]).toArray()).toEqual([]);
  expect(slice(x, [{ start: 1, stop: -1 }]).toArray()).toEqual([1, 2, 3]);
});

test("slice with a number drops the axis, parts left out are whole", () => {
  const x = iota([2, 3, 4]);
  expect(slice(x, [1, null, -1]).toArray()).toEqual([15, 19, 23]);
  expect(slice(x, [1]).shape).toEqual([3, 4]);
  expect(slice(x, [0, 0, 0]).shape).toEqual([]);
  expect(slice(x, [])).toBe(x);
  expect(slice(iota([]), []).toArray()).toBe(0);
});

test("slice, at and flip keep the dtype", () => {
  const bools = makeTensor([2, 2], "bool", Uint8Array.of(1, 0, 0, 1));
  expect(flip(bools, { axis: 0 }).toArray()).toEqual([
    [false, true],
    [true, false],
  ]);
  expect(at(bools, [0, 0]).toArray()).toBe(true);
  expect(slice(makeTensor([2], "int32", Int32Array.of(7, 8)), [1]).dtype).toBe("int32");
});

test("at drops the leading axes", () => {
  const x = iota([2, 3]);
  expect(at(x, [-1]).toArray()).toEqual([3, 4, 5]);
  expect(at(x, [1, -3]).toArray()).toBe(3);
  expect(at(x, [])).toBe(x);
});

test("flip reverses the axes named, all by default", () => {
  const x = iota([2, 3]);
  expect(flip(x).toArray()).toEqual([
    [5, 4, 3],
    [2, 1, 0],
  ]);
  expect(flip(x, { axis: -1 }).toArray()).toEqual([
    [2, 1, 0],
    [5, 4, 3],
  ]);
  expect(flip(iota([0, 2])).shape).toEqual([0, 2]);
  expect(flip(iota([])).toArray()).toBe(0);
});

test("flip of flip is the same", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 }), fc.nat(), (shape, k) => {
      const x = iota(shape);
      const axis = k % shape.length;
      expect(flip(flip(x, { axis }), { axis }).toArray()).toEqual(x.toArray());
    }),
  );
});

test.each([
  [() => at(iota([3]), [3]), "at: index 3 is out of range for axis 0 of size 3. Indices run from -3 to 2."],
  [
    () => at(iota([3]), [0, 0]),
    "at: 2 indices are too many for a tensor of rank 1, shape [3]. Give at most one for each axis.",
  ],
  [
    () => at(iota([3]), [0.5]),
    "at: an index must be an integer, got 0.5 for axis 0 of size 3. Indices run from -3 to 2.",
  ],
  [
    () => at(iota([3]), [Number.NaN]),
    "at: an index must be an integer, got NaN for axis 0 of size 3. Indices run from -3 to 2.",
  ],
  [
    () => at(iota([0]), [0]),
    "at: index 0 is out of range for axis 0 of size 0. The axis is empty; check its size first.",
  ],
  [
    () => slice(iota([2, 3]), [null, -4]),
    "slice: index -4 is out of range for axis 1 of size 3. Indices run from -3 to 2.",
  ],
  [
    () => slice(iota([3]), [{ step: 0 }]),
    "slice: step of part 0 must be an integer other than 0, got 0. -1 reverses an axis; a number in place of the part takes one position.",
  ],
  [
    () => slice(iota([3]), [{ start: 1.5 }]),
    "slice: start of part 0 must be an integer, got 1.5. Leave start out for the default.",
  ],
  [
    () => slice(iota([3]), [null, null]),
    "slice: 2 parts are too many for a tensor of rank 1, shape [3]. Give at most one for each axis.",
  ],
  // @ts-expect-error stopp is no field
  [() => slice(iota([3]), [{ stopp: 1 }]), 'slice: unknown option "stopp". Did you mean "stop"?'],
  [
    // @ts-expect-error a string is no part
    () => slice(iota([3]), ["1:2"]),
    'slice: part 0 must be { start, stop, step }, a number or null, got "1:2". null takes the whole axis.',
  ],
  [() => flip(iota([3]), { axis: 1 }), "flip: axis 1 is out of range for rank 1. Axes run from -1 to 0."],
])("errors of slicing %#", (run, message) => {
  expect(messageOf(run)).toBe(message);
});
