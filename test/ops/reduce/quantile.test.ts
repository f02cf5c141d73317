import fc from "fast-check";
import { expect, test } from "vitest";
import { type Handle, makeTensor } from "../../../src/core/tensor/handle";
import type { Tensor } from "../../../src/core/tensor/tensor";
import { asHandle } from "../../../src/core/tensor/value";
import { median, quantile } from "../../../src/ops/reduce/quantile";
import { sum } from "../../../src/ops/reduce/reduction";
import { grad } from "../../../src/transforms/grad";
import { trace } from "../../../src/transforms/trace";
import { vmap } from "../../../src/transforms/vmap";
import { float32, int32, messageOf } from "../nested";

/** The definition: sort, and go a part of the way from one number to the next. */
function quantileOf(numbers: readonly number[], q: number): number {
  if (numbers.some(Number.isNaN)) return NaN;
  const sorted = [...numbers].sort((a, b) => a - b);
  const place = q * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}

const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const parts = fc.double({ min: 0, max: 1, noNaN: true });
const scene = fc
  .record({
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    numbers: fc.array(finite, { minLength: 1, maxLength: 40 }),
    axes: fc.nat({ max: 7 }),
    q: fc.array(parts, { maxLength: 3 }),
  })
  .map(({ shape, numbers, axes, q }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Float64Array.from({ length: size }, (_, i) => numbers[i % numbers.length]);
    return { x: makeTensor(shape, "float64", data), axis: shape.flatMap((_, i) => ((axes >> i) & 1 ? [i] : [])), q };
  });

const close = (got: ArrayLike<number>, want: readonly number[]): void => {
  expect(got.length).toBe(want.length);
  for (const [i, w] of want.entries()) {
    expect(Math.abs(got[i] - w)).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(w)));
  }
};

/** The numbers that each place of the result is made of, in row-major order. */
function groupsOf(x: Handle, axis: readonly number[]): number[][] {
  const groups = new Map<string, number[]>();
  x.data.forEach((v, flat) => {
    let rest = flat;
    const index = x.shape.map((_, i) => {
      const behind = x.shape.slice(i + 1).reduce((a, b) => a * b, 1);
      const k = Math.floor(rest / behind);
      rest %= behind;
      return k;
    });
    const key = index.filter((_, i) => !axis.includes(i)).join();
    groups.set(key, [...(groups.get(key) ?? []), v]);
  });
  return [...groups.values()];
}

test("quantile and median are what sorting gives, over all sets of axes, axes of q first", () => {
  fc.assert(
    fc.property(scene, fc.boolean(), ({ x, axis, q }, keepDims) => {
      const groups = groupsOf(x, axis);
      const got = asHandle(quantile(x, q, { axis, keepDims }));
      const left = x.shape.flatMap((size, i) => (!axis.includes(i) ? [size] : keepDims ? [1] : []));
      expect(got.shape).toEqual([q.length, ...left]);
      close(
        got.data,
        q.flatMap((one) => groups.map((group) => quantileOf(group, one))),
      );
      close(
        asHandle(median(x, { axis })).data,
        groups.map((group) => quantileOf(group, 0.5)),
      );
    }),
  );
});

test("a number, an array and tensors of q mean the same", () => {
  fc.assert(
    fc.property(scene, parts, ({ x, axis }, q) => {
      const want = asHandle(quantile(x, q, { axis }));
      expect(asHandle(quantile(x, makeTensor([], "float64", Float64Array.of(q)), { axis }))).toEqual(want);
      const grid = asHandle(quantile(x, makeTensor([2, 1], "float64", Float64Array.of(q, q)), { axis }));
      expect(grid.shape).toEqual([2, 1, ...want.shape]);
      expect([...grid.data]).toEqual([...want.data, ...want.data]);
    }),
  );
});

test("the derivatives are weights: not negative, of at most two numbers, and 1 together", () => {
  fc.assert(
    fc.property(scene, parts, ({ x }, q) => {
      const gradient = grad((y: Tensor): Tensor => quantile(y, q))(x);
      const weights = [...gradient.data].filter((w) => w !== 0);
      expect(weights.length).toBeLessThanOrEqual(2);
      expect(Math.min(...weights)).toBeGreaterThan(0);
      close([weights.reduce((a, b) => a + b, 0)], [1]);
    }),
  );
});

test("quantiles lie between their neighbors and rise with q", () => {
  fc.assert(
    fc.property(
      fc.array(finite, { minLength: 1, maxLength: 30 }),
      fc.array(parts, { minLength: 2, maxLength: 9 }),
      (list, q) => {
        const x = makeTensor([list.length], "float64", Float64Array.from(list));
        const rising = [0, ...q.sort((a, b) => a - b), 1];
        const y = asHandle(quantile(x, rising)).data;
        // But for rounding.
        for (const [i, v] of [...y].entries()) {
          expect(v).toBeGreaterThanOrEqual((i === 0 ? Math.min(...list) : y[i - 1]) - 1e-10);
        }
        expect(y[y.length - 1]).toBe(Math.max(...list));
      },
    ),
  );
});

test("q has its precision beside float32 numbers too", () => {
  const count = 100001;
  const x = makeTensor(
    [count],
    "float32",
    Float32Array.from({ length: count }, (_, i) => i),
  );
  const y = asHandle(quantile(x, [0.1, 0.70001]));
  expect(y.dtype).toBe("float32");
  expect([...y.data]).toEqual([10000, 70001]);
  expect(median(int32([2], [1, 2])).toArray()).toBe(1.5);
  expect(asHandle(median(float32([2], [1, 2]))).dtype).toBe("float32");
});

test("numbers give numbers", () => {
  expect(median(7)).toBe(7);
  expect(quantile(7, 0.3)).toBe(7);
  expect(quantile(7, [0.3, 1]).toArray()).toEqual([7, 7]);
});

test("q is known only when the tape is replayed, or is one for each sample", () => {
  const x = makeTensor([3], "float64", Float64Array.of(3, 1, 2));
  const q = makeTensor([2], "float64", Float64Array.of(0.25, 1));
  expect(asHandle(vmap((one: Handle) => quantile(x, one))(q)).toArray()).toEqual([1.5, 3]);
  const tape = trace((one: Handle) => asHandle(sum(quantile(x, one))))(q);
  expect(asHandle(tape.replay(q)).item()).toBe(4.5);
  const wrong = makeTensor([2], "float64", Float64Array.of(0.5, 1.5));
  expect(messageOf(() => tape.replay(wrong))).toBe(
    "quantile: q must be a number from 0 to 1, got 1.5 at [1]. 0.5 is the median; divide percentages by 100.",
  );
  expect(messageOf(() => trace((y: Handle) => quantile(y, 2))(x))).toBe(
    "quantile: q must be a number from 0 to 1, got 2. 0.5 is the median; divide percentages by 100.",
  );
});
