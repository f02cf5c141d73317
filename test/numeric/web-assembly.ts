// WebAssembly as tests put it in the place of the real one: counted, scarce of memory, refused.
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface Exports {
  readonly memory: Memory;
  run(...args: readonly number[]): void;
}
export interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
}

export const engine = Reflect.get(globalThis, "WebAssembly") as Engine;

/** WebAssembly whose instances are wrapped. */
const wrapped = (wrap: (exports: Exports) => Exports): Engine => ({
  Module: engine.Module,
  Instance: class {
    readonly exports: Exports;
    constructor(module: object) {
      this.exports = wrap(new engine.Instance(module).exports);
    }
  },
});

/** WebAssembly that counts how often a kernel runs. */
export function countedRuns(): Engine & { ran(): number } {
  let ran = 0;
  const counted = wrapped(({ memory, run }) => ({
    memory,
    run: (...args) => {
      ran++;
      run(...args);
    },
  }));
  return { ...counted, ran: () => ran };
}

/** WebAssembly whose memories have no more than so many pages of 64 KB; counts how often they were refused more. */
export function scarceMemory(pages: number): Engine & { refused(): number } {
  let refused = 0;
  const scarce = wrapped(({ memory, run }) => ({
    run,
    memory: {
      get buffer() {
        return memory.buffer;
      },
      grow(more) {
        if (memory.buffer.byteLength / 65536 + more <= pages) return memory.grow(more);
        refused++;
        throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
      },
    },
  }));
  return { ...scarce, refused: () => refused };
}

/** WebAssembly under a content security policy that does not allow it. */
export const refusing = {
  Module: class {
    constructor() {
      throw new Error("refused by the content security policy");
    }
  },
};
