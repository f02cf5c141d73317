import { fail, list } from "../../base/errors";
import { PAGE, type WasmMemory, type wasm } from "../../kernel/assembler";
import type { Buffer } from "../schedule/kernels";
import { bytesIn } from "../schedule/place";

/*
 * One memory for all compiled programs that are not running: a page that is touched for the first time costs more than to put a
 * few constants back. A program that is entered while another one runs gets a memory of its own.
 */

/** What 32-bit addresses reach. */
const MOST_PAGES = 65536;

/** A memory, and the program that was there last. */
export class Room {
  owner: object | null = null;
  busy = false;

  constructor(readonly memory: WasmMemory) {}
}

type Engine = NonNullable<ReturnType<typeof wasm>>;

let shared: Room | null = null;

const pagesOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / PAGE));

function refuse(bytes: number, buffers: readonly Buffer[], cause: unknown): never {
  const largest = [...buffers].sort((a, b) => bytesIn(b) - bytesIn(a))[0];
  return fail(
    "compile/memory",
    `compile: no memory for a program of ${bytes} bytes; its largest array is ${largest.dtype}${list([largest.size])}, ${bytesIn(largest)} bytes.`,
    { bytes, largest: { dtype: largest.dtype, size: largest.size, bytes: bytesIn(largest) }, cause },
    "Compile a smaller part, or give smaller batches: a program holds at most 4 GB.",
  );
}

/** An error for what no memory can have: a module that asks for it does not even compile. */
export function checkBytes(bytes: number, buffers: readonly Buffer[]): void {
  if (pagesOf(bytes) > MOST_PAGES) refuse(bytes, buffers, new RangeError("more than 4 GB"));
}

/** Makes or grows a memory of so many bytes; an error where there is none. */
function reserve<T>(bytes: number, buffers: readonly Buffer[], make: (pages: number) => T): T {
  try {
    return make(pagesOf(bytes));
  } catch (cause) {
    return refuse(bytes, buffers, cause);
  }
}

/** The memory of all programs, large enough; null while one of them runs. */
export function commonRoom(engine: Engine, bytes: number, buffers: readonly Buffer[]): Room | null {
  if (shared?.busy === true) return null;
  return reserve(bytes, buffers, (pages) => {
    shared ??= new Room(new engine.Memory({ initial: pages }));
    const missing = pages - shared.memory.buffer.byteLength / PAGE;
    if (missing > 0) shared.memory.grow(missing);
    return shared;
  });
}

/** A memory for one program alone. */
export const ownRoom = (engine: Engine, bytes: number, buffers: readonly Buffer[]): Room =>
  reserve(bytes, buffers, (initial) => new Room(new engine.Memory({ initial })));
