import { describe } from "../base/errors";
import type { Scanner } from "./scanner";
import { codePointIn, utf8Length } from "./utf8";

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** How deep values may be nested that are skipped. */
const MAX_DEPTH = 100;
/** So many characters are put together at a time: one by one they would take many times the memory of the file. */
const CHUNK = 1024;

/** A string of JSON, which must come next. @internal */
export function readString(scanner: Scanner, wanted: string): string {
  scanner.expect('"', wanted);
  const { bytes, end } = scanner;
  let text = "";
  const points: number[] = [];
  while (scanner.at < end && bytes[scanner.at] !== QUOTE) {
    if (bytes[scanner.at] === BACKSLASH) points.push(readEscape(scanner));
    else {
      const point = codePointIn(bytes, scanner.at, end);
      if (point < 0x20) scanner.reject(point < 0 ? "UTF-8" : "an escape in place of a control character");
      points.push(point);
      scanner.at += utf8Length(point);
    }
    if (points.length === CHUNK) text += String.fromCodePoint(...points.splice(0));
  }
  if (scanner.at >= end) scanner.reject("the end of the string");
  scanner.at++;
  return text + String.fromCodePoint(...points);
}

/** The code point that a backslash and what is behind it stand for; two escapes where they are a pair of surrogates. */
function readEscape(scanner: Scanner): number {
  const start = scanner.at++;
  const letter = String.fromCharCode(scanner.bytes[scanner.at]);
  scanner.at++;
  if (letter === "u") {
    const unit = readUnit(scanner, start);
    if (unit < 0xd800 || unit >= 0xe000) return unit;
    const pair = unit < 0xdc00 && scanner.bytes[scanner.at] === BACKSLASH && scanner.bytes[scanner.at + 1] === 0x75;
    if (pair) {
      scanner.at += 2;
      const low = readUnit(scanner, start);
      if (low >= 0xdc00 && low < 0xe000) return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    return scanner.reject("a whole character", start, "half of a pair of surrogates");
  }
  if (scanner.at > scanner.end || !Object.hasOwn(ESCAPES, letter)) scanner.reject("an escape that JSON has", start);
  return ESCAPES[letter].charCodeAt(0);
}

/** Four hexadecimal digits. */
function readUnit(scanner: Scanner, start: number): number {
  let digits = "";
  for (let i = 0; i < 4 && scanner.at < scanner.end; i++) digits += String.fromCharCode(scanner.bytes[scanner.at++]);
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) scanner.reject("four hexadecimal digits behind \\u", start);
  return Number.parseInt(digits, 16);
}

/** The entries of an object: `visit` reads the value of each, in their order. A name that comes twice is refused. @internal */
export function readObject(scanner: Scanner, what: string, visit: (name: string, at: number) => void): void {
  const seen = new Set<string>();
  scanner.expect("{", `the "{" of ${what}`);
  if (scanner.take("}")) return;
  do {
    scanner.peek();
    const at = scanner.at;
    const name = readString(scanner, "a name in quotes");
    if (seen.has(name)) scanner.reject("another name", at, `${describe(name)} again`);
    seen.add(name);
    scanner.expect(":");
    visit(name, at);
  } while (scanner.take(","));
  scanner.expect("}", '"," or "}"');
}

/** Goes past a value of any kind. @internal */
export function skipValue(scanner: Scanner, depth = 0): void {
  if (depth > MAX_DEPTH) scanner.reject(`nesting of at most ${MAX_DEPTH}`);
  if (scanner.sees("{")) readObject(scanner, "an object", () => skipValue(scanner, depth + 1));
  else if (scanner.take("[")) {
    if (scanner.take("]")) return;
    do skipValue(scanner, depth + 1);
    while (scanner.take(","));
    scanner.expect("]", '"," or "]"');
  } else if (scanner.sees('"')) readString(scanner, "a string");
  else if (!scanner.takeWord("true") && !scanner.takeWord("false") && !scanner.takeWord("null")) skipNumber(scanner);
}

function skipNumber(scanner: Scanner): void {
  const digits = (): void => {
    const start = scanner.at;
    while (scanner.at < scanner.end && scanner.bytes[scanner.at] >= 0x30 && scanner.bytes[scanner.at] <= 0x39)
      scanner.at++;
    if (scanner.at === start) scanner.reject("a value");
  };
  const next = (characters: string): boolean => {
    const found = scanner.at < scanner.end && characters.includes(String.fromCharCode(scanner.bytes[scanner.at]));
    if (found) scanner.at++;
    return found;
  };
  scanner.take("-");
  if (!next("0")) digits();
  if (next(".")) digits();
  if (next("eE")) {
    next("+-");
    digits();
  }
}
