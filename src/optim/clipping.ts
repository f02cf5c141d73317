import { checkNumber } from "../base/options";
import type { Value } from "../core/tensor/tensor";
import { flatten, type Leaf } from "../core/tensor/tree";
import { clip } from "../ops/elementwise/activation";
import { abs, div, minimum, mul } from "../ops/elementwise/arithmetic";
import { hypot } from "../ops/elementwise/exponential";
import { norm } from "../ops/reduce/statistics";
import { besideParameter } from "./beside-parameter";

const lengthOf = (leaf: Leaf): Value => (typeof leaf === "number" ? abs(leaf) : norm(leaf));

const lengthOfAll = (leaves: readonly Leaf[]): Value => leaves.map(lengthOf).reduce<Value>((a, b) => hypot(a, b), 0);

/**
 * The length of a whole tree, as of one long vector.
 *
 * Shape: `tree -> F[]`; a number if all leaves are numbers.
 * @param gradients - a tree of numbers and float tensors
 * @returns the root of the sum of all squares
 * @throws GradtapeError `tree/leaf`
 * @example
 * ```ts
 * import { tensor } from "gradtape";
 * import { globalNorm } from "gradtape/optim";
 * globalNorm({ w: tensor([2, 3]), b: 6 }); // => 7
 * ```
 */
export function globalNorm(gradients: unknown): Value {
  return lengthOfAll(flatten("globalNorm", gradients, { differentiable: true, name: "gradients" }).leaves);
}

/**
 * Gradients made shorter, all by one factor, where together they are longer than allowed.
 *
 * Shape: that of the tree.
 *
 * Each leaf times `min(1, maxNorm / norm)`, norm being the {@link globalNorm}; no epsilon is added, so gradients that
 * are short enough come out unchanged. A NaN in one leaf makes all NaN.
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
  const name = "clipByGlobalNorm";
  checkNumber(name, "maxNorm", maxNorm, Number.MIN_VALUE, Infinity);
  const flat = flatten(name, gradients, { differentiable: true, name: "gradients" });
  const factor = minimum(1, div(maxNorm, lengthOfAll(flat.leaves)));
  return flat.build<G>(flat.leaves.map((leaf) => besideParameter(leaf, mul(leaf, factor))));
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
  const name = "clipByValue";
  checkNumber(name, "limit", limit, 0, Infinity);
  const flat = flatten(name, gradients, { differentiable: true, name: "gradients" });
  return flat.build<G>(flat.leaves.map((leaf) => clip(leaf, -limit, limit)));
}
