import { expect, test } from "vitest";
import { expandDims, squeeze } from "../../../src/ops/movement/squeeze-expand";
import { repeat, tile } from "../../../src/ops/movement/tile-repeat";
import { int32, iota, messageOf } from "../nested";

test("squeeze drops all axes of size 1, or those named", () => {
  expect(squeeze(iota([1, 2, 1])).shape).toEqual([2]);
  expect(squeeze(iota([1, 2, 1]), { axis: -1 }).shape).toEqual([1, 2]);
  expect(squeeze(iota([1, 2, 1]), { axis: [0, 2] }).shape).toEqual([2]);
  expect(squeeze(iota([1, 1])).toArray()).toBe(0);
  expect(squeeze(iota([0, 1])).shape).toEqual([0]);
});

test("expandDims counts positions in the result", () => {
  expect(expandDims(iota([2]), { axis: 0 }).shape).toEqual([1, 2]);
  expect(expandDims(iota([2]), { axis: -1 }).shape).toEqual([2, 1]);
  expect(expandDims(iota([2, 3]), { axis: [0, -1, 2] }).shape).toEqual([1, 2, 1, 3, 1]);
  expect(expandDims(5, { axis: 0 }).toArray()).toEqual([5]);
});

test("tile agrees with NumPy", () => {
  expect(tile(iota([2, 3]), 2).toArray()).toEqual([
    [0, 1, 2, 0, 1, 2],
    [3, 4, 5, 3, 4, 5],
  ]);
  expect(tile(iota([2]), [2, 1, 2]).toArray()).toEqual([[[0, 1, 0, 1]], [[0, 1, 0, 1]]]);
  expect(tile(iota([2]), 0).shape).toEqual([0]);
  expect(tile(iota([]), 3).toArray()).toEqual([0, 0, 0]);
  expect(tile(int32([1], [7]), 2).dtype).toBe("int32");
});

test("repeat agrees with NumPy", () => {
  expect(repeat(iota([2, 3]), 2, { axis: 1 }).toArray()).toEqual([
    [0, 0, 1, 1, 2, 2],
    [3, 3, 4, 4, 5, 5],
  ]);
  expect(repeat(iota([2]), 2).toArray()).toEqual([0, 0, 1, 1]);
  expect(repeat(iota([2, 2]), 0, { axis: -1 }).shape).toEqual([2, 0]);
});

test.each([
  [
    () => squeeze(iota([2, 1]), { axis: 0 }),
    "squeeze: axis 0 of shape [2, 1] has size 2, not 1. Leave the axis out; to take one position of an axis use slice.",
  ],
  [
    // @ts-expect-error axis is required
    () => expandDims(iota([2])),
    "expandDims: the option axis is required. { axis: 0 } adds a leading axis, { axis: -1 } a last one.",
  ],
  [() => expandDims(iota([2]), { axis: 2 }), "expandDims: axis 2 is out of range for rank 2. Axes run from -2 to 1."],
  [() => tile(iota([2]), [1, -1]), "tile: repetitions[1] must be an integer >= 0, got -1. The smallest allowed is 0."],
  [
    () => repeat(iota([2]), 1.5),
    "repeat: count must be an integer >= 0, got 1.5. Math.floor and Math.round make integers.",
  ],
  [() => repeat(iota([]), 2), "repeat: axis 0 is out of range for rank 0. A single number has no axes."],
])("errors of axes and repetition %#", (run, message) => {
  expect(messageOf(run)).toBe(message);
});
