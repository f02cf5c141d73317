import type { Kind, Program } from "../op/op";
import { Handle } from "../tensor/handle";

/*
 * Programs that capture nothing: what a program used from outside becomes an input of it.
 */

/** Shape and dtype of an output of a program. */
export function outputKind(body: Program, output: number | Handle): Kind {
  if (typeof output !== "number") return output;
  if (output < body.inputs.length) return body.inputs[output];
  for (const step of body.steps) {
    const k = step.outputs.indexOf(output);
    if (k >= 0) return step.examples[k];
  }
  return { shape: [], dtype: "float64" };
}

/**
 * A program without captured history: tensors from outside that are on the tape become further inputs, behind the others,
 * so that derivatives reach them. Untracked ones stay constants.
 */
export function closeProgram(program: Program): [closed: Program, captured: Handle[]] {
  const captured: Handle[] = [];
  const count = program.inputs.length;
  const isCaptured = (x: number | Handle): x is Handle => x instanceof Handle && x.strand !== null;
  const collect = (x: number | Handle): void => {
    if (isCaptured(x) && !captured.includes(x)) captured.push(x);
  };
  for (const step of program.steps) step.inputs.forEach(collect);
  program.outputs.forEach(collect);
  if (captured.length === 0) return [program, captured];
  const slot = (s: number): number => (s < count ? s : s + captured.length);
  const operand = (x: number | Handle): number | Handle =>
    typeof x === "number" ? slot(x) : isCaptured(x) ? count + captured.indexOf(x) : x;
  const steps = program.steps.map((step) => ({
    ...step,
    inputs: step.inputs.map(operand),
    outputs: step.outputs.map(slot),
  }));
  const closed = {
    inputs: [...program.inputs, ...captured],
    steps,
    outputs: program.outputs.map(operand),
    slots: program.slots + captured.length,
  };
  return [closed, captured];
}

/** Programs of the same inputs closed over what any of them captures: each takes all of it. */
export function closeTogether(programs: readonly Program[]): {
  readonly closed: Program[];
  readonly captured: Handle[];
} {
  const each = programs.map(closeProgram);
  const own = programs[0].inputs;
  const captured = each.flatMap(([, more]) => more);
  const inputs = [...own, ...captured];
  let to = own.length;
  const closed = each.map(([program, more]) => {
    const wide = widen(program, inputs, own.length, to);
    to += more.length;
    return wide;
  });
  return { closed, captured };
}

/** The same program with more inputs, its own from `own` on standing at `to`. */
function widen(program: Program, inputs: readonly Kind[], own: number, to: number): Program {
  const extra = inputs.length - program.inputs.length;
  const slot = (s: number): number => (s < own ? s : s < program.inputs.length ? s - own + to : s + extra);
  const operand = (x: number | Handle): number | Handle => (typeof x === "number" ? slot(x) : x);
  const steps = program.steps.map((step) => ({
    ...step,
    inputs: step.inputs.map(operand),
    outputs: step.outputs.map(slot),
  }));
  return { inputs, steps, outputs: program.outputs.map(operand), slots: program.slots + extra };
}
