import fc from "fast-check";
import { expect, test } from "vitest";
import { type Handle, makeTensor } from "../../src/core/handle";
import { asHandle } from "../../src/core/linear";
import type { Tensor } from "../../src/core/tensor";
import { mul } from "../../src/ops/arithmetic";
import { cumprod, cumsum } from "../../src/ops/cumulative";
import { sum } from "../../src/ops/reduction";
import { grad } from "../../src/transforms/gradient";
import { hvp } from "../../src/transforms/jacobian";
import { vjp } from "../../src/transforms/vjp";
import { float32, int32 } from "./nested";

const scene = fc.record({
  shape: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 }),
  pick: fc.nat(),
  /** Small integers, many of them 0: products and sums of them are exact. */
  numbers: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 12 }),
});

const filled = (shape: readonly number[], numbers: readonly number[], stride = 1): Handle => {
  const size = shape.reduce((a, b) => a * b, 1);
  return makeTensor(
    shape,
    "float64",
    Float64Array.from({ length: size }, (_, i) => numbers[(i * stride) % numbers.length] as number),
  );
};

/** The rows of x along an axis, as positions. */
function rowsOf(shape: readonly number[], axis: number): number[][] {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const count = shape[axis] as number;
  return Array.from({ length: outer * inner }, (_, row) => {
    const start = Math.floor(row / inner) * count * inner + (row % inner);
    return Array.from({ length: count }, (_, i) => start + i * inner);
  });
}

/** Equal numbers, of any sign of zero. */
const expectSame = (got: ArrayLike<number>, want: ArrayLike<number>): void =>
  expect(Array.from(got, (v) => v + 0)).toEqual(Array.from(want, (v) => v + 0));

test("cumsum and cumprod are what loops give, along every axis", () => {
  fc.assert(
    fc.property(scene, ({ shape, pick, numbers }) => {
      const axis = pick % shape.length;
      const x = filled(shape, numbers);
      const [sums, products] = [new Float64Array(x.size), new Float64Array(x.size)];
      for (const row of rowsOf(shape, axis)) {
        let [total, product] = [0, 1];
        for (const at of row) {
          total += x.data[at] as number;
          product *= x.data[at] as number;
          [sums[at], products[at]] = [total, product];
        }
      }
      expectSame(cumsum(x, { axis }).data, sums);
      expectSame(cumprod(x, { axis }).data, products);
      expectSame(cumsum(x, { axis: axis - shape.length }).data, sums);
    }),
  );
});

test("the pullback of cumsum sums from the end", () => {
  fc.assert(
    fc.property(scene, ({ shape, pick, numbers }) => {
      const axis = pick % shape.length;
      const [x, yBar] = [filled(shape, numbers), filled(shape, numbers, 5)];
      const want = new Float64Array(x.size);
      for (const row of rowsOf(shape, axis)) {
        let total = 0;
        for (const at of row.reverse()) {
          total += yBar.data[at] as number;
          want[at] = total;
        }
      }
      const [, pullback] = vjp((y: Handle) => asHandle(cumsum(y, { axis })), [x]);
      expectSame(asHandle(pullback(yBar)[0]).data, want);
    }),
  );
});

/** The sum over ends i of weights[i] times the product of x[0 ... i] without the factors `left` (0 if one is behind i). */
function productWithout(x: readonly number[], weights: readonly number[], left: readonly number[]): number {
  let total = 0;
  for (let i = Math.max(...left); i < x.length; i++) {
    total += (weights[i] as number) * x.slice(0, i + 1).reduce((p, v, j) => (left.includes(j) ? p : p * v), 1);
  }
  return total;
}

test("gradients of cumprod are the products of the other factors, exactly, whatever is 0, to the second order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 7 }),
      fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 7, maxLength: 7 }),
      fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 7, maxLength: 7 }),
      (x, weights, direction) => {
        const [point, w] = [filled([x.length], x), filled([x.length], weights)];
        const f = (y: Tensor): Tensor => sum(mul(cumprod(y), w));
        expectSame(
          grad(f)(point as Tensor).data,
          x.map((_, j) => productWithout(x, weights, [j])),
        );
        expectSame(
          hvp(f)(point as Tensor, filled([x.length], direction)).data,
          x.map((_, j) =>
            x.reduce((t, _, k) => (k === j ? t : t + (direction[k] as number) * productWithout(x, weights, [j, k])), 0),
          ),
        );
      },
    ),
  );
});

test("dtypes: bool counts as int32, int32 wraps, float32 is rounded only at the end", () => {
  const bools = makeTensor([3], "bool", Uint8Array.of(1, 1, 0));
  for (const f of [cumsum, cumprod]) expect(f(bools).dtype).toBe("int32");
  expect(cumsum(int32([3], [2 ** 31 - 1, 1, 1])).toArray()).toEqual([2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1]);
  const big = [65537, 65537, 65537];
  const wrapped = [65537, 131073, 196609];
  expect(cumprod(int32([3], big)).toArray()).toEqual(wrapped);
  expect(
    cumprod(
      int32(
        [3, 2],
        big.flatMap((v) => [v, 1]),
      ),
      { axis: 0 },
    ).toArray(),
  ).toEqual(wrapped.map((v) => [v, 1]));
  const tenth = new Array<number>(1000).fill(Math.fround(0.1));
  const exact = Math.fround(Math.fround(0.1) * 1000);
  expect(cumsum(float32([1000], tenth)).data[999]).toBe(exact);
  expect(
    cumsum(
      float32(
        [1000, 2],
        tenth.flatMap((v) => [v, v]),
      ),
      { axis: 0 },
    ).data[1999],
  ).toBe(exact);
});
