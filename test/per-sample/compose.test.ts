// Products of batchGrad inside other transforms, and other transforms inside its loss, on random models: always beside the
// same function of the rows that a loop of grad gives.
import fc from "fast-check";
import {
  add,
  batchGrad,
  cast,
  checkpoint,
  defineOp,
  div,
  dropout,
  grad,
  greater,
  jvp,
  matmul,
  mean,
  minimum,
  mul,
  type Op,
  type PerSampleGradient,
  random,
  reshape,
  type Scalar,
  scan,
  sin,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  trace,
  transpose,
  tree,
  vmap,
  where,
} from "gradtape";
import { gradcheck } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { integerFrom } from "../environment";
import { untyped } from "../support";
import { Numbers } from "../truth/numbers";
import { builders } from "./builders";
import { type Params, squares } from "./families/draw";
import { between, flat } from "./oracle";
import { build, type Model, recipes } from "./random-models";

const RUNS = integerFrom("FAST_CHECK_RUNS") ?? integerFrom("LAW_RUNS") ?? 12;

/** Numbers without a pattern, of a shape. */
const sines = (shape: readonly number[], phase: number): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Array.from({ length: size }, (_, i) => Math.sin(1 + phase + 12.9898 * i)),
    { shape },
  );
};
/** One number of a tensor, or of a tree, that depends on all of its numbers. */
const probe = (x: Tensor, phase = 0): Scalar => sum(mul(sines(x.shape, phase), x));
const probeAll = (params: Params): Scalar => total(Object.values(params).map((x, k) => probe(x, k)));
const total = (xs: readonly Scalar[]): Scalar => xs.reduce((a, b) => add(a, b), 0);

/** Rows by a loop: the tree of the parameters, each leaf [B, ...]. */
const loopOf =
  ({ loss, samples }: Pick<Model, "loss" | "samples">) =>
  (params: Params): Params => {
    const each = samples.map((sample) => grad(loss)(params, sample));
    return tree.map((x) => x, Object.fromEntries(Object.keys(params).map((k) => [k, stack(each.map((g) => g[k]))])));
  };

/** Sums of squares of each row, [B]. */
const squaresOf = (x: Tensor): Tensor => sum(square(asMatrix(x)), { axis: 1 });
const asMatrix = (x: Tensor): Tensor => reshape(cast(x, "float64"), [x.shape[0], x.size / x.shape[0]]);
const squaredNorms = (rows: Params): Tensor =>
  Object.values(rows)
    .map(squaresOf)
    .reduce((a, b) => add(a, b));
const weighed = (x: Tensor, weights: Tensor): Tensor =>
  reshape(matmul(reshape(weights, [1, x.shape[0]]), asMatrix(x)), x.shape.slice(1));
const factors = (squared: Tensor, bound: number): Tensor => minimum(1, div(bound, sqrt(squared)));

/** A number of the products, and the same of the rows. `bound`: between the norms; `direction`: shaped like the parameters. */
interface Measure {
  products(result: PerSampleGradient<Params>, bound: number, direction: Params): Scalar;
  rows(rows: Params, bound: number, direction: Params): Scalar;
}

const measures: Readonly<Record<string, Measure>> = {
  norms: { products: (r) => probe(r.norms()), rows: (rows) => probe(sqrt(squaredNorms(rows))) },
  "squared norms of each parameter": {
    products: (r) => probeAll(r.squaredNorms({ perParameter: true })),
    rows: (rows) => probeAll(tree.map(squaresOf, rows)),
  },
  clippedMean: {
    products: (r, bound) => probeAll(r.clippedMean(bound)),
    rows: (rows, bound) => {
      const by = factors(squaredNorms(rows), bound);
      return probeAll(tree.map((x) => div(weighed(x, by), x.shape[0]), rows));
    },
  },
  "clippedSum, weighted": {
    products: (r, bound) => probeAll(r.clippedSum(bound, { weights: sines([r.batchSize], 3) })),
    rows: (rows, bound) => {
      const squared = squaredNorms(rows);
      const by = mul(factors(squared, bound), sines(squared.shape, 3));
      return probeAll(tree.map((x) => weighed(x, by), rows));
    },
  },
  gram: {
    products: (r) => probe(sin(r.gram())),
    rows: (rows) =>
      probe(
        sin(
          Object.values(rows)
            .map(asMatrix)
            .map((x): Tensor => matmul(x, transpose(x)))
            .reduce((a, b) => add(a, b)),
        ),
      ),
  },
  variance: {
    products: (r) => probeAll(r.variance()),
    rows: (rows) =>
      probeAll(tree.map((x) => mean(square(sub(x, mean(x, { axis: 0, keepDims: true }))), { axis: 0 }), rows)),
  },
  secondMoment: {
    products: (r) => probeAll(r.secondMoment()),
    rows: (rows) => probeAll(tree.map((x) => mean(square(x), { axis: 0 }), rows)),
  },
  project: {
    products: (r, _, direction) => probe(sin(r.project(direction))),
    rows: (rows, _, direction) => {
      const along = Object.entries(rows).map(
        ([k, x]): Tensor => matmul(asMatrix(x), reshape(direction[k], [direction[k].size])),
      );
      return probe(sin(along.reduce((a, b) => add(a, b))));
    },
  },
  mean: {
    products: (r) => probeAll(r.mean()),
    rows: (rows) => probeAll(tree.map((x) => mean(x, { axis: 0 }), rows)),
  },
};

/** Fails unless two trees have the same numbers, to rounding relative to the largest. */
function agree(got: unknown, want: unknown, tolerance = 1e-9): void {
  const [a, b] = [flat(got), flat(want)];
  expect(a.length).toBe(b.length);
  const scale = tolerance * b.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  const far = a.flatMap((x, i) => (Math.abs(x - b[i]) <= scale ? [] : [`${i}: got ${x}, want ${b[i]}`]));
  expect(far).toEqual([]);
}

interface Pair {
  readonly model: Model;
  readonly direction: Params;
  /** Numbers of the products and of the rows, as functions of the parameters. */
  products(params: Params): Scalar;
  rows(params: Params): Scalar;
}

type Each = typeof batchGrad;

/** Runs a check on random models, both functions of which have a derivative at the parameters. */
function onModels(each: Each, { products, rows }: Measure, check: (pair: Pair) => void, runs = RUNS): void {
  const drawn = recipes(undefined, fc.constant("float64"));
  fc.assert(
    fc.property(drawn, fc.integer({ min: 1, max: 9 }), (recipe, chunk) => {
      const model = build(recipe);
      const { loss, params, batch } = model;
      const loop = loopOf(model);
      const norms = flat(squaredNorms(loop(params))).map(Math.sqrt);
      // A norm has a kink at 0.
      fc.pre(norms.every((norm) => norm > 1e-3));
      const bounds = between(norms);
      const numbers = new Numbers(recipe.seed);
      const bound = bounds[numbers.integer(bounds.length)];
      const direction = tree.map((x: Tensor) => cast(numbers.tensor(x.shape), x.dtype), params);
      const options = chunk > 6 ? {} : { chunk };
      check({
        model,
        direction,
        products: (p) => products(each(loss, options)(p, batch), bound, direction),
        rows: (p) => rows(loop(p), bound, direction),
      });
    }),
    { numRuns: runs },
  );
}

/** Mixed dtypes: derivatives pass through float32. */
const toleranceOf = ({ params }: Model): number =>
  Object.values(params).some(({ dtype }) => dtype === "float32") ? 1e-4 : 1e-9;

describe.each(Object.entries(builders))("%s", (_, each) => {
  describe.each(Object.entries(measures))("%s", (__, measure) => {
    test("has the value and the derivative of the same of the rows", () => {
      onModels(each, measure, ({ model, products, rows }) => {
        const tolerance = toleranceOf(model);
        agree(products(model.params), rows(model.params), tolerance);
        agree(grad(products)(model.params), grad(rows)(model.params), tolerance);
      });
    });

    test("has the derivative along a direction, by jvp", () => {
      onModels(each, measure, ({ model, products, rows, direction }) => {
        const along = (f: (p: Params) => Scalar): unknown => jvp(f, [model.params], [direction]);
        agree(along(products), along(rows), toleranceOf(model));
      });
    });

    test("is mapped over parameters, as of an ensemble, and replayed on others", () => {
      onModels(each, measure, ({ model, products }) => {
        const { params } = model;
        const other = tree.map((x: Tensor) => mul(x, 1.01), params);
        const both = tree.map((a: Tensor) => stack([a, mul(a, 1.01)]), params);
        const want = stack([products(params), products(other)]);
        const tolerance = toleranceOf(model);
        agree(vmap(products)(untyped(both)), want, tolerance);
        agree(trace(products)(params).replay(other), products(other), tolerance);
      });
    });
  });

  test("the derivative of a derivative is that of the rows", () => {
    for (const measure of [measures.norms, measures.gram, measures.clippedMean]) {
      onModels(
        each,
        measure,
        ({ model, products, rows }) => {
          const slope = (f: (p: Params) => Scalar) => grad((p: Params) => probeAll(grad(f)(p)));
          agree(slope(products)(model.params), slope(rows)(model.params), 10 * toleranceOf(model));
        },
        6,
      );
    }
  });

  test("the derivative by the batch is that of the rows", () => {
    for (const measure of [measures.norms, measures.clippedMean, measures.variance]) {
      onModels(each, measure, ({ model }) => {
        const { loss, params, batch, samples } = model;
        fc.pre(batch.x?.dtype === "float64" && !Object.values(params).some(({ dtype }) => dtype === "float32"));
        const bound = 1e3;
        const products = (x: Tensor): Scalar => measure.products(each(loss)(params, { ...batch, x }), bound, params);
        const rows = (x: Tensor): Scalar => {
          const own = samples.map((sample, i) => ({ ...sample, x: x.at(i) }));
          return measure.rows(loopOf({ loss, samples: own })(params), bound, params);
        };
        agree(grad(products)(batch.x), grad(rows)(batch.x));
      });
    }
  });
});

const B = 4;
const numbers = new Numbers(11);
const w = numbers.tensor([3, 2]);
const batch = { x: numbers.tensor([B, 3]), y: numbers.tensor([B, 2]) };
type Row = { readonly x: Tensor; readonly y: Tensor };
const rowsOfBatch: readonly Row[] = Array.from({ length: B }, (_, i) => tree.map((x) => x.at(i), batch));
const model = (p: Tensor, { x, y }: Row): Scalar => squares(sub(tanh(matmul(x, p)), y));

describe("a function of products", () => {
  test("has the derivative of differences", () => {
    const bound = 0.9 * Math.max(...flat(batchGrad(model)(w, batch).norms()));
    gradcheck(
      (p: Tensor): Scalar => {
        const result = batchGrad(model)(p, batch);
        const clipped = probe(result.clippedMean(bound));
        return add(add(clipped, probe(result.norms())), add(probe(result.variance()), probe(result.gram())));
      },
      [w],
    );
  });

  test("inside scan is a training loop, and has a derivative by where it began", () => {
    const bound = 1;
    const next = (p: Tensor): Tensor => sub(p, mul(0.1, batchGrad(model)(p, batch).clippedMean(bound)));
    const byScan = (p: Tensor): Tensor =>
      scan((at: Tensor): [Tensor, undefined] => [next(at), undefined], p, undefined, { length: 3 })[0];
    const byLoop = (p: Tensor): Tensor => {
      let at = p;
      for (let i = 0; i < 3; i++) {
        const each = rowsOfBatch.map((row) => grad(model)(at, row));
        const clipped = each.map((g) => mul(g, minimum(1, div(bound, sqrt(squares(g))))));
        at = sub(
          at,
          mul(
            0.1 / B,
            clipped.reduce((a, b) => add(a, b)),
          ),
        );
      }
      return at;
    };
    agree(byScan(w), byLoop(w));
    const slope = (f: (p: Tensor) => Tensor) => grad((p: Tensor) => probe(f(p)))(w);
    agree(slope(byScan), slope(byLoop));
  });

  test("is mapped inside vmap over batches", () => {
    const batches = { x: numbers.tensor([2, B, 3]), y: numbers.tensor([2, B, 2]) };
    const got = vmap((own: Row) => batchGrad(model)(w, own).norms())(batches);
    const each = [0, 1].map((i) =>
      batchGrad(model)(
        w,
        tree.map((x) => x.at(i), batches),
      ).norms(),
    );
    agree(got, stack(each));
  });
});

describe("what the loss takes from outside", () => {
  const scaled =
    (v: Tensor) =>
    (p: Tensor, row: Row): Scalar =>
      squares(mul(v, sub(tanh(matmul(row.x, p)), row.y)));
  const v = tensor([1.5, -0.5]);
  const want = grad((u: Tensor): Scalar => total(rowsOfBatch.map((row) => sqrt(squares(grad(scaled(u))(w, row))))))(v);

  test("has a derivative as a captured value", () => {
    agree(grad((u: Tensor): Scalar => sum(batchGrad(scaled(u))(w, batch).norms()))(v), want);
  });

  test("has a derivative as an argument that all samples share", () => {
    const loss = (p: Tensor, row: Row, u: Tensor): Scalar => scaled(u)(p, row);
    agree(grad((u: Tensor): Scalar => sum(batchGrad(loss)(w, batch, u).norms()))(v), want);
  });

  test("may be the parameters themselves, which then count once as parameters", () => {
    const both = (p: Tensor): Scalar => {
      const loss = (own: Tensor, { x, y }: Row): Scalar => squares(sub(tanh(matmul(x, own)), mul(y, p.at(0))));
      return sum(batchGrad(loss)(p, batch).squaredNorms());
    };
    const slow = (p: Tensor): Scalar => {
      const loss = (own: Tensor, { x, y }: Row): Scalar => squares(sub(tanh(matmul(x, own)), mul(y, p.at(0))));
      return total(rowsOfBatch.map((row) => squares(grad(loss)(p, row))));
    };
    agree(grad(both)(w), grad(slow)(w));
  });
});

/** All products of a loss beside those of another that is the same. */
function sameProducts<P, S>(
  f: (p: P, s: S) => Scalar,
  g: (p: P, s: S) => Scalar,
  params: P,
  samples: Parameters<ReturnType<typeof batchGrad<P, S, []>>>[1],
): void {
  const [a, b] = [batchGrad(f)(params, samples), batchGrad(g)(params, samples)];
  const bounds = between(flat(b.norms()));
  for (const ask of [
    (r: PerSampleGradient<P>) => r.norms(),
    (r: PerSampleGradient<P>) => r.clippedMean(bounds[0]),
    (r: PerSampleGradient<P>) => r.gram(),
    (r: PerSampleGradient<P>) => r.variance(),
    (r: PerSampleGradient<P>) => r.materialize(),
  ]) {
    agree(ask(a), ask(b));
  }
}

/** tanh, with a vjp alone. */
const bend: Op<[x: Tensor]> = defineOp<[x: Tensor]>({
  name: "bend",
  shape: ([x]) => x,
  evaluate: (output, [x]) => output.set(Array.from(x.data, Math.tanh)),
  vjp: [({ yBar, inputs: [x] }) => mul(yBar, sub(1, square(tanh(x))))],
});

describe("inside the loss", () => {
  test("checkpoint changes nothing", () => {
    const recomputed = (p: Tensor, row: Row): Scalar => checkpoint(model)(p, row);
    sameProducts(recomputed, model, w, batch);
    const slope = (f: typeof model) => grad((p: Tensor): Scalar => sum(batchGrad(f)(p, batch).norms()))(w);
    agree(slope(recomputed), slope(model));
  });

  test("an op with a vjp alone is as good as one of the library", () => {
    const own = (p: Tensor, { x, y }: Row): Scalar => squares(sub(bend(matmul(x, p)), y));
    sameProducts(own, model, w, batch);
    const slope = (f: typeof model) => grad((p: Tensor): Scalar => sum(batchGrad(f)(p, batch).norms()))(w);
    agree(slope(own), slope(model));
  });

  test("a gradient stands in the loss", () => {
    const inner = (p: Tensor, { x, y }: Row): Scalar => squares(grad((u: Tensor) => model(p, { x: u, y }))(x));
    const result = batchGrad(inner)(w, batch);
    const each = rowsOfBatch.map((row) => grad(inner)(w, row));
    agree(result.materialize(), stack(each));
    agree(result.norms(), stack(each.map((g) => sqrt(squares(g)))));
  });

  test("each sample has a key of its own", () => {
    const keys = random.fold(random.key(5), tensor([0, 1, 2, 3], { dtype: "int32" }));
    type Keyed = Row & { readonly key: Tensor };
    const dropped = (p: Tensor, { x, y, key }: Keyed): Scalar =>
      squares(sub(tanh(matmul(dropout(key, x, { rate: 0.4 }), p)), y));
    const masks = stack(
      rowsOfBatch.map((row, i) => dropout(random.fold(random.key(5), i), tensor([1, 1, 1]), { rate: 0.4 }).mul(row.x)),
    );
    const got = batchGrad(dropped)(w, { ...batch, key: keys });
    const want = batchGrad(model)(w, { ...batch, x: masks });
    agree(got.norms(), want.norms());
    agree(got.clippedMean(0.5), want.clippedMean(0.5));
  });

  test("what a padding mask hides does not count, whatever it is", () => {
    const tokens = tensor([1, 2, 0, 3, 3, 1, 2, 2, 2, 0, 1, 3], { shape: [B, 3], dtype: "int32" });
    const lengths = tensor([1, 2, 3, 2], { dtype: "int32" });
    const params = { table: numbers.tensor([5, 3]), w };
    type Padded = { readonly token: Tensor; readonly length: Tensor; readonly scale: Tensor; readonly y: Tensor };
    const loss = (p: typeof params, { token, length, scale, y }: Padded): Scalar => {
      const inside = reshape(greater(length, tensor([0, 1, 2], { dtype: "int32" })), [3, 1]);
      const states = where(inside, mul(tanh(take(p.table, token)), reshape(scale, [3, 1])), 0);
      return squares(sub(matmul(sum(states, { axis: 0 }), p.w), y));
    };
    const padded = (token: Tensor, filler: number) => ({
      token,
      length: lengths,
      scale: tensor([1, filler, filler, 1, 2, filler, 1, 2, 3, 0.5, 0.5, filler], { shape: [B, 3] }),
      y: batch.y,
    });
    const want = batchGrad(loss)(params, padded(tokens, 1));
    const other = tensor([1, 4, 4, 3, 3, 4, 2, 2, 2, 0, 1, 4], { shape: [B, 3], dtype: "int32" });
    for (const filler of [7, Infinity]) {
      const got = batchGrad(loss)(params, padded(other, filler));
      agree(got.norms(), want.norms());
      agree(got.gram(), want.gram());
      agree(got.clippedMean(1), want.clippedMean(1));
      agree(got.variance(), want.variance());
    }
    // Each sample beside a loop over the tokens that it has.
    const each = Array.from({ length: B }, (_, i) => tree.map((x) => x.at(i), padded(tokens, 1))).map((row) =>
      grad(loss)(params, row),
    );
    agree(want.norms(), stack(each.map((g) => sqrt(add(squares(g.table), squares(g.w))))));
  });
});
