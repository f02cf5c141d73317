// Files for the tests: the committed ones, and ones put together by hand.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GradtapeError, type Tensor } from "gradtape";

/** What a fixture says of a tensor; infinities and NaN are text. */
export interface Wanted {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean | string)[];
}

export interface NpyCase extends Wanted {
  readonly file: string;
  /** encode gives these very bytes. */
  readonly written: boolean;
  readonly error?: string;
}

export interface SafetensorsCase {
  readonly file: string;
  readonly written: boolean;
  readonly tensors: Readonly<Record<string, Wanted>>;
  readonly metadata: Readonly<Record<string, string>>;
}

const fixtures = join(import.meta.dirname, "..", "fixtures");

export const readFixture = (folder: string, file: string): Uint8Array => readFileSync(join(fixtures, folder, file));

const casesOf = <T>(folder: string): readonly T[] =>
  JSON.parse(readFileSync(join(fixtures, folder, "cases.json"), "utf8")).cases;

export const npyCases = casesOf<NpyCase>("npy");
export const safetensorsCases = casesOf<SafetensorsCase>("safetensors");

/** A tensor in the words of the fixtures. */
export function told(x: Tensor): Wanted {
  const data = Array.from(x.data, (value) =>
    x.dtype === "bool" ? value === 1 : Number.isFinite(value) ? value : String(value),
  );
  return { dtype: x.dtype, shape: x.shape, data };
}

export const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A .npy file with any header. */
export function npyFile(header: string, data: Uint8Array = new Uint8Array(), major = 1): Uint8Array {
  const length = new Uint8Array(major === 1 ? 2 : 4);
  for (let i = 0; i < length.length; i++) length[i] = header.length >>> (8 * i);
  return joined(latin1(`\x93NUMPY${String.fromCharCode(major)}\0`), length, latin1(header), data);
}

/** The header that NumPy would write, without the blanks. */
export const dictionary = (descr: string, shape: readonly number[], fortranOrder = false): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortranOrder ? "True" : "False"}, 'shape': (${shape.map((size) => `${size},`).join(" ")}), }`;

/** A safetensors file with any header. */
export function safetensorsFile(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const bytes = new TextEncoder().encode(text);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return joined(length, bytes, data);
}

/** The same bytes at an odd place of a larger buffer. */
export function shifted(bytes: Uint8Array, by = 3): Uint8Array {
  const larger = new Uint8Array(bytes.length + by + 5).fill(0xab);
  larger.set(bytes, by);
  return larger.subarray(by, by + bytes.length);
}

/** The code of the error that a call throws, or undefined. Anything but an error of the library goes through. */
export function codeOf(call: () => unknown): string | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof GradtapeError) return error.code;
    throw error;
  }
  return undefined;
}
