import { refuseExtra } from "../base/extra-arguments";
import { checkChoice, checkFunction, checkNumber, checkOptions } from "../base/options";
import { Handle, noteRead } from "../core/tensor/handle";
import type { Scalar } from "../core/tensor/tensor";
import { dtypeOf, valueOf } from "../core/tensor/value";
import { lengthOf } from "../numeric/matrix/householder";
import { checkScalar, valueAndGrad } from "../transforms/grad";
import { lbfgs } from "./lbfgs";
import type { Evaluate } from "./line-search";
import { hasConverged, type Outcome, type SolverOptions } from "./outcome";
import { parameterVector } from "./parameter-vector";

const WHERE = "minimize";

/**
 * The parameters that make a smooth function smallest, by the method L-BFGS with a line search for the strong Wolfe
 * conditions.
 *
 * Shape: `(P -> F[]), P -> { params: P, value, … }`.
 *
 * One value and gradient for each trial, most steps needing one; memory for 20 vectors of the size of the parameters. A
 * value that is infinite or NaN counts as too high: the step is made shorter. It stops with reason
 *
 * - "gradient" when its largest element is at most `tolerance` times that at the start and asks for a step of at most
 *   `tolerance` times the parameters; or when it is at most the square of `tolerance`, or a unit of rounding, of that at
 *   the start; and it still is one step later, which is when it is known how little the function curves that way;
 * - "value" when the value changes by at most the square of `tolerance`, relatively, or by a unit of rounding, and the
 *   gradient does not fall, nor rise to ten times what it was;
 * - "step" when the parameters change by as little;
 * - "maxIterations", "lineSearch", "nonFinite" or "stopped": see {@link Reason}.
 *
 * No question that it asks has a unit: `a f(x / b) + c` is minimized as `f` is, up to rounding.
 *
 * It finds a local minimum. A function without one is followed until a limit is reached. Only the values of tracked
 * parameters are used: the result is not differentiable.
 * @param f - a scalar function of the parameters, made of ops
 * @param params - where to start: a tree of numbers and float tensors
 * @param options - method: "lbfgs"; maxIterations: default 1000; tolerance: default 1e-8; onIteration: called after
 * every step, false stops
 * @returns params, value, iterations, converged, reason
 * @throws GradtapeError `tree/leaf`, `grad/non-scalar`, `option/unknown`, `option/choice`, `argument/number`; and what f
 * throws
 * @see J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition, algorithms 3.5, 3.6, 7.4 and 7.5
 * @example
 * ```ts
 * import { add, mul, type Scalar, square, sub } from "gradtape";
 * import { minimize } from "gradtape/optim";
 * // Rosenbrock's valley
 * const f = (p: { x: Scalar; y: Scalar }) => add(square(sub(1, p.x)), mul(100, square(sub(p.y, square(p.x)))));
 * const { params, converged } = minimize(f, { x: -1.2, y: 1 });
 * params; // => { x: 1, y: 1 }
 * converged; // => true
 * ```
 */
export function minimize<P>(
  f: (params: P) => Scalar,
  params: P,
  options?: SolverOptions<P> & { readonly method?: "lbfgs" | undefined },
): Outcome<P> {
  refuseExtra("minimize", "f, params, options", 3, arguments);
  checkFunction(WHERE, f);
  checkOptions(WHERE, options, ["method", "maxIterations", "tolerance", "onIteration"]);
  if (options?.onIteration !== undefined) checkFunction(WHERE, options.onIteration, "onIteration");
  checkChoice(WHERE, "method", options?.method ?? "lbfgs", ["lbfgs"]);
  const maxIterations = checkNumber(WHERE, "maxIterations", options?.maxIterations ?? 1000, 0, Infinity);
  const tolerance = checkNumber(WHERE, "tolerance", options?.tolerance ?? 1e-8, 0, 1);
  const vector = parameterVector(WHERE, params);
  const both = valueAndGrad((p: P): Scalar => {
    const value = f(p);
    checkScalar(WHERE, "f returns", value, "Reduce it with sum or mean.");
    return value;
  });
  const evaluate: Evaluate = (x) => {
    const [value, gradient] = both(vector.treeOf(x));
    if (value instanceof Handle) noteRead(value, Infinity);
    const unit = dtypeOf(value) === "float32" ? 2 ** -23 : 2 ** -52;
    return { x, value: valueOf(value), gradient: vector.numbersOf(gradient), unit };
  };
  const { point, iterations, reason } = lbfgs(evaluate, vector.start, {
    maxIterations,
    tolerance,
    onStep: ({ iteration, point: { x, value, gradient }, stepNorm }) => {
      const progress = { iteration, value, gradientNorm: lengthOf(gradient), stepNorm };
      return options?.onIteration?.({ ...progress, params: vector.treeOf(x) }) !== false;
    },
  });
  return { params: vector.treeOf(point.x), value: point.value, iterations, converged: hasConverged(reason), reason };
}
