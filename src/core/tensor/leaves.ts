import { type Handle, makeScalar, zeroLike } from "./handle";
import type { Flat } from "./tree";

/** A gradient leaf as the user gets it: a number for a number, unless another transform observes it. */
export function asLeaf(leaf: number | Handle, x: Handle): number | Handle {
  return typeof leaf === "number" && x.strand === null && x.body === null ? x.value : x;
}

/** The cotangents of leaves as a tree; zeros where nothing arrived. */
export function gradientTree<T>(flat: Flat, bars: readonly (Handle | null)[]): T {
  return flat.build<T>(
    flat.leaves.map((leaf, k) => {
      const bar = bars[k];
      if (typeof leaf === "number") return bar === null ? 0 : asLeaf(leaf, bar);
      return bar ?? zeroLike(leaf);
    }),
  );
}

/** The leaves as tensors. */
export const handlesOf = (leaves: readonly (number | Handle)[]): Handle[] =>
  leaves.map((leaf) => (typeof leaf === "number" ? makeScalar(leaf) : leaf));
