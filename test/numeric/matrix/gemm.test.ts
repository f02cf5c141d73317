import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gemm } from "../../../src/numeric/matrix/gemm";

type Matrix = Float64Array | Float32Array | Int32Array;
const types = [Float64Array, Float32Array, Int32Array] as const;

/** The definition: every element the sum of its products in order, in float64, rounded once. */
function naive(out: Matrix, outOffset: number, a: Operand, b: Operand, m: number, k: number, n: number, add: boolean) {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) {
        sum += a.data[a.offset + i * a.row + p * a.column] * b.data[b.offset + p * b.row + j * b.column];
      }
      const at = outOffset + i * n + j;
      out[at] = add ? out[at] + sum : sum;
    }
  }
}

interface Operand {
  data: Matrix;
  offset: number;
  row: number;
  column: number;
}

type Layout = "rows" | "columns" | "spread" | "backwards" | "repeated";

function operand(data: Matrix, offset: number, rows: number, columns: number, layout: Layout): Operand {
  if (layout === "rows") return { data, offset, row: columns, column: 1 };
  if (layout === "columns") return { data, offset, row: 1, column: rows };
  if (layout === "spread") return { data, offset, row: 2 * columns + 1, column: 2 };
  if (layout === "repeated") return { data, offset, row: 0, column: 1 };
  return { data, offset: offset + Math.max(0, rows * columns - 1), row: -columns, column: -1 };
}

function random(Type: (typeof types)[number], size: number, seed: number): Matrix {
  const values = new Type(size);
  for (let i = 0; i < size; i++) {
    values[i] = (((i + 1) * (2 * seed + 7919)) % 1009) / (Type === Int32Array ? 10 : 100) - 5;
  }
  return values;
}

const layouts = fc.constantFrom<Layout>("rows", "columns", "spread", "backwards", "repeated");
const size = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 40 }));

describe("gemm", () => {
  it("equals the naive triple loop, bit for bit, for any sizes, strides and types", () => {
    const arrays = fc.constantFrom(...types);
    fc.assert(
      fc.property(
        fc.record({ m: size, k: size, n: size, add: fc.boolean(), seed: fc.nat(1000), offset: fc.nat(3) }),
        fc.tuple(arrays, arrays, arrays),
        fc.tuple(layouts, layouts),
        ({ m, k, n, add, seed, offset }, [TypeA, TypeB, TypeOut], [layoutA, layoutB]) => {
          const a = operand(random(TypeA, 2 * (m + 1) * (k + 1) + 8, seed), offset, m, k, layoutA);
          const b = operand(random(TypeB, 2 * (k + 1) * (n + 1) + 8, seed + 1), offset, k, n, layoutB);
          const actual = random(TypeOut, m * n + offset + 2, seed + 2);
          const expected = actual.slice();
          gemm(actual, offset, a.data, a.offset, a.row, a.column, b.data, b.offset, b.row, b.column, m, k, n, add);
          naive(expected, offset, a, b, m, k, n, add);
          expect(actual).toEqual(expected);
        },
      ),
      { numRuns: 400 },
    );
  });

  it.each([
    [20, 12000, 5],
    [140, 1030, 530],
    [3, 1025, 2],
    [1100, 3, 300],
    [5, 2, 2100],
  ])("equals the naive loop where not all fits one block (%i x %i x %i)", (m, k, n) => {
    const a = operand(random(Float32Array, m * k, 3), 0, m, k, "columns");
    const b = operand(random(Float32Array, k * n, 4), 0, k, n, "rows");
    const actual = new Float32Array(m * n);
    const expected = new Float32Array(m * n);
    gemm(actual, 0, a.data, 0, a.row, a.column, b.data, 0, b.row, b.column, m, k, n, false);
    naive(expected, 0, a, b, m, k, n, false);
    expect(actual).toEqual(expected);
  });

  it("rounds float32 once: the products of a long sum are added in float64", () => {
    const ones = new Float32Array(3).fill(1);
    const values = Float32Array.of(2 ** 24, 1, 1);
    const out = new Float32Array(1);
    gemm(out, 0, ones, 0, 3, 1, values, 0, 1, 1, 1, 3, 1, false);
    expect(out[0]).toBe(2 ** 24 + 2);
  });

  it.each([
    [1, 1, 1],
    [1, 4, 5],
    [5, 4, 1],
    [5, 1, 6],
    [5, 3, 7],
  ])(
    "gives zeros, or leaves C, where k = 0, and lets NaN and Infinity through against zeros (%i x %i x %i)",
    (m, k, n) => {
      const out = new Float64Array(m * n).fill(7);
      const zeros = new Float64Array(m * k);
      const ones = new Float64Array(k * n).fill(1);
      gemm(out, 0, zeros, 0, 1, 1, ones, 0, 1, 1, m, 0, n, true);
      expect(out).toEqual(new Float64Array(m * n).fill(7));
      gemm(out, 0, zeros, 0, 1, 1, ones, 0, 1, 1, m, 0, n, false);
      expect(out).toEqual(new Float64Array(m * n));
      for (const special of [Infinity, -Infinity, NaN]) {
        ones.fill(special);
        gemm(out, 0, zeros, 0, k, 1, ones, 0, n, 1, m, k, n, false);
        expect(out).toEqual(new Float64Array(m * n).fill(NaN));
      }
    },
  );

  it("leaves no trace of earlier, larger products", () => {
    const nan = new Float64Array(400).fill(NaN);
    const out = new Float64Array(400);
    gemm(out, 0, nan, 0, 20, 1, nan, 0, 20, 1, 20, 20, 20, false);
    gemm(out, 0, Float64Array.of(1, 2, 3, 4), 0, 2, 1, Float64Array.of(5, 6, 7, 8), 0, 2, 1, 2, 2, 2, false);
    expect([...out.slice(0, 5)]).toEqual([19, 22, 43, 50, NaN]);
  });
});
