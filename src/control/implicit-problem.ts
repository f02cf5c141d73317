import { isFloat } from "../base/dtype";
import { fail, list } from "../base/errors";
import { sameShape } from "../base/shape";
import { handlesOf } from "../core/op/leaves";
import type { Kind, Program } from "../core/op/op";
import { castTo } from "../core/op/sweep-ops";
import { examplesOf, traceProgram } from "../core/program/program";
import { type Handle, makeFilled } from "../core/tensor/handle";
import { type Flat, flatten, placeIn } from "../core/tensor/tree";

/** The unknown of an implicit function: its structure, and shape and dtype of its leaves. */
export interface Unknown {
  readonly flat: Flat;
  readonly kinds: readonly Kind[];
}

/** One call of an implicit function. */
export interface Problem {
  readonly where: string;
  /** Leaves of the parameters, and what the further arguments have on the tape. */
  readonly given: readonly Handle[];
  readonly params: Flat;
  /** The solver on values for what is given. */
  solveAt(values: readonly Handle[]): Unknown;
  /** Leaves of the residual at leaves of x, and values for what is given. */
  residualAt(x: Unknown, leaves: readonly Handle[], values: readonly Handle[]): Handle[];
}

/** What a solver gave, or what is shaped like it. */
export function unknownOf(where: string, x: unknown): Unknown {
  const flat = flatten(where, x, { differentiable: true, name: "x" });
  return { flat, kinds: handlesOf(flat.leaves) };
}

/** The residual as a program of the leaves of x and of what is given; as many equations as unknowns. */
export function traceResidual(problem: Problem, x: Unknown, runs = true): Program {
  const { where, given } = problem;
  const [program] = traceProgram(
    [...x.kinds, ...given],
    (symbols) => {
      const leaves = symbols.slice(0, x.kinds.length);
      const residual = problem.residualAt(x, leaves, symbols.slice(x.kinds.length));
      const fits = residual.length === leaves.length && residual.every((r, k) => sameShape(r.shape, leaves[k].shape));
      if (!fits) {
        const shapes = (xs: readonly Handle[]): string => xs.map(({ shape }) => list(shape)).join(", ");
        fail(
          "implicit/shape",
          `${where}: the residual has leaves of shapes ${shapes(residual)}, but x has ${shapes(leaves)} (${x.flat.paths.map((path) => placeIn("x", path)).join(", ")}).`,
          { received: residual.map(({ shape }) => shape), expected: leaves.map(({ shape }) => shape) },
          "Give one equation for each unknown: the residual must be shaped like x.",
        );
      }
      return [residual.map((r, k) => castTo(r, leaves[k].dtype)), undefined];
    },
    runs,
  );
  return program;
}

/** Structure, shapes and dtypes of x where the solver cannot run yet. */
export function kindsFor(problem: Problem, like: unknown): Unknown {
  const { where, given, params } = problem;
  if (like !== undefined && like !== null) return unknownOf(where, like);
  const examples = examplesOf(given);
  const found = examples === null ? null : attempt(() => problem.solveAt(examples));
  if (found !== null) return found;
  const single = ({ shape, dtype }: Kind): Unknown => unknownOf(where, makeFilled(shape, dtype, 1));
  const floats = given.filter(({ dtype }) => isFloat(dtype));
  const candidates = [{ flat: params, kinds: handlesOf(params.leaves) }, ...floats.map(single), unknownOf(where, 1)];
  for (const candidate of candidates)
    if (attempt(() => traceResidual(problem, candidate, false)) !== null) return candidate;
  const ones = given.map(({ shape, dtype }) => makeFilled(shape, dtype, 1));
  return (
    attempt(() => problem.solveAt(ones)) ??
    fail(
      "implicit/shape",
      `${where}: inside vmap and trace the shapes of x must be known, but could not be found.`,
      { given: given.map(({ shape }) => shape) },
      "Give a tree shaped like x as { like }.",
    )
  );
}

function attempt<T>(f: () => T): T | null {
  try {
    return f();
  } catch {
    return null;
  }
}
