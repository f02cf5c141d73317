import { mapTensors } from "../../src/core/tensor/tree";

/** Tensors of any tree as numbers and arrays, for comparisons. */
export const plain = (tree: unknown): unknown => mapTensors(tree, (x) => x.toArray() as never);
