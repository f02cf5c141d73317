import { Handle, isSymbolic, isWeak, zeroLike } from "../tensor/handle";
import type { Flat, FloatLeaf, Leaf } from "../tensor/tree";
import { asHandle } from "../tensor/value";
import { withStrength } from "./leaf";

/**
 * x as the user gets it in the place of a leaf: a number for a number and a boolean for a boolean, unless another transform
 * observes it. What stands for a plain number stays weak, and a tensor strong.
 */
export function asLeaf(leaf: FloatLeaf, x: Handle): FloatLeaf;
export function asLeaf(leaf: Leaf, x: Handle): Leaf;
export function asLeaf(leaf: Leaf, x: Handle): Leaf {
  const weak = !(leaf instanceof Handle) || isWeak(leaf);
  if (weak && x.strand === null && x.shape.length === 0 && !isSymbolic(x)) {
    if (x.dtype === "float64") return x.item();
    if (x.dtype === "bool") return x.item() !== 0;
  }
  return withStrength(x, weak);
}

/** The cotangents of leaves as a tree; zeros where nothing arrived. */
export function gradientTree<T>(flat: Flat, bars: readonly (Handle | null)[]): T {
  return flat.build<T>(
    flat.leaves.map((leaf, k) => {
      const bar = bars[k];
      if (!(leaf instanceof Handle)) return bar === null ? 0 : asLeaf(leaf, bar);
      return bar === null ? zeroOf(leaf) : isWeak(leaf) ? asLeaf(leaf, bar) : withStrength(bar, false);
    }),
  );
}

/** Zero for a leaf that nothing arrived at. */
const zeroOf = (leaf: Handle): number | Handle => (isWeak(leaf) ? 0 : zeroLike(leaf));

/** The symbols that a body is traced on, but for booleans that are known: an `if` on them is right as it stands. */
export const besideBooleans = (leaves: readonly Leaf[], symbols: readonly Handle[]): (boolean | Handle)[] =>
  symbols.map((symbol, k) => {
    const leaf = leaves[k];
    return typeof leaf === "boolean" ? leaf : symbol;
  });

/** The leaves as tensors. */
export const handlesOf = (leaves: readonly Leaf[]): Handle[] => leaves.map((leaf) => asHandle(leaf));
