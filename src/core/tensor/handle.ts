import { allocate, handOut, part } from "../../base/allocate";
import type { Dtype, TensorData } from "../../base/dtype";
import { fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { formatTensor } from "../../base/format";
import { type Shape, sizeOf } from "../../base/shape";
import { KIND_MASK, STRONG } from "../tape/page";
import { FREED, type Strand } from "../tape/strand";
import type { Tensor, TensorJson } from "./tensor";

/** One call of a traced function: its symbols are valid while it is open. */
export interface Trace {
  readonly id: number;
  open: boolean;
  /** What the function was called with, and what it was traced for: shapes and dtypes, or tensors with values. */
  symbols: readonly Handle[];
  examples: readonly object[];
  /** Conditions of one element; null: none was made. */
  conditions: Conditions | null;
}

/** Conditions of a trace that nothing has used yet, in the order in which they were made. */
export interface Conditions {
  readonly unused: Map<Body, Condition>;
  /** Throws if there are any. */
  check(): void;
}

/** Who made a condition, and where: the stack of the error that was made then. */
export interface Condition {
  readonly op: string;
  readonly at: Error;
}

/** What a tensor is besides its place on the tape; shared by all handles of the same elements. */
export interface Body {
  readonly shape: Shape;
  readonly dtype: Dtype;
  /** null: a symbol, or an elided residual. Maybe a view of shared memory, until it is first read from outside. */
  data: TensorData | null;
  /** The trace that a symbol belongs to. A body with neither data nor trace is elided: no rule reads it. */
  readonly trace: Trace | null;
}

/** Shape of a single number. */
export const SCALAR: readonly [] = /* @__PURE__ */ Object.freeze([]) as readonly [];

export const BRAND = /* @__PURE__ */ Symbol.for("gradtape.tensor");

/** Is told while a function runs that a tracked tensor is read, and that gradients are stopped on purpose. */
export interface Reader {
  /** A tensor is read; `frames`: how many calls stand between this one and who reads. */
  onRead(x: Handle, frames: number): void;
  onStop(): void;
}

/** Who is told, if anybody; not while an op evaluates. */
export const reading: { reader: Reader | null; evaluating: boolean } = { reader: null, evaluating: false };

/** Runs f with another reader, which is made from the one before. */
export function withReader<T>(make: (outer: Reader | null) => Reader, f: () => T): T {
  const { reader, evaluating } = reading;
  reading.reader = make(reader);
  reading.evaluating = false;
  try {
    return f();
  } finally {
    reading.reader = reader;
    reading.evaluating = evaluating;
  }
}

/** Reports a read of x: by the caller of the caller, or, with `frames`, of a later one; Infinity: by the library for the user. */
export function noteRead(x: Handle, frames = 2): void {
  if (reading.reader !== null && !reading.evaluating && x.strand !== null) reading.reader.onRead(x, frames);
}

/**
 * The one implementation of Tensor: a place on the tape (strand and index; no strand: no history), and its elements. A
 * 0-d float64 tensor has no body, only its value. Methods that are ops are attached by the main entry.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface declares what src/index.ts attaches
export class Handle {
  constructor(
    public strand: Strand | null,
    public index: number,
    readonly value: number,
    readonly body: Body | null,
  ) {}

  get shape(): Shape {
    return this.body === null ? SCALAR : this.body.shape;
  }
  get dtype(): Dtype {
    return this.body === null ? "float64" : this.body.dtype;
  }
  get rank(): number {
    return this.body === null ? 0 : this.body.shape.length;
  }
  get size(): number {
    return this.body === null ? 1 : sizeOf(this.body.shape);
  }
  get watched(): boolean {
    return this.strand !== null;
  }
  get data(): TensorData {
    if (reading.evaluating) return elementsOf(this);
    if (reading.reader !== null) noteRead(this);
    return ownElements(this);
  }

  item(): number {
    refuseExtra("item", "", 0, arguments);
    if (reading.reader !== null) noteRead(this);
    return elementOf(this, "item");
  }

  toArray(): unknown {
    refuseExtra("toArray", "", 0, arguments);
    if (reading.reader !== null) noteRead(this);
    if (this.body === null) return this.value;
    const { shape, dtype } = this.body;
    const data = known(this.body, "toArray");
    let rows: unknown[] = dtype === "bool" ? Array.from(data, (x) => x !== 0) : Array.from(data);
    if (shape.length === 0) return rows[0];
    const counts = [1];
    for (const size of shape) counts.push(counts[counts.length - 1] * size);
    for (let axis = shape.length - 1; axis > 0; axis--) {
      const [elements, size] = [rows, shape[axis]];
      rows = Array.from({ length: counts[axis] }, (_, i) => elements.slice(i * size, (i + 1) * size));
    }
    return rows;
  }

  toString(): string {
    refuseExtra("toString", "", 0, arguments);
    const { body } = this;
    const gone = body !== null && isGone(body);
    const data = body === null ? [this.value] : gone ? null : body.data;
    return formatTensor(this.shape, this.dtype, data, gone ? wayOfLoss(body) : undefined);
  }

  toJSON(): TensorJson {
    if (reading.reader !== null) noteRead(this, Infinity);
    const bool = this.dtype === "bool";
    const data = this.body === null ? [this.value] : known(this.body, "toJSON");
    return {
      dtype: this.dtype,
      shape: [...this.shape],
      data: Array.from(data, (x) => (bool ? x !== 0 : Number.isFinite(x) ? x : String(x))),
    };
  }

  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    return fail(
      "tensor/arithmetic",
      "Tensor: tensors do not support JavaScript operators (+, *, <, unary -), and inside a transform numbers are tensors too.",
      {},
      "Use functions such as mul(x, 2) and greater(x, 0), or x.item() where no gradient is needed.",
    );
  }

  [Symbol.iterator](): never {
    return fail(
      "tensor/iterator",
      `Tensor: tensors are not iterable, got one of shape ${list(this.shape)}.`,
      { shape: this.shape },
      "Take it apart with unstack(x), or read its numbers with x.toArray().",
    );
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  get [BRAND](): true {
    return true;
  }
}
export interface Handle extends Tensor {}

/** The one element of a tensor; `what` was asked for it. */
export function elementOf(x: Handle, what: string): number {
  if (x.body === null) return x.value;
  const data = known(x.body, what);
  if (data.length === 1) return data[0];
  return fail(
    "tensor/item",
    `${what}: the tensor must have one element, got shape ${list(x.shape)}.`,
    { shape: x.shape },
    "Use x.toArray() for all elements, x.at(...) for one of them.",
  );
}

function numberAlone(x: number): Float64Array {
  const data = new Float64Array(1);
  data[0] = x;
  return data;
}

/** Arrays of numbers that were read from outside: the same one is given again. */
const alone = /* @__PURE__ */ new WeakMap<Handle, Float64Array>();

/** The elements as they lie, for the library alone: maybe a view of memory that other tensors share. */
export const elementsOf = (x: Handle): TensorData => (x.body === null ? numberAlone(x.value) : known(x.body, "data"));

/** The elements as they leave the library: in memory that no other tensor shares, from the first read on. */
function ownElements(x: Handle): TensorData {
  if (x.body !== null) {
    x.body.data = handOut(known(x.body, "data"));
    zeros.delete(x.body.data);
    return x.body.data;
  }
  const data = alone.get(x) ?? numberAlone(x.value);
  alone.set(x, data);
  return data;
}

/** Whether somebody transferred the memory to another thread. */
const isGone = ({ data, shape }: Body): boolean => data !== null && data.length === 0 && sizeOf(shape) > 0;

/** Bodies whose memory has been used again. */
const overwritten = /* @__PURE__ */ new WeakSet<Body>();

const wayOfLoss = (body: Body): string => (overwritten.has(body) ? "overwritten" : "transferred");

/** Takes its elements from a tensor: the memory has been used again. */
export function overwrite({ body }: Handle): void {
  if (body === null) return;
  overwritten.add(body);
  body.data = body.data?.subarray(0, 0) ?? null;
}

/** Elements that are there to be read. */
function known(body: Body, what: string): TensorData {
  if (isGone(body)) {
    if (overwritten.has(body)) {
      fail(
        "compile/overwritten",
        `${what}: a result of shape ${list(body.shape)} was overwritten by later calls of its compiled function.`,
        { shape: body.shape },
        'With results: "reused", a result is good until the call after next; copy what is kept: x.data.slice().',
      );
    }
    fail(
      "tensor/transferred",
      `${what}: the elements of a tensor of shape ${list(body.shape)} were transferred away.`,
      { shape: body.shape },
      "Transfer a copy: x.data.slice().buffer.",
    );
  }
  return body.data ?? unreadable(body, what);
}

function unreadable(body: Body, what: string): never {
  if (body.trace === null) {
    return fail(
      "op/reads",
      `${what}: a rule reads a value that its op did not declare in \`reads\`.`,
      { shape: body.shape },
      "Name the value in the `reads` of the op's definition, or leave `reads` out.",
    );
  }
  return fail(
    "trace/value",
    `${what}: a symbolic tensor of shape ${list(body.shape)} has no values: inside vmap and trace a function runs on shapes.`,
    { shape: body.shape, dtype: body.dtype },
    "Choose between values with where(condition, a, b) or cond; read values outside.",
  );
}

/** A tensor without history: elements in a typed array that is written nowhere else. */
export function makeTensor(shape: Shape, dtype: Dtype, data: TensorData): Handle {
  if (shape.length === 0 && dtype === "float64") return new Handle(null, STRONG, data[0], null);
  // A shape of its own: who writes to it changes no other tensor. (A frozen one is slower to read.)
  return new Handle(null, shape.length === 0 ? STRONG : 0, 0, { shape: shape.slice(), dtype, data, trace: null });
}

/** The same elements and a shape of its own. */
export const ownShape = (body: Body | null): Body | null => body && { ...body, shape: body.shape.slice() };

/** A symbol that is not yet on the tape. */
export const makeSymbolic = (shape: Shape, dtype: Dtype, trace: Trace): Handle =>
  new Handle(null, 0, 0, { shape: shape.slice(), dtype, data: null, trace });

/** A plain boolean as a 0-d tensor, which is weak. */
export const makeTruth = (truth: boolean): Handle =>
  new Handle(null, 0, 0, { shape: SCALAR, dtype: "bool", data: Uint8Array.of(truth ? 1 : 0), trace: null });

/** A plain number as a 0-d float64 tensor, which is weak; with `flags` of what it was made of, as strong as that. */
export const makeScalar = (value: number, flags = 0): Handle => new Handle(null, flags & STRONG, value, null);

/** A tensor filled with one value. */
export function makeFilled(shape: Shape, dtype: Dtype, value: number, where?: string): Handle {
  if (shape.length === 0 && dtype === "float64") return makeScalar(value, STRONG);
  const data = allocate(dtype, sizeOf(shape), where, shape);
  if (value !== 0) data.fill(value);
  else if (data.length > FEW) zeros.add(data);
  return makeTensor(shape, dtype, data);
}

/** Row i of the first axis: a view of known elements. */
export function rowOf(x: Handle, i: number): Handle {
  const shape = x.shape.slice(1);
  const size = sizeOf(shape);
  return makeTensor(shape, x.dtype, part(elementsOf(x), i * size, (i + 1) * size));
}

/** So few elements are read to find out whether they are zeros: that costs less than to keep account of them. */
const FEW = 64;
/** Memory of more elements that was filled with zeros, which nobody has been handed since. */
const zeros = /* @__PURE__ */ new WeakSet<TensorData>();

/** Whether x is a constant that is known to be zeros: of many elements none is read to find out. */
export function isZeros({ strand, value, body }: Handle): boolean {
  if (strand !== null) return false;
  if (body === null) return Object.is(value, 0);
  const { data } = body;
  return data !== null && (data.length > FEW ? zeros.has(data) : data.every((x: number) => Object.is(x, 0)));
}

/** The same elements without history. */
export const withoutHistory = (x: Handle): Handle =>
  x.strand === null ? x : new Handle(null, flagsOf(x) & STRONG, x.value, x.body);

/** Shape and dtype without values, for a residual that no rule reads. */
export const elide = (x: Handle): Handle =>
  x.body === null
    ? ELIDED_SCALAR
    : new Handle(null, 0, 0, { shape: x.body.shape, dtype: x.body.dtype, data: null, trace: null });
const ELIDED_SCALAR = /* @__PURE__ */ new Handle(null, 0, 0, {
  shape: SCALAR,
  dtype: "float64",
  data: null,
  trace: null,
});

/** Whether x stands for values that are not known: a symbol. */
export const isSymbolic = (x: Handle): boolean => x.body !== null && x.body.data === null && x.body.trace !== null;

/** Whether x has a shape and dtype only because no rule reads it. */
export const isElided = (x: Handle): boolean => x.body !== null && x.body.data === null && x.body.trace === null;

/** The place of x on the tape: 0 for a constant, negative for a leaf, positive for an entry. */
export function placeOf(x: Handle): number {
  if (x.strand === null) return 0;
  return x.strand.page === null ? -x.index : x.strand.page.base + x.index;
}

/** What x depends on: FRESH, SYMBOLIC, VARIABLE; and whether it is STRONG, which the index of a number without history says. */
export function flagsOf(x: Handle): number {
  if (x.strand === null) return x.body === null || isSingleBool(x.body) ? x.index : STRONG;
  if (x.strand.page === null) return x.index & KIND_MASK;
  return x.strand === FREED ? STRONG : x.strand.page.flags[x.index];
}

const isSingleBool = ({ shape, dtype }: Body): boolean => shape.length === 0 && dtype === "bool";

/**
 * Whether x stands for a plain number, of whatever float dtype it meets, or for a plain boolean: a 0-d float64 or bool made of
 * such alone.
 */
export const isWeak = (x: Handle): boolean =>
  (x.body === null || isSingleBool(x.body) || (x.body.shape.length === 0 && x.body.dtype === "float64")) &&
  (flagsOf(x) & STRONG) === 0;

/** Zeros of the shape and dtype of x. */
export const zeroLike = (x: Handle): Handle => makeFilled(x.shape, x.dtype, 0);
