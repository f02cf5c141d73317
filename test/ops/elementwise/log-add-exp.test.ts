import { expect, test } from "vitest";
import { logAddExp } from "../../../src/ops/elementwise/exponential";
import { grad } from "../../../src/transforms/grad";

test("the second derivative is that of softplus, also at a tie", () => {
  const bend = (a: number, b: number) => grad(grad((x: number) => logAddExp(x, b)))(a);
  expect(bend(1, 1)).toBe(0.25);
  expect(bend(1 + 1e-9, 1)).toBeCloseTo(0.25, 12);
  expect(grad((b: number) => grad((a: number) => logAddExp(a, b))(-3))(-3)).toBe(-0.25);
});

test("equal infinities share the derivative, as equal numbers do", () => {
  for (const at of [Infinity, -Infinity]) {
    expect(grad((a: number) => logAddExp(a, at))(at)).toBe(0.5);
    expect(grad(grad((a: number) => logAddExp(a, at)))(at)).toBe(0.25);
  }
});
