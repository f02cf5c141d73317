// sinc and its derivatives, against values of mpmath with 400 digits.
import { expect, test } from "vitest";
import { sinc } from "../../../src/numeric/special/sinc";

/** Order of the derivative, x, value. */
const reference: readonly (readonly [n: number, x: number, y: number])[] = [
  [0, 1e-9, 1.0],
  [0, 0.1, 0.983631643083466],
  [0, 0.3, 0.8583936913341398],
  [0, 0.999999999, 9.999999727180685e-10],
  [0, 1.0000000000009095, -9.094947017721011e-13],
  [0, 2.5, 0.12732395447351627],
  [0, -7.25, -0.031045390212314002],
  [0, 12345.678, -2.1855767447993962e-5],
  [1, 1e-9, -3.289868133696453e-9],
  [1, 0.001, -0.0032898648867278964],
  [1, 0.45, -1.2049158222804517],
  [1, 0.5, -1.2732395447351628],
  [1, 1, -1.0],
  [1, -3.75, -0.20456743171476122],
  [1, 1000.125, 0.0009236422805310068],
  [2, 1e-7, -3.2898681336963556],
  [2, 0.01, -3.2888941000101957],
  [2, 0.6, -0.4598972367800819],
  [2, 0.65, -0.09188289448740505],
  [2, 2, -0.5],
  [2, -9.5, 0.32995144156770523],
  [3, 1e-6, 1.9481818206777598e-5],
  [3, 0.02, 0.38945327049685646],
  [3, 0.7, 7.131038417133915],
  [3, 0.9, 5.297926138140398],
  [3, 5.5, -0.30947577241573226],
  [4, 0.001, 19.48174953618773],
  [4, 0.9, -12.900264584508133],
  [4, 1.0, -15.478417604357434],
  [4, 4.25, 6.308880530440963],
];

test.each(reference)("derivative %d of sinc at %d", (n, x, y) => {
  const scale = n === 0 ? Math.abs(y) : Math.PI ** n / (n + 1);
  expect(Math.abs(sinc(n, x) - y) / scale).toBeLessThanOrEqual((2 + n) * 2 ** -52);
});

test("odd derivatives keep their relative accuracy next to 0", () => {
  expect(sinc(1, 1e-200) / 1e-200).toBeCloseTo(-(Math.PI ** 2) / 3, 14);
  expect(sinc(3, 1e-200) / 1e-200).toBeCloseTo(Math.PI ** 4 / 5, 12);
});

test("it is even, and exactly 0 at the integers but 0", () => {
  for (const x of [0.3, 1.7, 1e10 + 0.5]) {
    expect(sinc(0, -x)).toBe(sinc(0, x));
    expect(sinc(1, -x)).toBe(-sinc(1, x));
  }
  for (const x of [1, -1, 2, 1e6, 2 ** 60, -Number.MAX_VALUE, Infinity, -Infinity]) expect(sinc(0, x)).toBe(0);
});
