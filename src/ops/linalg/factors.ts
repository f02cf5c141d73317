import type { TensorData } from "../../base/dtype";
import { fail } from "../../base/errors";
import { apply } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastToShape, negated, plus, sumToShape } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import { asHandle } from "../../core/tensor/value";
import { firstZeroPivot, luFactorize, solveFactorized } from "../../numeric/matrix/lu";
import { zeroOnDiagonal } from "../../numeric/matrix/triangular";
import { alignBatches, commonLead, lead, matricesOf } from "../contract/batch-of-matrices";
import { eye } from "../create/ranges";
import { asFloat64, inMatrix, summedProducts } from "./in-matrix";
import { times } from "./matrix-arguments";

/*
 * What is solved with a matrix, or read from its pivots, takes the matrix and its factors as inputs: the factors are made
 * once, are shared by value, gradient and whatever else is asked of the same matrix, and are a function of the matrix like
 * any other, on the tape of a trace too. Only the matrix has a derivative.
 */

/**
 * L and U in double precision, and the order of the rows as last row (numeric/matrix/lu.ts): [..., n, n] -> [..., n +
 * 1, n].
 */
const FACTORS: CoreOp<undefined> = /* @__PURE__ */ makeOp<readonly [Handle]>({
  name: "luFactors",
  shape: ([a]) => [...lead(a), a[a.length - 1] + 1, a[a.length - 1]],
  dtype: () => "float64",
  evaluate: (out, [a]) => {
    const n = a.shape[a.shape.length - 1];
    const factors = asFloat64(out);
    const from = a.data;
    for (let at = 0, to = 0; at < from.length; at += n * n, to += n * n + n) {
      for (let i = 0; i < n * n; i++) factors[to + i] = from[at + i];
      luFactorize(factors, to, n);
    }
  },
  vjp: [null],
  batch: ([a]) => factorsOf(a),
});

/** The factors of square matrices. */
export const factorsOf = (a: Handle): Handle => apply(FACTORS, [a], undefined);

/** How a system is solved. */
export interface Solving {
  /** The function that the user called, for errors. */
  readonly where: string;
  readonly transpose: boolean;
  /** A singular matrix is an error, or gives NaN (where a pivot is exactly zero). */
  readonly singular: "error" | "nan";
}

function demandRegular(where: string, { shape, data }: Handle, factors: Float64Array): void {
  const n = shape[shape.length - 1];
  const a = asFloat64(data);
  for (let at = 0, matrix = 0; at < factors.length; at += n * n + n, matrix++) {
    const pivot = firstZeroPivot(factors, at, n, a, matrix * n * n);
    if (pivot < 0) continue;
    const size = factors[at + pivot * (n + 1)] === 0 ? "zero" : "zero to rounding";
    fail(
      "linalg/singular",
      `${where}: a is singular: pivot ${pivot}${inMatrix(shape, matrix)} is ${size}.`,
      { pivot, matrix },
      "Use linalg.lstsq or linalg.pinv, which accept singular matrices.",
    );
  }
}

function solveAll(out: TensorData, [a, factors, b]: readonly Handle[], { where, transpose, singular }: Solving): void {
  const [n, width] = b.shape.slice(-2);
  const numbers = asFloat64(factors.data);
  if (singular === "error") demandRegular(where, a, numbers);
  const result = commonLead(where, [a.shape, b.shape]);
  const [left, right] = [matricesOf(a.shape, result), matricesOf(b.shape, result)];
  const size = n * width;
  const rows = new Float64Array(size);
  const x = asFloat64(out);
  const from = b.data;
  for (let i = 0, at = 0; i < left.length; i++, at += size) {
    const factorsAt = left[i] * (n * n + n);
    if (singular === "nan" && zeroOnDiagonal(numbers, factorsAt, n) >= 0) {
      x.fill(Number.NaN, at, at + size);
      continue;
    }
    for (let j = 0, place = right[i] * size; j < size; j++) x[at + j] = from[place + j];
    solveFactorized(numbers, factorsAt, n, x, at, width, transpose, rows);
  }
  if (x !== out) out.set(x);
}

/** Inputs a, its factors, and b; the X of a X = b. */
const SOLVE: CoreOp<Solving> = /* @__PURE__ */ makeOp<readonly Handle[], Solving>({
  name: "solve",
  shape: ([a, , b], { where }) => [...commonLead(where, [a, b]), ...b.slice(-2)],
  dtype: ([, , b]) => b,
  evaluate: (out, inputs, solving) => solveAll(out, inputs, solving),
  differentiable: [true, false, true],
  // bBar = a⁻ᵀ xBar, aBar = -bBar xᵀ
  pullback: ({ yBar: xBar, inputs: [a, factors, b], output: x, attrs, wanted }) => {
    const bBar = solved(a, factors, xBar, { ...attrs, transpose: !attrs.transpose });
    const aBar = (): Handle => {
      const taken = negated(bBar);
      return attrs.transpose ? summedProducts(x, taken, a.shape) : summedProducts(taken, x, a.shape);
    };
    return [wanted[0] ? aBar() : null, null, wanted[2] ? sumToShape(bBar, b.shape) : null];
  },
  // xDot = a⁻¹ (bDot - aDot x)
  pushforward: ({ xDots: [aDot, , bDot], inputs: [a, factors], output: x, attrs }) => {
    const taken = aDot && negated(times(aDot, x, attrs.transpose));
    const side = plus(taken, bDot && broadcastToShape(bDot, x.shape));
    return side && solved(a, factors, side, attrs);
  },
  reads: { inputs: [true, true, false] },
  batch: (inputs, batched, attrs) => apply(SOLVE, alignBatches(inputs, batched), attrs),
});

/** The X of a X = b, or of aᵀ X = b, from the factors of a. */
export const solved = (a: Handle, factors: Handle, b: Handle, solving: Solving): Handle =>
  apply(SOLVE, [a, factors, b], solving);

/** The inverses, or their transposes. */
export function inverted(a: Handle, factors: Handle, solving: Solving): Handle {
  const identity = eye(a.shape[a.shape.length - 1], { dtype: a.dtype });
  return solved(a, factors, asHandle(identity), solving);
}
