// Random models for laws of batchGrad. A recipe is plain data, so a counterexample can be read and built again.
import fc from "fast-check";
import { tree } from "gradtape";
import type { FloatDtype } from "../truth/numbers";
import { contractionFamilies } from "./families/contraction";
import { convolutionFamilies } from "./families/convolution";
import { denseFamilies } from "./families/dense";
import { Draw, type Family, type Problem, type Sample } from "./families/draw";
import { lookupFamilies } from "./families/lookup";
import { ownFamilies } from "./families/own-ops";
import { sequenceFamilies } from "./families/sequence";
import { steeredFamilies } from "./families/steered";

export const families: Readonly<Record<string, Family>> = {
  ...denseFamilies,
  ...convolutionFamilies,
  ...lookupFamilies,
  ...sequenceFamilies,
  ...contractionFamilies,
  ...steeredFamilies,
  ...ownFamilies,
};

/** What a model is drawn from: the name of its family, its sizes, and a seed for its numbers and lesser choices. */
export interface Recipe {
  readonly family: string;
  readonly sizes: readonly [n: number, m: number, positions: number];
  readonly batchSize: number;
  readonly dtype: FloatDtype;
  readonly seed: number;
}

/** A model, with its samples one by one. */
export interface Model extends Problem {
  readonly name: string;
  readonly samples: readonly Sample[];
}

const size = fc.integer({ min: 1, max: 5 });

/** Recipes of a family, or of any. */
export const recipes = (
  family: fc.Arbitrary<string> = fc.constantFrom(...Object.keys(families)),
  dtype: fc.Arbitrary<FloatDtype> = fc.constantFrom<FloatDtype>("float64", "float64", "float32"),
): fc.Arbitrary<Recipe> =>
  fc.record({
    family,
    sizes: fc.tuple(size, size, size),
    batchSize: fc.integer({ min: 1, max: 6 }),
    dtype,
    seed: fc.integer(),
  });

/** Builds the model of a recipe. */
export function build({ family, sizes, batchSize, dtype, seed }: Recipe): Model {
  const draw = families[family];
  if (draw === undefined) throw new Error(`no family "${family}"`);
  return modelOf(family, draw(new Draw(sizes, batchSize, dtype, seed)), batchSize);
}

/** A problem with its samples taken apart. */
export const modelOf = (name: string, problem: Problem, batchSize: number): Model => ({
  ...problem,
  name,
  samples: Array.from({ length: batchSize }, (_, i) => tree.map((x) => x.at(i), problem.batch)),
});
