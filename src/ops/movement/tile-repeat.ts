import { allocatingFor } from "../../base/allocate";
import { describe, fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { checkAxis, checkInteger } from "../../base/shape";
import { broadcastToShape, reshapeTo } from "../../core/op/sweep-ops";
import type { AxisOption, Tensor } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";

/**
 * Lays copies of the whole tensor side by side. See also {@link repeat}.
 *
 * Shape: `T[...S] -> T[...S times the repetitions]`
 *
 * The shorter of shape and repetitions is filled with leading 1s, so a number repeats the last axis. The derivative
 * sums the cotangent over the copies.
 *
 * @param x - a tensor of any dtype
 * @param repetitions - how many copies along every axis, or along the last one
 * @returns the copies in one tensor
 * @throws GradtapeError `argument/integer` for counts that are not integers >= 0
 * @example
 * ```ts
 * import { tensor, tile } from "gradtape";
 * tile(tensor([1, 2]), 2); // => [1, 2, 1, 2]
 * tile(tensor([1, 2]), [2, 1]); // => [[1, 2], [1, 2]]
 * ```
 */
export function tile(x: Tensor, repetitions: number | readonly number[]): Tensor {
  refuseExtra("tile", "x, repetitions", 2, arguments);
  const from = toHandle("tile", x);
  const given: unknown = typeof repetitions === "number" ? [repetitions] : repetitions;
  if (!Array.isArray(given)) {
    return fail(
      "argument/integer",
      `tile: repetitions must be an integer or an array of integers, got ${describe(given)}.`,
      { received: given },
      "A single number repeats along the last axis.",
    );
  }
  const counts = Array.from(given, (count, i) => checkInteger("tile", `repetitions[${i}]`, count, 0));
  const rank = Math.max(from.rank, counts.length);
  const filled: number[] = [];
  const copied: number[] = [];
  const shape: number[] = [];
  for (let i = -rank; i < 0; i++) {
    const size = from.shape[from.rank + i] ?? 1;
    const count = counts[counts.length + i] ?? 1;
    filled.push(1, size);
    copied.push(count, size);
    shape.push(count * size);
  }
  return allocatingFor("tile", () => reshapeTo(broadcastToShape(reshapeTo(from, filled), copied), shape));
}

/**
 * Repeats every position along an axis, copies next to each other. See also {@link tile}.
 *
 * Shape: `T[...A, n, ...B] -> T[...A, count n, ...B]`
 *
 * The derivative sums the cotangent over the copies.
 *
 * @param x - a tensor of any dtype
 * @param count - how often each position stands in the result
 * @param options - axis: default 0
 * @returns the longer tensor
 * @throws GradtapeError `argument/integer` for a count that is no integer >= 0, `axis/range`
 * @example
 * ```ts
 * import { repeat, tensor } from "gradtape";
 * repeat(tensor([1, 2]), 2); // => [1, 1, 2, 2]
 * ```
 */
export function repeat(x: Tensor, count: number, options?: AxisOption): Tensor {
  refuseExtra("repeat", "x, count, options", 3, arguments);
  const from = toHandle("repeat", x);
  checkOptions("repeat", options, ["axis"]);
  const axis = checkAxis("repeat", options?.axis ?? 0, from.rank);
  checkInteger("repeat", "count", count, 0);
  const before = from.shape.slice(0, axis + 1);
  const after = from.shape.slice(axis + 1);
  const copies = allocatingFor("repeat", () =>
    broadcastToShape(reshapeTo(from, [...before, 1, ...after]), [...before, count, ...after]),
  );
  return reshapeTo(
    copies,
    from.shape.map((size, i) => (i === axis ? size * count : size)),
  );
}
