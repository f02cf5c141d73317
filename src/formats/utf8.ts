/** The first code points that need two, three and four bytes. */
const LEAST = [0, 0x80, 0x800, 0x10000];

/** How many bytes a code point takes. @internal */
export const utf8Length = (point: number): number => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);

/**
 * The code point whose bytes begin at `at`, or -1 where there is none: no UTF-8, longer than needed, or half a surrogate pair.
 *
 * Not TextDecoder, which says neither where the fault is nor is declared without the types of a platform.
 * @see F. Yergeau, "UTF-8, a transformation format of ISO 10646", RFC 3629 (2003).
 * @internal
 */
export function codePointIn(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at];
  if (lead < 0x80) return lead;
  const more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
  if (more === 0 || at + more >= end) return -1;
  let point = lead & (0x3f >> more);
  for (let i = 1; i <= more; i++) {
    const next = bytes[at + i];
    if ((next & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (next & 0x3f);
  }
  const surrogate = point >= 0xd800 && point < 0xe000;
  return point < LEAST[more] || point > 0x10ffff || surrogate ? -1 : point;
}

/** Whether text has half of a surrogate pair, which UTF-8 cannot hold. @internal */
export const isBroken = (text: string): boolean => /\p{Surrogate}/u.test(text);

/** Text as UTF-8; without halves of surrogate pairs. @internal */
export function encodeUtf8(text: string): Uint8Array {
  let length = 0;
  for (const character of text) length += utf8Length(character.codePointAt(0) ?? 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    const more = utf8Length(point) - 1;
    bytes[at++] = more === 0 ? point : ((0xf0 << (3 - more)) & 0xff) | (point >> (6 * more));
    for (let i = more - 1; i >= 0; i--) bytes[at++] = 0x80 | ((point >> (6 * i)) & 0x3f);
  }
  return bytes;
}

/**
 * The order of two texts by code points, which is the order of their bytes in UTF-8; that of `<` differs where surrogates meet
 * what lies behind them.
 * @internal
 */
export function compareByCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
