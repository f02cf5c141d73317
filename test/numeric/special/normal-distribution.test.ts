import { expect, it } from "vitest";
import {
  inverseMills,
  inverseMillsExcess,
  inverseMillsExcessSlope,
  inverseMillsSlope,
  normalDensity,
} from "../../../src/numeric/special/normal-distribution";

/**
 * [x, m = phi / Phi, x + m, 1 - m (x + m)], with 200 digits by mpmath 1.2, rounded. Values, m and m (x + m) are held by the
 * fixture of test/laws/accuracy.test.ts too.
 */
const reference: readonly (readonly number[])[] = [
  [-1e10, 10000000000.0, 1.0e-10, 1.0e-20],
  [-1234.5, 1234.5008100434894, 0.00081004348939647767, 6.5616959359711535e-7],
  [-100, 100.00999800099926, 0.0099980009992607052, 9.994004994826345e-5],
  [-37.5, 37.526628874883654, 0.026628874883653599, 0.00070809488542074585],
  [-10, 10.098093233962512, 0.098093233962511963, 0.0094453778256562612],
  [-4.25, 4.4644731692662007, 0.21447316926620065, 0.042490290283558877],
  [-4.0, 4.2256071444894711, 0.22560714448947107, 0.046672838397422631],
  [-3.984375, 4.2107135933780344, 0.22633859337803444, 0.046953008157046812],
  [-2.5, 2.8227447976639073, 0.32274479766390725, 0.088973801421115443],
  [-1, 1.5251352761609812, 0.52513527616098121, 0.19909766557034879],
  [-0.5, 1.1410777703680645, 0.64107777036806448, 0.26848040715587895],
  [0, 0.79788456080286536, 0.79788456080286536, 0.36338022763241866],
  [0.5, 0.50916043383703349, 1.0091604338370335, 0.4861754356963671],
  [1, 0.28759997093917836, 1.2875999709391784, 0.6296862857766054],
  [3, 0.0044378390421256638, 3.0044378390421257, 0.98666678845825919],
  [8.5, 8.1662356316695501e-17, 8.5000000000000001, 0.99999999999999931],
  [20, 5.5209483621597632e-88, 20.0, 1.0],
  [37, 2.1200065515246056e-298, 37.0, 1.0],
];

it.each(reference)("the inverse Mills ratio at %d", (x, m, excess, slope) => {
  const relative = (got: number, want: number) => Math.abs(got - want) / Math.abs(want);
  expect(relative(inverseMills(x), m)).toBeLessThan(1e-15);
  expect(relative(inverseMillsExcess(x), excess)).toBeLessThan(2e-14);
  expect(relative(inverseMillsExcessSlope(x), slope)).toBeLessThan(3e-13);
  expect(inverseMillsSlope(x) + inverseMillsExcessSlope(x)).toBeCloseTo(1, 14);
});

it("special values", () => {
  const all = [inverseMills, inverseMillsExcess, inverseMillsSlope, inverseMillsExcessSlope, normalDensity];
  expect(all.map((f) => f(-Infinity))).toEqual([Infinity, 0, 1, 0, 0]);
  expect(all.map((f) => f(Infinity))).toEqual([0, Infinity, 0, 1, 0]);
  expect(all.map((f) => f(Number.NaN))).toEqual([NaN, NaN, NaN, NaN, NaN]);
});
