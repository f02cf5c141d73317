import { describe, expect, it } from "vitest";
import {
  fillBernoulli,
  fillIntegers,
  fillNormal,
  fillPermutation,
  fillUniform,
} from "../../../src/numeric/random/draw";
import { expectEvery } from "../../support";

const N = 100_000;

function moments(values: Iterable<number>) {
  const x = Array.from(values);
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  const central = (k: number) => x.reduce((sum, v) => sum + (v - mean) ** k, 0) / x.length;
  return { mean, variance: central(2), skew: central(3) / central(2) ** 1.5, kurtosis: central(4) / central(2) ** 2 };
}

/** The chi-square statistic of counts against equal probabilities, in standard deviations from what is expected. */
function chiSquare(counts: number[]): number {
  const total = counts.reduce((sum, c) => sum + c, 0);
  const expected = total / counts.length;
  const statistic = counts.reduce((sum, c) => sum + (c - expected) ** 2 / expected, 0);
  return (statistic - (counts.length - 1)) / Math.sqrt(2 * (counts.length - 1));
}

function histogram(values: Iterable<number>, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const v of values) counts[v]++;
  return counts;
}

describe.each([Float64Array, Float32Array])("%o", (Type) => {
  it("fillUniform is even on [min, max)", () => {
    const x = new Type(N);
    fillUniform(x, 0, N, 1, 2, -1, 3);
    expectEvery(x, (v) => v >= -1 && v < 3);
    const { mean, variance } = moments(x);
    expect(Math.abs(mean - 1)).toBeLessThan(4 * Math.sqrt(16 / 12 / N));
    expect(Math.abs(variance / (16 / 12) - 1)).toBeLessThan(0.012);
    expect(
      Math.abs(
        chiSquare(
          histogram(
            Array.from(x, (v) => Math.floor((v + 1) * 64)),
            256,
          ),
        ),
      ),
    ).toBeLessThan(4);
  });

  it("fillUniform stays below max where rounding would reach it", () => {
    const x = new Type(1000);
    const next = Type === Float64Array ? 1 + 2 ** -52 : 1 + 2 ** -23;
    fillUniform(x, 0, 1000, 1, 2, 1, next);
    expectEvery(x, (v) => v === 1);
  });

  it("fillNormal has the moments and the quantiles of the normal distribution", () => {
    const x = new Type(N);
    fillNormal(x, 0, N, 3, 4, 10, 2);
    const { mean, variance, skew, kurtosis } = moments(x);
    expect(Math.abs(mean - 10)).toBeLessThan((4 * 2) / Math.sqrt(N));
    expect(Math.abs(variance / 4 - 1)).toBeLessThan(4 * Math.sqrt(2 / N));
    expect(Math.abs(skew)).toBeLessThan(4 * Math.sqrt(6 / N));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(4 * Math.sqrt(24 / N));
    const beyond = x.filter((v) => Math.abs(v - 10) > 2 * 1.959963984540054).length / N;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / N));
  });

  it("element i depends on the key and i alone", () => {
    for (const fill of [fillUniform, fillNormal]) {
      const long = new Type(50);
      const short = new Type(12);
      fill(long, 0, 50, -5, 6, 0, 1);
      fill(short, 2, 10, -5, 6, 0, 1);
      expect([...short]).toEqual([0, 0, ...long.subarray(0, 10)]);
    }
  });
});

describe("integers, bits and permutations", () => {
  it("fillIntegers is even on [min, max), up to the whole int32 range", () => {
    const x = new Int32Array(N);
    fillIntegers(x, 0, N, 5, 6, -3, 97);
    expect(
      Math.abs(
        chiSquare(
          histogram(
            Array.from(x, (v) => v + 3),
            100,
          ),
        ),
      ),
    ).toBeLessThan(4);
    fillIntegers(x, 0, N, 5, 6, -(2 ** 31), 2 ** 31);
    expect(
      Math.abs(
        chiSquare(
          histogram(
            Array.from(x, (v) => (v >> 24) + 128),
            256,
          ),
        ),
      ),
    ).toBeLessThan(4);
    fillIntegers(x, 0, 3, 5, 6, 4, 5);
    expect([...x.subarray(0, 3)]).toEqual([4, 4, 4]);
  });

  it("fillBernoulli gives 1 with probability p, exactly at 0 and 1", () => {
    const x = new Uint8Array(N);
    const share = (p: number) => {
      fillBernoulli(x, 0, N, 7, 8, p);
      return x.reduce((sum, v) => sum + v, 0) / N;
    };
    expect(share(0)).toBe(0);
    expect(share(1)).toBe(1);
    expect(Math.abs(share(0.3) - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / N));
  });

  it("fillPermutation gives every permutation equally often", () => {
    const counts = new Map<string, number>();
    const out = new Int32Array(4);
    for (let i = 0; i < 24_000; i++) {
      fillPermutation(out, 0, 4, i, 9);
      counts.set(out.join(), (counts.get(out.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(Math.abs(chiSquare([...counts.values()]))).toBeLessThan(4);
    const long = new Int32Array(1001);
    fillPermutation(long, 1, 1000, 1, 1);
    expect([...long.subarray(1).sort()]).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    fillPermutation(out, 0, 0, 1, 1);
  });
});

it("keeps its bits", () => {
  const uniform = new Float64Array(3);
  fillUniform(uniform, 0, 3, 0, 42, 0, 1);
  const single = new Float32Array(3);
  fillUniform(single, 0, 3, 0, 42, 0, 1);
  const normal = new Float64Array(64);
  fillNormal(normal, 0, 64, 0, 42, 0, 1);
  const integers = new Int32Array(5);
  fillIntegers(integers, 0, 5, 0, 42, 0, 1000);
  const permutation = new Int32Array(8);
  fillPermutation(permutation, 0, 8, 0, 42);
  const normalBits = new Uint32Array(normal.buffer).reduce((hash, word) => (Math.imul(hash, 31) + word) | 0, 0);
  expect({ uniform, single, normal: normal.slice(0, 3), normalBits, integers, permutation }).toMatchInlineSnapshot(`
    {
      "integers": Int32Array [
        426,
        100,
        196,
        391,
        724,
      ],
      "normal": Float64Array [
        -0.18471174528191164,
        -1.2806504215484478,
        -0.8544132028404301,
      ],
      "normalBits": 436806402,
      "permutation": Int32Array [
        7,
        6,
        0,
        1,
        3,
        2,
        5,
        4,
      ],
      "single": Float32Array [
        0.4267275333404541,
        0.1001582145690918,
        0.1964380145072937,
      ],
      "uniform": Float64Array [
        0.42672756361231334,
        0.10015824296670306,
        0.19643803754070277,
      ],
    }
  `);
});
