import { allocatingFor } from "../../base/allocate";
import { checkChoice, checkOptions } from "../../base/options";
import { broadcastToShape, reshapeTo } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { isHandle } from "../../core/tensor/tensor-argument";
import { vectorOf } from "../define/vector-argument";

/** Options of {@link meshgrid}. */
export interface MeshgridOptions {
  /** "xy": the first vector runs along the columns; "ij": along the rows, axis 0. Default "xy". */
  readonly indexing?: "xy" | "ij" | undefined;
}

/**
 * The coordinates of all points of a grid, from those along its sides.
 *
 * Shape: `T[n1], T[n2], T[n3], ... -> T[n2, n1, n3, ...] for each of them`; with "ij" `T[n1, n2, n3, ...]`.
 *
 * Result k has vector k along its own axis and repeats it along the others. As in NumPy, the first two axes are exchanged
 * by default: the first vector is x, which runs along the columns. The derivative sums over what was repeated.
 *
 * @param vectors - one vector for each axis, and last, if wanted, options - indexing: "xy" (default) or "ij"
 * @returns one tensor for each vector
 * @throws GradtapeError `shape/rank` for what is no vector, `option/choice`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { meshgrid, tensor } from "gradtape";
 * const [x, y] = meshgrid(tensor([1, 2, 3]), tensor([10, 20]));
 * x; // => [[1, 2, 3], [1, 2, 3]]
 * y; // => [[10, 10, 10], [20, 20, 20]]
 * ```
 */
export function meshgrid(...vectors: readonly Tensor[]): Tensor[];
export function meshgrid(...args: readonly [...vectors: Tensor[], options: MeshgridOptions | undefined]): Tensor[];
export function meshgrid(...args: readonly (Tensor | MeshgridOptions | undefined)[]): Tensor[] {
  const where = "meshgrid";
  const last = args[args.length - 1] ?? undefined;
  const options = isOptions(where, last) ? last : undefined;
  checkOptions(where, options, ["indexing"]);
  const indexing = checkChoice(where, "indexing", options?.indexing ?? "xy", ["xy", "ij"]);
  const vectors = (last === options ? args.slice(0, -1) : args).map((x, i) => vectorOf(where, x, `vectors[${i}]`));
  const axisOf = (i: number): number => (indexing === "xy" && i < 2 && vectors.length > 1 ? 1 - i : i);
  const shape = vectors.map((_, i) => vectors[axisOf(i)].size);
  const spread = (x: Handle, i: number): Handle =>
    broadcastToShape(
      reshapeTo(
        x,
        shape.map((size, axis) => (axis === axisOf(i) ? size : 1)),
      ),
      shape,
    );
  return allocatingFor(where, () => vectors.map(spread));
}

const isOptions = (where: string, x: unknown): x is MeshgridOptions =>
  typeof x === "object" && x !== null && !Array.isArray(x) && !ArrayBuffer.isView(x) && !isHandle(where, x);
