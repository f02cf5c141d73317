// Every product against the gradient of each sample on its own, by a loop that does not know of batches: on random models,
// in chunks of random size, with samples that are not finite, and clipped between the norms of the samples.
import fc from "fast-check";
import {
  type BatchGradOptions,
  type batchGrad,
  GradtapeError,
  type PerSampleGradient,
  type Tensor,
  tensor,
  tree,
  valueOf,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { numbersOf } from "../core/sweep/programs";
import { integerFrom } from "../environment";
import { untyped } from "../support";
import { dataOf, Numbers } from "../truth/numbers";
import { builders } from "./builders";
import type { Params } from "./families/draw";
import { between, clip, flat, parts, type Rows, rowsOf, rowsOfBatch, squaredNorm, weightedSum, widths } from "./oracle";
import { build, families, type Model, modelOf, type Recipe, recipes } from "./random-models";

const RUNS = integerFrom("FAST_CHECK_RUNS") ?? integerFrom("LAW_RUNS") ?? 10;

/** What a loop over the samples says. */
interface Truth {
  readonly rows: Rows;
  readonly losses: readonly number[];
  /** Numbers of each parameter. */
  readonly sizes: readonly number[];
  /** The largest number of all rows, and what a product may differ by relative to it. */
  readonly largest: number;
  readonly tolerance: number;
}

/** Products, and what they are compared with; `divisor`: the samples that count. */
interface Case {
  readonly result: PerSampleGradient<Params>;
  readonly truth: Truth;
  readonly params: Params;
  readonly divisor: number;
  readonly random: Numbers;
}

const isSingle = (x: Tensor): boolean => x.dtype === "float32";

function truthOf({ loss, params, batch, samples }: Model): Truth {
  const rows = rowsOf(loss, params, samples);
  const single = [...Object.values(params), ...Object.values(batch)].some(isSingle);
  return {
    rows,
    losses: samples.map((sample) => valueOf(loss(params, sample))),
    sizes: widths(params),
    largest: largestOf(rows.flat()),
    tolerance: single ? 1e-5 : 1e-10,
  };
}

const largestOf = (numbers: readonly number[]): number =>
  numbers.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);

/** Fails unless the numbers agree, to the tolerance of what was added up for them. */
function expectClose(got: readonly number[], want: readonly number[], scale: number, what: string): void {
  expect(got.length, what).toBe(want.length);
  const far = got.flatMap((x, i) => (Math.abs(x - want[i]) <= scale || Object.is(x, want[i]) ? [] : [i]));
  expect(
    far.map((i) => `${i}: got ${got[i]}, want ${want[i]}`),
    `${what}, to ${scale}`,
  ).toEqual([]);
}

const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((x, i) => x * b[i]));
const ones = (rows: Rows): number[] => rows.map(() => 1);
const over = (xs: readonly number[], by: number): number[] => xs.map((x) => x / by);

const products: Readonly<Record<string, (c: Case) => void>> = {
  sums: ({ result, truth: { rows, largest, tolerance }, divisor, random }) => {
    const scale = tolerance * largest;
    const weights = random.list(rows.length, -1, 2);
    const total = sum(weights.map(Math.abs));
    expectClose(flat(result.mean()), over(weightedSum(rows, ones(rows)), divisor), scale, "mean");
    expectClose(flat(result.sum()), weightedSum(rows, ones(rows)), scale * rows.length, "sum");
    expectClose(flat(result.weightedSum(weights)), weightedSum(rows, weights), scale * total, "weightedSum");
    expectClose(flat(result.weightedSum(tensor(weights))), weightedSum(rows, weights), scale * total, "weightedSum");
  },

  norms: ({ result, params, truth: { rows, sizes, largest, tolerance } }) => {
    const squares = rows.map(squaredNorm);
    const [scale, scale2] = [largest, largest ** 2].map((x) => x * tolerance * Math.max(1, sum(sizes)));
    expectClose(numbersOf(result.squaredNorms()), squares, scale2, "squaredNorms");
    expectClose(numbersOf(result.norms()), squares.map(Math.sqrt), scale, "norms");
    const columns = sizes.flatMap((_, k) => rows.map((row) => squaredNorm(parts(row, sizes)[k])));
    expectClose(flat(result.squaredNorms({ perParameter: true })), columns, scale2, "squaredNorms of each parameter");
    expectClose(flat(result.norms({ perParameter: true })), columns.map(Math.sqrt), scale, "norms of each parameter");
    const paths = (x: unknown): string[] => tree.leaves(x).map(({ path }) => path);
    expect(paths(result.norms({ perParameter: true }))).toEqual(paths(params));
  },

  clipping: ({ result, truth: { rows, sizes, largest, tolerance }, divisor, random }) => {
    const weights = random.list(rows.length, -1, 2);
    const scale = tolerance * largest * (rows.length + sum(weights.map(Math.abs)));
    const bounds = between(rows.map((row) => Math.sqrt(squaredNorm(row))));
    for (const maxNorm of [bounds[random.integer(bounds.length)], Number.POSITIVE_INFINITY]) {
      const clipped = clip(rows, maxNorm, [sum(sizes)]);
      const what = `clipped by ${maxNorm}`;
      expectClose(flat(result.clippedSum(maxNorm)), weightedSum(clipped, ones(rows)), scale, what);
      expectClose(flat(result.clippedMean(maxNorm)), over(weightedSum(clipped, ones(rows)), divisor), scale, what);
      const weighted = weightedSum(clipped, weights);
      expectClose(flat(result.clippedSum(maxNorm, { weights })), weighted, scale, `${what}, weighted`);
      expectClose(flat(result.clippedMean(maxNorm, { weights })), over(weighted, divisor), scale, `${what}, weighted`);
    }
    const each = between(rows.flatMap((row) => parts(row, sizes).map((part) => Math.sqrt(squaredNorm(part)))));
    const maxNorm = each[random.integer(each.length)];
    const clipped = clip(rows, maxNorm, sizes);
    const what = `each parameter clipped by ${maxNorm}`;
    const perParameter = true;
    expectClose(flat(result.clippedSum(maxNorm, { perParameter })), weightedSum(clipped, ones(rows)), scale, what);
    expectClose(
      flat(result.clippedMean(maxNorm, { perParameter, weights })),
      over(weightedSum(clipped, weights), divisor),
      scale,
      `${what}, weighted`,
    );
  },

  moments: ({ result, truth: { rows, losses, largest, tolerance }, divisor }) => {
    const scale = tolerance * largest ** 2;
    // Dropped samples are rows of zeros; they do not count.
    const counted = rows.filter((_, i) => divisor === rows.length || Number.isFinite(losses[i]));
    const means = over(weightedSum(counted, ones(counted)), divisor);
    const spread = means.map((mean, j) => sum(counted.map((row) => (row[j] - mean) ** 2)));
    const seconds = means.map((_, j) => sum(counted.map((row) => row[j] ** 2)) / divisor);
    expectClose(flat(result.secondMoment()), seconds, scale, "secondMoment");
    for (const correction of [0, 0.5, 1].filter((x) => x < divisor)) {
      const wide = scale * Math.max(1, divisor / (divisor - correction));
      expectClose(flat(result.variance({ correction })), over(spread, divisor - correction), wide, "variance");
    }
    expectClose(flat(result.variance()), over(spread, divisor), scale, "variance");
  },

  gram: ({ result, truth: { rows, sizes, largest, tolerance } }) => {
    const scale = tolerance * largest ** 2 * Math.max(1, sum(sizes));
    const want = rows.flatMap((a) => rows.map((b) => dot(a, b)));
    expect(result.gram().shape).toEqual([rows.length, rows.length]);
    expectClose(numbersOf(result.gram()), want, scale, "gram");
  },

  projections: ({ result, params, truth: { rows, sizes, largest, tolerance }, random }) => {
    const scale = tolerance * largest * Math.max(1, sum(sizes));
    const directions = [0, 1, 2].map(() =>
      tree.map((x: Tensor) => tensor(random.list(x.size), { shape: x.shape, dtype: x.dtype }), params),
    );
    const along = directions.map((d) => rows.map((row) => dot(row, flat(d))));
    expectClose(numbersOf(result.project(untyped(directions[0]))), along[0], scale, "project");
    const several = result.project(untyped(directions));
    expect(several.shape).toEqual([rows.length, 3]);
    const want = rows.flatMap((_, i) => along.map((column) => column[i]));
    expectClose(numbersOf(several), want, scale, "project along several");
  },

  "rows and losses": ({ result, params, truth: { rows, losses, largest, tolerance } }) => {
    const scale = tolerance * largest;
    expectClose(numbersOf(result.losses()), losses, tolerance * Math.max(1, largestOf(losses)), "losses");
    expectClose(rowsOfBatch(result.materialize(), rows.length).flat(), rows.flat(), scale, "materialize");
    const buffers = tree.map(
      (x: Tensor) => untyped(new (isSingle(x) ? Float32Array : Float64Array)(rows.length * x.size)),
      params,
    );
    result.materializeInto(untyped(buffers));
    const tensors = Object.fromEntries(Object.entries(buffers).map(([name, data]) => [name, tensor(untyped(data))]));
    expectClose(rowsOfBatch(tensors, rows.length).flat(), rows.flat(), scale, "materializeInto");
  },
};

/** Options of batchGrad that change how much is done at a time, and not what comes out. */
interface Portion {
  readonly by: "all" | "chunk" | "memory";
  readonly samples: number;
}
const portions = fc.record({
  by: fc.constantFrom<Portion["by"]>("all", "chunk", "memory"),
  samples: fc.integer({ min: 1, max: 7 }),
});

function optionsOf(each: typeof batchGrad, { by, samples }: Portion, model: Model): BatchGradOptions {
  if (by !== "memory") return by === "all" ? {} : { chunk: samples };
  try {
    each(model.loss, { memory: 1 })(model.params, model.batch);
  } catch (error) {
    if (error instanceof GradtapeError) return { memory: samples * Number(error.facts.needed) };
  }
  return { memory: 1 };
}

describe.each(Object.entries(builders))("%s", (_, each) => {
  describe("gives what the loop gives", () => {
    test.each(Object.keys(families))("%s", (family) => {
      fc.assert(
        fc.property(
          recipes(fc.constant(family)),
          portions,
          fc.shuffledSubarray(Object.keys(products), { minLength: 2 }),
          (recipe, portion, asked) => {
            const { model, truth } = drawn(recipe);
            const result = each(model.loss, optionsOf(each, portion, model))(model.params, model.batch);
            const random = new Numbers(recipe.seed);
            // One object for all that is asked, in any order: what is computed first changes nothing.
            for (const name of asked) {
              products[name]?.({ result, truth, params: model.params, divisor: truth.rows.length, random });
            }
          },
        ),
        { numRuns: RUNS },
      );
    });
  });

  describe("with a sample that is not finite", () => {
    const bad = fc.record({
      sample: fc.nat(5),
      place: fc.nat(),
      value: fc.constantFrom(Number.NaN, Infinity, -Infinity),
    });

    test("drop leaves it out", () => {
      fc.assert(
        fc.property(recipes(), portions, bad, (recipe, portion, fault) => {
          const { model, truth } = drawn(recipe, fault);
          const { rows, losses } = truth;
          const finite = rows.map((row, i) => [losses[i], ...row].every(Number.isFinite));
          fc.pre(finite.includes(true));
          const options = { ...optionsOf(each, portion, model), nonFinite: "drop" as const };
          const result = each(model.loss, options)(model.params, model.batch);
          const left: Truth = {
            ...truth,
            rows: rows.map((row, i) => (finite[i] ? row : row.map(() => 0))),
            losses: losses.map((x, i) => (finite[i] ? x : Number.NaN)),
          };
          const divisor = finite.filter(Boolean).length;
          const random = new Numbers(recipe.seed);
          for (const check of Object.values(products)) {
            check({ result, truth: left, params: model.params, divisor, random });
          }
        }),
        { numRuns: 6 * RUNS },
      );
    });

    test("throw names it", () => {
      fc.assert(
        fc.property(recipes(), portions, bad, (recipe, portion, fault) => {
          const { model, truth } = drawn(recipe, fault);
          const wrong = truth.rows.flatMap((row, i) => ([truth.losses[i], ...row].every(Number.isFinite) ? [] : [i]));
          const options = { ...optionsOf(each, portion, model), nonFinite: "throw" as const };
          const result = each(model.loss, options)(model.params, model.batch);
          for (const ask of [() => result.norms(), () => result.mean(), () => result.gram()]) {
            if (wrong.length === 0) ask();
            else expect(ask).toThrow(`sample ${wrong[0]} gives a loss or gradient that is not finite`);
          }
        }),
        { numRuns: 3 * RUNS },
      );
    });

    test("keep leaves the others as they are", () => {
      fc.assert(
        fc.property(recipes(), portions, bad, (recipe, portion, fault) => {
          const { model, truth } = drawn(recipe, fault);
          const { rows, sizes, largest, tolerance } = truth;
          const result = each(model.loss, optionsOf(each, portion, model))(model.params, model.batch);
          const scale = tolerance * Math.max(1, largest) * Math.max(1, sum(sizes));
          const [norms, gram] = [numbersOf(result.norms()), numbersOf(result.gram())];
          const isFinite = rows.map((row) => row.every(Number.isFinite));
          rows.forEach((row, i) => {
            expect(Number.isFinite(norms[i]), `norm of sample ${i}`).toBe(isFinite[i]);
            if (!isFinite[i]) return;
            expectClose([norms[i]], [Math.sqrt(squaredNorm(row))], scale, "norm");
            const others = rows.flatMap((__, j) => (isFinite[j] ? [j] : []));
            const got = others.map((j) => gram[i * rows.length + j]);
            expectClose(
              got,
              others.map((j) => dot(row, rows[j])),
              scale * Math.max(1, largest),
              "gram",
            );
          });
        }),
        { numRuns: 3 * RUNS },
      );
    });
  });
});

/** A number of one sample that is replaced. */
interface Fault {
  readonly sample: number;
  readonly place: number;
  readonly value: number;
}

/** The model of a recipe, one number of it replaced if a fault is given; and what the loop says of it. */
function drawn(recipe: Recipe, fault?: Fault): { readonly model: Model; readonly truth: Truth } {
  const model = build(recipe);
  const spoilt = fault === undefined ? model : spoil(model, fault);
  return { model: spoilt, truth: truthOf(spoilt) };
}

function spoil(model: Model, { sample, place, value }: Fault): Model {
  const { name, batch, samples } = model;
  const at = Object.entries(batch).filter(([, { dtype }]) => dtype === "float64" || dtype === "float32")[0];
  if (at === undefined) return model;
  const [leaf, x] = at;
  const data = dataOf(x);
  const width = data.length / samples.length;
  data[(sample % samples.length) * width + (place % width)] = value;
  const spoilt = { ...batch, [leaf]: tensor(data, { shape: x.shape, dtype: x.dtype }) };
  return modelOf(name, { ...model, batch: spoilt }, samples.length);
}
