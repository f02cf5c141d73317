import { describe, fail, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkNumber } from "../base/options";
import { checkInteger } from "../base/shape";
import { castTo, counted } from "../core/op/sweep-ops";
import { Handle, makeFilled } from "../core/tensor/handle";
import type { Value } from "../core/tensor/tensor";
import { type Flat, type FloatLeaf, flatten, matching, placeIn } from "../core/tensor/tree";
import type { Gradient } from "../core/tensor/tree-types";
import { shapeOf } from "../core/tensor/value";
import { add, div, mul, square, sub } from "../ops/elementwise/arithmetic";
import { sqrt } from "../ops/elementwise/exponential";
import { besideParameter } from "./beside-parameter";
import { type Arithmetic, FusedUpdate, type LeafRule } from "./fused-update";

/** A rate that changes: a function of the number of updates done, 0 for the first. */
export type Schedule = (step: number) => number;

/** What an optimizer remembers: the number of updates done, and trees shaped like the parameters. */
export type OptimizerState<K extends string, P> = {
  /** Updates done so far. */
  readonly step: number;
} & {
  readonly [k in K]: Gradient<P>;
};

/**
 * One way to go down along gradients: two pure functions. Updates are made of ops: plain parameters stay plain, and
 * where parameters or gradients are tracked, the update is differentiable like anything else.
 * @typeParam K - names of the trees it remembers
 */
export interface Optimizer<K extends string> {
  /** The state before the first update. */
  init<P>(params: P): OptimizerState<K, P>;
  /**
   * One update. Nothing given is changed. Throws `tree/mismatch` with the path where gradients or state belong to other
   * parameters.
   */
  update<P>(gradients: Gradient<P>, state: OptimizerState<K, P>, params: P): [params: P, state: OptimizerState<K, P>];
}

/** The most that a share of a running mean may be: at 1 nothing of a gradient would be remembered. */
export const BELOW_ONE: number = 1 - Number.EPSILON / 2;

/** A rate that was given, as a schedule. */
export function asSchedule(where: string, rate: number | Schedule): Schedule {
  if (typeof rate === "function") return rate;
  checkNumber(where, "rate", rate, 0, Infinity);
  return () => rate;
}

const likeParameter = (leaf: FloatLeaf, value: number, wide: boolean): FloatLeaf =>
  typeof leaf === "number" ? value : makeFilled(leaf.shape, wide ? "float64" : leaf.dtype, value);

/** The square of a gradient, to be remembered. */
const squareOf = (gradient: Value): Value =>
  square(gradient instanceof Handle ? castTo(gradient, "float64") : gradient);

/** The root of remembered squares, in the dtype of the gradient again. */
function rootOf(squares: Value, gradient: Value): Value {
  const root = sqrt(squares);
  return root instanceof Handle && gradient instanceof Handle ? castTo(root, gradient.dtype) : root;
}

/** Updates by ops, of whatever leaves are. */
const BY_OPS: Arithmetic<Value> = { add, sub, mul, div, squareOf, rootOf };

/** Leaves of a tree that belongs to the parameters, each of the shape of its parameter, and of its dtype or float64. */
function leavesFor(
  where: string,
  flat: Flat<FloatLeaf>,
  tree: unknown,
  name: string,
  hint: string,
  wide = false,
): Value[] {
  return matching(where, flat, tree, name).map((leaf, k) => {
    const parameter = flat.leaves[k];
    const [shape, wanted] = [shapeOf(leaf), shapeOf(parameter)];
    if (list(shape) !== list(wanted)) {
      const place = placeIn(name, flat.paths[k]);
      const other = placeIn("params", flat.paths[k]);
      fail(
        "tree/mismatch",
        `${where}: ${place} has shape ${list(shape)}, but ${other} has shape ${list(wanted)}.`,
        { path: place, shape, wanted },
        hint,
      );
    }
    return besideParameter(parameter, counted(leaf), wide);
  });
}

const STATE_HINT = "A state belongs to the parameters and the optimizer whose init made it.";

/**
 * An optimizer from the rule for one leaf; `memory` names what it remembers, with the values before the first update, and
 * `squares` what is float64 whatever the parameter is: squares of float32 gradients may be beyond the range of float32.
 */
export function makeOptimizer<K extends string>(
  name: string,
  memory: Readonly<Record<K, number>>,
  rate: Schedule,
  rule: LeafRule<K>,
  squares: readonly NoInfer<K>[] = [],
): Optimizer<K> {
  const names = Object.keys(memory) as K[];
  const isWide = (key: K): boolean => squares.includes(key);
  const fused = new FusedUpdate(names, rule);
  const record = <T>(value: (key: K) => T): Record<K, T> =>
    Object.fromEntries(names.map((key) => [key, value(key)])) as Record<K, T>;
  const stateOf = <P>(step: number, trees: Readonly<Record<K, unknown>>): OptimizerState<K, P> =>
    ({ step, ...trees }) as OptimizerState<K, P>;

  function init<P>(params: P): OptimizerState<K, P> {
    refuseExtra(`${name}.init`, "params", 1, arguments);
    const flat = flatten(`${name}.init`, params, { differentiable: true });
    return stateOf(
      0,
      record((key) => flat.build(flat.leaves.map((leaf) => likeParameter(leaf, memory[key], isWide(key))))),
    );
  }

  function update<P>(gradients: Gradient<P>, state: OptimizerState<K, P>, params: P): [P, OptimizerState<K, P>] {
    const where = `${name}.update`;
    refuseExtra(where, "gradients, state, params", 3, arguments);
    checkState(where, names, state);
    const flat = flatten(where, params, { differentiable: true });
    const slopes = leavesFor(where, flat, gradients, "gradients", "Gradients must be shaped like the parameters.");
    const old = record((key) => leavesFor(where, flat, state[key], `state.${key}`, STATE_HINT, isWide(key)));
    const { step } = state;
    if (typeof step === "number") checkInteger(where, "state.step", step, 0);
    const now = checkNumber(where, "the rate", rate(step), 0, Infinity);
    const count = add(step, 1);
    const scalars = rule.scalars?.(now, count) ?? [now];
    const updated = flat.leaves.map((parameter, k) => {
      const leaf = { parameter, gradient: slopes[k], memory: record((key) => old[key][k]), scalars };
      return fused.run(leaf) ?? rule.update(BY_OPS, leaf);
    });
    const params1 = flat.build<P>(updated.map(([parameter], k) => besideParameter(flat.leaves[k], parameter)));
    return [
      params1,
      stateOf(
        count,
        record((key) =>
          flat.build(updated.map(([, kept], k) => besideParameter(flat.leaves[k], kept[key], isWide(key)))),
        ),
      ),
    ];
  }

  return { init, update };
}

function checkState(where: string, names: readonly string[], state: unknown): void {
  if (typeof state !== "object" || state === null) {
    fail(
      "tree/mismatch",
      `${where}: state must be what init or update gave, got ${describe(state)}.`,
      { path: "state", received: state },
      `Write update(gradients, state, params). ${STATE_HINT}`,
    );
  }
  for (const key of ["step", ...names]) {
    if (Object.hasOwn(state, key)) continue;
    fail(
      "tree/mismatch",
      `${where}: state.${key} is missing.`,
      { path: `state.${key}` },
      `Write update(gradients, state, params). ${STATE_HINT}`,
    );
  }
}
