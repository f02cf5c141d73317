import type { Dtype, TensorData } from "../base/dtype";
import type { Shape } from "../base/shape";
import type { Handle } from "./handle";
import { type Page, TENSOR_ENTRY } from "./page";
import type { Value } from "./tensor";

/** A partial derivative of a scalar function: a formula of (a, b, y), or a constant. */
export type Partial = number | ((a: Value, b: Value, y: Value) => Value);

/** Partial derivatives that are an input or the output itself: a sweep reads them without a call. */
export const FIRST_INPUT: Partial = (a) => a;
export const SECOND_INPUT: Partial = (_, b) => b;
export const OUTPUT: Partial = (_, __, y) => y;
/** The same inputs, where exactly 0 in them absorbs too: of products in which 0 absorbs. */
export const FIRST_ABSORBING: Partial = (a) => a;
export const SECOND_ABSORBING: Partial = (_, b) => b;

/** A cotangent or tangent times a partial derivative; exactly 0 absorbs whatever the partial is. */
export function scale(bar: number, partial: Partial, a: number, b: number, y: number): number {
  if (typeof partial === "number") return partial === 1 ? bar : bar === 0 ? 0 : bar * partial;
  if (bar === 0) return 0;
  if (partial === SECOND_INPUT) return bar * b;
  if (partial === FIRST_INPUT) return bar * a;
  if (partial === OUTPUT) return bar * y;
  if (partial === FIRST_ABSORBING) return a === 0 ? 0 : bar * a;
  if (partial === SECOND_ABSORBING) return b === 0 ? 0 : bar * b;
  const d = partial(a, b, y);
  return bar * (typeof d === "number" ? d : d.item());
}

/** What a rule may read. */
export interface Residuals<Attrs = unknown> {
  readonly inputs: readonly Handle[];
  readonly outputs: readonly Handle[];
  readonly attrs: Attrs;
}

/** Facts that sweeps, rewrites and the compiler may act on; they never act on a name. */
export interface Declarations {
  readonly linear?: "jointly" | "each" | undefined;
  readonly normPreserving?: boolean | undefined;
  readonly elementwise?: boolean | undefined;
  contraction?(shapes: readonly Shape[], attrs: never): string;
}

/** One op as the core sees it: families and defineOp make these. */
export interface Op<Attrs = unknown> {
  readonly name: string;
  /** Number of outputs, at consecutive places. */
  readonly parts: number;
  shapes(shapes: readonly Shape[], attrs: Attrs): readonly Shape[];
  dtypes(dtypes: readonly Dtype[], attrs: Attrs): readonly Dtype[];
  evaluate(outputs: readonly TensorData[], inputs: readonly Handle[], attrs: Attrs): void;
  /** Whether the output varies differentiably with input k. */
  differentiable(k: number): boolean;
  /** Whether the rules read the value of input k, or of the outputs. */
  readsInput(k: number): boolean;
  readonly readsOutput: boolean;
  /** Cotangents of the wanted inputs, null where there is none. */
  pull(r: Residuals<Attrs>, yBars: readonly (Handle | null)[], wanted: readonly boolean[]): readonly (Value | null)[];
  /** Tangents of the outputs; null: zero. */
  push(r: Residuals<Attrs>, xDots: readonly (Handle | null)[]): readonly (Value | null)[];
  /** The op with a leading batch axis on the inputs that are batched, and on every output. */
  batch(inputs: readonly Handle[], batched: readonly boolean[], attrs: Attrs, size: number): readonly Handle[];
  /** Scalar entries: the partial derivatives by the first and the second input. */
  readonly partialA: Partial;
  readonly partialB: Partial;
  /** A cotangent or tangent times a partial derivative as an op, for scalar entries swept with history. */
  times(bar: Handle, partial: Value): Handle;
  readonly declares: Declarations;
  /** Its batch rule: its own, or derived as a loop over samples; "loop" for such a loop itself. */
  readonly batching: "own" | "derived" | "loop";
  /** Its pushforward: its own, or the transpose of its pullback. */
  readonly pushing: "own" | "derived";
}

/** What the page keeps of an entry that is not a scalar one: values and places of all inputs, and the attributes. */
export interface Cell {
  readonly op: Op;
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

const scalarOps: Op[] = [];
/** Their partial derivatives by code: what a sweep reads for each entry. */
export const partialsA: Partial[] = [0];
export const partialsB: Partial[] = [0];

/** The code of an op that can stand at scalar entries: pages keep codes, which nothing needs to trace. */
export function scalarCode(op: Op): number {
  scalarOps.push(op);
  partialsA.push(op.partialA);
  partialsB.push(op.partialB);
  return scalarOps.length;
}

/** The op of an entry; null for the later parts of an op, and for what a sweep let go of. */
export function opAt(page: Page, i: number): Op | null {
  const code = page.codes[i];
  if (code > 0) return scalarOps[code - 1];
  return code === TENSOR_ENTRY ? (cellAt(page, i)?.op ?? null) : null;
}

/** The cell of an entry; null for a scalar one, and for what a sweep let go of. */
export const cellAt = (page: Page, i: number): Cell | null =>
  page.codes[i] < 0 && page.cells !== null ? (page.cells[i] as Cell) : null;

/** Lets go of what an entry keeps, so that no later sweep can pass. */
export function letGoOf(page: Page, i: number, parts: number): void {
  page.bytes -= cellAt(page, i)?.bytes ?? 0;
  for (let k = i; k < i + parts; k++) {
    page.codes[k] = 0;
    if (page.cells !== null) page.cells[k] = null;
  }
  page.released += parts;
}

/** Defaults of an Op. */
export const OP_DEFAULTS = {
  parts: 1,
  readsInput: () => true,
  readsOutput: true,
  partialA: 0,
  partialB: 0,
  times: (bar: Handle): Handle => bar,
  declares: {},
  batching: "own",
  pushing: "own",
} as const;

/** An op from what is not default about it. */
export const makeOp = <Attrs = unknown>(
  fields: Omit<Op<Attrs>, keyof typeof OP_DEFAULTS> & Optional<Op<Attrs>>,
): Op<Attrs> => ({
  ...OP_DEFAULTS,
  ...fields,
});
type Optional<O> = { readonly [K in keyof typeof OP_DEFAULTS]?: K extends keyof O ? O[K] : never };

/** Ops that differ by their number of parts alone, each made when it is first wanted. */
export function byParts<Attrs>(make: (parts: number) => Op<Attrs>): (parts: number) => Op<Attrs> {
  const ops: Op<Attrs>[] = [];
  return (parts) => {
    ops[parts] ??= make(parts);
    return ops[parts];
  };
}

/** An op without derivatives: predicates, indices, random numbers. */
export const makeConstantOp = <Attrs = unknown>(
  fields: Omit<Op<Attrs>, keyof typeof OP_DEFAULTS | "differentiable" | "pull" | "push"> & Optional<Op<Attrs>>,
): Op<Attrs> =>
  makeOp<Attrs>({
    readsInput: () => false,
    readsOutput: false,
    ...fields,
    differentiable: () => false,
    pull: () => [],
    push: () => [],
  });
