// batchGrad among the other transforms, user's ops, shared arguments, random numbers and other parameters.
import {
  add,
  arange,
  batchGrad,
  defineOp,
  div,
  dot,
  explain,
  grad,
  mean,
  mul,
  random,
  type Scalar,
  sin,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  variable,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { numbersOf } from "../core/sweep/programs";
import { expectEvery } from "../support";
import { nestedArrays } from "../transforms/nested-arrays";

const xs = tensor([
  [1, 2],
  [3, -4],
  [0.5, 1],
]);
const rows = [0, 1, 2].map((i) => xs.at(i));
const w = tensor([0.3, -0.2]);
const cost = (p: Tensor, x: Tensor): Scalar => square(tanh(dot(p, sin(x))));

function expectClose(got: unknown, want: unknown): void {
  const [a, b] = [got, want].map((x) => [nestedArrays(x)].flat(3) as number[]);
  a?.forEach((x, i) => {
    expect(x).toBeCloseTo(b?.[i], 10);
  });
  expect(a?.length).toBe(b?.length);
}

describe("products are differentiable: by what the parameters came from", () => {
  const norm2 = (p: Tensor, x: Tensor): Scalar => sum(square(grad(cost)(p, x)));
  const each = (f: (x: Tensor) => Scalar): Tensor => stack(rows.map((x) => f(x) as Tensor));
  const cases: Readonly<Record<string, readonly [fast: (p: Tensor) => Scalar, slow: (p: Tensor) => Scalar]>> = {
    squaredNorms: [(p) => mean(batchGrad(cost)(p, xs).squaredNorms()), (p) => mean(each((x) => norm2(p, x)))],
    norms: [(p) => sum(batchGrad(cost)(p, xs).norms()), (p) => sum(each((x) => sum(square(grad(cost)(p, x)))).sqrt())],
    mean: [
      (p) => sum(square(batchGrad(cost)(p, xs).mean())),
      (p) => sum(square(mean(stack(rows.map((x) => grad(cost)(p, x))), { axis: 0 }))),
    ],
    losses: [(p) => sum(square(batchGrad(cost)(p, xs).losses())), (p) => sum(square(each((x) => cost(p, x))))],
    "gram, in chunks": [
      (p) => sum(batchGrad(cost, { chunk: 2 })(p, xs).gram()),
      (p) => sum(square(sum(stack(rows.map((x) => grad(cost)(p, x))), { axis: 0 }))),
    ],
    clippedMean: [
      (p) => sum(batchGrad(cost)(p, xs).clippedMean(0.01)),
      (p) =>
        sum(
          mean(
            stack(
              rows.map((x) => {
                const g = grad(cost)(p, x);
                return mul(g, div(0.01, sum(square(g)).sqrt()));
              }),
            ),
            { axis: 0 },
          ),
        ),
    ],
    variance: [
      (p) => sum(batchGrad(cost)(p, xs).variance()),
      (p) => {
        const all = stack(rows.map((x) => grad(cost)(p, x)));
        return div(sum(square(sub(all, mean(all, { axis: 0, keepDims: true })))), 3);
      },
    ],
    project: [
      (p) => sum(square(batchGrad(cost)(p, xs).project(p))),
      (p) => sum(square(each((x) => dot(p, grad(cost)(p, x))))),
    ],
  };
  for (const [name, [fast, slow]] of Object.entries(cases)) {
    test(name, () => {
      expectClose(fast(w), slow(w));
      expectClose(grad(fast)(w), grad(slow)(w));
      expectClose(
        grad((p: Tensor): Scalar => sum(square(grad(fast)(p))))(w),
        grad((p: Tensor): Scalar => sum(square(grad(slow)(p))))(w),
      );
    });
  }

  test("and by what the weights and the batch came from", () => {
    const weighted = (v: Tensor): Scalar => sum(batchGrad(cost)(w, xs).weightedSum(v));
    expectClose(grad(weighted)(tensor([1, 2, 3])), stack(rows.map((x) => sum(grad(cost)(w, x)))));
    const byBatch = grad((data: Tensor): Scalar => sum(batchGrad(cost)(w, data).mean()))(xs);
    const want = stack(rows.map((row) => div(grad((x: Tensor): Scalar => sum(grad(cost)(w, x)))(row), 3)));
    expectClose(byBatch, want);
  });

  test("inside vmap: parameters of an ensemble", () => {
    const ensemble = stack([w, mul(w, 2)]);
    const norms = vmap((p: Tensor) => batchGrad(cost)(p, xs).norms())(ensemble);
    expectClose(norms, stack([batchGrad(cost)(w, xs).norms(), batchGrad(cost)(mul(w, 2), xs).norms()]));
  });

  test("results are not tracked unless the parameters are", () => {
    expect(batchGrad(cost)(w, xs).mean().watched).toBe(false);
    expect(batchGrad(cost)(variable(w), xs).norms().watched).toBe(true);
  });
});

describe("an op of one's own without a batch rule", () => {
  const cube = defineOp<[x: Tensor]>({
    name: "cube",
    shape: ([x]) => x,
    evaluate: (output, [x]) => {
      for (let i = 0; i < x.size; i++) output[i] = x.data[i] ** 3;
    },
    vjp: [({ yBar, inputs: [x] }) => mul(yBar, mul(3, square(x)))],
  });
  const f = (p: Tensor, x: Tensor): Scalar => sum(cube(mul(p, x)));

  test("is looped over the samples, and explain says so", () => {
    const result = batchGrad(f)(w, xs);
    expectClose(result.materialize(), stack(rows.map((x) => grad(f)(w, x))));
    expect(result.explain().rows).toContainEqual({ op: "cube", way: "loop over samples" });
    expect(String(explain(result))).toMatch(/loop over samples +cube/);
    expectEvery(batchGrad(cost)(w, xs).explain().rows, (row) => row.way === "rows" || row.way === "pairs");
  });

  test("and differentiates through the loop", () => {
    const fast = grad((p: Tensor): Scalar => sum(batchGrad(f)(p, xs).squaredNorms()))(w);
    const slow = grad((p: Tensor): Scalar => sum(stack(rows.map((x) => sum(square(grad(f)(p, x)))))))(w);
    expectClose(fast, slow);
  });
});

describe("arguments", () => {
  test("further ones are shared by all samples, and may be anything", () => {
    const f = (p: Tensor, x: Tensor, options: { readonly scale: number }, v: Tensor, name: string): Scalar =>
      name === "dot" ? mul(options.scale, dot(mul(p, v), x)) : 0;
    const v = tensor([10, 100]);
    expect(nestedArrays(batchGrad(f)(w, xs, { scale: 2 }, v, "dot").materialize())).toEqual([
      [20, 400],
      [60, -800],
      [10, 200],
    ]);
    const byShared = grad((u: Tensor): Scalar => sum(batchGrad(f)(w, xs, { scale: 2 }, u, "dot").sum()))(v);
    expect(nestedArrays(byShared)).toEqual([9, -2]);
  });

  test("numbers among the parameters: numbers back, and [B] where there is one for each sample", () => {
    const f = (p: { readonly a: Scalar; readonly b: Tensor }, s: readonly [Scalar, Tensor]): Scalar =>
      add(mul(p.a, s[0]), dot(p.b, s[1]));
    const result = batchGrad(f)({ a: 2, b: w }, [tensor([1, 2, 3]), xs]);
    const { a, b } = result.mean();
    expect([a, nestedArrays(b)]).toEqual([2, [1.5, nestedArrays(mean(xs, { axis: 0 }).at(1))]]);
    expect(nestedArrays(result.materialize().a)).toEqual([1, 2, 3]);
    expect(nestedArrays(result.squaredNorms({ perParameter: true }).a)).toEqual([1, 4, 9]);
  });

  test("a parameter that is not used has zeros; one used twice, the sum", () => {
    const f = (p: readonly [Tensor, Tensor, Tensor], x: Tensor): Scalar => add(dot(p[0], x), dot(mul(p[0], p[0]), x));
    const [used, unused] = batchGrad(f)([w, w, tensor([[1, 2]])], xs).materialize();
    expectClose(used, stack(rows.map((x) => add(x, mul(mul(2, w), x)))));
    expect(nestedArrays(unused)).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  test("a key for each sample: fold(key, arange(B)) in the batch", () => {
    const key = random.key(7);
    const keys = random.fold(key, arange(3, { dtype: "int32" }));
    const f = (p: Tensor, s: { readonly x: Tensor; readonly key: Tensor }): Scalar =>
      dot(mul(p, random.normal(s.key, [2])), s.x);
    const want = rows.map((x, i) => mul(random.normal(random.fold(key, i), [2]), x));
    expectClose(batchGrad(f)(w, { x: xs, key: keys }).materialize(), stack(want));
    expectClose(batchGrad(f, { chunk: 2 })(w, { x: xs, key: keys }).materialize(), stack(want));
  });

  test("float32 stays float32, in every product", () => {
    const w32 = w.cast("float32");
    const result = batchGrad(cost, { chunk: 2 })(w32, xs.cast("float32"));
    for (const x of [
      result.losses(),
      result.mean(),
      result.norms(),
      result.gram(),
      result.variance(),
      result.clippedMean(1),
      result.materialize(),
    ]) {
      expect(x.dtype).toBe("float32");
    }
    numbersOf(result.mean()).forEach((x, i) => {
      expect(x).toBeCloseTo(numbersOf(batchGrad(cost)(w, xs).mean())[i], 6);
    });
  });
});
