import { refuseExtra } from "../base/extra-arguments";
import { checkFunction, checkNumber, checkOptions } from "../base/options";
import { handlesOf } from "../core/op/leaves";
import { castTo, reshapeTo } from "../core/op/sweep-ops";
import { type Handle, makeTensor, noteRead } from "../core/tensor/handle";
import type { Tensor } from "../core/tensor/tensor";
import { flatten } from "../core/tensor/tree";
import { concat } from "../ops/movement/concat-stack";
import { jacobian } from "../transforms/jacobian";
import { levenbergMarquardt, type Residuals } from "./levenberg-marquardt";
import { hasConverged, type Outcome, type SolverOptions } from "./outcome";
import { type ParameterVector, parameterVector } from "./parameter-vector";

const WHERE = "leastSquares";

/**
 * The parameters that make the sum of squares of residuals smallest, by the method of Levenberg and Marquardt.
 *
 * Shape: `(P -> tree of tensors), P -> { params: P, value, … }`. `value` is the sum of the squares of all residuals.
 *
 * Steps minimize the linearized residuals `|J p + f|` within a trust region that is scaled by the columns of J; the
 * Jacobian is gradtape's, and the linear problems are solved by QR factorization (Householder), never by J^T J.
 * Parameters need no scaling. Residuals that are infinite or NaN shorten the step. It stops with reason
 *
 * - "gradient" when f is orthogonal to the columns of J: the largest cosine is at most `tolerance`;
 * - "step" when the trust region is at most `tolerance` times as long as the parameters, in its scaling;
 * - "value" when f is 0, or when the sum of squares falls, and was to fall, by at most the square of `tolerance`,
 * relatively, or by a unit of rounding;
 * - "maxIterations", "stopped" or "nonFinite": see {@link Reason}.
 *
 * It finds a local minimum. Where differences of the sum of squares are all rounding errors, steps are judged by the
 * gradient, so the last digits are right too. Only the values of tracked parameters are used: the result is not
 * differentiable.
 * @param residuals - a function of the parameters: a tensor, or a tree of tensors, of any shapes; made of ops
 * @param params - where to start: a tree of numbers and float tensors
 * @param options - maxIterations: steps tried, default 1000; tolerance: default 1e-10; radius: how long the first step
 * may be, in lengths of the start, default 1; onIteration: called after every step tried, false stops
 * @returns params, value, iterations, converged, reason
 * @throws GradtapeError `tree/leaf`, `option/unknown`, `argument/number`; and what residuals throws
 * @see J. J. Moré, "The Levenberg-Marquardt algorithm: implementation and theory", Lecture Notes in Mathematics 630 (1978)
 * @example
 * ```ts
 * import { exp, mul, type Scalar, sub, tensor } from "gradtape";
 * import { leastSquares } from "gradtape/optim";
 * const [x, y] = [tensor([0, 1, 2]), tensor([3, 1.5, 0.75])];
 * const residuals = (p: { height: Scalar; rate: Scalar }) => sub(mul(p.height, exp(mul(p.rate, x))), y);
 * const { params, converged } = leastSquares(residuals, { height: 1, rate: 0 });
 * params; // => { height: 3, rate: -0.693147 }
 * converged; // => true
 * ```
 */
export function leastSquares<P>(
  residuals: (params: P) => unknown,
  params: P,
  options?: SolverOptions<P> & { readonly radius?: number | undefined },
): Outcome<P> {
  refuseExtra("leastSquares", "residuals, params, options", 3, arguments);
  checkFunction(WHERE, residuals, "residuals");
  checkOptions(WHERE, options, ["maxIterations", "tolerance", "radius", "onIteration"]);
  if (options?.onIteration !== undefined) checkFunction(WHERE, options.onIteration, "onIteration");
  const maxIterations = checkNumber(WHERE, "maxIterations", options?.maxIterations ?? 1000, 0, Infinity);
  const tolerance = checkNumber(WHERE, "tolerance", options?.tolerance ?? 1e-10, 0, 1);
  const radius = checkNumber(WHERE, "radius", options?.radius ?? 1, Number.MIN_VALUE, Infinity);
  const vector = parameterVector(WHERE, params);
  const fit = levenbergMarquardt(residualsOf(residuals, vector), vector.start, {
    maxIterations,
    tolerance,
    radius,
    onStep: ({ iteration, x, norm, gradientNorm, stepNorm }) => {
      const progress = { iteration, value: norm * norm, gradientNorm: 2 * gradientNorm, stepNorm };
      return options?.onIteration?.({ ...progress, params: vector.treeOf(x) }) !== false;
    },
  });
  const { x, norm, iterations, reason } = fit;
  return { params: vector.treeOf(x), value: norm * norm, iterations, converged: hasConverged(reason), reason };
}

/** The residuals, and their Jacobian, as functions of one vector. */
function residualsOf<P>(residuals: (params: P) => unknown, vector: ParameterVector<P>): Residuals {
  const size = vector.start.length;
  const tensorOf = (x: Float64Array): Handle => makeTensor([size], "float64", x.slice());
  const onVector = (x: Handle): Tensor => {
    const { leaves } = flatten(WHERE, residuals(vector.onTape(x)), { name: "the result" });
    const parts = handlesOf(leaves).map((leaf) => castTo(reshapeTo(leaf, [leaf.size]), "float64"));
    return parts.length === 1 ? parts[0] : concat([makeTensor([0], "float64", new Float64Array()), ...parts]);
  };
  const slopes = jacobian(onVector);
  return {
    value: (x) => {
      const found = onVector(tensorOf(x));
      noteRead(found as Handle, Infinity);
      return Float64Array.from(found.data);
    },
    jacobian: (x) => {
      if (size === 0) return x;
      const { data } = slopes(tensorOf(x));
      const rows = data.length / size;
      const columns = new Float64Array(data.length);
      for (let i = 0; i < rows; i++) for (let j = 0; j < size; j++) columns[j * rows + i] = data[i * size + j];
      return columns;
    },
  };
}
