import { bytesOf } from "../../base/dtype";
import { readsIn } from "../../kernel/loops";
import type { Buffer, Kernel } from "./kernels";
import type { Schedule } from "./schedule";

/*
 * Where arrays stand in the one memory: inputs and constants first, then the outputs in one block, then temporaries, which share
 * memory when one is no longer read before the other is written. Addresses are fixed, so they stand in the instructions.
 */

/** Where everything stands, in bytes. */
export interface Layout {
  /** The block of all outputs. */
  readonly outputs: { readonly from: number; readonly to: number };
  /** Behind all arrays. */
  readonly end: number;
}

/** Arrays begin at multiples of this, and single numbers at multiples of the size of a double. */
const ALIGNMENT = 16;
const DOUBLE = 8;
/** Vectors are read beyond the end of the last array, though nothing of that is used. */
const BEYOND = 256;
const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
export const bytesIn = (buffer: Buffer): number => buffer.size * bytesOf(buffer.dtype);

/** Arrays that a kernel reads. */
export function readBy(kernel: Kernel, buffers: readonly Buffer[]): readonly Buffer[] {
  if (kernel.is === "call") return kernel.inputs.flatMap((x) => ("buffer" in x ? [x.buffer] : []));
  if (kernel.is === "numbers") return kernel.inputs;
  const roots =
    kernel.is === "scalars"
      ? kernel.stores.map(({ value }) => value)
      : kernel.is === "loops"
        ? [kernel.value, kernel.result]
        : [kernel.a, kernel.b, kernel.result];
  return [...new Set(readsIn(roots).map(({ array }) => buffers[array.id]))];
}

/** Arrays that a kernel writes. */
export function writtenBy(kernel: Kernel): readonly Buffer[] {
  if (kernel.is === "call") return kernel.outputs.map(({ buffer }) => buffer);
  if (kernel.is === "numbers")
    return kernel.levels === null ? kernel.outputs : [...kernel.outputs, kernel.levels.values];
  return kernel.is === "scalars" ? kernel.stores.map(({ out }) => out) : [kernel.out];
}

/** Gives every array its address. The first bytes of memory stay free, so that no address is 0. */
export function place({ kernels, buffers }: Schedule, from = ALIGNMENT): Layout {
  let end = from;
  const append = (buffer: Buffer): void => {
    if (bytesIn(buffer) > DOUBLE) end = aligned(end);
    buffer.address = end;
    end += bytesIn(buffer) > DOUBLE ? aligned(bytesIn(buffer)) : DOUBLE;
  };
  for (const buffer of buffers) if (buffer.role === "input" || buffer.role === "constant") append(buffer);
  end = aligned(end);
  const outputsFrom = end;
  const outputs = buffers.filter(({ role }) => role === "output").sort((a, b) => bytesIn(b) - bytesIn(a));
  for (const buffer of outputs) append(buffer);
  const outputsTo = end;
  end = placeTemporaries(kernels, buffers, aligned(end));
  return { outputs: { from: outputsFrom, to: outputsTo }, end: end + BEYOND };
}

/** Temporaries by first fit over the kernels between which they live. */
function placeTemporaries(kernels: readonly Kernel[], buffers: readonly Buffer[], from: number): number {
  const last = new Map<Buffer, number>();
  kernels.forEach((kernel, k) => {
    for (const buffer of writtenBy(kernel)) last.set(buffer, k);
    for (const buffer of readBy(kernel, buffers)) last.set(buffer, k);
  });
  const dying = new Map<number, Buffer[]>();
  for (const [buffer, k] of last) {
    if (buffer.role !== "temporary") continue;
    const list = dying.get(k) ?? [];
    list.push(buffer);
    dying.set(k, list);
  }
  const holes = new Holes(from);
  kernels.forEach((kernel, k) => {
    for (const buffer of writtenBy(kernel)) {
      if (buffer.role === "temporary" && buffer.address < 0) buffer.address = holes.take(aligned(bytesIn(buffer)));
    }
    for (const buffer of dying.get(k) ?? []) holes.give(buffer.address, aligned(bytesIn(buffer)));
  });
  return holes.top;
}

/** Memory that is free, in order, and all beyond the top. */
class Holes {
  private readonly holes: { from: number; to: number }[] = [];

  constructor(public top: number) {}

  take(bytes: number): number {
    const k = this.holes.findIndex(({ from, to }) => to - from >= bytes);
    if (k < 0) {
      this.top += bytes;
      return this.top - bytes;
    }
    const hole = this.holes[k];
    const { from } = hole;
    hole.from += bytes;
    if (hole.from === hole.to) this.holes.splice(k, 1);
    return from;
  }

  give(from: number, bytes: number): void {
    if (bytes === 0) return;
    const to = from + bytes;
    let k = this.holes.findIndex((hole) => hole.from > from);
    if (k < 0) k = this.holes.length;
    const before = this.holes[k - 1];
    const after = this.holes[k];
    if (before?.to === from) before.to = to;
    else this.holes.splice(k++, 0, { from, to });
    const mine = this.holes[k - 1];
    if (after?.from !== to) return;
    mine.to = after.to;
    this.holes.splice(k, 1);
  }
}
