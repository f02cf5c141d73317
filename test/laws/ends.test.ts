// Laws of sums and squares (FAULTS 15, 16): a million equal terms of float32 add up to what float64 gives, and what is
// homogeneous is so at the ends of the range.
import * as gt from "gradtape";
import { describe, expect, test } from "vitest";
import { untyped } from "../support";

const MANY = 1_000_000;
const f32 = { dtype: "float32" } as const;
const terms = gt.full([MANY], 0.1, f32);
const tenth = Math.fround(0.1);
const scalar = (x: unknown): number => gt.valueOf(untyped(x));
const slopeOf = (f: (x: gt.Tensor) => unknown, x: gt.Tensor): gt.Tensor =>
  gt.grad((y: gt.Tensor): gt.Scalar => untyped(f(y)))(x);

/** Sums of a million terms 0.1, over a million. */
const sums: Readonly<Record<string, () => unknown>> = {
  sum: () => gt.div(gt.sum(terms), MANY),
  "sum of what a mask leaves": () => gt.div(gt.sum(terms, { where: gt.greater(terms, 0) }), MANY),
  "sum along an axis": () => gt.div(gt.sum(terms.reshape([MANY / 2, 2]), { axis: 0 }).at(1), MANY / 2),
  mean: () => gt.mean(terms),
  "mean of what a mask leaves": () => gt.mean(terms, { where: gt.greater(terms, 0) }),
  "root of the mean square": () => gt.div(gt.norm(terms), Math.sqrt(MANY)),
  "variance about 0": () => gt.sqrt(gt.variance(gt.concat([terms, gt.mul(terms, -1)]))),
  std: () => gt.std(gt.concat([terms, gt.mul(terms, -1)])),
  logSumExp: () => gt.mul(gt.div(gt.exp(gt.logSumExp(terms)), MANY * Math.exp(tenth)), tenth),
  softmax: () => gt.mul(gt.softmax(terms).at(7), MANY * tenth),
  logSoftmax: () => gt.mul(gt.exp(gt.logSoftmax(terms).at(7)), MANY * tenth),
  cumsum: () => gt.div(gt.cumsum(terms).at(-1), MANY),
  logCumSumExp: () => gt.mul(gt.div(gt.exp(gt.logCumSumExp(terms).at(-1)), MANY * Math.exp(tenth)), tenth),
  sumTo: () => gt.div(gt.sumTo(terms, []), MANY),
  avgPool2d: () => gt.avgPool2d(terms.reshape([1, 1, 1000, 1000]), { window: 1000 }).at(0, 0, 0, 0),
  "linalg.trace": () => gt.div(gt.linalg.trace(gt.full([1000, 1000], 0.1, f32)), 1000),
  "linalg.norm": () => gt.div(gt.linalg.norm(terms.reshape([1000, 1000])), 1000),
  "loss.mae": () => gt.loss.mae(terms, gt.zeros([MANY], f32)),
  "loss.mse": () => gt.sqrt(untyped(gt.loss.mse(terms, gt.zeros([MANY], f32)))),
  "the gradient of a broadcast": () => gt.div(slopeOf((x) => gt.sum(gt.mul(x, terms)), gt.ones([1], f32)).at(0), MANY),
  "the gradient of a 0-d tensor": () =>
    gt.div(
      slopeOf((x) => gt.sum(gt.mul(x, terms)), gt.tensor(1, f32)),
      MANY,
    ),
  "the gradient of where": () =>
    gt.div(slopeOf((x) => gt.sum(gt.mul(gt.where(gt.greater(terms, 0), x, 0), terms)), gt.ones([1], f32)).at(0), MANY),
  "the gradient of clip by its bound": () =>
    gt.div(slopeOf((x) => gt.sum(gt.mul(gt.clip(gt.zeros([MANY], f32), x, 2), terms)), gt.ones([1], f32)).at(0), MANY),
  "the tangent of sum": () => gt.div(untyped(gt.jvp((x: gt.Tensor) => gt.sum(x), [terms], [terms])[1]), MANY),
};

describe("a million terms of float32", () => {
  test.each(Object.entries(sums))("%s", (name, average) => {
    // The exponential of what float32 rounds is off by as much as its argument.
    const tolerance = name.startsWith("log") ? 2e-6 : 2e-7;
    expect(Math.abs(scalar(average()) / tenth - 1)).toBeLessThan(tolerance);
  });
});

/** Functions of two numbers (3, 4) at any scale, with their degree. */
const homogeneous: Readonly<Record<string, readonly [degree: 0 | 1, f: (x: gt.Tensor) => unknown]>> = {
  hypot: [1, (x) => gt.hypot(x.at(0), x.at(1))],
  norm: [1, (x) => gt.norm(x)],
  "norm of order 3": [1, (x) => gt.norm(x, { ord: 3 })],
  "norm of order 1.5": [1, (x) => gt.norm(x, { ord: 1.5 })],
  std: [1, (x) => gt.std(x)],
  mean: [1, (x) => gt.mean(x)],
  median: [1, (x) => gt.median(x)],
  "linalg.norm": [1, (x) => gt.linalg.norm(x.reshape([1, 2]))],
  "linalg.norm nuc": [1, (x) => gt.linalg.norm(x.reshape([1, 2]), { ord: "nuc" })],
  "linalg.norm 2": [1, (x) => gt.linalg.norm(x.reshape([2, 1]), { ord: 2 })],
  "linalg.svd": [1, (x) => gt.linalg.svd(x.reshape([1, 2])).s.at(0)],
  "linalg.qr": [1, (x) => gt.linalg.qr(x.reshape([2, 1])).r.at(0, 0)],
  "linalg.eigh": [1, (x) => gt.linalg.eigh(gt.diag(x)).values.at(1)],
  layerNorm: [0, (x) => gt.layerNorm(x, { epsilon: 0 }).at(0)],
  atan2: [0, (x) => gt.atan2(x.at(0), x.at(1))],
  "loss.cosineSimilarity": [0, (x) => gt.loss.cosineSimilarity(x, gt.tensor([1, 0]), { epsilon: 0 })],
};

describe.each([1e200, 1e-200])("squares at %d", (scale) => {
  test.each(Object.entries(homogeneous))("%s", (_, [degree, f]) => {
    const at = (s: number): number[] => {
      const x = gt.tensor([3 * s, 4 * s]);
      const slopes = Array.from(slopeOf(f, x).data, (g) => (degree === 1 ? g : g * s));
      return [scalar(f(x)) / (degree === 1 ? s : 1), ...slopes];
    };
    const [got, want] = [at(scale), at(1)];
    want.forEach((y, i) => {
      expect(Math.abs((got[i] ?? Number.NaN) - y)).toBeLessThanOrEqual(1e-11 * (Math.abs(y) + 1));
    });
  });
});
