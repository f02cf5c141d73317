import type { Dtype } from "../base/dtype";
import { Expressions } from "../kernel/expression";
import type { Buffer, NumberProgram, Role } from "./kernels";
import { groupsOf, tableSize } from "./levels";
import type { Numbers } from "./numbers";
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
