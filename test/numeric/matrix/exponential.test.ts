import { expect, it } from "vitest";
import { matrixExponential } from "../../../src/numeric/matrix/exponential";

/** Matrices and their exponentials, with 60 digits by mpmath 1.2, rounded. The fourth is that of Moler and Van Loan. */
const reference: readonly (readonly [number[][], number[][]])[] = [
  [
    [
      [0.5, -0.25],
      [1.0, 2.0],
    ],
    [
      [1.2938150590089732, -0.9187483319528943],
      [3.674993327811577, 6.806305050726339],
    ],
  ],
  [
    [
      [1.0, 1000000.0],
      [0.0, -1.0],
    ],
    [
      [2.718281828459045, 1175201.1936438014],
      [0.0, 0.36787944117144233],
    ],
  ],
  [
    [
      [0.0, 6.0, 0.0],
      [0.0, 0.0, 6.0],
      [0.0, 0.0, 0.0],
    ],
    [
      [1.0, 6.0, 18.0],
      [0.0, 1.0, 6.0],
      [0.0, 0.0, 1.0],
    ],
  ],
  [
    [
      [-49.0, 24.0],
      [-64.0, 31.0],
    ],
    [
      [-0.7357587581447531, 0.5518190996580977],
      [-1.4715175990882605, 1.1036382407155725],
    ],
  ],
  [
    [
      [1e-20, 2e-20],
      [3e-20, -1e-20],
    ],
    [
      [1.0, 2e-20],
      [3e-20, 1.0],
    ],
  ],
  [
    [
      [20.0, 1.0, -3.0],
      [2.0, -15.0, 4.0],
      [0.5, 0.25, 7.0],
    ],
    [
      [461305937.71373373, 12464448.340966828, -103077097.82701744],
      [28506999.947527576, 770259.3347931335, -6369543.666894279],
      [18372217.393034212, 496429.33721758745, -4103931.880262366],
    ],
  ],
];

it.each(reference)("the exponential of %j", (a, want) => {
  const n = a.length;
  const got = matrixExponential(Float64Array.from(a.flat()), n, n);
  const scale = Math.max(...want.flat().map(Math.abs));
  const size = Math.max(1, ...a.flat().map(Math.abs));
  // Numbers of 64 that cancel to 1 lose digits; 1e6 beside 1, above the diagonal, must not.
  const bound = size > 1e3 ? 4e-15 : 2e-15 * size;
  want.flat().forEach((w, i) => {
    expect(Math.abs(got[i] - w)).toBeLessThan(bound * (size > 1e3 ? Math.abs(w) : scale) + 1e-300);
  });
});

it("is exact where it is simple", () => {
  const of = (...a: number[]) => [...matrixExponential(Float64Array.from(a), Math.sqrt(a.length), Math.sqrt(a.length))];
  expect(of(0, 0, 0, 0)).toEqual([1, 0, 0, 1]);
  expect(of()).toEqual([]);
  expect(of(0)).toEqual([1]);
  expect(of(-1e300)).toEqual([0]);
  expect(of(1e300)).toEqual([Infinity]);
  expect(of(NaN, 0, 0, 1)).toEqual([NaN, NaN, NaN, NaN]);
  expect(of(0, Infinity, 0, 1)).toEqual([NaN, NaN, NaN, NaN]);
  expect(of(1)[0]).toBeCloseTo(Math.E, 14);
});

it("of a block triangular matrix is scaled by its diagonal block", () => {
  const [a, e] = [0.7, 1e200];
  const y = matrixExponential(Float64Array.of(a, e, 0, a), 2, 1);
  expect(y[1] / (e * Math.exp(a))).toBeCloseTo(1, 13);
  expect(y[2]).toBe(0);
});
