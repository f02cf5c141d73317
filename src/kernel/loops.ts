import { bytesOf, type Dtype } from "../base/dtype";
import { type FunctionCode, V128 } from "./assembler";
import { type Expression, type Expressions, type Read, type Stored, typeOf } from "./expression";
import { type Merged, mergeAxes } from "./merge-axes";
import { Nest } from "./nest";
import { ADD, MAX, MIN, type Primitive } from "./primitives";
import { countUses, eachPart, lanesOf, type Surroundings, VectorCode } from "./vector";

/** How values along folded axes become one. */
export type FoldBy = "sum" | "max" | "min";

/** What is computed at every place of an array: an expression of it, or of what an expression comes to along further axes. */
export interface Loops {
  readonly is: "loops";
  /** Sizes of the axes of the result. */
  readonly kept: readonly number[];
  /** Sizes of the axes along which values are folded. */
  readonly folded: readonly number[];
  readonly by: FoldBy | null;
  /** The values, along kept and folded axes. */
  readonly value: Expression;
  /** What is stored: an expression of the total, along kept axes. Without folded axes, the value itself. */
  readonly result: Expression;
  readonly out: Stored;
  /** Where the results stand, along kept axes. */
  readonly strides: readonly number[];
  /** Where the first result stands. */
  readonly start: number;
}

/** What folds begin with. */
export function neutralOf(by: FoldBy, type: Dtype): number {
  if (by === "sum") return 0;
  const end = type === "int32" ? 2 ** 31 : Infinity;
  return by === "max" ? -end : type === "int32" ? end - 1 : end;
}

export const combineOf = (by: FoldBy): Primitive => (by === "sum" ? ADD : by === "max" ? MAX : MIN);

/** Sums of float32 are added up in float64. */
export const totalType = (by: FoldBy, type: Dtype): Dtype => (by === "sum" && type === "float32" ? "float64" : type);

/** Vectors that are under way at a time, so that no one waits for the one before. */
export const UNROLL = 4;

/** Where guards along one axis change: the axis and all bounds, from 0 to its size; null without guards. */
function cutsOf({ kept, value, result }: Loops): readonly [axis: number, ...bounds: number[]] | null {
  let axis = -1;
  const bounds = new Set<number>();
  eachPart([value, result], (x) => {
    if (x.is !== "guard" || (axis >= 0 && x.axis !== axis)) return;
    axis = x.axis;
    for (const bound of [x.from, x.to]) bounds.add(Math.min(kept[axis], Math.max(0, bound)));
  });
  if (axis < 0) return null;
  bounds.add(0).add(kept[axis]);
  return [axis, ...[...bounds].sort((a, b) => a - b)];
}

/** An expression from a place of an axis on, up to which guards of the axis do not change. */
function settle(on: Expressions, root: Expression, axis: number, from: number): Expression {
  const memo = new Map<Expression, Expression>();
  const at = (x: Expression): Expression => {
    const known = memo.get(x);
    if (known !== undefined) return known;
    let y: Expression;
    if (x.is === "read") y = on.read(x.array, x.start + from * x.strides[axis], x.strides);
    else if (x.is === "place") y = on.place(x.start + from * x.strides[axis], x.strides);
    else if (x.is === "guard" && x.axis === axis) y = at(from >= x.from && from < x.to ? x.inside : x.outside);
    else y = on.withParts(x, at);
    memo.set(x, y);
    return y;
  };
  return at(root);
}

/** The boxes between the bounds of guards: in each of them nothing is tested. */
export function boxesOf(on: Expressions, loops: Loops): readonly Loops[] {
  const cuts = cutsOf(loops);
  if (cuts === null) return [loops];
  const [axis, ...bounds] = cuts;
  return bounds.slice(1).flatMap((to, k) => {
    const from = bounds[k];
    if (to <= from) return [];
    const value = settle(on, loops.value, axis, from);
    return boxesOf(on, {
      ...loops,
      kept: loops.kept.map((size, i) => (i === axis ? to - from : size)),
      value,
      result: loops.by === null ? value : settle(on, loops.result, axis, from),
      start: loops.start + from * loops.strides[axis],
    });
  });
}

/** Writes the code of loops. */
export function emitLoops(f: FunctionCode, on: Expressions, around: Surroundings, loops: Loops): void {
  for (const box of boxesOf(on, loops)) {
    if (box.kept.every((size) => size > 0)) new LoopCode(f, on, around, box).emit();
  }
}

/** How loops without guards are walked: all that decides the bits of the results, and what is written for them. */
export interface LoopPlan {
  /** Sizes of the axes once they are merged: kept ones, then folded ones. */
  readonly sizes: readonly number[];
  /** Which of the axes are kept. */
  readonly kept: readonly number[];
  /** Which of the axes are folded. */
  readonly folded: readonly number[];
  readonly value: Expression;
  readonly result: Expression;
  readonly strides: readonly number[];
  readonly lanes: 2 | 4;
  /** The axis of the vectors; -1: a single element. */
  readonly axis: number;
  /** Whether the elements of one vector go into one total, rather than into one each. */
  readonly across: boolean;
  /** Vectors that are under way at a time. Of one total, each has its part: vector k goes into part k % unroll. */
  readonly unroll: number;
}

/** Plans loops without guards. */
export function planOf(on: Expressions, { kept, folded, value, result, strides, out }: Loops): LoopPlan {
  const merged = mergeAxes(on, [kept, folded], [value, result], strides);
  const { roots, groups, sizes } = merged;
  const types = new Set<Dtype>([out.dtype]);
  eachPart(roots, (x) => types.add(x.type));
  const lanes = lanesOf(types);
  const across = groups[1].length > 0 && foldsAcross(merged, lanes);
  const axis = groups[across ? 1 : 0].at(-1) ?? -1;
  const unroll = groups[1].length === 0 ? 1 : Math.min(UNROLL, Math.max(1, Math.floor(sizes[axis] / lanes)));
  return {
    sizes,
    kept: groups[0],
    folded: groups[1],
    value: roots[0],
    result: roots[1],
    strides: merged.strides,
    lanes,
    axis,
    across,
    unroll,
  };
}

/** Whether vectors go along the last folded axis rather than the last kept one: along which fewer reads are scattered. */
function foldsAcross({ groups, sizes, roots }: Merged, lanes: number): boolean {
  const kept = groups[0].at(-1);
  const folded = groups[1][groups[1].length - 1];
  if (kept === undefined || sizes[kept] < lanes) return true;
  if (sizes[folded] < lanes) return false;
  const scattered = (axis: number): number =>
    readsIn([roots[0]]).filter(({ strides }) => strides[axis] !== 0 && strides[axis] !== 1).length;
  return scattered(folded) < scattered(kept);
}

class LoopCode {
  private readonly nest: Nest;
  private readonly values: VectorCode;
  private readonly results: VectorCode;
  private readonly plan: LoopPlan;
  private readonly out: Stored;
  private readonly start: number;
  private readonly by: FoldBy;
  /** Whether what is stored is made of totals. */
  private readonly folds: boolean;
  /** The axis of the vectors at the moment, and the total of each of them. */
  private axis = -1;
  private total = -1;

  constructor(
    private readonly f: FunctionCode,
    on: Expressions,
    around: Surroundings,
    loops: Loops,
  ) {
    const { out, start, by } = loops;
    this.plan = planOf(on, loops);
    this.out = out;
    this.start = start;
    this.by = by ?? "sum";
    this.folds = by !== null;
    const { sizes, lanes, value, result, strides } = this.plan;
    this.nest = new Nest(f, sizes, lanes);
    this.nest.expect([value, result]);
    this.nest.expectWrites(out.dtype, strides);
    const leaf = (x: Expression, active: number): void => this.leaf(x, active);
    this.values = new VectorCode(f, lanes, countUses([value]), around, leaf);
    this.results = new VectorCode(f, lanes, countUses([result]), around, leaf);
  }

  emit(): void {
    const { nest } = this;
    const { kept, folded, sizes, axis, across } = this.plan;
    if (folded.length === 0) {
      nest.across(kept.slice(0, -1), () => {
        this.axis = axis;
        if (axis < 0) this.storeValue(1);
        else nest.eachVector(axis, sizes[axis], 1, (active) => this.storeValue(active));
      });
    } else if (across) this.foldAlongFolded();
    else this.foldAlongKept();
  }

  private leaf(x: Expression, active: number): void {
    if (x.is === "read") this.nest.load(x, this.axis, active);
    else if (x.is === "place") this.nest.place(x.start, x.strides, this.axis);
    else this.f.get(this.total);
  }

  /** Stores what is made of the total. */
  private store(active: number): void {
    const { results } = this;
    this.nest.store(this.out, this.start, this.plan.strides, this.axis, active, () =>
      results.begin(active).value(this.plan.result),
    );
    results.begin(active);
  }

  /** Stores a value, or what is made of it as the total of one. */
  private storeValue(active: number): void {
    const { f, values } = this;
    if (!this.folds) {
      this.store(active);
      return;
    }
    this.total = f.local(V128);
    values.begin(active).value(this.plan.value);
    f.set(this.total);
    values.begin(active);
    this.store(active);
    f.release(V128, this.total);
  }

  /** The total of one vector, narrowed where it was added up in float64: a pair of locals, or one. */
  private accumulators(): Accumulator[] {
    const { unroll, value, lanes } = this.plan;
    return Array.from({ length: unroll }, () => new Accumulator(this.f, this.by, value.type, lanes));
  }

  /** Adds the value at a place, of which so many lanes are computed, to so many lanes of a total. */
  private addTo(total: Accumulator, active: number, counted: number): void {
    total.add(counted, this.values, () => this.values.begin(active).value(this.plan.value));
  }

  private foldAlongFolded(): void {
    const { nest } = this;
    const { kept, folded, sizes, axis, unroll } = this.plan;
    const totals = this.accumulators();
    nest.across(kept, () => {
      for (const total of totals) total.clear(this.values);
      nest.across(folded.slice(0, -1), () => {
        this.axis = axis;
        nest.eachVector(axis, sizes[axis], unroll, (active, k) => this.addTo(totals[k % unroll], active, active));
      });
      for (const total of totals.slice(1)) totals[0].merge(total);
      this.axis = -1;
      this.total = totals[0].acrossLanes();
      this.store(1);
    });
  }

  private foldAlongKept(): void {
    const { nest } = this;
    const { kept, folded, sizes, axis, unroll, lanes } = this.plan;
    const totals = this.accumulators();
    this.axis = axis;
    nest.across(kept.slice(0, -1), () => {
      nest.vectors(axis, sizes[axis], unroll, (vectors) => {
        for (const k of vectors.keys()) totals[k].clear(this.values);
        nest.across(folded, () => {
          vectors.forEach((active, k) => {
            nest.at(axis, k * lanes, () => this.addTo(totals[k], active, lanes));
          });
        });
        vectors.forEach((active, k) => {
          this.total = totals[k].finish();
          nest.at(axis, k * lanes, () => this.store(active));
        });
      });
    });
  }
}

/** A total under way: one vector, or two of doubles for four floats. */
class Accumulator {
  private readonly low: number;
  private readonly high: number;
  /** Floats are added up as doubles. */
  private readonly wide: boolean;
  private readonly combine: readonly number[];

  constructor(
    private readonly f: FunctionCode,
    private readonly by: FoldBy,
    private readonly type: Dtype,
    private readonly lanes: 2 | 4,
  ) {
    const within = totalType(by, type);
    this.wide = within !== type;
    this.combine = combineOf(by).vector[typeOf(within)] ?? [];
    this.low = f.local(V128);
    this.high = this.wide && lanes === 4 ? f.local(V128) : -1;
  }

  clear(values: VectorCode): void {
    values.number(this.type, neutralOf(this.by, this.type));
    if (this.high >= 0) this.f.tee(this.high);
    this.f.set(this.low);
  }

  /** Adds the first `active` lanes of what `value` leaves on the stack. */
  add(active: number, values: VectorCode, value: () => void): void {
    const { f, low, high } = this;
    value();
    if (active < this.lanes) {
      const bytes = bytesOf(this.type);
      values.number(this.type, neutralOf(this.by, this.type));
      f.vector(Uint8Array.from({ length: 16 }, (_, i) => (i < active * bytes ? 255 : 0))).simd(0x52);
    }
    if (high >= 0) {
      const vector = f.local(V128);
      f.tee(vector).get(vector).shuffle(rotation(8)).simd(0x5f).get(high).raw(this.combine).set(high).get(vector);
      f.release(V128, vector);
    }
    if (this.wide) f.simd(0x5f);
    f.get(low).raw(this.combine).set(low);
  }

  merge(other: Accumulator): void {
    const { f, low, high } = this;
    f.get(low).get(other.low).raw(this.combine).set(low);
    if (high >= 0) f.get(high).get(other.high).raw(this.combine).set(high);
  }

  /** The local of the total of each lane. */
  finish(): number {
    const { f, low, high } = this;
    if (!this.wide) return low;
    f.get(low).simd(0x5e);
    if (high >= 0) {
      f.get(high).simd(0x5e);
      f.shuffle(Array.from({ length: 16 }, (_, i) => (i < 8 ? i : i + 8)));
    }
    f.set(low);
    return low;
  }

  /** The local of the total of all lanes, which stands in the first. */
  acrossLanes(): number {
    const { f, low, high, lanes } = this;
    if (high >= 0) f.get(low).get(high).raw(this.combine).set(low);
    const halves = this.wide || this.type === "float64" || lanes === 4;
    if (halves) f.get(low).get(low).get(low).shuffle(rotation(8)).raw(this.combine).set(low);
    if (!this.wide && this.type !== "float64") {
      f.get(low).get(low).get(low).shuffle(rotation(4)).raw(this.combine).set(low);
    }
    if (this.wide) f.get(low).simd(0x5e).set(low);
    return low;
  }
}

const rotation = (by: number): number[] => Array.from({ length: 16 }, (_, i) => (i + by) % 16);

/** Reads in an expression. */
export function readsIn(roots: readonly Expression[]): Read[] {
  const reads: Read[] = [];
  eachPart(roots, (x) => {
    if (x.is === "read") reads.push(x);
  });
  return reads;
}
