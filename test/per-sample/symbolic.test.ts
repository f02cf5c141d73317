// Squared norms where no number can be read, so that none that cancelled is computed again: inside trace, vmap over parameters
// and scan. They are never negative, and off by a few rounding errors of M_i, the largest that they could be; see the guide
// What a per-sample gradient costs, "How exact".
import fc from "fast-check";
import {
  add,
  dot,
  matmul,
  mul,
  reshape,
  type Scalar,
  scan,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  tree,
  vmap,
  zeros,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { Factors } from "../../src/per-sample/factors";
import { mostOf } from "../../src/per-sample/guard";
import { Plan } from "../../src/per-sample/plan";
import { samplePrograms } from "../../src/per-sample/sample-program";
import { numbersOf } from "../core/sweep/programs";
import { integerFrom } from "../environment";
import { expectEvery, untyped } from "../support";
import { builders } from "./builders";
import type { Params, Sample } from "./families/draw";
import { rowsOfBatch, squaredNorm } from "./oracle";
import { build, type Model, recipes } from "./random-models";

const RUNS = integerFrom("FAST_CHECK_RUNS") ?? integerFrom("LAW_RUNS") ?? 30;

/** Rounding errors, in units of 2^-52 of M_i. Of 4,500 random models the largest was 3.4. */
const FEW = 8;

/** One row of each parameter: what is mapped over, and what a loop goes through. */
const single = (params: Params): never => untyped(tree.map((x: Tensor) => reshape(x, [1, ...x.shape]), params));

/** Ways to compute a function of parameters that it cannot read. */
const readers: Readonly<Record<string, (f: (params: Params) => Tensor, params: Params) => Tensor>> = {
  trace: (f, params) => trace(f)(params).replay(params),
  "vmap over parameters": (f, params) => vmap(f)(single(params)),
  scan: (f, params) => {
    const step = (carry: Tensor, own: Params): [Tensor, Tensor] => [carry, f(own)];
    return scan(step, zeros([]), single(params))[1];
  },
};

/** Fails unless squares are never negative, and right to a few rounding errors of the largest that they could be. */
function expectWithin(got: readonly number[], want: readonly number[], most: readonly number[]): void {
  expect(got.length).toBe(want.length);
  expectEvery(got, (x) => x >= 0);
  const far = got.flatMap((x, i) =>
    Math.abs(x - want[i]) <= FEW * Number.EPSILON * most[i] ? [] : [`${i}: got ${x}, want ${want[i]}, of ${most[i]}`],
  );
  expect(far).toEqual([]);
}

/** The loss of a model three times: all but a part of it cancels, and so do its gradients. */
const cancelling =
  ({ loss }: Model, part: number) =>
  (params: Params, sample: Sample): Scalar =>
    add(sub(loss(params, sample), loss(params, sample)), mul(part, loss(params, sample)));

/** M_i of all parameters together, as the factors give it: [B]. */
function largest(f: (params: Params, sample: Sample) => Scalar, { params, batch }: Model): number[] {
  const programs = samplePrograms("batchGrad", (p: Params, sample) => f(p, untyped(sample)), params, batch);
  const plan = new Plan(programs);
  const factors = Factors.of(plan, programs, 0, programs.size);
  const each = plan.leaves.flatMap(({ terms }, k) => (terms.length === 0 ? [] : [numbersOf(mostOf(factors, k))]));
  return Array.from({ length: programs.size }, (_, i) => squaredNorm(each.map((most) => most[i])));
}

/** A number of 20 bits: sums of them and of 2^-27 of one are exact, and sums of their products are not. */
const short = (i: number): number => Math.round(2 ** 20 * Math.sin(1 + 12.9898 * i)) / 2 ** 20;

/** So few positions of so large a matrix that inner products of pairs of them take fewer operations than their sum. */
const [T, N, M] = [8, 60, 50];

/** Samples of T positions x[t] d[t]ᵀ that add up to a part of the first: all d[t] are the same, the last x[t] is what is left. */
function positions(parts: readonly number[]): { readonly batch: Sample; truth: number[]; most: number[] } {
  const d = Array.from({ length: M }, (_, k) => short(k));
  const each = parts.map((part, i) => {
    const first = Array.from({ length: T - 1 }, (_, t) =>
      Array.from({ length: N }, (__, k) => short(M + N * (T * i + t) + k)),
    );
    return [...first, first[0].map((x, k) => part * x - first.reduce((total, own) => total + own[k], 0))];
  });
  const whole = squaredNorm(d);
  return {
    batch: { x: tensor(each), d: tensor(each.map((list) => list.map(() => d))) },
    truth: each.map(([first], i) => parts[i] ** 2 * squaredNorm(first) * whole),
    most: each.map((list) => list.reduce((total, x) => total + Math.hypot(...x), 0) ** 2 * whole),
  };
}

const PARTS = [0, 2 ** -27, 2 ** -20, 2 ** -10, 1, 0, 0, 0];

describe.each(Object.entries(builders))("%s", (_, each) => {
  describe.each(Object.entries(readers))("squared norms inside %s", (__, read) => {
    test("of random models whose uses of their parameters cancel", () => {
      fc.assert(
        fc.property(recipes(undefined, fc.constant("float64")), fc.constantFrom(...PARTS), (recipe, part) => {
          const model = build(recipe);
          const { params, batch, samples } = model;
          // A gradient of float32 is rounded more coarsely than its square.
          fc.pre(Object.values(params).every(({ dtype }) => dtype === "float64"));
          const loss = cancelling(model, part);
          const most = largest(loss, model);
          const truth = rowsOfBatch(each(loss)(params, batch).materialize(), samples.length).map(squaredNorm);
          expectEvery(truth, (x) => Number.isFinite(x));
          truth.forEach((x, i) => {
            expect(x).toBeLessThanOrEqual(most[i] * (1 + 1e-12));
          });
          expectWithin(numbersOf(read((p) => each(loss)(p, batch).squaredNorms(), params)), truth, most);
        }),
        { numRuns: RUNS },
      );
    });

    test("of many positions that cancel, whose sizes are known", () => {
      const { batch, truth, most } = positions(PARTS);
      // The samples are unknown too: they are the factors, as the loss is linear.
      const params = { w: zeros([N, M]), ...batch };
      const losses = [
        ({ w }: Params, { x, d }: Sample): Scalar => sum(mul(matmul(x, w), d)),
        ({ w }: Params, { x, d }: Sample): Scalar =>
          scan(
            (total: Tensor, at: Sample): [Tensor, undefined] => [add(total, dot(matmul(at.x, w), at.d)), undefined],
            zeros([]),
            { x, d },
          )[0],
      ];
      for (const loss of losses) {
        const of = (f: (p: Params) => Tensor): number[] => numbersOf(read(f, params));
        expectWithin(
          of((p) => each(loss)({ w: p.w }, { x: p.x, d: p.d }).squaredNorms()),
          truth,
          most,
        );
        expectEvery(
          of((p) => each(loss)({ w: p.w }, { x: p.x, d: p.d }).norms()),
          Number.isFinite,
        );
        expectEvery(
          of((p) => each(loss)({ w: p.w }, { x: p.x, d: p.d }).clippedMean(1e-9).w),
          Number.isFinite,
        );
      }
    });
  });
});
