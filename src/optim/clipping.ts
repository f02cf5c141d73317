import { refuseExtra } from "../base/extra-arguments";
import { checkNumber } from "../base/options";
import { apply } from "../core/op/apply";
import { makeOp } from "../core/op/definition";
import type { CoreOp } from "../core/op/op";
import { broadcastBatch, castTo, negated, reshapeTo, sumAxes } from "../core/op/sweep-ops";
import type { Handle } from "../core/tensor/handle";
import type { Value } from "../core/tensor/tensor";
import { type FloatLeaf, flatten } from "../core/tensor/tree";
import { asHandle } from "../core/tensor/value";
import { mulZero } from "../ops/define/elementwise-op";
import { clip } from "../ops/elementwise/activation";
import { abs, div, maximum, mul } from "../ops/elementwise/arithmetic";
import { hypot } from "../ops/elementwise/exponential";
import { same, select } from "../ops/elementwise/select";
import { lengthOf } from "../ops/reduce/power-mean";
import { besideParameter } from "./beside-parameter";

/** What lengths are scaled by, so that one of any number of elements is a number. */
const SCALE = 2 ** -32;
/** Lengths that are compared with less are not scaled: they would lose bits. */
const SMALL = 2 ** -900;

const sizeOfLeaf = (leaf: FloatLeaf, scale: number): Value =>
  typeof leaf === "number" ? mul(abs(leaf), scale) : lengthOf(leaf, scale);

/** In float64, whatever the leaves are; times a scale. */
const lengthOfAll = (leaves: readonly FloatLeaf[], scale: number): Value =>
  leaves.map((leaf) => sizeOfLeaf(leaf, scale)).reduce<Value>((a, b) => hypot(a, b), 0);

/** Inputs x and a 0-d float64 tensor, at least the limit, which float32 need not be able to hold: x limit / that. */
const SHRINK: CoreOp<number> = /* @__PURE__ */ makeOp<readonly [Handle, Handle], number>({
  name: "shrink",
  shape: ([shape]) => shape,
  dtype: ([dtype]) => dtype,
  evaluate: (out, [x, by], limit) => {
    const [data, divisor] = [x.data, by.data[0]];
    if (divisor === limit) out.set(data);
    else for (let i = 0; i < out.length; i++) out[i] = (data[i] / divisor) * limit;
  },
  vjp: [
    ({ yBar, inputs: [, by], attrs }) => shrink(yBar, by, attrs),
    ({ yBar, inputs: [, by], output: y }) => negated(asHandle(div(sumAll(mulZero(yBar, y)), by))),
  ],
  jvp: [
    ({ xDot, inputs: [, by], attrs }) => shrink(xDot, by, attrs),
    ({ xDot, inputs: [, by], output: y }) => negated(castTo(asHandle(div(mulZero(xDot, y), by)), y.dtype)),
  ],
  reads: { inputs: [false, true], output: true },
  batch: (inputs, batched, limit, size) => {
    const [x, by] = inputs;
    if (!batched[1]) return apply(SHRINK, [x, by], limit);
    const [xs] = broadcastBatch([x], [batched[0]], size);
    const divisors = reshapeTo(by, [size, ...xs.shape.slice(1).map(() => 1)]);
    return castTo(asHandle(shorter(xs, divisors, limit)), x.dtype);
  },
});
const shorter = (x: Value, by: Value, limit: number): Value => select(same(by, limit), x, mul(div(x, by), limit));
const shrink = (x: Handle, by: Handle, limit: number): Handle => apply(SHRINK, [x, by], limit);
const sumAll = (x: Handle): Handle =>
  sumAxes(
    castTo(x, "float64"),
    x.shape.map((_, i) => i),
  );

/**
 * The length of a whole tree, as of one long vector.
 *
 * Shape: `tree -> F[]`; a number if all leaves are numbers.
 * @param gradients - a tree of numbers and float tensors
 * @returns the root of the sum of all squares, which never overflow or vanish on the way
 * @throws GradtapeError `tree/leaf`
 * @example
 * ```ts
 * import { tensor } from "gradtape";
 * import { globalNorm } from "gradtape/optim";
 * globalNorm({ w: tensor([2, 3]), b: 6 }); // => 7
 * ```
 */
export function globalNorm(gradients: unknown): Value {
  refuseExtra("globalNorm", "gradients", 1, arguments);
  const { leaves } = flatten("globalNorm", gradients, { differentiable: true, name: "gradients" });
  const length = lengthOfAll(leaves, 1);
  const float64 = leaves.some((leaf) => typeof leaf !== "number" && leaf.dtype === "float64");
  return typeof length === "number" || float64 ? length : castTo(asHandle(length), "float32");
}

/**
 * Gradients made shorter, all by one factor, where together they are longer than allowed.
 *
 * Shape: that of the tree.
 *
 * Each leaf over `max(1, norm / maxNorm)`, norm being the {@link globalNorm}; no epsilon is added, so gradients that
 * are short enough come out unchanged. A NaN in one leaf makes all NaN; an infinite element becomes NaN, and all others 0.
 * @param gradients - a tree of numbers and float tensors
 * @param maxNorm - the largest length allowed, > 0
 * @returns the tree
 * @throws GradtapeError `tree/leaf`, `argument/number`
 * @see R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013
 * @example
 * ```ts
 * import { tensor } from "gradtape";
 * import { clipByGlobalNorm } from "gradtape/optim";
 * clipByGlobalNorm({ w: tensor([3, 0]), b: 4 }, 1).b; // => 0.8
 * clipByGlobalNorm({ w: tensor([3, 0]), b: 4 }, 10).b; // => 4
 * ```
 */
export function clipByGlobalNorm<G>(gradients: G, maxNorm: number): G {
  refuseExtra("clipByGlobalNorm", "gradients, maxNorm", 2, arguments);
  const name = "clipByGlobalNorm";
  checkNumber(name, "maxNorm", maxNorm, Number.MIN_VALUE, Infinity);
  const flat = flatten(name, gradients, { differentiable: true, name: "gradients" });
  const scale = maxNorm < SMALL ? 1 : SCALE;
  const limit = maxNorm * scale;
  const length = maximum(limit, lengthOfAll(flat.leaves, scale));
  const clipped = (leaf: FloatLeaf): Value =>
    typeof leaf === "number" ? shorter(leaf, length, limit) : shrink(leaf, asHandle(length), limit);
  return flat.build<G>(flat.leaves.map((leaf) => besideParameter(leaf, clipped(leaf))));
}

/**
 * Gradients with every element clipped to a range.
 *
 * Shape: that of the tree.
 *
 * `min(max(g, -limit), limit)`; NaN propagates.
 * @param gradients - a tree of numbers and float tensors
 * @param limit - the largest absolute value allowed, >= 0
 * @returns the tree
 * @throws GradtapeError `tree/leaf`, `argument/number`
 * @example
 * ```ts
 * import { tensor } from "gradtape";
 * import { clipByValue } from "gradtape/optim";
 * clipByValue({ w: tensor([3, -0.5]), b: -4 }, 1); // => { w: [1, -0.5], b: -1 }
 * ```
 */
export function clipByValue<G>(gradients: G, limit: number): G {
  refuseExtra("clipByValue", "gradients, limit", 2, arguments);
  const name = "clipByValue";
  checkNumber(name, "limit", limit, 0, Infinity);
  const flat = flatten(name, gradients, { differentiable: true, name: "gradients" });
  return flat.build<G>(flat.leaves.map((leaf) => clip(leaf, -limit, limit)));
}
