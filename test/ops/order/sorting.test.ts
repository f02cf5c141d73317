import fc from "fast-check";
import { expect, test } from "vitest";
import { type Handle, makeTensor } from "../../../src/core/tensor/handle";
import { asHandle } from "../../../src/core/tensor/value";
import { variable } from "../../../src/ops/create/creation";
import { takeAlongAxis } from "../../../src/ops/indexing/take";
import { slice } from "../../../src/ops/movement/slicing";
import { argsort, sort, topK } from "../../../src/ops/order/sorting";
import { trace } from "../../../src/transforms/trace";
import { vjp } from "../../../src/transforms/vjp-jvp";
import { vmap } from "../../../src/transforms/vmap";
import { float32, int32, nested } from "../nested";

const number = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.double(), fc.constantFrom(0, -0, NaN, Infinity, -Infinity));
const scene = fc
  .record({
    shape: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
    numbers: fc.array(number, { minLength: 1, maxLength: 40 }),
    pick: fc.nat(),
    descending: fc.boolean(),
  })
  .map(({ shape, numbers, pick, descending }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Float64Array.from({ length: size }, (_, i) => numbers[(i * (i + 3)) % numbers.length]);
    return { x: makeTensor(shape, "float64", data), axis: pick % shape.length, descending };
  });

/** Numbers of a tensor by index. */
const reader = (x: Handle) => (index: readonly number[]) =>
  x.data[x.shape.reduce((flat, size, i) => flat * size + index[i], 0)];

/** Positions along the axis in the order of the numbers that stand there; the index is of all axes. */
function orderAt(x: Handle, axis: number, index: readonly number[], descending: boolean): number[] {
  const read = reader(x);
  const row = Array.from({ length: x.shape[axis] }, (_, i) => read(index.map((k, j) => (j === axis ? i : k))));
  const key = (i: number) => (descending ? -1 : 1) * row[i];
  return row
    .map((_, i) => i)
    .sort((i, j) => {
      const nans = Number(Number.isNaN(row[i])) - Number(Number.isNaN(row[j]));
      if (nans !== 0) return nans;
      return key(i) < key(j) ? -1 : key(i) > key(j) ? 1 : i - j;
    });
}

test("sort and argsort are stable, along every axis, and agree with each other", () => {
  fc.assert(
    fc.property(scene, ({ x, axis, descending }) => {
      const order = asHandle(argsort(x, { axis, descending }));
      const wanted = nested(x.shape, (index) => orderAt(x, axis, index, descending)[index[axis]]);
      expect(order.dtype).toBe("int32");
      expect(order.toArray()).toEqual(wanted);
      // toEqual tells -0 from 0.
      expect(sort(x, { axis, descending }).toArray()).toEqual(takeAlongAxis(x, order, { axis }).toArray());
    }),
  );
});

test("the same numbers, signs of zeros included, whether watched, traced, or in a batch", () => {
  fc.assert(
    fc.property(scene, ({ x, axis, descending }) => {
      const f = (y: Handle) => sort(y, { axis, descending });
      const wanted = f(x).toArray();
      expect(f(asHandle(variable(x))).toArray()).toEqual(wanted);
      expect(asHandle(trace(f)(x).replay(x)).toArray()).toEqual(wanted);
      const one = makeTensor([1, ...x.shape], "float64", x.data as Float64Array);
      expect(asHandle(vmap(f)(one)).toArray()).toEqual([wanted]);
    }),
  );
});

test("topK gives the first of the sorted numbers", () => {
  fc.assert(
    fc.property(scene, fc.nat(), ({ x, axis, descending }, some) => {
      const k = some % (x.shape[axis] + 1);
      const { values, indices } = topK(x, k, { axis, largest: descending });
      const first = (y: Handle) => slice(y, [...new Array<null>(axis).fill(null), { stop: k }]).toArray();
      expect(values.toArray()).toEqual(first(asHandle(sort(x, { axis, descending }))));
      expect(indices.toArray()).toEqual(first(asHandle(argsort(x, { axis, descending }))));
    }),
  );
});

test("the pullback puts each cotangent where its number came from", () => {
  fc.assert(
    fc.property(scene, ({ x, axis, descending }) => {
      const yBar = makeTensor(
        x.shape,
        "float64",
        Float64Array.from(x.data, (_, i) => i + 1),
      );
      const [, pullback] = vjp((y: Handle) => asHandle(sort(y, { axis, descending })), [x]);
      const xBar = asHandle(pullback(yBar)[0]);
      expect(asHandle(takeAlongAxis(xBar, argsort(x, { axis, descending }), { axis })).data).toEqual(yBar.data);
    }),
  );
});

test("dtypes stay", () => {
  expect(sort(int32([4], [3, -(2 ** 31), 2 ** 31 - 1, -1])).toArray()).toEqual([-(2 ** 31), -1, 3, 2 ** 31 - 1]);
  expect(sort(int32([3], [3, -1, 2]), { descending: true }).toArray()).toEqual([3, 2, -1]);
  expect(sort(float32([3], [0.1, -0.1, NaN]), { descending: true }).data).toEqual(Float32Array.of(0.1, -0.1, NaN));
  const bools = makeTensor([4], "bool", Uint8Array.of(1, 0, 1, 0));
  expect(sort(bools).toArray()).toEqual([false, false, true, true]);
  expect(topK(bools, 1).values.toArray()).toEqual([true]);
});
