import type { TensorData } from "../../base/dtype";
import { fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkFlag, checkOptions } from "../../base/options";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastToShape, negated, plus, sumToShape } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { solveTriangular, type Triangular, zeroOnDiagonal } from "../../numeric/matrix/triangular";
import { alignBatches, commonLead, matricesOf } from "../contract/batch-of-matrices";
import { tril, triu } from "../indexing/diagonal";
import { asFloat64, inMatrix, summedProducts } from "./in-matrix";
import { times, transposed } from "./matrix-arguments";
import { toSystem } from "./system-arguments";

const WHERE = "linalg.triangularSolve";

/** What is read of a matrix; zeros elsewhere. */
const seen = (x: Handle, { upper, unitDiagonal }: Triangular): Handle => {
  const k = unitDiagonal ? 1 : 0;
  return upper ? triu(x, { k }) : tril(x, { k: -k });
};

/** How a system is solved, and for which function, for errors; if omitted, {@link triangularSolve}. */
interface Substitution extends Triangular {
  readonly where?: string;
  /** What the function calls the matrix; if omitted, "a". */
  readonly name?: string;
}

function demandPivots(a: Float64Array, { shape }: Handle, { where = WHERE, name = "a" }: Substitution): void {
  const n = shape[shape.length - 1];
  for (let at = 0; at < a.length; at += n * n) {
    const position = zeroOnDiagonal(a, at, n);
    if (position < 0) continue;
    const matrix = at / (n * n);
    fail(
      "linalg/singular",
      `${where}: ${name} is singular: 0 stands at [${position}, ${position}] of the diagonal${inMatrix(shape, matrix)}.`,
      { pivot: position, matrix },
      "Use linalg.lstsq or linalg.pinv, which accept singular matrices.",
    );
  }
}

function solveAll(out: TensorData, a: Handle, b: Handle, how: Substitution): void {
  const [n, width] = b.shape.slice(-2);
  const numbers = asFloat64(a.data);
  if (!how.unitDiagonal) demandPivots(numbers, a, how);
  const result = commonLead(WHERE, [a.shape, b.shape]);
  const [left, right] = [matricesOf(a.shape, result), matricesOf(b.shape, result)];
  const size = n * width;
  const x = asFloat64(out);
  const from = b.data;
  for (let i = 0, at = 0; i < left.length; i++, at += size) {
    for (let j = 0, place = right[i] * size; j < size; j++) x[at + j] = from[place + j];
    solveTriangular(numbers, left[i] * n * n, n, n, x, at, width, width, how);
  }
  if (x !== out) out.set(x);
}

/** Inputs a triangular, read as `how` says, and b; the X of a X = b. */
const TRIANGULAR_SOLVE: CoreOp<Substitution> = /* @__PURE__ */ makeOp<readonly [Handle, Handle], Substitution>({
  name: "triangularSolve",
  shape: ([a, b]) => [...commonLead(WHERE, [a, b]), ...b.slice(-2)],
  dtype: ([, b]) => b,
  evaluate: (out, [a, b], how) => solveAll(out, a, b, how),
  // bBar = a⁻ᵀ xBar, aBar = -bBar xᵀ where a is read
  pullback: ({ yBar: xBar, inputs: [a, b], output: x, attrs, wanted }) => {
    const bBar = triangularSolved(a, xBar, { ...attrs, transpose: !attrs.transpose });
    const aBar = (): Handle => {
      const taken = negated(bBar);
      return seen(attrs.transpose ? summedProducts(x, taken, a.shape) : summedProducts(taken, x, a.shape), attrs);
    };
    return [wanted[0] ? aBar() : null, wanted[1] ? sumToShape(bBar, b.shape) : null];
  },
  // xDot = a⁻¹ (bDot - aDot x)
  pushforward: ({ xDots: [aDot, bDot], inputs: [a], output: x, attrs }) => {
    const taken = aDot && negated(times(seen(aDot, attrs), x, attrs.transpose));
    const side = plus(taken, bDot && broadcastToShape(bDot, x.shape));
    return side && triangularSolved(a, side, attrs);
  },
  reads: { inputs: [true, false] },
  batch: (inputs, batched, attrs) => apply(TRIANGULAR_SOLVE, alignBatches(inputs, batched), attrs),
});

/** The X of a X = b, a triangular. */
export const triangularSolved = (a: Handle, b: Handle, how: Substitution): Handle =>
  apply(TRIANGULAR_SOLVE, [a, b], how);

/** How {@link triangularSolve} reads its matrices. @internal */
export interface TriangularOptions {
  /** The upper triangle is read; default: the lower one. */
  readonly upper?: boolean | undefined;
  /** a stands transposed in the equation. */
  readonly transpose?: boolean | undefined;
  /** The diagonal is read as ones. */
  readonly unitDiagonal?: boolean | undefined;
  /** a stands left of x; false: x a = b. Default true. */
  readonly left?: boolean | undefined;
}

/**
 * Solves a x = b by substitution, a triangular.
 *
 * Shape: `F[...A, n, n], F[...B, n, m] -> F[...broadcast, n, m]`; with `left: false` b is `[...B, m, n]`; a b with one axis is
 * a vector, `[n]`, and so is each solution. Integers give float64.
 *
 * The other triangle of a is not read, whatever stands there, nor the diagonal with `unitDiagonal`; there the gradient
 * is 0. `bBar = a⁻ᵀ xBar`, `aBar = -bBar xᵀ` in the triangle that is read.
 *
 * NaN in a or b reaches what depends on it. A matrix is singular if its diagonal has a zero: elements that are merely
 * small are divided by.
 * @param a - triangular matrices
 * @param b - right-hand sides
 * @param options - upper: read the upper triangle, default false; transpose: solve aᵀ x = b, the triangle named being
 * that of a, default false; unitDiagonal: read the diagonal as ones, default false; left: true (default) solves a x =
 * b, false x a = b
 * @returns x
 * @throws GradtapeError `linalg/singular` with the position, `linalg/square`, `shape/inner-dimension`, `shape/rank`,
 * `shape/broadcast`, `argument/tensor`, `option/unknown`
 * @example
 * ```ts
 * import { linalg, tensor } from "gradtape";
 * const a = tensor([[2, 0], [1, 4]]);
 * linalg.triangularSolve(a, tensor([2, 9])); // => [1, 2]
 * linalg.triangularSolve(a, tensor([4, 8]), { transpose: true }); // => [1, 2]
 * linalg.triangularSolve(a, tensor([[4, 8]]), { left: false }); // => [[1, 2]]
 * linalg.triangularSolve(tensor([[0]]), tensor([1])); // => throws [linalg/singular]
 * ```
 * @see N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, theorem 8.5: the solution is exact
 * for a matrix each element of which is off by at most n units of rounding
 */
export function triangularSolve<B extends Tensor>(a: Tensor, b: B, options?: TriangularOptions): B;
export function triangularSolve(first: Tensor, second: Tensor, options?: TriangularOptions): Tensor {
  refuseExtra("linalg.triangularSolve", "a, b, options", 3, arguments);
  checkOptions(WHERE, options, ["upper", "transpose", "unitDiagonal", "left"]);
  const flag = (name: keyof TriangularOptions): boolean => checkFlag(WHERE, name, options?.[name]);
  const transpose = flag("transpose");
  const left = flag("left") || (options?.left ?? null) === null;
  const { a, b, back } = toSystem(WHERE, first, second, left);
  const how = { upper: flag("upper"), transpose: transpose === left, unitDiagonal: flag("unitDiagonal") };
  return back(left ? triangularSolved(a, b, how) : transposed(triangularSolved(a, transposed(b), how)));
}
