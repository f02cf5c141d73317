import {
  allClose,
  batchGrad,
  betainc,
  erf,
  erfInv,
  gammainc,
  gammaincc,
  grad,
  hessian,
  type Scalar,
  square,
  sum,
  type Tensor,
  tensor,
  trace,
  type Value,
  vmap,
} from "gradtape";
import { gradcheck } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { untyped } from "../../support";

describe("derivatives to second order, by every input", () => {
  test.each([
    [0.05, 0.02],
    [0.4, 1.7],
    [1, 0.5],
    [3, 2.5],
    [7, 15],
    [19.99, 20],
    [40, 35],
    [300, 310],
    [1000, 1010],
  ])("gammainc and gammaincc(%d, %d)", (a, x) => {
    const step = 1e-2 * Math.min(a, x, Math.sqrt(a));
    gradcheck((p: Value, q: Value) => gammainc(p, q), [a, x], { step });
    gradcheck((p: Value, q: Value) => gammaincc(p, q), [a, x], { step });
  });

  test.each([
    [0.1, 0.2, 0.3],
    [0.5, 0.5, 0.9],
    [1, 1, 0.4],
    [2, 5, 0.25],
    [5, 0.3, 0.95],
    [25, 30, 0.45],
    [200, 3, 0.98],
    [500, 800, 0.4],
  ])("betainc(%d, %d, %d)", (a, b, x) => {
    const deviation = Math.sqrt((x * (1 - x)) / (a + b));
    gradcheck((p: Value, q: Value, r: Value) => betainc(p, q, r as number), [a, b, x], {
      step: 1e-2 * Math.min(a, b, x, 1 - x, deviation),
    });
  });

  test.each([-0.99, -0.5, 1e-9, 0.3, 0.86, 0.999])("erfInv(%d)", (x) => {
    gradcheck((y: Value) => erfInv(y), [x], { step: 1e-2 * (1 - Math.abs(x)) });
  });
});

test("third derivatives are those of the second", () => {
  const third = (a: number, x: number) => grad(grad(grad((p: number) => gammainc(p, x))))(a);
  const second = (a: number, x: number) => grad(grad((p: number) => gammainc(p, x)))(a);
  for (const [a, x] of [
    [0.7, 0.3],
    [4, 6],
    [50, 44],
  ]) {
    const h = 1e-4 * a;
    const slope =
      (8 * (second(a + h, x) - second(a - h, x)) - (second(a + 2 * h, x) - second(a - 2 * h, x))) / (12 * h);
    expect(third(a, x) / slope).toBeCloseTo(1, 7);
  }
});

test("the second derivative by x at 0 is that of the polynomial", () => {
  // P(2, x) = 1 - (1 + x) exp(-x), I(2, 1, x) = x^2
  expect(grad(grad((x: number) => gammainc(2, x)))(0)).toBe(1);
  expect(grad(grad((x: number) => gammainc(1, x)))(0)).toBe(-1);
  expect(grad(grad((x: number) => betainc(2, 1, x)))(0)).toBe(2);
  expect(grad(grad((x: number) => betainc(1, 2, x)))(1)).toBe(-2);
});

test("mixed second derivatives are symmetric", () => {
  const f = ([a, b, x]: number[]): number => betainc(a, b, x);
  const h = hessian(f)([3, 4, 0.4]);
  for (const [i, j] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ]) {
    expect(h[i][j] / h[j][i]).toBeCloseTo(1, 12);
  }
});

test("inputs broadcast like those of other elementwise ops", () => {
  const a: Tensor = tensor([[1], [2], [20]]);
  const x: Tensor = tensor([0.2, 0.7]);
  const want = [1, 2, 20].map((p) => [0.2, 0.7].map((q) => betainc(p, 3, q)));
  expect(betainc(a, 3, x).toArray()).toEqual(want);
  expect(betainc(a, tensor([3, 3]), x).toArray()).toEqual(want);
  expect(gammainc(a, x).toArray()).toEqual([1, 2, 20].map((p) => [0.2, 0.7].map((q) => gammainc(p, q))));
  const [byA, byX] = grad(([p, q]: Tensor[]): Scalar => sum(betainc(p, 3, q)))([a, x]);
  expect([byA.shape, byX.shape]).toEqual([[3, 1], [2]]);
  const one = (p: number, q: number) => grad(([s, t]: number[]): number => betainc(s, 3, t))([p, q]);
  expect(byA.at(2, 0).item()).toBeCloseTo(one(20, 0.2)[0] + one(20, 0.7)[0], 14);
  expect(byX.at(1).item()).toBeCloseTo(one(1, 0.7)[1] + one(2, 0.7)[1] + one(20, 0.7)[1], 14);
});

test("dtypes: a number beside a tensor takes its dtype, integers give float64", () => {
  const x = tensor([0.25, 0.5], { dtype: "float32" });
  expect([betainc(2, 3, x).dtype, gammainc(2, x).dtype, erfInv(x).dtype]).toEqual(["float32", "float32", "float32"]);
  expect(betainc(2, 3, x).data[0]).toBe(Math.fround(betainc(2, 3, 0.25)));
  expect(betainc(tensor([2]), 3, x).dtype).toBe("float64");
  expect(betainc(tensor([2], { dtype: "int32" }), 3, untyped(0.5))).toMatchObject({ dtype: "float64" });
  expect(betainc(tensor([2], { dtype: "int32" }), 3, x).dtype).toBe("float32");
  expect(gammainc(tensor([2], { dtype: "int32" }), 1).dtype).toBe("float64");
  expect(grad((v: Tensor): Scalar => sum(betainc(2, 3, v)))(x).dtype).toBe("float32");
});

test("inside vmap and trace, and per sample", () => {
  const [a, x]: Tensor[] = [tensor([0.5, 2, 30]), tensor([0.1, 0.4, 0.8])];
  const want = [0, 1, 2].map((i) => betainc(a.data[i], 4, x.data[i]));
  expect(vmap((p: Tensor, q: Tensor) => betainc(p, 4, q))(a, x).toArray()).toEqual(want);
  const shared = vmap((p: Tensor, q: Tensor) => betainc(p, 4, q), { inAxes: [0, null] })(a, x);
  expect(shared.toArray()).toEqual(Array.from(a.data, (p) => Array.from(x.data, (q) => betainc(p, 4, q))));
  expect(
    trace((q: Tensor) => betainc(2, 4, q))(a)
      .replay(x)
      .toArray(),
  ).toEqual(betainc(2, 4, x).toArray());
  const f = (p: Tensor, q: Tensor): Scalar => square(gammainc(p, q));
  const gradients = batchGrad(f)(tensor(2), x);
  const each = Array.from(x.data, (q) => grad((p: number) => square(gammainc(p, q)))(2));
  expect(allClose(gradients.materialize(), tensor(each))).toBe(true);
});

test("erfInv undoes erf, and so do the derivatives", () => {
  const x = tensor([-1.5, -0.2, 0, 0.4, 2]);
  expect(allClose(erfInv(erf(x)), x)).toBe(true);
  const g = grad((v: Tensor): Scalar => sum(erfInv(erf(v))))(x);
  expect(allClose(g, tensor([1, 1, 1, 1, 1]))).toBe(true);
});
