import { bytesOf, type Dtype } from "../base/dtype";
import { type FunctionCode, I32, V128 } from "./assembler";
import type { Expression, Read, Stored } from "./expression";
import { eachPart } from "./vector";

/*
 * Nested loops over axes whose sizes are known, with one running byte offset for each distinct list of strides: everything
 * else of an address stands in the instructions.
 */

/** Arrays with the same strides move together. */
interface Pace {
  readonly strides: readonly number[];
  /** The local of the running offset; -1 outside of all loops that move it. */
  local: number;
  /** What the offset begins with, so that it is never negative: addresses are unsigned. */
  readonly bias: number;
}

/** Loops, and what is read and written inside of them. */
export class Nest {
  private readonly paces = new Map<string, Pace>();
  /** How far each axis is ahead of its loop. */
  private readonly ahead: number[];

  constructor(
    private readonly f: FunctionCode,
    private readonly sizes: readonly number[],
    private readonly lanes: 2 | 4,
  ) {
    this.ahead = sizes.map(() => 0);
  }

  /** Tells what will be read, before the loops begin. */
  expect(roots: readonly Expression[]): void {
    eachPart(roots, (x) => {
      if (x.is === "read") this.paceOf(x.strides, bytesOf(x.array.dtype));
      if (x.is === "place") this.paceOf(x.strides, 1);
    });
  }

  /** Tells what will be written. */
  expectWrites(dtype: Dtype, strides: readonly number[]): void {
    this.paceOf(strides, bytesOf(dtype));
  }

  /** Runs the body `turns` times, and moves axes after each. */
  over(steps: readonly (readonly [axis: number, by: number])[], turns: number, body: () => void): void {
    if (turns <= 1) {
      if (turns === 1) body();
      return;
    }
    const { f } = this;
    const moved = [...this.paces.values()].flatMap((pace) => {
      const by = steps.reduce((sum, [axis, count]) => sum + pace.strides[axis] * count, 0);
      return by === 0 ? [] : [{ pace, by, outer: pace.local }];
    });
    for (const { pace } of moved) {
      const local = f.local(I32);
      if (pace.local < 0) f.integer(pace.bias).set(local);
      else f.get(pace.local).set(local);
      pace.local = local;
    }
    f.repeat(turns, () => {
      body();
      for (const { pace, by } of moved) f.add(pace.local, by);
    });
    for (const { pace, outer } of moved) {
      f.release(I32, pace.local);
      pace.local = outer;
    }
  }

  /** Runs the body with an axis ahead. */
  at(axis: number, by: number, body: () => void): void {
    if (axis >= 0) this.ahead[axis] += by;
    body();
    if (axis >= 0) this.ahead[axis] -= by;
  }

  /** One axis in vectors; what is left over in one with fewer lanes. The body is told the lanes of up to `unroll` vectors. */
  vectors(axis: number, size: number, unroll: number, body: (lanes: readonly number[]) => void): void {
    const { lanes } = this;
    const full = Math.floor(size / lanes);
    const together = Math.min(unroll, Math.max(full, 1));
    const turns = Math.floor(full / together);
    if (full > 0) this.over([[axis, together * lanes]], turns, () => body(new Array<number>(together).fill(lanes)));
    const rest = new Array<number>(full - turns * together).fill(lanes);
    if (size % lanes > 0) rest.push(size % lanes);
    if (rest.length > 0) this.at(axis, turns * together * lanes, () => body(rest));
  }

  /** The same, for one vector at a time. */
  eachVector(axis: number, size: number, unroll: number, body: (active: number, k: number) => void): void {
    this.vectors(axis, size, unroll, (lanes) => {
      lanes.forEach((active, k) => {
        this.at(axis, k * this.lanes, () => body(active, k));
      });
    });
  }

  /** Loops over axes, the last one innermost. */
  across(axes: readonly number[], body: () => void): void {
    const [axis, ...rest] = axes;
    if (axis === undefined) body();
    else this.over([[axis, 1]], this.sizes[axis], () => this.across(rest, body));
  }

  /** Leaves the running offset on the stack, and gives what the instruction adds to it, which is never negative. */
  address(array: Stored, start: number, strides: readonly number[]): number {
    const bytes = bytesOf(array.dtype);
    const immediate = array.address + start * bytes + this.offset(strides, bytes);
    if (immediate >= 0) return immediate;
    this.f.integer(immediate).op(0x6a);
    return 0;
  }

  private offset(strides: readonly number[], bytes: number): number {
    const pace = this.paceOf(strides, bytes);
    if (pace.local < 0) this.f.integer(pace.bias);
    else this.f.get(pace.local);
    return this.ahead.reduce((sum, count, axis) => sum + count * pace.strides[axis], -pace.bias);
  }

  private paceOf(strides: readonly number[], bytes: number): Pace {
    const inBytes = strides.map((stride) => stride * bytes);
    const key = inBytes.join();
    let pace = this.paces.get(key);
    if (pace === undefined) {
      const bias = inBytes.reduce((sum, by, axis) => sum + Math.max(0, -by) * Math.max(0, this.sizes[axis] - 1), 0);
      pace = { strides: inBytes, local: -1, bias };
      this.paces.set(key, pace);
    }
    return pace;
  }

  /** Leaves the index of a place on the stack, in every lane. */
  place(start: number, strides: readonly number[], axis: number): void {
    const { f } = this;
    const offset = this.offset(strides, 1);
    f.integer(offset + start)
      .op(0x6a)
      .simd(0x11);
    const step = axis < 0 ? 0 : strides[axis];
    if (step !== 0) f.vector(new Uint8Array(Int32Array.of(0, step, 2 * step, 3 * step).buffer)).simd(0xae);
  }

  /** Leaves elements on the stack, along an axis (-1: the same in all lanes); truths as a mask. */
  load(x: Read, axis: number, active: number): void {
    const { f, lanes } = this;
    const stride = axis < 0 ? 0 : x.strides[axis];
    const bytes = bytesOf(x.type);
    if (stride === 0) {
      f.memory(SPLAT[bytes], this.address(x.array, x.start, x.strides));
      if (bytes === 1) f.vector(ZEROS).simd(0x24);
    } else if (stride === 1 && active === lanes) {
      f.memory(WHOLE[bytes * lanes], this.address(x.array, x.start, x.strides));
      if (bytes === 1) this.widen();
    } else this.loadLanes(x, stride, active, bytes);
  }

  private loadLanes(x: Read, stride: number, active: number, bytes: number): void {
    const { f, lanes } = this;
    const vector = f.local(V128);
    f.vector(ZEROS).set(vector);
    for (let lane = 0; lane < active; lane++) {
      const offset = this.address(x.array, x.start + lane * stride, x.strides);
      f.get(vector)
        .memory(LOAD_LANE[bytes], offset, bytes === 1 ? (lane * 16) / lanes : lane)
        .set(vector);
    }
    f.get(vector);
    f.release(V128, vector);
    if (bytes === 1) f.vector(ZEROS).simd(lanes === 4 ? 0x38 : 0xd7);
  }

  /** Bytes at the front of a vector as a mask of the lanes. */
  private widen(): void {
    const { f, lanes } = this;
    f.simd(0x89).simd(0xa9);
    if (lanes === 2) f.simd(0xc9);
    f.vector(ZEROS).simd(lanes === 4 ? 0x38 : 0xd7);
  }

  /** Writes the lanes that count of what `value` leaves on the stack, along an axis (-1: the first lane alone). */
  store(
    array: Stored,
    start: number,
    strides: readonly number[],
    axis: number,
    active: number,
    value: () => void,
  ): void {
    const { f, lanes } = this;
    const bytes = bytesOf(array.dtype);
    const stride = axis < 0 ? 0 : strides[axis];
    if (bytes * lanes === 16 && stride === 1 && active === lanes) {
      const offset = this.address(array, start, strides);
      value();
      f.memory(0x0b, offset);
      return;
    }
    value();
    if (bytes === 1) f.integer(lanes === 4 ? 31 : 63).simd(lanes === 4 ? 0xad : 0xcd);
    const vector = f.local(V128);
    f.set(vector);
    const count = axis < 0 ? 1 : active;
    for (let lane = 0; lane < count; lane++) {
      const offset = this.address(array, start + lane * stride, strides);
      f.get(vector).memory(STORE_LANE[bytes], offset, bytes === 1 ? (lane * 16) / lanes : lane);
    }
    f.release(V128, vector);
  }
}

const ZEROS = /* @__PURE__ */ new Uint8Array(16);
/** Instructions by the bytes of an element, and of all lanes. */
const SPLAT: Readonly<Record<number, number>> = { 1: 0x07, 4: 0x09, 8: 0x0a };
const WHOLE: Readonly<Record<number, number>> = { 2: 0x08, 4: 0x5c, 8: 0x5d, 16: 0x00 };
const LOAD_LANE: Readonly<Record<number, number>> = { 1: 0x54, 4: 0x56, 8: 0x57 };
const STORE_LANE: Readonly<Record<number, number>> = { 1: 0x58, 4: 0x5a, 8: 0x5b };
