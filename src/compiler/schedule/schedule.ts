import type { Dtype } from "../../base/dtype";
import { type Shape, sameShape, sizeOf, stridesOf } from "../../base/shape";
import type { Along } from "../../core/op/op";
import { elementsOf, makeFilled } from "../../core/tensor/handle";
import { type Expression, Expressions, type Read, typeOf } from "../../kernel/expression";
import type { Loops } from "../../kernel/loops";
import { MUL } from "../../kernel/primitives";
import { eachPart, somePart } from "../../kernel/vector";
import { productAxes, withinOf } from "../lower/build";
import { type Graph, type Node, neededBy, type OpCall, operandsOf } from "../lower/nodes";
import type { Buffer, Call, CallArray, Kernel, Product, Role } from "./kernels";
import { reshaped, spread, viewed } from "./views";

/*
 * From lazy arrays to kernels, in one pass in their order. Every array is an expression that is delayed until somebody needs it
 * in memory: it is a result or an operand of a call, it has several readers and costs more than a read, or it stands where only
 * reads may. Sums of all kinds stay pending for the one reader that is computed where they are.
 */

/** What is computed again rather than stored: so many instructions. */
const CHEAP = 4;
/** Expressions of more parts than this are spelled out. */
const LARGE = 200;
/** From so many single numbers on, they are kept in locals of one function. */
const MANY = 32;
/** What a function that is called costs. */
const CALLED = 20;

/** A kernel that waits for what is made of its total. */
type Pending =
  | Pick<Loops, "is" | "kept" | "folded" | "by" | "value">
  | Pick<Product, "is" | "kept" | "folded" | "a" | "b" | "n">;

/** An array that is not spelled out yet. */
interface Delayed {
  readonly value: Expression;
  readonly pending: Pending | null;
  /** A bound of how many parts the expression has. */
  readonly parts: number;
}

/** A program as kernels. */
export interface Schedule {
  readonly on: Expressions;
  readonly kernels: readonly Kernel[];
  readonly buffers: Buffer[];
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
}

/** How much it is to compute an expression once more. */
export function costOf(root: Expression): number {
  let cost = 0;
  eachPart([root], (x) => {
    if (x.is === "apply") cost += x.f.is === "function" ? CALLED : x.f.cost;
  });
  return cost;
}

/** Whether anything in an expression is computed in float64: a tile of floats has more lanes. */
const hasDoubles = (root: Expression): boolean => somePart(root, ({ type }) => type === "float64");
const hasGuard = (root: Expression): boolean => somePart(root, (x) => x.is === "guard");

/** Schedules a program. `expandAll`: functions of float64 by their expansions. */
export const schedule = (graph: Graph, expandAll = false): Schedule => new Scheduler(graph, expandAll).schedule();

class Scheduler {
  private readonly on: Expressions;
  private readonly kernels: Kernel[] = [];
  private readonly buffers: Buffer[] = [];
  private readonly delayed = new Map<Node, Delayed>();
  private readonly uses = new Map<Node, number>();
  private readonly calls = new Map<OpCall, readonly Buffer[]>();
  /** Whether numbers, of which there are many, are rather kept than computed again. */
  private manyNumbers = false;

  constructor(
    private readonly graph: Graph,
    expandAll: boolean,
  ) {
    this.on = new Expressions(expandAll);
  }

  schedule(): Schedule {
    const { graph, on } = this;
    const needed = neededBy(graph.outputs);
    this.manyNumbers = needed.filter(({ shape }) => shape.length === 0).length > MANY;
    const use = (node: Node): void => {
      this.uses.set(node, (this.uses.get(node) ?? 0) + 1);
    };
    for (const node of needed) operandsOf(node).forEach(use);
    graph.outputs.forEach(use);
    const inputs = graph.inputs.map((node) => this.given(node, "input"));
    for (const node of needed) if (!this.delayed.has(node)) this.delay(node);
    const outputs = graph.outputs.map((node) => this.output(node));
    return { on, kernels: this.kernels, buffers: this.buffers, inputs, outputs };
  }

  private buffer(dtype: Dtype, size: number, role: Role, elements?: ArrayLike<number>): Buffer {
    const buffer: Buffer = { id: this.buffers.length, dtype, size, role, address: -1, elements };
    this.buffers.push(buffer);
    return buffer;
  }

  /** An array that is in memory from the beginning. */
  private given(node: Node, role: Role, elements?: ArrayLike<number>): Buffer {
    const buffer = this.buffer(node.dtype, sizeOf(node.shape), role, elements);
    this.inMemory(node, buffer);
    return buffer;
  }

  private inMemory(node: Node, buffer: Buffer): void {
    this.delayed.set(node, { value: this.whole(buffer, node.shape), pending: null, parts: 1 });
  }

  private whole(buffer: Buffer, shape: Shape): Read {
    const read = this.on.read(buffer, 0, stridesOf(shape));
    if (read.is !== "read") throw new TypeError("a read of an array is a read");
    return read;
  }

  private delay(node: Node): void {
    const { on } = this;
    switch (node.is) {
      case "constant":
        this.given(node, "constant", elementsOf(node.value));
        return;
      case "number":
        this.put(node, on.number(node.dtype, node.value));
        return;
      case "place":
        this.put(
          node,
          on.place(
            0,
            node.shape.map((_, i) => (i === node.axis ? 1 : 0)),
          ),
        );
        return;
      case "map":
      case "cast":
        this.map(node);
        return;
      case "view":
        this.put(
          node,
          this.transformed(node.of[0], node.shape, (x) => viewed(on, x, node.axes, node.shape.length)),
        );
        return;
      case "reshape":
        this.put(
          node,
          this.transformed(node.of[0], node.shape, (x) => reshaped(on, x, node.of[0].shape, node.shape)),
        );
        return;
      case "pad":
        this.pad(node);
        return;
      case "concat":
        this.concat(node);
        return;
      case "fold":
        this.fold(node);
        return;
      case "product":
        this.product(node);
        return;
      default:
        if (node.is === "part") this.part(node, node.call, node.part);
    }
  }

  private put(node: Node, value: Expression, pending: Pending | null = null): void {
    const parts = operandsOf(node).reduce((sum, x) => sum + this.at(x).parts, 1);
    this.delayed.set(node, { value, pending, parts });
    const several = (this.uses.get(node) ?? 0) > 1;
    const cheap = node.shape.length === 0 && this.manyNumbers ? 0 : CHEAP;
    if ((several && (pending !== null || costOf(value) > cheap)) || parts > LARGE) this.force(node);
  }

  private at(node: Node): Delayed {
    const delayed = this.delayed.get(node);
    if (delayed === undefined) throw new RangeError(`%${node.id} is not scheduled yet`);
    return delayed;
  }

  /** The expression of an array of which no total is pending. */
  private settled(node: Node): Expression {
    if (this.at(node).pending !== null) this.force(node);
    return this.at(node).value;
  }

  /** Spells an array out, if it is not. */
  private force(node: Node): Buffer {
    const { value, pending } = this.at(node);
    const size = sizeOf(node.shape);
    const whole = stridesOf(node.shape);
    if (pending === null && value.is === "read" && value.start === 0) {
      const buffer = this.buffers[value.array.id];
      const dense = value.strides.every((stride, i) => stride === whole[i] || node.shape[i] === 1);
      if (dense && buffer.size === size) return buffer;
    }
    return this.spell(node, "temporary");
  }

  /** Writes an array to one of its own. */
  private spell(node: Node, role: Role): Buffer {
    const { value, pending } = this.at(node);
    const out = this.buffer(node.dtype, sizeOf(node.shape), role);
    this.write(node, value, pending, out);
    this.inMemory(node, out);
    return out;
  }

  private write(node: Node, value: Expression, pending: Pending | null, out: Buffer): void {
    const place = { out, strides: stridesOf(node.shape), start: 0 };
    const last = this.kernels.at(-1);
    if (pending === null && node.shape.length === 0) {
      if (last?.is === "scalars") last.stores.push({ value, out });
      else this.kernels.push({ is: "scalars", stores: [{ value, out }] });
    } else if (pending === null) {
      this.kernels.push({ is: "loops", kept: node.shape, folded: [], by: null, value, result: value, ...place });
    } else this.kernels.push({ ...pending, result: value, ...place });
  }

  /** The array of a result: of its own, so that no two results and no argument share it. */
  private output(node: Node): Buffer {
    const forced = this.force(node);
    if (forced.role === "temporary") {
      forced.role = "output";
      return forced;
    }
    return this.spell(node, "output");
  }

  /** What an array is at other places, if need be after it has been spelled out. */
  private transformed(x: Node, shape: Shape, change: (x: Expression) => Expression | null): Expression {
    const value = this.settled(x);
    // What would be computed at more places than there are is computed once.
    const repeats = sizeOf(shape) > sizeOf(x.shape) && costOf(value) > CHEAP;
    const changed = repeats ? null : change(value);
    if (changed !== null) return changed;
    this.force(x);
    const again = change(this.at(x).value);
    if (again !== null) return again;
    // An array that is in memory, though not whole: a copy is.
    this.spell(x, "temporary");
    return possible(change(this.at(x).value));
  }

  private map(node: Extract<Node, { is: "map" | "cast" }>): void {
    const { on } = this;
    const of: readonly Node[] = node.of;
    const joined = of.find(
      (x) => this.at(x).pending !== null && this.uses.get(x) === 1 && sameShape(x.shape, node.shape),
    );
    const values = of.map((x): Expression => {
      if (x === joined) return this.at(x).value;
      if (joined !== undefined && hasGuard(this.settled(x))) this.force(x);
      if (sameShape(x.shape, node.shape)) return this.settled(x);
      return this.transformed(x, node.shape, (y) => viewed(on, y, spread(x.shape, node.shape), node.shape.length));
    });
    const pending = joined === undefined ? null : this.at(joined).pending;
    let value: Expression;
    if (node.is === "cast") value = on.convert(values[0], node.dtype);
    else {
      const within = withinOf(
        of.map(({ dtype }) => dtype),
        node.dtype,
      );
      const inputs = values.map((x) => on.convert(x, within));
      value = on.convert(on.formula(node.formula, within, inputs), node.dtype);
    }
    if (joined !== undefined && pending?.is === "product" && joined.dtype === "float32" && hasDoubles(value)) {
      this.force(joined);
      this.map(node);
    } else this.put(node, value, pending);
  }

  private concat(node: Extract<Node, { is: "concat" }>): void {
    const { on } = this;
    const rank = node.shape.length;
    let end = node.shape[node.axis];
    const parts = [...node.of].reverse().map((x) => {
      const to = end;
      end -= x.shape[node.axis];
      const from = end;
      const axes = x.shape.map((_, i): Along => ({ start: i === node.axis ? -from : 0, coef: unit(rank, i) }));
      return { from, to, value: this.transformed(x, x.shape, (y) => viewed(on, y, axes, rank)) };
    });
    const [last, ...rest] = parts;
    const value = rest.reduce((all, part) => on.guard(node.axis, part.from, part.to, part.value, all), last.value);
    this.put(node, value);
  }

  private pad(node: Extract<Node, { is: "pad" }>): void {
    const { on } = this;
    const [x] = node.of;
    const rank = node.shape.length;
    const shifted = node.before.map((by, i): Along => ({ start: -by, coef: unit(rank, i) }));
    let value = this.transformed(x, x.shape, (y) => viewed(on, y, shifted, rank));
    const outside = on.number(node.dtype, node.outside);
    node.before.forEach((by, i) => {
      if (by !== 0 || node.after[i] !== 0) value = on.guard(i, by, by + x.shape[i], value, outside);
    });
    this.put(node, value);
  }

  /** An array along axes in another order, without guards, to be folded. */
  private reordered(x: Node, order: readonly number[]): Expression {
    if (hasGuard(this.settled(x))) this.force(x);
    const axes = x.shape.map((_, i): Along => ({ start: 0, coef: unit(order.length, order.indexOf(i)) }));
    return this.transformed(x, x.shape, (y) => viewed(this.on, y, axes, order.length));
  }

  private fold(node: Extract<Node, { is: "fold" }>): void {
    const [x] = node.of;
    const kept = x.shape.flatMap((_, i) => (node.axes.includes(i) ? [] : [i]));
    const value = this.reordered(x, [...kept, ...node.axes]);
    const folded = node.axes.map((i) => x.shape[i]);
    this.put(node, this.on.total(x.dtype), { is: "loops", kept: node.shape, folded, by: node.by, value });
  }

  private product(node: Extract<Node, { is: "product" }>): void {
    const { on } = this;
    const { kept, folded, sizes, of } = productAxes(node.spec, node.of[0].shape, node.of[1].shape);
    const letters = [...kept, ...folded];
    const terms = folded.map((letter) => sizes.get(letter) ?? 1);
    const along = of.map((own) =>
      own.map(
        (letter): Along => ({ start: 0, coef: unit(letters.length, letter === null ? -1 : letters.indexOf(letter)) }),
      ),
    );
    const operand = (k: number): Expression => {
      const all = [...node.shape, ...terms];
      return this.transformed(node.of[k], all, (x) => viewed(on, x, along[k], letters.length));
    };
    const tiled = this.tiledAxis(
      node,
      of.map((own) => letters.map((letter) => own.includes(letter))),
    );
    if (tiled !== null) {
      const { n, right } = tiled;
      if (this.settled(node.of[1 - right]).is !== "read") this.force(node.of[1 - right]);
      if (hasGuard(this.settled(node.of[right]))) this.force(node.of[right]);
      const a = operand(1 - right);
      if (a.is !== "read") throw new TypeError("an operand of a product is no read");
      this.put(node, on.total(node.dtype), { is: "product", kept: node.shape, folded: terms, a, b: operand(right), n });
      return;
    }
    for (const x of node.of) if (hasGuard(this.settled(x))) this.force(x);
    const value = on.apply(MUL, typeOf(node.dtype), [operand(0), operand(1)]);
    if (sizeOf(terms) !== 1) {
      this.put(node, on.total(node.dtype), { is: "loops", kept: node.shape, folded: terms, by: "sum", value });
      return;
    }
    const places = letters.map((_, i): Along => ({ start: 0, coef: unit(node.shape.length, i) }));
    this.put(node, possible(viewed(on, value, places, node.shape.length)));
  }

  /**
   * The axis of the vectors of a product and the operand that is read in vectors: the only one that varies along it; the last
   * axis if it is one, else the largest. null: there is none, or nothing else to walk in rows, so that tiles gain nothing.
   */
  private tiledAxis(node: Node, varying: readonly (readonly boolean[])[]): { n: number; right: 0 | 1 } | null {
    if (node.dtype !== "float32" && node.dtype !== "float64") return null;
    const lanes = node.dtype === "float64" ? 2 : 4;
    const folded = varying[0].slice(node.shape.length);
    const alone = node.shape.flatMap((size, i) => (size > 1 && varying[0][i] !== varying[1][i] ? [i] : []));
    const wide = alone.filter((i) => node.shape[i] >= lanes);
    if (folded.length === 0 || wide.length === 0) return null;
    const n =
      wide.find((i) => i === node.shape.length - 1) ?? wide.reduce((x, i) => (node.shape[i] > node.shape[x] ? i : x));
    const right = varying[0][n] ? 0 : 1;
    return alone.some((i) => varying[1 - right][i]) ? { n, right } : null;
  }

  /** One output of an op that is called: with the first of them, all are computed. */
  private part(node: Node, call: OpCall, part: number): void {
    let outputs = this.calls.get(call);
    if (outputs === undefined) {
      const inputs = operandsOf(node).map((x) => this.callInput(x));
      const arrays = call.kinds.map(
        ({ shape, dtype }): CallArray => ({ buffer: this.buffer(dtype, sizeOf(shape), "temporary"), shape, dtype }),
      );
      const kernel: Call = { is: "call", op: call.op, attrs: call.attrs, inputs, outputs: arrays };
      this.kernels.push(kernel);
      outputs = arrays.map(({ buffer }) => buffer);
      this.calls.set(call, outputs);
    }
    this.put(node, this.whole(outputs[part], node.shape));
  }

  private callInput(x: Node): Call["inputs"][number] {
    if (x.is === "constant") return x.value;
    if (x.is === "number") return makeFilled(x.shape, x.dtype, x.value);
    return { buffer: this.force(x), shape: x.shape, dtype: x.dtype };
  }
}

/** What reads of whole arrays can always be: anything else is a fault of the scheduler. */
function possible(x: Expression | null): Expression {
  if (x === null) throw new TypeError("an array in memory cannot be read so");
  return x;
}

const unit = (rank: number, axis: number): number[] => Array.from({ length: rank }, (_, j) => (j === axis ? 1 : 0));
