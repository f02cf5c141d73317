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
export function emitNumbers(f: FunctionCode, around: Surroundings, program: NumberProgram): void {
  const { numbers, inputs, outputs } = program;
  const { code, operands, operations, constants } = numbers;
  const { last, uses } = lastUses(program);
  const locals = new Int32Array(last.length).fill(-1);
  const results = new Map<number, number[]>();
  numbers.outputs.forEach((y, k) => {
    results.set(y, [...(results.get(y) ?? []), outputs[k].address]);
  });
  const typeOf = (x: number): number =>
    x >= inputs.length && givesTruth(operations[code[x - inputs.length]]) ? I32 : F64;
  const storeResults = (x: number): void => {
    for (const address of results.get(x) ?? []) {
      f.integer(0);
      value(x, -1);
      f.plainMemory(0x39, address);
    }
  };
  /** Leaves a value on the stack, for an instruction. */
  const value = (x: number, i: number): void => {
    if (x < 0) f.double(constants[-1 - x]);
    else if (locals[x] >= 0) f.get(locals[x]);
    else {
      f.integer(0).plainMemory(0x2b, inputs[x].address);
      if (uses[x] > 1 && last[x] > i) {
        locals[x] = f.local(F64);
        f.tee(locals[x]);
      }
    }
  };
  let onStack = -1;
  for (let i = 0; i < code.length; i++) {
    const operation = operations[code[i]];
    emitOperation(
      f,
      around,
      operation,
      (k) => {
        const x = operands[3 * i + k];
        if (x >= 0 && x === onStack) onStack = -1;
        else value(x, i);
      },
      false,
    );
    const end = 3 * i + arityOf(operation);
    for (let k = 3 * i; k < end; k++) {
      const x = operands[k];
      if (x < 0 || last[x] !== i || locals[x] < 0 || results.has(x)) continue;
      f.release(typeOf(x), locals[x]);
      locals[x] = -1;
    }
    const own = inputs.length + i;
    const next = i + 1 < code.length ? operations[code[i + 1]] : null;
    const first = next === null || typeof next === "string" || next.is === "function" ? 0 : (next.order?.[0] ?? 0);
    if (next !== null && uses[own] === 1 && operands[3 * (i + 1) + first] === own) onStack = own;
    else {
      locals[own] = f.local(typeOf(own));
      f.set(locals[own]);
      if (results.has(own)) {
        storeResults(own);
        results.delete(own);
      }
    }
  }
  for (const x of [...results.keys()]) storeResults(x);
}
