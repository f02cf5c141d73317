import type { Shape } from "../base/shape";
import type { Loop, Placed, Selected, Step } from "../core/op/op";
import type { Handle } from "../core/tensor/handle";

/*
 * What the op of a step says of itself, of the attributes of the step.
 */

/** The sum of products that a step is, of inputs of some shapes; null if it is none. */
export const equationOf = (step: Step, shapes: readonly Shape[]): string | null =>
  step.op.declares.contraction?.(shapes, step.attrs) ?? null;

/** The tensors that the sum of products is of, where they are not the inputs. */
export const operandsOf = (step: Step, inputs: readonly Handle[]): readonly Handle[] =>
  step.op.declares.operands?.(inputs, step.attrs) ?? inputs;

/** What a step multiplies by; null if it does more. */
export const scaleOf = (step: Step): number | null => step.op.declares.scale?.(step.attrs) ?? null;

export const placementOf = (step: Step): Placed | null => step.op.declares.placement?.(step.attrs) ?? null;

export const selectionOf = (step: Step): Selected | null => step.op.declares.selection?.(step.attrs) ?? null;

export const loopOf = (step: Step): Loop | null => step.op.declares.loop?.(step.attrs) ?? null;

/** The letters of a sum of products, and whether it sums over any. */
export function readLetters(equation: string): {
  readonly terms: readonly string[];
  readonly output: readonly string[];
  readonly sums: boolean;
} {
  const [left, right] = equation.split("->");
  const output = [...right];
  const terms = left.split(",");
  const sums = terms.some((term) => [...term].some((letter) => letter !== "1" && !output.includes(letter)));
  return { terms, output, sums };
}
