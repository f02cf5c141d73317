import fc from "fast-check";
import { expect, test } from "vitest";
import { cofactors } from "../../../src/numeric/matrix/cofactors";
import {
  cofactorsByMinors,
  distance,
  entry,
  expanded,
  type Matrix,
  matrixOf,
  ofRank,
  seeds,
  uniform,
} from "./drawn-matrix";

function got(a: Matrix, directions: readonly Matrix[]): Matrix {
  const out = new Float64Array(a.data.length + 2).fill(6);
  const padded = (x: Matrix) => Float64Array.of(9, ...x.data);
  cofactors(
    out,
    2,
    padded(a),
    1,
    directions.map(padded),
    directions.map(() => 1),
    a.rows,
  );
  expect([...out.slice(0, 2)]).toEqual([6, 6]);
  return { ...a, data: out.slice(2) };
}

/** The derivative of the determinant in as many directions: every one in a row of its own, in every way. */
function derivative(a: Matrix, directions: readonly Matrix[]): number {
  const taken: (Matrix | undefined)[] = Array.from({ length: a.rows });
  const place = (k: number): number => {
    if (k === directions.length) return expanded(matrixOf(a.rows, a.rows, (i, j) => entry(taken[i] ?? a, i, j)));
    let sum = 0;
    for (let i = 0; i < a.rows; i++) {
      if (taken[i] !== undefined) continue;
      taken[i] = directions[k];
      sum += place(k + 1);
      taken[i] = undefined;
    }
    return sum;
  };
  return place(0);
}

const drawn = fc.record({ n: fc.integer({ min: 0, max: 5 }), lack: fc.integer({ min: 0, max: 3 }), seed: seeds });

test("cofactors are signed minors, of matrices of any rank", () => {
  fc.assert(
    fc.property(drawn, ({ n, lack, seed }) => {
      const a = ofRank(n, lack, seed);
      expect(distance(got(a, []), cofactorsByMinors(a))).toBeLessThan(1e-9);
    }),
  );
});

test.each([1, 2, 3])("with %d directions they are derivatives of that order more, of matrices of any rank", (order) => {
  fc.assert(
    fc.property(drawn, ({ n, lack, seed }) => {
      const a = ofRank(n, lack, seed);
      const random = uniform(seed);
      const directions = Array.from({ length: order }, () => matrixOf(n, n, random));
      const unit = (i: number, j: number) => matrixOf(n, n, (r, c) => (r === i && c === j ? 1 : 0));
      const want = matrixOf(n, n, (i, j) => derivative(a, [...directions, unit(i, j)]));
      expect(distance(got(a, directions), want)).toBeLessThan(1e-9);
    }),
    { numRuns: 40 },
  );
});

test("nothing is lost where a matrix is nearly singular", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 5 }), seeds, fc.integer({ min: -300, max: -8 }), (n, seed, exponent) => {
      const random = uniform(seed);
      const a = ofRank(n, 1, seed);
      const b = matrixOf(n, n, (i, j) => entry(a, i, j) + 10 ** exponent * random());
      const e = matrixOf(n, n, random);
      expect(distance(got(b, []), cofactorsByMinors(b))).toBeLessThan(1e-9);
      expect(distance(got(b, [e]), got(a, [e]))).toBeLessThan(1e-4);
    }),
  );
});

test("NaN spreads", () => {
  expect([
    ...got(
      matrixOf(2, 2, () => Number.NaN),
      [],
    ).data,
  ]).toEqual([NaN, NaN, NaN, NaN]);
  expect([
    ...got(
      matrixOf(1, 1, () => Number.NaN),
      [],
    ).data,
  ]).toEqual([1]);
});
