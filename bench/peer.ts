import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A value, a function or a module of another library, whose types are not installed here. */
export interface Foreign {
  (...args: readonly unknown[]): Foreign;
  readonly [name: string]: Foreign;
}

/** The numbers of a tensor of another library. */
export const numbersOf = (x: Foreign): Float32Array | Float64Array => {
  const data: unknown = x.dataSync();
  const floats = data instanceof Float32Array || data instanceof Float64Array;
  return floats ? data : Float32Array.from(data as ArrayLike<number>);
};

/** A library that the figures stand beside. */
export interface Peer {
  readonly label: string;
  readonly lib: Foreign;
  /** A tensor of the library, float32; float64 where the library has it and the numbers are. */
  tensor(data: ArrayLike<number>, shape: readonly number[]): Foreign;
  /** Runs f, which gives tensors, reads their elements out and disposes of everything. */
  read(f: () => readonly Foreign[]): ArrayLike<number>[];
}

/** TensorFlow.js on WebAssembly; null where `npm run bench:peers` has not installed it. */
export async function loadTensorFlow(): Promise<Peer | null> {
  const require = createRequire(import.meta.url);
  let wasm: string;
  try {
    wasm = require.resolve("@tensorflow/tfjs-backend-wasm");
  } catch {
    return null;
  }
  const lib: Foreign = require("@tensorflow/tfjs-core");
  // The registry of gradients is one for all copies of the core in a process.
  require("@tensorflow/tfjs-core/dist/register_all_gradients.js");
  const { setWasmPaths } = require("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(join(dirname(wasm), "..", "wasm-out", "/"));
  await lib.setBackend("wasm");
  await lib.ready();
  return {
    label: "TensorFlow.js",
    lib,
    tensor: (data, shape) => lib.tensor(Float32Array.from(data), shape, "float32"),
    // Numbers are read outside of tidy: it looks through whatever it is given, typed arrays number by number.
    read: (f) => {
      const results: unknown = lib.tidy(f);
      return (results as readonly Foreign[]).map((x) => {
        const data = numbersOf(x);
        x.dispose();
        return data;
      });
    },
  };
}

/** Whether jax-js has float64 here: it asks for arrays of float16 before it looks. */
export const hasFloat64 = (): boolean => "Float16Array" in globalThis;

/** jax-js on WebAssembly, with `lib.jit` and without; null where `npm run bench:peers` has not installed it. */
export async function loadJax(): Promise<Peer | null> {
  let lib: Foreign;
  try {
    lib = await import("@jax-js/jax" as string);
  } catch {
    return null;
  }
  await lib.init("wasm");
  lib.defaultDevice("wasm");
  return {
    label: "jax-js",
    lib,
    tensor: (data, shape) => {
      const wide = data instanceof Float64Array && hasFloat64();
      return lib.numpy.array(wide ? data.slice() : Float32Array.from(data)).reshape(shape);
    },
    read: (f) => f().map(numbersOf),
  };
}

/** Rose, a compiler of scalar programs; null where `npm run bench:peers` has not installed it. */
export async function loadRose(): Promise<Foreign | null> {
  try {
    return await import("rose" as string);
  } catch {
    return null;
  }
}
