import fc from "fast-check";
import {
  checkpoint,
  full,
  gather,
  grad,
  mul,
  scatterMax,
  scatterMin,
  scatterSet,
  sum,
  type Tensor,
  tensor,
  trace,
  vmap,
} from "gradtape";
import { expect, test } from "vitest";
import { int32, iota, nested } from "../nested";

const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });
const scene = fc.record({
  shape: sizes,
  pick: fc.nat(),
  draws: fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
});

/** The loop that the functions stand for: the updates of a place are combined in their order. */
function loop(x: Tensor, axis: number, rows: readonly number[], u: Tensor, combine: (y: number, u: number) => number) {
  const y = Float64Array.from(x.data);
  const { shape } = x;
  const size = shape[axis];
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  for (let o = 0; o < outer; o++) {
    for (const [i, row] of rows.entries()) {
      for (let j = 0; j < inner; j++) {
        const at = (o * size + ((row + size) % size)) * inner + j;
        y[at] = combine(y[at], u.data[(o * rows.length + i) * inner + j]);
      }
    }
  }
  return [...y];
}

const cases = [
  ["scatterSet", scatterSet, (_: number, u: number) => u],
  ["scatterMax", scatterMax, Math.max],
  ["scatterMin", scatterMin, Math.min],
] as const;

test.each(cases)("%s is its loop, eager, replayed and under vmap", (_, scatter, combine) => {
  fc.assert(
    fc.property(scene, ({ shape, pick, draws }) => {
      const axis = pick % shape.length;
      const size = shape[axis];
      const rows = draws.map((n) => (n % (2 * size)) - size);
      const numbers = (of: readonly number[], factor: number) =>
        tensor(
          Array.from(iota(of).data, (v) => ((v * factor) % 11) - 5),
          { shape: [...of] },
        );
      const x = numbers(shape, 7);
      const u = numbers(
        shape.map((s, i) => (i === axis ? rows.length : s)),
        5,
      );
      const want = loop(x, axis, rows, u, combine);
      const f = (a: Tensor, i: Tensor, b: Tensor) => scatter(a, i, b, { axis });
      const indices = int32([rows.length], rows);
      expect([...f(x, indices, u).data]).toEqual(want);
      expect([...trace(f)(x, indices, u).replay(x, indices, u).data]).toEqual(want);
      const stack = (y: Tensor) => tensor([...y.data, ...y.data], { shape: [2, ...y.shape], dtype: y.dtype });
      for (const which of [0, 1, 2]) {
        const inAxes = [0, 1, 2].map((k) => (k === which ? 0 : null));
        const args = [x, indices, u].map((y, k) => (k === which ? stack(y) : y)) as [Tensor, Tensor, Tensor];
        expect([...vmap(f, { inAxes })(...args).data]).toEqual([...want, ...want]);
      }
    }),
  );
});

test("dtypes are those of scatterAdd, and bools stay bool", () => {
  const bools = tensor([true, false]);
  expect(scatterSet(bools, [1], tensor([true])).toArray()).toEqual([true, true]);
  expect(scatterMin(bools, [0], tensor([false])).toArray()).toEqual([false, false]);
  expect(scatterSet(int32([2], [1, 2]), [0], 9).dtype).toBe("int32");
  expect(scatterSet(int32([2], [1, 2]), [0], 1.5).toArray()).toEqual([1.5, 2]);
  expect(scatterMax(tensor([1], { dtype: "float32" }), [0], 0.1).dtype).toBe("float32");
});

test("a maximum by segments, differentiated by what was gathered", () => {
  const segments = [0, 1, 0, 1, 2];
  const f = (x: Tensor) => sum(mul(scatterMax(full([3], -Infinity), segments, x), tensor([1, 10, 100])));
  expect(grad(f)(tensor([3, 1, 5, 2, 4])).toArray()).toEqual([0, 0, 1, 10, 100]);
  expect(grad(checkpoint(f))(tensor([3, 1, 5, 2, 4])).toArray()).toEqual([0, 0, 1, 10, 100]);
});

test("gather is what NumPy takes by several index arrays", () => {
  const x = iota([2, 3, 4]);
  expect(gather(x, [[1, 0], [-1, 0], 2]).toArray()).toEqual([22, 2]);
  expect(
    gather(
      x,
      [
        [0, 2],
        [[1], [3]],
      ],
      { axis: 1 },
    ).shape,
  ).toEqual([2, 2, 2]);
  expect(
    gather(
      x,
      [
        [0, 2],
        [[1], [3]],
      ],
      { axis: 1 },
    ).toArray(),
  ).toEqual(nested([2, 2, 2], ([o, i, j]) => o * 12 + [0, 2][j] * 4 + [1, 3][i]));
  expect(gather(x, [1, 2]).toArray()).toEqual([20, 21, 22, 23]);
});

test("gather under vmap and trace, with indices mapped or shared", () => {
  const x = iota([3, 4]);
  const [rows, columns] = [int32([2, 2], [0, 1, -1, 2]), int32([2], [3, -4])];
  const each = [0, 1].map((i) => gather(x, [[...rows.data].slice(2 * i, 2 * i + 2), columns]).toArray());
  expect(vmap((i: Tensor) => gather(x, [i, columns]))(rows).toArray()).toEqual(each);
  const replayed = trace((i: Tensor) => gather(x, [i, columns]))(columns).replay(int32([2], [0, 1]));
  expect(replayed.toArray()).toEqual(each[0]);
  expect(() => trace((i: Tensor) => gather(x, [i, [4, 0]]))(columns)).toThrow("index 4 at [0] is out of range");
});
