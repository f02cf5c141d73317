import fc from "fast-check";
import { expect, test } from "vitest";
import { remainder } from "../../../src/ops/elementwise/remainder";
import { grad } from "../../../src/transforms/grad";
import { float32, int32 } from "../nested";

const nonZero = fc.double({ min: -1e6, max: 1e6, noNaN: true }).filter((b) => Math.abs(b) > 1e-3);

test("the remainder has the sign of b, is smaller than b, and is a but for a multiple of b", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), nonZero, (a, b) => {
      const y = remainder(a, b);
      expect(y === 0 ? Math.sign(1 / y) : Math.sign(y)).toBe(Math.sign(b));
      expect(Math.abs(y)).toBeLessThanOrEqual(Math.abs(b));
      const quotient = (a - y) / b;
      expect(Math.abs(quotient - Math.round(quotient))).toBeLessThan(1e-15 * Math.abs(a / b) + 1e-9);
      const slope = grad((c: number) => remainder(a, c))(b);
      expect(Number.isInteger(slope)).toBe(true);
      expect(Math.abs(slope + a / b)).toBeLessThanOrEqual(1 + 1e-9 * Math.abs(a / b));
    }),
  );
});

test("integers: the remainder of floor division, exactly; by 0 it is 0", () => {
  const integer = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(integer, integer, (a, b) => {
      const want = b === 0 ? 0 : a - Math.floor(a / b) * b;
      const y = remainder(int32([1], [a]), int32([1], [b]));
      expect(y.dtype).toBe("int32");
      expect(y.toArray()).toEqual([want + 0]);
      if (b !== 0) expect(remainder(a, b) + 0).toBe(want + 0);
    }),
  );
});

test("dtypes are promoted, shapes broadcast", () => {
  expect(remainder(float32([2], [5, -5]), 3).dtype).toBe("float32");
  expect(remainder(int32([2], [5, -5]), 1.5).toArray()).toEqual([0.5, 1]);
  expect(remainder(int32([2, 1], [5, -5]), int32([2], [3, -3])).toArray()).toEqual([
    [2, -1],
    [1, -2],
  ]);
  expect(remainder(7, int32([2], [4, 0])).toArray()).toEqual([3, 0]);
});
