import { type Handle, isWeak, makeScalar, zeroLike } from "../tensor/handle";
import type { Flat } from "../tensor/tree";
import { withStrength } from "./leaf";

/**
 * x as the user gets it in the place of a leaf: a number for a number, unless another transform observes it. What stands for
 * a plain number stays weak, and a tensor strong.
 */
export function asLeaf(leaf: number | Handle, x: Handle): number | Handle {
  const weak = typeof leaf === "number" || isWeak(leaf);
  if (weak && x.strand === null && x.body === null) return x.value;
  return withStrength(x, weak);
}

/** The cotangents of leaves as a tree; zeros where nothing arrived. */
export function gradientTree<T>(flat: Flat, bars: readonly (Handle | null)[]): T {
  return flat.build<T>(
    flat.leaves.map((leaf, k) => {
      const bar = bars[k];
      if (typeof leaf === "number") return bar === null ? 0 : asLeaf(leaf, bar);
      return bar === null ? zeroOf(leaf) : isWeak(leaf) ? asLeaf(leaf, bar) : withStrength(bar, false);
    }),
  );
}

/** Zero for a leaf that nothing arrived at. */
const zeroOf = (leaf: Handle): number | Handle => (isWeak(leaf) ? 0 : zeroLike(leaf));

/** The leaves as tensors. */
export const handlesOf = (leaves: readonly (number | Handle)[]): Handle[] =>
  leaves.map((leaf) => (typeof leaf === "number" ? makeScalar(leaf) : leaf));
