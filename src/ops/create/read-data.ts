import { adopt, allocate, arrayKind } from "../../base/allocate";
import { checkDtype, type Dtype, type TensorData } from "../../base/dtype";
import { describe, fail, list } from "../../base/errors";
import { readNested } from "../../base/nested-arrays";
import { checkFlag, checkOptions } from "../../base/options";
import { checkShape, type Shape, sizeOf } from "../../base/shape";
import { type Handle, makeTensor } from "../../core/tensor/handle";
import { CONVERT, isHandle, tensorHint } from "../../core/tensor/tensor-argument";
import { convertInto } from "../elementwise/cast";

/** Numbers or booleans, alone or in arrays of arrays. */
export type Nested = number | boolean | readonly Nested[];
/** The typed arrays that a tensor can be made from. */
export type TypedArray = TensorData | Int8Array | Uint8ClampedArray | Int16Array | Uint16Array | Uint32Array;
/** The shape that data give a tensor. @internal */
export type ShapeOfData<D, Depth extends 0[] = []> = Depth["length"] extends 8
  ? readonly number[]
  : D extends readonly (infer E)[]
    ? readonly [D["length"], ...([E] extends [never] ? readonly [] : ShapeOfData<E, [0, ...Depth]>)]
    : D extends TypedArray
      ? readonly [number]
      : readonly [];
/** Options of functions that make a tensor from data. */
export interface TensorOptions<R = Shape | undefined> {
  /** The shape; if omitted, that of the nested arrays, or one axis for a typed array. */
  readonly shape?: R | undefined;
  /** The dtype; if omitted, that of a typed array, bool for booleans, else float64. */
  readonly dtype?: Dtype | undefined;
  /** false adopts a typed array instead of copying it; default true. */
  readonly copy?: boolean | undefined;
}

/** Elements in row-major order, and the shape and dtype they ask for. */
interface Source {
  readonly numbers: ArrayLike<number>;
  readonly shape: Shape;
  readonly dtype: Dtype;
}

const DTYPE_OF: Readonly<Record<string, Dtype>> = {
  Float64Array: "float64",
  Float32Array: "float32",
  Int32Array: "int32",
  Uint8Array: "bool",
  Int8Array: "int32",
  Uint8ClampedArray: "int32",
  Int16Array: "int32",
  Uint16Array: "int32",
  Uint32Array: "int32",
};

const isTypedArray = (x: unknown): x is TypedArray => Object.hasOwn(DTYPE_OF, arrayKind(x));

const isTensorData = (x: unknown): x is TensorData => HOLDERS.some((Type) => x instanceof Type);

interface Holder {
  new (buffer: ArrayBufferLike, offset: number, length: number): TensorData;
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
}
const HOLDERS: readonly Holder[] = [Float64Array, Float32Array, Int32Array, Uint8Array];

/** An array that can hold a tensor; of one from an iframe or from node:vm, a view. */
function ofThisRealm(x: unknown): TensorData | null {
  if (isTensorData(x)) return x;
  const Type = HOLDERS.find(({ name }) => name === arrayKind(x));
  return Type === undefined || !ArrayBuffer.isView(x)
    ? null
    : new Type(x.buffer, x.byteOffset, x.byteLength / Type.BYTES_PER_ELEMENT);
}

/**
 * The tensor that data given by a user stand for: numbers, booleans, nested arrays, typed arrays, results of toJSON.
 * @internal
 */
export function readData(where: string, data: unknown, options?: TensorOptions): Handle {
  checkOptions(where, options, ["shape", "dtype", "copy"]);
  const source = readSource(where, data);
  const dtype = options?.dtype == null ? source.dtype : checkDtype(where, options.dtype);
  const shape = options?.shape == null ? source.shape : checkFit(where, options.shape, source.numbers.length);
  const adopted = options?.copy != null && !checkFlag(where, "copy", options.copy);
  if (source.numbers === data && source.dtype === "bool" && (options?.dtype == null || (adopted && dtype === "bool")))
    checkBytes(where, source.numbers);
  if (!adopted) {
    const out = allocate(dtype, source.numbers.length);
    convertInto(where, out, source.numbers, dtype);
    return makeTensor(shape, dtype, out);
  }
  const own = ofThisRealm(data);
  if (own !== null && source.dtype === dtype) return makeTensor(shape, dtype, adopt(own));
  return fail(
    "tensor/copy",
    `${where}: with copy: false data must be a typed array of the tensor's dtype, got ${describe(data)} for ${dtype}.`,
    { dtype },
    "float64 is held by a Float64Array, float32 by a Float32Array, int32 by an Int32Array, bool by a Uint8Array.",
  );
}

/** The shape asked for, which must hold as many elements as there are. @internal */
export function checkFit(where: string, wanted: unknown, size: number): Shape {
  const shape = checkShape(where, wanted);
  if (sizeOf(shape) === size) return shape;
  const count = sizeOf(shape);
  return fail(
    "tensor/shape",
    `${where}: shape ${list(shape)} holds ${count} ${count === 1 ? "element" : "elements"}, but data has ${size}.`,
    { shape, wanted: count, received: size },
    "The product of the sizes must be the number of elements.",
  );
}

function readSource(where: string, data: unknown): Source {
  if (typeof data === "number") return { numbers: [data], shape: [], dtype: "float64" };
  if (typeof data === "boolean") return { numbers: [Number(data)], shape: [], dtype: "bool" };
  if (Array.isArray(data)) return readArrays(where, data);
  if (isTypedArray(data)) {
    return { numbers: data, shape: [data.length], dtype: DTYPE_OF[arrayKind(data)] };
  }
  if (isHandle(where, data)) {
    return fail(
      "tensor/data",
      `${where}: data is a tensor already.`,
      { shape: data.shape, dtype: data.dtype },
      "Use it as it is; cast(x, dtype) and reshape(x, shape) change it.",
    );
  }
  if (typeof data === "object" && data !== null && "dtype" in data && "shape" in data && "data" in data) {
    return readJson(where, data);
  }
  return fail(
    "tensor/data",
    `${where}: data must be a number, a boolean, an array of them, a typed array or a result of toJSON, got ${describe(data)}.`,
    { received: data },
    dataHint(data),
  );
}

function dataHint(data: unknown): string {
  if ((data ?? null) === null) return tensorHint(data);
  return ArrayBuffer.isView(data) && !(data instanceof DataView)
    ? "Convert it first: Float64Array.from(data, Number)."
    : CONVERT;
}

/** A Uint8Array is how bool is stored: other bytes are most likely meant as numbers. */
function checkBytes(where: string, bytes: ArrayLike<number>): void {
  const position = Array.prototype.findIndex.call(bytes, (byte) => byte > 1);
  if (position < 0) return;
  fail(
    "tensor/data",
    `${where}: a Uint8Array holds bool, 0 or 1, but byte ${position} is ${bytes[position]}.`,
    { position, value: bytes[position] },
    'For numbers, give dtype: "int32" or "float64".',
  );
}

function readArrays(where: string, data: readonly unknown[]): Source {
  let kind = "";
  const { shape, numbers } = readNested(where, "data", data, (x, path) => {
    if (typeof x !== "number" && typeof x !== "boolean") wrongLeaf(where, path(), x);
    if (kind === "") kind = typeof x;
    if (typeof x !== kind) {
      fail(
        "tensor/data",
        `${where}: ${path()} is a ${typeof x} among ${kind}s.`,
        { path: path() },
        "Give numbers only, or booleans only.",
      );
    }
    return Number(x);
  });
  return { numbers, shape, dtype: kind === "boolean" ? "bool" : "float64" };
}

function wrongLeaf(where: string, path: string, x: unknown): never {
  const joined = isHandle(where, x);
  return fail(
    "tensor/data",
    `${where}: ${path} must be a number or a boolean, got ${joined ? "a tensor" : describe(x)}.`,
    { path, received: x },
    joined
      ? "Join tensors with stack([...]) or concat([...])."
      : (x ?? null) === null
        ? "Use NaN for a missing value."
        : CONVERT,
  );
}

function readJson(where: string, json: object & Record<"dtype" | "shape" | "data", unknown>): Source {
  const dtype = checkDtype(where, json.dtype);
  if (!Array.isArray(json.data)) {
    return fail(
      "tensor/data",
      `${where}: data of a toJSON object must be an array, got ${describe(json.data)}.`,
      { received: json.data },
      "Pass the object as toJSON() made it.",
    );
  }
  const shape = checkFit(where, json.shape, json.data.length);
  const numbers = json.data.map((x: unknown, i) => {
    if (typeof x === "number" || typeof x === "boolean") return Number(x);
    if (x === "NaN" || x === "Infinity" || x === "-Infinity") return Number(x);
    return fail(
      "tensor/data",
      `${where}: data[${i}] must be a number or a boolean, got ${describe(x)}.`,
      { path: `data[${i}]`, received: x },
      'Only "NaN", "Infinity" and "-Infinity" may stand as text.',
    );
  });
  return { numbers, shape, dtype };
}
