import { expect, test } from "vitest";
import {
  constantJet,
  expOf,
  factorial,
  overLinear,
  productAt,
  type TaylorSeries,
  timesLinear,
} from "../../../src/numeric/special/taylor";
import { expm1Minus, log1pMinus } from "../../../src/numeric/special/without-leading-terms";

const ROWS = 4;
const COLUMNS = 3;
const at = (i: number, j: number) => i * COLUMNS + j;

/** Coefficients of exp(u + v first + w second). */
const exponential = (u: number, v: number, w: number): TaylorSeries =>
  Array.from({ length: ROWS * COLUMNS }, (_, k) => {
    const [i, j] = [Math.floor(k / COLUMNS), k % COLUMNS];
    return (Math.exp(u) * v ** i * w ** j) / (factorial(i) * factorial(j));
  });

function expectSame(got: TaylorSeries, want: TaylorSeries): void {
  expect(got.length).toBe(want.length);
  got.forEach((x, k) => {
    expect(x, `coefficient ${k}`).toBeCloseTo(want[k], 12);
  });
}

test("exp of a linear jet, and products of such", () => {
  const linear = constantJet(ROWS * COLUMNS, 0.3);
  [linear[at(1, 0)], linear[at(0, 1)]] = [-0.7, 1.1];
  const e = expOf(linear, COLUMNS);
  expectSame(e, exponential(0.3, -0.7, 1.1));
  const other = exponential(-0.1, 0.4, 0.9);
  const want = exponential(0.2, -0.3, 2);
  for (let i = 0; i < ROWS; i++) {
    for (let j = 0; j < COLUMNS; j++) expect(productAt(e, other, COLUMNS, i, j)).toBeCloseTo(want[at(i, j)], 12);
  }
});

test("exp takes a sum to the product of the exponentials", () => {
  const [p, q] = [0, 1].map((s) => Array.from({ length: ROWS * COLUMNS }, (_, k) => Math.sin(3 * k + s)));
  const together = expOf(
    p.map((x, k) => x + q[k]),
    COLUMNS,
  );
  const [a, b] = [expOf(p, COLUMNS), expOf(q, COLUMNS)];
  for (let i = 0; i < ROWS; i++) {
    for (let j = 0; j < COLUMNS; j++) expect(productAt(a, b, COLUMNS, i, j)).toBeCloseTo(together[at(i, j)], 10);
  }
});

test("multiplying by a linear factor, and dividing by it", () => {
  const jet = Array.from({ length: ROWS * COLUMNS }, (_, k) => Math.cos(5 * k));
  const factor = constantJet(ROWS * COLUMNS, 2);
  [factor[at(1, 0)], factor[at(0, 1)]] = [3, -0.5];
  const product = [...jet];
  timesLinear(product, COLUMNS, 2, 3, -0.5);
  for (let i = 0; i < ROWS; i++) {
    for (let j = 0; j < COLUMNS; j++) {
      expect(product[at(i, j)]).toBeCloseTo(productAt(jet, factor, COLUMNS, i, j), 12);
    }
  }
  overLinear(product, COLUMNS, 2, 3, -0.5);
  expectSame(product, jet);
});

test("one column is a series in one variable", () => {
  const jet = [1, 2, 3, 4];
  timesLinear(jet, 1, 2, 1, 0);
  expect(jet).toEqual([2, 5, 8, 11]);
  overLinear(jet, 1, 2, 1, 0);
  expect(jet).toEqual([1, 2, 3, 4]);
  expectSame(expOf([0, 1, 0, 0], 1), [1, 1, 1 / 2, 1 / 6]);
});

/** [x, log(1 + x) - x, exp(x) - 1 - x], computed with 60 digits by mpmath 1.3. */
const REFERENCE = [
  [1e-20, -5e-41, 5e-41],
  [1e-9, -4.999999996666667e-19, 5.000000001666667e-19],
  [-1e-5, -5.0000333335833364e-11, 4.999983333375001e-11],
  [0.01, -4.966914683191715e-5, 5.016708416805754e-5],
  [-0.2, -0.023143551314209757, 0.01873075307798186],
  [0.45, -0.07843644356751697, 0.11831218549016882],
  [-0.49, -0.1833445532637656, 0.10262639418441606],
  [0.5, -0.09453489189183562, 0.14872127070012814],
  [-0.55, -0.24850769621777166, 0.12694981038048672],
  [0.9, -0.2581461138276052, 0.5596031111569497],
  [1.5, -0.5837092681258449, 1.9816890703380647],
  [-0.65, -0.3998221244986777, 0.17204577676101607],
  [1.7, -0.7067482269897166, 2.7739473917271997],
  [-0.9, -1.402585092994046, 0.30656965974059913],
  [3.0, -1.6137056388801094, 16.085536923187668],
] as const;

test.each(REFERENCE)("log(1 + x) - x and exp(x) - 1 - x at %d", (x, logarithm, exponent) => {
  expect(Math.abs(log1pMinus(x) / logarithm - 1)).toBeLessThanOrEqual(4.5e-16);
  expect(Math.abs(expm1Minus(x) / exponent - 1)).toBeLessThanOrEqual(9e-16);
});

test("log(1 + x) - x and exp(x) - 1 - x meet their limits", () => {
  expect([0, -1, Infinity, NaN].map(log1pMinus)).toEqual([0, -Infinity, NaN, NaN]);
  expect([0, -Infinity, 1000, NaN].map(expm1Minus)).toEqual([0, Infinity, Infinity, NaN]);
});
