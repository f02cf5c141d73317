// Random maps from trees to trees of any shapes, for the laws of Jacobians and loops. A recipe is plain data.
import fc from "fast-check";
import {
  add,
  cast,
  concat,
  matmul,
  mul,
  reshape,
  sigmoid,
  sin,
  square,
  stack,
  sum,
  type Tensor,
  tanh,
  tree,
  type Value,
} from "gradtape";
import { type FloatDtype, Numbers } from "../truth/numbers";

/** Shapes of the leaves on one side; null is a plain number. */
export type Leaf = readonly number[] | null;
export interface MapRecipe {
  readonly inputs: readonly Leaf[];
  readonly outputs: readonly (readonly number[])[];
  readonly form: "bare" | "array" | "object" | "nested";
  readonly dtype: FloatDtype;
  readonly seed: number;
}

const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });

export const mapRecipes: fc.Arbitrary<MapRecipe> = fc.record({
  inputs: fc.array(fc.oneof({ weight: 4, arbitrary: shapes }, { weight: 1, arbitrary: fc.constant(null) }), {
    minLength: 1,
    maxLength: 3,
  }),
  outputs: fc.array(shapes, { minLength: 1, maxLength: 3 }),
  form: fc.constantFrom("bare", "array", "object", "nested"),
  dtype: fc.constantFrom<FloatDtype>("float64", "float64", "float32"),
  seed: fc.integer(),
});

function packed(leaves: readonly Value[], form: MapRecipe["form"]): unknown {
  const [first] = leaves;
  if (form === "bare" && leaves.length === 1 && first !== undefined) return first;
  if (form === "object") return Object.fromEntries(leaves.map((x, k) => [`leaf${k}`, x]));
  if (form === "nested") return { deep: [{ inner: leaves }], none: [] };
  return leaves;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);

export interface TreeMap {
  readonly x: unknown;
  readonly f: (x: unknown) => unknown;
  /** A tree like x with other numbers. */
  readonly direction: unknown;
  /** A tree like the result with other numbers. */
  readonly cotangent: unknown;
}

/** The map of a recipe: everything depends on everything, but for the last output, which is of the first input only. */
export function mapOf({ inputs, outputs, form, dtype, seed }: MapRecipe): TreeMap {
  const numbers = new Numbers(seed, dtype);
  const draw = (leaf: Leaf): Value => (leaf === null ? numbers.uniform(-1, 1) : numbers.tensor(leaf));
  const n = inputs.reduce((total, leaf) => total + sizeOf(leaf ?? []), 0);
  const width = 4;
  const [first, second] = [numbers.tensor([width, n]), numbers.tensor([width, width])];
  const heads = outputs.map((shape) => numbers.tensor([sizeOf(shape), width]));
  const own = numbers.tensor(outputs.at(-1) ?? []);
  const flat = (x: Value): Tensor => cast(typeof x === "number" ? stack([x]) : reshape(x, [-1]), dtype);
  const f = (x: unknown): unknown => {
    const leaves = tree.leaves(x).map(({ value }) => flat(value));
    const hidden = tanh(matmul(first, concat(leaves)));
    const mixed = add(sin(matmul(second, hidden)), mul(0.5, square(sigmoid(hidden))));
    const ys = heads.map((head, k) => reshape(matmul(head, mixed), outputs[k] ?? []));
    if (ys.length > 1) ys[ys.length - 1] = mul(sum(square(leaves[0])), own);
    return packed(ys, form);
  };
  return {
    x: packed(inputs.map(draw), form),
    f,
    direction: packed(inputs.map(draw), form),
    cotangent: packed(outputs.map(draw), form),
  };
}
