import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { productOf } from "../../../src/numeric/rows/row-sums";
import { softmaxInto, softmaxPull } from "../../../src/numeric/rows/softmax";
import { softmaxVectors } from "../../../src/numeric/rows/softmax-wasm";
import { expBelowZero, exponentialTables } from "../../../src/numeric/special/exp-below-zero";
import { scarceMemory } from "../web-assembly";

const numbers = fc.oneof(
  { weight: 30, arbitrary: fc.double({ min: -30, max: 30, noNaN: true }) },
  { weight: 5, arbitrary: fc.double({ min: -1000, max: 100, noNaN: true }) },
  fc.constantFrom(0, -0, Infinity, -Infinity, Number.NaN, 3e38, -3e38, 1e-45),
);
const rows = fc
  .integer({ min: 1, max: 40 })
  .chain((n) => fc.tuple(fc.constant(n), fc.array(numbers, { minLength: n * 3, maxLength: n * 3 })));

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe("exp below zero", () => {
  const { parts, powers } = exponentialTables();

  test("is within 2 units of rounding of Math.exp", () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 0, noNaN: true }), (x) => {
        const want = Math.exp(x);
        expect(Math.abs(expBelowZero(x, parts, powers) - want)).toBeLessThanOrEqual(3 * 2 ** -52 * want);
      }),
      { numRuns: 20_000 },
    );
  });

  test("is 1 at 0, 0 at -Infinity, NaN of NaN, and falls to subnormal numbers", () => {
    const at = (x: number) => expBelowZero(x, parts, powers);
    expect([0, -0, -Infinity, -746].map(at)).toEqual([1, 1, 0, 0]);
    expect(at(Number.NaN)).toBe(Number.NaN);
    expect(Math.abs(at(-740) - Math.exp(-740))).toBeLessThanOrEqual(5e-324);
  });
});

describe("softmax", () => {
  test("of float32 has the same bits with WebAssembly, without it, and of float64 rounded", async () => {
    vi.resetModules();
    vi.stubGlobal("WebAssembly", undefined);
    const { softmaxInto: plain } = await import("../../../src/numeric/rows/softmax");
    vi.unstubAllGlobals();
    let ran = 0;
    fc.assert(
      fc.property(rows, ([n, draws]) => {
        // Three rows are little: they are there more than once, so that it is worth going to WebAssembly.
        const x = Float32Array.from({ length: draws.length * 24 }, (_, i) => draws[i % draws.length]);
        const [fast, slow] = [new Float32Array(x.length), new Float32Array(x.length)];
        if (softmaxVectors(fast, x, n)) ran++;
        plain(slow, x, n, 1);
        const double = new Float64Array(x.length);
        softmaxInto(double, Float64Array.from(x), n, 1);
        expect(fast).toEqual(slow);
        expect(fast).toEqual(Float32Array.from(double));
      }),
    );
    expect(ran).toBe(fc.readConfigureGlobal()?.numRuns ?? 100);
  });

  test("of more than fits into the kernel at a time, and of rows that do", () => {
    for (const [count, n] of [
      [3, 70_001],
      [200, 1000],
      [1000, 66],
    ] as const) {
      const x = Float32Array.from({ length: count * n }, (_, i) => Math.sin(i) * 5);
      const y = new Float32Array(x.length);
      softmaxInto(y, x, n, 1);
      for (const row of [0, count - 1]) {
        const own = Array.from(x.subarray(row * n, (row + 1) * n), Math.exp);
        const sum = own.reduce((a, b) => a + b);
        own.forEach((power, j) => {
          expect(Math.abs(y[row * n + j] - power / sum)).toBeLessThan((1e-6 * power) / sum + 1e-12);
        });
      }
    }
  });

  test("where memory cannot grow, rows are done without it", async () => {
    const x = Float32Array.from({ length: 70_000 }, (_, i) => Math.sin(i) * 5);
    const [fast, slow] = [new Float32Array(x.length), new Float32Array(x.length)];
    softmaxInto(fast, x, 35_000, 1);
    const scarce = scarceMemory(2);
    vi.resetModules();
    vi.stubGlobal("WebAssembly", scarce);
    const { softmaxInto: scarcely } = await import("../../../src/numeric/rows/softmax");
    scarcely(slow, x, 35_000, 1);
    expect(scarce.refused()).toBe(1);
    expect(slow).toEqual(fast);
  });

  test("along an axis in the middle is that of the axis alone", () => {
    const [outer, n, inner] = [3, 5, 4];
    const x = Float64Array.from({ length: outer * n * inner }, (_, i) => Math.cos(7 * i));
    const y = new Float64Array(x.length);
    softmaxInto(y, x, n, inner);
    const line = Float64Array.from({ length: n }, (_, j) => x[n * inner + j * inner + 2]);
    const own = new Float64Array(n);
    softmaxInto(own, line, n, 1);
    own.forEach((value, j) => {
      expect(y[n * inner + j * inner + 2]).toBe(value);
    });
  });

  test("its derivative is 0 where the cotangent is 0, also beside NaN", () => {
    const out = new Float64Array(3);
    softmaxPull(out, Float64Array.of(Number.NaN, 0.5, 0.5), new Float64Array(3), 3, 1);
    expect([...out]).toEqual([0, 0, 0]);
    expect(productOf(Float64Array.of(0, 2, 3), Float64Array.of(Number.NaN, 5, 7), 0, 3, 1)).toBe(31);
  });
});
