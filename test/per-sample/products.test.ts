// Every product against a loop of gradients, on random models, losses and batches, in chunks of any size.
import fc from "fast-check";
import { batchGrad, dot, type PerSampleGradient, square, type Tensor, tensor, tree, valueOf } from "gradtape";
import { describe, expect, test } from "vitest";
import { numbersOf } from "../core/sweep/programs";
import { untyped } from "../support";
import { build, type Params, recipes } from "../truth/arbitrary";
import { losses } from "../truth/losses";
import { Numbers } from "../truth/numbers";
import { clip, flat, mean, parts, type Rows, rowsOf, rowsOfBatch, squaredNorm, weightedSum, widths } from "./oracle";

interface Case {
  readonly result: PerSampleGradient<Params>;
  readonly params: Params;
  readonly rows: Rows;
  readonly costs: readonly number[];
  readonly sizes: readonly number[];
  readonly weights: readonly number[];
  readonly random: Numbers;
}

/** What got and want say, to rounding relative to the largest number of all gradients. */
function expectClose({ rows }: Pick<Case, "rows">, got: readonly number[], want: readonly number[], power = 1): void {
  const scale = (1 + rows.flat().reduce((a, b) => Math.max(a, Math.abs(b)), 0)) ** power;
  expect(got.length).toBe(want.length);
  got.forEach((x, i) => {
    expect(Math.abs(x - want[i])).toBeLessThanOrEqual(1e-10 * rows.length * scale);
  });
}

const across = (rows: Rows, f: (column: readonly number[]) => number): number[] =>
  rows[0].map((_, j) => f(rows.map((row) => row[j])));
const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

const products: Readonly<Record<string, (c: Case) => void>> = {
  losses: (c) => expectClose(c, numbersOf(c.result.losses()), c.costs),
  mean: (c) => expectClose(c, flat(c.result.mean()), mean(c.rows)),
  sum: (c) =>
    expectClose(
      c,
      flat(c.result.sum()),
      weightedSum(
        c.rows,
        c.rows.map(() => 1),
      ),
    ),
  weightedSum: (c) => expectClose(c, flat(c.result.weightedSum(c.weights)), weightedSum(c.rows, c.weights)),
  norms: (c) => {
    const squared = c.rows.map(squaredNorm);
    expectClose(c, numbersOf(c.result.squaredNorms()), squared, 2);
    expectClose(c, numbersOf(c.result.norms()), squared.map(Math.sqrt));
  },
  "norms of each parameter": (c) => {
    const squared = c.rows.map((row) => parts(row, c.sizes).map(squaredNorm));
    const columns = c.sizes.map((_, k) => squared.map((row) => row[k]));
    expectClose(c, flat(c.result.squaredNorms({ perParameter: true })), columns.flat(), 2);
    expectClose(c, flat(c.result.norms({ perParameter: true })), columns.flat().map(Math.sqrt));
    expect(tree.leaves(c.result.norms({ perParameter: true })).map(({ path }) => path)).toEqual(
      tree.leaves(c.params).map(({ path }) => path),
    );
  },
  "clippedMean and clippedSum": (c) => {
    const norms = c.rows.map((row) => Math.sqrt(squaredNorm(row)));
    const size = c.rows.length;
    for (const maxNorm of [0.1, norms[0] + 1e-3, 1e6]) {
      const whole = clip(c.rows, maxNorm, [sum(c.sizes)]);
      const each = clip(c.rows, maxNorm, c.sizes);
      expectClose(c, flat(c.result.clippedMean(maxNorm)), mean(whole));
      expectClose(
        c,
        flat(c.result.clippedSum(maxNorm)),
        weightedSum(
          whole,
          whole.map(() => 1),
        ),
      );
      expectClose(c, flat(c.result.clippedMean(maxNorm, { perParameter: true })), mean(each));
      const { weights } = c;
      const weighted = weightedSum(whole, weights);
      expectClose(c, flat(c.result.clippedSum(maxNorm, { weights })), weighted);
      // The divisor stays the batch size.
      expectClose(
        c,
        flat(c.result.clippedMean(maxNorm, { weights })),
        weighted.map((x) => x / size),
      );
      expectClose(c, flat(c.result.clippedSum(maxNorm, { weights, perParameter: true })), weightedSum(each, weights));
    }
  },
  "variance and secondMoment": (c) => {
    const size = c.rows.length;
    const spread = across(c.rows, (column) => sum(column.map((x) => (x - sum(column) / size) ** 2)));
    expectClose(
      c,
      flat(c.result.variance()),
      spread.map((x) => x / size),
      2,
    );
    if (size > 1)
      expectClose(
        c,
        flat(c.result.variance({ correction: 1 })),
        spread.map((x) => x / (size - 1)),
        2,
      );
    expectClose(
      c,
      flat(c.result.secondMoment()),
      across(c.rows, (column) => sum(column.map((x) => x * x)) / size),
      2,
    );
  },
  gram: (c) => {
    const want = c.rows.flatMap((a) => c.rows.map((b) => sum(a.map((x, j) => x * b[j]))));
    expectClose(c, numbersOf(c.result.gram()), want, 2);
    expect(c.result.gram().shape).toEqual([c.rows.length, c.rows.length]);
  },
  project: (c) => {
    const direction = (): Params => tree.map((p) => c.random.tensor(p.shape), c.params);
    const [one, two] = [direction(), direction()];
    const along = (d: Params) => c.rows.map((row) => sum(row.map((x, j) => x * flat(d)[j])));
    expectClose(c, numbersOf(c.result.project(untyped(one))), along(one));
    const both = c.result.project(untyped([one, two]));
    expect(both.shape).toEqual([c.rows.length, 2]);
    expectClose(
      c,
      numbersOf(both),
      along(one).flatMap((x, i) => [x, along(two)[i]]),
    );
    expect(c.result.project(untyped([one])).shape).toEqual([c.rows.length, 1]);
  },
  "materialize and materializeInto": (c) => {
    const size = c.rows.length;
    const all = c.result.materialize();
    expectClose(c, rowsOfBatch(all, size).flat(), c.rows.flat());
    const buffers = tree.map((p) => new Float64Array(size * p.size), c.params);
    c.result.materializeInto(untyped(buffers));
    expect(tree.leaves(all).map(({ value }) => numbersOf(value))).toEqual(buffersOf(buffers));
  },
};

const buffersOf = (x: unknown): number[][] =>
  x instanceof Float64Array ? [Array.from(x)] : Object.values(x as object).flatMap(buffersOf);

describe("equals the loop", () => {
  for (const [name, check] of Object.entries(products)) {
    test(name, () => {
      fc.assert(
        fc.property(
          recipes,
          fc.constantFrom(...Object.keys(losses)),
          fc.integer({ min: 1, max: 40 }),
          (recipe, lossName, chunk) => {
            const { params, batch, samples, cost } = build({ ...recipe, dtype: "float64" }, lossName);
            const random = new Numbers(recipe.seed);
            check({
              result: batchGrad(cost, chunk > 34 ? undefined : { chunk })(params, batch),
              params,
              rows: rowsOf(cost, params, samples),
              costs: samples.map((sample) => valueOf(cost(params, sample))),
              sizes: widths(params),
              weights: random.list(samples.length, -1, 2),
              random,
            });
          },
        ),
        { numRuns: 15 },
      );
    });
  }
});

test("one object, all products in any order: what is computed first changes nothing", () => {
  const asked: Readonly<Record<string, (r: PerSampleGradient<Params>) => unknown>> = {
    losses: (r) => r.losses(),
    mean: (r) => r.mean(),
    sum: (r) => r.sum(),
    norms: (r) => r.norms(),
    clippedMean: (r) => r.clippedMean(0.5),
    variance: (r) => r.variance(),
    gram: (r) => r.gram(),
    materialize: (r) => r.materialize(),
  };
  const names = Object.keys(asked);
  fc.assert(
    fc.property(
      recipes,
      fc.shuffledSubarray(names, { minLength: 2 }),
      fc.integer({ min: 1, max: 9 }),
      (recipe, order, chunk) => {
        const { params, batch, cost } = build({ ...recipe, dtype: "float64" }, "mse");
        const shared = batchGrad(cost, { chunk })(params, batch);
        for (const name of order) {
          const got = flat(asked[name]?.(shared));
          const want = flat(asked[name]?.(batchGrad(cost)(params, batch)));
          expectClose({ rows: [want, got] }, got, want);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test("the loss runs once, on symbols, whatever products are asked for", () => {
  let calls = 0;
  const samples = batchGrad((w: Tensor<readonly [2]>, x: Tensor<readonly [2]>) => {
    calls++;
    return square(dot(w, x));
  })(
    tensor([1, 2]),
    tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
  );
  samples.losses();
  samples.mean();
  samples.norms();
  samples.materialize();
  samples.explain();
  expect(calls).toBe(1);
});
