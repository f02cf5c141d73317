import type { TensorData } from "../../base/dtype";
import { list } from "../../base/errors";
import { broadcastShapes, sameShape, type Shape, sizeOf, stridesOf } from "../../base/shape";
import { gather } from "../../base/strided";
import type { Handle } from "../../core/handle";
import { alignBatch, reshapeTo, sumToShape } from "../../core/linear";
import { moveAxis } from "../movement";
import { times } from "./matrices";

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

/** A matrix among those on leading axes, in words: " of matrix [1, 0]"; nothing where there is one only. */
export function inMatrix(shape: Shape, matrix: number): string {
  const own = lead(shape);
  if (own.length === 0) return "";
  const strides = stridesOf(own);
  return ` of matrix ${list(own.map((size, i) => Math.floor(matrix / strides[i]) % size))}`;
}

/** The numbers in double precision: as they are, if they have it. */
export const asFloat64 = (data: TensorData): Float64Array =>
  data instanceof Float64Array ? data : Float64Array.from(data);

/** Operands with a batch axis in front of their leading axes, so that those still broadcast with those without one. */
export function alignBatches(inputs: readonly Handle[], batched: readonly boolean[]): Handle[] {
  const rank = Math.max(...inputs.map((x, k) => x.shape.length - (batched[k] ? 1 : 0)));
  return inputs.map((x, k) => (batched[k] ? alignBatch(x, rank) : x));
}

/** The sum of x yᵀ over all leading axes that broadcasting added to or stretched in a matrix of the shape. */
export function summedProducts(x: Handle, y: Handle, shape: Shape): Handle {
  if (shape.length > 2 || x.shape.length === 2) return sumToShape(times(x, y, false, true), shape);
  // One matrix for all: one product over the leading axes too.
  return times(columns(x), columns(y), false, true);
}

/** The columns of all matrices side by side. */
const columns = (x: Handle): Handle => {
  const rows = x.shape[x.shape.length - 2];
  return reshapeTo(moveAxis(x, x.shape.length - 2, 0), [rows, x.size / Math.max(1, rows)]);
};
