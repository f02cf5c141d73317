import { allocate } from "../base/allocate";
import { isFloat } from "../base/dtype";
import { fail } from "../base/errors";
import { applyParts } from "../core/op/apply";
import { makeOp } from "../core/op/definition";
import { onFreshInputs } from "../core/op/leaf";
import { byParts, type CoreOp, type Program } from "../core/op/op";
import { accumulate, negated } from "../core/op/sweep-ops";
import { replay } from "../core/program/program";
import { pullBack, pushForward } from "../core/sweep/differentiate";
import { type Handle, makeTensor, withoutHistory, zeroLike } from "../core/tensor/handle";
import { solveDense } from "../numeric/matrix/dense-solve";
import { gmres } from "../numeric/matrix/gmres";
import { mapSamples } from "../ops/program/map-samples";
import { pullProgram, pushProgram } from "../ops/program/program-rules";

/*
 * Solves A v = b, with A the Jacobian of a program by its first inputs (as many as it has outputs, of their shapes), or
 * its transpose. Inputs: b, then the inputs of the program, where A is taken. Its derivative is another such solve.
 */
interface SystemAttrs {
  readonly body: Program;
  readonly transposed: boolean;
  /** The function that the user called, for errors. */
  readonly where: string;
}

/** Systems of at most so many unknowns are written out and eliminated; larger ones are solved by products alone. */
const DENSE = 64;

/** The op with a number of unknown tensors. */
const systemOp: (parts: number) => CoreOp<SystemAttrs> = /* @__PURE__ */ byParts<SystemAttrs>((parts) =>
  makeOp<readonly Handle[], SystemAttrs>(
    {
      name: "linearSolve",
      parts,
      shape: (shapes) => shapes.slice(0, parts),
      dtype: (dtypes) => dtypes.slice(0, parts),
      evaluate: (outputs, inputs, attrs) => {
        const given = inputs.map(withoutHistory);
        const b = pack(given.slice(0, parts));
        const found = solveSystem(attrs, given.slice(0, parts), given.slice(parts), b);
        const xs = unpack(found, given.slice(0, parts));
        for (let k = 0; k < parts; k++) outputs[k].set(xs[k].data);
      },
      pullback: ({ yBars, inputs, outputs, attrs, wanted }) => {
        const at = inputs.slice(parts);
        const bars = outputs.map((y, k) => yBars[k] ?? zeroLike(y));
        const solved = linearSolve(bars, at, { ...attrs, transposed: !attrs.transposed });
        if (!at.some((x, k) => wanted[parts + k] && isFloat(x.dtype))) return [...solved, ...at.map(() => null)];
        const [xs, products] = onFreshInputs(at, (own) => timesJacobian(attrs, own, outputs));
        const asked = xs.filter((x, k) => wanted[parts + k] && isFloat(x.dtype));
        const question = { outputs: products, cotangents: solved.map(negated), inputs: asked, release: false };
        const { cotangents: arrived } = pullBack(attrs.where, question);
        return [...solved, ...xs.map((x) => (asked.includes(x) ? arrived[asked.indexOf(x)] : null))];
      },
      pushforward: ({ xDots, inputs, outputs, attrs }) => {
        const at = inputs.slice(parts);
        const dots = xDots.slice(parts).filter((dot): dot is Handle => dot !== null);
        let moved: readonly (Handle | null)[] = [];
        if (dots.length > 0) {
          const [xs, products] = onFreshInputs(at, (own) => timesJacobian(attrs, own, outputs));
          const moving = xs.filter((_, k) => (xDots[parts + k] ?? null) !== null);
          moved = pushForward(attrs.where, products, moving, dots);
        }
        const sides = outputs.map((y, k) => {
          const [own, other] = [xDots[k] ?? null, moved[k] ?? null];
          if (other === null) return own ?? zeroLike(y);
          return own === null ? negated(other) : accumulate(own, negated(other));
        });
        return linearSolve(sides, at, attrs);
      },
      reads: { inputs: (k) => k >= parts },
      batch: (inputs, batched, attrs, size) => mapSamples(systemOp(parts), inputs, batched, attrs, size),
    },
    { batch: "derived" },
  ),
);

/** v with J v = b, or its transpose, J the Jacobian of the body at `at`. */
export const linearSolve = (b: readonly Handle[], at: readonly Handle[], attrs: SystemAttrs): readonly Handle[] =>
  applyParts(systemOp(b.length), [...b, ...at], attrs);

/** The Jacobian of the body by its first inputs, or its transpose, times v; differentiable in all. */
function timesJacobian({ body, transposed }: SystemAttrs, at: readonly Handle[], v: readonly Handle[]): Handle[] {
  const own = at.map((_, k) => k < v.length);
  if (!transposed)
    return pushProgram(
      body,
      at,
      own.map((is, k) => (is ? v[k] : null)),
    );
  return pullProgram(body, at, v, own).flatMap((bar) => (bar === null ? [] : [bar]));
}

const pack = (xs: readonly Handle[]): Float64Array => Float64Array.from(xs.flatMap((x) => Array.from(x.data)));

function unpack(numbers: Float64Array, like: readonly Handle[]): Handle[] {
  let from = 0;
  return like.map(({ shape, dtype, size }) => {
    const data = allocate(dtype, size);
    data.set(numbers.subarray(from, from + size));
    from += size;
    return makeTensor(shape, dtype, data);
  });
}

/** Products with the Jacobian at one point: the body runs once. */
function productsAt({ body, transposed, where }: SystemAttrs, like: readonly Handle[], at: readonly Handle[]) {
  const [xs, ys] = onFreshInputs(at.slice(0, like.length), (own) => replay(body, [...own, ...at.slice(like.length)]));
  return (v: Float64Array): Float64Array => {
    const given = unpack(v, like);
    const found = transposed
      ? pullBack(where, { outputs: ys, cotangents: given, inputs: xs, recorded: false, free: false }).cotangents
      : pushForward(where, ys, xs, given);
    return pack(found.map((x, k) => x ?? zeroLike(like[k])));
  };
}

/** The Jacobian, written out. */
function matrixOf(times: (v: Float64Array) => Float64Array, n: number): Float64Array {
  const matrix = new Float64Array(n * n);
  const unit = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    unit[j] = 1;
    times(unit).forEach((x, i) => {
      matrix[i * n + j] = x;
    });
    unit[j] = 0;
  }
  return matrix;
}

/** What a system of many unknowns is solved to, and what residual is accepted, relatively. */
const precisionOf = (xs: readonly Handle[]): [goal: number, accepted: number] =>
  xs.some(({ dtype }) => dtype === "float32") ? [1e-6, 1e-3] : [1e-13, 1e-8];

/**
 * The largest element of the step of Newton's method at x, for a residual r there: by how much x misses a root, in its own
 * unit. Infinity where there is no such step.
 */
export function newtonStep(
  attrs: SystemAttrs,
  x: readonly Handle[],
  at: readonly Handle[],
  r: readonly Handle[],
): number {
  const b = pack(r);
  const times = productsAt(attrs, x, at);
  let step: Float64Array = b.slice();
  if (b.length > DENSE || !solveDense(matrixOf(times, b.length), step)) {
    // Where the Jacobian is singular there can be a step all the same: that of the unknowns that are determined.
    const [goal, accepted] = precisionOf(x);
    const found = gmres(times, b, goal, 10 * b.length);
    if (!(found.residual <= accepted)) return Infinity;
    step = found.x;
  }
  return step.reduce((most, s) => Math.max(most, Math.abs(s)), 0);
}

function solveSystem(
  attrs: SystemAttrs,
  like: readonly Handle[],
  at: readonly Handle[],
  b: Float64Array,
): Float64Array {
  const n = b.length;
  const times = productsAt(attrs, like, at);
  const { where } = attrs;
  const hint = "Look whether two roots meet there, or whether the equations do not determine an unknown.";
  if (n <= DENSE) {
    if (solveDense(matrixOf(times, n), b)) return b;
    const shapes = like.map((x) => x.shape);
    return fail(
      "implicit/singular",
      `${where}: the residual's derivative by x, ${n} by ${n}, is singular at the root.`,
      { unknowns: n, shapes },
      hint,
    );
  }
  const [goal, accepted] = precisionOf(like);
  const { x, residual, iterations } = gmres(times, b, goal, 10 * n);
  if (residual <= accepted) return x;
  return fail(
    "implicit/singular",
    `${where}: the linear system of ${n} unknowns at the root is singular or nearly so: relative residual ${residual.toPrecision(3)} after ${iterations} products.`,
    { unknowns: n, residual, iterations },
    hint,
  );
}
