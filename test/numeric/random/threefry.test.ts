import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldKey, seedKey, splitKey, threefry } from "../../../src/numeric/random/threefry";

describe("threefry", () => {
  it.each([
    [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
    [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3, 0xc4923a9c, 0x483df7a0],
  ])("gives the known answers of Random123 (key %i %i)", (k0, k1, c0, c1, y0, y1) => {
    const out = new Uint32Array(3);
    threefry(k0, k1, c0, c1, out, 1);
    expect([...out]).toEqual([0, y0, y1]);
    threefry(k0 | 0, k1 | 0, c0 | 0, c1 | 0, out, 0);
    expect([...out.subarray(0, 2)]).toEqual([y0, y1]);
  });
});

describe("keys", () => {
  it("seedKey gives the halves of the seed, high first", () => {
    expect(seedKey(0)).toEqual([0, 0]);
    expect(seedKey(-0)).toEqual([0, 0]);
    expect(seedKey(42)).toEqual([0, 42]);
    expect(seedKey(-1)).toEqual([-1, -1]);
    expect(seedKey(2 ** 32)).toEqual([1, 0]);
  });

  it("seedKey tells every two integers apart", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (seed) => {
        const [high, low] = seedKey(seed);
        expect(high * 2 ** 32 + (low >>> 0)).toBe(seed + 0);
      }),
      { numRuns: 1000, examples: [[2 ** 53 - 1], [1 - 2 ** 53], [2 ** 31], [-(2 ** 31)], [-(2 ** 32)]] },
    );
  });

  it("splitKey gives different keys, the same for any count", () => {
    const keys = new Int32Array(2000);
    splitKey(1, 2, 1000, keys);
    expect(new Set(Array.from({ length: 1000 }, (_, i) => `${keys[2 * i]} ${keys[2 * i + 1]}`)).size).toBe(1000);
    const few = new Int32Array(5);
    splitKey(1, 2, 2, few, 1);
    expect([...few]).toEqual([0, ...keys.subarray(0, 4)]);
  });

  it("foldKey tells integers apart, and never meets split keys or drawn words", () => {
    const seen = new Set<string>();
    const out = new Int32Array(2);
    const note = () => seen.add(`${out[0]} ${out[1]}`);
    const data = [0, 1, -1, 2, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, -(2 ** 53), 2 ** 32 + 1];
    for (const x of data) {
      foldKey(7, 8, x, out);
      note();
    }
    for (let i = 0; i < 10; i++) {
      threefry(7, 8, i, 0, out, 0);
      note();
    }
    const keys = new Int32Array(20);
    splitKey(7, 8, 10, keys);
    for (let i = 0; i < 10; i++) seen.add(`${keys[2 * i]} ${keys[2 * i + 1]}`);
    expect(seen.size).toBe(30);
  });

  it("keeps its bits", () => {
    const keys = new Int32Array(4);
    splitKey(...seedKey(42), 2, keys);
    const folded = new Int32Array(2);
    foldKey(...seedKey(42), 3, folded);
    expect([...keys, ...folded]).toMatchInlineSnapshot(`
      [
        -1113421015,
        -2066152283,
        962414221,
        501912151,
        -282919043,
        748154529,
      ]
    `);
  });
});
