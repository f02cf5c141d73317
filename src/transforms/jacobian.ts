import { allocate } from "../base/allocate";
import { isFloat } from "../base/dtype";
import { refuseExtra } from "../base/extra-arguments";
import { checkChoice, checkFunction, checkOptions } from "../base/options";
import { type Shape, sizeOf } from "../base/shape";
import { onFreshInputs } from "../core/op/leaf";
import { asLeaf, gradientTree, handlesOf } from "../core/op/leaves";
import { reshapeTo } from "../core/op/sweep-ops";
import { replayBatched, traceProgram } from "../core/program/program";
import { pullBack, pushForward } from "../core/sweep/differentiate";
import { type Handle, makeFilled, makeTensor, zeroLike } from "../core/tensor/handle";
import type { Scalar } from "../core/tensor/tensor";
import { type Flat, flatten, matching, placeIn } from "../core/tensor/tree";
import type { Gradient, Jacobian } from "../core/tensor/tree-types";
import { asHandle } from "../core/tensor/value";
import { stack } from "../ops/movement/concat-stack";
import { permute } from "../ops/movement/reshape-transpose";
import { dualOf } from "./backward";
import { gradAs } from "./grad";
import { runConnected } from "./unconnected";

/** Which way a Jacobian is computed: "auto" takes forward mode if the input has fewer elements than the output. */
export type Mode = "auto" | "forward" | "reverse";

/** Zeros in the dtype of x, with a 1 from the first place on at every step: a unit tensor, or all of them. */
function unitsOf(x: Handle, shape: Shape, first: number, step: number): Handle {
  const data = allocate(x.dtype, sizeOf(shape), "jacobian", shape);
  for (let i = first; i < data.length; i += step) data[i] = 1;
  return makeTensor(shape, x.dtype, data);
}

/** A sweep from a seed, a cotangent or a tangent; null where nothing arrives. */
type Sweep = (seed: Handle) => readonly (Handle | null)[];

/** So many elements are swept one by one: to trace a sweep takes as long as a few sweeps. */
const FEW = 4;

/** What a sweep gives for all unit tensors of a place, along a first axis; without that axis where there is only one. */
function sweepBasis(x: Handle, sweep: Sweep): readonly (Handle | null)[] {
  const n = x.size;
  if (n === 0 || n > FEW) return sweepTogether(x, sweep);
  const rows = Array.from({ length: n }, (_, i) => sweep(unitsOf(x, x.shape, i, n)));
  if (n === 1) return rows[0];
  return rows[0].map((_, k) => {
    const column = rows.map((row) => row[k]);
    const some = column.find((part) => part !== null);
    return some ? asHandle(stack(column.map((part) => part ?? zeroLike(some)))) : null;
  });
}

/** One sweep for all unit tensors together: swept on a symbol, replayed with a batch axis. */
function sweepTogether(x: Handle, sweep: Sweep): (Handle | null)[] {
  const [program, arrived] = traceProgram([x], ([symbol]) => {
    const results = sweep(symbol);
    return [results.filter((x): x is Handle => x !== null), results.map((x) => x !== null)];
  });
  const n = x.size;
  const { outputs, batched } = replayBatched(program, [unitsOf(x, [n, ...x.shape], 0, n + 1)], [true], n);
  let next = 0;
  return arrived.map((some) => {
    const k = some ? next++ : -1;
    return k >= 0 && batched[k] ? outputs[k] : null;
  });
}

/** [n, ...y.shape] with the first axis, of the inputs, moved behind the outputs' axes. */
function inputsLast(x: Handle, output: Shape, input: Shape): Handle {
  const moved = sizeOf(input) === 1 ? x : permute(x, [...output.map((_, i) => i + 1), 0]);
  return reshapeTo(moved, [...output, ...input]);
}

/** Jacobians as blocks[output][input], each [...output, ...input]; null where there is no dependence. */
function blocksOf(xs: readonly Handle[], ys: readonly Handle[], forward: boolean): (Handle | null)[][] {
  if (forward) {
    const columns = xs.map((x) => sweepBasis(x, (tangent) => pushForward("jacobian", ys, [x], [tangent])));
    return ys.map((y, j) => columns.map((column, i) => column[j] && inputsLast(column[j], y.shape, xs[i].shape)));
  }
  return ys.map((y) => {
    if (y.strand === null || !isFloat(y.dtype)) return xs.map(() => null);
    const rows = sweepBasis(
      y,
      (cotangent) =>
        pullBack("jacobian", { outputs: [y], cotangents: [cotangent], inputs: xs, free: false }).cotangents,
    );
    return rows.map((row, i) => row && reshapeTo(row, [...y.shape, ...xs[i].shape]));
  });
}

/**
 * The Jacobian of a function by its first argument, as a function of the same arguments.
 *
 * Shape: tensor to tensor gives `F[...out, ...in]`; trees give the output's tree of the input's trees.
 *
 * One sweep is traced and replayed for all unit vectors together. The function itself runs on values, so it may branch
 * on them.
 *
 * @param f - the function; its result is a tree of numbers and tensors
 * @param options - mode: "forward" (a column for each input), "reverse" (a row for each output), or "auto"
 * @returns a function of the same arguments that gives d f / d x
 * @throws GradtapeError `grad/unconnected`, `tree/leaf`, `option/choice`
 * @example
 * ```ts
 * import { jacobian, mul, stack, type Tensor, tensor } from "gradtape";
 * const f = (x: Tensor<readonly [2]>) => stack([mul(x.at(0), x.at(1)), x.at(0)]);
 * jacobian(f)(tensor([2, 3])); // => [[3, 2], [1, 0]]
 * ```
 */
export function jacobian<P, R extends readonly unknown[], Y>(
  f: (x: P, ...rest: R) => Y,
  options?: { readonly mode?: Mode | undefined },
): (x: P, ...rest: R) => Jacobian<Y, P> {
  refuseExtra("jacobian", "f, options", 2, arguments);
  checkFunction("jacobian", f);
  checkOptions("jacobian", options, ["mode"]);
  const mode = checkChoice("jacobian", "mode", options?.mode ?? "auto", ["auto", "forward", "reverse"]);
  return (x, ...rest) => {
    const flat = flatten("jacobian", x, { differentiable: true, name: "x" });
    const [inputs, outputs] = runConnected(
      "jacobian",
      handlesOf(flat.leaves),
      (own) => flatten("jacobian", f(flat.build<P>(own), ...rest), { name: "the result" }),
      ({ leaves }) => leaves,
    );
    const ys = handlesOf(outputs.leaves);
    const count = (all: readonly Handle[]): number => all.reduce((sum, one) => sum + sizeOf(one.shape), 0);
    const forward = mode === "auto" ? count(inputs) < count(ys) : mode === "forward";
    const blocks = blocksOf(inputs, ys, forward);
    return outputs.build<Jacobian<Y, P>>(ys.map((y, j) => rowTree(flat, inputs, y, blocks[j])));
  };
}

/** The blocks of one output as a tree of the inputs, zeros where there is no dependence. */
function rowTree(flat: Flat, inputs: readonly Handle[], y: Handle, blocks: readonly (Handle | null)[]): unknown {
  const dtype = isFloat(y.dtype) ? y.dtype : "float64";
  return flat.build(
    blocks.map((block, i) => {
      const whole = block ?? makeFilled([...y.shape, ...inputs[i].shape], dtype, 0);
      return y.shape.length === 0 ? asLeaf(flat.leaves[i], whole) : whole;
    }),
  );
}

/**
 * The Hessian of a scalar function by its first argument: forward mode over the gradient.
 *
 * Shape: a tensor gives `F[...x, ...x]`; a tree gives a tree of trees.
 *
 * Symmetric where second derivatives are continuous.
 *
 * @param f - a scalar function
 * @returns a function of the same arguments that gives d² f / d x²
 * @throws GradtapeError `grad/non-scalar`, `grad/unconnected`, `tree/leaf`
 * @example
 * ```ts
 * import { hessian, prod, type Tensor, tensor } from "gradtape";
 * hessian((x: Tensor<readonly [2]>) => prod(x))(tensor([2, 3])); // => [[0, 1], [1, 0]]
 * ```
 */
export function hessian<P, R extends readonly unknown[]>(
  f: (x: P, ...rest: R) => Scalar,
): (x: P, ...rest: R) => Jacobian<Gradient<P>, P> {
  refuseExtra("hessian", "f", 1, arguments);
  checkFunction("hessian", f);
  return jacobian(gradAs("hessian", f), { mode: "forward" });
}

/**
 * The product of the Hessian of a scalar function with a direction: the derivative of the gradient along it, at the price
 * of a few gradients, without the Hessian.
 *
 * Shape: x, direction and result have one shape (or are trees of one structure).
 *
 * @param f - a scalar function
 * @returns a function of x, a direction shaped like x, and further arguments
 * @throws GradtapeError `grad/non-scalar`, `tree/leaf`, `tree/mismatch`
 * @see B. A. Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6 (1994)
 * @example
 * ```ts
 * import { hvp, prod, type Tensor, tensor } from "gradtape";
 * hvp((x: Tensor<readonly [2]>) => prod(x))(tensor([2, 3]), tensor([1, 0])); // => [0, 1]
 * ```
 */
export function hvp<P, R extends readonly unknown[]>(
  f: (x: P, ...rest: R) => Scalar,
): (x: P, direction: Gradient<P>, ...rest: R) => Gradient<P> {
  refuseExtra("hvp", "f", 1, arguments);
  checkFunction("hvp", f);
  const gradient = gradAs("hvp", f);
  return (x, direction, ...rest) => {
    const flat = flatten("hvp", x, { differentiable: true, name: "x" });
    const given = matching("hvp", flat, direction, "direction");
    const xDots = handlesOf(flat.leaves).map((h, k) => dualOf("hvp", placeIn("direction", flat.paths[k]), given[k], h));
    const [inputs, slope] = onFreshInputs(handlesOf(flat.leaves), (own) => gradient(flat.build<P>(own), ...rest));
    const slopes = handlesOf(flatten("hvp", slope).leaves);
    const dots = pushForward("hvp", slopes, inputs, xDots);
    return gradientTree<Gradient<P>>(flat, dots);
  };
}
