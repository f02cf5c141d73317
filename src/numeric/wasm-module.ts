/*
 * Kernels in WebAssembly at run time: a module of one function and one memory, made by ./wasm-assembler.
 */

/** Memory that grows by pages of 64 KB. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

const PAGE = 65536;

/** Lets memory have at least so many bytes; false where there are not so many. */
export function grown(memory: Memory, bytes: number): boolean {
  const missing = bytes - memory.buffer.byteLength;
  if (missing <= 0) return true;
  try {
    memory.grow(Math.ceil(missing / PAGE));
    return true;
  } catch {
    return false;
  }
}

/** What an instance of a module with the function "run" exports. */
interface Exports {
  readonly memory: Memory;
  run(...args: readonly number[]): void;
}
declare const WebAssembly:
  | {
      Module: new (bytes: Uint8Array) => object;
      Instance: new (module: object) => { readonly exports: Exports };
    }
  | undefined;

/**
 * An instance of a module of one function, named "run", in hexadecimal digits. Null where WebAssembly or its vectors do not exist, or
 * where a content security policy refuses it.
 */
export function instantiate(digits: string): Exports | null {
  if (typeof WebAssembly === "undefined") return null;
  try {
    const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  } catch {
    return null;
  }
}
