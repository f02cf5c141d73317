import fc from "fast-check";
import { generator } from "../../../src/testing/random";
import { entry, type Matrix, matrixOf, product } from "./matrices";

export { distance, entry, largest, type Matrix, matrixOf, product, turned } from "./matrices";

/** Uniform numbers from -1 to 1. */
export function uniform(seed: number): () => number {
  const random = generator(seed);
  return () => 2 * random() - 1;
}

/** The determinant by expansion along the first row: exact for small whole numbers. */
export function expanded(a: Matrix): number {
  if (a.rows === 0) return 1;
  let sum = 0;
  for (let j = 0; j < a.columns; j++) {
    const minor = matrixOf(a.rows - 1, a.columns - 1, (i, k) => entry(a, i + 1, k < j ? k : k + 1));
    sum += (j % 2 === 0 ? 1 : -1) * entry(a, 0, j) * expanded(minor);
  }
  return sum;
}

/** The matrix of partial derivatives of the determinant, from minors. */
export const cofactorsByMinors = (a: Matrix): Matrix =>
  matrixOf(a.rows, a.columns, (i, j) => {
    const minor = matrixOf(a.rows - 1, a.columns - 1, (r, c) => entry(a, r < i ? r : r + 1, c < j ? c : c + 1));
    return ((i + j) % 2 === 0 ? 1 : -1) * expanded(minor);
  });

/** Small whole numbers, of a rank that is at most `lack` below full. */
export function ofRank(n: number, lack: number, seed: number): Matrix {
  const random = uniform(seed);
  const integer = () => Math.round(2.4 * random());
  const rank = Math.max(0, n - lack);
  return product(matrixOf(n, rank, integer), matrixOf(rank, n, integer));
}

export const seeds = fc.integer({ min: 1, max: 1e9 });
