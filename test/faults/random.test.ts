// FAULTS 20, 28, 29: draws at the ends of the number range, from what is no distribution, and of a few among many.
import { random, type Tensor, tensor, vmap } from "gradtape";
import { expect, test } from "vitest";
import { fault } from "./fault";

const key = random.key(1);
const N = 2000;
const counts = (x: Tensor, n: number): number[] =>
  Array.from({ length: n }, (_, k) => Array.from(x.data).filter((drawn) => drawn === k).length);
const few = (x: Tensor, n: number): boolean[] => counts(x, n).map((count) => Math.abs(count / N - 0.5) < 0.05);
const drawn = (logits: number[]): boolean[] =>
  few(random.categorical(key, tensor(logits), { shape: [N] }), logits.length);
const weighted = (weights: number[]): boolean[] => few(random.choice(key, weights.length, [N], { weights }), 2);

fault(20, "draws at the ends of the number range", [
  ["large logits", () => drawn([1e16, 1e16]), [true, true]],
  ["logits as far apart as can be", () => drawn([1e308, -1e308, 1e308]), [true, false, true]],
  ["logits far below 0", () => drawn([-1e308, -1e308]), [true, true]],
  ["weights whose sum is above all numbers", () => weighted([1e308, 1e308]), [true, true]],
  ["weights of a few bits", () => weighted([5e-324, 5e-324, 0]), [true, true]],
  [
    "what has weight 0 is not drawn before what has little",
    () => random.choice(key, 3, [2], { replace: false, weights: [0, 1e308, 5e-324] }),
    [1, 2],
  ],
]);

fault(28, "logits of no distribution", [
  ["NaN", () => drawn([0, Number.NaN]), "[random/choice] random.categorical: logits must be numbers below Infinity"],
  ["Infinity", () => drawn([0, Infinity]), "[random/choice] random.categorical: logits must be numbers below Infinity"],
  [
    "-Infinity alone",
    () => drawn([-Infinity, -Infinity]),
    "[random/choice] random.categorical: logits must be above -Infinity for at least one class of each row",
  ],
  [
    "under vmap, one row of two",
    () =>
      vmap((x: Tensor) => random.categorical(key, x, { axis: 0 }))(
        tensor([
          [0, 1],
          [-Infinity, -Infinity],
        ]),
      ),
    "[random/choice] random.categorical: logits must be above -Infinity for at least one class of each row, got none at [1, 0]",
  ],
]);

test("FAULTS 29: a few of many are drawn without looking at all", () => {
  const start = performance.now();
  const n = 2 ** 31 - 1;
  const x = Array.from(random.choice(key, n, [1000], { replace: false }).data);
  expect(performance.now() - start).toBeLessThan(2000);
  expect(new Set(x).size).toBe(1000);
  expect(Math.min(...x)).toBeGreaterThanOrEqual(0);
  expect(Math.abs(x.reduce((sum, v) => sum + v / n, 0) / 1000 - 0.5)).toBeLessThan(0.05);
});

test("FAULTS 29: few draws and many are the same ones, distinct", () => {
  for (const n of [1, 2, 7, 40, 41]) {
    const all = Array.from(random.choice(key, n, [n], { replace: false }).data);
    expect([...all].sort((a, b) => a - b)).toEqual(all.map((_, i) => i));
    for (let count = 0; count <= n; count++) {
      expect(Array.from(random.choice(key, n, [count], { replace: false }).data)).toEqual(all.slice(0, count));
    }
  }
});
