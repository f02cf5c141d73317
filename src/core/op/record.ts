import { isFloat } from "../../base/dtype";
import { KIND_MASK, LATER_PART, PAGE_SIZE, pageFor, STRONG, TENSOR_ENTRY } from "../tape/page";
import { joinStrand, Strand } from "../tape/strand";
import { useCondition } from "../tensor/condition";
import { elide, flagsOf, Handle, isElided, placeOf, withoutHistory } from "../tensor/handle";
import type { TensorEntry } from "./entry";
import { monitor } from "./monitor";
import type { CoreOp } from "./op";

/*
 * Writing to the tape: an entry of tensors, with an object for its values, and a scalar entry, five numbers in columns.
 */

/** Writes one entry for each part, if an input is tracked and a derivative may pass from it; symbols are always recorded. */
export function record(
  op: CoreOp,
  inputs: readonly Handle[],
  outputs: readonly Handle[],
  attrs: unknown,
  symbolic: boolean,
): void {
  if (monitor !== null && !symbolic) monitor.onValue(op.name, inputs, outputs);
  let tracked = false;
  for (let k = 0; k < inputs.length && !tracked; k++) {
    tracked = inputs[k].strand !== null && (symbolic || op.differentiable(k));
  }
  if (!tracked || !(symbolic || outputs.some((y) => isFloat(y.dtype)))) return;
  const page = pageFor(op.parts);
  const index = page.length;
  let strand: Strand | null = null;
  let flags = outputs.every(isSingle) ? 0 : STRONG;
  let bytes = 0;
  const places = new Array<number>(inputs.length);
  const kept = new Array<Handle>(inputs.length);
  for (let k = 0; k < inputs.length; k++) {
    const x = inputs[k];
    if (x.strand === null || !(symbolic || op.differentiable(k))) {
      places[k] = 0;
      flags |= flagsOf(x) & STRONG;
    } else {
      places[k] = placeOf(x);
      flags |= x.strand.page === null ? x.index & KIND_MASK : x.strand.page.flags[x.index];
      strand = joinStrand(strand, x.strand, page);
    }
    if (symbolic) useCondition(x);
    kept[k] = symbolic || isElided(x) || op.readsInput(k) ? withoutHistory(x) : elide(x);
    bytes += kept[k].body?.data?.byteLength ?? 0;
  }
  if (strand === null) strand = new Strand(page, page.base + index);
  const results = outputs.map((y) => (symbolic || op.readsOutput ? new Handle(null, 0, y.value, y.body) : elide(y)));
  for (const y of results) bytes += y.body?.data?.byteLength ?? 0;
  const entry: TensorEntry = { op, inputs: kept, places, outputs: results, attrs, bytes };
  if (monitor !== null) monitor.onEntry(entry);
  page.tensorEntries ??= new Array<object | null>(PAGE_SIZE);
  const { tensorEntries } = page;
  for (let k = 0; k < outputs.length; k++) {
    page.codes[index + k] = k === 0 ? TENSOR_ENTRY : LATER_PART;
    tensorEntries[index + k] = entry;
    page.flags[index + k] = flags;
    outputs[k].strand = strand;
    outputs[k].index = index + k;
  }
  strand.size += outputs.length;
  page.length += outputs.length;
  page.bytes += bytes;
}

/** Whether an output can be weak. */
const isSingle = ({ body }: Handle): boolean =>
  body === null || (body.shape.length === 0 && (body.dtype === "float64" || body.dtype === "bool"));

/**
 * Writes one scalar entry, y = op(a, b) with the op given by its code: a, b and y are 0-d float64, at least one of a and b
 * is tracked, and b is null for an op of one input.
 */
export function recordScalar(code: number, a: Handle, b: Handle | null, y: number): Handle {
  const page = pageFor(1);
  const i = page.length;
  let strand: Strand | null = null;
  let flags = 0;
  const from = a.strand;
  if (from === null) {
    page.placeA[i] = 0;
    flags = a.index;
  } else if (from.page === null) {
    page.placeA[i] = -a.index;
    flags = a.index & KIND_MASK;
  } else {
    page.placeA[i] = from.page.base + a.index;
    flags |= from.page.flags[a.index];
    strand = joinStrand(null, from, page);
  }
  page.valueA[i] = a.value;
  if (b === null) page.placeB[i] = 0;
  else {
    const other = b.strand;
    if (other === null) {
      page.placeB[i] = 0;
      flags |= b.index;
    } else if (other.page === null) {
      page.placeB[i] = -b.index;
      flags |= b.index & KIND_MASK;
    } else {
      page.placeB[i] = other.page.base + b.index;
      flags |= other.page.flags[b.index];
      strand = joinStrand(strand, other, page);
    }
    page.valueB[i] = b.value;
  }
  if (strand === null) strand = new Strand(page, page.base + i);
  strand.size++;
  page.codes[i] = code;
  page.value[i] = y;
  page.flags[i] = flags;
  page.length = i + 1;
  if (monitor !== null) monitor.onEntry(page.base + i);
  return new Handle(strand, i, y, null);
}
