import fc from "fast-check";
import { EigenvalueDecomposition, Matrix as Other } from "ml-matrix";
import { expect, test } from "vitest";
import { symmetricEigen } from "../../../src/numeric/matrix/symmetric-eigen";
import { expectEvery } from "../../support";
import {
  anySymmetric,
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

function eigenOf(a: Matrix): { values: Float64Array; vectors: Matrix } {
  const n = a.rows;
  const [values, vectors] = [new Float64Array(n), new Float64Array(n * n)];
  expect(symmetricEigen(a.data, 0, n, values, vectors)).toBe(true);
  return { values, vectors: { rows: n, columns: n, data: vectors } };
}

/** What makes a decomposition right: A V = V diag(w), V^T V = 1, ascending, and the signs. */
function assertDecomposition(a: Matrix, scale: number): void {
  const { values, vectors } = eigenOf(times(a, scale));
  const n = a.rows;
  const left = product(a, vectors);
  const right = matrixOf(n, n, (i, j) => entry(vectors, i, j) * ((values[j] ?? 0) / scale));
  expect(distance(left, right)).toBeLessThanOrEqual(4e-15 * n * largest(a));
  expect(distance(product(turned(vectors), vectors), identity(n))).toBeLessThanOrEqual(2e-15 * n);
  for (let k = 0; k < n; k++) {
    if (k > 0) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1] ?? 0);
    const column = Array.from({ length: n }, (_, i) => entry(vectors, i, k));
    expect(Math.max(...column)).toBeGreaterThanOrEqual(-Math.min(...column) * (1 - 1e-7));
  }
}

test("A V is V diag(w), V is orthogonal, values ascend, at every magnitude", () => {
  fc.assert(fc.property(anySymmetric, magnitude, assertDecomposition));
});

test("eigenvalues are those of ml-matrix", () => {
  fc.assert(
    fc.property(anySymmetric, (a) => {
      const other = new EigenvalueDecomposition(Other.from1DArray(a.rows, a.rows, a.data), { assumeSymmetric: true });
      const want = other.realEigenvalues.sort((x, y) => x - y);
      eigenOf(a).values.forEach((value, k) => {
        expect(Math.abs(value - (want[k] ?? Number.NaN))).toBeLessThanOrEqual(1e-14 * a.rows * largest(a));
      });
    }),
  );
});

test.each<[name: string, a: Matrix]>([
  ["zeros", matrixOf(5, 5, () => 0)],
  ["the identity", identity(4)],
  ["ones", matrixOf(20, 20, () => 1)],
  ["one number", matrixOf(1, 1, () => -2)],
  [
    "pairs that agree to 14 digits (Wilkinson's)",
    matrixOf(21, 21, (i, j) => (i === j ? Math.abs(10 - i) : +(Math.abs(i - j) === 1))),
  ],
  ["numbers of 22 magnitudes", matrixOf(12, 12, (i, j) => 10 ** (-i - j))],
  ["couplings that square to 0", matrixOf(4, 4, (i, j) => (i === j ? 0 : 10 ** (-60 * (i + j))))],
  ["an exchange of two", matrixOf(2, 2, (i, j) => (i === j ? 0 : 1))],
  ["a hundred rows", matrixOf(100, 100, (i, j) => Math.sin(1 + Math.min(i, j) * 7.3 + Math.max(i, j) ** 2))],
])("holds for %s", (_, a) => assertDecomposition(a, 1));

test("a number times the identity, and a diagonal, come out exactly", () => {
  const { values, vectors } = eigenOf(matrixOf(3, 3, (i, j) => (i === j ? ([3, -1, 3][i] ?? 0) : 0)));
  expect([...values]).toEqual([-1, 3, 3]);
  expect([...vectors.data]).toEqual([0, 1, 0, 1, 0, 0, 0, 0, 1]);
  expect([...eigenOf(matrixOf(2, 2, (i, j) => (i === j ? 0 : 1))).values]).toEqual([-1, 1]);
});

test("both triangles are read, half each", () => {
  const a = matrixOf(3, 3, (i, j) => (i < j ? 2 : i === j ? 1 : 0));
  expect(eigenOf(a)).toEqual(eigenOf(matrixOf(3, 3, () => 1)));
});

test.each([1e-300, 1e300])("holds for numbers around %s", (scale) =>
  assertDecomposition(
    matrixOf(5, 5, (i, j) => Math.sin(i * j + i + j)),
    scale,
  ),
);

test.each([Number.NaN, Infinity, -Infinity])("a matrix with %s gives NaN", (bad) => {
  const { values, vectors } = eigenOf(matrixOf(3, 3, (i, j) => (i === 2 && j === 1 ? bad : 1)));
  expectEvery([...values, ...vectors.data], Number.isNaN);
});

test("says so when the steps do not suffice", () => {
  const a = matrixOf(8, 8, (i, j) => Math.sin(i * j + i + j));
  expect(symmetricEigen(a.data, 0, 8, new Float64Array(8), new Float64Array(64), 1)).toBe(false);
});
