import fc from "fast-check";
import { expect, test } from "vitest";
import { type Handle, makeTensor } from "../../../src/core/tensor/handle";
import type { Tensor } from "../../../src/core/tensor/tensor";
import { asHandle } from "../../../src/core/tensor/value";
import { dropout } from "../../../src/ops/create/dropout";
import { fold, type Key, key } from "../../../src/ops/create/random";
import { arange } from "../../../src/ops/create/ranges";
import { sum } from "../../../src/ops/reduce/reduction";
import { grad } from "../../../src/transforms/grad";
import { vmap } from "../../../src/transforms/vmap";
import { float32, int32, iota } from "../nested";

const COUNT = 20000;
const ones = makeTensor([COUNT], "float64", new Float64Array(COUNT).fill(1));

test.each([0.1, 0.5, 0.9])("rate %f drops that part, and the mean stays", (rate) => {
  const y = asHandle(dropout(key(3), ones, { rate }));
  expect(new Set(y.data)).toEqual(new Set([0, 1 / (1 - rate)]));
  const dropped = y.data.filter((v) => v === 0).length / COUNT;
  // Five standard deviations.
  expect(Math.abs(dropped - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / COUNT));
});

test("a key always drops the same places, in the gradient too; another key drops others", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const x = iota([50]);
      const f = (y: Tensor): Tensor => dropout(key(seed), y, { rate: 0.4 });
      const y = asHandle(f(x));
      expect(f(x)).toEqual(y);
      const slopes = grad((v: Tensor): Tensor => sum(f(v)))(x).data;
      for (const [i, v] of [...y.data].entries()) expect(v).toBeCloseTo(slopes[i] * i, 12);
      expect(dropout(key(seed + 1), x, { rate: 0.4 })).not.toEqual(y);
    }),
  );
});

test("inside vmap a key for each sample is a call with that key, and one key is for all", () => {
  const keys: Tensor = fold(key(1), arange(3, { dtype: "int32" }));
  const x = iota([3, 20]);
  const f = (k: Key, v: Handle) => dropout(k, v, { rate: 0.5 });
  const rowsOf = (y: unknown) => asHandle(y as Handle).toArray() as number[][];
  const row = (i: number) => makeTensor([20], "float64", x.data.slice(20 * i, 20 * i + 20) as Float64Array);
  const keyAt = (i: number) => fold(key(1), i);
  expect(rowsOf(vmap(f)(keys, x))).toEqual([0, 1, 2].map((i) => dropout(keyAt(i), row(i), { rate: 0.5 }).toArray()));
  const shared = rowsOf(vmap(f, { inAxes: [null, 0] })(key(1), x));
  expect(shared).toEqual([0, 1, 2].map((i) => dropout(key(1), row(i), { rate: 0.5 }).toArray()));
});

test("dtypes", () => {
  expect(dropout(key(1), float32([2], [1, 2]), { rate: 0.5 }).dtype).toBe("float32");
  expect(dropout(key(1), int32([2], [1, 2]), { rate: 0 }).dtype).toBe("float64");
});
