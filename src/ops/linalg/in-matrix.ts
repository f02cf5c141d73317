import type { TensorData } from "../../base/dtype";
import { list } from "../../base/errors";
import { type Shape, stridesOf } from "../../base/shape";
import { reshapeTo, sumToShape } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import { lead } from "../contract/batch-of-matrices";
import { moveAxis } from "../movement/reshape-transpose";
import { times } from "./matrix-arguments";

/** A matrix among those on leading axes, in words: " of matrix [1, 0]"; nothing where there is one only. */
export function inMatrix(shape: Shape, matrix: number): string {
  const own = lead(shape);
  if (own.length === 0) return "";
  const strides = stridesOf(own);
  return ` of matrix ${list(own.map((size, i) => Math.floor(matrix / strides[i]) % size))}`;
}

/** The elements in double precision: as they are, if they have it. */
export const asFloat64 = (data: TensorData): Float64Array =>
  data instanceof Float64Array ? data : Float64Array.from(data);

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
