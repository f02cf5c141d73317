import { adopt, allocate, allocateFloat64 } from "../../base/allocate";
import { bytesOf, type Dtype, type TensorData } from "../../base/dtype";
import { sizeOf } from "../../base/shape";
import { applyParts } from "../../core/op/apply";
import type { Kind } from "../../core/op/op";
import { STRONG } from "../../core/tape/page";
import { elementsOf, Handle, makeScalar, makeTensor, overwrite } from "../../core/tensor/handle";
import type { wasm } from "../../kernel/assembler";
import type { Emitted } from "../emit/emit";
import type { Call } from "../schedule/kernels";
import type { Layout } from "../schedule/place";
import type { Schedule } from "../schedule/schedule";
import { checkBytes, commonRoom, ownRoom, type Room } from "./memory";

/*
 * Run: a module in its memory, elements in and results out.
 */

type Engine = NonNullable<ReturnType<typeof wasm>>;

const ARRAYS = { float64: Float64Array, float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;

/** Elements of a dtype in memory. */
function viewOf(buffer: ArrayBuffer, dtype: Dtype, address: number, size: number): TensorData {
  const Type = ARRAYS[dtype];
  return new Type(buffer, address, size);
}

/** Results of at most so many bytes have memory of their own: whoever keeps one keeps no more. */
const SMALL_BYTES = 64;

/** A module with a memory, and views of what goes in and out. */
class Binding {
  readonly run: () => void;
  readonly room: Room;
  private buffer: ArrayBuffer | null = null;
  private inputs: TensorData[] = [];
  private doubles = new Float64Array(0);

  constructor(
    engine: Engine,
    module: object,
    room: Room,
    private readonly machine: Machine,
  ) {
    this.room = room;
    const { emitted } = machine;
    const functions = emitted.functions.map(({ f }) => f.plain);
    const e = Object.fromEntries([
      ["m", room.memory],
      ["f0", (k: number) => this.callBack(emitted.calls[k])],
      ...functions.map((f, k) => [`f${k + 1}`, f] as const),
    ]);
    const { run } = new engine.Instance(module, { e }).exports;
    if (typeof run !== "function") throw new TypeError("a module without its function");
    this.run = run as () => void;
  }

  /** Views of the memory, which are gone when it has grown; and constants, if another program was here. */
  prepare(): void {
    const { room, machine } = this;
    const { buffer } = room.memory;
    if (buffer !== this.buffer) {
      this.buffer = buffer;
      this.inputs = machine.schedule.inputs.map(({ dtype, address, size }) => viewOf(buffer, dtype, address, size));
      this.doubles = new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8));
    }
    if (room.owner === this) return;
    room.owner = this;
    for (const { type, value, address } of machine.emitted.constants) {
      viewOf(buffer, type, address, 16 / bytesOf(type)).fill(value);
    }
    for (const { address, elements } of machine.emitted.tables)
      new Int32Array(buffer, address, elements.length).set(elements);
    for (const { role, elements, dtype, address, size } of machine.schedule.buffers) {
      if (role === "constant" && elements !== undefined) viewOf(buffer, dtype, address, size).set(elements);
    }
  }

  write(inputs: readonly Handle[]): void {
    for (let k = 0; k < inputs.length; k++) {
      const x = inputs[k];
      if (x.body === null) this.doubles[this.machine.schedule.inputs[k].address >> 3] = x.value;
      else this.inputs[k].set(elementsOf(x));
    }
  }

  writeNumbers(inputs: readonly number[]): void {
    const { doubles } = this;
    const places = this.machine.schedule.inputs;
    for (let k = 0; k < inputs.length; k++) doubles[places[k].address >> 3] = inputs[k];
  }

  readNumbers(): number[] {
    const { doubles } = this;
    return this.machine.schedule.outputs.map(({ address }) => doubles[address >> 3]);
  }

  /** All results: small ones alone, the others in one block, or in `into`. */
  read(into: ArrayBuffer | null): Handle[] {
    const { machine, doubles } = this;
    const { outputs } = machine.schedule;
    const buffer = this.room.memory.buffer;
    const block = machine.hasLarge ? this.copyOut(into) : null;
    const { kinds, layout } = machine;
    return outputs.map(({ dtype, address, size }, k) => {
      const { shape } = kinds[k];
      if (dtype === "float64" && shape.length === 0) return makeScalar(doubles[address >> 3], STRONG);
      if (block === null || size * bytesOf(dtype) <= SMALL_BYTES) {
        return makeTensor(shape, dtype, viewOf(buffer, dtype, address, size).slice());
      }
      const elements = viewOf(block.buffer, dtype, block.byteOffset + address - layout.outputs.from, size);
      return makeTensor(shape, dtype, into === null ? elements : adopt(elements));
    });
  }

  /** The block of all results in memory that is theirs. */
  private copyOut(into: ArrayBuffer | null): Float64Array<ArrayBuffer> {
    const { from, to } = this.machine.layout.outputs;
    const size = (to - from) / 8;
    const block = into === null ? allocateFloat64(size) : new Float64Array(into);
    block.set(this.doubles.subarray(from / 8, to / 8));
    return block;
  }

  /** Runs an op on copies of its inputs, which it may keep, and takes its results over. */
  private callBack({ op, attrs, inputs, outputs }: Call): void {
    const { buffer } = this.room.memory;
    const given = inputs.map((x): Handle => {
      if (x instanceof Handle) return x;
      const elements = allocate(x.dtype, sizeOf(x.shape), op.name, x.shape);
      elements.set(viewOf(buffer, x.dtype, x.buffer.address, x.buffer.size));
      return makeTensor(x.shape, x.dtype, elements);
    });
    applyParts(op, given, attrs).forEach((y, k) => {
      const { dtype, address, size } = outputs[k].buffer;
      viewOf(buffer, dtype, address, size).set(y.body === null ? [y.value] : elementsOf(y));
    });
  }
}

/** A compiled program that can be run. */
export interface Runner {
  /** The results for other inputs, of the same shapes and dtypes. */
  run(inputs: readonly Handle[]): Handle[];
  /** The same for inputs and results that are single doubles. */
  runNumbers(inputs: readonly number[]): number[];
}

/** A compiled program as a module of WebAssembly. */
export class Machine implements Runner {
  private readonly module: object;
  /** Whether some result is not small. */
  readonly hasLarge: boolean;
  private common: Binding | null = null;
  private readonly own: Binding[] = [];
  /** The blocks of results that are used in turn, and the tensors that lie in them. */
  private readonly blocks: Block[] = [];
  private turn = 0;

  constructor(
    private readonly engine: Engine,
    readonly schedule: Schedule,
    readonly layout: Layout,
    readonly emitted: Emitted,
    readonly kinds: readonly Kind[],
    private readonly reused: boolean,
  ) {
    checkBytes(emitted.end, schedule.buffers);
    this.module = new engine.Module(emitted.bytes);
    this.hasLarge = schedule.outputs.some(({ size, dtype }) => size * bytesOf(dtype) > SMALL_BYTES);
  }

  run(inputs: readonly Handle[]): Handle[] {
    const binding = this.binding();
    binding.prepare();
    binding.write(inputs);
    this.enter(binding);
    return this.results(binding);
  }

  runNumbers(inputs: readonly number[]): number[] {
    const binding = this.binding();
    binding.prepare();
    binding.writeNumbers(inputs);
    this.enter(binding);
    return binding.readNumbers();
  }

  private enter(binding: Binding): void {
    const { room } = binding;
    room.busy = true;
    try {
      binding.run();
    } catch (error) {
      // What stands in memory is not to be relied on.
      room.owner = null;
      throw error;
    } finally {
      room.busy = false;
    }
  }

  /** The module in the memory of all; where that is in use, in one of its own. */
  private binding(): Binding {
    // A memory never shrinks: what it was large enough for, it is.
    if (this.common?.room.busy === false) return this.common;
    const { engine, emitted, schedule } = this;
    const common = commonRoom(engine, emitted.end, schedule.buffers);
    if (common !== null) {
      this.common ??= new Binding(engine, this.module, common, this);
      return this.common;
    }
    const idle = this.own.find(({ room }) => !room.busy);
    if (idle !== undefined) return idle;
    const binding = new Binding(engine, this.module, ownRoom(engine, emitted.end, schedule.buffers), this);
    this.own.push(binding);
    return binding;
  }

  private results(binding: Binding): Handle[] {
    const { kinds, schedule } = this;
    const block = this.reused ? this.nextBlock() : null;
    const tensors = binding.read(block?.memory ?? null);
    if (block !== null) {
      block.tensors = tensors.filter((_, k) => schedule.outputs[k].size * bytesOf(kinds[k].dtype) > SMALL_BYTES);
    }
    return tensors;
  }

  /** The older of two blocks: the tensors that lie in it are overwritten. */
  private nextBlock(): Block {
    const { from, to } = this.layout.outputs;
    this.turn = 1 - this.turn;
    this.blocks[this.turn] ??= { memory: new ArrayBuffer(to - from), tensors: [] };
    const block = this.blocks[this.turn];
    block.tensors.forEach(overwrite);
    return block;
  }
}

/** Memory of results that is used again, and the tensors that lie in it. */
interface Block {
  readonly memory: ArrayBuffer;
  tensors: readonly Handle[];
}
