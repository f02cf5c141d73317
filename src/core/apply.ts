import { allocate } from "../base/allocate";
import { type Dtype, isFloat } from "../base/dtype";
import { fail, list } from "../base/errors";
import { type Shape, sizeOf } from "../base/shape";
import { ghostOf, Handle, isGhost, isSymbolic, makeTensor, placeOf, type Trace, withoutHistory } from "./handle";
import { FRESH, joinStrand, LATER_PART, PAGE_SIZE, pageFor, Strand, TENSOR_ENTRY } from "./page";
import { watch } from "./watch";
import { type Cell, makeOp, type Op, scalarCode } from "./op";

/** Runs an op on tensors and records it when something is watched. Gives all parts. */
export function applyParts<Attrs>(op: Op<Attrs>, inputs: readonly Handle[], attrs: Attrs): readonly Handle[] {
  const shapes = op.shapes(inputs.map(shapeOfHandle), attrs);
  const dtypes = op.dtypes(inputs.map(dtypeOfHandle), attrs);
  const trace = traceOf(op.name, inputs);
  let outputs: Handle[];
  if (trace !== null) {
    outputs = shapes.map((shape, k) => new Handle(null, 0, 0, { shape, dtype: dtypes[k], data: null, trace }));
  } else {
    const data = shapes.map((shape, k) => allocate(dtypes[k], sizeOf(shape)));
    op.evaluate(data, inputs, attrs);
    outputs = data.map((numbers, k) => makeTensor(shapes[k], dtypes[k], numbers));
  }
  record(op, inputs, outputs, attrs, trace !== null);
  return outputs;
}

/** Runs an op with one output: applyParts without its lists. */
export function apply<Attrs>(op: Op<Attrs>, inputs: readonly Handle[], attrs: Attrs): Handle {
  const [a, b] = inputs;
  const pair = inputs.length === 2;
  const [shape] = op.shapes(
    pair ? [a.shape, b.shape] : inputs.length === 1 ? [a.shape] : inputs.map(shapeOfHandle),
    attrs,
  );
  const [dtype] = op.dtypes(
    pair ? [a.dtype, b.dtype] : inputs.length === 1 ? [a.dtype] : inputs.map(dtypeOfHandle),
    attrs,
  );
  const trace = traceOf(op.name, inputs);
  let y: Handle;
  if (trace !== null) y = new Handle(null, 0, 0, { shape, dtype, data: null, trace });
  else {
    const data = allocate(dtype, sizeOf(shape));
    op.evaluate([data], inputs, attrs);
    y = makeTensor(shape, dtype, data);
  }
  record(op, inputs, [y], attrs, trace !== null);
  return y;
}

const shapeOfHandle = (x: Handle): Shape => x.shape;
const dtypeOfHandle = (x: Handle): Dtype => x.dtype;

/** The youngest trace among symbolic inputs, null without any; an error for a symbol whose trace is over. */
export function traceOf(where: string, inputs: readonly Handle[]): Trace | null {
  let youngest: Trace | null = null;
  for (let k = 0; k < inputs.length; k++) {
    const body = inputs[k].body;
    if (body === null || body.data !== null) continue;
    if (body.trace === null) {
      return fail("op/reads", `${where}: a rule reads input values that its op did not declare in \`reads\`.`, {
        input: k,
      });
    }
    if (!body.trace.open) {
      fail(
        "trace/escaped",
        `${where}: input ${k} is a symbol of shape ${list(body.shape)} whose trace is over.`,
        { op: where, input: k, shape: body.shape },
        "Return it from the traced function instead of keeping it in an outer variable.",
      );
    }
    if (youngest === null || body.trace.id > youngest.id) youngest = body.trace;
  }
  return youngest;
}

/** Writes one entry (an entry per part) if an input is watched and the op lets something of it through. */
export function record(
  op: Op,
  inputs: readonly Handle[],
  outputs: readonly Handle[],
  attrs: unknown,
  symbolic: boolean,
): void {
  if (watch !== null && !symbolic) watch.made(op.name, inputs, outputs);
  let watched = false;
  for (let k = 0; k < inputs.length && !watched; k++) {
    watched = inputs[k].strand !== null && (symbolic || op.differentiable(k));
  }
  if (!watched || !(symbolic || outputs.some((y) => isFloat(y.dtype)))) return;
  const page = pageFor(op.parts);
  const index = page.length;
  let strand: Strand | null = null;
  let flags = 0;
  let bytes = 0;
  const places = new Array<number>(inputs.length);
  const kept = new Array<Handle>(inputs.length);
  for (let k = 0; k < inputs.length; k++) {
    const x = inputs[k];
    if (x.strand === null || !(symbolic || op.differentiable(k))) places[k] = 0;
    else {
      places[k] = placeOf(x);
      flags |= x.strand.page === null ? x.index & 3 : x.strand.page.flags[x.index];
      strand = joinStrand(strand, x.strand, page);
    }
    kept[k] = symbolic || isGhost(x) || op.readsInput(k) ? withoutHistory(x) : ghostOf(x);
    bytes += kept[k].body?.data?.byteLength ?? 0;
  }
  if (strand === null) strand = new Strand(page, page.base + index);
  const results = outputs.map((y) => (symbolic || op.readsOutput ? new Handle(null, 0, y.value, y.body) : ghostOf(y)));
  for (const y of results) bytes += y.body?.data?.byteLength ?? 0;
  const cell: Cell = { op, inputs: kept, places, outputs: results, attrs, bytes };
  if (watch !== null) watch.wrote(cell);
  page.cells ??= new Array<object | null>(PAGE_SIZE);
  const { cells } = page;
  for (let k = 0; k < outputs.length; k++) {
    page.codes[index + k] = k === 0 ? TENSOR_ENTRY : LATER_PART;
    cells[index + k] = cell;
    page.flags[index + k] = flags;
    outputs[k].strand = strand;
    outputs[k].index = index + k;
  }
  strand.size += outputs.length;
  page.length += outputs.length;
  page.bytes += bytes;
}

/** Writes one scalar entry: y = op(a, b), the op given by its code, of plain float64 numbers, at least one of a and b watched (b null: one input). */
export function recordScalar(code: number, a: Handle, b: Handle | null, y: number): Handle {
  const page = pageFor(1);
  const i = page.length;
  let strand: Strand | null = null;
  let flags = 0;
  const from = a.strand;
  if (from === null) page.placeA[i] = 0;
  else if (from.page === null) {
    page.placeA[i] = -a.index;
    flags = a.index & 3;
  } else {
    page.placeA[i] = from.page.base + a.index;
    flags |= from.page.flags[a.index];
    strand = joinStrand(null, from, page);
  }
  page.valueA[i] = a.value;
  if (b === null) page.placeB[i] = 0;
  else {
    const other = b.strand;
    if (other === null) page.placeB[i] = 0;
    else if (other.page === null) {
      page.placeB[i] = -b.index;
      flags |= b.index & 3;
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
  if (watch !== null) watch.wrote(page.base + i);
  return new Handle(strand, i, y, null);
}

let leaves = 0;

/** A leaf with the numbers of x: kind 0 a variable, FRESH an input of a transform, SYMBOLIC a symbol. */
export function makeLeaf(x: Handle, kind: number, birth: number): Handle {
  leaves++;
  return new Handle(new Strand(null, birth), leaves * 4 + kind, x.value, x.body);
}

/** A handle of the leaf at a place (negative), when its own is not at hand. */
export const leafAt = (place: number, value: number, body: Handle["body"]): Handle =>
  new Handle(ANY_LEAF, -place, value, body);
const ANY_LEAF = /* @__PURE__ */ new Strand(null, 0);

/** A 0-d float64 entry seen as a tensor entry: the core's own op that links a fresh input to a tracked tensor. */
export const ALIAS: Op = /* @__PURE__ */ makeOp({
  name: "alias",
  shapes: (shapes: readonly Shape[]) => shapes,
  dtypes: (dtypes) => dtypes,
  evaluate: ([out], [x]) => out.set(x.data),
  differentiable: () => true,
  readsInput: () => false,
  readsOutput: false,
  pull: (_, yBars) => yBars,
  push: (_, xDots) => xDots,
  batch: (inputs) => inputs,
  partialA: 1,
  declares: { linear: "jointly", normPreserving: true, elementwise: true },
});

const ALIAS_CODE = /* @__PURE__ */ scalarCode(ALIAS);

/** An input of a transform: a leaf, or, when x is itself on the tape, an entry linked to x. */
export function freshInput(x: Handle, birth: number): Handle {
  if (x.strand === null) return makeLeaf(x, FRESH, birth);
  let alias: Handle;
  if (x.body === null) alias = recordScalar(ALIAS_CODE, x, null, x.value);
  else {
    alias = new Handle(null, 0, 0, x.body);
    record(ALIAS, [x], [alias], undefined, isSymbolic(x));
  }
  const page = alias.strand?.page;
  if (page) page.flags[alias.index] |= FRESH;
  return alias;
}
