// Random models for the property tests. A recipe is plain data (sizes, names and a seed), so a counterexample can be read.
import fc from "fast-check";
import { add, matmul, type Scalar, type Tensor, tensor } from "gradtape";
import { drawKnobs, losses } from "./losses";
import { type FloatDtype, Numbers } from "./numbers";
import { type Sample, steps, TOKENS, type Tree } from "./steps";

export interface Recipe {
  /** Length of a sample's vector, and of the model's output. */
  readonly inputs: number;
  readonly outputs: number;
  /** Names of steps, each with the way its parameters are packed. */
  readonly steps: readonly (readonly [name: string, packing: number])[];
  readonly batchSize: number;
  readonly dtype: FloatDtype;
  readonly seed: number;
}

/** One layer per step, each nested in its own way, then an affine one. */
export interface Params {
  readonly layers: readonly unknown[];
  readonly head: { readonly w: Tensor; readonly b: Tensor };
}

/** A model of one sample, with its parameters and a batch for it. */
export interface Model {
  readonly params: Params;
  readonly samples: readonly Sample[];
  readonly batch: Sample;
  cost(params: Params, sample: Sample): Scalar;
}

type Packing = readonly [pack: (inner: Tree) => Tree, unpack: (outer: never) => Tree];
const packing = <Outer extends Tree>(pack: (inner: Tree) => Outer, unpack: (outer: Outer) => Tree): Packing => [
  pack,
  unpack,
];

/** Ways to nest parameters. */
const packings: readonly Packing[] = [
  packing(
    (inner) => inner,
    (outer) => outer,
  ),
  packing(
    (inner) => ({ inner }),
    (outer) => outer.inner,
  ),
  packing(
    (inner) => [inner, 0],
    (outer) => outer[0],
  ),
  packing(
    (inner) => ({ deep: [{ inner }], unused: 1 }),
    (outer) => outer.deep[0]?.inner,
  ),
];

const recipeWith = (names: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<Recipe> =>
  fc.record({
    inputs: fc.integer({ min: 2, max: 5 }),
    outputs: fc.integer({ min: 2, max: 4 }),
    steps: fc.array(fc.tuple(names, fc.nat(packings.length - 1)), { minLength: 1, maxLength }),
    batchSize: fc.integer({ min: 1, max: 33 }),
    dtype: fc.constantFrom<FloatDtype>("float64", "float32"),
    seed: fc.integer(),
  });

/** Recipes of up to six steps. */
export const recipes = recipeWith(fc.constantFrom(...Object.keys(steps)), 6);

/** Recipes of the one step called `name`. */
export const recipesOf = (name: string) => recipeWith(fc.constant(name), 1);

/** Builds the model of a recipe, ending in an affine layer and the loss called `lossName`. */
export function build(recipe: Recipe, lossName: string): Model {
  const { inputs, outputs, batchSize, dtype } = recipe;
  const numbers = new Numbers(recipe.seed, dtype);
  const lossCase = losses[lossName];
  if (lossCase === undefined) throw new Error(`no loss "${lossName}"`);
  const chosen = recipe.steps.map(([name, form]) => {
    const [step, [pack, unpack]] = [steps[name], packings[form]];
    if (step === undefined) throw new Error(`no step "${name}"`);
    return { step, pack, unpack: unpack as (outer: Tree) => Tree };
  });

  const params: Params = {
    layers: chosen.map(({ step, pack }) => pack(step.params(numbers, inputs))),
    head: { w: numbers.tensor([inputs, outputs]), b: numbers.tensor([outputs]) },
  };
  const knobs = drawKnobs(numbers, outputs);
  const cost = ({ layers, head }: Params, sample: Sample): Scalar => {
    const last = chosen.reduce((h, { step, unpack }, i) => step.apply(h, unpack(layers[i] as Tree), sample), sample.x);
    return lossCase.cost(add(matmul(last, head.w), head.b), sample.target, knobs);
  };

  const rows = Array.from({ length: batchSize }, () => ({
    x: numbers.list(inputs, -2, 2),
    scale: numbers.uniform(-1, 1),
    token: numbers.integer(TOKENS),
    target: lossCase.target(numbers, outputs),
  }));
  const isClass = rows.every(({ target }) => typeof target === "number");
  const pack = (
    x: number | number[] | number[][],
    scale: number | number[],
    token: number | number[],
    target: Row,
  ): Sample => ({
    x: tensor(x, { dtype }),
    scale: tensor(scale, { dtype }),
    token: tensor(token, { dtype: "int32" }),
    target: tensor(target, { dtype: isClass ? "int32" : dtype }),
  });
  return {
    params,
    samples: rows.map(({ x, scale, token, target }) => pack(x, scale, token, target)),
    batch: pack(
      rows.map(({ x }) => x),
      rows.map(({ scale }) => scale),
      rows.map(({ token }) => token),
      rows.map(({ target }) => target) as Row,
    ),
    cost,
  };
}

type Row = number | number[] | number[][];

/** Samples `start` to `stop` of a batch. */
export function rowsOf({ batch }: Model, start: number, stop: number): Sample {
  const part = (x: Tensor) => x.slice([{ start, stop }]);
  return { x: part(batch.x), scale: part(batch.scale), token: part(batch.token), target: part(batch.target) };
}
