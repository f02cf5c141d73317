import { isFloat } from "../base/dtype";
import { fail } from "../base/errors";
import { formatNumber } from "../base/format";
import { applyParts } from "../core/op/apply";
import { makeOp } from "../core/op/definition";
import type { CoreOp, Kind, Program } from "../core/op/op";
import { negated } from "../core/op/sweep-ops";
import { replay } from "../core/program/program";
import { type Handle, withoutHistory, zeroLike } from "../core/tensor/handle";
import { mapSamples } from "../ops/program/map-samples";
import { pullProgram, pushProgram } from "../ops/program/program-rules";
import { linearSolve, newtonStep } from "./linear-solve-op";

/**
 * A root x of a residual, found by whatever means: the op passes it on and knows its derivative. Inputs: x, then what the
 * residual depends on besides; the body is the residual, a program of all of them with outputs shaped like x.
 */
export interface RootAttrs {
  readonly body: Program;
  readonly tolerance: number;
  /** The function that the user called, for errors. */
  readonly where: string;
}

const roots: CoreOp<RootAttrs>[] = [];

/** The op with a number of unknown tensors. */
function rootOp(parts: number): CoreOp<RootAttrs> {
  roots[parts] ??= makeOp<readonly Handle[], RootAttrs>(
    {
      name: "implicitRoot",
      parts,
      shape: (shapes) => shapes.slice(0, parts),
      dtype: (dtypes) => dtypes.slice(0, parts),
      evaluate: (outputs, inputs, attrs) => {
        checkConverged(parts, inputs.map(withoutHistory), attrs);
        for (let k = 0; k < parts; k++) outputs[k].set(inputs[k].data);
      },
      differentiable: (k) => k >= parts,
      pullback: ({ yBars, inputs, outputs, attrs, wanted }) => {
        const at = [...outputs, ...inputs.slice(parts)];
        const bars = outputs.map((y, k) => yBars[k] ?? zeroLike(y));
        const solved = linearSolve(bars, at, { body: attrs.body, transposed: true, where: attrs.where });
        const asked = at.map((x, k) => k >= parts && wanted[k] && isFloat(x.dtype));
        return pullProgram(attrs.body, at, solved.map(negated), asked);
      },
      pushforward: ({ xDots, inputs, outputs, attrs }) => {
        const at = [...outputs, ...inputs.slice(parts)];
        const dots = xDots.map((dot, k) => (k >= parts ? dot : null));
        if (dots.every((dot) => dot === null)) return outputs.map(() => null);
        const moved = pushProgram(attrs.body, at, dots).map(negated);
        return linearSolve(moved, at, { body: attrs.body, transposed: false, where: attrs.where });
      },
      reads: { inputs: (k) => k >= parts },
      batch: (inputs, batched, attrs, size) => mapSamples(rootOp(parts), inputs, batched, attrs, size),
    },
    { batch: "derived" },
  );
  return roots[parts];
}

/** x as a root: its values as they are, with the derivative of a root. */
export const asRoot = (x: readonly Handle[], others: readonly Handle[], attrs: RootAttrs): readonly Handle[] =>
  applyParts(rootOp(x.length), [...x, ...others], attrs);

/** The largest absolute value; NaN if there is a NaN. */
function largest(xs: readonly Handle[]): number {
  let most = 0;
  for (const { data } of xs) for (const value of data) most = Math.max(most, Math.abs(value));
  return most;
}

/** Steps that are accepted where x is 0, or as good as 0. */
const TINY = 1e-12;

/**
 * Whether a solver found a root: if not, the derivative has no meaning. The residual alone cannot say: its size depends on
 * its unit. The step that Newton's method would take has the unit of x.
 */
function checkConverged(parts: number, at: readonly Handle[], { body, tolerance, where }: RootAttrs): void {
  const xs = at.slice(0, parts);
  const residuals = replay(body, at);
  const residual = largest(residuals);
  if (residual === 0) return;
  const bound = Math.max(tolerance * largest(xs), TINY);
  const step = Number.isFinite(residual) ? newtonStep({ body, transposed: false, where }, xs, at, residuals) : residual;
  if (step <= bound) return;
  fail(
    "implicit/not-converged",
    `${where}: the solver did not converge: at its x the largest residual is ${formatNumber(residual)}, the step of Newton's method ${formatNumber(step)}, and the bound is ${formatNumber(bound)}.`,
    { residual, step, bound, tolerance },
    "Let it iterate further, start it nearer, or give a larger { tolerance }.",
  );
}

interface SolverAttrs {
  /** Plain numeric code. */
  readonly run: (values: readonly Handle[]) => readonly Handle[];
  readonly kinds: readonly Kind[];
}

const solvers: CoreOp<SolverAttrs>[] = [];

/** The op that runs a solver, where its inputs are not known yet. */
function solverOp(parts: number): CoreOp<SolverAttrs> {
  solvers[parts] ??= makeOp<readonly Handle[], SolverAttrs>(
    {
      name: "implicitSolver",
      parts,
      shape: (_, { kinds }) => kinds.map(({ shape }) => shape),
      dtype: (_, { kinds }) => kinds.map(({ dtype }) => dtype),
      evaluate: (outputs, inputs, { run }) => {
        const found = run(inputs.map(withoutHistory));
        for (let k = 0; k < parts; k++) outputs[k].set(found[k].data);
      },
      vjp: [],
      reads: { inputs: true },
      batch: (inputs, batched, attrs, size) => mapSamples(solverOp(parts), inputs, batched, attrs, size),
    },
    { batch: "derived" },
  );
  return solvers[parts];
}

/** What a solver will give, for inputs that may be symbols. */
export const runSolver = (inputs: readonly Handle[], attrs: SolverAttrs): readonly Handle[] =>
  applyParts(solverOp(attrs.kinds.length), inputs, attrs);
