import { promote, toFloat } from "../../base/dtype";
import { fail, list } from "../../base/errors";
import { broadcastShapes } from "../../base/shape";
import { castTo, reshapeTo } from "../../core/op/sweep-ops";
import { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";
import { lead } from "../contract/batch-of-matrices";
import { toSquareMatrices } from "./matrix-arguments";

/** The two sides of a linear system, of one float dtype, both as matrices. */
export interface System {
  readonly a: Handle;
  readonly b: Handle;
  /** The solution as the user wants it: a vector if b was one. */
  back(x: Handle): Handle;
}

/** The arguments of a x = b, or of x a = b; b may be a vector. */
export function toSystem(where: string, first: Tensor, second: Tensor, left = true, name = "a"): System {
  const square = toSquareMatrices(where, name, first);
  if (!(second instanceof Handle)) return notATensor(where, second, "b", true);
  const { shape } = second;
  if (shape.length === 0) {
    fail(
      "shape/rank",
      `${where}: b must be a vector, or a matrix, or matrices on leading axes, got a single number.`,
      { name: "b", shape },
      "Make a vector of a number with reshape(b, [1]).",
    );
  }
  const n = square.shape[square.shape.length - 1];
  const vector = shape.length === 1;
  const size = vector ? shape[0] : shape[shape.length - (left ? 2 : 1)];
  if (size !== n) {
    fail(
      "shape/inner-dimension",
      `${where}: b must have ${n} ${left ? "rows" : "columns"} for ${name} of shape ${list(square.shape)}, got shape ${list(shape)}.`,
      { a: square.shape, b: shape, inner: [n, size] },
      square.shape.length > 2 && shape.length > 1
        ? "Only a b with one axis is a vector; make each of several a column: expandDims(b, { axis: -1 })."
        : `A vector must have ${n} ${n === 1 ? "element" : "elements"}; transpose turns rows into columns.`,
    );
  }
  const dtype = toFloat(promote(first.dtype, second.dtype));
  const [a, b] = [castTo(square, dtype), castTo(second, dtype)];
  if (!vector) {
    broadcastShapes(where, lead(a.shape), lead(b.shape));
    return { a, b, back: (x) => x };
  }
  return {
    a,
    b: reshapeTo(b, left ? [n, 1] : [1, n]),
    back: (x) => reshapeTo(x, [...lead(x.shape), n]),
  };
}
