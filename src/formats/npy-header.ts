import type { Dtype } from "../base/dtype";
import { describe, fail } from "../base/errors";
import { LITTLE_ENDIAN, type Stored } from "./numbers";
import { Scanner } from "./scanner";

/** What the header of a .npy file says. @internal */
export interface NpyHeader {
  readonly stored: Stored;
  /** The dtype as the file calls it. */
  readonly descr: string;
  readonly littleEndian: boolean;
  /** The first axis runs fastest. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly start: number;
}

/** A header while it is read. */
interface Entries {
  descr?: string;
  fortranOrder?: boolean;
  shape?: readonly number[];
}

const WHERE = "npy.decode";
/** "\x93NUMPY" */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Magic and version. */
const FIXED = 8;
const STORED: Readonly<Record<string, Stored>> = {
  f8: "float64",
  f4: "float32",
  f2: "float16",
  b1: "bool",
  i1: "int8",
  u1: "uint8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  i8: "int64",
  u8: "uint64",
};
/** What else NumPy's dtypes hold, by their letter, and what to do instead. */
const OTHERS: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  c: ["complex numbers", "Save real and imaginary parts as two arrays: x.real and x.imag."],
  O: ["Python objects", 'They are pickled, and reading a pickle runs its code. Save numbers: x.astype("float64").'],
  V: ["records or raw bytes", "Save each field as an array of its own."],
  S: ["text", "Save numbers."],
  U: ["text", "Save numbers."],
  M: ["dates", 'Save numbers: (x - x[0]) / np.timedelta64(1, "s"), for instance.'],
  m: ["spans of time", 'Save numbers: x / np.timedelta64(1, "s"), for instance.'],
};
const READABLE = "Save it as float64, float32, float16, an integer of 8 to 64 bits or bool.";

/** What to do about a file that is damaged, and about one that ends too early. @internal */
export const DAMAGED = "The file may be damaged: write it again with np.save.";
/** @internal */
export const INCOMPLETE = "The file may be incomplete: copy or download it again.";

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

function truncated(size: number, wanted: number, what: string): never {
  return fail(
    "npy/truncated",
    `${WHERE}: the file ends at byte ${size}, before the end of its ${what} at byte ${wanted}.`,
    { size, wanted },
    INCOMPLETE,
  );
}

/** Reads and checks everything in front of the elements. @internal */
export function readHeader(bytes: Uint8Array): NpyHeader {
  const first = bytes.subarray(0, MAGIC.length);
  if (first.some((byte, i) => byte !== MAGIC[i])) {
    fail(
      "npy/magic",
      `${WHERE}: a .npy file must begin with the bytes ${hex(Uint8Array.from(MAGIC))}, got ${hex(first)}.`,
      { received: [...first], wanted: MAGIC },
      hex(first).startsWith("50 4b")
        ? "This is a zip archive, .npz perhaps: unpack it, and decode what is in it."
        : "Write the file with np.save(path, x).",
    );
  }
  if (bytes.length < FIXED) truncated(bytes.length, FIXED, "magic and version");
  const [major, minor] = [bytes[6], bytes[7]];
  if (major < 1 || major > 3 || minor !== 0) {
    fail(
      "npy/version",
      `${WHERE}: the version of the format must be 1.0, 2.0 or 3.0, but bytes 6 and 7 say ${major}.${minor}.`,
      { major, minor },
      DAMAGED,
    );
  }
  const begin = FIXED + (major === 1 ? 2 : 4);
  if (bytes.length < begin) truncated(bytes.length, begin, "header length");
  const view = new DataView(bytes.buffer, bytes.byteOffset, begin);
  const start = begin + (major === 1 ? view.getUint16(FIXED, true) : view.getUint32(FIXED, true));
  if (bytes.length < start) truncated(bytes.length, start, "header");
  return readDictionary(bytes, begin, start, major < 3);
}

/** The dictionary: a literal of Python, `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }` and blanks. */
function readDictionary(bytes: Uint8Array, begin: number, start: number, python2: boolean): NpyHeader {
  const scanner = new Scanner(bytes, begin, start, (sentence, facts) =>
    fail("npy/header", `${WHERE}: ${sentence}`, facts, "Write the file again with np.save."),
  );
  const entries: Entries = {};
  let described = begin;
  scanner.expect("{");
  while (!scanner.take("}")) {
    scanner.peek();
    const at = scanner.at;
    const key = readText(scanner, "a key in quotes");
    scanner.expect(":");
    scanner.peek();
    if (key === "descr" && entries.descr === undefined) {
      described = scanner.at;
      entries.descr = readDescr(scanner);
    } else if (key === "fortran_order" && entries.fortranOrder === undefined) {
      entries.fortranOrder = readFlag(scanner);
    } else if (key === "shape" && entries.shape === undefined) entries.shape = readShape(scanner, python2);
    else scanner.reject("one of 'descr', 'fortran_order' and 'shape', each once,", at, `the key ${describe(key)}`);
    if (!scanner.sees("}")) scanner.expect(",", '"," or "}"');
  }
  const { descr, fortranOrder, shape } = entries;
  const closed = scanner.at - 1;
  if (descr === undefined) return scanner.reject("'descr'", closed);
  if (fortranOrder === undefined) return scanner.reject("'fortran_order'", closed);
  if (shape === undefined) return scanner.reject("'shape'", closed);
  if (scanner.peek() >= 0) scanner.reject("nothing but blanks behind the dictionary");
  return { ...kindOf(descr, described), descr, fortranOrder, shape, start };
}

/** Text in quotes of either kind, without escapes: no dtype that is read here has any. */
function readText(scanner: Scanner, wanted: string): string {
  const quote = scanner.take("'") ? "'" : '"';
  if (quote === '"') scanner.expect('"', wanted);
  let text = "";
  while (scanner.at < scanner.end) {
    const character = String.fromCharCode(scanner.bytes[scanner.at]);
    if (character === "\\" || character === "\n") break;
    scanner.at++;
    if (character === quote) return text;
    text += character;
  }
  return scanner.reject(`the end of the text, ${quote},`);
}

function readDescr(scanner: Scanner): string {
  if (scanner.sees("[") || scanner.sees("(")) unreadable("a structured dtype", scanner.at, "V");
  return readText(scanner, "a dtype in quotes");
}

function readFlag(scanner: Scanner): boolean {
  if (scanner.takeWord("True")) return true;
  if (scanner.takeWord("False")) return false;
  return scanner.reject("True or False");
}

/** A tuple: `()`, `(3,)`, `(2, 3)`. Python 2 wrote long integers as `3L`. */
function readShape(scanner: Scanner, python2: boolean): readonly number[] {
  const shape: number[] = [];
  scanner.expect("(", 'the "(" of a tuple of sizes');
  while (!scanner.take(")")) {
    shape.push(scanner.integer("a size, an integer >= 0,"));
    if (python2 && scanner.bytes[scanner.at] === 0x4c && scanner.at < scanner.end) scanner.at++;
    if (shape.length > 1 && scanner.sees(")")) continue;
    scanner.expect(",", shape.length > 1 ? '"," or ")"' : '"," as in (3,)');
  }
  return shape;
}

/** What NumPy calls '<f8': order of the bytes, kind, width. */
function kindOf(descr: string, at: number): { readonly stored: Stored; readonly littleEndian: boolean } {
  const [, order, type] = /^([<>=|]?)([a-zA-Z]\d+)$/.exec(descr) ?? [];
  const stored = type !== undefined && Object.hasOwn(STORED, type) ? STORED[type] : undefined;
  if (stored === undefined) return unreadable(describe(descr), at, descr.replace(/^[<>=|]/, "").charAt(0));
  return { stored, littleEndian: order === "<" || (order !== ">" && LITTLE_ENDIAN) };
}

function unreadable(dtype: string, at: number, letter: string): never {
  const [what, hint] = Object.hasOwn(OTHERS, letter) ? OTHERS[letter] : ["", READABLE];
  return fail(
    "npy/dtype",
    `${WHERE}: the dtype at byte ${at} is ${dtype}${what === "" ? "" : `, ${what}`}, which no tensor holds.`,
    { dtype, at },
    hint,
  );
}

const DESCR: Readonly<Record<Dtype, string>> = { float64: "<f8", float32: "<f4", int32: "<i4", bool: "|b1" };
/** Elements begin at a multiple of this, so that a mapped file can be used as it is. */
const ALIGNMENT = 64;
/** So much room NumPy leaves for the first size, in digits: then an array that grows can be appended to. */
const GROWTH = 21;

/**
 * Everything in front of the elements, byte for byte as NumPy writes it.
 * @see numpy/lib/format.py, `_write_array_header` and `_wrap_header`.
 * @internal
 */
export function makeHeader(dtype: Dtype, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const room = shape.length === 0 ? 0 : GROWTH - String(shape[0]).length;
  const text = `{'descr': '${DESCR[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }${" ".repeat(room)}`;
  const total = (begin: number): number => {
    const used = begin + text.length + 1;
    return used + ALIGNMENT - (used % ALIGNMENT);
  };
  const major = total(FIXED + 2) - (FIXED + 2) <= 0xffff ? 1 : 2;
  const begin = FIXED + 2 * major;
  const bytes = new Uint8Array(total(begin)).fill(0x20);
  bytes.set(MAGIC);
  bytes[6] = major;
  bytes[7] = 0;
  const view = new DataView(bytes.buffer);
  if (major === 1) view.setUint16(FIXED, bytes.length - begin, true);
  else view.setUint32(FIXED, bytes.length - begin, true);
  for (let i = 0; i < text.length; i++) bytes[begin + i] = text.charCodeAt(i);
  bytes[bytes.length - 1] = 0x0a;
  return bytes;
}
