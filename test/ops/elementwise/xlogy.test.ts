import { expect, test } from "vitest";
import { xlogy } from "../../../src/ops/elementwise/exponential";
import { grad } from "../../../src/transforms/grad";

const byX = (f: (x: number, y: number) => number) => (x: number, y: number) => grad((v: number) => f(v, y))(x);
const byY = (f: (x: number, y: number) => number) => (x: number, y: number) => grad((v: number) => f(x, v))(y);

test("second derivatives are right where x is 0", () => {
  expect(byX(byX(xlogy))(0, 2)).toBe(0);
  expect(byY(byX(xlogy))(0, 2)).toBe(0.5);
  expect(byX(byY(xlogy))(0, 2)).toBe(0.5);
  expect(byY(byY(xlogy))(0, 2) + 0).toBe(0);
});

test("an entropy is finite at the corners, and steep there", () => {
  const entropy = (p: number) => -xlogy(p, p) - xlogy(1 - p, 1 - p);
  expect([entropy(0), entropy(1)].map((h) => h + 0)).toEqual([0, 0]);
  expect(entropy(0.5)).toBeCloseTo(Math.LN2, 15);
  expect(grad((p: number) => xlogy(p, p))(0)).toBe(-Infinity);
});
