import { tree } from "gradtape";

/** All numbers of a tree, in order. */
export const numbersOf = (params: unknown): number[] =>
  tree.leaves(params).flatMap(({ value }) => (typeof value === "number" ? [value] : Array.from(value.data)));
