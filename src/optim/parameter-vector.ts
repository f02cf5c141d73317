import { sizeOf } from "../base/shape";
import { asLeaf, handlesOf } from "../core/op/leaves";
import { castTo, reshapeTo } from "../core/op/sweep-ops";
import { type Handle, makeScalar, makeTensor } from "../core/tensor/handle";
import { flatten, matching } from "../core/tensor/tree";
import { slice } from "../ops/movement/slicing";

/** A tree of parameters as one vector, and back. */
export interface ParameterVector<P> {
  /** The elements of the tree, in order. */
  readonly start: Float64Array;
  /** The tree of a vector: plain tensors, numbers where the tree has numbers. */
  treeOf(x: Float64Array): P;
  /** The tree of a 1-d tensor, made by ops: derivatives by the tree are derivatives by the vector. */
  onTape(x: Handle): P;
  /** The elements of a tree of the same structure. */
  numbersOf(tree: unknown): Float64Array;
}

/** Reads a tree. `where` names the caller in errors. */
export function parameterVector<P>(where: string, params: P): ParameterVector<P> {
  const flat = flatten(where, params, { differentiable: true });
  const leaves = handlesOf(flat.leaves);
  const ends: number[] = [];
  for (const leaf of leaves) ends.push((ends.at(-1) ?? 0) + sizeOf(leaf.shape));
  const size = ends.at(-1) ?? 0;
  const startOf = (k: number): number => (k === 0 ? 0 : ends[k - 1]);

  const numbersOf = (tree: unknown): Float64Array => {
    const numbers = new Float64Array(size);
    handlesOf(matching(where, flat, tree)).forEach((leaf, k) => {
      numbers.set(leaf.data, startOf(k));
    });
    return numbers;
  };
  const treeOf = (x: Float64Array): P =>
    flat.build<P>(
      leaves.map(({ shape, dtype }, k) => {
        const part = x.slice(startOf(k), ends[k]);
        const leaf = shape.length === 0 ? makeScalar(part[0]) : makeTensor(shape, "float64", part);
        return asLeaf(flat.leaves[k], castTo(leaf, dtype));
      }),
    );
  const onTape = (x: Handle): P =>
    flat.build<P>(
      leaves.map(({ shape, dtype }, k) => {
        const part = slice(x, [{ start: startOf(k), stop: ends[k] }]) as Handle;
        return castTo(reshapeTo(part, shape), dtype);
      }),
    );
  return { start: numbersOf(params), treeOf, onTape, numbersOf };
}
