/**
 * Trees of parameters: plain objects and arrays, nested, with numbers and tensors at the ends.
 *
 * @module
 */
import { checkFunction } from "../base/options";
import { isSymbolic } from "../core/tensor/handle";
import type { Tensor, Value } from "../core/tensor/tensor";
import { isHandle, toHandle } from "../core/tensor/tensor-argument";
import { flatten, type Leaf, matching } from "../core/tensor/tree";
import type { Leaves } from "../core/tensor/tree-types";

/**
 * A tree of the same structure, made by a function of each leaf.
 *
 * Shape: leaves come as tensors, a number as a 0-d one. Where the tree has a number, a 0-d result comes back as a
 * number (unless it is on the tape or symbolic: then it stays a tensor).
 *
 * @param f - what to do with a leaf
 * @param params - plain objects and arrays, nested, with numbers and tensors at the ends
 * @returns a tree of what f returned
 * @throws GradtapeError `tree/leaf` with the path of what is no leaf
 * @example
 * ```ts
 * import { tensor, tree } from "gradtape";
 * tree.map((p) => p.size, { w: tensor([1, 2]), b: 3 }); // => { w: 2, b: 1 }
 * ```
 */
export function map<P, R>(f: (leaf: Tensor) => R, params: P): Leaves<P, R>;
/**
 * A tree of the same structure, made by a function of the leaves that stand at one place of several trees.
 *
 * @param f - what to do with the leaves of all trees at one place
 * @param params - plain objects and arrays, nested, with numbers and tensors at the ends
 * @param others - trees of the same structure
 * @returns a tree of what f returned
 * @throws GradtapeError `tree/mismatch` with the path where the trees differ; `tree/leaf` with the path of what is no
 * leaf
 * @example
 * ```ts
 * import { mul, sub, tensor, tree } from "gradtape";
 * const params = { w: tensor([1, 2]), b: 3 };
 * const gradients = { w: tensor([10, 20]), b: 30 };
 * tree.map((p, g) => sub(p, mul(0.1, g)), params, gradients).b; // => 0
 * ```
 */
export function map<P>(
  f: (leaf: Tensor, ...others: Tensor[]) => Value,
  params: P,
  ...others: readonly Leaves<P, Value>[]
): P;
export function map(
  f: (leaf: Tensor, ...others: Tensor[]) => unknown,
  params: unknown,
  ...others: readonly unknown[]
): unknown {
  const where = "tree.map";
  checkFunction(where, f);
  const flat = flatten(where, params);
  const rows: Leaf[][] = others.map((other, i) =>
    matching(where, flat, other, others.length === 1 ? "others" : `others[${i}]`),
  );
  return flat.build(
    flat.leaves.map((leaf, k) => {
      const result = f(toHandle(where, leaf), ...rows.map((row) => toHandle(where, row[k])));
      if (typeof leaf === "object" || !isHandle(where, result)) return result;
      if (result.rank > 0 || result.watched || isSymbolic(result)) return result;
      return result.dtype === "bool" ? result.item() !== 0 : result.item();
    }),
  );
}

/**
 * The leaves of a tree with their paths, in insertion order.
 *
 * @typeParam L - what the leaves are, if there are booleans among them: `tree.leaves<number | boolean | Tensor>(params)`
 * @param params - plain objects and arrays, nested, with numbers, booleans and tensors at the ends
 * @returns path and value of each leaf; the path of a tree that is a single leaf is ""
 * @throws GradtapeError `tree/leaf` with the path of what is no leaf
 * @example
 * ```ts
 * import { tree } from "gradtape";
 * tree.leaves({ layers: [{ w: 1 }, { w: 2 }] })[1]; // => { path: "layers[1].w", value: 2 }
 * ```
 */
export function leaves<L extends Value | boolean = Value>(
  params: unknown,
): {
  /** Where it stands: "layers[1].w". */
  readonly path: string;
  /** The leaf. */
  readonly value: L;
}[];
export function leaves(params: unknown): { readonly path: string; readonly value: Value | boolean }[] {
  const flat = flatten("tree.leaves", params);
  return flat.leaves.map((value, i) => ({ path: flat.paths[i], value }));
}
