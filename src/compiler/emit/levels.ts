import { type FunctionCode, I32 } from "../../kernel/assembler";
import type { Surroundings } from "../../kernel/vector";
import type { Operation } from "../lower/numbers";
import { arityOf } from "../lower/numbers";
import type { NumberProgram } from "../schedule/kernels";
import { GROUP_INTEGERS } from "../schedule/schedule-numbers";
import { emitOperation } from "./number-operation";

/*
 * Programs of doubles that are too long to be written out: instructions in levels, so that none depends on another one of its
 * level, and in each level by what they do. A group of them is one loop, which reads its operands where a table says and writes
 * its results one behind the other.
 */

/** Numbers that stand in memory before a program runs. */
export interface Table {
  readonly address: number;
  readonly elements: Int32Array;
}

/** The table of a program whose arrays have their places. The last group copies what the results are. */
export function tableOf({ numbers, levels, inputs, outputs }: NumberProgram): Table {
  if (levels === null) throw new TypeError("a program that is written out has no table");
  const { groups, values, constants, table } = levels;
  const { code, operands, operations } = numbers;
  const places = new Int32Array(code.length);
  let next = 0;
  for (const { members } of groups) for (const i of members) places[i] = next++;
  const addressOf = (x: number): number => {
    if (x < 0) return constants.address + 8 * (-1 - x);
    return x < inputs.length ? inputs[x].address : values.address + 8 * places[x - inputs.length];
  };
  const elements = new Int32Array(table.size);
  let [head, body] = [0, (groups.length + 1) * GROUP_INTEGERS];
  const describe = (operation: number, count: number, to: number): void => {
    elements.set([operation, count, to, table.address + 4 * body], head);
    head += GROUP_INTEGERS;
  };
  for (const { operation, members } of groups) {
    describe(operation, members.length, values.address + 8 * places[members[0]]);
    const arity = arityOf(operations[operation]);
    for (const i of members) for (let k = 3 * i; k < 3 * i + arity; k++) elements[body++] = addressOf(operands[k]);
  }
  describe(operations.length, outputs.length, outputs[0]?.address ?? 0);
  for (const y of numbers.outputs) elements[body++] = addressOf(y);
  return { address: table.address, elements };
}

/** Writes the code that runs the groups of a table, one after another. */
export function emitLevels(f: FunctionCode, around: Surroundings, { numbers, levels }: NumberProgram): void {
  if (levels === null) return;
  const { table, groups } = levels;
  const operations: readonly (Operation | null)[] = [...numbers.operations, null];
  const [group, left, to, from] = [f.local(I32), f.local(I32), f.local(I32), f.local(I32)];
  const word = (k: number): FunctionCode => f.get(group).plainMemory(0x28, 4 * k);
  f.integer(table.address).set(group);
  f.repeatWhile(() => {
    word(1).set(left);
    word(2).set(to);
    word(3).set(from);
    f.get(left).when(() => {
      f.choice(
        operations.length,
        () => word(0),
        (k) => {
          const operation = operations[k];
          const arity = operation === null ? 1 : arityOf(operation);
          f.repeatWhile(() => {
            f.get(to);
            const operand = (j: number): void => {
              f.get(from)
                .plainMemory(0x28, 4 * j)
                .plainMemory(0x2b, 0);
            };
            if (operation === null) operand(0);
            else emitOperation(f, around, operation, operand, true);
            f.plainMemory(0x39, 0);
            f.add(to, 8).add(from, 4 * arity);
            f.get(left).integer(1).op(0x6b).tee(left);
          });
        },
      );
    });
    f.add(group, 4 * GROUP_INTEGERS);
    f.get(group)
      .integer(table.address + 4 * GROUP_INTEGERS * (groups.length + 1))
      .op(0x49);
  });
}
