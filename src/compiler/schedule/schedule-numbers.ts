import type { Dtype } from "../../base/dtype";
import { Expressions } from "../../kernel/expression";
import type { Numbers } from "../lower/numbers";
import { arityOf } from "../lower/numbers";
import type { Buffer, Group, NumberProgram, Role } from "./kernels";
import type { Schedule } from "./schedule";

/** Up to so many instructions, a program of doubles is written out: more of them would no longer stay in the caches as code. */
const WRITTEN_OUT = 40_000;

/** A program of doubles as the one kernel that it is. */
export function scheduleNumbers(numbers: Numbers): Schedule {
  const buffers: Buffer[] = [];
  const make = (dtype: Dtype, size: number, role: Role, elements?: ArrayLike<number>): Buffer => {
    const buffer: Buffer = { id: buffers.length, dtype, size, role, address: -1, elements };
    buffers.push(buffer);
    return buffer;
  };
  const inputs = Array.from({ length: numbers.inputs }, () => make("float64", 1, "input"));
  const outputs = numbers.outputs.map(() => make("float64", 1, "output"));
  const { code, constants } = numbers;
  let levels: NumberProgram["levels"] = null;
  if (code.length > WRITTEN_OUT) {
    const groups = groupsOf(numbers);
    levels = {
      groups,
      values: make("float64", code.length, "temporary"),
      constants: make("float64", constants.length, "constant", constants),
      table: make("int32", tableSize(numbers, groups), "constant"),
    };
  }
  return {
    on: new Expressions(),
    kernels: [{ is: "numbers", numbers, inputs, outputs, levels }],
    buffers,
    inputs,
    outputs,
  };
}

/** Groups the instructions of a program. */
export function groupsOf({ inputs, code, operands, operations }: Numbers): Group[] {
  const level = new Int32Array(code.length);
  const groups = new Map<number, number[]>();
  for (let i = 0; i < code.length; i++) {
    let mine = 0;
    for (let k = 3 * i; k < 3 * i + 3; k++) {
      const x = operands[k] - inputs;
      if (x >= 0 && x < i && level[x] >= mine) mine = level[x] + 1;
    }
    level[i] = mine;
    const key = mine * operations.length + code[i];
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [i]);
    else group.push(i);
  }
  const inOrder = [...groups].sort(([a], [b]) => a - b);
  return inOrder.map(([key, members]) => ({ operation: key % operations.length, members }));
}

/** Integers that a group is described by: operation, count, where its results begin, where its part of the table begins. */
export const GROUP_INTEGERS = 4;

/** How many integers the table of a program has: the groups, and the addresses of all operands. */
export function tableSize({ operations, outputs }: Numbers, groups: readonly Group[]): number {
  const addresses = groups.reduce(
    (sum, { operation, members }) => sum + members.length * arityOf(operations[operation]),
    0,
  );
  return (groups.length + 1) * GROUP_INTEGERS + addresses + outputs.length;
}
