import { allocateFloat64 } from "./allocate";
import { describe, fail } from "./errors";
import { sizeOf } from "./shape";

/** Deeper nesting is a mistake, or an array that contains itself. */
const MAX_RANK = 32;

/** A place in nested arrays, as data[0][2]. */
const pathOf = (name: string, position: readonly number[]): string => name + position.map((i) => `[${i}]`).join("");

/**
 * Shape and elements of nested arrays, which a message calls `name`. `leaf` gives the number that an element stands for, and
 * throws for what is none, with the path that it is given.
 */
export function readNested(
  where: string,
  name: string,
  nested: readonly unknown[],
  leaf: (x: unknown, path: () => string) => number,
): { readonly shape: readonly number[]; readonly numbers: Float64Array } {
  const shape: number[] = [];
  for (let node: unknown = nested; Array.isArray(node); node = node[0]) {
    shape.push(node.length);
    if (shape.length > MAX_RANK) {
      fail(
        "tensor/data",
        `${where}: ${name} must be nested at most ${MAX_RANK} deep.`,
        { limit: MAX_RANK },
        "Give a flat array, and reshape it.",
      );
    }
  }
  const numbers = allocateFloat64(sizeOf(shape));
  const position = new Array<number>(shape.length).fill(0);
  const path = (): string => pathOf(name, position);
  let at = 0;
  const walk = (node: unknown, axis: number): void => {
    if (axis === shape.length && !Array.isArray(node)) {
      numbers[at++] = leaf(node, path);
      return;
    }
    if (!Array.isArray(node) || node.length !== shape[axis]) {
      const what = Array.isArray(node) ? `has length ${node.length}` : `is ${describe(node)}`;
      const wanted = shape[axis];
      const place = pathOf(name, position.slice(0, axis));
      const first = pathOf(name, new Array<number>(axis).fill(0));
      fail(
        "tensor/ragged",
        `${where}: ${place} ${what}, but ${first} ${wanted === undefined ? "is no array" : `has length ${wanted}`}.`,
        { path: place, wanted },
        "Give all arrays at one depth the same length.",
      );
    }
    for (let i = 0; i < node.length; i++) {
      position[axis] = i;
      walk(node[i], axis + 1);
    }
  };
  walk(nested, 0);
  return { shape, numbers };
}
