import fc from "fast-check";
import { expect, test } from "vitest";
import { qrFactorize } from "../../../src/numeric/matrix/qr";
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

function factorsOf(a: Matrix): { q: Matrix; r: Matrix } {
  const { rows, columns } = a;
  const k = Math.min(rows, columns);
  const [q, r] = [new Float64Array(rows * k), new Float64Array(k * columns)];
  qrFactorize(a.data, 0, rows, columns, [q, r]);
  return { q: { rows, columns: k, data: q }, r: { rows: k, columns, data: r } };
}

/** What makes a factorization right: Q R = A, Q^T Q = 1, R upper triangular with a diagonal >= 0. */
function assertDecomposition(a: Matrix, scale: number): void {
  const { q, r } = factorsOf(times(a, scale));
  const bound = 2e-15 * (a.rows + a.columns);
  expect(distance(product(q, times(r, 1 / scale)), a)).toBeLessThanOrEqual(bound * largest(a));
  expect(distance(product(turned(q), q), identity(q.columns))).toBeLessThanOrEqual(bound);
  for (let i = 0; i < r.rows; i++) {
    expect(entry(r, i, i)).toBeGreaterThanOrEqual(0);
    for (let j = 0; j < i; j++) expect(entry(r, i, j)).toBe(0);
  }
}

test("Q R is A, Q is orthogonal, the diagonal of R is not negative, for every shape, rank and magnitude", () => {
  fc.assert(fc.property(anyMatrix, magnitude, assertDecomposition));
});

test.each<[name: string, a: Matrix]>([
  ["zeros", matrixOf(4, 3, () => 0)],
  ["minus the identity", times(identity(4), -1)],
  ["one row", matrixOf(1, 4, (_, j) => -1 - j)],
  ["one column", matrixOf(4, 1, (i) => i - 2)],
  ["a condition of 1e16 (Hilbert's)", matrixOf(12, 12, (i, j) => 1 / (1 + i + j))],
  ["many rows", matrixOf(200, 30, (i, j) => Math.sin(1 + i * 7.3 + j ** 2 * i))],
])("holds for %s", (_, a) => assertDecomposition(a, 1));

test("a triangle with a positive diagonal is its own R", () => {
  const r = matrixOf(3, 4, (i, j) => (j < i ? 0 : 1 + i + j));
  const found = factorsOf(r);
  expect(distance(found.r, r)).toBeLessThan(1e-14);
  expect(distance(found.q, identity(3))).toBeLessThan(1e-15);
});

test.each([1e-300, 1e300])("holds for numbers around %s", (scale) =>
  assertDecomposition(
    matrixOf(5, 5, (i, j) => Math.sin(i * j + i + j)),
    scale,
  ),
);

test.each([Number.NaN, Infinity, -Infinity])("a matrix with %s gives NaN", (bad) => {
  const { q, r } = factorsOf(matrixOf(3, 2, (i, j) => (i === 2 && j === 1 ? bad : 1)));
  expectEvery([...q.data, ...r.data], Number.isNaN);
});
