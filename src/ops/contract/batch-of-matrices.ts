import { broadcastShapes, type Shape, sameShape, sizeOf, stridesOf } from "../../base/shape";
import { alignBatch } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import { gather } from "../../numeric/strided";

/* Ops of matrices, the last two axes, work on as many as the axes before them count. */

/** The axes before the matrices. */
export const lead = (shape: Shape): Shape => shape.slice(0, -2);

/** The leading axes of all operands together. */
export const commonLead = (where: string, shapes: readonly Shape[]): Shape =>
  shapes.map(lead).reduce((a, b) => broadcastShapes(where, a, b));

/** Which matrix of an operand stands beside each matrix of the result, by leading axes that broadcast. */
export function matricesOf(shape: Shape, result: Shape): Int32Array {
  const own = lead(shape);
  const numbers = new Int32Array(sizeOf(own));
  for (let i = 0; i < numbers.length; i++) numbers[i] = i;
  if (sameShape(own, result)) return numbers;
  const missing = result.length - own.length;
  const strides = stridesOf(own);
  const matrices = new Int32Array(sizeOf(result));
  const steps = result.map((_, i) => (i < missing || own[i - missing] === 1 ? 0 : strides[i - missing]));
  gather(matrices, result, numbers, steps, 0);
  return matrices;
}

/** Operands with a batch axis in front of their leading axes, so that those still broadcast with those without one. */
export function alignBatches(inputs: readonly Handle[], batched: readonly boolean[]): Handle[] {
  const rank = Math.max(...inputs.map((x, k) => x.shape.length - (batched[k] ? 1 : 0)));
  return inputs.map((x, k) => (batched[k] ? alignBatch(x, rank) : x));
}
