import fc from "fast-check";
import { expect, test } from "vitest";
import { makeTensor } from "../../../src/core/tensor/handle";
import { diag, diagonal, tril, triu } from "../../../src/ops/indexing/diagonal";
import { int32, iota, messageOf, nested } from "../nested";

test("diag and diagonal agree with NumPy", () => {
  expect(diag(int32([2], [1, 2]), { k: -1 }).toArray()).toEqual([
    [0, 0, 0],
    [1, 0, 0],
    [0, 2, 0],
  ]);
  expect(diag(iota([0])).shape).toEqual([0, 0]);
  expect(diag(iota([0]), { k: 1 }).toArray()).toEqual([[0]]);
  const x = iota([2, 3, 4]);
  expect(diagonal(x, { k: 1 }).toArray()).toEqual([
    [1, 6, 11],
    [13, 18, 23],
  ]);
  expect(diagonal(x, { k: -1 }).toArray()).toEqual([
    [4, 9],
    [16, 21],
  ]);
  expect(diagonal(x, { k: 4 }).shape).toEqual([2, 0]);
  expect(diagonal(x, { k: -9 }).shape).toEqual([2, 0]);
});

test("diagonal finds what diag put there", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -3, max: 3 }), (size, k) => {
      expect(diagonal(diag(iota([size]), { k }), { k }).toArray()).toEqual(iota([size]).toArray());
    }),
  );
});

test("tril and triu keep one side, and drop even NaN on the other", () => {
  const size = fc.integer({ min: 0, max: 4 });
  fc.assert(
    fc.property(size, size, size, fc.integer({ min: -5, max: 5 }), (batch, rows, columns, k) => {
      const x = iota([batch, rows, columns]);
      const side = (keep: (distance: number) => boolean) =>
        nested(x.shape, ([b, i, j]) => (keep(j - i) ? (b * rows + i) * columns + j : 0));
      expect(tril(x, { k }).toArray()).toEqual(side((distance) => distance <= k));
      expect(triu(x, { k }).toArray()).toEqual(side((distance) => distance >= k));
    }),
  );
  const x = makeTensor([2, 2], "float64", Float64Array.of(-0, Number.NaN, 1, Infinity));
  expect(tril(x).toArray()).toEqual([
    [-0, 0],
    [1, Infinity],
  ]);
  expect(tril(makeTensor([2, 2], "bool", Uint8Array.of(1, 1, 1, 1))).toArray()).toEqual([
    [true, false],
    [true, true],
  ]);
});

test.each([
  [
    () => diag(iota([2, 2])),
    "diag: x must be a vector, got shape [2, 2]. For several vectors use vmap; a number is reshape(x, [1]).",
  ],
  [
    () => diagonal(iota([2])),
    "diagonal: x must be a matrix or a batch of matrices, got shape [2]. Give x two axes with reshape or expandDims.",
  ],
  [
    () => triu(iota([])),
    "triu: x must be a matrix or a batch of matrices, got shape []. Give x two axes with reshape or expandDims.",
  ],
  [
    () => tril(iota([2, 2]), { k: 0.5 }),
    "tril: k must be an integer from -2147483647 to 2147483647, got 0.5. Math.floor and Math.round make integers.",
  ],
])("errors of diagonals %#", (run, message) => {
  expect(messageOf(run)).toBe(message);
});
