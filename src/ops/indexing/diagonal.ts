import { allocatingFor } from "../../base/allocate";
import { fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { checkInteger, sizeOf } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeLinear } from "../../core/op/linear-op";
import type { CoreOp } from "../../core/op/op";
import { reshapeTo } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { choose, type Formula, lessEqual, notEqual, sub } from "../../kernel/formula";
import { type StridedWindow, stridedPad, stridedSlice } from "../movement/strided-window";

/** Option of functions of diagonals. @internal */
export interface DiagonalOption {
  /** Which diagonal: 0 the main one, positive above it, negative below. */
  readonly k?: number | undefined;
}

const LIMIT = 0x7fffffff;
function checkK(where: string, options: DiagonalOption | undefined): number {
  checkOptions(where, options, ["k"]);
  return checkInteger(where, "k", options?.k ?? 0, -LIMIT, LIMIT);
}

function checkRank(where: string, x: Handle, rank: number, wanted: string): void {
  if (rank === 1 ? x.rank === 1 : x.rank >= rank) return;
  fail(
    "shape/rank",
    `${where}: x must be ${wanted}, got shape ${list(x.shape)}.`,
    { shape: x.shape, rank },
    rank === 1
      ? "For several vectors use vmap; a number is reshape(x, [1])."
      : "Give x two axes with reshape or expandDims.",
  );
}

/** The diagonal of flattened matrices of a shape: positions start, start + columns + 1, ... */
function diagonalWindow(lead: readonly number[], rows: number, columns: number, k: number): StridedWindow {
  const size = Math.max(0, k >= 0 ? Math.min(rows, columns - k) : Math.min(rows + k, columns));
  const sizes = [...lead, size];
  return {
    starts: [...lead.map(() => 0), size === 0 ? 0 : k >= 0 ? k : -k * columns],
    steps: [...lead.map(() => 1), columns + 1],
    sizes,
    shape: sizes,
  };
}

/**
 * Puts a vector on a diagonal of a matrix of zeros.
 *
 * Shape: `T[n] -> T[n + |k|, n + |k|]`
 *
 * The derivative takes the diagonal of the cotangent.
 *
 * @param x - a vector of any dtype
 * @param options - k: which diagonal, above the main one if positive, below if negative; default 0
 * @returns the matrix
 * @throws GradtapeError `shape/rank` if x is not a vector, `argument/integer`
 * @example
 * ```ts
 * import { diag, tensor } from "gradtape";
 * diag(tensor([1, 2])); // => [[1, 0], [0, 2]]
 * diag(tensor([5]), { k: 1 }); // => [[0, 5], [0, 0]]
 * ```
 */
export function diag(x: Tensor, options?: DiagonalOption): Tensor {
  refuseExtra("diag", "x, options", 2, arguments);
  const from = toHandle("diag", x);
  const k = checkK("diag", options);
  checkRank("diag", from, 1, "a vector");
  const size = from.size + Math.abs(k);
  const window = diagonalWindow([], size, size, k);
  const all = allocatingFor("diag", () => stridedPad(from, { window, shape: [size * size], value: 0 }));
  return reshapeTo(all, [size, size]);
}

/**
 * Takes a diagonal of the last two axes.
 *
 * Shape: `T[...S, m, n] -> T[...S, length of the diagonal]`
 *
 * The derivative puts the cotangent on the diagonal of zeros.
 *
 * A diagonal outside of the matrix is empty.
 *
 * @param x - a matrix or a batch of matrices, of any dtype
 * @param options - k: which diagonal, above the main one if positive, below if negative; default 0
 * @returns the diagonal of every matrix
 * @throws GradtapeError `shape/rank` if x has fewer than two axes, `argument/integer`
 * @example
 * ```ts
 * import { diagonal, tensor } from "gradtape";
 * diagonal(tensor([[1, 2], [3, 4]])); // => [1, 4]
 * diagonal(tensor([[1, 2], [3, 4]]), { k: -1 }); // => [3]
 * ```
 */
export function diagonal(x: Tensor, options?: DiagonalOption): Tensor {
  refuseExtra("diagonal", "x, options", 2, arguments);
  return diagonalOf("diagonal", x, options);
}

/** The same under the name of another function. */
export function diagonalOf(where: string, x: Tensor, options: DiagonalOption | undefined): Handle {
  const from = toHandle(where, x);
  const k = checkK(where, options);
  checkRank(where, from, 2, "a matrix or a batch of matrices");
  const lead = from.shape.slice(0, -2);
  const [rows, columns] = from.shape.slice(-2);
  return stridedSlice(reshapeTo(from, [...lead, rows * columns]), diagonalWindow(lead, rows, columns, k));
}

/** Keeps one side of diagonal k, which belongs to both. */
interface Triangle {
  readonly k: number;
  readonly upper: boolean;
}

const TRIANGLE: CoreOp<Triangle> = /* @__PURE__ */ makeLinear<Triangle>({
  name: "triangle",
  shape: (shape) => shape,
  evaluate: (out, { shape, data }, { k, upper }) => {
    const [rows, columns] = shape.slice(-2);
    const count = sizeOf(shape.slice(0, -2)) * rows;
    for (let row = 0, start = 0; row < count; row++, start += columns) {
      const border = Math.min(columns, Math.max(0, (row % rows) + k + (upper ? 0 : 1)));
      const end = start + (upper ? columns : border);
      for (let i = start + (upper ? border : 0); i < end; i++) out[i] = data[i];
    }
  },
  transpose: (yBar, _, triangle) => apply(TRIANGLE, [yBar], triangle),
  batch: (x, triangle) => apply(TRIANGLE, [x], triangle),
  lower: (on, x, { k, upper }, { shape, dtype }) => {
    const [row, column] = [shape.length - 2, shape.length - 1].map((axis) => on.place(shape, axis));
    const kept = (i: Formula, j: Formula): Formula => (upper ? lessEqual(k, sub(j, i)) : lessEqual(sub(j, i), k));
    return on.map(dtype, (inside, a) => choose(notEqual(inside, 0), a, 0), on.map("bool", kept, row, column), x);
  },
});

function triangleOf(where: string, x: Tensor, options: DiagonalOption | undefined, upper: boolean): Handle {
  const from = toHandle(where, x);
  const k = checkK(where, options);
  checkRank(where, from, 2, "a matrix or a batch of matrices");
  return apply(TRIANGLE, [from], { k, upper });
}

/**
 * Keeps the lower triangle of the last two axes, zeros above.
 *
 * Shape: `T[...S, m, n] -> T[...S, m, n]`
 *
 * `y[i, j] = x[i, j] if j - i <= k, else 0`, whatever stands there, NaN included. The derivative does the same to the
 * cotangent.
 *
 * @param x - a matrix or a batch of matrices, of any dtype
 * @param options - k: the last diagonal that is kept, default 0
 * @returns the triangle
 * @throws GradtapeError `shape/rank` if x has fewer than two axes, `argument/integer`
 * @example
 * ```ts
 * import { tensor, tril } from "gradtape";
 * tril(tensor([[1, 2], [3, 4]])); // => [[1, 0], [3, 4]]
 * ```
 */
export function tril<X extends Tensor>(x: X, options?: DiagonalOption): X;
export function tril(x: Tensor, options?: DiagonalOption): Tensor {
  refuseExtra("tril", "x, options", 2, arguments);
  return triangleOf("tril", x, options, false);
}

/**
 * Keeps the upper triangle of the last two axes, zeros below.
 *
 * Shape: `T[...S, m, n] -> T[...S, m, n]`
 *
 * `y[i, j] = x[i, j] if j - i >= k, else 0`, whatever stands there, NaN included. The derivative does the same to the
 * cotangent.
 *
 * @param x - a matrix or a batch of matrices, of any dtype
 * @param options - k: the first diagonal that is kept, default 0
 * @returns the triangle
 * @throws GradtapeError `shape/rank` if x has fewer than two axes, `argument/integer`
 * @example
 * ```ts
 * import { tensor, triu } from "gradtape";
 * triu(tensor([[1, 2], [3, 4]])); // => [[1, 2], [0, 4]]
 * ```
 */
export function triu<X extends Tensor>(x: X, options?: DiagonalOption): X;
export function triu(x: Tensor, options?: DiagonalOption): Tensor {
  refuseExtra("triu", "x, options", 2, arguments);
  return triangleOf("triu", x, options, true);
}
