import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { moduleOf } from "../../../src/numeric/wasm-assembler";
import { instantiate } from "../../../src/numeric/wasm-module";
import { expectEvery } from "../../support";
import { countedRuns, engine, refusing, scarceMemory } from "../web-assembly";

const sizes = fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 30 })));
const numbers = fc.oneof(
  { weight: 20, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
  fc.constantFrom(0, -0, Infinity, -Infinity, Number.NaN, 5e-324, 1e308),
);

/** gemm of a fresh copy of the module, with WebAssembly or without it. */
async function gemmWith(webAssembly: unknown) {
  vi.resetModules();
  vi.stubGlobal("WebAssembly", webAssembly);
  const { gemm } = await import("../../../src/numeric/matrix/gemm");
  const multiplied = (a: Float64Array, b: Float64Array, m: number, k: number, n: number) => {
    const out = new Float64Array(m * n);
    gemm(out, 0, a, 0, k, 1, b, 0, n, 1, m, k, n, false);
    return out;
  };
  multiplied(new Float64Array(400), new Float64Array(400), 20, 20, 20); // chooses its kernel now
  return multiplied;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("the kernels in WebAssembly and in JavaScript give the same bits", async () => {
  const counted = countedRuns();
  const fast = await gemmWith(counted);
  const plain = await gemmWith(undefined);
  const before = counted.ran();
  fc.assert(
    fc.property(sizes, fc.array(numbers, { minLength: 40, maxLength: 40 }), ([m, k, n], draws) => {
      const drawn = (size: number, step: number) =>
        Float64Array.from({ length: size }, (_, i) => draws[(i * step) % 40]);
      const [a, b] = [drawn(m * k, 7), drawn(k * n, 11)];
      const [x, y] = [fast(a, b, m, k, n), plain(a, b, m, k, n)];
      for (let i = 0; i < x.length; i++) expect(Object.is(x[i], y[i])).toBe(true);
    }),
    { numRuns: 200 },
  );
  expect(counted.ran() - before).toBeGreaterThan(50);
});

test("memory grows with what is asked for, and numbers stay right", async () => {
  const fast = await gemmWith(engine);
  for (const n of [10, 300, 20, 700]) {
    const ones = new Float64Array(n * n).fill(1);
    expectEvery(fast(ones, ones, n, n, n), (x) => x === n);
  }
});

test("where memory cannot grow, products are computed without it", async () => {
  const scarce = scarceMemory(2);
  const gemm = await gemmWith(scarce);
  for (const n of [20, 150, 20]) {
    const ones = new Float64Array(n * n).fill(1);
    expectEvery(gemm(ones, ones, n, n, n), (x) => x === n);
  }
  expect(scarce.refused()).toBe(1);
});

test("memory does not grow with the sizes of a product for ever", async () => {
  const scarce = scarceMemory(64);
  const gemm = await gemmWith(scarce);
  for (const [m, k, n] of [
    [2, 200_000, 2],
    [900, 2, 900],
    [40, 3000, 700],
  ] as const) {
    const [a, b] = [new Float64Array(m * k).fill(1), new Float64Array(k * n).fill(1)];
    expectEvery(gemm(a, b, m, k, n), (x) => x === k);
  }
  expect(scarce.refused()).toBe(0);
});

test("without WebAssembly, or where a policy refuses it, products are computed all the same", async () => {
  for (const webAssembly of [undefined, refusing]) {
    const gemm = await gemmWith(webAssembly);
    const ones = new Float64Array(400).fill(1);
    expectEvery(gemm(ones, ones, 20, 20, 20), (x) => x === 20);
  }
});

test("what is no module cannot be instantiated", () => {
  expect(instantiate("010203")).toBe(null);
  const nothing = moduleOf({ parameters: 0, integers: 0, vectors: 0, body: [] });
  expect(instantiate(Buffer.from(nothing).toString("hex"))?.memory.buffer.byteLength).toBe(65536);
});
