/*
 * Just enough of the binary format of WebAssembly to write a kernel by hand: modules of one memory and some functions of
 * 32-bit integers, with loops and vectors of two doubles. The library itself holds kernels as they come out of it, which is
 * shorter; tests hold those to what is written here.
 * See https://webassembly.github.io/spec/core/binary and https://github.com/WebAssembly/simd (the numbers of instructions).
 */

/** Bytes of code, nested as it was put together. */
export type Code = readonly (number | Code)[];

const flatten = (code: Code): number[] => code.flatMap((part) => (typeof part === "number" ? [part] : flatten(part)));

/** An unsigned integer in groups of 7 bits. */
function unsigned(x: number): number[] {
  const bytes: number[] = [];
  let rest = x;
  do {
    const group = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? group + 128 : group);
  } while (rest > 0);
  return bytes;
}

/** A signed integer in groups of 7 bits, from -64 to 63 or larger. */
function signed(x: number): number[] {
  const bytes: number[] = [];
  let rest = x;
  for (;;) {
    const group = rest & 127;
    rest >>= 7;
    if ((rest === 0 && (group & 64) === 0) || (rest === -1 && (group & 64) !== 0)) return [...bytes, group];
    bytes.push(group + 128);
  }
}

const I32 = 0x7f;
const V128 = 0x7b;
const NOTHING = 0x40;
const vector = (instruction: number): number[] => [0xfd, ...unsigned(instruction)];

export const localGet = (local: number): Code => [0x20, local];
export const localSet = (local: number, value: Code): Code => [value, 0x21, local];
export const integer = (x: number): Code => [0x41, signed(x)];
export const add = (a: Code, b: Code): Code => [a, b, 0x6a];
export const multiply = (a: Code, b: Code): Code => [a, b, 0x6c];
export const shiftLeft = (a: Code, bits: number): Code => [a, integer(bits), 0x74];
export const localAdd = (local: number, by: Code): Code => localSet(local, add(localGet(local), by));
/** Runs the body once, and again as long as a < b (unsigned). */
export const loopWhileLess = (a: Code, b: Code, body: Code): Code => [0x03, NOTHING, body, a, b, 0x49, 0x0d, 0, 0x0b];
/** Runs the body if an integer is not 0. */
export const ifTrue = (condition: Code, body: Code): Code => [condition, 0x04, NOTHING, body, 0x0b];

/** An integer from memory. */
export const loadInteger = (address: Code, offset: number): Code => [address, 0x28, 0, unsigned(offset)];
/** Two doubles from memory. */
export const load = (address: Code, offset: number): Code => [address, vector(0x00), 0, unsigned(offset)];
/** One double from memory, twice. */
export const loadTwice = (address: Code, offset: number): Code => [address, vector(0x0a), 0, unsigned(offset)];
export const store = (address: Code, offset: number, value: Code): Code => [
  address,
  value,
  vector(0x0b),
  0,
  unsigned(offset),
];
/** A vector with one of its doubles, the first (0) or the second (1), read from memory. */
export const loadLane = (address: Code, value: Code, lane: 0 | 1): Code => [address, value, vector(0x57), 0, 0, lane];
/** Stores one of the two doubles of a vector. */
export const storeLane = (address: Code, value: Code, lane: 0 | 1): Code => [address, value, vector(0x5b), 0, 0, lane];
/** A vector of 16 given bytes. */
export const constant = (numbers: Float64Array | Int32Array): Code => [vector(0x0c), ...new Uint8Array(numbers.buffer)];
export const zeros = (): Code => [vector(0x0c), new Array<number>(16).fill(0)];
export const addVectors = (a: Code, b: Code): Code => [a, b, vector(0xf0)];
export const subtractVectors = (a: Code, b: Code): Code => [a, b, vector(0xf1)];
export const multiplyVectors = (a: Code, b: Code): Code => [a, b, vector(0xf2)];
export const divideVectors = (a: Code, b: Code): Code => [a, b, vector(0xf3)];
/** b where a < b, else a: NaN in a stays, NaN in b is passed over. */
export const greaterOf = (a: Code, b: Code): Code => [a, b, vector(0xf7)];
/** The same for four floats. */
export const greaterOfFloats = (a: Code, b: Code): Code => [a, b, vector(0xeb)];
/** The two doubles of a vector in the other order. */
export const swapped = (a: Code): Code => [a, a, vector(0x0d), ...Array.from({ length: 16 }, (_, i) => (i + 8) % 16)];
/** The first two floats of a vector as doubles, and back. */
export const widened = (a: Code): Code => [a, vector(0x5f)];
export const narrowed = (a: Code): Code => [a, vector(0x5e)];
/** Eight bytes from memory, then zeros. */
export const loadHalf = (address: Code, offset: number): Code => [address, vector(0x5d), 0, unsigned(offset)];
/** The bits of two integers of 64 bits. */
export const bitsOfBoth = (a: Code, b: Code): Code => [a, b, vector(0x4e)];
export const shiftBoth = (a: Code, bits: number): Code => [a, integer(bits), vector(0xcb)];
export const addIntegers = (a: Code, b: Code): Code => [a, b, vector(0xce)];
/** One of four integers of 32 bits. */
export const integerOf = (a: Code, lane: number): Code => [a, vector(0x1b), lane];

/** A function without a result: its number of parameters, of further integers, of vectors, and what it does. */
export interface WasmFunction {
  readonly parameters: number;
  readonly integers: number;
  readonly vectors: number;
  readonly body: Code;
}

const list = (items: readonly Code[]): Code => [unsigned(items.length), items];
const sized = (code: Code): Code => {
  const bytes = flatten(code);
  return [unsigned(bytes.length), bytes];
};
const section = (id: number, content: Code): Code => [id, sized(content)];
const text = (name: string): Code => sized([...name].map((c) => c.charCodeAt(0)));

/** A module with one memory that grows, exported as "memory", and one function, exported as "run". */
export function moduleOf({ parameters, integers, vectors, body }: WasmFunction): Uint8Array {
  const locals = list([
    [unsigned(integers), I32],
    [unsigned(vectors), V128],
  ]);
  return Uint8Array.from(
    flatten([
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, list([[0x60, list(new Array<Code>(parameters).fill([I32])), 0]])),
      section(3, list([[0]])),
      section(5, list([[0, 1]])),
      section(
        7,
        list([
          [text("memory"), 2, 0],
          [text("run"), 0, 0],
        ]),
      ),
      section(10, list([sized([locals, body, 0x0b])])),
    ]),
  );
}
