import type { Program, Step } from "../core/op/op";
import type { Handle } from "../core/tensor/handle";

/** A slot of a program, or a tensor from outside. */
export type Operand = number | Handle;

/** Steps without which none of the outputs is affected are left out: the program of some outputs alone. */
export function prune(program: Program, outputs: readonly Operand[]): Program {
  const needed = new Set(outputs.filter((x) => typeof x === "number"));
  const steps: Step[] = [];
  for (let k = program.steps.length - 1; k >= 0; k--) {
    const step = program.steps[k];
    if (!step.outputs.some((slot) => needed.has(slot))) continue;
    for (const x of step.inputs) if (typeof x === "number") needed.add(x);
    steps.push(step);
  }
  return { ...program, steps: steps.reverse(), outputs };
}

/** The program with some of its inputs alone, which no step reads the others of. */
export function restrict(program: Program, inputs: readonly number[]): Program {
  const to = new Map(inputs.map((slot, k) => [slot, k]));
  const put = (slot: number): number => {
    const place = to.get(slot) ?? to.size;
    to.set(slot, place);
    return place;
  };
  const operand = (x: Operand): Operand => (typeof x === "number" ? put(x) : x);
  const steps = program.steps.map((step) => ({
    ...step,
    inputs: step.inputs.map(operand),
    outputs: step.outputs.map(put),
  }));
  const outputs = program.outputs.map(operand);
  return { inputs: inputs.map((k) => program.inputs[k]), steps, outputs, slots: to.size };
}
