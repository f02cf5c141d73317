import fc from "fast-check";
import { expect, test } from "vitest";
import { codePointIn, compareByCodePoint, encodeUtf8, isBroken, utf8Length } from "../../src/formats/utf8";

/** All code points, or "no UTF-8". */
function decoded(bytes: Uint8Array): string {
  const points: number[] = [];
  for (let at = 0; at < bytes.length; at += utf8Length(points[points.length - 1])) {
    const point = codePointIn(bytes, at, bytes.length);
    if (point < 0) return "no UTF-8";
    points.push(point);
  }
  return points.map((point) => String.fromCodePoint(point)).join("");
}

function platform(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return "no UTF-8";
  }
}

const text = fc.string({ unit: "binary" });

test("text becomes the bytes that the platform makes of it, and back", () => {
  fc.assert(
    fc.property(text, (x) => {
      const bytes = encodeUtf8(x);
      expect([...bytes]).toEqual([...new TextEncoder().encode(x)]);
      expect(decoded(bytes)).toBe(x);
    }),
  );
  for (const point of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff]) {
    const x = String.fromCodePoint(point);
    expect([...encodeUtf8(x)]).toEqual([...new TextEncoder().encode(x)]);
    expect(decoded(encodeUtf8(x))).toBe(x);
  }
});

test("bytes are UTF-8 where the platform says so", () => {
  // Few values, near the limits that matter: random bytes are hardly ever UTF-8.
  const byte = fc.constantFrom(
    ...[0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed],
    0xef,
    0xf0,
    0xf4,
    0xf5,
    0xff,
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6 }), fc.array(byte, { maxLength: 5 }), (random, chosen) => {
      for (const bytes of [random, Uint8Array.from(chosen)]) expect(decoded(bytes)).toBe(platform(bytes));
    }),
    { numRuns: 5000 },
  );
});

test("longer than needed is no UTF-8, nor what goes on behind the end", () => {
  for (const bytes of [
    [0xc0, 0x80],
    [0xe0, 0x9f, 0xbf],
    [0xf0, 0x8f, 0xbf, 0xbf],
  ]) {
    expect(codePointIn(Uint8Array.from(bytes), 0, bytes.length)).toBe(-1);
  }
  const euro = Uint8Array.of(0xe2, 0x82, 0xac);
  expect([1, 2, 3].map((end) => codePointIn(euro, 0, end))).toEqual([-1, -1, 0x20ac]);
});

test("half of a pair of surrogates is noticed", () => {
  for (const x of ["\ud83d", "a\ude00", "\ude00\ud83d", "\ud83dx"]) expect(isBroken(x)).toBe(true);
  fc.assert(
    fc.property(text, (x) => {
      expect(isBroken(x)).toBe(false);
    }),
  );
});

test("texts are ordered as their bytes", () => {
  expect("\uffff" < "\u{10000}").toBe(false);
  expect(compareByCodePoint("\uffff", "\u{10000}")).toBeLessThan(0);
  fc.assert(
    fc.property(text, text, text, (start, a, b) => {
      const order = Buffer.compare(Buffer.from(start + a), Buffer.from(start + b));
      expect(Math.sign(compareByCodePoint(start + a, start + b))).toBe(order);
    }),
  );
});
