import type { Dtype, TensorData } from "./dtype";

/*
 * A typed array of more than 64 bytes costs V8 about 0.7 microseconds to make (its memory lies outside the heap), a view of
 * an existing buffer 0.04. So arrays of 9 to 256 numbers are views of slabs. A slab is small: one long-lived view keeps
 * 16 KB alive at the most. No memory is ever used twice, so every array starts as zeros.
 */
const SLAB_BYTES = 16384;
const SLAB_LIMIT = 256;
let slab = new ArrayBuffer(0);
let used = 0;

function view<T>(Type: new (buffer: ArrayBuffer, offset: number, length: number) => T, size: number, bytes: number): T {
  const offset = used;
  const end = offset + ((size * bytes + 7) & ~7);
  if (end > slab.byteLength) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
    return view(Type, size, bytes);
  }
  used = end;
  return new Type(slab, offset, size);
}

/** A zeroed float64 array. @internal */
export function allocateFloat64(size: number): Float64Array {
  return size > 8 && size <= SLAB_LIMIT ? view(Float64Array, size, 8) : new Float64Array(size);
}

/** A zeroed array for `size` numbers of the dtype. @internal */
export function allocate(dtype: Dtype, size: number): TensorData {
  if (dtype === "float64") return allocateFloat64(size);
  const slabbed = size > 16 && size <= SLAB_LIMIT;
  if (dtype === "float32") return slabbed ? view(Float32Array, size, 4) : new Float32Array(size);
  if (dtype === "int32") return slabbed ? view(Int32Array, size, 4) : new Int32Array(size);
  return slabbed ? view(Uint8Array, size, 1) : new Uint8Array(size);
}
