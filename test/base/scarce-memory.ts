interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface Exports {
  readonly memory: Memory;
  run(...args: readonly number[]): void;
}
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Exports };
}

/** WebAssembly whose memories have no more than so many pages of 64 KB; counts how often they were refused more. */
export function scarceMemory(pages: number): Engine & { refused(): number } {
  const { Module, Instance } = Reflect.get(globalThis, "WebAssembly") as Engine;
  let refused = 0;
  class Scarce {
    readonly exports: Exports;
    constructor(module: object) {
      const { memory, run } = new Instance(module).exports;
      this.exports = {
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
      };
    }
  }
  return { Module, Instance: Scarce, refused: () => refused };
}
