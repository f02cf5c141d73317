import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planOf } from "../../../src/numeric/fourier/plan";
import { halfLength, inverseRealTransform, realToComplex, realTransform } from "../../../src/numeric/fourier/real";
import { fourierTransform } from "../../../src/numeric/fourier/transform";
import { generator } from "../../../src/testing/random";

type Sign = -1 | 1;
interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

const ONE = { outer: 1, inner: 1 };
const make = (size: number): Complex => ({ re: new Float64Array(size), im: new Float64Array(size) });

/** Numbers from -1 to 1 that depend on the seed alone. */
function noise(size: number, seed: number): Float64Array {
  const random = generator(seed);
  return Float64Array.from({ length: size }, () => 2 * random() - 1);
}

/** The sums by which the transform is defined, with exact angles. */
function sums(re: ArrayLike<number>, im: ArrayLike<number> | null, sign: Sign): Complex {
  const n = re.length;
  const y = make(n);
  const cos = Float64Array.from({ length: n }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  const sin = Float64Array.from({ length: n }, (_, k) => Math.sin((2 * Math.PI * k) / n));
  for (let k = 0; k < n; k++) {
    for (let j = 0; j < n; j++) {
      const c = cos[(j * k) % n];
      const s = sign * sin[(j * k) % n];
      const z = im === null ? 0 : im[j];
      y.re[k] += re[j] * c - z * s;
      y.im[k] += re[j] * s + z * c;
    }
  }
  return y;
}

function transform(re: Float64Array, im: Float64Array | null, sign: Sign, divisor = 1): Complex {
  const y = make(re.length);
  fourierTransform(y.re, y.im, re, im, re.length, ONE, sign, divisor);
  return y;
}

const largest = (x: ArrayLike<number>) => Array.from(x).reduce((most, y) => Math.max(most, Math.abs(y)), 0);
function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number, what: string): void {
  expect(got.length).toBe(want.length);
  const off = largest(Array.from(got, (x, i) => x - want[i]));
  expect(off, `${what}: off by ${off}`).toBeLessThanOrEqual(tolerance);
}

/** The sums themselves err by about this, numbers being at most 1. */
const tolerance = (n: number) => 4e-15 * n;
const small = Array.from({ length: 40 }, (_, i) => i + 1);
const larger = [49, 64, 77, 97, 121, 128, 143, 210, 243, 251, 256, 289, 343, 360, 509, 625, 1000, 1009, 1024];

describe("transforms are the sums that define them", () => {
  test.each([...small, ...larger])("for n = %i", (n) => {
    const [re, im] = [noise(n, n), noise(n, 7 * n)];
    for (const sign of [-1, 1] as const) {
      const [got, want] = [transform(re, im, sign), sums(re, im, sign)];
      expectClose(got.re, want.re, tolerance(n), "re");
      expectClose(got.im, want.im, tolerance(n), "im");
      const [real, wanted] = [make(n), sums(re, null, sign)];
      realToComplex(real.re, real.im, re, n, ONE, sign, 1);
      expectClose(real.re, wanted.re, tolerance(n), "re of real numbers");
      expectClose(real.im, wanted.im, tolerance(n), "im of real numbers");
    }
  });

  test.each([...small, ...larger])("for the half of real numbers, n = %i", (n) => {
    const x = noise(n, n);
    const half = make(halfLength(n));
    realTransform(half.re, half.im, x, n, ONE, 1, 1);
    const want = sums(x, null, -1);
    expectClose(half.re, want.re.subarray(0, halfLength(n)), tolerance(n), "re");
    expectClose(half.im, want.im.subarray(0, halfLength(n)), tolerance(n), "im");
    expect(half.im[0]).toBe(0);
    if (n % 2 === 0) expect(half.im[n / 2]).toBe(0);
    const back = new Float64Array(n);
    inverseRealTransform(back, half.re, half.im, n, ONE, 2, n);
    expectClose(back, x, 2e-15, "back");
  });
});

test("the half transform and its inverse with the same weights are transposes of each other", () => {
  const sizes = fc.integer({ min: 1, max: 60 });
  const property = fc.property(sizes, fc.constantFrom(1, 2), fc.integer({ min: 0, max: 1e6 }), (n, interior, seed) => {
    const m = halfLength(n);
    const [x, re, im] = [noise(n, seed), noise(m, seed + 1), noise(m, seed + 2)];
    const y = make(m);
    const back = new Float64Array(n);
    realTransform(y.re, y.im, x, n, ONE, interior, 3);
    inverseRealTransform(back, re, im, n, ONE, interior, 3);
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, u, i) => sum + u * b[i], 0);
    expect(dot(y.re, re) + dot(y.im, im)).toBeCloseTo(dot(x, back), 10);
  });
  fc.assert(property, { numRuns: 200 });
});

describe("lines along an axis", () => {
  const around = [
    { outer: 3, inner: 1 },
    { outer: 40, inner: 1 },
    { outer: 1, inner: 5 },
    { outer: 1, inner: 37 },
    { outer: 2, inner: 19 },
  ];
  test.each(around)("are transformed each by itself, to the same bits: %o", (shape) => {
    const { outer, inner } = shape;
    for (const n of [1, 2, 3, 8, 12, 17, 200, 1009]) {
      const size = outer * n * inner;
      const [re, im] = [noise(size, n), noise(size, n + 1)];
      const [whole, real, half] = [make(size), make(size), make(outer * halfLength(n) * inner)];
      fourierTransform(whole.re, whole.im, re, im, n, shape, -1, n);
      realToComplex(real.re, real.im, re, n, shape, 1, 1);
      realTransform(half.re, half.im, re, n, shape, 1, 1);
      const back = new Float64Array(size);
      inverseRealTransform(back, half.re, half.im, n, shape, 2, n);
      const row = (x: Float64Array, length: number, i: number, j: number) =>
        Float64Array.from({ length }, (_, k) => x[(i * length + k) * inner + j]);
      for (const [i, j] of [
        [0, 0],
        [outer - 1, inner - 1],
        [outer >> 1, inner >> 1],
      ]) {
        const x = row(re, n, i, j);
        const want = transform(x, row(im, n, i, j), -1, n);
        expect([row(whole.re, n, i, j), row(whole.im, n, i, j)]).toEqual([want.re, want.im]);
        const [wantReal, wantHalf] = [make(n), make(halfLength(n))];
        realToComplex(wantReal.re, wantReal.im, x, n, ONE, 1, 1);
        expect([row(real.re, n, i, j), row(real.im, n, i, j)]).toEqual([wantReal.re, wantReal.im]);
        realTransform(wantHalf.re, wantHalf.im, x, n, ONE, 1, 1);
        expect(row(half.re, halfLength(n), i, j)).toEqual(wantHalf.re);
        expect(row(half.im, halfLength(n), i, j)).toEqual(wantHalf.im);
        expectClose(row(back, n, i, j), x, 3e-15, "back");
      }
    }
  });

  test("a NaN stays in its line", () => {
    for (const n of [8, 9, 17]) {
      const [shape, inner] = [{ outer: 1, inner: 3 }, 3];
      const x = noise(n * inner, n);
      x[4] = NaN;
      const y = make(n * inner);
      realToComplex(y.re, y.im, x, n, shape, -1, 1);
      for (let i = 0; i < n * inner; i++) expect(Number.isNaN(y.re[i]), `${n}: ${i}`).toBe(i % 3 === 1);
    }
  });
});

describe("long transforms", () => {
  // Of one frequency the transform is n at one place and 0 elsewhere.
  test.each([4096, 10007, 59049, 65536, 65537, 99991, 100000])("are accurate for n = %i", (n) => {
    const f = 12345 % n;
    const z = make(n);
    for (let j = 0; j < n; j++) {
      const angle = (2 * Math.PI * ((f * j) % n)) / n;
      [z.re[j], z.im[j]] = [Math.cos(angle), Math.sin(angle)];
    }
    const y = transform(z.re, z.im, -1);
    y.re[f] -= n;
    // Rounding errors of the numbers add up to about sqrt(n) units, those of the transform to a few units of what comes
    // out.
    const bound = 2e-15 * n;
    expect(Math.max(largest(y.re), largest(y.im))).toBeLessThanOrEqual(bound);
    const x = noise(n, 3);
    const there = transform(x, null, -1);
    const back = transform(there.re, there.im, 1, n);
    expectClose(back.re, x, 4e-15, "re");
    expectClose(back.im, new Float64Array(n), 4e-15, "im");
  });

  test("take n log n steps, not n squared, when n is prime", () => {
    expect(planOf(99991).room).toBeLessThanOrEqual(4 * 99991);
    expect(planOf(1000).passes.map(({ radix }) => radix)).toEqual([4, 2, 5, 5, 5]);
  });

  test("do not depend on what was transformed before", () => {
    const x = noise(33, 1);
    const first = transform(x, null, -1);
    for (const n of [1 << 18, 5, 4001, 1 << 17, 33, 64]) transform(noise(n, n), noise(n, 2), 1);
    expect(transform(x, null, -1)).toEqual(first);
  });
});
