import { describe, fail } from "../base/errors";
import { readObject, readString, skipValue } from "./json-text";
import { countOf, type Stored, shapeText, WIDTHS } from "./numbers";
import { Scanner } from "./scanner";

/** One tensor of a file, as its header has it. @internal */
export interface Entry {
  readonly name: string;
  readonly stored: Stored;
  readonly shape: readonly number[];
  /** Where its bytes begin and end, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/** What the header of a safetensors file says. @internal */
export interface SafetensorsHeader {
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the header ends. */
  readonly start: number;
}

const WHERE = "safetensors.decode";
/** Bytes of the length of the header. @internal */
export const LENGTH_BYTES = 8;
/** The name under which the header keeps text instead of a tensor. @internal */
export const METADATA = "__metadata__";
/** What the reference implementation reads at most. @internal */
export const MAX_HEADER = 100_000_000;

const STORED: Readonly<Record<string, Stored>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U64: "uint64",
  U32: "uint32",
  U16: "uint16",
  U8: "uint8",
  BOOL: "bool",
};

/**
 * Reads and checks everything in front of the elements, and that they are there: every byte behind the header belongs
 * to exactly one tensor. Entries come in the order of the header.
 * @internal
 */
export function readHeader(bytes: Uint8Array): SafetensorsHeader {
  const start = LENGTH_BYTES + headerLength(bytes);
  const scanner = new Scanner(bytes, LENGTH_BYTES, start, (sentence, facts) =>
    fail("safetensors/header", `${WHERE}: ${sentence}`, facts, AGAIN),
  );
  if (start === LENGTH_BYTES || bytes[LENGTH_BYTES] !== 0x7b) scanner.reject('the "{" of a JSON object');
  const entries: Entry[] = [];
  let metadata = emptyRecord<string>();
  readObject(scanner, "a JSON object", (name, at) => {
    if (name === METADATA) metadata = readMetadata(scanner);
    else entries.push(readEntry(scanner, name, at));
  });
  if (scanner.peek() >= 0) scanner.reject("nothing but blanks behind the JSON object");
  checkCover(entries, start, bytes.length);
  return { entries, metadata, start };
}

const AGAIN = "The header is wrong: write the file again.";
const INCOMPLETE = "The file may be incomplete: copy or download it again.";

/** An object in which every name is only a name, "__proto__" and "constructor" too. @internal */
export const emptyRecord = <T>(): Record<string, T> => Object.create(null);

function headerLength(bytes: Uint8Array): number {
  const size = bytes.length;
  if (size < LENGTH_BYTES) {
    fail(
      "safetensors/truncated",
      `${WHERE}: the file ends at byte ${size}, before the end of its header length at byte ${LENGTH_BYTES}.`,
      { size, wanted: LENGTH_BYTES },
      INCOMPLETE,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES);
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (length > MAX_HEADER) {
    fail(
      "safetensors/header",
      `${WHERE}: the first 8 bytes say that the header takes ${length} bytes, but it must not take more than ${MAX_HEADER}.`,
      { length, max: MAX_HEADER },
      bytes[0] === 0x50 && bytes[1] === 0x4b
        ? "This is a zip archive, as torch.save writes it: save with safetensors.torch.save_file."
        : "This is most likely not a safetensors file.",
    );
  }
  if (LENGTH_BYTES + length > size) {
    fail(
      "safetensors/truncated",
      `${WHERE}: the file ends at byte ${size}, before the end of its header at byte ${LENGTH_BYTES + length}.`,
      { size, wanted: LENGTH_BYTES + length },
      INCOMPLETE,
    );
  }
  return length;
}

function readMetadata(scanner: Scanner): Record<string, string> {
  const metadata = emptyRecord<string>();
  if (scanner.takeWord("null")) return metadata;
  readObject(scanner, `the object ${METADATA}`, (name) => {
    metadata[name] = readString(scanner, "a string, as all values of __metadata__ are,");
  });
  return metadata;
}

/** One tensor. What else stands in its entry is passed over, as the reference implementation does. */
function readEntry(scanner: Scanner, name: string, at: number): Entry {
  let [dtype, typeAt]: [string | undefined, number] = [undefined, at];
  let shape: readonly number[] | undefined;
  let offsets: readonly number[] | undefined;
  readObject(scanner, `the entry of tensor ${describe(name)}`, (field) => {
    scanner.peek();
    if (field === "dtype") {
      typeAt = scanner.at;
      dtype = readString(scanner, "a dtype in quotes");
    } else if (field === "shape") shape = readIntegers(scanner, "a size, an integer >= 0,");
    else if (field === "data_offsets") {
      const first = scanner.at;
      offsets = readIntegers(scanner, "an offset, an integer >= 0,");
      if (offsets.length !== 2) scanner.reject("a pair", first, `${offsets.length} data_offsets`);
    } else skipValue(scanner);
  });
  const without = `tensor ${describe(name)} without `;
  if (dtype === undefined) return scanner.reject("one with it", at, `${without}dtype`);
  if (shape === undefined) return scanner.reject("one with it", at, `${without}shape`);
  if (offsets === undefined) return scanner.reject("one with them", at, `${without}data_offsets`);
  return checkEntry(name, storedAs(name, dtype, typeAt), shape, offsets, at);
}

/** Integers in brackets. */
function readIntegers(scanner: Scanner, wanted: string): readonly number[] {
  const found: number[] = [];
  scanner.expect("[");
  if (scanner.take("]")) return found;
  do found.push(scanner.integer(wanted));
  while (scanner.take(","));
  scanner.expect("]", '"," or "]"');
  return found;
}

function storedAs(name: string, dtype: string, at: number): Stored {
  if (Object.hasOwn(STORED, dtype)) return STORED[dtype];
  return fail(
    "safetensors/dtype",
    `${WHERE}: tensor ${describe(name)} has the dtype ${describe(dtype)} at byte ${at}, which no tensor holds.`,
    { name, dtype, at },
    `Convert it where it was made; known dtypes: ${Object.keys(STORED).join(", ")}.`,
  );
}

/** The offsets of one tensor must fit its shape and dtype. */
function checkEntry(
  name: string,
  stored: Stored,
  shape: readonly number[],
  [begin, end]: readonly number[],
  at: number,
): Entry {
  const count = countOf(shape);
  const facts = { name, shape, begin, end, at };
  const tensor = `tensor ${describe(name)} at byte ${at}`;
  if (Number.isNaN(count)) {
    fail(
      "safetensors/shape",
      `${WHERE}: the sizes of ${tensor}, ${shapeText(shape)}, those of 0 left aside, multiply to more than 2^53.`,
      facts,
      AGAIN,
    );
  }
  if (end - begin !== count * WIDTHS[stored]) {
    fail(
      "safetensors/offsets",
      `${WHERE}: ${tensor} has data_offsets ${begin} to ${end}, but ${shapeText(shape)} of ${stored} takes ${count * WIDTHS[stored]} bytes.`,
      { ...facts, wanted: count * WIDTHS[stored] },
      AGAIN,
    );
  }
  return { name, stored, shape, begin, end };
}

/** No byte may belong to two tensors or to none, nor lie behind the end of the file. */
function checkCover(entries: readonly Entry[], start: number, size: number): void {
  const sorted = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  let before = "the header";
  for (const { name, begin, end } of sorted) {
    const tensor = `tensor ${describe(name)}`;
    const facts = { name, begin, end, covered, size: size - start };
    if (begin < covered) {
      fail(
        "safetensors/overlap",
        `${WHERE}: ${tensor} begins at offset ${begin}, but ${before} ends at ${covered}.`,
        facts,
        AGAIN,
      );
    }
    if (begin > covered) hole(`${tensor} begins at offset ${begin}, but ${before} ends at ${covered}`, facts);
    if (end > size - start) {
      fail(
        "safetensors/truncated",
        `${WHERE}: ${tensor} goes to offset ${end}, byte ${start + end}, but the file ends at byte ${size}.`,
        facts,
        INCOMPLETE,
      );
    }
    covered = end;
    before = tensor;
  }
  if (covered < size - start) {
    hole(`${before} ends at offset ${covered}, byte ${start + covered}, but the file goes on to byte ${size}`, {
      covered,
      size: size - start,
    });
  }
}

function hole(what: string, facts: Readonly<Record<string, unknown>>): never {
  return fail(
    "safetensors/hole",
    `${WHERE}: ${what}.`,
    facts,
    "Every byte must belong to a tensor: write the file again.",
  );
}
