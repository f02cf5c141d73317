import { expect, test } from "vitest";
import * as gt from "../../../src/index";

const { grad, jvp, hessian, tensor } = gt;
type S = gt.Scalar;
const numbers = (x: unknown): unknown => (Array.isArray(x) ? x.map(numbers) : gt.isTensor(x) ? x.toArray() : x);
/** The derivative in either mode. */
const both = (f: (x: S) => S, x: number): unknown[] => [numbers(grad(f)(x)), numbers(jvp(f, [x], [1])[1])];

test.each<[string, (x: S) => S, number, number]>([
  ["sqrt of relu", (x) => gt.sqrt(gt.relu(x)), -1, 0],
  ["sqrt of abs", (x) => gt.sqrt(gt.abs(x)), 0, 0],
  ["sqrt of square", (x) => gt.sqrt(gt.square(x)), 0, 0],
  ["log of a quotient by maximum", (x) => gt.log(gt.div(1, gt.maximum(1e-200, x))), 0, 0],
  ["sqrt of minimum", (x) => gt.sqrt(gt.minimum(0, x)), 1, 0],
  ["sqrt of clip", (x) => gt.sqrt(gt.clip(x, 0, 1)), -1, 0],
  ["log of leakyRelu without a slope", (x) => gt.log(gt.leakyRelu(x, { negativeSlope: 0 })), -1, 0],
  ["log of 1 + elu", (x) => gt.log(gt.add(1, gt.elu(x))), -800, 0],
  ["sqrt of floor", (x) => gt.sqrt(gt.floor(x)), 0.5, 0],
  ["sqrt of hinge", (x) => gt.sqrt(gt.loss.hinge(x, 1) as S), 2, 0],
  ["reciprocal of huber", (x) => gt.reciprocal(gt.loss.huber(x, 1) as S), 1, 0],
])("a derivative of 0 absorbs an infinite cotangent: %s", (_, f, x, want) => {
  for (const got of both(f, x)) expect(got === want, `${got}`).toBe(true);
});

test("what a reduction does not select gets 0 beside an infinite cotangent", () => {
  const x = tensor([-1, 0, 1]);
  expect(numbers(grad((v: gt.Tensor) => gt.sqrt(gt.median(v)))(x))).toEqual([0, Infinity, 0]);
  expect(numbers(grad((v: gt.Tensor) => gt.sqrt(gt.quantile(v, 0.5)))(x))).toEqual([0, Infinity, 0]);
  expect(numbers(grad((v: gt.Tensor) => gt.sqrt(gt.max(v)))(tensor([-1, 0])))).toEqual([0, Infinity]);
  expect(numbers(grad((v: gt.Tensor) => gt.sqrt(gt.min(v)))(tensor([1, 0])))).toEqual([0, Infinity]);
  const loss = (w: S, sample: S) => gt.sqrt(gt.relu(gt.mul(w, sample)));
  const mean = gt
    .batchGrad(loss as never)(1 as never, tensor([4, -1, 9]) as never)
    .mean();
  expect(numbers(mean)).toBeCloseTo(5 / 6, 12);
});

test("logAddExp has its curvature where both are equal", () => {
  const f = ([a, b]: [S, S]) => gt.logAddExp(a, b);
  expect(numbers(hessian(f as never)([1, 1] as never))).toEqual([
    [0.25, -0.25],
    [-0.25, 0.25],
  ]);
});

test.each([1e155, 1e200, Infinity])("gelu by tanh at ±%f has the slopes 1 and 0 in either mode", (x) => {
  const f = (v: S) => gt.gelu(v, { approximate: "tanh" });
  expect([...both(f, x), ...both(f, -x)]).toEqual([1, 1, 0, 0]);
});

test("in float32 too, where numbers end sooner", () => {
  const x = tensor([2e19, -2e19], { dtype: "float32" });
  const f = (v: gt.Tensor) => gt.gelu(v, { approximate: "tanh" });
  expect(numbers(jvp(f, [x], [gt.onesLike(x)])[1])).toEqual([1, 0]);
  const slope = grad((v: gt.Tensor) => gt.sum(gt.tanh(v)))(tensor([9], { dtype: "float32" }));
  expect((slope.data[0] as number) / 6.0919916223e-8).toBeCloseTo(1, 6);
});

test.each<[string, (x: S) => S, number, number]>([
  ["asin", gt.asin, 1e-12, 1e-12],
  ["acos", gt.acos, 1e-12, -1e-12],
  ["atanh", gt.atanh, 1e-12, 2e-12],
  ["sigmoid", gt.sigmoid, 1e-12, -1.25e-13],
  ["asin", gt.asin, 1, Infinity],
  ["asin", gt.asin, -1, -Infinity],
  ["acos", gt.acos, 1, -Infinity],
  ["atanh", gt.atanh, -1, -Infinity],
  ["acosh", gt.acosh, 1, -Infinity],
  ["acosh", gt.acosh, Infinity, 0],
  ["atan", gt.atan, Infinity, 0],
  ["asinh", gt.asinh, -Infinity, 0],
  ["erf", gt.erf, Infinity, 0],
  ["erfc", gt.erfc, -Infinity, 0],
  ["silu", gt.silu, Infinity, 0],
  ["silu", gt.silu, -Infinity, 0],
  ["gelu", (x) => gt.gelu(x), Infinity, 0],
  ["gelu", (x) => gt.gelu(x), -Infinity, 0],
  ["softplus", gt.softplus, 40, 4.248354255291589e-18],
  ["logSigmoid", gt.logSigmoid, -40, -4.248354255291589e-18],
])("the second derivative of %s at the ends and near 0", (_, f, x, want) => {
  const slopes = (v: S) => jvp(f, [v], [1])[1] as S;
  for (const got of [...both(grad(f) as (v: S) => S, x), ...both(slopes, x)]) {
    if (Number.isFinite(want) && want !== 0) expect((got as number) / want).toBeCloseTo(1, 12);
    else expect(got === want, `${got}`).toBe(true);
  }
});

test("derivatives of pow at base 0 are symmetric: 0 wherever the exponent has a part", () => {
  const at = (b: number) => numbers(hessian(([x, y]: [S, S]) => gt.pow(x, y))([0, b]) as never);
  const zeros = (x: unknown) => JSON.parse(JSON.stringify(x, (_, y) => (y === -Infinity ? "-Infinity" : y)));
  expect(zeros(at(1))).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(zeros(at(0.5))).toEqual([
    ["-Infinity", 0],
    [0, 0],
  ]);
});

test("rows of the Jacobian of softmax add up to 0", () => {
  const slope = 4.248354255291589e-18;
  const rows = numbers(gt.jacobian((x: gt.Tensor) => gt.softmax(x))(tensor([40, 0]))) as number[][];
  const wanted = [slope, -slope, -slope, slope];
  for (const [i, x] of rows.flat().entries()) expect(x / (wanted[i] as number)).toBeCloseTo(1, 12);
});

const smooth: readonly [string, (x: S) => S, number][] = [
  ["tanh", gt.tanh, 0.4],
  ["sigmoid", gt.sigmoid, 0.4],
  ["softplus", gt.softplus, 0.4],
  ["logSigmoid", gt.logSigmoid, 0.4],
  ["silu", gt.silu, 0.4],
  ["asin", gt.asin, 0.4],
  ["acos", gt.acos, 0.4],
  ["atan", gt.atan, 0.4],
  ["asinh", gt.asinh, 0.4],
  ["atanh", gt.atanh, 0.4],
  ["acosh", gt.acosh, 1.4],
  ["erf", gt.erf, 0.4],
  ["gelu", (x) => gt.gelu(x), 0.4],
  ["gelu by tanh", (x) => gt.gelu(x, { approximate: "tanh" }), 0.4],
  ["pow by its base", (x) => gt.pow(x, 2.5), 0.4],
  ["pow by its exponent", (x) => gt.pow(2.5, x), 0.4],
  ["pow by both", (x) => gt.pow(x, x), 0.4],
  ["hypot", (x) => gt.hypot(x, 0.7), 0.4],
  ["atan2", (x) => gt.atan2(x, 0.7), 0.4],
  ["logAddExp", (x) => gt.logAddExp(x, 0.7), 0.4],
];

test.each(smooth)("the third and the fourth derivative of %s are those of the one before", (_, f, x) => {
  const orders = [f];
  for (let k = 1; k <= 4; k++) {
    const before = orders[k - 1] as (x: S) => S;
    // Reverse and forward in turn, and two of the same behind one another.
    orders.push(k % 3 === 0 ? (v) => jvp(before, [v], [1])[1] as S : (grad(before) as (v: S) => S));
  }
  const h = 1e-4;
  for (const k of [3, 4]) {
    const [before, here] = [orders[k - 1], orders[k]] as [(x: S) => S, (x: S) => S];
    const value = (at: number) => numbers(before(at)) as number;
    const difference = (value(x + h) - value(x - h)) / (2 * h);
    const onTensors = numbers(here(tensor(x) as S)) as number;
    for (const got of [numbers(here(x)) as number, onTensors])
      expect(Math.abs(got - difference)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(difference)));
  }
});
