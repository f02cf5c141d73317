import fc from "fast-check";
import { matmul, tensor } from "gradtape";
import { expect, test } from "vitest";
import { dotProducts } from "../../../src/numeric/matrix/gemv";

const types = fc.constantFrom(Float64Array, Float32Array);
const number = fc.double({ min: -10, max: 10, noNaN: true });
const few = fc.integer({ min: 0, max: 9 });

test("dot products are sums in order, in float64, rounded once, whichever vectors are named", () => {
  fc.assert(
    fc.property(
      fc.tuple(types, types, types),
      few,
      fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { maxLength: 9 }),
      fc.infiniteStream(number),
      ([A, B, Out], k, pairs, numbers) => {
        const draw = (): number => numbers.next().value ?? 0;
        const [a, b] = [A, B].map((Type) => new Type(Array.from({ length: 3 * k }, draw)));
        const [left, right] = [0, 1].map((side) => Int32Array.from(pairs.map((pair) => pair[side])));
        const out = new Out(pairs.length);
        dotProducts(out, a, left, b, right, k);
        const sums = pairs.map(([i, j]) => {
          let sum = 0;
          for (let p = 0; p < k; p++) sum += a[i * k + p] * b[j * k + p];
          return sum;
        });
        const wanted = new Out(sums);
        expect(out).toEqual(wanted);
      },
    ),
  );
});

test("a batch of rows times a batch of columns broadcasts, and wraps for integers", () => {
  const rows = tensor([[[[1, 2]], [[3, 4]], [[5, 6]]]]);
  const columns = tensor([[[[1], [1]]], [[[10], [100]]]]);
  const wanted = [
    [[[3]], [[7]], [[11]]],
    [[[210]], [[430]], [[650]]],
  ];
  expect(matmul(rows, columns).toArray()).toEqual(wanted);
  const [a, b] = [tensor([[[2 ** 30, 1]], [[1, 1]]], { dtype: "int32" }), tensor([[4], [3]], { dtype: "int32" })];
  expect(matmul(a, b.reshape([1, 2, 1])).toArray()).toEqual([[[3]], [[7]]]);
});
