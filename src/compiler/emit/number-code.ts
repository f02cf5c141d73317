import { F64, type FunctionCode, I32 } from "../../kernel/assembler";
import type { Surroundings } from "../../kernel/vector";
import { arityOf, givesTruth } from "../lower/numbers";
import type { NumberProgram } from "../schedule/kernels";
import { emitOperation } from "./number-operation";

/*
 * A program of doubles as straight-line code: values in locals, which are used again when nobody needs their value any more. What
 * the next instruction takes first, and nobody else, stays on the stack.
 */

/** The last instruction that takes each value; -1 for a value that no one takes, the count of instructions for a result. */
function lastUses({ numbers }: NumberProgram): { last: Int32Array; uses: Int32Array } {
  const { inputs, code, operands, operations, outputs } = numbers;
  const last = new Int32Array(inputs + code.length).fill(-1);
  const uses = new Int32Array(inputs + code.length);
  for (let i = 0; i < code.length; i++) {
    const end = 3 * i + arityOf(operations[code[i]]);
    for (let k = 3 * i; k < end; k++) {
      if (operands[k] < 0) continue;
      last[operands[k]] = i;
      uses[operands[k]]++;
    }
  }
  for (const y of outputs) if (y >= 0) uses[y] += 2;
  return { last, uses };
}

/** Writes the code of a program of doubles. */
export const emitNumbers = (f: FunctionCode, around: Surroundings, program: NumberProgram): void =>
  new NumberCode(f, around, program).emit();

class NumberCode {
  private readonly last: Int32Array;
  private readonly uses: Int32Array;
  /** The local of each value, while somebody needs it. */
  private readonly locals: Int32Array;
  /** Where results are stored, by the values that they are, until they are. */
  private readonly results = new Map<number, number[]>();
  /** The value that the instruction before left on the stack. */
  private onStack = -1;

  constructor(
    private readonly f: FunctionCode,
    private readonly around: Surroundings,
    private readonly program: NumberProgram,
  ) {
    ({ last: this.last, uses: this.uses } = lastUses(program));
    this.locals = new Int32Array(this.last.length).fill(-1);
    program.numbers.outputs.forEach((y, k) => {
      this.results.set(y, [...(this.results.get(y) ?? []), program.outputs[k].address]);
    });
  }

  emit(): void {
    for (let i = 0; i < this.program.numbers.code.length; i++) this.instruction(i);
    for (const x of [...this.results.keys()]) this.storeResults(x);
  }

  private instruction(i: number): void {
    const { operations, code, operands } = this.program.numbers;
    const operation = operations[code[i]];
    const operand = (k: number): void => {
      const x = operands[3 * i + k];
      if (x >= 0 && x === this.onStack) this.onStack = -1;
      else this.value(x, i);
    };
    emitOperation(this.f, this.around, operation, operand, false);
    for (let k = 0; k < arityOf(operation); k++) this.forget(operands[3 * i + k], i);
    this.keep(this.program.inputs.length + i);
  }

  /** The type of the local of a value. */
  private typeOf(x: number): number {
    const { inputs, numbers } = this.program;
    return x >= inputs.length && givesTruth(numbers.operations[numbers.code[x - inputs.length]]) ? I32 : F64;
  }

  /** Leaves a value on the stack, for an instruction. */
  private value(x: number, i: number): void {
    const { f, locals } = this;
    if (x < 0) f.double(this.program.numbers.constants[-1 - x]);
    else if (locals[x] >= 0) f.get(locals[x]);
    else {
      f.integer(0).plainMemory(0x2b, this.program.inputs[x].address);
      if (this.uses[x] < 2 || this.last[x] <= i) return;
      locals[x] = f.local(F64);
      f.tee(locals[x]);
    }
  }

  /** Gives the local of a value back after the instruction that takes it last. */
  private forget(x: number, i: number): void {
    if (x < 0 || this.last[x] !== i || this.locals[x] < 0 || this.results.has(x)) return;
    this.f.release(this.typeOf(x), this.locals[x]);
    this.locals[x] = -1;
  }

  /** Keeps what an instruction gave: on the stack if the next one takes it first and alone, else in a local. */
  private keep(own: number): void {
    const { f, locals, results } = this;
    const { operations, code, operands } = this.program.numbers;
    const i = own - this.program.inputs.length + 1;
    const next = i < code.length ? operations[code[i]] : null;
    const first = next === null || typeof next === "string" || next.is === "function" ? 0 : (next.order?.[0] ?? 0);
    if (next !== null && this.uses[own] === 1 && operands[3 * i + first] === own) {
      this.onStack = own;
      return;
    }
    locals[own] = f.local(this.typeOf(own));
    f.set(locals[own]);
    if (!results.has(own)) return;
    this.storeResults(own);
    results.delete(own);
  }

  private storeResults(x: number): void {
    for (const address of this.results.get(x) ?? []) {
      this.f.integer(0);
      this.value(x, -1);
      this.f.plainMemory(0x39, address);
    }
  }
}
