import { allocate } from "../base/allocate";
import type { Dtype, TensorData } from "../base/dtype";
import { list } from "../base/errors";

/** The kinds of elements that files hold and tensors can. @internal */
export type Stored =
  | Dtype
  | "float16"
  | "bfloat16"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "uint32"
  | "int64"
  | "uint64";

/** Where elements stand in a file, and as what. @internal */
export interface Place {
  readonly bytes: Uint8Array;
  /** Where the first of them begins; at no particular multiple of anything. */
  readonly at: number;
  readonly count: number;
  readonly stored: Stored;
  readonly littleEndian: boolean;
}

/** Bytes of one element in a file. @internal */
export const WIDTHS: Readonly<Record<Stored, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
};

/**
 * The dtype that holds the elements of a file exactly; 64-bit and unsigned 32-bit integers as far as they go. @internal
 */
export const dtypeFor = (stored: Stored): Dtype =>
  stored === "float64" || stored === "float32" || stored === "bool"
    ? stored
    : stored === "float16" || stored === "bfloat16"
      ? "float32"
      : "int32";

/** Whether this machine keeps the low byte first, as all that JavaScript usually runs on do. @internal */
export const LITTLE_ENDIAN = /* @__PURE__ */ isLittleEndian();

function isLittleEndian(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}

/**
 * How many elements a shape holds; NaN where the sizes multiply to more than 2^53, those of 0 left aside: no memory
 * could hold such a shape with a 1 in place of the 0.
 * @internal
 */
export function countOf(shape: readonly number[]): number {
  let product = 1;
  let empty = false;
  for (const size of shape) {
    if (size === 0) empty = true;
    else product *= size;
  }
  return product > Number.MAX_SAFE_INTEGER ? Number.NaN : empty ? 0 : product;
}

/** A shape as it reads in errors, however many axes a file gives it. @internal */
export const shapeText = (shape: readonly number[]): string =>
  shape.length > 32 ? `a shape of ${shape.length} axes` : `shape ${list(shape)}`;

/**
 * The elements of a file, copied. `refuse` is told of one that the tensor's dtype does not hold. The caller has seen to
 * it that the bytes are there.
 * @internal
 */
export function readNumbers(place: Place, refuse: (value: number | bigint, position: number) => never): TensorData {
  const { bytes, at, count, stored, littleEndian } = place;
  const out = allocate(dtypeFor(stored), count);
  if (stored === "float16" || stored === "bfloat16") {
    widenFloats(new Int32Array(out.buffer, out.byteOffset, count), place);
    if (stored === "float16") for (let i = 0; i < count; i++) out[i] *= 2 ** 112;
  } else if (stored === dtypeFor(stored)) {
    const raw = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
    raw.set(bytes.subarray(at, at + raw.length));
    if (littleEndian !== LITTLE_ENDIAN) reverseEach(raw, WIDTHS[stored]);
    if (stored === "bool") for (let i = 0; i < count; i++) if (raw[i] > 1) refuse(raw[i], i);
  } else if (WIDTHS[stored] < 4) widenIntegers(out, place);
  else narrowIntegers(out, place, refuse);
  return out;
}

/** Writes the elements of a tensor, low byte first. @internal */
export function writeNumbers(bytes: Uint8Array, at: number, data: TensorData): void {
  const raw = bytes.subarray(at, at + data.byteLength);
  raw.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (!LITTLE_ENDIAN) reverseEach(raw, data.BYTES_PER_ELEMENT);
}

/** Reverses the bytes of each element, in place. */
function reverseEach(raw: Uint8Array, width: number): void {
  for (let start = 0; start < raw.length; start += width) {
    for (let i = start, j = start + width - 1; i < j; i++, j--) {
      const byte = raw[i];
      raw[i] = raw[j];
      raw[j] = byte;
    }
  }
}

const viewOf = ({ bytes, at, count, stored }: Place): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset + at, count * WIDTHS[stored]);

/**
 * The bits of float32 numbers. bfloat16 is the upper half of a float32. The bits of a float16 are moved to their places, which
 * gives the number times 2^-112 (exponents are biased by 127 instead of 15), subnormal ones included; the exponent of
 * infinities and NaN is filled up.
 */
function widenFloats(bits: Int32Array, place: Place): void {
  const view = viewOf(place);
  const { littleEndian } = place;
  if (place.stored === "bfloat16") {
    for (let i = 0; i < bits.length; i++) bits[i] = view.getUint16(2 * i, littleEndian) << 16;
    return;
  }
  for (let i = 0; i < bits.length; i++) {
    const half = view.getUint16(2 * i, littleEndian);
    const special = (half & 0x7c00) === 0x7c00 ? 0x7f800000 : 0;
    bits[i] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13) | special;
  }
}

/** Integers of 8 and 16 bits. */
function widenIntegers(out: TensorData, place: Place): void {
  const view = viewOf(place);
  const { littleEndian, stored } = place;
  if (stored === "int8") for (let i = 0; i < out.length; i++) out[i] = view.getInt8(i);
  else if (stored === "uint8") for (let i = 0; i < out.length; i++) out[i] = view.getUint8(i);
  else if (stored === "int16") for (let i = 0; i < out.length; i++) out[i] = view.getInt16(2 * i, littleEndian);
  else for (let i = 0; i < out.length; i++) out[i] = view.getUint16(2 * i, littleEndian);
}

/** Integers that int32 may not hold: one that fits has the same low half, and a high half that only repeats its sign. */
function narrowIntegers(
  out: TensorData,
  place: Place,
  refuse: (value: number | bigint, position: number) => never,
): void {
  const view = viewOf(place);
  const { littleEndian, stored } = place;
  if (stored === "uint32") {
    for (let i = 0; i < out.length; i++) {
      const value = view.getUint32(4 * i, littleEndian);
      if (value > 0x7fffffff) refuse(value, i);
      out[i] = value;
    }
    return;
  }
  const [low, high] = littleEndian ? [0, 4] : [4, 0];
  const signed = stored === "int64";
  for (let i = 0; i < out.length; i++) {
    const value = view.getInt32(8 * i + low, littleEndian);
    const rest = view.getInt32(8 * i + high, littleEndian);
    if (rest !== value >> 31 || (!signed && rest !== 0)) {
      refuse(signed ? view.getBigInt64(8 * i, littleEndian) : view.getBigUint64(8 * i, littleEndian), i);
    }
    out[i] = value;
  }
}
