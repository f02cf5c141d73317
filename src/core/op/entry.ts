import { type Page, TENSOR_ENTRY } from "../tape/page";
import type { Handle } from "../tensor/handle";
import type { CoreOp } from "./op";
import type { Partial } from "./scalar-ops";

/** What the page keeps of an entry of tensors: values and places of all inputs, values of the outputs, attributes. */
export interface TensorEntry {
  readonly op: CoreOp;
  /** Values of the inputs, without history; elided where no rule reads them. */
  readonly inputs: readonly Handle[];
  /** Places of the inputs: 0 for constants, negative for leaves. */
  readonly places: readonly number[];
  /** Values of the parts of the output, without history; elided where no rule reads them. */
  readonly outputs: readonly Handle[];
  readonly attrs: unknown;
  /** Bytes of the elements that are kept. */
  readonly bytes: number;
}

const scalarOps: CoreOp[] = [];
/** Partial derivatives of scalar ops by code: what a sweep reads for each entry. */
export const partialsA: Partial[] = [0];
export const partialsB: Partial[] = [0];

/** The code of an op that scalar entries may have: pages keep codes, which the garbage collector need not follow. */
export function scalarCode(op: CoreOp): number {
  scalarOps.push(op);
  partialsA.push(op.partialA);
  partialsB.push(op.partialB);
  return scalarOps.length;
}

/** The op of an entry; null for the later parts of an op, and for a freed entry. */
export function opAt(page: Page, i: number): CoreOp | null {
  const code = page.codes[i];
  if (code > 0) return scalarOps[code - 1];
  return code === TENSOR_ENTRY ? (tensorEntryAt(page, i)?.op ?? null) : null;
}

/** The tensor entry at a place; null for a scalar entry, and for a freed one. */
export const tensorEntryAt = (page: Page, i: number): TensorEntry | null =>
  page.codes[i] < 0 && page.tensorEntries !== null ? (page.tensorEntries[i] as TensorEntry) : null;

/** Frees what an entry keeps. A later sweep that reaches it finds its result stale. */
export function freeEntry(page: Page, i: number, parts: number): void {
  page.bytes -= tensorEntryAt(page, i)?.bytes ?? 0;
  for (let k = i; k < i + parts; k++) {
    page.codes[k] = 0;
    if (page.tensorEntries !== null) page.tensorEntries[k] = null;
  }
  page.freed += parts;
}
