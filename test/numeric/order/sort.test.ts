// The radix sort against the comparison sort of arrays, on numbers whose bits are awkward.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sortOrder } from "../../../src/numeric/order/sort";
import { generator } from "../../../src/testing/random";

type Numbers = Float64Array | Float32Array | Int32Array | Uint8Array;

/** What sortOrder means: equal numbers (0 and -0 are) by position, NaN last. */
function referenceOrder(x: ArrayLike<number>, descending: boolean): number[] {
  const sign = descending ? -1 : 1;
  return Array.from(x, (_, i) => i).sort((i, j) => {
    const [a, b] = [x[i], x[j]];
    const nans = Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return nans || (a === b || Number.isNaN(a) ? i - j : sign * (a < b ? -1 : 1));
  });
}

const orderOf = (x: Numbers, descending: boolean, k = x.length): number[] => {
  const order = new Int32Array(k);
  sortOrder(order, x, 1, x.length, 1, k, descending);
  return [...order];
};

const SPECIAL = [
  0,
  -0,
  1,
  -1,
  NaN,
  Infinity,
  -Infinity,
  5e-324,
  -5e-324,
  1e-310,
  -1e-310,
  2 ** -1022,
  Number.MAX_VALUE,
];
const fromBits = (high: number, low: number): number => new Float64Array(Uint32Array.of(low, high).buffer)[0];

/** Few different numbers, special ones, any numbers, and numbers that differ in their lower words only. */
const number = fc.oneof(
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(...SPECIAL),
  fc.double(),
  fc
    .tuple(fc.constantFrom(0x3ff00000, 0xbff00000, 0, 0x80000000), fc.nat({ max: 0xffffffff }))
    .map(([high, low]) => fromBits(high, low)),
);
/** Lengths on both sides of where the method changes. */
const numbers = fc.oneof(
  fc.array(number, { minLength: 1, maxLength: 12 }),
  fc.array(number, { minLength: 38, maxLength: 44 }),
  fc.array(number, { minLength: 300, maxLength: 500 }),
);

describe.each([
  ["float64", (x: number[]) => Float64Array.from(x)],
  ["float32", (x: number[]) => Float32Array.from(x)],
  ["int32", (x: number[]) => Int32Array.from(x, (y) => (Math.abs(y) < 2 ** 31 ? y : 2 ** 31 - 1) * 7)],
  ["bool", (x: number[]) => Uint8Array.from(x, (y) => Number(y > 0))],
] as const)("%s", (_, toNumbers) => {
  test("is the order that a stable comparison sort gives", () => {
    fc.assert(
      fc.property(numbers, fc.boolean(), (list, descending) => {
        const x = toNumbers(list);
        expect(orderOf(x, descending)).toEqual(referenceOrder(x, descending));
      }),
    );
  });

  test("its first k are those of the whole order", () => {
    fc.assert(
      fc.property(numbers, fc.boolean(), fc.nat(), (list, descending, some) => {
        const x = toNumbers(list);
        const k = some % (x.length + 1);
        const few = some % Math.min(4, x.length + 1);
        for (const size of [k, few]) {
          expect(orderOf(x, descending, size)).toEqual(referenceOrder(x, descending).slice(0, size));
        }
      }),
    );
  });
});

test("rows and columns are sorted each for itself", () => {
  const sizes = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(
      sizes,
      sizes,
      sizes,
      sizes,
      fc.array(number, { minLength: 1, maxLength: 30 }),
      (outer, count, inner, some, list) => {
        const k = Math.min(some, count);
        const x = Float64Array.from({ length: outer * count * inner }, (_, i) => list[(i * i) % list.length]);
        const order = new Int32Array(outer * k * inner);
        sortOrder(order, x, outer, count, inner, k, false);
        for (let o = 0; o < outer; o++) {
          for (let j = 0; j < inner; j++) {
            const row = Array.from({ length: count }, (_, i) => x[(o * count + i) * inner + j]);
            const got = Array.from({ length: k }, (_, i) => order[(o * k + i) * inner + j]);
            expect(got).toEqual(referenceOrder(row, false).slice(0, k));
          }
        }
      },
    ),
  );
});

/** Reproducible numbers from 0 to 1. */
const uniform = (count: number): number[] => {
  const random = generator(1);
  return Array.from({ length: count }, () => random());
};

test.each([
  ["numbers of all sizes", uniform(9000).map((x) => (x - 0.5) * 10 ** (Math.floor(x * 1e4) % 300))],
  ["numbers that differ in their last bits only", uniform(9000).map((x) => 1 + Math.floor(x * 4000) * 2 ** -52)],
  ["runs of equal higher words, longer than what is inserted", uniform(9000).map((x) => Math.floor(x * 90) + x * 1e-9)],
  ["few different integers", uniform(9000).map((x) => Math.floor(x * 5) - 2)],
  ["ascending numbers", uniform(9000).map((_, i) => i / 7)],
  ["descending numbers", uniform(9000).map((_, i) => -i)],
  ["equal numbers", uniform(9000).map(() => 7)],
])("long rows of %s", (_, list) => {
  for (const x of [Float64Array.from(list), Float32Array.from(list)]) {
    for (const descending of [false, true]) {
      const want = referenceOrder(x, descending);
      expect(orderOf(x, descending)).toEqual(want);
      for (const k of [1, 20, 700]) expect(orderOf(x, descending, k)).toEqual(want.slice(0, k));
    }
  }
});

test("every kind of NaN is last, in order of position", () => {
  const bits = [
    [0x7ff80000, 0],
    [0xfff80000, 0],
    [0x7ff00000, 1],
    [0xffffffff, 0xffffffff],
    [0x7ff80000, 0xdeadbeef],
  ] as const;
  const words = new Uint32Array(2 * (bits.length + 2));
  for (const [i, [high, low]] of bits.entries()) words.set([low, high], 2 * i);
  words.set([0, 0x7ff00000], 2 * bits.length);
  words.set([0, 0xfff00000], 2 * bits.length + 2);
  const x = new Float64Array(words.buffer);
  expect(orderOf(x, false)).toEqual([6, 5, 0, 1, 2, 3, 4]);
  expect(orderOf(x, true)).toEqual([5, 6, 0, 1, 2, 3, 4]);
  const singles = new Float32Array(Uint32Array.of(0xffc00000, 0x7fc00001, 0x7f800000, 0xff800000).buffer);
  expect(orderOf(singles, false)).toEqual([3, 2, 0, 1]);
  expect(orderOf(singles, true)).toEqual([2, 3, 0, 1]);
});
