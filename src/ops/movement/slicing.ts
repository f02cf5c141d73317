import { describe, fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { type Axis, checkAxes, checkPlace } from "../../base/shape";
import type { Handle } from "../../core/tensor/handle";
import type { SlicePart, Tensor } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { type StridedWindow, stridedSlice } from "./strided-window";

type Part = Exclude<SlicePart, number>;
const PART_OPTIONS = ["start", "stop", "step"];

/** One index along an axis, made non-negative. */
const checkIndex = (where: string, index: unknown, axis: number, size: number): number =>
  checkPlace(
    "index/invalid",
    where,
    "index",
    index,
    size,
    `axis ${axis} of size ${size}`,
    { index, axis, size },
    indicesOf(size),
  );

const indicesOf = (size: number): string =>
  size === 0 ? "The axis is empty; check its size first." : `Indices run from ${-size} to ${size - 1}.`;

/** A bound of a part as Python reads it: negative counts from the end, and what is too far is cut. */
function checkBound(part: Part & object, name: "start" | "stop", axis: number, size: number, step: number): number {
  const [lowest, highest] = step > 0 ? [0, size] : [-1, size - 1];
  const bound: unknown = part[name] ?? null;
  if (bound === null) return (name === "start") === step > 0 ? lowest : highest;
  const x = checkPartInteger(bound, name, axis);
  return Math.min(highest, Math.max(lowest, x < 0 ? x + size : x));
}

function checkPartInteger(x: unknown, name: string, axis: number): number {
  if (typeof x === "number" && Number.isInteger(x)) return x;
  return fail(
    "argument/integer",
    `slice: ${name} of part ${axis} must be an integer, got ${describe(x)}.`,
    { name, axis, received: x },
    `Leave ${name} out for the default.`,
  );
}

/** Start, step and size of a part that keeps its axis. */
function rangeOf(part: Part, axis: number, size: number): [start: number, step: number, count: number] {
  if (part === null) return [0, 1, size];
  if (typeof part !== "object" || Array.isArray(part)) {
    return fail(
      "argument/slice",
      `slice: part ${axis} must be { start, stop, step }, a number or null, got ${describe(part)}.`,
      { axis, received: part },
      "null takes the whole axis.",
    );
  }
  checkOptions("slice", part, PART_OPTIONS);
  const step = checkPartInteger(part.step ?? 1, "step", axis);
  if (step === 0) {
    fail(
      "argument/integer",
      `slice: step of part ${axis} must be an integer other than 0, got 0.`,
      { axis, received: 0 },
      "-1 reverses an axis; a number in place of the part takes one position.",
    );
  }
  const start = checkBound(part, "start", axis, size, step);
  const stop = checkBound(part, "stop", axis, size, step);
  return [start, step, Math.max(0, Math.ceil((stop - start) / step))];
}

/**
 * Takes a regular part of every axis: a range with a step, one position, or all of it.
 *
 * Shape: `T[...S] -> T[...]`, an axis for each range, none for each number, the axes without a part whole.
 *
 * Ranges follow Python: `start` is in, `stop` is out, both may be negative and count from the end then, both are cut
 * to the axis, and a negative `step` walks backwards. The derivative puts the cotangent back where it was taken
 * from, zeros elsewhere.
 *
 * @param x - a tensor of any dtype
 * @param parts - one part per leading axis: `{ start, stop, step }`, a number (takes it and drops the axis) or null
 * @returns the part, of the dtype of x
 * @throws GradtapeError `index/invalid` for a number out of range, `argument/integer` for bounds that are not integers
 *   and a step of 0, `argument/slice` for parts of another kind, `axis/range` for more parts than axes
 * @example
 * ```ts
 * import { slice, tensor } from "gradtape";
 * const x = tensor([[1, 2, 3], [4, 5, 6]]);
 * slice(x, [null, { start: 1 }]); // => [[2, 3], [5, 6]]
 * slice(x, [0, { step: -1 }]); // => [3, 2, 1]
 * ```
 */
export function slice(x: Tensor, parts: readonly SlicePart[]): Tensor {
  refuseExtra("slice", "x, parts", 2, arguments);
  const from = toHandle("slice", x);
  if (!Array.isArray(parts)) {
    return fail(
      "argument/slice",
      `slice: parts must be an array, one per leading axis, got ${describe(parts)}.`,
      { received: parts },
      "Write slice(x, [part]).",
    );
  }
  checkCount("slice", parts.length, "parts", from);
  const starts: number[] = [];
  const steps: number[] = [];
  const sizes: number[] = [];
  const shape: number[] = [];
  for (let axis = 0; axis < from.rank; axis++) {
    const part: SlicePart = axis < parts.length ? parts[axis] : null;
    const size = from.shape[axis];
    const [start, step, count] =
      typeof part === "number" ? [checkIndex("slice", part, axis, size), 1, 1] : rangeOf(part, axis, size);
    starts.push(start);
    steps.push(step);
    sizes.push(count);
    if (typeof part !== "number") shape.push(count);
  }
  return stridedSlice(from, { starts, steps, sizes, shape });
}

function checkCount(where: string, count: number, what: string, x: Handle): void {
  if (count <= x.rank) return;
  fail(
    "axis/range",
    `${where}: ${count} ${what} are too many for a tensor of rank ${x.rank}, shape ${list(x.shape)}.`,
    { count, rank: x.rank, shape: x.shape },
    "Give at most one for each axis.",
  );
}

/**
 * Takes one position along each of the leading axes, which are dropped; `x.at(...indices)` is the same.
 *
 * Shape: `T[...I, ...S], I.length indices -> T[...S]`
 *
 * The derivative puts the cotangent at the position taken, zeros elsewhere.
 *
 * @param x - a tensor of any dtype
 * @param indices - one integer per leading axis; negative ones count from the end
 * @returns what stands there: a 0-d tensor when every axis has an index
 * @throws GradtapeError `index/invalid` for an index that is no integer or out of range, `axis/range` for more indices
 *   than axes
 * @example
 * ```ts
 * import { tensor } from "gradtape";
 * const x = tensor([[1, 2], [3, 4]]);
 * x.at(1, 0); // => 3
 * x.at(-1); // => [3, 4]
 * ```
 */
export function at(x: Tensor, indices: readonly number[]): Tensor {
  const from = toHandle("at", x);
  if (!Array.isArray(indices)) {
    return fail(
      "index/invalid",
      `at: indices must be an array of integers, got ${describe(indices)}.`,
      { indices },
      "Write x.at(0, 1) for the axes 0 and 1.",
    );
  }
  checkCount("at", indices.length, "indices", from);
  const count = indices.length;
  const window: StridedWindow = {
    starts: from.shape.map((size, axis) => (axis < count ? checkIndex("at", indices[axis], axis, size) : 0)),
    steps: from.shape.map(() => 1),
    sizes: from.shape.map((size, axis) => (axis < count ? 1 : size)),
    shape: from.shape.slice(count),
  };
  return stridedSlice(from, window);
}

/**
 * Reverses the order along axes.
 *
 * Shape: `T[...S] -> T[...S]`
 *
 * `y[i] = x[n - 1 - i]`. The derivative flips the cotangent.
 *
 * @param x - a tensor of any dtype
 * @param options - axis: one or several, default all
 * @returns x in reverse
 * @throws GradtapeError `axis/range`
 * @example
 * ```ts
 * import { flip, tensor } from "gradtape";
 * const x = tensor([[1, 2], [3, 4]]);
 * flip(x); // => [[4, 3], [2, 1]]
 * flip(x, { axis: 0 }); // => [[3, 4], [1, 2]]
 * ```
 */
export function flip<X extends Tensor>(x: X, options?: { readonly axis?: Axis | undefined }): X;
export function flip(x: Tensor, options?: { readonly axis?: Axis | undefined }): Tensor {
  refuseExtra("flip", "x, options", 2, arguments);
  const from = toHandle("flip", x);
  checkOptions("flip", options, ["axis"]);
  const axes = checkAxes("flip", options?.axis, from.rank);
  return stridedSlice(from, {
    starts: from.shape.map((size, i) => (axes.includes(i) && size > 1 ? size - 1 : 0)),
    steps: from.shape.map((_, i) => (axes.includes(i) ? -1 : 1)),
    sizes: from.shape,
    shape: from.shape,
  });
}
