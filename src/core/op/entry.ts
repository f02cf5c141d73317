import { type Page, TENSOR_ENTRY } from "../tape/page";
import type { Handle } from "../tensor/handle";
import type { CoreOp } from "./op";
import type { Partial } from "./scalar-ops";

/** What the page keeps of an entry that is not a scalar one: values and places of all inputs, and the attributes. */
export interface TensorEntry {
  readonly op: CoreOp;
  /** Values of the inputs, without history; a ghost where no rule reads them. */
  readonly inputs: readonly Handle[];
  /** Places of the inputs: 0 for constants, negative for leaves. */
  readonly places: readonly number[];
  /** Values of the parts of the output, without history; ghosts where no rule reads them. */
  readonly outputs: readonly Handle[];
  readonly attrs: unknown;
  /** Bytes of the numbers kept. */
  readonly bytes: number;
}

const scalarOps: CoreOp[] = [];
/** Their partial derivatives by code: what a sweep reads for each entry. */
export const partialsA: Partial[] = [0];
export const partialsB: Partial[] = [0];

/** The code of an op that can stand at scalar entries: pages keep codes, which nothing needs to trace. */
export function scalarCode(op: CoreOp): number {
  scalarOps.push(op);
  partialsA.push(op.partialA);
  partialsB.push(op.partialB);
  return scalarOps.length;
}

/** The op of an entry; null for the later parts of an op, and for what a sweep let go of. */
export function opAt(page: Page, i: number): CoreOp | null {
  const code = page.codes[i];
  if (code > 0) return scalarOps[code - 1];
  return code === TENSOR_ENTRY ? (tensorEntryAt(page, i)?.op ?? null) : null;
}

/** The cell of an entry; null for a scalar one, and for what a sweep let go of. */
export const tensorEntryAt = (page: Page, i: number): TensorEntry | null =>
  page.codes[i] < 0 && page.tensorEntries !== null ? (page.tensorEntries[i] as TensorEntry) : null;

/** Lets go of what an entry keeps, so that no later sweep can pass. */
export function freeEntry(page: Page, i: number, parts: number): void {
  page.bytes -= tensorEntryAt(page, i)?.bytes ?? 0;
  for (let k = i; k < i + parts; k++) {
    page.codes[k] = 0;
    if (page.tensorEntries !== null) page.tensorEntries[k] = null;
  }
  page.freed += parts;
}
