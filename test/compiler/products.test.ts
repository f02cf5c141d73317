// Products of all small shapes, compiled, of operands that are read forward, backward, across and far apart.
import { compile, flip, matmul, slice, swapAxes, type Tensor, tensor } from "gradtape";
import { describe, expect, test } from "vitest";
import type { Dtype } from "../../src/base/dtype";

const SIZES = [1, 2, 3, 5, 8, 17, 33];

/** A matrix of odd numbers, of which sums of products are exact. */
const matrix = (shape: readonly number[], dtype: Dtype): Tensor =>
  tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 2 * ((i * 7) % 11) - 11),
    { shape, dtype },
  );

/** What stands in memory for a matrix of a shape, and how it is read. */
const WAYS: readonly (readonly [
  name: string,
  stored: (rows: number, columns: number) => readonly number[],
  read: (x: Tensor) => Tensor,
])[] = [
  ["as it is", (rows, columns) => [rows, columns], (x) => x],
  ["across", (rows, columns) => [columns, rows], (x) => swapAxes(x, 0, 1)],
  ["backward", (rows, columns) => [rows, columns], (x) => flip(x)],
  ["backward, across", (rows, columns) => [columns, rows], (x) => swapAxes(flip(x), 0, 1)],
  ["far apart", (rows, columns) => [rows, 3 * columns], (x) => slice(x, [null, { step: -3 }])],
];

describe.each<Dtype>(["float32", "float64"])("products of %s", (dtype) => {
  test.each(WAYS)("the right operand %s", (_, stored, read) => {
    // The operand comes first: nothing stands before it in memory.
    const f = compile((b: Tensor, a: Tensor): Tensor => matmul(a, read(b)), { cacheSize: 2000 });
    for (const m of SIZES) {
      for (const k of SIZES) {
        for (const n of SIZES) {
          const [a, b] = [matrix([m, k], dtype), matrix(stored(k, n), dtype)];
          expect(f(b, a), `[${m}, ${k}] x [${k}, ${n}]`).toEqual(matmul(a, read(b)));
        }
      }
    }
  });
});
