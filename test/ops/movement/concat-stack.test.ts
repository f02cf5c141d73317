import fc from "fast-check";
import { expect, test } from "vitest";
import { makeTensor } from "../../../src/core/tensor/handle";
import { pad } from "../../../src/ops/indexing/pad";
import { concat, stack } from "../../../src/ops/movement/concat-stack";
import { slice } from "../../../src/ops/movement/slicing";
import { split, unstack } from "../../../src/ops/movement/split-unstack";
import { float32, int32, iota, messageOf } from "../nested";

const bools = makeTensor([2], "bool", Uint8Array.of(1, 0));

test("concat joins along an axis, stack along a new one", () => {
  expect(concat([iota([1, 2]), iota([2, 2])]).toArray()).toEqual([
    [0, 1],
    [0, 1],
    [2, 3],
  ]);
  expect(concat([iota([2, 1]), iota([2, 2])], { axis: -1 }).toArray()).toEqual([
    [0, 0, 1],
    [1, 2, 3],
  ]);
  expect(stack([iota([2]), iota([2])], { axis: -1 }).toArray()).toEqual([
    [0, 0],
    [1, 1],
  ]);
  expect(stack([1, iota([]), 3]).toArray()).toEqual([1, 0, 3]);
  expect(concat([iota([0]), iota([2])]).toArray()).toEqual([0, 1]);
  expect(stack([iota([0]), iota([0])]).shape).toEqual([2, 0]);
});

test("concat and stack promote dtypes, a number takes that of the tensors", () => {
  expect(concat([int32([1], [1]), float32([1], [2])]).dtype).toBe("float32");
  expect(concat([bools, bools]).dtype).toBe("bool");
  expect(concat([bools, int32([1], [5])]).toArray()).toEqual([1, 0, 5]);
  expect(stack([float32([], [1]), 2.5]).dtype).toBe("float32");
  expect(stack([int32([], [1]), 2]).dtype).toBe("int32");
  expect(stack([int32([], [1]), 2.5]).dtype).toBe("float64");
  expect(stack([1, 2]).dtype).toBe("float64");
});

const cut = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 4 });

test("split is the inverse of concat, unstack that of stack", () => {
  fc.assert(
    fc.property(cut, fc.integer({ min: 0, max: 3 }), fc.boolean(), (sizes, other, last) => {
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const axis = last ? 1 : 0;
      const x = iota(last ? [other, total] : [total, other]);
      const pieces = split(x, sizes, { axis });
      expect(pieces.map((piece) => piece.shape[axis])).toEqual(sizes);
      expect(concat(pieces, { axis }).data).toEqual(x.data);
      if (x.shape[axis] > 0) expect(stack(unstack(x, { axis }), { axis }).data).toEqual(x.data);
    }),
  );
});

test("split into equal pieces", () => {
  expect(split(iota([4]), 2).map((piece) => piece.toArray())).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(unstack(iota([0, 2]))).toEqual([]);
});

test("slice finds what pad surrounded", () => {
  const width = fc.integer({ min: 0, max: 3 });
  const axis = fc.tuple(fc.integer({ min: 0, max: 3 }), width, width);
  fc.assert(
    fc.property(fc.array(axis, { maxLength: 3 }), fc.constantFrom(0, 7, Number.NaN), (axes, value) => {
      const x = iota(axes.map(([size]) => size));
      const y = pad(
        x,
        axes.map(([, before, after]) => [before, after]),
        { value },
      );
      const inner = axes.map(([size, before]) => ({ start: before, stop: before + size }));
      expect(slice(y, inner).data).toEqual(x.data);
      expect(y.data.filter((v) => Object.is(v, value)).length).toBe(
        y.size - x.size + x.data.filter((v) => Object.is(v, value)).length,
      );
    }),
  );
});

test("pad keeps -0 and the dtype", () => {
  expect(pad(makeTensor([1], "float64", Float64Array.of(-0)), 1).toArray()).toEqual([0, -0, 0]);
  expect(pad(int32([1], [3]), 1, { value: -1 }).toArray()).toEqual([-1, 3, -1]);
  expect(pad(bools, [[0, 1]], { value: 1 }).toArray()).toEqual([true, false, true]);
  expect(pad(iota([]), 1).toArray()).toBe(0);
});

test.each([
  [
    () => concat([]),
    "concat: at least one tensor is needed, got none. An empty array has no shape: put zeros(shape) into it.",
  ],
  // @ts-expect-error not an array
  [() => stack(iota([2])), "stack: tensors must be given as an array, got a tensor. Write stack([a, b])."],
  // @ts-expect-error a string is no tensor
  [() => stack([1, "2"]), 'stack: xs[1] must be a number or a tensor, got "2". Convert it to numbers first.'],
  [
    () => concat([iota([2, 3]), iota([3, 2])]),
    "concat: xs[1] has shape [3, 2], but xs[0] has [2, 3]. Shapes must be equal on all axes but 0.",
  ],
  [() => stack([iota([2]), iota([3])]), "stack: xs[1] has shape [3], but xs[0] has [2]. All shapes must be equal."],
  [
    () => concat([iota([]), iota([])]),
    "concat: xs[0] is a single number and has no axis to join along. Give it one, reshape(x, [1]), or use stack for single numbers.",
  ],
  [
    () => split(iota([5]), 2),
    "split: axis 0 of size 5 does not divide into 2 equal parts. Give the sizes of the parts as an array.",
  ],
  [() => split(iota([5]), [2, 2]), "split: sizes [2, 2] sum to 4, but axis 0 has size 5. Give sizes that sum to 5."],
  [() => split(iota([5]), 0), "split: parts must be an integer >= 1, got 0. The smallest allowed is 1."],
  [
    () => pad(iota([2, 2]), [[1, 1]]),
    "pad: widths must be a number or 2 pairs [before, after], one per axis, got [[1, 1]]. [0, 0] leaves an axis as it is.",
  ],
  [() => pad(iota([2]), -1), "pad: widths must be an integer >= 0, got -1. The smallest allowed is 0."],
  [
    () => pad(iota([2]), 1, { mode: "wrap" as never }),
    'pad: mode must be one of "constant", "reflect", "replicate", got "wrap". Leave mode out for the default.',
  ],
  [
    () => pad(int32([1], [1]), 1, { value: 0.5 }),
    "pad: value must be an integer from -2147483648 to 2147483647, got 0.5. Math.floor and Math.round make integers.",
  ],
])("errors of joining, splitting and padding %#", (run, message) => {
  expect(messageOf(run)).toBe(message);
});
