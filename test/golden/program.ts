import { mul, sub, sum, type Tensor, tree, type Value } from "gradtape";
import { expect } from "vitest";
import { untyped } from "../support";
import { decode, type Encoded, expectGolden, readGolden } from "./fixture";

/** A number, an array, or a tree of them by name. */
export type Expected = Encoded | number | { readonly [name: string]: Expected };
interface Program {
  readonly id: string;
  readonly inputs: { readonly [name: string]: Encoded };
  readonly expected: { readonly [name: string]: Expected };
}

const programs = ["models", "more-models"].flatMap(
  (file) => readGolden<{ programs: readonly Program[] }>(file).programs,
);

export interface LoadedProgram {
  input(name: string): Tensor;
  /** What stands at a path such as "averaged_first.grad". */
  expected(path: string): Expected;
}

/** A program of models.json or more-models.json by its id. */
export function load(id: string): LoadedProgram {
  const program = programs.find((entry) => entry.id === id);
  if (program === undefined) throw new Error(`no program "${id}"`);
  return {
    input: (name) => decode(program.inputs[name]),
    expected: (path) =>
      path.split(".").reduce<Expected>((at, name) => (at as { [name: string]: Expected })[name], program.expected),
  };
}

const isLeaf = (x: Expected): x is Encoded | number => typeof x === "number" || "data" in x;

/** Compares a value, or a whole tree of them name by name. */
export function expectAll(got: unknown, want: Expected, name: string): void {
  if (isLeaf(want)) {
    expectGolden(got as Value, want, name);
    return;
  }
  expect(Object.keys(got as object).sort(), `names of ${name}`).toEqual(Object.keys(want).sort());
  for (const [key, inner] of Object.entries(want))
    expectAll((got as { [key: string]: unknown })[key], inner, `${name}.${key}`);
}

/** Inner product of two trees of the same shape, as one number. */
function inner(a: unknown, b: unknown): number {
  const others = tree.leaves(b);
  return tree.leaves(a).reduce((total, { value }, i) => {
    const product = sum(mul(value, others[i]?.value as Tensor));
    return total + (typeof product === "number" ? product : product.item());
  }, 0);
}

/** Checks cosine and relative error of a wrong gradient against a right one, over all parameters together. */
export function expectComparison<P>(wrong: P, right: P, want: Expected): void {
  const { cosine_with_true, relative_error } = want as { readonly [name: string]: Expected };
  const difference = tree.map((a, b) => sub(a, b), wrong, untyped(right));
  const cosine = inner(wrong, right) / Math.sqrt(inner(wrong, wrong) * inner(right, right));
  expectAll(cosine, cosine_with_true as number, "cosine");
  expectAll(Math.sqrt(inner(difference, difference) / inner(right, right)), relative_error as number, "relative error");
}
