import fc from "fast-check";
import { expect, test } from "vitest";
import { factorSize, firstZeroPivot, luFactorize, parity, solveFactorized } from "../../../src/numeric/matrix/lu";
import { expectEvery } from "../../support";
import {
  distance,
  entry,
  expanded,
  type Matrix,
  matrixOf,
  ofRank,
  product,
  seeds,
  turned,
  uniform,
} from "./drawn-matrix";

/** The matrix and its factors behind three numbers of something else. */
function factors({ rows: n, data }: Matrix): Float64Array {
  const f = new Float64Array(3 + factorSize(n)).fill(8);
  f.set(data, 3);
  luFactorize(f, 3, n);
  expect([...f.slice(0, 3)]).toEqual([8, 8, 8]);
  return f;
}
const lower = (f: Float64Array, n: number) => matrixOf(n, n, (i, j) => (i === j ? 1 : j < i ? f[3 + i * n + j] : 0));
const upper = (f: Float64Array, n: number) => matrixOf(n, n, (i, j) => (j >= i ? f[3 + i * n + j] : 0));
const order = (f: Float64Array, n: number) => [...f.slice(3 + n * n)];

// Blocks are 16 columns.
const size = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom(15, 16, 17, 33, 50));
const anyMatrix = fc.record({ n: size, lack: fc.integer({ min: 0, max: 2 }), seed: seeds, whole: fc.boolean() });
const draw = ({ n, lack, seed, whole }: { n: number; lack: number; seed: number; whole: boolean }): Matrix =>
  whole ? ofRank(n, lack, seed) : matrixOf(n, n, uniform(seed));

test("P A = L U, the numbers of L are at most 1, P is a permutation and parity its sign; of singular matrices too", () => {
  fc.assert(
    fc.property(anyMatrix, (drawn) => {
      const a = draw(drawn);
      const n = a.rows;
      const f = factors(a);
      const [l, u, p] = [lower(f, n), upper(f, n), order(f, n)];
      expect([...p].sort((x, y) => x - y)).toEqual(p.map((_, i) => i));
      expect(
        distance(
          product(l, u),
          matrixOf(n, n, (i, j) => entry(a, p[i], j)),
        ),
      ).toBeLessThan(1e-11);
      expectEvery(l.data, (x) => Math.abs(x) <= 1);
      if (n <= 6) expect(parity(f, 3, n)).toBe(expanded(matrixOf(n, n, (i, j) => (p[i] === j ? 1 : 0))));
    }),
  );
});

test("A times the solution is the right-hand side, and the same for the transpose", () => {
  fc.assert(
    fc.property(size, fc.integer({ min: 0, max: 4 }), seeds, fc.boolean(), (n, width, seed, transpose) => {
      const random = uniform(seed);
      const a = matrixOf(n, n, (i, j) => random() + (i === (j + 1) % n ? 3 : 0) * Math.sqrt(n));
      const b = matrixOf(n, width, random);
      const x = Float64Array.of(5, ...b.data);
      solveFactorized(factors(a), 3, n, x, 1, width, transpose, new Float64Array(n * width));
      const got = product(transpose ? turned(a) : a, { rows: n, columns: width, data: x.slice(1) });
      expect(distance(got, b)).toBeLessThan(1e-12);
      expect(x[0]).toBe(5);
    }),
  );
});

const lost = (rows: number[][]) => {
  const n = rows.length;
  const a = matrixOf(n, n, (i, j) => rows[i]?.[j]);
  return firstZeroPivot(factors(a), 3, n, Float64Array.of(5, ...a.data), 1);
};

test("a pivot is lost where it is zero, or rounding", () => {
  expect(lost([[0]])).toBe(0);
  expect(
    lost([
      [1, 2],
      [2, 4],
    ]),
  ).toBe(1);
  expect(
    lost([
      [0, 1],
      [0, 2],
    ]),
  ).toBe(0);
  expect(
    lost([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]),
  ).toBe(2);
  expect(
    lost([
      [0.1, 0.2, 0.3],
      [0.4, 0.5, 0.6],
      [0.7, 0.8, 0.9],
    ]),
  ).toBe(2);
});

test("no pivot is lost where a matrix is badly scaled or badly conditioned, but regular", () => {
  expect(lost([])).toBe(-1);
  expect(lost([[1e-300]])).toBe(-1);
  expect(
    lost([
      [1, 0],
      [0, 1e-20],
    ]),
  ).toBe(-1);
  expect(
    lost([
      [1e150, 1e-150],
      [1e-150, 1e-150],
    ]),
  ).toBe(-1);
  expect(
    lost([
      [1, 1],
      [1, 1 + 1e-14],
    ]),
  ).toBe(-1);
  const hilbert = Array.from({ length: 10 }, (_, i) => Array.from({ length: 10 }, (__, j) => 1 / (i + j + 1)));
  expect(lost(hilbert)).toBe(-1);
});

test("whole numbers of lower rank lose a pivot; others do not", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 2 }), seeds, (n, lack, seed) => {
      const a = ofRank(n, lack, seed);
      expect(firstZeroPivot(factors(a), 3, n, a.data, 0) >= 0).toBe(expanded(a) === 0);
    }),
  );
});

test("a NaN anywhere makes the last pivot NaN, and no pivot is lost", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(), fc.nat(), seeds, fc.boolean(), (n, i, j, seed, zeros) => {
      const a = matrixOf(n, n, zeros ? () => 0 : uniform(seed));
      a.data[(i % n) * n + (j % n)] = Number.NaN;
      const f = factors(a);
      expect(f[2 + n * n]).toBeNaN();
      expect(firstZeroPivot(f, 3, n, a.data, 0)).toBe(-1);
    }),
  );
});
