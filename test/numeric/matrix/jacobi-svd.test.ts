import fc from "fast-check";
import { Matrix as Other, SingularValueDecomposition } from "ml-matrix";
import { expect, test } from "vitest";
import { singularValues } from "../../../src/numeric/matrix/jacobi-svd";
import { expectEvery } from "../../support";
import {
  anyMatrix,
  distance,
  entry,
  identity,
  largest,
  type Matrix,
  magnitude,
  matrixOf,
  product,
  times,
  turned,
} from "./matrices";

function partsOf(a: Matrix): { u: Matrix; s: Float64Array; vt: Matrix } {
  const { rows, columns } = a;
  const k = Math.min(rows, columns);
  const [u, s, vt] = [new Float64Array(rows * k), new Float64Array(k), new Float64Array(k * columns)];
  expect(singularValues(a.data, 0, rows, columns, [u, s, vt])).toBe(true);
  return { u: { rows, columns: k, data: u }, s, vt: { rows: k, columns, data: vt } };
}

/** What makes a decomposition right: U S V^T = A, orthonormal vectors, s >= 0 descending, and the signs. */
function assertDecomposition(a: Matrix, scale: number): void {
  const { u, s, vt } = partsOf(times(a, scale));
  const k = s.length;
  const sized = matrixOf(k, a.columns, (i, j) => ((s[i] ?? 0) / scale) * entry(vt, i, j));
  const bound = 3e-15 * (a.rows + a.columns);
  expect(distance(product(u, sized), a)).toBeLessThanOrEqual(bound * largest(a));
  expect(distance(product(turned(u), u), identity(k))).toBeLessThanOrEqual(bound);
  expect(distance(product(vt, turned(vt)), identity(k))).toBeLessThanOrEqual(bound);
  for (let i = 0; i < k; i++) {
    expect(s[i]).toBeGreaterThanOrEqual(s[i + 1] ?? 0);
    const row = Array.from({ length: a.columns }, (_, j) => entry(vt, i, j));
    expect(Math.max(...row)).toBeGreaterThanOrEqual(-Math.min(...row) * (1 - 1e-7));
  }
}

test("U S V^T is A, vectors are orthonormal, values descend, for every shape, rank and magnitude", () => {
  fc.assert(fc.property(anyMatrix, magnitude, assertDecomposition));
});

test("singular values are those of ml-matrix", () => {
  fc.assert(
    fc.property(anyMatrix, (a) => {
      const other = Other.from1DArray(a.rows, a.columns, a.data);
      const want = new SingularValueDecomposition(other, { autoTranspose: true }).diagonal;
      partsOf(a).s.forEach((value, k) => {
        const far = Math.abs(value - (want[k] ?? Number.NaN));
        expect(far).toBeLessThanOrEqual(1e-14 * (a.rows + a.columns) * largest(a));
      });
    }),
  );
});

test.each<[name: string, a: Matrix]>([
  ["zeros", matrixOf(4, 3, () => 0)],
  ["the identity", identity(4)],
  ["a column of zeros", matrixOf(3, 2, (i, j) => (j === 1 ? 0 : i + 1))],
  ["ones", matrixOf(20, 7, () => 1)],
  ["one row", matrixOf(1, 5, (_, j) => j - 2)],
  ["one column", matrixOf(5, 1, (i) => i - 2)],
  ["numbers of 22 magnitudes", matrixOf(12, 12, (i, j) => 10 ** (-i - j))],
  ["squares that vanish", matrixOf(5, 5, (i, j) => (i === j ? 10 ** (-60 * i) : 0))],
  ["a condition of 1e16 (Hilbert's)", matrixOf(12, 12, (i, j) => 1 / (1 + i + j))],
  ["many rows", matrixOf(200, 30, (i, j) => Math.sin(1 + i * 7.3 + j ** 2 * i))],
  ["many columns", matrixOf(30, 200, (i, j) => Math.sin(1 + i * 7.3 + j ** 2 * i))],
])("holds for %s", (_, a) => assertDecomposition(a, 1));

test("small singular values of scaled columns keep their digits", () => {
  // Orthogonal columns times 1, 1e-20, 1e-40: bidiagonalization would give rounding errors of the first.
  const a = matrixOf(4, 3, (i, j) => (((i >> j) & 1) === 0 ? 0.5 : -0.5) * 10 ** (-20 * j));
  const { s } = partsOf(a);
  [1, 1e-20, 1e-40].forEach((want, k) => {
    expect(Math.abs((s[k] ?? 0) / want - 1)).toBeLessThan(1e-14);
  });
});

test.each([1e-300, 1e300])("holds for numbers around %s", (scale) =>
  assertDecomposition(
    matrixOf(5, 5, (i, j) => Math.sin(i * j + i + j)),
    scale,
  ),
);

test.each([Number.NaN, Infinity, -Infinity])("a matrix with %s gives NaN", (bad) => {
  const { u, s, vt } = partsOf(matrixOf(3, 2, (i, j) => (i === 2 && j === 1 ? bad : 1)));
  expectEvery([...u.data, ...s, ...vt.data], Number.isNaN);
});

test("says so when the sweeps do not suffice", () => {
  const a = matrixOf(6, 6, (i, j) => Math.sin(i * j + i + 2 * j));
  const parts = [new Float64Array(36), new Float64Array(6), new Float64Array(36)];
  expect(singularValues(a.data, 0, 6, 6, parts, 1)).toBe(false);
});
