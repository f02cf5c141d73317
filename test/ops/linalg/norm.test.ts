import fc from "fast-check";
import * as gt from "gradtape";
import { expect, test } from "vitest";
import { close, matrix, type Tensor } from "./random-matrices";

const { norm, svd } = gt.linalg;
const any = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })).chain(([m, n]) => matrix(m, n));
const rowsOf = (a: Tensor) => a.toArray() as number[][];
const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + Math.abs(x), 0);

test("norms are what their definitions say", () => {
  fc.assert(
    fc.property(any, (a) => {
      const rows = rowsOf(a);
      const columns = rowsOf(gt.transpose(a));
      const s = Array.from(svd(a).s.data);
      const wanted = [
        ["fro", Math.hypot(...rows.flat())],
        ["nuc", sumOf(s)],
        [1, Math.max(...columns.map(sumOf))],
        [2, s[0] ?? 0],
        [Infinity, Math.max(...rows.map(sumOf))],
      ] as const;
      for (const [ord, want] of wanted) expect(Math.abs(norm(a, { ord }).item() - want)).toBeLessThan(1e-12);
      expect(norm(a).item()).toBe(norm(a, { ord: "fro" }).item());
    }),
  );
});

test("2 is the largest |a x| over |x|, and each norm bounds the product", () => {
  fc.assert(
    fc.property(matrix(3, 3), matrix(3, 2), (a, b) => {
      for (const ord of ["fro", "nuc", 1, 2, Infinity] as const) {
        const bound = norm(a, { ord }).item() * norm(b, { ord }).item();
        expect(norm(gt.matmul(a, b), { ord }).item()).toBeLessThanOrEqual(bound * (1 + 1e-12) + 1e-12);
      }
    }),
  );
});

test("the two axes go, or stay as size 1", () => {
  const a = gt.ones([2, 3, 4, 5]);
  for (const ord of ["fro", "nuc", 1, 2, Infinity] as const) {
    expect(norm(a, { ord }).shape).toEqual([2, 3]);
    expect(norm(a, { ord, keepDims: true }).shape).toEqual([2, 3, 1, 1]);
  }
});

test("equal largest singular values share the gradient evenly, whatever their vectors are", () => {
  const gradient = gt.grad((x: Tensor) => norm(x, { ord: 2 }))(gt.eye(3));
  expect(close(gradient, gt.div(gt.eye(3), 3))).toBe(true);
});
