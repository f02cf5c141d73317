import { arrayKind } from "../../base/allocate";
import { describe, fail, list } from "../../base/errors";
import { readNested } from "../../base/nested-arrays";
import type { Shape } from "../../base/shape";
import { Handle, isSymbolic, makeTensor } from "../../core/tensor/handle";
import type { Indices } from "../../core/tensor/tensor";
import { isHandle } from "../../core/tensor/tensor-argument";

/** Row-major position as one index per axis. */
export function positionOf(flat: number, shape: Shape): number[] {
  const position = new Array<number>(shape.length);
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    position[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return position;
}

const standing = (position: readonly number[]): string => (position.length === 0 ? "" : ` at ${list(position)}`);

function checkOne(where: string, x: unknown, path: () => string): number {
  if (typeof x === "number" && Number.isInteger(x) && Math.abs(x) < 2 ** 31) return x;
  return fail(
    "index/invalid",
    `${where}: ${path()} must be ${Number.isInteger(x) ? "an int32" : "an integer"}, got ${describe(x)}.`,
    { index: x, path: path() },
    "Indices count from 0, negative ones from the end.",
  );
}

const isInt32Array = (x: unknown): x is Int32Array => arrayKind(x) === "Int32Array";

/** Indices in any of their forms as an int32 tensor; an array of the caller is copied. Says nothing of their range. */
export function toIndices(where: string, indices: Indices): Handle {
  if (indices instanceof Handle || isHandle(where, indices)) {
    if (indices.dtype === "int32") return indices;
    return fail(
      "dtype/index",
      `${where}: indices must be int32, got a ${indices.dtype} tensor.`,
      { dtype: indices.dtype },
      'Use cast(indices, "int32").',
    );
  }
  if (typeof indices === "number")
    return makeTensor([], "int32", Int32Array.of(checkOne(where, indices, () => "indices")));
  // An Int32Array of this realm or another.
  if (isInt32Array(indices)) return makeTensor([indices.length], "int32", Int32Array.from(indices));
  if (Array.isArray(indices)) {
    const { shape, numbers } = readNested(where, "indices", indices, (x, path) => checkOne(where, x, path));
    return makeTensor(shape, "int32", Int32Array.from(numbers));
  }
  return fail(
    "dtype/index",
    `${where}: indices must be an int32 tensor, an Int32Array, or nested arrays of integers, got ${describe(indices)}.`,
    { received: indices },
    "Write them as an array of integers: [0, 2].",
  );
}

/** Throws for the first index outside -size ... size - 1. */
export function checkRange(where: string, indices: Handle, size: number): void {
  const data = indices.data;
  for (let i = 0; i < data.length; i++) {
    if (data[i] >= -size && data[i] < size) continue;
    const position = positionOf(i, indices.shape);
    fail(
      "index/invalid",
      `${where}: index ${data[i]}${standing(position)} is out of range for an axis of size ${size}.`,
      { index: data[i], position, size },
      size === 0 ? "The axis is empty; check its size first." : `Indices run from ${-size} to ${size - 1}.`,
    );
  }
}

/** The same while tracing, for indices that are already known: an op that runs checks them itself. */
export function checkKnownRange(where: string, indices: Handle, size: number, others: readonly Handle[]): void {
  if (others.some(isSymbolic) && !isSymbolic(indices)) checkRange(where, indices, size);
}
