import type { Dtype } from "../base/dtype";
import { type FunctionCode, LOWER_HALVES, V128 } from "./assembler";
import type { Expression } from "./expression";
import type { FormulaFunction } from "./formula";
import { CHOOSE, NOT_EQUAL, type NumberType } from "./primitives";

/*
 * Code for expressions in vectors of four or of two lanes: two where anything is float64. In two lanes, floats and integers
 * stand in the lower half, and truths are masks of 64 bits.
 */

/** How many lanes vectors of an expression and of what it is stored as have. */
export const lanesOf = (types: Iterable<Dtype>): 2 | 4 => {
  for (const type of types) if (type === "float64") return 2;
  return 4;
};

/** Numbers and functions that code refers to by their place: in memory, and among the imports of the module. */
export interface Surroundings {
  /** The address of 16 bytes that hold a number in every lane. */
  constant(type: NumberType, value: number): number;
  /** The index of a function that is called with doubles; `integer`: it gives an integer. */
  callee(f: FormulaFunction, integer: boolean): number;
}

/** How often each part is used by others. */
export function countUses(roots: readonly Expression[]): Map<Expression, number> {
  const uses = new Map<Expression, number>();
  const use = (x: Expression): void => {
    const count = uses.get(x) ?? 0;
    uses.set(x, count + 1);
    if (count > 0) return;
    for (const part of partsOf(x)) use(part);
  };
  roots.forEach(use);
  return uses;
}

/** The expressions inside. */
export function partsOf(x: Expression): readonly Expression[] {
  if (x.is === "apply") return x.of;
  if (x.is === "convert") return [x.x];
  return x.is === "guard" ? [x.inside, x.outside] : [];
}

/** Every part once, what it is made of first. */
export function eachPart(roots: readonly Expression[], visit: (x: Expression) => void): void {
  const seen = new Set<Expression>();
  const walk = (x: Expression): void => {
    if (seen.has(x)) return;
    seen.add(x);
    for (const part of partsOf(x)) walk(part);
    visit(x);
  };
  roots.forEach(walk);
}

/** Whether a test holds for an expression or for a part of it. */
export function somePart(root: Expression, test: (x: Expression) => boolean): boolean {
  const seen = new Set<Expression>();
  const holds = (x: Expression): boolean => {
    if (seen.has(x)) return false;
    seen.add(x);
    return test(x) || partsOf(x).some(holds);
  };
  return holds(root);
}

type Apply = Extract<Expression, { is: "apply" }>;

/** One lane of a vector on the stack; as a double, and back. */
export const EXTRACT = { float32: 0x1f, float64: 0x21, int32: 0x1b } as const;
const AS_DOUBLE = { float32: [0xbb], float64: [], int32: [0xb7] } as const;
const FROM_DOUBLE = { float32: [0xb6], float64: [], int32: [] } as const;
const REPLACE = { float32: 0x20, float64: 0x22, int32: 0x1c } as const;
const CONVERT: Readonly<Record<string, number>> = {
  "int32>float32": 0xfa,
  "int32>float64": 0xfe,
  "float32>float64": 0x5f,
  "float64>float32": 0x5e,
  "float32>int32": 0xf8,
  "float64>int32": 0xfc,
};

/** From so many instructions on, what no lane takes is not computed. Of two that may be chosen, the one that takes longer. */
const LONG = 10;
/** Costs are counted up to here. */
const DEAR = 200;

/** Writes the code that leaves expressions on the stack as vectors. */
export class VectorCode {
  /** Locals of what is used several times, as far as it has been computed. */
  private readonly done = new Map<Expression, number>();
  private active: number;

  constructor(
    private readonly f: FunctionCode,
    private readonly lanes: 2 | 4,
    private readonly uses: ReadonlyMap<Expression, number>,
    private readonly around: Surroundings,
    /** Leaves a read, a place or a total on the stack. */
    private readonly leaf: (x: Expression, active: number) => void,
  ) {
    this.active = lanes;
  }

  /** Another place follows, at which so many lanes count: nothing has been computed. */
  begin(active: number): this {
    for (const local of this.done.values()) this.f.release(V128, local);
    this.done.clear();
    this.active = active;
    return this;
  }

  /** Leaves an expression on the stack. */
  value(x: Expression): void {
    const known = this.done.get(x);
    if (known !== undefined) {
      this.f.get(known);
      return;
    }
    this.compute(x);
    if ((this.uses.get(x) ?? 0) > 1 && x.is !== "number") {
      const local = this.f.local(V128);
      this.f.tee(local);
      this.done.set(x, local);
    }
  }

  /** A number in every lane; a truth as a mask. */
  number(type: Dtype, value: number): void {
    if (type === "bool" || Object.is(value, 0)) this.f.vector(new Uint8Array(16).fill(value === 0 ? 0 : 255));
    else this.f.integer(0).memory(0x00, this.around.constant(type, value));
  }

  private compute(x: Expression): void {
    if (x.is === "number") this.number(x.type, x.value);
    else if (x.is === "convert") this.convert(x.x, x.type);
    else if (x.is !== "apply") this.leaf(x, this.active);
    else if (x.f.is === "function") this.called(x.f, x);
    else {
      const dear = x.f === CHOOSE ? this.dear(x) : null;
      if (dear !== null) {
        this.rarely(x, dear === 1);
        return;
      }
      for (const k of x.f.order ?? x.of.keys()) {
        this.value(x.of[k]);
        if (x.f === CHOOSE && k === 0) this.maskFor(x.within);
      }
      this.f.raw(x.f.vector[x.within] ?? []);
      if (x.f.truth && x.f.takes[0] === "number") this.wholeMask(x.within);
    }
  }

  /** Instructions that an expression takes, besides those of another one and of what has been computed; up to a bound. */
  private costBeside(root: Expression, other: Expression | null): number {
    const seen = new Set<Expression>();
    if (other !== null) eachPart([other], (x) => seen.add(x));
    let cost = 0;
    const walk = (x: Expression): void => {
      if (cost >= DEAR || seen.has(x) || this.done.has(x)) return;
      seen.add(x);
      if (x.is === "apply") cost += x.f.is === "function" ? DEAR : x.f.cost;
      partsOf(x).forEach(walk);
    };
    walk(root);
    return cost;
  }

  /** Which of two numbers that are chosen from takes so long that it is computed where a lane takes it alone. */
  private dear({ of: [, a, b] }: Apply): 1 | 2 | null {
    const [costA, costB] = [this.costBeside(a, null), this.costBeside(b, null)];
    const which = costA > costB ? 1 : 2;
    const beside = which === 1 ? this.costBeside(a, b) : this.costBeside(b, a);
    return beside >= LONG ? which : null;
  }

  /** A choice of which one number takes long: it is computed where some lane takes it. */
  private rarely({ within, of: [condition, a, b] }: Apply, first: boolean): void {
    const { f } = this;
    const [long, short] = first ? [a, b] : [b, a];
    const [mask, chosen] = [f.local(V128), f.local(V128)];
    this.value(condition);
    f.set(mask);
    this.value(short);
    f.set(chosen).get(mask);
    if (!first) f.simd(0x4d);
    f.simd(0x53);
    const before = new Set(this.done.keys());
    f.when(() => {
      if (first) {
        this.value(long);
        f.get(chosen);
      } else {
        f.get(chosen);
        this.value(long);
      }
      f.get(mask);
      this.maskFor(within);
      f.simd(0x52).set(chosen);
    });
    // What was computed in there may not have been.
    for (const [x, local] of this.done) {
      if (before.has(x)) continue;
      f.release(V128, local);
      this.done.delete(x);
    }
    f.get(chosen);
    f.release(V128, mask);
    f.release(V128, chosen);
  }

  /** A comparison in a type as a mask of the lanes. */
  private wholeMask(within: NumberType): void {
    if (this.lanes === 2 && within !== "float64") this.f.simd(0xc7);
  }

  /** A mask of the lanes as one that is as wide as numbers of a type. */
  private maskFor(within: NumberType): void {
    if (this.lanes === 4 || within === "float64") return;
    const mask = this.f.local(V128);
    this.f.tee(mask).get(mask).shuffle(LOWER_HALVES);
    this.f.release(V128, mask);
  }

  private convert(x: Expression, type: Dtype): void {
    this.value(x);
    if (type === "bool") {
      const from = x.type === "bool" ? "int32" : x.type;
      this.number(from, 0);
      this.f.raw(NOT_EQUAL.vector[from] ?? []);
      this.wholeMask(from);
    } else if (x.type === "bool") {
      this.maskFor(type);
      this.number(type, 1);
      this.f.simd(0x4e);
    } else this.f.simd(CONVERT[`${x.type}>${type}`]);
  }

  /** A function that is called for every lane that counts. */
  private called(f: FormulaFunction, { within, of }: Apply): void {
    const operands = of.map((x) => {
      this.value(x);
      const local = this.f.local(V128);
      this.f.set(local);
      return local;
    });
    const callee = this.around.callee(f, within === "int32");
    this.f.vector(new Uint8Array(16));
    for (let lane = 0; lane < this.active; lane++) {
      for (const local of operands) this.f.get(local).simd(EXTRACT[within]).op(lane).raw(AS_DOUBLE[within]);
      this.f.call(callee).raw(FROM_DOUBLE[within]).simd(REPLACE[within]).op(lane);
    }
    for (const local of operands) this.f.release(V128, local);
  }
}
