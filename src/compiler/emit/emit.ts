import { keyOfNumber } from "../../base/format";
import { assemble, F64, FunctionCode, I32, PAGE, type Signature } from "../../kernel/assembler";
import type { FormulaFunction } from "../../kernel/formula";
import { emitLoops } from "../../kernel/loops";
import type { NumberType } from "../../kernel/primitives";
import type { Surroundings } from "../../kernel/vector";
import type { Buffer, Call, Kernel } from "../schedule/kernels";
import { type Layout, readBy } from "../schedule/place";
import type { Schedule } from "../schedule/schedule";
import { emitLevels, type Table, tableOf } from "./levels";
import { emitNumbers } from "./number-code";
import { emitProduct, type Tuning } from "./product-code";
import { emitScalars } from "./scalar-code";

/*
 * Emit and assemble: a function of WebAssembly for each kernel, so that they are compiled one by one, and one that runs them all.
 */

/** A module and what it needs. */
export interface Emitted {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Numbers that stand in memory, 16 bytes each. */
  readonly constants: readonly { readonly type: NumberType; readonly value: number; readonly address: number }[];
  /** Functions that are called for single numbers. */
  readonly functions: readonly { readonly f: FormulaFunction; readonly integer: boolean }[];
  /** Ops that are called back, by their number. */
  readonly calls: readonly Call[];
  /** Integers that stand in memory. */
  readonly tables: readonly Table[];
  /** Bytes of memory. */
  readonly end: number;
}

/** The import that calls an op back. */
const CALL_BACK: Signature = { takes: [I32], gives: [] };

/** Constants and functions of a module, collected while it is emitted. */
class Collected implements Surroundings {
  readonly constants: { type: NumberType; value: number; address: number }[] = [];
  readonly functions: { f: FormulaFunction; integer: boolean }[] = [];
  private readonly addresses = new Map<string, number>();

  constructor(private readonly from: number) {}

  constant(type: NumberType, value: number): number {
    const key = type + keyOfNumber(value);
    const known = this.addresses.get(key);
    if (known !== undefined) return known;
    const address = this.from + 16 * this.constants.length;
    this.constants.push({ type, value, address });
    this.addresses.set(key, address);
    return address;
  }

  callee(f: FormulaFunction, integer: boolean): number {
    const k = this.functions.findIndex((known) => known.f === f && known.integer === integer);
    if (k >= 0) return k + 1;
    return this.functions.push({ f, integer });
  }

  get end(): number {
    return this.from + 16 * this.constants.length;
  }
}

/** Arrays that somebody reads outside of the kernel that writes them. */
function readElsewhere({ kernels, buffers }: Schedule): ReadonlySet<Buffer> {
  const read = new Set<Buffer>(buffers.filter(({ role }) => role === "output"));
  for (const kernel of kernels) {
    const own = kernel.is === "scalars" ? new Set(kernel.stores.map(({ out }) => out)) : null;
    for (const buffer of readBy(kernel, buffers)) if (own === null || !own.has(buffer)) read.add(buffer);
  }
  return read;
}

/** Emits a program whose arrays have their places. */
export function emit(schedule: Schedule, layout: Layout, tuning: Tuning): Emitted {
  const around = new Collected(Math.ceil(layout.end / 16) * 16);
  const calls: Call[] = [];
  const elsewhere = readElsewhere(schedule);
  const codes = schedule.kernels.map((kernel): FunctionCode | null => {
    if (kernel.is === "call") return null;
    const f = new FunctionCode();
    emitKernel(f, schedule, around, kernel, tuning, elsewhere);
    return f;
  });
  const functions = codes.filter((code) => code !== null);
  const run = new FunctionCode();
  let next = 1 + around.functions.length;
  for (const kernel of schedule.kernels) {
    if (kernel.is !== "call") run.call(next++);
    else run.integer(calls.push(kernel) - 1).call(0);
  }
  const imports = [
    CALL_BACK,
    ...around.functions.map(({ f, integer }) => ({
      takes: new Array<number>(f.arity).fill(F64),
      gives: [integer ? I32 : F64],
    })),
  ];
  const { constants, end } = around;
  const exports = new Map([["run", functions.length]]);
  const bytes = assemble({ pages: Math.ceil(end / PAGE), imports, functions: [...functions, run], exports });
  const tables = schedule.kernels.flatMap((kernel) =>
    kernel.is === "numbers" && kernel.levels !== null ? [tableOf(kernel)] : [],
  );
  return { bytes, constants, functions: around.functions, calls, tables, end };
}

function emitKernel(
  f: FunctionCode,
  { on }: Schedule,
  around: Surroundings,
  kernel: Exclude<Kernel, Call>,
  tuning: Tuning,
  elsewhere: ReadonlySet<Buffer>,
): void {
  if (kernel.is === "loops") emitLoops(f, on, around, kernel);
  else if (kernel.is === "product") emitProduct(f, on, around, kernel, tuning);
  else if (kernel.is === "numbers") (kernel.levels === null ? emitNumbers : emitLevels)(f, around, kernel);
  else emitScalars(f, around, kernel, (out) => elsewhere.has(out));
}
