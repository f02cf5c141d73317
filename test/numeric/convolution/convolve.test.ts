import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Convolution, convolve, convolveInput, convolveKernel } from "../../../src/numeric/convolution/convolve";
import { countedRuns, engine, refusing, scarceMemory } from "../web-assembly";
import { axisOf, convolutions, eachProduct, type Numbers, naiveK, naiveX, naiveY, numbers, sizesOf } from "./reference";

type Type = new (size: number | Float64Array) => Numbers;
const types: Type[] = [Float64Array, Float32Array, Int32Array];
const kinds = fc.constantFrom(...types);

function expectNear(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    const [a, b] = [got[i], want[i]];
    if (!(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)))) expect.fail(`place ${i}: got ${a}, want ${b}`);
  }
}

describe("a convolution", () => {
  test("equals its definition bit for bit, for any sizes and types", () => {
    fc.assert(
      fc.property(convolutions, fc.tuple(kinds, kinds, kinds), fc.nat(1000), (c, [TypeX, TypeK, TypeY], seed) => {
        const size = sizesOf(c);
        const [x, k] = [numbers(TypeX, size.x, seed), numbers(TypeK, size.k, seed + 1)];
        const y = new TypeY(size.y);
        convolve(y, x, k, c);
        expect(y).toEqual(naiveY(c, x, k, TypeY));
      }),
      { numRuns: 300 },
    );
  });

  test("has the kernel's gradient of its definition bit for bit", () => {
    fc.assert(
      fc.property(convolutions, fc.tuple(kinds, kinds, kinds), fc.nat(1000), (c, [TypeX, TypeK, TypeY], seed) => {
        const size = sizesOf(c);
        const [x, y] = [numbers(TypeX, size.x, seed), numbers(TypeY, size.y, seed + 1)];
        const k = new TypeK(size.k);
        convolveKernel(k, x, y, c);
        expect(k).toEqual(naiveK(c, x, y, TypeK));
      }),
      { numRuns: 300 },
    );
  });

  test("has the input's gradient of its definition", () => {
    fc.assert(
      fc.property(convolutions, fc.tuple(kinds, kinds), fc.nat(1000), (c, [TypeK, TypeY], seed) => {
        const size = sizesOf(c);
        const [y, k] = [numbers(TypeY, size.y, seed), numbers(TypeK, size.k, seed + 1)];
        const x = new Float64Array(size.x);
        convolveInput(x, y, k, c);
        expectNear(x, naiveX(c, y, k, Float64Array), 1e-12);
      }),
      { numRuns: 300 },
    );
  });
});

test("FAULTS 7: integers are exact modulo 2^32, whichever side is asked for", () => {
  const large = (size: number, seed: number): Int32Array =>
    Int32Array.from({ length: size }, (_, i) => Math.imul(seed + i + 1, 0x9e3779b1));
  fc.assert(
    fc.property(convolutions, fc.nat(1000), (c, seed) => {
      const size = sizesOf(c);
      const [x, k, y] = [large(size.x, seed), large(size.k, seed + 1), large(size.y, seed + 2)];
      const [fromY, fromK, fromX] = [new Int32Array(size.y), new Int32Array(size.k), new Int32Array(size.x)];
      convolve(fromY, x, k, c);
      convolveKernel(fromK, x, y, c);
      convolveInput(fromX, y, k, c);
      const [wantY, wantK, wantX] = [new Int32Array(size.y), new Int32Array(size.k), new Int32Array(size.x)];
      eachProduct(c, (toY, toX, toK) => {
        if (toX < 0) return;
        wantY[toY] += Math.imul(x[toX], k[toK]);
        wantK[toK] += Math.imul(x[toX], y[toY]);
        wantX[toX] += Math.imul(y[toY], k[toK]);
      });
      expect([fromY, fromK, fromX]).toEqual([wantY, wantK, wantX]);
    }),
    { numRuns: 100 },
  );
});

/** More than fits into the memory of the kernels, in every direction there is. */
const large: Readonly<Record<string, Convolution>> = {
  "many channels": sized(3, 700, 2, axisOf(4, 3, { before: 1 }), axisOf(3, 3, { before: 1 })),
  "channels of more than a field": sized(2, 60_000, 2, axisOf(1), axisOf(1)),
  "many images of one number": sized(130, 784, 3, axisOf(1), axisOf(1)),
  "many filters": sized(1, 20, 1100, axisOf(3, 2), axisOf(2)),
  "wide images": sized(1, 2, 1, axisOf(3, 2, { before: 1 }), axisOf(60_000, 3, { before: 1, stride: 2 })),
  "high images": sized(1, 1, 2, axisOf(60_000, 3, { before: 1, stride: 2 }), axisOf(3, 2, { dilation: 2 })),
  "large images": sized(1, 1, 1, axisOf(270, 3, { stride: 2, dilation: 2 }), axisOf(280, 3, { stride: 3, before: 1 })),
  "a kernel of more than a field": sized(1, 1, 1, axisOf(236, 235), axisOf(237, 235)),
  "a long kernel": sized(1, 1, 2, axisOf(60_001, 60_000, { before: 1 }), axisOf(1)),
  "a kernel's gradient of more than a result": sized(3, 1500, 750, axisOf(1), axisOf(1)),
  "a result of more than a result": sized(1, 1, 2, axisOf(1100), axisOf(1000)),
  "numbers far apart": sized(1, 2, 1, axisOf(400, 2, { dilation: 300 }), axisOf(400, 2, { dilation: 300 })),
};

function sized(
  images: number,
  channels: number,
  filters: number,
  ...axes: [ReturnType<typeof axisOf>, ReturnType<typeof axisOf>]
): Convolution {
  return { images, groups: 1, channels, filters, axes };
}

test.each(Object.entries(large))("what does not fit at once is divided: %s", (_, c) => {
  const size = sizesOf(c);
  const [x, k, y] = [
    numbers(Float64Array, size.x, 1),
    numbers(Float64Array, size.k, 2),
    numbers(Float64Array, size.y, 3),
  ];
  const [X, K, Y] = [new Float64Array(size.x), new Float64Array(size.k), new Float64Array(size.y)];
  convolve(Y, x, k, c);
  convolveInput(X, y, k, c);
  convolveKernel(K, x, y, c);
  expectNear(Y, naiveY(c, x, k, Float64Array), 1e-9);
  expectNear(X, naiveX(c, y, k, Float64Array), 1e-9);
  expectNear(K, naiveK(c, x, y, Float64Array), 1e-9);
});

/** A fresh copy of the module, with WebAssembly or without it; all three results one after the other. */
async function freshly(webAssembly: unknown) {
  vi.resetModules();
  vi.stubGlobal("WebAssembly", webAssembly);
  const fresh = await import("../../../src/numeric/convolution/convolve");
  const run = (c: Convolution, x: Float64Array, k: Float64Array, y: Float64Array): number[] => {
    const size = sizesOf(c);
    const [X, K, Y] = [new Float64Array(size.x), new Float64Array(size.k), new Float64Array(size.y)];
    fresh.convolve(Y, x, k, c);
    fresh.convolveInput(X, y, k, c);
    fresh.convolveKernel(K, x, y, c);
    return [...Y, ...X, ...K];
  };
  // Chooses its kernel now.
  run(
    sized(1, 8, 8, axisOf(9, 3), axisOf(9, 3)),
    ...([5184, 576, 3136].map((n) => new Float64Array(n)) as [never, never, never]),
  );
  return run;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe("the kernels", () => {
  test("in WebAssembly and in JavaScript give the same bits, for any numbers", async () => {
    const counted = countedRuns();
    const [fast, plain, refused] = [await freshly(counted), await freshly(undefined), await freshly(refusing)];
    const drawn = fc.oneof(
      { weight: 20, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
      fc.constantFrom(0, -0, Infinity, -Infinity, Number.NaN, 5e-324, 1e308),
    );
    const before = counted.ran();
    fc.assert(
      fc.property(convolutions, fc.array(drawn, { minLength: 40, maxLength: 40 }), (c, draws) => {
        const size = sizesOf(c);
        const [x, k, y] = ([size.x, size.k, size.y] as const).map((n, j) =>
          Float64Array.from({ length: n }, (_, i) => draws[(i * (2 * j + 7)) % 40]),
        ) as [Float64Array, Float64Array, Float64Array];
        const got = fast(c, x, k, y);
        plain(c, x, k, y).forEach((want, i) => {
          if (!Object.is(got[i], want)) expect.fail(`place ${i}: got ${got[i]}, want ${want}`);
        });
        expect(refused(c, x, k, y)).toEqual(got);
      }),
      { numRuns: 200 },
    );
    expect(counted.ran() - before).toBeGreaterThan(100);
  });

  test("stay right while their memory grows", async () => {
    const run = await freshly(engine);
    for (const n of [8, 150, 20, 300]) {
      const c = sized(1, 1, 3, axisOf(n, 3), axisOf(n, 3));
      const size = sizesOf(c);
      const [x, k, y] = [new Float64Array(size.x).fill(1), new Float64Array(size.k).fill(1), new Float64Array(size.y)];
      expect(run(c, x, k, y).slice(0, size.y)).toEqual(new Array(size.y).fill(9));
    }
  });

  test("where memory cannot grow, the one in JavaScript takes over", async () => {
    const scarce = scarceMemory(12);
    const run = await freshly(scarce);
    for (const n of [20, 300, 20]) {
      const c = sized(1, 1, 3, axisOf(n, 3), axisOf(n, 3));
      const size = sizesOf(c);
      const [x, k, y] = [new Float64Array(size.x).fill(1), new Float64Array(size.k).fill(1), new Float64Array(size.y)];
      expect(run(c, x, k, y).slice(0, size.y)).toEqual(new Array(size.y).fill(9));
    }
    expect(scarce.refused()).toBeGreaterThan(0);
  });
});
