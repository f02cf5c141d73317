import fc from "fast-check";
import { expect, test } from "vitest";
import { subtractProduct } from "../../../src/numeric/matrix/gemm-subtract";
import { uniform } from "./drawn-matrix";

const size = fc.integer({ min: 0, max: 11 });

test("subtracts the product, reads any strides, and touches nothing else", () => {
  const drawn = fc.record({ m: size, k: size, n: size, gap: fc.integer({ min: 0, max: 3 }), swapped: fc.boolean() });
  fc.assert(
    fc.property(drawn, ({ m, k, n, gap, swapped }) => {
      const random = uniform(m + 31 * k + 997 * n);
      const numbers = (length: number) => Float64Array.from({ length }, random);
      const [cRow, bRow] = [n + gap, n + 2 * gap];
      const [aRow, aColumn] = swapped ? [1, m + gap] : [k + gap, 1];
      const [a, b] = [numbers(5 + (m + gap) * (k + gap)), numbers(7 + k * bRow)];
      const c = numbers(3 + m * cRow);
      const want = c.slice();
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          for (let p = 0; p < k; p++) {
            want[3 + i * cRow + j] -= a[5 + i * aRow + p * aColumn] * b[7 + p * bRow + j];
          }
        }
      }
      subtractProduct(c, 3, cRow, a, 5, aRow, aColumn, b, 7, bRow, m, k, n);
      c.forEach((x, i) => {
        const inside = i >= 3 && (i - 3) % cRow < n;
        if (inside) expect(x).toBeCloseTo(want[i], 12);
        else expect(x).toBe(want[i]);
      });
    }),
  );
});

test("skips nothing: zeros do not protect from infinities", () => {
  const c = new Float64Array(10);
  subtractProduct(c, 0, 5, new Float64Array(10), 0, 5, 1, new Float64Array(25).fill(Infinity), 0, 5, 2, 5, 5);
  expect([...c]).toEqual(new Array(10).fill(Number.NaN));
});
