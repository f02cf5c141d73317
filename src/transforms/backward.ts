import { fail, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkFlag, checkOptions } from "../base/options";
import { sameShape } from "../base/shape";
import { dependsOnOpen } from "../core/op/leaf";
import { gradientTree } from "../core/op/leaves";
import { broadcastToShape, castTo } from "../core/op/sweep-ops";
import { pullBack } from "../core/sweep/differentiate";
import { SYMBOLIC } from "../core/tape/page";
import { flagsOf, Handle, makeFilled, placeOf } from "../core/tensor/handle";
import type { Scalar, Tensor, Value } from "../core/tensor/tensor";
import { toHandle } from "../core/tensor/tensor-argument";
import { flatten, placeIn } from "../core/tensor/tree";
import type { Gradient } from "../core/tensor/tree-types";
import { checkScalar } from "./grad";

/** Options of {@link backward}; besides, `cotangent` for an output that is not a scalar. */
export interface BackwardOptions {
  /** Record the sweep, so that gradients can be differentiated again; "auto": when inside a transform. */
  readonly createGraph?: boolean | "auto" | undefined;
  /** Keep the steps that were swept, for a second sweep. Default: what createGraph came to. */
  readonly retain?: boolean | undefined;
}

/** Whether x depends on an input of a function that a transform is running, or on a symbol. */
const isInsideTransform = (x: Handle): boolean =>
  (flagsOf(x) & SYMBOLIC) !== 0 || dependsOnOpen(placeOf(x), flagsOf(x));

/** A cotangent or tangent given by a user, as a tensor of the shape and dtype of x. `name` says which. */
export function dualOf(where: string, name: string, given: Value | boolean, x: Handle): Handle {
  const dual = toHandle(where, given, name);
  if (!sameShape(dual.shape, x.shape) && dual.shape.length > 0) {
    fail(
      "shape/cotangent",
      `${where}: ${name} must have shape ${list(x.shape)}, got ${list(dual.shape)}.`,
      { received: dual.shape, expected: x.shape },
      "Give it the shape of what it belongs to, or a single number for all elements.",
    );
  }
  return castTo(broadcastToShape(dual, x.shape), x.dtype);
}

/**
 * The gradient of a recorded result by variables that it was made from.
 *
 * Shape: `F[] -> wrt`; with a cotangent `F[...Y] -> wrt`.
 *
 * Nothing accumulates: the gradient is the result. The swept part of the tape is freed unless `retain` is true. The
 * same tensor at two places of wrt has the same gradient at both; zeros where the result does not depend on it.
 * @param loss - the result: a scalar, or any tensor if a cotangent is given
 * @param wrt - a variable, or a tree of them; every leaf must be tracked
 * @param options - createGraph: record the sweep, so that gradients can be differentiated ("auto": if the result
 * depends on an input of a transform); retain: keep the steps for a second sweep; cotangent: of the shape of the result
 * @returns a tree shaped like wrt
 * @throws GradtapeError `backward/unwatched`, `backward/freed`, `grad/non-scalar`, `shape/cotangent`, `tree/leaf`,
 * `option/unknown`
 * @example
 * ```ts
 * import { backward, square, sum, variable } from "gradtape";
 * const w = variable([1, 2]);
 * const cost = sum(square(w));
 * backward(cost, { w }); // => { w: [2, 4] }
 * backward(cost, { w }); // => throws [backward/freed]
 * ```
 */
export function backward<W>(loss: Scalar, wrt: W, options?: BackwardOptions): Gradient<W>;
export function backward<W>(
  output: Tensor,
  wrt: W,
  options: BackwardOptions & { readonly cotangent: Value },
): Gradient<W>;
export function backward<W>(
  output: Value,
  wrt: W,
  options?: BackwardOptions & { readonly cotangent?: Value | undefined },
): Gradient<W> {
  refuseExtra("backward", "loss, wrt, options", 3, arguments);
  const where = "backward";
  checkOptions(where, options, ["createGraph", "retain", "cotangent"]);
  const given = options?.cotangent ?? null;
  const createGraph =
    (options?.createGraph ?? "auto") === "auto" ? "auto" : checkFlag(where, "createGraph", options?.createGraph);
  const retain = options?.retain == null ? null : checkFlag(where, "retain", options.retain);
  const flat = flatten(where, wrt, { differentiable: true, name: "wrt" });
  const y =
    given === null
      ? checkScalar(where, "the result is", output, "Reduce it with sum or mean, or give a cotangent.")
      : output;
  const slots = new Map<number, number>();
  const inputs: Handle[] = [];
  const slotOf = flat.leaves.map((leaf, k) => {
    if (typeof leaf === "number" || leaf.strand === null) {
      const path = flat.paths[k];
      return fail(
        "backward/unwatched",
        `${where}: ${placeIn("wrt", path)} is not tracked.`,
        { path },
        "Make it with variable(...), or use grad.",
      );
    }
    const place = placeOf(leaf);
    const slot = slots.get(place) ?? inputs.push(leaf) - 1;
    slots.set(place, slot);
    return slot;
  });
  if (!(y instanceof Handle) || y.strand === null)
    return gradientTree(
      flat,
      slotOf.map(() => null),
    );
  const recorded = createGraph === "auto" ? isInsideTransform(y) : createGraph;
  const cotangent = given === null ? makeFilled([], y.dtype, 1) : dualOf(where, "cotangent", given, y);
  const release = !(retain ?? recorded);
  const { cotangents: bars } = pullBack(where, {
    outputs: [y],
    cotangents: [cotangent],
    inputs,
    recorded,
    free: release,
  });
  return gradientTree(
    flat,
    slotOf.map((slot) => bars[slot]),
  );
}
