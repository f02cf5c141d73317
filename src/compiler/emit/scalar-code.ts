import type { Dtype } from "../../base/dtype";
import { F32, F64, type FunctionCode, I32 } from "../../kernel/assembler";
import type { Expression } from "../../kernel/expression";
import type { FormulaFunction } from "../../kernel/formula";
import type { NumberType } from "../../kernel/primitives";
import { countUses, type Surroundings } from "../../kernel/vector";
import type { Scalars } from "../schedule/kernels";
import { emitPrimitive } from "./single-primitive";

/*
 * Code for single numbers: one function, in which all that is used again stays in locals.
 */

const LOCAL: Readonly<Record<Dtype, number>> = { float64: F64, float32: F32, int32: I32, bool: I32 };
const LOAD: Readonly<Record<Dtype, number>> = { float64: 0x2b, float32: 0x2a, int32: 0x28, bool: 0x2d };
const STORE: Readonly<Record<Dtype, number>> = { float64: 0x39, float32: 0x38, int32: 0x36, bool: 0x3a };
const TO_DOUBLE: Readonly<Record<Dtype, readonly number[]>> = {
  float64: [],
  float32: [0xbb],
  int32: [0xb7],
  bool: [0xb7],
};
/** From one type to another; truths are integers 0 or 1. */
const CONVERT: Readonly<Record<string, readonly number[]>> = {
  "float64>float32": [0xb6],
  "float32>float64": [0xbb],
  "int32>float64": [0xb7],
  "int32>float32": [0xb2],
  "bool>float64": [0xb7],
  "bool>float32": [0xb2],
  "bool>int32": [],
  "int32>bool": [0x41, 0, 0x47],
  "float32>int32": [0xfc, 0],
  "float64>int32": [0xfc, 2],
};

/** Writes the code of numbers. `isRead`: whether somebody else reads what is stored. */
export function emitScalars(
  f: FunctionCode,
  around: Surroundings,
  { stores }: Scalars,
  isRead: (out: Scalars["stores"][number]["out"]) => boolean,
): void {
  const code = new ScalarCode(f, around, countUses(stores.map(({ value }) => value)));
  for (const { value, out } of stores) code.store(value, out, isRead(out));
}

class ScalarCode {
  /** Locals of what has been computed: expressions, and arrays of this function by their numbers. */
  private readonly done = new Map<Expression, number>();
  private readonly stored = new Map<number, number>();

  constructor(
    private readonly f: FunctionCode,
    private readonly around: Surroundings,
    private readonly uses: ReadonlyMap<Expression, number>,
  ) {}

  store(value: Expression, out: Scalars["stores"][number]["out"], isRead: boolean): void {
    const { f } = this;
    const local = f.local(LOCAL[out.dtype]);
    this.value(value);
    f.set(local);
    this.stored.set(out.id, local);
    if (isRead) f.integer(0).get(local).plainMemory(STORE[out.dtype], out.address);
  }

  private value(x: Expression): void {
    const known = this.done.get(x) ?? (x.is === "read" ? this.stored.get(x.array.id) : undefined);
    if (known !== undefined) {
      this.f.get(known);
      return;
    }
    this.compute(x);
    if ((this.uses.get(x) ?? 0) > 1 && x.is !== "number") {
      const local = this.f.local(LOCAL[x.type]);
      this.f.tee(local);
      this.done.set(x, local);
    }
  }

  private compute(x: Expression): void {
    const { f } = this;
    if (x.is === "number") this.number(x.type, x.value);
    else if (x.is === "read") {
      const bytes = x.type === "float64" ? 8 : x.type === "bool" ? 1 : 4;
      f.integer(0).plainMemory(LOAD[x.type], x.array.address + x.start * bytes);
    } else if (x.is === "convert") this.convert(x.x, x.type);
    else if (x.is === "apply") {
      if (x.f.is === "function") this.called(x.f, x.within, x.of);
      else emitPrimitive(this.f, x.f, x.within, (k) => this.value(x.of[k]));
    } else throw new TypeError(`${x.is} of single numbers`);
  }

  private number(type: Dtype, value: number): void {
    if (type === "float64") this.f.double(value);
    else if (type === "float32") this.f.float(value);
    else this.f.integer(value);
  }

  private convert(x: Expression, type: Dtype): void {
    this.value(x);
    if (type === "bool" && (x.type === "float64" || x.type === "float32")) {
      this.number(x.type, 0);
      this.f.op(x.type === "float64" ? 0x62 : 0x5c);
    } else this.f.raw(CONVERT[`${x.type}>${type}`]);
  }

  private called(f: FormulaFunction, within: NumberType, of: readonly Expression[]): void {
    for (const x of of) {
      this.value(x);
      this.f.raw(TO_DOUBLE[x.type]);
    }
    this.f.call(this.around.callee(f, within === "int32"));
    if (within === "float32") this.f.op(0xb6);
  }
}
