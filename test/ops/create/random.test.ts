import { describe, expect, expectTypeOf, it } from "vitest";
import { GradtapeError } from "../../../src/base/errors";
import type { Tensor } from "../../../src/core/tensor/tensor";
import { foldKey, seedKey, splitKey, threefry } from "../../../src/numeric/random/threefry";
import { tensor, zeros } from "../../../src/ops/create/creation";
import * as random from "../../../src/ops/create/random";
import { vmap } from "../../../src/transforms/vmap";
import { expectEvery } from "../../support";

function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof GradtapeError) return `[${error.code}] ${error.message}`;
    throw error;
  }
  return "no error";
}

const key = random.key(42);
const numbers = (x: Tensor) => Array.from<number>(x.data);

describe("keys", () => {
  it("come from seeds", () => {
    expect(numbers(random.key(-1))).toEqual([...seedKey(-1)]);
    expect(random.key(7).toArray()).toEqual([0, 7]);
    expect(errorOf(() => random.key(0.5))).toBe(
      "[argument/integer] random.key: seed must be an integer below 2^53 in size, got 0.5. Math.floor and Math.round make integers.",
    );
  });

  it("split into the keys of the generator", () => {
    const wanted = new Int32Array(6);
    splitKey(0, 42, 3, wanted);
    expect(random.split(key, 3).flatMap(numbers)).toEqual([...wanted]);
    const [a, b] = random.split(key);
    expect([...numbers(a), ...numbers(b)]).toEqual([...wanted.slice(0, 4)]);
    expect(random.split(key, 0)).toEqual([]);
  });

  it("fold with integers and with int32 tensors", () => {
    const wanted = new Int32Array(4);
    foldKey(0, 42, 5, wanted, 0);
    foldKey(0, 42, -6, wanted, 2);
    expect(numbers(random.fold(key, 5))).toEqual([...wanted.slice(0, 2)]);
    const keys = random.fold(key, tensor([5, -6], { dtype: "int32" }));
    expect(keys.shape).toEqual([2, 2]);
    expect(numbers(keys)).toEqual([...wanted]);
    expect(numbers(random.fold(key, 2 ** 40))).not.toEqual(numbers(random.fold(key, 0)));
    expect(errorOf(() => random.fold(key, tensor([1])))).toBe(
      '[dtype/unsupported] random.fold: data must be an integer or an int32 tensor, got float64. Use cast(data, "int32").',
    );
    expect(errorOf(() => random.fold(key, 0.5))).toContain("[argument/integer] random.fold: data must be an integer");
  });

  it("are checked", () => {
    const draw = (given: unknown) => errorOf(() => random.uniform(given as random.Key, [1]));
    const wanted = "[random/key] random.uniform: a key must be an int32 tensor of shape [2], got";
    expect(draw(42)).toBe(`${wanted} 42. Make one with random.key(seed).`);
    expect(draw(tensor([0, 42]))).toBe(`${wanted} float64 [2]. Make one with random.key(seed).`);
    expect(draw(zeros([4, 2], { dtype: "int32" }))).toBe(
      `${wanted} int32 [4, 2]. Draw with one key at a time, inside vmap.`,
    );
  });
});

describe("draws", () => {
  it("depend on the key and the shape alone", () => {
    expect(random.uniform(key, [5]).data).toEqual(random.uniform(random.key(42), [5]).data);
    expect(numbers(random.uniform(key, [2, 3]))).toEqual(numbers(random.uniform(key, [6])));
    expect(numbers(random.uniform(key, [3]))).not.toEqual(numbers(random.uniform(random.key(43), [3])));
    const words = new Int32Array(2);
    threefry(0, 42, 0, 0, words, 0);
    const unit = ((words[0] >>> 5) * 67108864 + (words[1] >>> 6)) / 2 ** 53;
    expect(random.uniform(key, []).item()).toBe(unit);
  });

  it("have the distribution asked for", () => {
    const u = numbers(random.uniform(key, [1000], { min: 2, max: 3 }));
    expectEvery(u, (x) => x >= 2 && x < 3);
    const z = numbers(random.normal(key, [10_000], { mean: 5, std: 2 }));
    expect(z.reduce((a, b) => a + b) / z.length).toBeCloseTo(5, 1);
    expect(random.normal(key, [2], { std: 0 }).toArray()).toEqual([0, 0]);
    const i = numbers(random.integers(key, [1000], { min: -2, max: 2 }));
    expect(new Set(i)).toEqual(new Set([-2, -1, 0, 1]));
    expect(numbers(random.bernoulli(key, [100], { p: 0 })).includes(1)).toBe(false);
    expect(numbers(random.permutation(key, 10)).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(random.permutation(key, 0).shape).toEqual([0]);
  });

  it("have the dtype asked for", () => {
    expect(random.uniform(key, [1]).dtype).toBe("float64");
    expect(random.normal(key, [1], { dtype: "float32" }).dtype).toBe("float32");
    expect(random.uniform(key, [1], { dtype: "float32" }).dtype).toBe("float32");
    expect(random.integers(key, [1], { max: 9 }).dtype).toBe("int32");
    expect(random.bernoulli(key, [1]).dtype).toBe("bool");
    expectTypeOf(random.uniform(key, [2, 3])).toEqualTypeOf<Tensor<readonly [2, 3]>>();
  });

  it("check their options", () => {
    const wrong = (call: () => unknown) => errorOf(call);
    expect(wrong(() => random.uniform(key, [1], { min: 2, max: 1 }))).toBe(
      "[argument/number] random.uniform: min must be at most max, got min 2 and max 1. Without options min is 0 and max is 1.",
    );
    expect(wrong(() => random.uniform(key, [1], { max: NaN }))).toBe(
      "[argument/number] random.uniform: max must be a finite number, got NaN. NaN is outside every range: look where it was computed.",
    );
    expect(wrong(() => random.uniform(key, [1], { dtype: "int32" as never }))).toBe(
      '[option/choice] random.uniform: dtype must be one of "float64", "float32", got "int32". Leave dtype out for the default.',
    );
    expect(wrong(() => random.normal(key, [1], { std: -1 }))).toContain(
      "[argument/number] random.normal: std must be a finite number >= 0, got -1. The smallest allowed is 0.",
    );
    expect(wrong(() => random.normal(key, [1], { sd: 1 } as never))).toBe(
      '[option/unknown] random.normal: unknown option "sd". Did you mean "std"?',
    );
    expect(wrong(() => random.bernoulli(key, [1], { p: 2 }))).toBe(
      "[argument/number] random.bernoulli: p must be a number from 0 to 1, got 2. The largest allowed is 1.",
    );
    expect(wrong(() => random.integers(key, [1], { max: 0 }))).toBe(
      "[argument/integer] random.integers: max must be an integer from 1 to 2147483648, got 0. The smallest allowed is 1.",
    );
    expect(wrong(() => random.integers(key, [1], {} as never))).toContain("got undefined.");
    expect(wrong(() => random.permutation(key, -1))).toContain(
      "[argument/integer] random.permutation: n must be an integer from 0 to 2147483648, got -1. The smallest allowed is 0.",
    );
  });
});

describe("under vmap", () => {
  const keys = random.fold(key, tensor([0, 1, 2], { dtype: "int32" }));
  const each = [0, 1, 2].map((i) => random.fold(key, i));
  const rows = (f: (k: random.Key) => Tensor) => each.map((k) => f(k).toArray());

  it.each<[string, (k: random.Key) => Tensor]>([
    ["uniform", (k) => random.uniform(k, [4])],
    ["normal", (k) => random.normal(k, [2, 2])],
    ["integers", (k) => random.integers(k, [4], { max: 100 })],
    ["bernoulli", (k) => random.bernoulli(k, [4])],
    ["permutation", (k) => random.permutation(k, 6)],
    ["split", (k) => random.uniform(random.split(k)[1], [2])],
    ["fold", (k) => random.fold(k, 3)],
    ["fold with a tensor", (k) => random.fold(k, tensor([3, 4], { dtype: "int32" }))],
  ])("%s draws with each key", (_, f) => {
    expect(vmap(f)(keys).toArray()).toEqual(rows(f));
  });

  it("fold takes keys and integers that are both mapped, or integers alone", () => {
    const data = tensor([7, 8, 9], { dtype: "int32" });
    const both = vmap((k: random.Key, i: Tensor) => random.fold(k, i))(keys, data);
    expect(both.toArray()).toEqual(each.map((k, i) => random.fold(k, 7 + i).toArray()));
    const alone = vmap((i: Tensor) => random.fold(key, i))(data);
    expect(alone.toArray()).toEqual([7, 8, 9].map((i) => random.fold(key, i).toArray()));
  });
});

it("uniform numbers fill a range wider than the largest number", () => {
  const drawn = [...random.uniform(random.key(3), [1000], { min: -1e308, max: 1e308 }).data];
  expect(drawn.every((x) => x >= -1e308 && x < 1e308)).toBe(true);
  expect(Math.abs(drawn.reduce((total, x) => total + x / 1000, 0))).toBeLessThan(1e307);
  expect(Math.min(...drawn)).toBeLessThan(-9e307);
  expect(Math.max(...drawn)).toBeGreaterThan(9e307);
});
