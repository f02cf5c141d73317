/*
 * Just enough of the binary format of WebAssembly: functions of 32-bit integers and doubles whose locals are integers,
 * doubles, floats and vectors, and a module of them with one memory. Bytes are appended to one growing array.
 * See https://webassembly.github.io/spec/core/binary.
 */

/** Types of values. */
export const I32 = 0x7f;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
/** The type of a block without a result. */
const NOTHING = 0x40;

/** The bytes of a shuffle that makes lanes of 64 bits lanes of 32 bits: their lower halves, in the lower half of the vector. */
export const LOWER_HALVES: readonly number[] = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];
/** Bytes of a page of memory. */
export const PAGE = 65536;

const FEW_BYTES = 24;

/** Bytes that are appended to. */
export class Bytes {
  private data = new Uint8Array(256);
  length = 0;

  push(byte: number): this {
    if (this.length === this.data.length) this.reserve(1);
    this.data[this.length++] = byte;
    return this;
  }

  append(bytes: ArrayLike<number>): this {
    const { length } = bytes;
    this.reserve(length);
    // Instructions are a few bytes, which are set one by one sooner than by a call.
    if (length > FEW_BYTES) this.data.set(bytes, this.length);
    else for (let i = 0; i < length; i++) this.data[this.length + i] = bytes[i];
    this.length += length;
    return this;
  }

  /** An unsigned integer of 32 bits, in groups of 7. */
  unsigned(x: number): this {
    let rest = x >>> 0;
    while (rest > 127) {
      this.push((rest & 127) | 128);
      rest >>>= 7;
    }
    return this.push(rest);
  }

  /** A signed integer of 32 bits, in groups of 7. */
  signed(x: number): this {
    let rest = x | 0;
    while (rest < -64 || rest > 63) {
      this.push((rest & 127) | 128);
      rest >>= 7;
    }
    return this.push(rest & 127);
  }

  name(text: string): this {
    this.unsigned(text.length);
    for (let i = 0; i < text.length; i++) this.push(text.charCodeAt(i));
    return this;
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.data.subarray(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.data.length) return;
    const data = new Uint8Array(Math.max(2 * this.data.length, this.length + more));
    data.set(this.view());
    this.data = data;
  }
}

/** The code of one function without a result. */
export class FunctionCode {
  readonly code = new Bytes();
  private readonly locals: number[] = [];
  /** Locals that nobody uses at the moment, by type. */
  private readonly free = new Map<number, number[]>();

  constructor(readonly parameters: readonly number[] = []) {}

  /** A local of a type; one that was given back, if there is any. */
  local(type: number): number {
    const again = this.free.get(type)?.pop();
    if (again !== undefined) return again;
    this.locals.push(type);
    return this.parameters.length + this.locals.length - 1;
  }

  release(type: number, local: number): void {
    const free = this.free.get(type);
    if (free === undefined) this.free.set(type, [local]);
    else free.push(local);
  }

  get(local: number): this {
    this.code.push(0x20).unsigned(local);
    return this;
  }

  set(local: number): this {
    this.code.push(0x21).unsigned(local);
    return this;
  }

  /** Sets and leaves the value on the stack. */
  tee(local: number): this {
    this.code.push(0x22).unsigned(local);
    return this;
  }

  integer(x: number): this {
    this.code.push(0x41).signed(x);
    return this;
  }

  double(x: number): this {
    this.code.push(0x44).append(new Uint8Array(Float64Array.of(x).buffer));
    return this;
  }

  float(x: number): this {
    this.code.push(0x43).append(new Uint8Array(Float32Array.of(x).buffer));
    return this;
  }

  /** One instruction without immediates. */
  op(instruction: number): this {
    this.code.push(instruction);
    return this;
  }

  raw(bytes: readonly number[]): this {
    this.code.append(bytes);
    return this;
  }

  /** An instruction of vectors. */
  simd(instruction: number): this {
    this.code.push(0xfd).unsigned(instruction);
    return this;
  }

  /** A load or store of a vector, of one lane if that is given; the address is on the stack. */
  memory(instruction: number, offset: number, lane = -1): this {
    this.simd(instruction).code.push(0).unsigned(offset);
    if (lane >= 0) this.code.push(lane);
    return this;
  }

  /** A load or store of a number. */
  plainMemory(instruction: number, offset: number): this {
    this.code.push(instruction).push(0).unsigned(offset);
    return this;
  }

  /** A vector of 16 given bytes. */
  vector(bytes: ArrayLike<number>): this {
    this.simd(0x0c).code.append(bytes);
    return this;
  }

  /** Lanes of two vectors, by the places of their bytes. */
  shuffle(places: readonly number[]): this {
    this.simd(0x0d).code.append(places);
    return this;
  }

  call(index: number): this {
    this.code.push(0x10).unsigned(index);
    return this;
  }

  add(local: number, by: number): this {
    return by === 0 ? this : this.get(local).integer(by).op(0x6a).set(local);
  }

  /** Runs the body so many times. */
  repeat(times: number, body: () => void): void {
    if (times <= 0) return;
    if (times === 1) {
      body();
      return;
    }
    const left = this.local(I32);
    this.integer(times).set(left);
    this.repeatWhile(() => {
      body();
      this.get(left).integer(1).op(0x6b).tee(left);
    });
    this.release(I32, left);
  }

  /** Runs the body again as long as it leaves an integer other than 0. */
  repeatWhile(body: () => void): void {
    this.op(0x03).op(NOTHING);
    body();
    this.op(0x0d).op(0).op(0x0b);
  }

  /** Runs the body if the integer on the stack is not 0. */
  when(body: () => void): void {
    this.op(0x04).op(NOTHING);
    body();
    this.op(0x0b);
  }

  /** Runs one of several bodies: that of the integer which `which` leaves on the stack. */
  choice(count: number, which: () => void, body: (k: number) => void): void {
    // A block for each body, around a block for each before it, and one around all.
    for (let k = 0; k <= count; k++) this.op(0x02).op(NOTHING);
    which();
    this.op(0x0e).code.unsigned(count - 1);
    for (let k = 0; k < count; k++) this.code.unsigned(k);
    for (let k = 0; k < count; k++) {
      this.op(0x0b);
      body(k);
      // Past the other bodies.
      this.op(0x0c).code.unsigned(count - 1 - k);
    }
    this.op(0x0b);
  }

  /** Writes locals and code, with their length before them. */
  write(to: Bytes): void {
    const runs: [count: number, type: number][] = [];
    for (const type of this.locals) {
      const last = runs.at(-1);
      if (last?.[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    const head = new Bytes().unsigned(runs.length);
    for (const [count, type] of runs) head.unsigned(count).push(type);
    to.unsigned(head.length + this.code.length + 1);
    to.append(head.view()).append(this.code.view()).push(0x0b);
  }
}

/** The type of a function: what it takes and what it gives. */
export interface Signature {
  readonly takes: readonly number[];
  readonly gives: readonly number[];
}

/** A module: the memory and the functions that it is given, and its own. */
export interface ModuleParts {
  /** Pages of 64 KB that the imported memory has at least. */
  readonly pages: number;
  /** Functions that it is given, "f0", "f1", ...; they come first in the numbering. */
  readonly imports: readonly Signature[];
  readonly functions: readonly FunctionCode[];
  /** Names of own functions, by their place among them. */
  readonly exports: ReadonlyMap<string, number>;
}

function section(to: Bytes, id: number, write: (content: Bytes) => void): void {
  const content = new Bytes();
  write(content);
  to.push(id).unsigned(content.length).append(content.view());
}

/** The bytes of a module. It imports "m", "memory" and the functions from one object called "e". */
export function assemble({ pages, imports, functions, exports }: ModuleParts): Uint8Array<ArrayBuffer> {
  const out = new Bytes().append([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const signatures = [...imports, ...functions.map(({ parameters }) => ({ takes: parameters, gives: [] }))];
  const keys = signatures.map(({ takes, gives }) => `${takes.join()}>${gives.join()}`);
  const types = [...new Set(keys)];
  const typeAt = (k: number): number => types.indexOf(keys[k]);
  section(out, 1, (to) => {
    to.unsigned(types.length);
    for (const type of types) {
      const { takes, gives } = signatures[keys.indexOf(type)];
      to.push(0x60).unsigned(takes.length).append(takes).unsigned(gives.length).append(gives);
    }
  });
  section(out, 2, (to) => {
    to.unsigned(imports.length + 1)
      .name("e")
      .name("m")
      .push(2)
      .push(0)
      .unsigned(pages);
    imports.forEach((_, k) => {
      to.name("e").name(`f${k}`).push(0).unsigned(typeAt(k));
    });
  });
  section(out, 3, (to) => {
    to.unsigned(functions.length);
    functions.forEach((_, k) => {
      to.unsigned(typeAt(imports.length + k));
    });
  });
  section(out, 7, (to) => {
    to.unsigned(exports.size);
    for (const [name, k] of exports)
      to.name(name)
        .push(0)
        .unsigned(imports.length + k);
  });
  section(out, 10, (to) => {
    to.unsigned(functions.length);
    for (const f of functions) f.write(to);
  });
  return out.view();
}

interface Wasm {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
  readonly Memory: new (size: { readonly initial: number; readonly maximum?: number }) => WasmMemory;
  validate(bytes: Uint8Array): boolean;
}

/** The memory of modules. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages, which detaches all views. */
  grow(pages: number): number;
}

/** What was found out about a WebAssembly. */
let tried: { readonly engine: Wasm | undefined; readonly works: boolean } | null = null;

/** WebAssembly with vectors, or null where it is missing or refused. */
export function wasm(): Wasm | null {
  const { WebAssembly: engine } = globalThis as { WebAssembly?: Wasm };
  if (tried?.engine !== engine || tried === null) tried = { engine, works: engine !== undefined && works(engine) };
  return tried.works ? (engine ?? null) : null;
}

/** Whether it takes a module: a content security policy refuses all of them, whatever they hold. */
function works(engine: Wasm): boolean {
  try {
    const probe = new FunctionCode();
    probe.vector(new Uint8Array(16)).op(0x1a);
    new engine.Module(assemble({ pages: 0, imports: [], functions: [probe], exports: new Map() }));
    return true;
  } catch {
    return false;
  }
}
