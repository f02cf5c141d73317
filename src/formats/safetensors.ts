/**
 * safetensors: many tensors with names in one file, and text about them. Bytes in, bytes out.
 *
 * @module
 */

import type { Dtype } from "../base/dtype";
import { describe, fail } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkOptions } from "../base/options";
import { makeTensor } from "../core/tensor/handle";
import type { Tensor } from "../core/tensor/tensor";
import { isTensor } from "../core/tensor/tensor-argument";
import { checkBytes, checkReadable, type Readable } from "./arguments";
import { dtypeFor, readNumbers, WIDTHS, writeNumbers } from "./numbers";
import { type Entry, emptyRecord, LENGTH_BYTES, MAX_HEADER, METADATA, readHeader } from "./safetensors-header";
import { compareByCodePoint, encodeUtf8, isBroken } from "./utf8";

const DECODE = "safetensors.decode";
const ENCODE = "safetensors.encode";

/**
 * The tensors of a safetensors file, by name, and its metadata.
 *
 * Shape: as in the file. Dtype: F64, F32, I32 and BOOL stay; F16 and BF16 give float32; I8, U8, I16 and U16 give int32;
 * so do I64, U64 and U32, whose elements must fit. Every element is exactly that of the file. The bytes are copied, and
 * may stand anywhere in a larger buffer.
 *
 * Names come in the order of the file's header. Both results are objects without a prototype: a name is only a name, even
 * `"__proto__"`, and a name that is not there is undefined, even `"constructor"`. Both are empty where the file has nothing.
 * A model's tensors are a tree of parameters as they are: `grad(f)(tensors)`.
 *
 * Files need not be trusted: nothing in them is run, and everything is checked before memory is taken, as the reference
 * implementation does: a header of at most 100 MB, valid JSON in UTF-8, no name twice, offsets that fit shapes and dtypes,
 * every byte of the rest in exactly one tensor. Whatever is wrong gives one of these errors.
 *
 * @param bytes - the contents of the file: a Uint8Array, so also Node's Buffer; an ArrayBuffer does as well
 * @returns `tensors` without history, by name, and `metadata`, text by name
 * @throws GradtapeError `safetensors/header` where the header does not read as it should; `safetensors/dtype` for an 8-bit
 * float or another that no tensor holds; `safetensors/shape` for a shape that nothing can hold; `safetensors/offsets` where
 * they do not fit a shape; `safetensors/overlap`, `safetensors/hole` and `safetensors/truncated` where bytes belong to two
 * tensors, to none, or are not there; `safetensors/value` for an integer that int32 does not hold, or a bool that is neither
 * 0 nor 1; `argument/bytes`
 * @example
 * ```ts
 * import { safetensors, tensor } from "gradtape";
 * const bytes = safetensors.encode({ w: tensor([[1, 2]]), b: tensor([3]) }, { metadata: { step: "10" } });
 * const { tensors, metadata } = safetensors.decode(bytes);
 * tensors.w; // => [[1, 2]]
 * metadata.step; // => "10"
 * safetensors.decode(bytes.subarray(0, 150)); // => throws [safetensors/truncated]
 * ```
 * @see https://github.com/huggingface/safetensors, "Format" and `tensor.rs`.
 */
export function decode(bytes: Uint8Array): {
  /** By name, in the order of the header. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Text by name; empty where the file has none. */
  readonly metadata: Readonly<Record<string, string>>;
} {
  refuseExtra("safetensors.decode", "bytes", 1, arguments);
  const file = checkBytes(DECODE, bytes);
  const { entries, metadata, start } = readHeader(file);
  const tensors = emptyRecord<Tensor>();
  for (const entry of entries) tensors[entry.name] = read(file, start, entry);
  return { tensors, metadata };
}

function read(bytes: Uint8Array, start: number, { name, stored, shape, begin, end }: Entry): Tensor {
  const width = WIDTHS[stored];
  const place = { bytes, at: start + begin, count: (end - begin) / width, stored, littleEndian: true };
  const data = readNumbers(place, (value, position) => {
    const at = place.at + position * width;
    return fail(
      "safetensors/value",
      `${DECODE}: the ${stored} ${value} at position ${position} of tensor ${describe(name)} (byte ${at}) ${stored === "bool" ? "is neither 0 nor 1" : "does not fit into int32"}.`,
      { name, value, position, at },
      stored === "bool"
        ? "Convert it where it was made: BOOL has bytes 0 and 1 only."
        : "int32 holds -2147483648 to 2147483647; F64 keeps integers up to 2^53.",
    );
  });
  return makeTensor(shape, dtypeFor(stored), data);
}

/** In the order in which tensors are written: wide elements first, so that all of them are aligned. */
const WRITTEN: readonly Dtype[] = ["float64", "float32", "int32", "bool"];
const NAMES: Readonly<Record<Dtype, string>> = { float64: "F64", float32: "F32", int32: "I32", bool: "BOOL" };

/**
 * Tensors with names as a safetensors file: byte for byte what the reference implementation writes.
 *
 * Shapes and dtypes: as they are (F64, F32, I32, BOOL). Tensors are sorted by dtype, the widest first, then by name;
 * the header is filled up with blanks to a multiple of 8 bytes: so all elements are aligned. Metadata come first, in
 * their order; empty ones are left out.
 *
 * The elements of tracked tensors are written, their history is not. Names are flat: a tree of parameters is written as
 * `Object.fromEntries(tree.leaves(params).map(({ path, value }) => [path, value]))`, where no leaf is a plain number.
 *
 * @param tensors - a plain object of tensors, by name
 * @param options - metadata: a plain object of strings, default none
 * @returns the contents of the file
 * @throws GradtapeError `argument/tensor` for what is no tensor; `safetensors/name` for "__metadata__", or a name that is no
 * valid Unicode; `safetensors/metadata` for what is no string; `safetensors/header` when names and metadata take more than
 * the 100 MB that are read; `trace/value` for a symbolic tensor; `option/unknown`
 * @example
 * ```ts
 * import { safetensors, tensor } from "gradtape";
 * const bytes = safetensors.encode({ w: tensor([1, 2]) });
 * bytes.length; // => 80
 * String.fromCharCode(...bytes.subarray(8, 60)); // => '{"w":{"dtype":"F64","shape":[2],"data_offsets":[0,16'
 * safetensors.encode({ w: tensor([1, 2]) }, { metadata: { format: "pt" } }).length; // => 112
 * ```
 * @see https://github.com/huggingface/safetensors, "Format" and `tensor.rs`.
 */
export function encode(
  tensors: Readonly<Record<string, Tensor>>,
  options?: {
    /** Text about the tensors, such as `{ format: "pt" }`. */
    readonly metadata?: Readonly<Record<string, string>> | undefined;
  },
): Uint8Array {
  refuseExtra("safetensors.encode", "tensors, options", 2, arguments);
  const rows = checkTensors(tensors);
  checkOptions(ENCODE, options, ["metadata"]);
  const parts = metadataParts(options?.metadata);
  let end = 0;
  for (const [name, { dtype, shape, data }] of rows) {
    const offsets = `[${end},${end + data.byteLength}]`;
    parts.push(`${JSON.stringify(name)}:{"dtype":"${NAMES[dtype]}","shape":[${shape}],"data_offsets":${offsets}}`);
    end += data.byteLength;
  }
  const header = encodeUtf8(`{${parts.join(",")}}`);
  const length = Math.ceil(header.length / LENGTH_BYTES) * LENGTH_BYTES;
  if (length > MAX_HEADER) {
    fail(
      "safetensors/header",
      `${ENCODE}: names and metadata take ${length} bytes, but must not take more than ${MAX_HEADER}.`,
      { length, max: MAX_HEADER },
      "Shorten the metadata, or write several files.",
    );
  }
  const bytes = new Uint8Array(LENGTH_BYTES + length + end);
  new DataView(bytes.buffer).setUint32(0, length, true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + length).set(header, LENGTH_BYTES);
  let at = LENGTH_BYTES + length;
  for (const [, { data }] of rows) {
    writeNumbers(bytes, at, data);
    at += data.byteLength;
  }
  return bytes;
}

/** An object literal, of this realm or another, or one without a prototype. */
function isPlainObject(x: unknown): x is Readonly<Record<string, unknown>> {
  if (typeof x !== "object" || x === null) return false;
  const prototype: unknown = Object.getPrototypeOf(x);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

const FLAT =
  "Names are flat: Object.fromEntries(tree.leaves(params).map(({ path, value }) => [path, value])) has the paths of a tree.";

/** Names and tensors in the order in which they are written. */
function checkTensors(tensors: unknown): [string, Readable][] {
  if (!isPlainObject(tensors)) {
    return fail(
      "argument/tensor",
      `${ENCODE}: tensors must be a plain object of tensors by name, got ${describe(tensors)}.`,
      { received: tensors },
      tensors instanceof Map
        ? "Object.fromEntries(map) makes one."
        : isTensor(tensors)
          ? "Give it a name: { x }."
          : "Give every tensor a name: { w, b }.",
    );
  }
  const rows = Object.keys(tensors).map((name): [string, Readable] => {
    if (name === METADATA || isBroken(name)) {
      fail("safetensors/name", `${ENCODE}: no tensor can have the name ${describe(name)}.`, { name }, nameHint(name));
    }
    return [name, checkReadable(ENCODE, `tensors[${describe(name)}]`, tensors[name], FLAT)];
  });
  return rows.sort(([a, x], [b, y]) => WRITTEN.indexOf(x.dtype) - WRITTEN.indexOf(y.dtype) || compareByCodePoint(a, b));
}

const nameHint = (name: string): string =>
  name === METADATA
    ? "The file keeps its metadata there: use the option metadata."
    : "It has half of a pair of surrogates, which UTF-8 cannot encode.";

/** The entry of the metadata, if there are any. */
function metadataParts(metadata: unknown): string[] {
  if (metadata === undefined || metadata === null) return [];
  if (!isPlainObject(metadata)) {
    return fail(
      "safetensors/metadata",
      `${ENCODE}: metadata must be a plain object of strings, got ${describe(metadata)}.`,
      { received: metadata },
      "Write { name: text }.",
    );
  }
  const pairs = Object.entries(metadata).map(([name, text]) => {
    if (typeof text !== "string" || isBroken(name) || isBroken(text)) {
      fail(
        "safetensors/metadata",
        `${ENCODE}: metadata[${describe(name)}] must be a string of valid Unicode, got ${describe(text)}.`,
        { name, received: text },
        typeof text === "string"
          ? "The name or the text has half of a pair of surrogates, which UTF-8 cannot encode."
          : "JSON.stringify(...) makes one.",
      );
    }
    return `${JSON.stringify(name)}:${JSON.stringify(text)}`;
  });
  return pairs.length === 0 ? [] : [`"${METADATA}":{${pairs.join(",")}}`];
}
