import { toFloat } from "../../base/dtype";
import { fail, list } from "../../base/errors";
import { castTo } from "../../core/op/sweep-ops";
import { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";
import { product } from "../contract/matmul";
import { permute } from "../movement/reshape-transpose";

/** An argument that must be a matrix, or matrices on leading axes. */
export function demandMatrices(where: string, name: string, x: Tensor): Handle {
  if (!(x instanceof Handle)) return notATensor(where, x, name, true);
  if (x.shape.length < 2) {
    fail(
      "shape/rank",
      `${where}: ${name} must be a matrix, or matrices on leading axes, got shape ${list(x.shape)}.`,
      { name, shape: x.shape },
      x.shape.length === 1
        ? `expandDims(${name}, { axis: -1 }) makes a column of a vector, { axis: 0 } a row.`
        : `reshape(${name}, [1, 1]) makes a matrix of a number.`,
    );
  }
  return x;
}

/** An argument that must be a matrix, or matrices on leading axes, as floats. */
export function toMatrices(where: string, name: string, x: Tensor): Handle {
  const a = demandMatrices(where, name, x);
  return castTo(a, toFloat(a.dtype));
}

/** An argument that must be a square matrix, or such matrices on leading axes, as floats. */
export function toSquareMatrices(where: string, name: string, x: Tensor): Handle {
  const a = toMatrices(where, name, x);
  const [rows, columns] = a.shape.slice(-2);
  if (rows !== columns) {
    fail(
      "linalg/square",
      `${where}: ${name} must be square, got ${rows} rows and ${columns} columns.`,
      { name, shape: a.shape },
      "For other matrices use linalg.svd, linalg.qr, linalg.pinv or linalg.lstsq.",
    );
  }
  return a;
}

/** The matrices with rows and columns swapped. */
export function transposed(x: Handle): Handle {
  const last = x.shape.length - 1;
  return permute(
    x,
    x.shape.map((_, i) => (i === last ? last - 1 : i === last - 1 ? last : i)),
  );
}

/** Products of matrices that agree in their leading axes, or broadcast; either may be read transposed, at no cost. */
export const times = (a: Handle, b: Handle, transposeA = false, transposeB = false): Handle =>
  product(a, b, transposeA, transposeB);
