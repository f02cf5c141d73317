import type { Dtype, TensorData } from "../base/dtype";
import { keyOfNumber } from "../base/format";
import { BLOCK, type Block, type Loop, loopFor } from "./blocks";
import type { Expression } from "./expression";
import { eachPart, partsOf } from "./vector";

/*
 * Expressions run in JavaScript: at a block of places at a time, one loop for each part. The bits are those of the code that is
 * emitted for them.
 */

/** The places of nested axes, counted row by row. */
export class Places {
  readonly count: number;
  private readonly index: Int32Array;

  constructor(private readonly sizes: readonly number[]) {
    this.count = sizes.reduce((count, size) => count * size, 1);
    this.index = new Int32Array(sizes.length);
  }

  /** What strides come to at n places, from one of them on. */
  offsets(out: Int32Array, n: number, strides: readonly number[], from: number): void {
    const { sizes, index } = this;
    const last = sizes.length - 1;
    let offset = 0;
    for (let axis = last, rest = from; axis >= 0; axis--) {
      index[axis] = rest % sizes[axis];
      rest = Math.floor(rest / sizes[axis]);
      offset += index[axis] * strides[axis];
    }
    if (last < 0) out[0] = 0;
    const step = strides[last];
    for (let i = 0; i < n && last >= 0; ) {
      const end = Math.min(n, i + sizes[last] - index[last]);
      for (; i < end; offset += step) out[i++] = offset;
      index[last] = sizes[last];
      for (let axis = last; axis > 0 && index[axis] === sizes[axis]; axis--) {
        offset += strides[axis - 1] - sizes[axis] * strides[axis];
        index[axis] = 0;
        index[axis - 1]++;
      }
    }
  }
}

/** Blocks that kernels use one after another, and the arrays that they work on, by their numbers. */
export class Workspace {
  /** The arrays of the run that is under way. */
  arrays: TensorData[] = [];
  private readonly blocks: Block[] = [];
  private taken = 0;
  private readonly numbers = new Map<string, Block>();

  /** A block until the next kernel is made. */
  take(): Block {
    this.blocks[this.taken] ??= new Float64Array(BLOCK);
    return this.blocks[this.taken++];
  }

  /** Another kernel is made, which may use all blocks. */
  begin(): void {
    this.taken = 0;
  }

  /** A block of so many equal numbers. */
  number(x: number, count: number): Block {
    const size = Math.min(count, BLOCK);
    const key = `${keyOfNumber(x)}:${size}`;
    const known = this.numbers.get(key) ?? new Float64Array(size).fill(x);
    this.numbers.set(key, known);
    return known;
  }
}

/** Truncated as the machine does it: what is too large is the largest integer, NaN is 0. */
const truncated = (x: number): number => Math.min(Math.max(x, -(2 ** 31)), 2 ** 31 - 1) | 0;

/** Loops that convert to a dtype. */
const CONVERT: Readonly<Record<Dtype, Loop>> = {
  float64: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = a[i];
  },
  float32: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = Math.fround(a[i]);
  },
  int32: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = truncated(a[i]);
  },
  bool: (out, n, a) => {
    for (let i = 0; i < n; i++) out[i] = a[i] !== 0 ? 1 : 0;
  },
};

function gather(out: Block, n: number, data: TensorData, start: number, offsets: Int32Array): void {
  for (let i = 0; i < n; i++) out[i] = data[start + offsets[i]];
}

/** Writes n numbers where offsets say. */
export function scatter(data: TensorData, n: number, start: number, offsets: Int32Array, x: Block): void {
  for (let i = 0; i < n; i++) data[start + offsets[i]] = x[i];
}

/** An expression without guards, at places of axes. */
export class BlockCode {
  /** What it comes to, after a run. */
  readonly result: Block;
  private readonly paces = new Map<string, { readonly strides: readonly number[]; readonly offsets: Int32Array }>();
  private readonly runs: ((n: number) => void)[] = [];

  /** `total`: the numbers of totals in the expression. */
  constructor(
    root: Expression,
    private readonly sizes: readonly number[],
    private readonly places: Places,
    private readonly space: Workspace,
    total: Block | null,
  ) {
    const parts: Expression[] = [];
    eachPart([root], (x) => parts.push(x));
    const last = new Map<Expression, number>();
    parts.forEach((x, k) => {
      for (const part of partsOf(x)) last.set(part, k);
    });
    const blocks = new Map<Expression, Block>();
    const blockOf = (x: Expression): Block => blocks.get(x) ?? space.take();
    const free: Block[] = [];
    parts.forEach((x, k) => {
      const operands = partsOf(x).map(blockOf);
      if (x.is === "number") blocks.set(x, space.number(x.value, places.count));
      else if (x.is === "total" && total !== null) blocks.set(x, total);
      else {
        // A loop may write over an operand: it reads at a place before it writes there.
        for (const part of new Set(partsOf(x))) {
          if (part.is !== "number" && part.is !== "total" && last.get(part) === k) free.push(blockOf(part));
        }
        const out = free.pop() ?? space.take();
        blocks.set(x, out);
        this.runs.push(this.runOf(x, out, operands));
      }
    });
    this.result = blockOf(root);
  }

  /** What strides come to at the places of a run. */
  offsets(strides: readonly number[]): Int32Array {
    const own = strides.slice(0, this.sizes.length);
    const key = own.join();
    const known = this.paces.get(key) ?? { strides: own, offsets: new Int32Array(Math.min(BLOCK, this.places.count)) };
    this.paces.set(key, known);
    return known.offsets;
  }

  private runOf(x: Expression, out: Block, [a, b, c, ...more]: readonly Block[]): (n: number) => void {
    const { space } = this;
    if (x.is === "read" || x.is === "place") {
      const { start } = x;
      const offsets = this.offsets(x.strides);
      if (x.is === "place") {
        return (n) => {
          for (let i = 0; i < n; i++) out[i] = start + offsets[i];
        };
      }
      const { id } = x.array;
      return (n) => gather(out, n, space.arrays[id], start, offsets);
    }
    if (x.is !== "apply" && x.is !== "convert") throw new TypeError(`${x.is} in a block`);
    const loop = x.is === "convert" ? CONVERT[x.type] : loopFor(x.f, x.within);
    return (n) => loop(out, n, a, b, c, ...more);
  }

  /** Computes n results, from a place on. */
  run(from: number, n: number): void {
    for (const { strides, offsets } of this.paces.values()) this.places.offsets(offsets, n, strides, from);
    for (const run of this.runs) run(n);
  }
}
