import { isFloat } from "../base/dtype";
import { describe, fail } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkFunction } from "../base/options";
import { onFreshInputs } from "../core/op/leaf";
import { asLeaf, gradientTree, handlesOf } from "../core/op/leaves";
import { detachUnlessObserved, pullBack, pushForward } from "../core/sweep/differentiate";
import { useConditions } from "../core/tensor/condition";
import type { Handle } from "../core/tensor/handle";
import { zeroLike } from "../core/tensor/handle";
import { type Flat, flatten, matching, placeIn } from "../core/tensor/tree";
import type { Gradient } from "../core/tensor/tree-types";
import { dualOf } from "./backward";

function primalsOf(where: string, primals: unknown): Flat {
  if (!Array.isArray(primals)) {
    return fail(
      "argument/array",
      `${where}: primals must be the array of arguments, got ${describe(primals)}.`,
      { primals },
      "Write [x].",
    );
  }
  return flatten(where, primals, { differentiable: true, name: "primals" });
}

function call<A extends readonly unknown[], Y>(
  where: string,
  f: (...primals: A) => Y,
  flat: Flat,
): [inputs: Handle[], outputs: Flat, handles: Handle[]] {
  const [inputs, y] = onFreshInputs(handlesOf(flat.leaves), (own) => f(...flat.build<A>(own)));
  const outputs = flatten(where, y, { name: "the result" });
  useConditions(outputs.leaves);
  return [inputs, outputs, handlesOf(outputs.leaves)];
}

/** The outputs as the user gets them. */
const settledTree = <Y>(outputs: Flat, handles: readonly Handle[], inputs: readonly Handle[]): Y =>
  outputs.build<Y>(outputs.leaves.map((leaf, k) => asLeaf(leaf, detachUnlessObserved(handles[k], inputs))));

/**
 * Vector-Jacobian product: the output, and a function that sends cotangents of the output back to the arguments.
 *
 * Shape: `(...A) -> Y` becomes `[Y, Y -> A]`.
 *
 * Reverse mode: `pullback(c)` is `cᵀ J` with J the Jacobian at the primals. It can be called many times.
 * @param f - any function of trees of numbers and tensors
 * @param primals - the array of its arguments
 * @returns `[output, pullback]`; pullback takes a tree shaped like the output and gives an array, one tree for each
 * argument
 * @throws GradtapeError `argument/array`, `tree/leaf`, `tree/mismatch`, `shape/cotangent`
 * @example
 * ```ts
 * import { square, tensor, vjp } from "gradtape";
 * const [y, pullback] = vjp(square, [tensor([1, 2])]);
 * y; // => [1, 4]
 * pullback(tensor([1, 10])); // => [[2, 40]]
 * ```
 */
export function vjp<A extends readonly unknown[], Y>(
  f: (...primals: A) => Y,
  primals: A,
): [output: Y, pullback: (cotangent: Gradient<Y>) => { -readonly [K in keyof A]: Gradient<A[K]> }] {
  refuseExtra("vjp", "f, primals", 2, arguments);
  const where = "vjp";
  checkFunction(where, f);
  const flat = primalsOf(where, primals);
  const [inputs, outputs, handles] = call(where, f, flat);
  const output = settledTree<Y>(outputs, handles, inputs);
  function pullback(cotangent: Gradient<Y>): { -readonly [K in keyof A]: Gradient<A[K]> } {
    refuseExtra("pullback", "cotangent", 1, arguments);
    const given = matching(where, outputs, cotangent, "cotangent");
    const cotangents = handles.map((y, k) =>
      isFloat(y.dtype) ? dualOf(where, placeIn("cotangent", outputs.paths[k]), given[k], y) : zeroLike(y),
    );
    const { cotangents: bars } = pullBack(where, { outputs: handles, cotangents, inputs, free: false });
    return gradientTree(flat, bars);
  }
  return [output, pullback];
}

/**
 * Jacobian-vector product: the output, and how it changes when the arguments move along the tangents.
 *
 * Shape: `(...A) -> Y` becomes `[Y, Y]`.
 *
 * Forward mode: the tangent is `J t` with J the Jacobian at the primals. Cheap for few inputs and many outputs.
 * @param f - any function of trees of numbers and tensors
 * @param primals - the array of its arguments
 * @param tangents - an array of the same trees: the direction
 * @returns `[output, tangent]`, both shaped like the output of f
 * @throws GradtapeError `argument/array`, `tree/leaf`, `tree/mismatch`, `shape/cotangent`
 * @example
 * ```ts
 * import { jvp, mul } from "gradtape";
 * const [y, yDot] = jvp((a: number, b: number) => mul(a, b), [2, 3], [1, 0]);
 * y; // => 6
 * yDot; // => 3
 * ```
 */
export function jvp<A extends readonly unknown[], Y>(
  f: (...primals: A) => Y,
  primals: A,
  tangents: { readonly [K in keyof A]: Gradient<A[K]> },
): [output: Y, tangent: Gradient<Y>] {
  refuseExtra("jvp", "f, primals, tangents", 3, arguments);
  const where = "jvp";
  checkFunction(where, f);
  const flat = primalsOf(where, primals);
  const given = matching(where, flat, tangents, "tangents");
  const [inputs, outputs, handles] = call(where, f, flat);
  const xDots = inputs.map((x, k) => dualOf(where, placeIn("tangents", flat.paths[k]), given[k], x));
  const yDots = pushForward(where, handles, inputs, xDots);
  return [
    settledTree<Y>(outputs, handles, inputs),
    gradientTree(
      outputs,
      yDots.map((dot, k) => (handles[k].strand === null ? null : dot)),
    ),
  ];
}
