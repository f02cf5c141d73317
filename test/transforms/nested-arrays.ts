import { mapTensors } from "../../src/core/tensor/tree";
import { untyped } from "../support";

/** Tensors of any tree as numbers and arrays, for comparisons. */
export const nestedArrays = (tree: unknown): unknown => mapTensors(tree, (x) => untyped(x.toArray()));
