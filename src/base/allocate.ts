import { bytesOf, type Dtype, type TensorData } from "./dtype";
import { fail, GradtapeError, list } from "./errors";

/*
 * A typed array of more than 64 bytes costs V8 about 0.6 microseconds to make and more to collect (its memory lies outside
 * the heap), a view of an existing buffer 0.07. So arrays up to 16 KB are views of slabs: small ones of slabs of 16 KB,
 * larger ones of slabs of 64 KB. A slab is small because one long-lived view keeps all of it alive; detach() copies out of
 * it, and so does the first read from outside (`data` of a tensor), for users may transfer the buffer that they see. No
 * memory is ever used twice, so every array starts as zeros.
 */
interface Slab {
  readonly bytes: number;
  buffer: ArrayBuffer;
  used: number;
}
const SMALL: Slab = { bytes: 16384, buffer: /* @__PURE__ */ new ArrayBuffer(0), used: 0 };
const LARGE: Slab = { bytes: 65536, buffer: /* @__PURE__ */ new ArrayBuffer(0), used: 0 };
/** Buffers of slabs: whatever leaves the library is copied out of them. */
const slabs = /* @__PURE__ */ new WeakSet<ArrayBufferLike>();
const OWN_BYTES = 64;
const SMALL_BYTES = 1024;
const LARGE_BYTES = 16384;

function view<T>(Type: new (buffer: ArrayBuffer, offset: number, length: number) => T, size: number, bytes: number): T {
  const slab = bytes <= SMALL_BYTES ? SMALL : LARGE;
  let offset = slab.used;
  slab.used = offset + ((bytes + 7) & ~7);
  if (slab.used > slab.buffer.byteLength) {
    slab.buffer = new ArrayBuffer(slab.bytes);
    slabs.add(slab.buffer);
    slab.used = (bytes + 7) & ~7;
    offset = 0;
  }
  return new Type(slab.buffer, offset, size);
}

const slabbed = (bytes: number): boolean => bytes > OWN_BYTES && bytes <= LARGE_BYTES;

/** A zero-filled float64 array. @internal */
export function allocateFloat64(size: number, where?: string): Float64Array<ArrayBuffer> {
  if (slabbed(size * 8)) return view(Float64Array, size, size * 8);
  try {
    return new Float64Array(size);
  } catch (cause) {
    return tooLarge(where, "float64", [size], size * 8, cause);
  }
}

/** A zero-filled int32 array. @internal */
export function allocateInt32(size: number): Int32Array {
  return slabbed(size * 4) ? view(Int32Array, size, size * 4) : new Int32Array(size);
}

/** A zero-filled array for `size` elements of the dtype. The caller and the shape are for the error. @internal */
export function allocate(dtype: Dtype, size: number, where?: string, shape: readonly number[] = [size]): TensorData {
  try {
    return zerosOf(dtype, size);
  } catch (cause) {
    return tooLarge(where, dtype, shape, size * bytesOf(dtype), cause);
  }
}

function tooLarge(where = "tensor", dtype: Dtype, shape: readonly number[], bytes: number, cause: unknown): never {
  return fail(
    "tensor/memory",
    `${where}: no memory for ${dtype}${list(shape)}, ${bytes} bytes.`,
    { shape, dtype, bytes, cause },
    "Compute it in parts.",
  );
}

/** Runs f; memory that is missing was asked for by `where`, whatever op f takes. @internal */
export function allocatingFor<T>(where: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (!(error instanceof GradtapeError) || error.code !== "tensor/memory") throw error;
    const { message, facts, hint = "" } = error;
    return fail(error.code, message.slice(0, -hint.length - 1).replace(/^[^:]*/, where), facts, hint);
  }
}

function zerosOf(dtype: Dtype, size: number): TensorData {
  if (dtype === "float64") return allocateFloat64(size);
  if (dtype === "float32") return slabbed(size * 4) ? view(Float32Array, size, size * 4) : new Float32Array(size);
  if (dtype === "int32") return allocateInt32(size);
  return slabbed(size) ? view(Uint8Array, size, size) : new Uint8Array(size);
}

/** Arrays that users hold: what they gave away, and what was read from outside. */
const held = /* @__PURE__ */ new WeakSet<TensorData>();
/** Arrays of their own memory that several tensors have, and no user. */
const shared = /* @__PURE__ */ new WeakSet<TensorData>();

/** An array of the user that becomes the memory of a tensor. @internal */
export function adopt(data: TensorData): TensorData {
  held.add(data);
  return data;
}

/** Whether an array is alone in its memory. To ask a small one for its buffer would move it out of the heap. */
const isAlone = (data: TensorData): boolean =>
  data.byteLength <= OWN_BYTES || data.byteLength === data.buffer.byteLength;

/** The same elements in an array that is alone in its memory, or that a user gave away. @internal */
export const ownMemory = (data: TensorData): TensorData => (isAlone(data) || held.has(data) ? data : data.slice());

/** The elements of a tensor as they leave the library: in memory that no other tensor has. @internal */
export function handOut(data: TensorData): TensorData {
  if (data.byteLength <= OWN_BYTES || held.has(data)) return data;
  return adopt(isAlone(data) && !shared.has(data) ? data : data.slice());
}

/**
 * The elements of a tensor for one more tensor: the array itself, unless a user may write to its memory or send that away.
 * Then, and where it is as cheap, a copy.
 * @internal
 */
export function share(data: TensorData): TensorData {
  if (data.byteLength <= OWN_BYTES || held.has(data)) return data.slice();
  if (slabs.has(data.buffer)) return data;
  if (!isAlone(data)) return data.slice();
  shared.add(data);
  return data;
}

/** Part of an array, to be read by the library: a view, where that is cheaper than a copy. @internal */
export const part = (data: TensorData, start: number, end: number): TensorData =>
  (end - start) * data.BYTES_PER_ELEMENT > OWN_BYTES ? data.subarray(start, end) : data.slice(start, end);

/** The name of the type of a typed array, also of one from an iframe or from node:vm; "" for anything else. */
export const arrayKind = (x: unknown): string =>
  ArrayBuffer.isView(x) ? Object.prototype.toString.call(x).slice(8, -1) : "";
