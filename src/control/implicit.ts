import { fail } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkFunction, checkNumber, checkOptions } from "../base/options";
import { asLeaf, handlesOf } from "../core/op/leaves";
import { closeProgram } from "../core/program/capture";
import { type Handle, isSymbolic, withoutHistory } from "../core/tensor/handle";
import { toHandle } from "../core/tensor/tensor-argument";
import { flatten, isShapedLike, mapTensors, placeIn } from "../core/tensor/tree";
import { sub } from "../ops/elementwise/arithmetic";
import { kindsFor, type Problem, traceResidual, type Unknown, unknownOf } from "./implicit-problem";
import { asRoot, runSolver } from "./implicit-root-op";

/** Options of implicitRoot and fixedPoint. */
export interface ImplicitOptions {
  /** How far x may be from the root, by Newton's method, relative to the largest of x; 1e-12 always passes. */
  readonly tolerance?: number | undefined;
  /** A tree shaped like x: inside vmap and trace its shapes must be known before it is. */
  readonly like?: unknown;
}

type Solver<X, P, R extends readonly unknown[]> = (params: P, ...rest: R) => X;

/** A call of either function: leaves of a residual at given leaves of x. */
type Equations<P, R> = (x: Unknown, leaves: readonly Handle[], params: P, rest: R) => Handle[];

function implicit<X, P, R extends readonly unknown[]>(
  where: string,
  equations: Equations<P, R>,
  solve: Solver<X, P, R>,
  options: ImplicitOptions | undefined,
): (params: P, ...rest: R) => X {
  checkOptions(where, options, ["tolerance", "like"]);
  return (params, ...rest) => {
    const flat = flatten(where, params, { differentiable: true });
    const own = handlesOf(flat.leaves);
    // What the other arguments have on the tape: derivatives reach it, and under vmap it differs by sample.
    const linked: Handle[] = [];
    mapTensors(rest, (x) => {
      if (x.strand !== null && !linked.includes(x)) linked.push(x);
      return x;
    });
    const restAt = (values: readonly Handle[]): R =>
      mapTensors(rest, (x) => (linked.includes(x) ? values[own.length + linked.indexOf(x)] : x));
    const given = [...own, ...linked];
    const solveAt = (values: readonly Handle[]): Unknown => {
      const plain = values.map((x) => (isSymbolic(x) ? x : withoutHistory(x)));
      const leaves = flat.leaves.map((leaf, k) => asLeaf(leaf, plain[k]));
      return unknownOf(where, solve(flat.build<P>(leaves), ...restAt(plain)));
    };
    const problem: Problem = {
      where,
      given,
      params: flat,
      solveAt,
      residualAt: (x, leaves, values) => equations(x, leaves, flat.build(values), restAt(values)),
    };
    const symbolic = given.some(isSymbolic);
    const x = symbolic ? kindsFor(problem, options?.like) : solveAt(given);
    const solution = symbolic ? runSolver(given, solverOf(problem, x)) : handlesOf(x.flat.leaves);
    const [body, captured] = closeProgram(traceResidual(problem, x));
    const single = x.kinds.some(({ dtype }) => dtype === "float32");
    const tolerance = checkNumber(where, "tolerance", options?.tolerance ?? (single ? 1e-3 : 1e-6), 0, Infinity);
    const start = solution.map((leaf) => (isSymbolic(leaf) ? leaf : withoutHistory(leaf)));
    const outputs = asRoot(start, [...given, ...captured], { body, tolerance, where });
    return x.flat.build<X>(outputs.map((y, k) => (symbolic ? y : asLeaf(x.flat.leaves[k], y))));
  };
}

/** The solver as an op runs it later: it must give the expected shapes and dtypes. */
function solverOf({ where, solveAt }: Problem, x: Unknown): Parameters<typeof runSolver>[1] {
  const text = (unknown: Unknown): string => unknown.kinds.map(({ shape, dtype }) => `${dtype}[${shape}]`).join(", ");
  const run = (values: readonly Handle[]): Handle[] => {
    const found = solveAt(values);
    if (text(found) === text(x)) return handlesOf(found.flat.leaves);
    return fail(
      "implicit/shape",
      `${where}: solve must give ${text(x)}, got ${text(found)}.`,
      { received: found.kinds, expected: x.kinds },
      "Inside vmap and trace, give a tree shaped like x as { like }.",
    );
  };
  return { run, kinds: x.kinds };
}

/**
 * A root of a system of equations as a function of its parameters, differentiable whatever the solver is.
 *
 * Shape: as many equations as unknowns: the residual has leaves of the shapes of x's, in their order.
 *
 * `residual(x, params) = 0` defines x; `solve` finds it, on values without history, by any numeric code. Derivatives come
 * from the implicit function theorem, `dx = -(dr/dx)⁻¹ (dr/dparams) dparams`, both ways and to any order, at the price of
 * one linear system each: of at most 64 unknowns by elimination, of more by GMRES, which only asks for products with the
 * Jacobian. The solver's steps are never differentiated. The residual is traced: inside it tensors have no values. Inside
 * vmap the samples are solved one after the other.
 *
 * x counts as solved where the residual is 0, or where a step of Newton's method, which has the unit of x, is at most
 * `tolerance` times the largest element of x, or at most 1e-12, for roots at 0. The size of the residual does not matter.
 *
 * @param residual - from x, the parameters and further arguments to a tree of leaves shaped like those of x
 * @param solve - from the parameters and further arguments to x, a tree of numbers and float tensors
 * @param options - tolerance: the largest step of Newton's method that counts as solved, relative to the largest element
 * of x, default 1e-6 (float32: 1e-3); like: a tree shaped like x, for vmap and trace; if omitted, `solve` runs once more, for the
 * first sample or the example, to find its shapes, and inside loops, where there is none, for shapes that fit the
 * residual
 * @returns the root as a function of the parameters, by which it is differentiated, and of further arguments
 * @throws GradtapeError `implicit/not-converged`, `implicit/singular` when a derivative is asked for where the Jacobian by
 * x has no inverse, `implicit/shape`, `tree/leaf`
 * @see S. G. Krantz, H. R. Parks, The Implicit Function Theorem (2003)
 * @example
 * ```ts
 * import { grad, implicitRoot, mul, type Scalar, sub, valueOf } from "gradtape";
 * // x² = a, solved by an external square root.
 * const root = implicitRoot(
 *   (x: Scalar, a: Scalar) => sub(mul(x, x), a),
 *   (a) => Math.sqrt(valueOf(a)),
 * );
 * root(9); // => 3
 * grad(root)(9); // => 0.166666666
 * grad(grad(root))(9); // => -0.009259259
 * ```
 */
export function implicitRoot<X, P, R extends readonly unknown[]>(
  residual: (x: X, params: P, ...rest: R) => unknown,
  solve: (params: P, ...rest: R) => X,
  options?: ImplicitOptions,
): (params: P, ...rest: R) => X {
  refuseExtra("implicitRoot", "residual, solve, options", 3, arguments);
  const where = "implicitRoot";
  checkFunction(where, residual, "residual");
  checkFunction(where, solve, "solve");
  const equations: Equations<P, R> = (x, leaves, params, rest) =>
    handlesOf(flatten(where, residual(x.flat.build<X>(leaves), params, ...rest), { name: "the residual" }).leaves);
  return implicit(where, equations, solve, options);
}

/**
 * A fixed point of a step as a function of its parameters: {@link implicitRoot} of `x - step(x, params)`.
 *
 * Shape: the step gives a tree shaped like x.
 *
 * What the step converges to is differentiated, not the way there: neither memory nor time grow with the number of steps.
 *
 * @param step - from x, the parameters and further arguments to the next x
 * @param solve - from the parameters and further arguments to x with x = step(x, params); on values, by any numeric code
 * @param options - as for {@link implicitRoot}
 * @returns the fixed point as a function of the parameters and further arguments
 * @throws GradtapeError `implicit/not-converged`, `implicit/singular`, `implicit/shape`, `tree/leaf`
 * @see B. Christianson, "Reverse accumulation and attractive fixed points", Optimization Methods and Software 3 (1994)
 * @example
 * ```ts
 * import { cos, fixedPoint, grad, mul, type Scalar, valueOf } from "gradtape";
 * const settled = fixedPoint(
 *   (x: Scalar, a: Scalar) => cos(mul(a, x)),
 *   (a) => {
 *     let x = 1;
 *     for (let i = 0; i < 200; i++) x = Math.cos(valueOf(a) * x);
 *     return x;
 *   },
 * );
 * settled(1); // => 0.739085133
 * grad(settled)(1); // => -0.2974743
 * ```
 */
export function fixedPoint<X, P, R extends readonly unknown[]>(
  step: (x: X, params: P, ...rest: R) => X,
  solve: (params: P, ...rest: R) => X,
  options?: ImplicitOptions,
): (params: P, ...rest: R) => X {
  refuseExtra("fixedPoint", "step, solve, options", 3, arguments);
  const where = "fixedPoint";
  checkFunction(where, step, "step");
  checkFunction(where, solve, "solve");
  const equations: Equations<P, R> = (x, leaves, params, rest) => {
    const next = step(x.flat.build<X>(leaves), params, ...rest);
    if (!isShapedLike(x.flat, next)) {
      const paths = x.flat.paths.map((path) => placeIn("x", path)).join(", ");
      fail(
        "implicit/shape",
        `${where}: the step gives a tree of another structure than x (${paths}).`,
        { expected: x.flat.paths },
        "The step must return a tree with the keys and array lengths of x.",
      );
    }
    const leavesAfter = handlesOf(flatten(where, next, { name: "the step" }).leaves);
    return leaves.map((leaf, k) => toHandle(where, sub(leaf, leavesAfter[k])));
  };
  return implicit(where, equations, solve, options);
}
