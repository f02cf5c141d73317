import { describe, expect, expectTypeOf, it } from "vitest";
import type { Tensor, Value } from "../../src/core/tensor/tensor";
import * as loss from "../../src/loss";
import { tensor, variable } from "../../src/ops/create/creation";
import { square } from "../../src/ops/elementwise/arithmetic";
import { sum } from "../../src/ops/reduce/reduction";
import { backward } from "../../src/transforms/backward";
import { vmap } from "../../src/transforms/vmap";
import { differencesOf, errorOf, gradientOf, numbersOf, secondOf } from "./gradient";

const x = tensor([
  [0.4, -1.6, 3],
  [2.2, 0.8, -0.3],
]);
const t = tensor([
  [1, 1, -1],
  [-1, 1, 1],
]);
const p = tensor([
  [0.5, 0, 1],
  [0.1, 0.9, 0.3],
]);

type Options = { readonly reduction?: "mean" | "sum" | "none" };
const losses: [string, (a: Tensor, options?: Options) => Value, (a: number, b: number) => number, Tensor][] = [
  ["mse", (a, o) => loss.mse(a, t, o), (a, b) => (a - b) ** 2, t],
  ["mae", (a, o) => loss.mae(a, t, o), (a, b) => Math.abs(a - b), t],
  ["linear", (a, o) => loss.linear(a, t, o), (a, b) => b - a, t],
  [
    "huber",
    (a, o) => loss.huber(a, t, { delta: 1.5, ...o }),
    (a, b) => (Math.abs(a - b) <= 1.5 ? (a - b) ** 2 / 2 : 1.5 * (Math.abs(a - b) - 0.75)),
    t,
  ],
  ["hinge", (a, o) => loss.hinge(a, t, { margin: 0.5, ...o }), (a, b) => Math.max(0, 0.5 - a * b), t],
  [
    "bceWithLogits",
    (a, o) => loss.bceWithLogits(a, p, { positiveWeight: tensor([1, 2, 3]), ...o }),
    (a, b) => b * Math.log1p(Math.exp(-a)) + (1 - b) * Math.log1p(Math.exp(a)),
    p,
  ],
];

describe.each(losses)("%s", (name, cost, value, target) => {
  const terms = numbersOf(x).map((a, i) => {
    const plain = value(a, target.data[i] ?? 0);
    if (name !== "bceWithLogits") return plain;
    return plain + (i % 3) * (target.data[i] ?? 0) * Math.log1p(Math.exp(-a));
  });
  const near = (got: Value, want: number[]) => {
    const numbers = typeof got === "number" ? [got] : numbersOf(got);
    expect(numbers.length).toBe(want.length);
    for (const [i, w] of want.entries()) expect(numbers[i]).toBeCloseTo(w, 12);
  };

  it("has its terms, their sum and their mean", () => {
    const total = terms.reduce((a, b) => a + b);
    near(cost(x, { reduction: "none" }), terms);
    near(cost(x, { reduction: "sum" }), [total]);
    near(cost(x), [total / 6]);
  });

  it("has the gradient and the second derivative that differences give", () => {
    const scalar = (a: Tensor) => cost(a) as Tensor<readonly []>;
    for (const [i, d] of differencesOf(scalar, x).entries()) expect(gradientOf(scalar, x)[i]).toBeCloseTo(d, 8);
    const squares = (g: Tensor) => sum(square(g));
    const second = secondOf(scalar, x, squares);
    const first = (a: Tensor) => squares(tensor(gradientOf(scalar, a)));
    for (const [i, d] of differencesOf(first, x).entries()) expect(second[i]).toBeCloseTo(d, 7);
  });
});

describe("pointwise losses", () => {
  it("give numbers for numbers, 0-d tensors otherwise", () => {
    expect(loss.mse(3, 1)).toBe(4);
    expect(loss.mae(3, 1, { reduction: "none" })).toBe(2);
    expect(loss.linear(3, 1, { reduction: "sum" })).toBe(-2);
    expect(loss.huber(3, 1)).toBe(1.5);
    expect(loss.hinge(3, -1)).toBe(4);
    expect(loss.bceWithLogits(0, 1, { positiveWeight: 2 })).toBeCloseTo(2 * Math.LN2, 15);
    expect(loss.mse(tensor([1, 2]), 1).toArray()).toBe(0.5);
    expectTypeOf(loss.mse(3, 1)).toEqualTypeOf<number>();
    expectTypeOf(loss.mse(x, t)).toEqualTypeOf<Tensor<readonly []>>();
    expectTypeOf(loss.mse(x, t, { reduction: "none" })).toEqualTypeOf<Tensor<readonly [2, 3]>>();
    const named: loss.PointwiseLoss = loss.mae;
    expect(named).toBe(loss.mae);
  });

  it("do not broadcast", () => {
    const wrong = (a: number[], b: number[]) =>
      errorOf(() =>
        loss.mse(
          tensor(new Float64Array(a.reduce((m, n) => m * n)), { shape: a }),
          tensor(new Float64Array(b.reduce((m, n) => m * n)), { shape: b }),
        ),
      );
    expect(wrong([4, 1], [4])).toBe(
      "[loss/shape] loss.mse: prediction has shape [4, 1], but target has shape [4]. Losses do not broadcast: reshape(target, [4, 1])?",
    );
    expect(wrong([2, 3], [3])).toBe(
      "[loss/shape] loss.mse: prediction has shape [2, 3], but target has shape [3]. Losses do not broadcast: broadcastTo(target, [2, 3])?",
    );
    expect(wrong([3], [2, 3])).toBe(
      "[loss/shape] loss.mse: prediction has shape [3], but target has shape [2, 3]. Losses do not broadcast: broadcastTo(prediction, [2, 3])?",
    );
    expect(wrong([3], [2])).toBe(
      "[loss/shape] loss.mse: prediction has shape [3], but target has shape [2]. They must be equal, or one of them a single number.",
    );
  });

  it("check their options and arguments", () => {
    expect(errorOf(() => loss.mse(x, t, { reduction: "avg" as never }))).toBe(
      '[option/choice] loss.mse: reduction must be one of "mean", "sum", "none", got "avg". Leave reduction out for the default.',
    );
    expect(errorOf(() => loss.mae(x, t, { reductoin: "sum" } as never))).toBe(
      '[option/unknown] loss.mae: unknown option "reductoin". Did you mean "reduction"?',
    );
    expect(errorOf(() => loss.mse(x, [1] as never))).toBe(
      "[argument/tensor] loss.mse: target must be a number or a tensor, got [1]. Make one with tensor(...).",
    );
    expect(errorOf(() => loss.huber(1, 2, { delta: 0 }))).toBe(
      "[argument/number] loss.huber: delta must be greater than 0, got 0. For the absolute error use loss.mae.",
    );
    expect(errorOf(() => loss.bceWithLogits(x, p, { positiveWeight: tensor([1, 2]) }))).toBe(
      "[loss/shape] loss.bceWithLogits: positiveWeight of shape [2] does not broadcast to [2, 3]. Give one number, or one for each position of the last axis.",
    );
  });

  it("bceWithLogits is stable far out, with gradient sigmoid - target", () => {
    const logits = variable([-700, -40, 40, 700, 0.3]);
    const target = tensor([0, 1, 1, 0, 0.25]);
    const terms = loss.bceWithLogits(logits, target, { reduction: "none" });
    expect(terms.data[0]).toBeCloseTo(9.85967654375977e-305, 310);
    expect(terms.data[0]).toBeGreaterThan(0);
    expect(terms.data[2]).toBe(Math.log1p(Math.exp(-40)));
    const gradient = backward(sum(terms), logits);
    const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
    for (const [i, z] of numbersOf(logits).entries()) {
      expect(gradient.data[i]).toBeCloseTo(sigmoid(z) - (target.data[i] ?? 0), 14);
    }
  });

  it("work inside vmap: one loss per sample", () => {
    const each = vmap((a: Tensor, b: Tensor) => loss.huber(a, b))(x, t);
    expect(each.shape).toEqual([2]);
    expect(numbersOf(each)[0]).toBeCloseTo(loss.huber(tensor([0.4, -1.6, 3]), tensor([1, 1, -1])).item(), 14);
  });
});
