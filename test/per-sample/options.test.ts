import { add, batchGrad, div, dot, log, mul, type Scalar, square, sub, sum, type Tensor, tensor } from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { nestedArrays } from "../transforms/nested-arrays";

interface Sample {
  readonly x: Tensor;
  readonly y: Scalar;
}
const cost = (w: Tensor, { x, y }: Sample): Scalar => square(sub(dot(w, x), y));
const w = tensor([1, -1]);
const batch = {
  x: tensor([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
    [9, 10],
  ]),
  y: tensor([1, 0, -1, 2, 3]),
};

describe("chunk and memory", () => {
  test("samples at a time that do not divide the batch give the same as all at once", () => {
    const want = batchGrad(cost)(w, batch);
    for (const chunk of [1, 2, 3, 4, 5, 7]) {
      const got = batchGrad(cost, { chunk })(w, batch);
      expect(got.batchSize).toBe(5);
      expect(nestedArrays(got.losses())).toEqual(nestedArrays(want.losses()));
      expect(nestedArrays(got.materialize())).toEqual(nestedArrays(want.materialize()));
      expect(nestedArrays(got.norms())).toEqual(nestedArrays(want.norms()));
      expect(nestedArrays(got.sum())).toEqual(nestedArrays(want.sum()));
      expect(got.explain().rows[0]).toMatchObject({
        parameter: "(params)",
        shape: "[2]",
        samplesAtATime: Math.min(chunk, 5),
      });
    }
  });

  test("memory in bytes chooses the chunk; the smaller of both holds", () => {
    const at = (options: object) => batchGrad(cost, options)(w, batch).explain().rows[0]?.samplesAtATime;
    const needed = 88;
    expect([needed, 2 * needed - 1, 2 * needed, 3.5 * needed, 1e9].map((memory) => at({ memory }))).toEqual([
      1, 1, 2, 3, 5,
    ]);
    expect([
      at({ memory: 4 * needed, chunk: 3 }),
      at({ memory: 2 * needed, chunk: 3 }),
      at({ chunk: undefined, memory: undefined }),
    ]).toEqual([3, 2, 5]);
    expect(errorOf(() => at({ memory: needed - 1 }))).toBe(
      `[batch/memory] batchGrad: memory must hold what one sample takes, ${needed} bytes, got ${needed - 1}. Give at least ${needed} bytes, or leave memory out.`,
    );
  });
});

describe("nonFinite", () => {
  // Sample 1 has an infinite loss; sample 3 a finite loss and an infinite gradient (sqrt at 0, written with log).
  const f = (a: Scalar, x: Scalar): Scalar => add(div(a, x), mul(a, x));
  const xs = tensor([1, 0, 2, 4]);
  const rows = [2, Number.POSITIVE_INFINITY, 2.5, 4.25];

  test('"keep": they flow through', () => {
    const result = batchGrad(f)(3, xs);
    expect(nestedArrays(result.materialize())).toEqual(rows);
    expect(result.mean()).toBe(Number.POSITIVE_INFINITY);
    expect(nestedArrays(result.losses())).toEqual([6, Number.POSITIVE_INFINITY, 7.5, 12.75]);
  });

  test('"drop": [B] results keep their length, and means divide by the number kept', () => {
    for (const chunk of [1, 3, 4]) {
      const result = batchGrad(f, { nonFinite: "drop", chunk })(3, xs);
      expect(result.batchSize).toBe(4);
      expect(nestedArrays(result.losses())).toEqual([6, Number.NaN, 7.5, 12.75]);
      expect(nestedArrays(result.materialize())).toEqual([2, 0, 2.5, 4.25]);
      expect(nestedArrays(result.norms())).toEqual([2, 0, 2.5, 4.25]);
      expect([result.sum(), result.mean()]).toEqual([8.75, 8.75 / 3]);
      expect(result.weightedSum([1, 100, 2, 0])).toBe(7);
      expect(result.clippedSum(1)).toBe(3);
      expect(result.clippedMean(1)).toBe(1);
      expect(result.secondMoment()).toBeCloseTo((4 + 6.25 + 4.25 ** 2) / 3, 12);
      const mean = 8.75 / 3;
      expect(result.variance()).toBeCloseTo(((2 - mean) ** 2 + (2.5 - mean) ** 2 + (4.25 - mean) ** 2) / 3, 12);
      expect(nestedArrays(result.project(2))).toEqual([4, 0, 5, 8.5]);
    }
  });

  test('"drop" looks at gradients too, not at losses alone', () => {
    // The loss is 0 * log 0 -> kept finite by hand; its gradient is not.
    const g = (a: Scalar, x: Scalar): Scalar => mul(0, log(mul(a, x)));
    const h = (a: Scalar, x: Scalar): Scalar => add(square(sub(a, x)), g(a, add(x, 1)));
    const result = batchGrad(h, { nonFinite: "drop" })(1, tensor([0, -1, 2]));
    expect(nestedArrays(result.losses())).toEqual([1, Number.NaN, 1]);
    expect(result.sum()).toBe(2 - 2);
  });

  test('"throw" names the samples', () => {
    const run = (options: object, x: Tensor) =>
      errorOf(() => batchGrad(f, { nonFinite: "throw", ...options })(3, x).mean());
    const hint = 'Use nonFinite: "drop" to leave them out.';
    expect(run({}, xs)).toBe(
      `[batch/non-finite] batchGrad: sample 1 gives a loss or gradient that is not finite. ${hint}`,
    );
    expect(run({ chunk: 3 }, tensor([1, 2, 3, 4, 0, 0]))).toBe(
      `[batch/non-finite] batchGrad: samples 4, 5 give a loss or gradient that is not finite. ${hint}`,
    );
    expect(run({}, tensor([0, 0, 0, 0, 0, 0, 0]))).toContain("samples 0, 1, 2, 3, 4, ... give");
    expect(run({}, tensor([1, 2]))).toBe("no error");
  });
});

describe("clipping", () => {
  test("a gradient of zero stays zero, and one at the bound is not changed", () => {
    const f = (p: Tensor, x: Tensor): Scalar => dot(p, x);
    const result = batchGrad(f)(
      w,
      tensor([
        [0, 0],
        [3, 4],
        [6, 8],
      ]),
    );
    expect(nestedArrays(result.clippedSum(5))).toEqual([6, 8]);
    expect(nestedArrays(result.clippedMean(5, { weights: [1, 0, 1] }))).toEqual([1, 4 / 3]);
    expect(nestedArrays(result.clippedSum(Number.POSITIVE_INFINITY))).toEqual([9, 12]);
  });

  test("perParameter clips each of them on its own", () => {
    const f = (p: { readonly a: Tensor; readonly b: Scalar }, x: Tensor): Scalar => add(dot(p.a, x), mul(p.b, 0.5));
    const result = batchGrad(f)(
      { a: w, b: 1 },
      tensor([
        [3, 4],
        [0, 0],
      ]),
    );
    expect(nestedArrays(result.clippedSum(1, { perParameter: true }))).toEqual({ a: [0.6000000000000001, 0.8], b: 1 });
  });
});

describe("variance", () => {
  test("with a correction; of one sample it is 0, or NaN with correction 1", () => {
    const f = (a: Scalar, x: Scalar): Scalar => mul(a, x);
    expect(batchGrad(f)(1, tensor([1, 3])).variance()).toBe(1);
    expect(batchGrad(f)(1, tensor([1, 3])).variance({ correction: 1 })).toBe(2);
    expect(batchGrad(f)(1, tensor([5])).variance()).toBe(0);
    expect(batchGrad(f)(1, tensor([5])).variance({ correction: 1 })).toBe(Number.NaN);
  });
});

describe("project", () => {
  const f = ([a, [b, c]]: readonly [Tensor, readonly [Scalar, Scalar]], x: Tensor): Scalar =>
    add(dot(a, x), mul(b, mul(c, sum(x))));
  const params: readonly [Tensor, readonly [Scalar, Scalar]] = [tensor([1, 2]), [3, 4]];
  const result = batchGrad(f)(
    params,
    tensor([
      [1, 0],
      [0, 2],
    ]),
  );
  const first = [tensor([1, 1]), [0, 0]] as const;
  const second = [tensor([0, 0]), [1, 0]] as const;

  test("tells one direction shaped like array parameters from a list of directions", () => {
    expect(nestedArrays(result.project(untyped(first)))).toEqual([1, 2]);
    expect(nestedArrays(result.project(untyped([first])))).toEqual([[1], [2]]);
    expect(nestedArrays(result.project(untyped([first, second])))).toEqual([
      [1, 4],
      [2, 8],
    ]);
  });

  test("names what does not fit", () => {
    expect(errorOf(() => result.project([]))).toBe(
      "[argument/array] project: at least one direction is needed, got none. Give a tree shaped like the parameters, or an array of such trees.",
    );
    expect(errorOf(() => result.project([tensor([1, 1, 1]), [0, 0]] as never))).toBe(
      "[shape/cotangent] project: direction[0] must have shape [2], got [3]. Give it the shape of what it belongs to, or a single number for all elements.",
    );
    expect(errorOf(() => result.project([[tensor([1, 1]), [0]]] as never))).toBe(
      "[tree/mismatch] project: the trees differ: direction[1] has length 1 where the first has 2. Give both trees the same keys and array lengths.",
    );
  });
});

describe("no parameters at all", () => {
  test("give losses, norms of 0 and empty trees", () => {
    const result = batchGrad((_: object, x: Scalar) => mul(x, 2))({}, tensor([1, 2]));
    expect(result.losses().toArray()).toEqual([2, 4]);
    expect(result.norms().toArray()).toEqual([0, 0]);
    expect(result.gram().toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(result.project({}).toArray()).toEqual([0, 0]);
    expect(result.mean()).toEqual({});
    expect(result.clippedMean(1)).toEqual({});
  });
});
