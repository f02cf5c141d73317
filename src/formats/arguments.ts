import type { TensorData } from "../base/dtype";
import { describe, fail, list } from "../base/errors";
import { isSymbolic, noteRead } from "../core/tensor/handle";
import { isHandle, tensorHint } from "../core/tensor/tensor-argument";

/** A tensor that can be written to a file: it has values. @internal */
export interface Readable {
  readonly shape: readonly number[];
  readonly dtype: "float64" | "float32" | "int32" | "bool";
  readonly data: TensorData;
}

const MAKE = "Make one with tensor(...).";

const kindOf = (x: unknown): string => Object.prototype.toString.call(x);
const isBuffer = (x: unknown): x is ArrayBuffer =>
  kindOf(x) === "[object ArrayBuffer]" || kindOf(x) === "[object SharedArrayBuffer]";

/**
 * The bytes of a file, without copying: a Uint8Array of this realm or another (Node's Buffer is one), or an ArrayBuffer.
 * @internal
 */
export function checkBytes(where: string, x: unknown): Uint8Array {
  if (isBuffer(x)) return new Uint8Array(x);
  if (ArrayBuffer.isView(x) && kindOf(x) === "[object Uint8Array]") {
    return new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
  }
  return fail(
    "argument/bytes",
    `${where}: bytes must be a Uint8Array with the contents of a file, got ${describe(x)}.`,
    { received: x },
    ArrayBuffer.isView(x)
      ? "Look at the same memory as bytes: new Uint8Array(x.buffer, x.byteOffset, x.byteLength)."
      : "Read the file first: readFileSync(path) in Node, new Uint8Array(await response.arrayBuffer()) in a browser.",
  );
}

/** What stands at `name`: a tensor with values, tracked or not. `hint` is for arrays and objects. @internal */
export function checkReadable(where: string, name: string, x: unknown, hint = MAKE): Readable {
  if (!isHandle(where, x)) {
    return fail(
      "argument/tensor",
      `${where}: ${name} must be a tensor, got ${describe(x)}.`,
      { name, received: x },
      typeof x === "object" && x !== null && !ArrayBuffer.isView(x) ? hint : tensorHint(x),
    );
  }
  if (!isSymbolic(x)) {
    noteRead(x, Infinity);
    return x;
  }
  return fail(
    "trace/value",
    `${where}: ${name} is a symbolic tensor of shape ${list(x.shape)} and has no values to write.`,
    { name, shape: x.shape, dtype: x.dtype },
    "Inside vmap and trace a function runs on shapes: return the tensor, and write it outside.",
  );
}
