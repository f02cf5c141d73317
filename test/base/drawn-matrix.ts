import fc from "fast-check";

/** A row-major matrix. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export const matrixOf = (rows: number, columns: number, entry: (i: number, j: number) => number): Matrix => ({
  rows,
  columns,
  data: Float64Array.from({ length: rows * columns }, (_, k) => entry(Math.floor(k / columns), k % columns)),
});

export const at = ({ columns, data }: Matrix, i: number, j: number): number => data[i * columns + j] as number;

/** Uniform numbers from -1 to 1. */
export function uniform(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  };
}

/** The product as it is defined. */
export const timesLoops = (a: Matrix, b: Matrix): Matrix =>
  matrixOf(a.rows, b.columns, (i, j) => {
    let sum = 0;
    for (let k = 0; k < a.columns; k++) sum += at(a, i, k) * at(b, k, j);
    return sum;
  });

export const turned = (a: Matrix): Matrix => matrixOf(a.columns, a.rows, (i, j) => at(a, j, i));

/** The determinant by expansion along the first row: exact for small whole numbers. */
export function expanded(a: Matrix): number {
  if (a.rows === 0) return 1;
  let sum = 0;
  for (let j = 0; j < a.columns; j++) {
    const minor = matrixOf(a.rows - 1, a.columns - 1, (i, k) => at(a, i + 1, k < j ? k : k + 1));
    sum += (j % 2 === 0 ? 1 : -1) * at(a, 0, j) * expanded(minor);
  }
  return sum;
}

/** The matrix of partial derivatives of the determinant, from minors. */
export const cofactorsByMinors = (a: Matrix): Matrix =>
  matrixOf(a.rows, a.columns, (i, j) => {
    const minor = matrixOf(a.rows - 1, a.columns - 1, (r, c) => at(a, r < i ? r : r + 1, c < j ? c : c + 1));
    return ((i + j) % 2 === 0 ? 1 : -1) * expanded(minor);
  });

/** Small whole numbers, of a rank that is at most `lack` below full. */
export function ofRank(n: number, lack: number, seed: number): Matrix {
  const random = uniform(seed);
  const integer = () => Math.round(2.4 * random());
  const rank = Math.max(0, n - lack);
  return timesLoops(matrixOf(n, rank, integer), matrixOf(rank, n, integer));
}

export const seeds = fc.integer({ min: 1, max: 1e9 });

export const largest = ({ data }: Matrix): number => data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** The largest difference of two matrices. */
export const distance = (a: Matrix, b: Matrix): number =>
  largest(matrixOf(a.rows, a.columns, (i, j) => at(a, i, j) - at(b, i, j)));
