import { batchGrad, dot, loss, mul, type Scalar, square, type Tensor, tensor } from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { nestedArrays } from "../transforms/nested-arrays";

const w = tensor([1, -1]);
const xs = tensor([
  [1, 2],
  [3, 4],
]);
const cost = (p: Tensor, x: Tensor): Scalar => square(dot(p, x));
const good = batchGrad(cost);
const trees = "Trees are made of plain objects and arrays, with numbers and tensors as leaves.";

describe("the batch", () => {
  const wrong = (batch: unknown) => errorOf(() => (good as (p: Tensor, b: unknown) => unknown)(w, batch));

  test("is not empty", () => {
    const empty = "[batch/empty] batchGrad: the batch is empty. Give at least one sample.";
    expect(wrong(tensor([], { shape: [0, 2] }))).toBe(empty);
    expect(wrong([])).toBe(empty);
    expect(wrong({})).toBe(empty);
  });

  test("has one row for each sample in every leaf, the odd one is named", () => {
    expect(wrong({ x: xs, y: tensor([1, 2, 3]) })).toBe(
      "[batch/length] batchGrad: leaves of the batch must have one length: batch.x (float64[2, 2]) has 2, batch.y (float64[3]) has 3. Every leaf must have one row for each sample; pass what all samples share as a further argument.",
    );
    expect(wrong([xs, [tensor([1])]])).toContain("batch[0] (float64[2, 2]) has 2, batch[1][0] (float64[1]) has 1.");
    expect(wrong({ x: xs, rate: 3 })).toBe(
      "[batch/length] batchGrad: batch.rate is a single number and has no batch axis. Pass what all samples share as a further argument.",
    );
    expect(wrong(tensor(3))).toContain("batchGrad: batch is a single number and has no batch axis.");
  });

  test("is a tree", () => {
    expect(wrong({ x: xs, name: "a" })).toBe(
      `[tree/leaf] batchGrad: batch.name is "a", neither a number nor a tensor. ${trees}`,
    );
    expect(wrong(undefined)).toBe(`[tree/leaf] batchGrad: batch is undefined, neither a number nor a tensor. ${trees}`);
    expect(wrong(new Float64Array(3))).toBe(
      "[tree/leaf] batchGrad: batch is a Float64Array, neither a number nor a tensor. Make a tensor of it: tensor(...).",
    );
  });
});

describe("the parameters and the function", () => {
  test("floats only, with the path", () => {
    const wrong = (params: unknown) => errorOf(() => (good as (p: unknown, b: Tensor) => unknown)(params, xs));
    expect(wrong({ layers: [{ w: tensor([1], { dtype: "int32" }) }] })).toBe(
      '[tree/leaf] batchGrad: params.layers[0].w is int32, and derivatives exist for floats only. Cast it to "float64", or pass it as a further argument.',
    );
    expect(wrong({ rate: "fast" })).toBe(
      '[tree/leaf] batchGrad: params.rate is "fast", neither a number nor a tensor. Pass what is not differentiated as a further argument.',
    );
    expect(errorOf(() => batchGrad(3 as never))).toBe(
      "[argument/function] batchGrad: f must be a function, got 3. Pass the function itself, not what it returns.",
    );
  });

  test("the loss of one sample is one number", () => {
    const hint = "The function sees one sample: drop the batch axis, or reduce with sum or mean.";
    expect(errorOf(() => batchGrad((p: Tensor, x: Tensor) => mul(p, x) as never)(w, xs))).toBe(
      `[grad/non-scalar] batchGrad: the loss of one sample must be a scalar, got a tensor of shape [2]. ${hint}`,
    );
    expect(errorOf(() => batchGrad((_: Tensor, __: Tensor) => undefined as never)(w, xs))).toContain(
      "batchGrad: the loss of one sample must be a scalar, got undefined. Return a number or a tensor of shape [].",
    );
  });

  test("numbers of a sample, and of the parameters, cannot be read inside", () => {
    const choose = (p: Tensor, x: Tensor): Scalar => (x.at(0).item() > 0 ? dot(p, x) : 0);
    expect(errorOf(() => batchGrad(choose)(w, xs))).toContain("[trace/value] item: a symbolic tensor of shape []");
    expect(nestedArrays(good(w, xs).mean())).toEqual([-4, -6]);
  });

  test("an error inside the function comes through as it is", () => {
    const broken = (p: Tensor, x: Tensor): Scalar => loss.mse(p, dot(p, x), untyped({ reduction: "none" }));
    expect(errorOf(() => batchGrad(broken)(w, xs))).toMatch(/^\[(loss|grad)\//);
    expect(() =>
      batchGrad((): Scalar => {
        throw new RangeError("mine");
      })(untyped(w), untyped(xs)),
    ).toThrow("mine");
    expect(nestedArrays(good(w, xs).mean())).toEqual([-4, -6]);
  });
});

describe("options and arguments of the products", () => {
  const result = good(w, xs);

  test("chunk, memory, nonFinite", () => {
    const wrong = (options: unknown) => errorOf(() => batchGrad(cost, untyped(options))(w, xs));
    for (const [chunk, shown] of [
      [-1, "-1"],
      [1.5, "1.5"],
      ["2", '"2"'],
      [Number.NaN, "NaN"],
    ]) {
      expect(wrong({ chunk })).toBe(
        `[batch/chunk] batchGrad: chunk must be an integer > 0, got ${shown}. It is the number of samples at a time; without chunk and memory all are taken at once.`,
      );
    }
    const memory = "64e6 is 64 MB; without chunk and memory all samples are taken at once.";
    expect(wrong({ memory: 0 })).toBe(
      `[batch/memory] batchGrad: memory must be a number of bytes > 0, got 0. ${memory}`,
    );
    expect(wrong({ memory: "1GB" })).toBe(
      `[batch/memory] batchGrad: memory must be a number of bytes > 0, got "1GB". ${memory}`,
    );
    expect(wrong({ nonFinite: "skip" })).toBe(
      '[option/choice] batchGrad: nonFinite must be one of "keep", "drop", "throw", got "skip". Leave nonFinite out for the default.',
    );
    expect(wrong({ chunkSize: 2 })).toBe(
      '[option/unknown] batchGrad: unknown option "chunkSize". Did you mean "chunk"?',
    );
    expect(wrong({ chunk: null, memory: undefined })).toBe("no error");
  });

  test("weights", () => {
    const hint = "Give one weight for each sample.";
    expect(errorOf(() => result.weightedSum([1, 2, 3]))).toBe(
      `[batch/weights] weightedSum: weights must have shape [2], got [3]. ${hint}`,
    );
    expect(errorOf(() => result.clippedMean(1, { weights: xs }))).toBe(
      `[batch/weights] clippedMean: weights must have shape [2], got [2, 2]. ${hint}`,
    );
    expect(errorOf(() => result.weightedSum([1, "2"] as never))).toContain(
      "[tensor/data] weightedSum: data[1] must be a number",
    );
    const want = nestedArrays(result.weightedSum([1, 2]));
    for (const weights of [
      Float64Array.of(1, 2),
      Float32Array.of(1, 2),
      tensor([1, 2]),
      tensor([1, 2], { dtype: "int32" }),
      Object.freeze([1, 2]),
    ])
      expect(nestedArrays(result.weightedSum(weights))).toEqual(want);
  });

  test("clipping", () => {
    for (const [maxNorm, shown] of [
      [-1, "-1"],
      [Number.NaN, "NaN"],
      ["1", '"1"'],
      [undefined, "undefined"],
    ]) {
      expect(errorOf(() => result.clippedMean(maxNorm as never))).toBe(
        `[batch/clip] clippedMean: maxNorm must be a number >= 0, got ${shown}. Infinity clips nothing, 0 leaves nothing.`,
      );
      expect(errorOf(() => result.clippedSum(untyped(maxNorm)))).toContain("[batch/clip] clippedSum: maxNorm");
    }
    expect(errorOf(() => result.clippedMean(1, { perParam: true } as never))).toBe(
      '[option/unknown] clippedMean: unknown option "perParam". Did you mean "perParameter"?',
    );
  });

  test("variance, norms", () => {
    expect(errorOf(() => result.variance({ correction: "1" } as never))).toBe(
      '[argument/number] variance: correction must be a number >= 0, got "1". Give one plain number.',
    );
    expect(errorOf(() => result.variance({ ddof: 1 } as never))).toBe(
      '[option/unknown] variance: unknown option "ddof". Known options: correction.',
    );
    expect(errorOf(() => result.norms({ perparameter: true } as never))).toBe(
      '[option/unknown] norms: unknown option "perparameter". Did you mean "perParameter"?',
    );
  });

  test("buffers", () => {
    const f = (p: { readonly a: Tensor; readonly b: Tensor }, x: Tensor): Scalar => dot(mul(p.a, p.b), x);
    const both = batchGrad(f)({ a: w, b: w.cast("float32") }, xs);
    const wrong = (buffers: unknown) => errorOf(() => both.materializeInto(untyped(buffers)));
    const [a, b] = [new Float64Array(4), new Float32Array(4)];
    expect(wrong({ a: new Float64Array(3), b })).toBe(
      "[batch/buffer] materializeInto: the buffer for a must be a Float64Array of 4 elements, got a Float64Array of 3. It takes the gradients of all samples, one behind the other.",
    );
    expect(wrong({ a, b: new Float64Array(4) })).toBe(
      "[batch/buffer] materializeInto: the buffer for b must be a Float32Array of 4 elements, got a Float64Array of 4. It takes the gradients of all samples, one behind the other.",
    );
    expect(wrong({ a, b: 4 })).toBe(
      "[batch/buffer] materializeInto: the buffer for b must be a Float32Array of 4 elements, got 4. It takes the gradients of all samples, one behind the other.",
    );
    expect(wrong({ a })).toBe(
      "[tree/mismatch] materializeInto: the trees differ: buffers.b is missing. Give both trees the same keys and array lengths.",
    );
    expect(wrong({ a, b })).toBe("no error");
    expect([Array.from(a), Array.from(b)]).toEqual([
      [1, -2, 3, -4],
      [1, -2, 3, -4],
    ]);
  });
});
