import { describe, expect, expectTypeOf, it } from "vitest";
import type { Tensor } from "../../src/core/tensor/tensor";
import * as loss from "../../src/loss";
import { tensor } from "../../src/ops/create/creation";
import { square } from "../../src/ops/elementwise/arithmetic";
import { transpose } from "../../src/ops/movement/reshape-transpose";
import { sum } from "../../src/ops/reduce/reduction";
import { logSoftmax, softmax } from "../../src/ops/reduce/softmax";
import { grad } from "../../src/transforms/grad";
import { vmap } from "../../src/transforms/vmap";
import { differencesOf, errorOf, gradientOf, numbersOf, secondOf } from "./gradient";

const x = tensor([
  [0.4, -1.6, 3],
  [2.2, 0.8, -0.3],
]);
const q = tensor([
  [0.5, 0.2, 0.3],
  [0.1, 0.9, 0],
]);
const classes = [2, 0];
const logs = numbersOf(logSoftmax(x));
const none = { reduction: "none" } as const;

const near = (got: Tensor | readonly number[], want: readonly number[], digits = 12) => {
  const numbers = "data" in got ? numbersOf(got) : got;
  expect(numbers.length).toBe(want.length);
  for (const [i, w] of want.entries()) expect(numbers[i]).toBeCloseTo(w, digits);
};
/** -sum over classes of weight times probability times logarithm, of both rows. */
const rows = (probabilities: readonly number[], weights = [1, 1, 1]): number[] =>
  [0, 1].map((r) => -[0, 1, 2].reduce((s, c) => s + weights[c] * probabilities[3 * r + c] * logs[3 * r + c], 0));

const costs: [string, (a: Tensor) => Tensor<readonly []>][] = [
  ["crossEntropy of classes", (a) => loss.crossEntropy(a, classes)],
  [
    "crossEntropy with weights and smoothing",
    (a) => loss.crossEntropy(a, classes, { classWeights: [1, 2, 3], labelSmoothing: 0.1, reduction: "sum" }),
  ],
  ["crossEntropy of probabilities", (a) => loss.crossEntropy(a, q, { labelSmoothing: 0.2 })],
  ["crossEntropy by its target", (a) => loss.crossEntropy(q, a)],
  ["crossEntropy along axis 0", (a) => loss.crossEntropy(a, [1, 0, 1], { axis: 0 })],
  ["nll", (a) => loss.nll(a, classes, { classWeights: tensor([1, 2, 3]) })],
  ["klDivergence", (a) => loss.klDivergence(logSoftmax(a), q)],
  ["klDivergence by its target", (a) => loss.klDivergence(x, softmax(a))],
  ["klDivergence by the logarithm of its target", (a) => loss.klDivergence(x, logSoftmax(a), { logTarget: true })],
  ["cosineSimilarity", (a) => loss.cosineSimilarity(a, q)],
  ["cosineSimilarity by b, broadcast", (a) => loss.cosineSimilarity(tensor([1, 2, -1]), a, { axis: 1 })],
];

describe.each(costs)("%s", (_, cost) => {
  it("has the gradient and the second derivative that differences give", () => {
    near(gradientOf(cost, x), differencesOf(cost, x), 8);
    const squares = (g: Tensor) => sum(square(g));
    const first = (a: Tensor) => squares(tensor(gradientOf(cost, a)));
    near(secondOf(cost, x, squares), differencesOf(first, x), 7);
  });
});

describe("crossEntropy", () => {
  it("takes classes in every form, and one sample", () => {
    const want = [-logs[2], -logs[3]];
    near(loss.crossEntropy(x, classes, none), want);
    near(loss.crossEntropy(x, Int32Array.from(classes), none), want);
    near(loss.crossEntropy(x, tensor(classes, { dtype: "int32" }), none), want);
    near(loss.crossEntropy(x, classes), [(want[0] + want[1]) / 2]);
    near(loss.crossEntropy(x, classes, { reduction: "sum" }), [want[0] + want[1]]);
    near(loss.crossEntropy(tensor([0.4, -1.6, 3]), 2), [want[0]]);
    near(loss.crossEntropy(transpose(x), classes, { axis: 0, reduction: "none" }), want);
    expectTypeOf(loss.crossEntropy(x, classes)).toEqualTypeOf<Tensor<readonly []>>();
  });

  it("takes probabilities, weights and smoothing", () => {
    near(loss.crossEntropy(x, q, none), rows(numbersOf(q)));
    near(loss.crossEntropy(x, q, { classWeights: [1, 2, 3], ...none }), rows(numbersOf(q), [1, 2, 3]));
    const smoothed = [0.1, 0.1, 0.8, 0.8, 0.1, 0.1];
    near(loss.crossEntropy(x, classes, { labelSmoothing: 0.3, ...none }), rows(smoothed));
    const options = { labelSmoothing: 0.3, classWeights: [1, 2, 3], ...none };
    near(loss.crossEntropy(x, classes, options), rows(smoothed, [1, 2, 3]));
    near(
      loss.crossEntropy(
        x,
        tensor([
          [0, 0, 1],
          [1, 0, 0],
        ]),
        options,
      ),
      rows(smoothed, [1, 2, 3]),
    );
  });

  it("does not divide by the class weights", () => {
    near(loss.crossEntropy(x, classes, { classWeights: [2, 2, 2] }), [-(logs[2] + logs[3])]);
  });

  it("has the gradient (softmax - target) / rows", () => {
    const want = numbersOf(softmax(x)).map((s, i) => (s - (i === 2 || i === 3 ? 1 : 0)) / 2);
    near(
      gradientOf((a) => loss.crossEntropy(a, classes), x),
      want,
      15,
    );
    const soft = numbersOf(softmax(x)).map((s, i) => (s - q.data[i]) / 2);
    near(
      gradientOf((a) => loss.crossEntropy(a, q), x),
      soft,
      15,
    );
  });

  it("is stable for huge logits, and where a class is impossible", () => {
    expect(
      loss
        .crossEntropy(
          tensor([
            [1000, 0, -1000],
            [-500, 3, 400],
          ]),
          [1, 2],
        )
        .item(),
    ).toBe(500);
    const masked = tensor([0, -Infinity, 0]);
    expect(loss.crossEntropy(masked, 0).item()).toBeCloseTo(Math.LN2, 15);
    expect(loss.crossEntropy(masked, tensor([1, 0, 0])).item()).toBeCloseTo(Math.LN2, 15);
    near(
      gradientOf((a) => loss.crossEntropy(a, tensor([1, 0, 0])), masked),
      [-0.5, 0, 0.5],
    );
    expect(loss.crossEntropy(masked, 1).item()).toBe(Infinity);
  });

  it("gives the gradient by probabilities, also by those that are 0", () => {
    near(
      gradientOf((a) => loss.crossEntropy(x, a, { reduction: "sum" }), q),
      logs.map((l) => -l),
    );
  });

  it("names classes out of range, wherever their numbers are known", () => {
    const at = "[loss/class] loss.crossEntropy:";
    const wrong = (target: unknown) => errorOf(() => loss.crossEntropy(x, target as number[]));
    expect(wrong([0, 3])).toBe(`${at} class 3 at [1] is out of range. Classes run from 0 to 2.`);
    expect(wrong([-1, 0])).toBe(`${at} class -1 at [0] is out of range. Classes run from 0 to 2.`);
    expect(wrong(tensor([0, 3], { dtype: "int32" }))).toBe(
      `${at} class 3 at [1] is out of range. Classes run from 0 to 2.`,
    );
    expect(wrong([0.5, 0.5])).toBe(
      `${at} a class must be an integer, got 0.5 at [0]. For probabilities, give a float tensor: tensor(...).`,
    );
    expect(errorOf(() => loss.nll(tensor([0, 0]), 2))).toBe(
      "[loss/class] loss.nll: class 2 is out of range. Classes run from 0 to 1.",
    );
    const mapped = vmap((a: Tensor, c: Tensor) => loss.crossEntropy(a, c));
    expect(errorOf(() => mapped(x, tensor([0, -1], { dtype: "int32" })))).toBe(
      `${at} class -1 at [1] is out of range. Classes run from 0 to 2.`,
    );
  });

  it("names shapes that do not fit", () => {
    const at = "[loss/shape] loss.crossEntropy: beside logits of shape [2, 3],";
    const wrong = (target: unknown) => errorOf(() => loss.crossEntropy(x, target as Tensor));
    expect(wrong([0, 1, 2])).toBe(
      `${at} an int32 target must be classes of shape [2], got [3]. Give one class for each row of logits.`,
    );
    expect(wrong(tensor([0, 1]))).toBe(
      `${at} a float64 target must be probabilities of shape [2, 3], got [2]. If these are classes: cast(target, "int32").`,
    );
    expect(wrong(tensor([true, false]))).toContain("[dtype/index] loss.crossEntropy: a target must be int32 classes");
    expect(errorOf(() => loss.crossEntropy(x, classes, { classWeights: [1, 2] }))).toBe(
      "[loss/shape] loss.crossEntropy: classWeights must have shape [3], got [2]. Give one weight for each class.",
    );
    expect(errorOf(() => loss.crossEntropy(x, classes, { axis: 2 }))).toContain("[axis/range] loss.crossEntropy:");
    expect(errorOf(() => loss.crossEntropy(x, classes, { labelSmoothing: 2 }))).toBe(
      "[argument/number] loss.crossEntropy: labelSmoothing must be a number from 0 to 1, got 2. The largest allowed is 1.",
    );
    expect(errorOf(() => loss.crossEntropy(1 as never, 0))).toBe(
      "[argument/tensor] loss.crossEntropy: logits must be a tensor, got 1. Make one with tensor(...).",
    );
  });

  it("gives one cost and one gradient per sample inside vmap", () => {
    const target = tensor(classes, { dtype: "int32" });
    const each = vmap((a: Tensor, c: Tensor) => loss.crossEntropy(a, c, { labelSmoothing: 0.1 }))(x, target);
    near(each, numbersOf(loss.crossEntropy(x, classes, { labelSmoothing: 0.1, ...none })));
    const gradients = vmap((a: Tensor, c: Tensor) => grad((z: Tensor) => loss.crossEntropy(z, c))(a))(x, target);
    near(
      gradients,
      gradientOf((a) => loss.crossEntropy(a, classes, { reduction: "sum" }), x),
    );
  });
});

describe("klDivergence", () => {
  const entropy = (p: number) => (p === 0 ? 0 : p * Math.log(p));
  const want = rows(numbersOf(q)).map((h, r) => h + [0, 1, 2].reduce((s, c) => s + entropy(q.data[3 * r + c]), 0));

  it("sums over classes; a probability of 0 costs nothing", () => {
    near(loss.klDivergence(logSoftmax(x), q, none), want);
    near(loss.klDivergence(logSoftmax(x), q), [(want[0] + want[1]) / 2]);
    const logTarget = tensor(numbersOf(q).map(Math.log), { shape: [2, 3] });
    near(loss.klDivergence(logSoftmax(x), logTarget, { logTarget: true, ...none }), want);
    near(loss.klDivergence(transpose(logSoftmax(x)), transpose(q), { axis: 0, ...none }), want);
    expect(loss.klDivergence(tensor([-Infinity, 0]), tensor([0, 1])).item()).toBe(0);
    expect(loss.klDivergence(tensor([-Infinity, 0]), tensor([0.5, 0.5])).item()).toBe(Infinity);
  });

  it("has finite gradients where the target is 0", () => {
    const gradient = gradientOf((a) => loss.klDivergence(tensor([-1, -2]), a), tensor([0, 1]));
    near(gradient, [0, 3]);
    near(
      gradientOf((a) => loss.klDivergence(a, tensor([0, 1])), tensor([-1, -2])),
      [0, -1],
    );
  });

  it("does not broadcast", () => {
    expect(errorOf(() => loss.klDivergence(x, tensor([1, 0, 0])))).toBe(
      "[loss/shape] loss.klDivergence: logPrediction has shape [2, 3], but target has shape [3]. Losses do not broadcast: broadcastTo(target, [2, 3])?",
    );
  });
});

describe("cosineSimilarity", () => {
  it("is 1 for the same direction, and broadcasts", () => {
    near(
      loss.cosineSimilarity(
        tensor([
          [1, 0],
          [0, 2],
        ]),
        tensor([1, 1]),
        none,
      ),
      [Math.SQRT1_2, Math.SQRT1_2],
    );
    near(loss.cosineSimilarity(tensor([3, 4]), tensor([-6, -8])), [-1]);
    near(loss.cosineSimilarity(tensor([[1], [1]]), tensor([[1, 0]]), { axis: 1, ...none }), [
      Math.SQRT1_2,
      Math.SQRT1_2,
    ]);
  });

  it("is finite at the zero vector, with its gradient", () => {
    const zero = tensor([0, 0]);
    expect(loss.cosineSimilarity(zero, tensor([1, 0])).item()).toBe(0);
    near(
      gradientOf((a) => loss.cosineSimilarity(a, tensor([1, 0]), { epsilon: 0.5 }), zero),
      [2, 0],
    );
  });

  it("checks shapes", () => {
    expect(errorOf(() => loss.cosineSimilarity(tensor([1, 2]), tensor([1, 2, 3])))).toContain(
      "[shape/broadcast] loss.cosineSimilarity:",
    );
  });
});
