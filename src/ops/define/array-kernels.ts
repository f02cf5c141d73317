import { bytesOf, type Dtype, type TensorData } from "../../base/dtype";
import { assemble, PAGE, type WasmMemory, wasm } from "../../kernel/assembler";
import type { Formula } from "../../kernel/formula";
import { mapCode, SLACK } from "../../kernel/map-code";
import type { NumberType } from "../../kernel/primitives";
import type { ArrayMap, Stretches } from "./elementwise-loops";

/*
 * Formulas over arrays in WebAssembly: elements are copied into one memory, block by block, and the results out of it. A kernel
 * is made for each kind of arrays when they first come, and compiled at once: it is a few hundred bytes.
 */

type Data = TensorData;
type Engine = NonNullable<ReturnType<typeof wasm>>;

/** Bytes of the arrays of a block, which stay in the second cache. */
const BLOCK_BYTES = 2 ** 18;
/** Elements of a block where operands are broadcast. */
const BLOCK = 16384;
/** Operands that are broadcast have at most so many elements: they are copied whole. */
const MOST_WHOLE = 2 ** 20;
/** Stretches of fewer elements are done sooner than a kernel is entered. */
const SHORTEST_STRETCH = 8;

/** A kernel for some dtypes. */
interface Kernel {
  readonly type: NumberType;
  readonly inputs: readonly (Dtype | null)[];
  readonly outputs: readonly Dtype[];
  readonly perTurn: number;
  /** Elements of a block. */
  readonly block: number;
  readonly run: (...args: readonly number[]) => void;
}

/** Dtypes by the kinds of arrays; 0 is a number. */
const DTYPES = [null, "float32", "float64", "int32", "bool"] as const;
const kindOf = (x: Data | number): number => {
  if (x instanceof Float32Array) return 1;
  if (x instanceof Float64Array) return 2;
  if (typeof x === "number") return 0;
  return x instanceof Int32Array ? 3 : 4;
};
const dtypeOf = (x: Data): Dtype => DTYPES[kindOf(x)] ?? "bool";

/** The memory of all kernels. */
class Workspace {
  private readonly memory: WasmMemory;
  private buffer: ArrayBuffer | null = null;
  private views: Readonly<Record<Dtype, Data>> = { float32: NONE, float64: NONE, int32: NONE, bool: NONE };
  private used = 0;

  constructor(readonly engine: Engine) {
    this.memory = new engine.Memory({ initial: 16 });
  }

  /** Makes room for arrays of so many elements, and forgets what was there; false where there is not so much memory. */
  reserve(bytes: number): boolean {
    this.used = 0;
    const missing = bytes - this.memory.buffer.byteLength;
    if (missing > 0) {
      try {
        this.memory.grow(Math.ceil(missing / PAGE));
      } catch {
        return false;
      }
    }
    const { buffer } = this.memory;
    if (buffer === this.buffer) return true;
    this.buffer = buffer;
    this.views = {
      float32: new Float32Array(buffer),
      float64: new Float64Array(buffer),
      int32: new Int32Array(buffer),
      bool: new Uint8Array(buffer),
    };
    return true;
  }

  /** The address of a place for so many elements. */
  place(dtype: Dtype, size: number): number {
    const address = this.used;
    this.used += bytesIn(dtype, size);
    return address;
  }

  /** Copies elements in. */
  write(address: number, dtype: Dtype, data: Data, start: number, end: number): void {
    this.views[dtype].set(end - start === data.length ? data : data.subarray(start, end), address / bytesOf(dtype));
  }

  writeNumber(address: number, type: NumberType, x: number): void {
    this.views[type][address / bytesOf(type)] = x;
  }

  /** Copies results out. */
  read(address: number, dtype: Dtype, data: Data, start: number, count: number): void {
    const from = address / bytesOf(dtype);
    data.set(this.views[dtype].subarray(from, from + count), start);
  }

  /** The kernel of formulas for some dtypes; null where there is none. */
  kernel(formulas: readonly Formula[], inputs: readonly (Dtype | null)[], outputs: readonly Dtype[]): Kernel | null {
    const type = typeOf(inputs);
    const made = mapCode({ formulas, type, inputs, outputs });
    if (made === null) return null;
    const bytes = assemble({ pages: 1, imports: [], functions: [made.code], exports: new Map([["run", 0]]) });
    const { run } = new this.engine.Instance(new this.engine.Module(bytes), { e: { m: this.memory } }).exports;
    const each = [...inputs, ...outputs].reduce((sum, dtype) => sum + (dtype === null ? 0 : bytesOf(dtype)), 0);
    const block = Math.floor(BLOCK_BYTES / each / 64) * 64;
    return { type, inputs, outputs, perTurn: made.perTurn, block, run: run as Kernel["run"] };
  }
}

const NONE = /* @__PURE__ */ new Uint8Array(0);
const bytesIn = (dtype: Dtype, size: number): number => (size * bytesOf(dtype) + SLACK + 15) & ~15;

let workspace: Workspace | null | undefined;
/** The workspace; null where WebAssembly is missing or refused. */
function workspaceOf(): Workspace | null {
  if (workspace === undefined) {
    const engine = wasm();
    workspace = engine === null ? null : new Workspace(engine);
  }
  return workspace;
}

/** Formulas over arrays; every kind of arrays has a kernel of its own. */
class KernelMap implements ArrayMap {
  private readonly kernels = new Map<number, Kernel | null>();

  constructor(private readonly formulas: readonly Formula[]) {}

  run(outputs: readonly Data[], inputs: readonly (Data | number)[], n: number): boolean {
    const space = workspaceOf();
    const kernel = space && this.kernelOf(space, inputs, outputs);
    if (space === null || kernel === null) return false;
    const block = kernel.block;
    const size = Math.min(n, block);
    let bytes = 0;
    for (const dtype of kernel.outputs) bytes += bytesIn(dtype, size);
    for (const dtype of kernel.inputs) bytes += bytesIn(dtype ?? kernel.type, size);
    if (!space.reserve(bytes)) return false;
    const at = [0];
    for (const dtype of kernel.outputs) at.push(space.place(dtype, size));
    for (const dtype of kernel.inputs) at.push(space.place(dtype ?? kernel.type, size));
    for (let start = 0; start < n; start += block) {
      const end = Math.min(n, start + block);
      for (let k = 0, to = 1 + outputs.length; k < inputs.length; k++, to++) {
        const x = inputs[k];
        if (typeof x !== "number") space.write(at[to], kernel.inputs[k] ?? kernel.type, x, start, end);
        else if (start === 0) space.writeNumber(at[to], kernel.type, x);
      }
      at[0] = Math.ceil((end - start) / kernel.perTurn);
      if (at.length === 3) kernel.run(at[0], at[1], at[2]);
      else if (at.length === 4) kernel.run(at[0], at[1], at[2], at[3]);
      else kernel.run(...at);
      for (let k = 0; k < outputs.length; k++) {
        space.read(at[1 + k], kernel.outputs[k], outputs[k], start, end - start);
      }
    }
    return true;
  }

  broadcast(out: Data, a: Data, b: Data, stretches: Stretches): boolean {
    const space = workspaceOf();
    const { n, stepA, stepB } = stretches;
    if (space === null || n < SHORTEST_STRETCH || (stepA === 0 && stepB === 0)) return false;
    const [dtype, type] = [dtypeOf(out), dtypeOf(a)];
    const length = out.length;
    const isWhole = (x: Data): boolean => x.length < length;
    if (type === "bool" || dtypeOf(b) !== type) return false;
    if ([a, b].some((x) => isWhole(x) && x.length > MOST_WHOLE)) return false;
    const kernel = this.kernelOf(space, [stepA === 0 ? 0 : a, stepB === 0 ? 0 : b], [out]);
    if (kernel === null) return false;
    const size = Math.min(length, BLOCK);
    const sizes = [a, b].map((x) => (isWhole(x) ? x.length : size));
    if (!space.reserve(bytesIn(dtype, size) + bytesIn(type, sizes[0]) + bytesIn(type, sizes[1]))) return false;
    const to = space.place(dtype, size);
    const operands = [a, b].map((x, k) => ({ x, address: space.place(type, sizes[k]), whole: isWhole(x) }));
    for (const { x, address, whole } of operands) if (whole) space.write(address, type, x, 0, x.length);
    const [atA, atB] = operands;
    const [bytes, bytesOut] = [bytesOf(type), bytesOf(dtype)];
    // The block under way: outputs from `base` to `end`, of which those up to `done` are computed.
    let [base, end, done] = [0, 0, 0];
    const begin = (from: number): void => {
      if (done > base) space.read(to, dtype, out, base, done - base);
      [base, done, end] = [from, from, Math.min(length, from + BLOCK)];
      for (const { x, address, whole } of operands) if (!whole) space.write(address, type, x, base, end);
    };
    const run = (at: number, i: number, j: number, count: number): void => {
      if (at + count > end) begin(at);
      kernel.run(
        Math.ceil(count / kernel.perTurn),
        to + (at - base) * bytesOut,
        atA.address + (i - (atA.whole ? 0 : base)) * bytes,
        atB.address + (j - (atB.whole ? 0 : base)) * bytes,
      );
      done = at + count;
    };
    stretches.each((at, i, j) => {
      for (let k = 0; k < n; k += BLOCK) run(at + k, i + k * stepA, j + k * stepB, Math.min(BLOCK, n - k));
    });
    begin(length);
    return true;
  }

  private kernelOf(space: Workspace, inputs: readonly (Data | number)[], outputs: readonly Data[]): Kernel | null {
    let key = 0;
    for (const x of inputs) key = 5 * key + kindOf(x);
    for (const x of outputs) key = 5 * key + kindOf(x);
    let kernel = this.kernels.get(key);
    if (kernel === undefined) {
      kernel = space.kernel(
        this.formulas,
        inputs.map((x) => DTYPES[kindOf(x)]),
        outputs.map(dtypeOf),
      );
      this.kernels.set(key, kernel);
    }
    return kernel;
  }
}

/** What elements of arrays are computed in, together. */
const typeOf = (dtypes: readonly (Dtype | null)[]): NumberType =>
  dtypes.includes("float64") ? "float64" : dtypes.includes("float32") ? "float32" : "int32";

/** Formulas over arrays, in kernels. */
export const kernelMaps = (formulas: readonly Formula[]): ArrayMap => new KernelMap(formulas);
