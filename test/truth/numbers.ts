import { type Tensor, tensor, tree, type Value } from "gradtape";
import { expect } from "vitest";
import { generator } from "../../src/testing/random";

export type FloatDtype = "float64" | "float32";

/** Random numbers that depend on a seed alone: a counterexample is its seed and its sizes. */
export class Numbers {
  readonly #dtype: FloatDtype;
  readonly #random: () => number;

  constructor(seed: number, dtype: FloatDtype = "float64") {
    this.#random = generator(seed);
    this.#dtype = dtype;
  }

  /** Uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.#random();
  }

  /** One of 0, 1, …, count - 1. */
  integer(count: number): number {
    return Math.floor(this.uniform(0, count));
  }

  list(length: number, low = -1, high = 1): number[] {
    return Array.from({ length }, () => this.uniform(low, high));
  }

  rows(count: number, length: number, low = -1, high = 1): number[][] {
    return Array.from({ length: count }, () => this.list(length, low, high));
  }

  tensor(shape: readonly number[], low = -1, high = 1): Tensor {
    return tensor(this.list(size(shape), low, high), { shape, dtype: this.#dtype });
  }
}

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** The numbers of a value, row-major. */
export const dataOf = (value: Value): number[] =>
  typeof value === "number" ? [value] : Array.from<number>(value.data);

const shapeOf = (value: Value): readonly number[] => (typeof value === "number" ? [] : value.shape);

/** The largest magnitude among all the numbers of a tree; 0 for an empty one. */
export function largest(params: unknown): number {
  const magnitudes = tree.leaves(params).flatMap(({ value }) => dataOf(value).map(Math.abs));
  return magnitudes.reduce((a, b) => Math.max(a, b), 0);
}

/** Euclidean norm. */
export const normOf = (numbers: readonly number[]): number => Math.hypot(...numbers);

/** |got - want| / |want|, of two leaves as vectors. */
export function relativeError(got: Value, want: Value): number {
  const wanted = dataOf(want);
  return normOf(dataOf(got).map((x, i) => x - wanted[i])) / normOf(wanted);
}

/** The relative error of each leaf, by its path. */
export function relativeErrors(got: unknown, want: unknown): Map<string, number> {
  const wanted = tree.leaves(want);
  return new Map(tree.leaves(got).map(({ path, value }, i) => [path, relativeError(value, wanted[i]?.value)]));
}

/**
 * Fails unless two trees have the same paths and shapes and numbers that differ by at most `tolerance * scale`.
 * `scale` is the size of what was added up to get them: a sum that cancels is no more exact than its terms.
 */
export function expectSameTree(got: unknown, want: unknown, tolerance: number, scale = 1 + largest(want)): void {
  const [gotLeaves, wantLeaves] = [tree.leaves(got), tree.leaves(want)];
  expect(gotLeaves.map(({ path }) => path)).toEqual(wantLeaves.map(({ path }) => path));
  for (const [i, { path, value }] of gotLeaves.entries()) {
    const wanted = wantLeaves[i]?.value;
    expect(shapeOf(value), `shape of ${path}`).toEqual(shapeOf(wanted));
    const [a, b] = [dataOf(value), dataOf(wanted)];
    const far = a.filter((x, j) => !(Math.abs(x - b[j]) <= tolerance * scale));
    expect(far.length, `${path}: got ${a}, want ${b}, scale ${scale}`).toBe(0);
  }
}
