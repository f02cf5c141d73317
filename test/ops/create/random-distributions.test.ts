// Distributions of what is drawn, with fixed seeds. A Kolmogorov-Smirnov distance times the root of the count above 1.95, or a
// chi-square 4 standard deviations from what is expected, comes by chance about once in a thousand, or ten thousand, seeds.
import {
  argmax,
  grad,
  isTensor,
  log,
  logNdtr,
  ndtr,
  random,
  softmax,
  sort,
  sum,
  type Tensor,
  tensor,
  trace,
  vmap,
} from "gradtape";
import { describe, expect, it } from "vitest";
import { expectEvery } from "../../support";

const N = 20_000;
const key = random.key(7);
const numbers = (x: Tensor) => Array.from<number>(x.data);

/** The largest distance between the steps of a sample and a distribution function, times the root of the count. */
function distance(x: Tensor, distribution: (x: number) => number): number {
  const ordered = numbers(sort(x));
  const n = ordered.length;
  const each = ordered.map((v, i) => {
    const p = distribution(v);
    return Math.max(p - i / n, (i + 1) / n - p);
  });
  return Math.max(...each) * Math.sqrt(n);
}

/** Chi-square of indices against probabilities, in standard deviations from what is expected. */
function chiSquare(indices: readonly number[], probabilities: readonly number[]): number {
  const possible = probabilities.filter((p) => p > 0).length;
  const statistic = probabilities.reduce((total, p, k) => {
    const count = indices.filter((i) => i === k).length;
    if (p === 0) expect(count).toBe(0);
    return p === 0 ? total : total + (count - p * indices.length) ** 2 / (p * indices.length);
  }, 0);
  return (statistic - (possible - 1)) / Math.sqrt(2 * (possible - 1));
}

describe.each(["float64", "float32"] as const)("in %s", (dtype) => {
  it("exponential waits by its rate", () => {
    const x = random.exponential(key, [N], { rate: 4, dtype });
    expect(x.dtype).toBe(dtype);
    expect(distance(x, (v) => -Math.expm1(-4 * v))).toBeLessThan(1.95);
    // Another rate is told apart.
    expect(distance(x, (v) => -Math.expm1(-4.3 * v))).toBeGreaterThan(2.5);
    expectEvery(x.data, (v) => v > 0);
  });

  it("gumbel is exp(-exp(-z))", () => {
    const x = random.gumbel(key, [N], { location: 3, scale: 2, dtype });
    expect(distance(x, (v) => Math.exp(-Math.exp((3 - v) / 2)))).toBeLessThan(1.95);
    expect(distance(x, (v) => Math.exp(-Math.exp((3.1 - v) / 2)))).toBeGreaterThan(2.5);
  });

  // Every way of drawing candidates, on either side.
  it.each([
    [-2, 2],
    [-0.5, 1],
    [-3, 0.1],
    [-Infinity, Infinity],
    [0, Infinity],
    [0.5, Infinity],
    [3, 3.2],
    [3, 20],
    [-Infinity, -6],
    [-31, -30],
    [-30.01, -30],
    [1, 1.5],
  ])("truncatedNormal between %d and %d", (min, max) => {
    const x = random.truncatedNormal(key, [N], { min: 10 + 2 * min, max: 10 + 2 * max, mean: 10, std: 2, dtype });
    expectEvery(x.data, (v) => v >= 10 + 2 * min && v <= 10 + 2 * max);
    // Of the tail that is farther away, in logarithms.
    const low = max <= 0 ? -max : min;
    const high = max <= 0 ? -min : max;
    const share = (v: number) => -Math.expm1(logNdtr(-v) - logNdtr(-low));
    const far = (v: number) => share(v) / share(high);
    const near = (v: number) => (ndtr(v) - ndtr(low)) / (ndtr(high) - ndtr(low));
    const z = tensor(numbers(x).map((v) => ((v - 10) / 2) * (max <= 0 ? -1 : 1)));
    if (dtype === "float64" || max - min > 0.1) expect(distance(z, low > 0 ? far : near)).toBeLessThan(1.95);
  });
});

describe("truncatedNormal", () => {
  it("cuts at two standard deviations by default, and far out gives the bound", () => {
    const x = numbers(random.truncatedNormal(key, [N], { std: 0.5 }));
    expect(Math.min(...x)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...x)).toBeLessThanOrEqual(1);
    expect(Math.max(...x)).toBeGreaterThan(0.97);
    expect(random.truncatedNormal(key, [2], { min: 1e200, max: Infinity }).toArray()).toEqual([1e200, 1e200]);
    expect(random.truncatedNormal(key, [2], { min: 3, max: 3 }).toArray()).toEqual([3, 3]);
    expect(random.truncatedNormal(key, [2], { min: -3, max: -3 }).toArray()).toEqual([-3, -3]);
  });
});

describe("categorical", () => {
  const p = [0.1, 0, 0.25, 0.05, 0.6];
  const logits = log(tensor(p));

  it("draws each class as often as its probability says, and what is impossible never", () => {
    const drawn = random.categorical(key, logits, { shape: [N] });
    expect(drawn.dtype).toBe("int32");
    expect(Math.abs(chiSquare(numbers(drawn), p))).toBeLessThan(4);
    expect(chiSquare(numbers(drawn), [0.12, 0, 0.23, 0.05, 0.6])).toBeGreaterThan(4);
    const shifted = random.categorical(key, tensor(numbers(logits).map((v) => v + 1000)), { shape: [N] });
    expect(Math.abs(chiSquare(numbers(shifted), p))).toBeLessThan(4);
  });

  it("draws one from each row, or several", () => {
    const rows = log(
      tensor([
        [0, 1, 0],
        [0.5, 0, 0.5],
      ]),
    );
    const each = numbers(random.categorical(key, rows, { shape: [N, 2] }));
    const [first, second] = [0, 1].map((row) => each.filter((_, i) => i % 2 === row));
    expectEvery(first, (v) => v === 1);
    expect(Math.abs(chiSquare(second, [0.5, 0, 0.5]))).toBeLessThan(4);
    expect(random.categorical(key, rows).shape).toEqual([2]);
    expect(random.categorical(key, rows, { axis: 0 }).shape).toEqual([3]);
  });

  it("is the place of the largest of logits and Gumbel numbers", () => {
    const x = tensor([1, 2, 3]);
    expect(random.categorical(key, x).toArray()).toEqual(argmax(x.add(random.gumbel(key, [3]))).toArray());
    expect(sum(softmax(x)).item()).toBeCloseTo(1, 15);
  });
});

describe("choice", () => {
  const weights = [1, 0, 2.5, 0.5, 6];
  const p = weights.map((w) => w / 10);

  it("with replacement draws by weight, or evenly", () => {
    const drawn = numbers(random.choice(key, 5, [N], { weights }));
    expect(Math.abs(chiSquare(drawn, p))).toBeLessThan(4);
    expect(chiSquare(drawn, [0.12, 0, 0.23, 0.05, 0.6])).toBeGreaterThan(4);
    expect(Math.abs(chiSquare(numbers(random.choice(key, 4, [N])), [0.25, 0.25, 0.25, 0.25]))).toBeLessThan(4);
  });

  it("without replacement draws every pair as often as one after the other would", () => {
    const pairs = random.split(random.key(3), 4000).map((each) => {
      const [a, b] = numbers(random.choice(each, 5, [2], { replace: false, weights }));
      return 5 * a + b;
    });
    const want = p.flatMap((a, i) => p.map((b, j) => (i === j ? 0 : (a * b) / (1 - a))));
    expect(Math.abs(chiSquare(pairs, want))).toBeLessThan(4);
    // Not as independent draws would.
    const independent = p.flatMap((a, i) => p.map((b, j) => (i === j ? 0 : a * b)));
    const total = independent.reduce((s, v) => s + v, 0);
    expect(
      chiSquare(
        pairs,
        independent.map((v) => v / total),
      ),
    ).toBeGreaterThan(4);
    const even = random.split(random.key(4), 4000).map((each) => {
      const [a, b] = numbers(random.choice(each, 4, [2], { replace: false }));
      return 4 * a + b;
    });
    const pairsOf4 = Array.from({ length: 16 }, (_, k) => (k % 5 === 0 ? 0 : 1 / 12));
    expect(Math.abs(chiSquare(even, pairsOf4))).toBeLessThan(4);
  });

  it("without replacement takes all there are, once", () => {
    expect(sort(random.choice(key, 6, [2, 3], { replace: false }).reshape([6])).toArray()).toEqual([0, 1, 2, 3, 4, 5]);
    const some = random.choice(key, 5, [4], { replace: false, weights });
    expect(numbers(sort(some))).toEqual([0, 2, 3, 4]);
  });

  it("from a tensor takes slices, differentiably", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(random.choice(key, x, [4], { weights: [0, 1] }).toArray()).toEqual(new Array(4).fill([4, 5, 6]));
    expect(random.choice(key, x, [2, 2], { axis: 1 }).shape).toEqual([2, 2, 2]);
    const f = (y: Tensor) => sum(random.choice(key, y, [3], { weights: [0, 1] }));
    expect(grad(f)(x).toArray()).toEqual([
      [0, 0, 0],
      [3, 3, 3],
    ]);
    expect(random.choice(key, 0, [0]).toArray()).toEqual([]);
  });
});

it.each<[string, (k: random.Key) => Tensor]>([
  ["exponential", (k) => random.exponential(k, [4])],
  ["gumbel", (k) => random.gumbel(k, [2, 2])],
  ["truncatedNormal", (k) => random.truncatedNormal(k, [4])],
  ["categorical", (k) => random.categorical(k, tensor([1, 2, 3]), { shape: [6] })],
  ["choice", (k) => random.choice(k, 9, [4])],
  ["choice by weight", (k) => random.choice(k, 3, [4], { weights: tensor([1, 2, 3]) })],
  ["choice without replacement", (k) => random.choice(k, 9, [4], { replace: false })],
  ["choice by weight without replacement", (k) => random.choice(k, 3, [2], { weights: [1, 2, 3], replace: false })],
])("%s draws with each key under vmap, and replays", (_, f) => {
  const keys = random.fold(key, tensor([0, 1, 2], { dtype: "int32" }));
  const each = [0, 1, 2].map((i) => f(random.fold(key, i)).toArray());
  expect(vmap(f)(keys).toArray()).toEqual(each);
  expect(trace(f)(key).replay(random.fold(key, 1)).toArray()).toEqual(each[1]);
  expect(f(key).toArray()).toEqual(f(random.key(7)).toArray());
  expect(isTensor(f(key))).toBe(true);
});

it("logits and weights may vary under vmap", () => {
  const rows = tensor([
    [0, 1],
    [1, 0],
  ]);
  expect(vmap((w: Tensor) => random.choice(key, 2, [3], { weights: w }))(rows).toArray()).toEqual([
    [1, 1, 1],
    [0, 0, 0],
  ]);
  expect(vmap((w: Tensor) => random.categorical(key, log(w)))(rows).toArray()).toEqual([1, 0]);
});

it("bits are fixed: they are part of what a key promises", () => {
  const at = random.key(42);
  const first = (x: Tensor) => numbers(x)[0];
  expect([
    first(random.exponential(at, [1])),
    first(random.gumbel(at, [1])),
    first(random.truncatedNormal(at, [1])),
    first(random.truncatedNormal(at, [1], { min: 5, max: Infinity })),
  ]).toMatchInlineSnapshot(`
    [
      0.8516094926044644,
      0.16062719923716826,
      -0.18471175182983557,
      5.164005002986456,
    ]
  `);
});
