import fc from "fast-check";

/** A row-major matrix. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

export const matrixOf = (rows: number, columns: number, at: (i: number, j: number) => number): Matrix => ({
  rows,
  columns,
  data: Float64Array.from({ length: rows * columns }, (_, k) => at(Math.floor(k / columns), k % columns)),
});
export const entry = ({ data, columns }: Matrix, i: number, j: number): number => data[i * columns + j] ?? Number.NaN;
export const turned = (a: Matrix): Matrix => matrixOf(a.columns, a.rows, (i, j) => entry(a, j, i));
export const product = (a: Matrix, b: Matrix): Matrix =>
  matrixOf(a.rows, b.columns, (i, j) => {
    let sum = 0;
    for (let k = 0; k < a.columns; k++) sum += entry(a, i, k) * entry(b, k, j);
    return sum;
  });
export const times = (a: Matrix, factor: number): Matrix => ({ ...a, data: a.data.map((x) => x * factor) });
export const identity = (n: number): Matrix => matrixOf(n, n, (i, j) => (i === j ? 1 : 0));
export const largest = ({ data }: Matrix): number => data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
/** The largest difference between two matrices of one shape; NaN counts as Infinity. */
export function distance(a: Matrix, b: Matrix): number {
  const far = a.data.map((x, k) => Math.abs(x - (b.data[k] ?? Number.NaN)));
  return a.rows === b.rows && a.columns === b.columns && !far.some(Number.isNaN) ? Math.max(0, ...far) : Infinity;
}

const number = fc.oneof(
  fc.integer({ min: -3e9, max: 3e9 }).map((x) => x / 1e9),
  // Zeros and repeated numbers: eigenvalues and singular values that repeat or vanish.
  fc.constantFrom(0, 0, 1, -1),
);
const matrix = (rows: number, columns: number): fc.Arbitrary<Matrix> =>
  fc
    .array(number, { minLength: rows * columns, maxLength: rows * columns })
    .map((data) => ({ rows, columns, data: Float64Array.from(data) }));
const size = fc.integer({ min: 1, max: 7 });

/** Any matrix, often of low rank, with numbers of one magnitude or of several. */
export const anyMatrix: fc.Arbitrary<Matrix> = fc.oneof(
  fc.tuple(size, size).chain(([m, n]) => matrix(m, n)),
  fc
    .tuple(size, size, fc.integer({ min: 1, max: 3 }))
    .chain(([m, n, rank]) => fc.tuple(matrix(m, rank), matrix(rank, n)).map(([a, b]) => product(a, b))),
  fc
    .tuple(size, size)
    .chain(([m, n]) => matrix(m, n))
    .map((a) => matrixOf(a.rows, a.columns, (i, j) => entry(a, i, j) * 10 ** (-2 * i - 3 * j))),
);

/** Symmetric matrices made of those. */
export const anySymmetric: fc.Arbitrary<Matrix> = anyMatrix.chain((a) =>
  fc.constantFrom(
    product(a, turned(a)),
    matrixOf(a.rows, a.rows, (i, j) => entry(a, Math.min(i, j), Math.max(i, j) % a.columns)),
  ),
);

/** Powers of ten that numbers of matrices are multiplied by. */
export const magnitude = fc.constantFrom(1, 1, 1, 1e150, 1e-150, 1e200, 1e-200);
