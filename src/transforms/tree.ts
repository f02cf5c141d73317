/**
 * Trees of parameters: plain objects and arrays, nested, with numbers and tensors at the ends.
 *
 * @module
 */

import { describe, fail, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkFunction, checkOptions } from "../base/options";
import { checkAxis, sameShape } from "../base/shape";
import { asLeaf, handlesOf } from "../core/op/leaves";
import { castTo, dtypeOfAll, reshapeTo } from "../core/op/sweep-ops";
import { isSymbolic, makeFilled } from "../core/tensor/handle";
import type { AxisOption, Tensor, Value } from "../core/tensor/tensor";
import { isHandle, toHandle } from "../core/tensor/tensor-argument";
import { flatten, type Leaf, matching, placeIn } from "../core/tensor/tree";
import type { Leaves } from "../core/tensor/tree-types";
import { dtypeOf } from "../core/tensor/value";
import { concat, stack as stackOf } from "../ops/movement/concat-stack";
import { stridedSlice, windowAlong } from "../ops/movement/strided-window";

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
  refuseExtra("tree.leaves", "params", 1, arguments);
  const flat = flatten("tree.leaves", params);
  return flat.leaves.map((value, i) => ({ path: flat.paths[i], value }));
}

/**
 * The paths of the leaves of a tree, in insertion order: those of {@link leaves}, {@link ravel} and {@link reduce}.
 *
 * @param params - plain objects and arrays, nested, with numbers, booleans and tensors at the ends
 * @returns the path of each leaf; that of a tree that is a single leaf is ""
 * @throws GradtapeError `tree/leaf` with the path of what is no leaf
 * @example
 * ```ts
 * import { tree } from "gradtape";
 * tree.paths({ layers: [{ w: 1 }, { w: 2 }], b: 3 }); // => ["layers[0].w", "layers[1].w", "b"]
 * ```
 */
export function paths(params: unknown): string[] {
  refuseExtra("tree.paths", "params", 1, arguments);
  return [...flatten("tree.paths", params).paths];
}

/**
 * All numbers of a tree as one vector, leaf after leaf in insertion order, each in row-major order. {@link unravel} makes the tree
 * again.
 *
 * Shape: leaves `T[...S]` of n numbers in all `-> T[n]`, of the dtype of all leaves together, float64 for int32 beside float32;
 * a plain number takes that of the tensors. The derivative puts each part of the cotangent where it came from.
 *
 * A tree without leaves gives an empty vector.
 * @param params - plain objects and arrays, nested, with numbers, booleans and tensors at the ends
 * @returns the vector
 * @throws GradtapeError `tree/leaf` with the path of what is no leaf
 * @example
 * ```ts
 * import { tensor, tree } from "gradtape";
 * tree.ravel({ w: tensor([[1, 2], [3, 4]]), b: 5 }); // => [1, 2, 3, 4, 5]
 * ```
 */
export function ravel(params: unknown): Tensor<readonly [number]>;
export function ravel(params: unknown): Tensor {
  refuseExtra("tree.ravel", "params", 1, arguments);
  const flat = flatten("tree.ravel", params);
  if (flat.leaves.length === 0) return makeFilled([0], "float64", 0);
  const all = dtypeOfAll(flat.leaves);
  // float32 does not hold every int32.
  const dtype = all === "float32" && flat.leaves.some((leaf) => dtypeOf(leaf) === "int32") ? "float64" : all;
  return concat(handlesOf(flat.leaves).map((leaf) => reshapeTo(castTo(leaf, dtype), [leaf.size])));
}

/**
 * A tree of a given structure from a vector of its numbers: what {@link ravel} took apart.
 *
 * Shape: `T[n] ->` leaves of the shapes and dtypes of those of `params`; where that has a number, a number (unless it is on the tape
 * or symbolic: then a 0-d tensor). The derivative puts the cotangents of the leaves one after the other.
 * @param vector - the numbers, in the order of {@link paths}
 * @param params - a tree that says what is made, of n numbers in all
 * @returns the tree
 * @throws GradtapeError `tree/mismatch` for a vector of another size; `tree/leaf` with the path of what is no leaf;
 *   `argument/tensor`
 * @example
 * ```ts
 * import { grad, square, sum, type Tensor, tensor, tree } from "gradtape";
 * const params = { w: tensor([1, 2]), b: 3 };
 * tree.unravel(tensor([10, 20, 30]), params).b; // => 30
 * const cost = (p: typeof params) => sum(square(tree.ravel(p)));
 * grad((x: Tensor) => cost(tree.unravel(x, params)))(tensor([1, 2, 3])); // => [2, 4, 6]
 * ```
 */
export function unravel<P>(vector: Tensor, params: P): P;
export function unravel(vector: Tensor, params: unknown): unknown {
  refuseExtra("tree.unravel", "vector, params", 2, arguments);
  const where = "tree.unravel";
  const from = toHandle(where, vector, "vector");
  const flat = flatten(where, params);
  const wanted = handlesOf(flat.leaves);
  const size = wanted.reduce((total, leaf) => total + leaf.size, 0);
  if (!sameShape(from.shape, [size])) {
    fail(
      "tree/mismatch",
      `${where}: vector must be a vector of ${size} elements, as many as the leaves of params have in all, got shape ${list(from.shape)}.`,
      { size, shape: from.shape },
      "tree.ravel makes such a vector.",
    );
  }
  let start = 0;
  const parts = wanted.map(({ shape, dtype, size: count }, k) => {
    const part = stridedSlice(from, windowAlong(from.shape, 0, start, count));
    start += count;
    return asLeaf(flat.leaves[k], castTo(reshapeTo(part, shape), dtype));
  });
  return flat.build(parts);
}

/**
 * Trees of one structure as a tree of stacked leaves: the leaves at each place become one tensor with a new axis. So the samples of
 * a batch, or the layers of a network for `scan`.
 *
 * Shape: each leaf `T[...S]` of n trees `-> T[n, ...S]`; numbers give vectors.
 * @param trees - trees of the same structure, at least one
 * @param options - axis: where the new axis stands in the leaves, default 0
 * @returns a tree of the stacked leaves
 * @throws GradtapeError `tree/mismatch` with the path where the trees, or the shapes of leaves, differ, or for no trees; `tree/leaf`;
 *   `axis/range`, `option/unknown`
 * @example
 * ```ts
 * import { tensor, tree } from "gradtape";
 * tree.stack([{ x: tensor([1, 2]), y: 3 }, { x: tensor([4, 5]), y: 6 }]).y; // => [3, 6]
 * ```
 */
export function stack<P>(trees: readonly P[], options?: AxisOption): Leaves<P, Tensor>;
export function stack(trees: readonly unknown[], options?: AxisOption): unknown {
  refuseExtra("tree.stack", "trees, options", 2, arguments);
  const where = "tree.stack";
  if (!Array.isArray(trees) || trees.length === 0) {
    return fail(
      "tree/mismatch",
      `${where}: trees must be an array of one tree or more, got ${describe(trees)}.`,
      { received: trees },
      "The structure of the result is that of the trees.",
    );
  }
  const flat = flatten(where, trees[0], { name: "trees[0]" });
  const rows = Array.from(trees, (tree, i) => (i === 0 ? flat.leaves : matching(where, flat, tree, `trees[${i}]`)));
  checkOptions(where, options, ["axis"]);
  const shapes = handlesOf(flat.leaves).map(({ shape }) => shape);
  rows.forEach((row, i) => {
    handlesOf(row).forEach(({ shape }, k) => {
      if (sameShape(shape, shapes[k])) return;
      const place = placeIn(`trees[${i}]`, flat.paths[k]);
      fail(
        "tree/mismatch",
        `${where}: the trees differ: ${place} has shape ${list(shape)} where the first has shape ${list(shapes[k])}.`,
        { path: place, shape, wanted: shapes[k] },
        "Leaves at one place must have one shape.",
      );
    });
  });
  const axes = shapes.map(({ length }) => checkAxis(where, options?.axis ?? 0, length + 1));
  return flat.build(
    axes.map((axis, k) =>
      stackOf(
        rows.map((row) => row[k]),
        { axis },
      ),
    ),
  );
}

/**
 * One result from all leaves of a tree, taken in insertion order: a sum, a largest number, a count.
 *
 * Shape: leaves come as tensors, a number as a 0-d one.
 * @param f - what to make of the result so far and a leaf
 * @param params - plain objects and arrays, nested, with numbers, booleans and tensors at the ends
 * @param initial - the result before the first leaf, and that of a tree without leaves
 * @returns the result after the last leaf
 * @throws GradtapeError `tree/leaf` with the path of what is no leaf
 * @example
 * ```ts
 * import { tensor, tree } from "gradtape";
 * tree.reduce((count, leaf) => count + leaf.size, { w: tensor([1, 2]), b: 3 }, 0); // => 3
 * ```
 */
export function reduce<R>(f: (result: R, leaf: Tensor) => R, params: unknown, initial: R): R {
  refuseExtra("tree.reduce", "f, params, initial", 3, arguments);
  const where = "tree.reduce";
  checkFunction(where, f);
  return flatten(where, params).leaves.reduce<R>((result, leaf) => f(result, toHandle(where, leaf)), initial);
}
export { fromTransferable, toTransferable } from "./transferable";
