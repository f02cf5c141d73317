import fc from "fast-check";
import { expect, test } from "vitest";
import { makeTensor } from "../../../src/core/tensor/handle";
import { broadcastTo, reshape, swapAxes, transpose } from "../../../src/ops/movement/reshape-transpose";
import { int32, iota, messageOf, nested } from "../nested";

test("reshape keeps the order and fills in -1", () => {
  expect(reshape(iota([6]), [2, -1]).toArray()).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
  expect(reshape(5, [1, 1]).toArray()).toEqual([[5]]);
  expect(reshape(iota([1]), []).toArray()).toBe(0);
  expect(reshape(iota([0, 3]), [3, 0]).shape).toEqual([3, 0]);
  expect(reshape(iota([0, 3]), [-1, 3]).shape).toEqual([0, 3]);
  expect(reshape(makeTensor([1, 2], "bool", Uint8Array.of(1, 0)), [2]).toArray()).toEqual([true, false]);
});

const permuted = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }).chain((shape) =>
  fc.tuple(
    fc.constant(shape),
    fc.shuffledSubarray(
      shape.map((_, i) => i),
      { minLength: shape.length },
    ),
  ),
);

test("transpose moves every number where the permutation says", () => {
  fc.assert(
    fc.property(permuted, ([shape, permutation]) => {
      const x = iota(shape);
      const y = transpose(x, permutation);
      const wanted = nested(
        permutation.map((axis) => shape[axis]),
        (index) => shape.reduce((flat, size, axis) => flat * size + index[permutation.indexOf(axis)], 0),
      );
      expect(y.toArray()).toEqual(wanted);
    }),
  );
});

test("transpose of transpose is the same", () => {
  fc.assert(
    fc.property(permuted, ([shape, permutation]) => {
      const x = iota(shape);
      const inverse = permutation.map((_, i) => permutation.indexOf(i));
      const back = transpose(transpose(x, permutation), inverse);
      expect(back.shape).toEqual(shape);
      expect(back.data).toEqual(x.data);
      expect(transpose(transpose(x)).data).toEqual(x.data);
    }),
  );
});

test("transpose agrees with NumPy, negative axes and int32 included", () => {
  const x = iota([2, 3, 4]);
  const wanted = [
    [4, 16],
    [5, 17],
    [6, 18],
    [7, 19],
  ];
  expect(slab(transpose(x, [1, 2, 0]).toArray(), 1)).toEqual(wanted);
  expect(slab(transpose(x, [-2, -1, 0]).toArray(), 1)).toEqual(wanted);
  expect(transpose(int32([1, 2], [7, 8])).dtype).toBe("int32");
  expect(transpose(iota([])).toArray()).toBe(0);
  expect(transpose(iota([2, 0])).shape).toEqual([0, 2]);
});
const slab = (x: unknown, i: number): unknown => (Array.isArray(x) ? x[i] : undefined);

test("swapAxes exchanges two axes", () => {
  const x = iota([2, 3, 4]);
  expect(swapAxes(x, 0, -1).data).toEqual(transpose(x, [2, 1, 0]).data);
  expect(swapAxes(x, -1, -2).shape).toEqual([2, 4, 3]);
  expect(swapAxes(x, 1, 1)).toBe(x);
});

test("broadcastTo repeats leading axes and axes of size 1", () => {
  expect(broadcastTo(3, [2]).toArray()).toEqual([3, 3]);
  expect(broadcastTo(iota([2, 1]), [2, 2, 3]).toArray()).toEqual([
    [
      [0, 0, 0],
      [1, 1, 1],
    ],
    [
      [0, 0, 0],
      [1, 1, 1],
    ],
  ]);
  expect(broadcastTo(iota([1]), [0]).toArray()).toEqual([]);
});

test.each([
  [
    () => reshape(iota([6]), [4]),
    "reshape: 6 elements of shape [6] do not fit into shape [4], which holds 4. The product of the sizes must be 6.",
  ],
  [
    () => reshape(iota([6]), [4, -1]),
    "reshape: 6 elements of shape [6] do not fit into shape [4, -1]: sizes other than -1 make 4. The product of the other sizes must divide 6.",
  ],
  [
    () => reshape(iota([0]), [0, -1]),
    "reshape: 0 elements of shape [0] do not fit into shape [0, -1]: sizes other than -1 make 0. Beside a size of 0 there is no answer for -1.",
  ],
  [() => reshape(iota([6]), [-1, -1]), "reshape: only one size may be -1, got [-1, -1]. Give all sizes but one."],
  [
    () => reshape(iota([6]), [6, -2]),
    "reshape: sizes must be integers >= 0, got -2 in [6, -2]. A size is the number of elements along one axis.",
  ],
  [
    () => transpose(iota([2, 3]), [0, 0]),
    "transpose: [0, 0] does not name each axis of a tensor of rank 2 once. Give [0, 1] in another order, or nothing to reverse the axes.",
  ],
  [
    () => transpose(iota([2, 3]), [0]),
    "transpose: [0] does not name each axis of a tensor of rank 2 once. Give [0, 1] in another order, or nothing to reverse the axes.",
  ],
  [() => transpose(iota([2, 3]), [0, 2]), "transpose: axis 2 is out of range for rank 2. Axes run from -2 to 1."],
  [() => swapAxes(iota([]), 0, 0), "swapAxes: axis 0 is out of range for rank 0. A single number has no axes."],
  [
    () => broadcastTo(iota([2]), [3]),
    "broadcastTo: x of shape [2] does not broadcast to shape [3]. Sizes, counted from the last axis, must be equal, or 1 in what is repeated.",
  ],
])("errors of movement %#", (run, message) => {
  expect(messageOf(run)).toBe(message);
});
