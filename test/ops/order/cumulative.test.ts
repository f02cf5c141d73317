import fc from "fast-check";
import { expect, test } from "vitest";
import { type Handle, makeTensor } from "../../../src/core/tensor/handle";
import type { Tensor } from "../../../src/core/tensor/tensor";
import { asHandle } from "../../../src/core/tensor/value";
import { mul } from "../../../src/ops/elementwise/arithmetic";
import { transpose } from "../../../src/ops/movement/reshape-transpose";
import { cumprod, cumsum } from "../../../src/ops/order/cumulative";
import { sum } from "../../../src/ops/reduce/reduction";
import { grad } from "../../../src/transforms/grad";
import { hvp } from "../../../src/transforms/jacobian";
import { jvp, vjp } from "../../../src/transforms/vjp-jvp";
import { float32, int32 } from "../nested";

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
    Float64Array.from({ length: size }, (_, i) => numbers[(i * stride) % numbers.length]),
  );
};

/** The rows of x along an axis, as positions. */
function rowsOf(shape: readonly number[], axis: number): number[][] {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const count = shape[axis];
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
          total += x.data[at];
          product *= x.data[at];
          [sums[at], products[at]] = [total, product];
        }
      }
      expectSame(cumsum(x, { axis }).data, sums);
      expectSame(cumprod(x, { axis }).data, products);
      expectSame(cumsum(x, { axis: axis - shape.length }).data, sums);
    }),
  );
});

test("in reverse and without the element itself they are loops from either end", () => {
  fc.assert(
    fc.property(scene, fc.boolean(), fc.boolean(), ({ shape, pick, numbers }, reverse, exclusive) => {
      const axis = pick % shape.length;
      const x = filled(shape, numbers);
      const [sums, products] = [new Float64Array(x.size), new Float64Array(x.size)];
      for (const row of rowsOf(shape, axis)) {
        let [total, product] = [0, 1];
        for (const at of reverse ? row.reverse() : row) {
          if (exclusive) [sums[at], products[at]] = [total, product];
          total += x.data[at];
          product *= x.data[at];
          if (!exclusive) [sums[at], products[at]] = [total, product];
        }
      }
      expectSame(cumsum(x, { axis, reverse, exclusive }).data, sums);
      expectSame(cumprod(x, { axis, reverse, exclusive }).data, products);
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
          total += yBar.data[at];
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
    total += weights[i] * x.slice(0, i + 1).reduce((p, v, j) => (left.includes(j) ? p : p * v), 1);
  }
  return total;
}

const small = (length: number) => fc.array(fc.integer({ min: -3, max: 3 }), { minLength: length, maxLength: length });

test("gradients of cumprod are the products of the other factors, exactly, whatever is 0, to the third order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 6 }), small(18), (x, numbers) => {
      const [weights, first, second] = [0, 1, 2].map((k) => numbers.slice(6 * k, 6 * k + x.length)) as [
        number[],
        number[],
        number[],
      ];
      const tensorOf = (list: readonly number[]): Tensor => filled([x.length], list);
      const point = tensorOf(x);
      const f = (y: Tensor): Tensor => sum(mul(cumprod(y), tensorOf(weights)));
      const along =
        (g: (y: Tensor) => Tensor, direction: number[]) =>
        (y: Tensor): Tensor =>
          sum(mul(g(y), tensorOf(direction)));
      /** The derivative without the factors `left`, by one more factor in each of the directions. */
      const derivative = (left: readonly number[], [direction, ...more]: readonly number[][]): number =>
        direction === undefined
          ? productWithout(x, weights, left)
          : direction.reduce((t, d, k) => (left.includes(k) ? t : t + d * derivative([...left, k], more)), 0);
      const want = (...directions: number[][]) => x.map((_, j) => derivative([j], directions));

      const once = along(grad(f), first);
      expectSame(grad(f)(point).data, want());
      // Forward, forward over forward, reverse over forward.
      const slope =
        (direction: number[], g: (y: Tensor) => Tensor) =>
        (y: Tensor): Tensor =>
          jvp(g, [y], [tensorOf(direction)])[1];
      const dot = (a: readonly number[], b: readonly number[]) => a.reduce((t, v, k) => t + v * b[k], 0);
      expectSame(slope(first, f)(point).data, [dot(first, want())]);
      expectSame(slope(second, slope(first, f))(point).data, [dot(second, want(first))]);
      expectSame(grad(slope(first, f))(point).data, want(first));
      // Reverse over reverse, forward over reverse, and reverse over both.
      expectSame(grad(once)(point).data, want(first));
      expectSame(hvp(f)(point, tensorOf(first)).data, want(first));
      expectSame(grad(along(grad(once), second))(point).data, want(first, second));
      expectSame(grad(along((y) => hvp(f)(y, tensorOf(first)), second))(point).data, want(first, second));
    }),
  );
});

test("columns have the derivatives of rows", () => {
  fc.assert(
    fc.property(small(12), small(12), small(12), (numbers, weights, direction) => {
      const [x, w, d] = [numbers, weights, direction].map((list): Tensor => filled([3, 4], list)) as [
        Tensor,
        Tensor,
        Tensor,
      ];
      const alongRows = (y: Tensor): Tensor => sum(mul(cumprod(y), w));
      const alongColumns = (y: Tensor): Tensor => sum(mul(cumprod(transpose(y), { axis: 0 }), transpose(w)));
      expectSame(grad(alongColumns)(x).data, grad(alongRows)(x).data);
      expectSame(hvp(alongColumns)(x, d).data, hvp(alongRows)(x, d).data);
      expectSame(jvp(alongColumns, [x], [d])[1].data, jvp(alongRows, [x], [d])[1].data);
    }),
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
