import {
  add,
  batchGrad,
  conv2d,
  explain,
  matmul,
  mul,
  ones,
  relu,
  reshape,
  type Scalar,
  scan,
  slice,
  softmax,
  square,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  transpose,
  zeros,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { withMonitor } from "../../src/core/op/monitor";
import { numbersOf } from "../core/sweep/programs";
import { errorOf } from "../errors/error-of";

const size = (x: Tensor): Scalar => sum(square(x));
const xs = tensor([
  [1, 2, 3, 4],
  [0, 1, 0, 1],
  [2, 0, 1, 1],
]);

/** The terms of each parameter. */
const termsOf = (result: { explain(): { readonly rows: readonly Readonly<Record<string, unknown>>[] } }): unknown[] =>
  result.explain().rows.map((row) => row.terms);

describe("explain shows the terms of each parameter", () => {
  test("as a table", () => {
    const loss = (p: { w: Tensor; b: Tensor }, x: Tensor) => size(tanh(add(matmul(x, p.w), p.b)));
    const result = batchGrad(loss, { chunk: 2 })({ w: ones([4, 3]), b: zeros([3]) }, xs);
    expect(String(explain(result))).toBe(
      [
        "batchGrad of 3 samples",
        "  parameter  shape   terms       way    gram   operationsByRows  operationsByPairs  samplesAtATime  rowsAtATime",
        "  w          [4, 3]  ia,ib->iab  pairs  pairs  72                18                 2               2",
        "  b          [3]     ia->ia      rows   rows   6                 8                  2               2",
      ].join("\n"),
    );
  });

  test.each<readonly [name: string, terms: string, result: Parameters<typeof termsOf>[0]]>([
    [
      "positions",
      "iab,iac->ibc",
      batchGrad((w: Tensor, x: Tensor) => size(matmul(reshape(x, [2, 2]), w)))(ones([2, 3]), xs),
    ],
    [
      "tied and transposed",
      "ia,ib->iba + ia,ib->iab",
      batchGrad((w: Tensor, x: Tensor) => size(matmul(tanh(matmul(x, w)), transpose(w))))(ones([4, 3]), xs),
    ],
    [
      "a penalty",
      "ab->iab + ia,ib->iab",
      batchGrad((w: Tensor, x: Tensor) => add(size(tanh(matmul(x, w))), mul(0.1, size(w))))(ones([4, 2]), xs),
    ],
    [
      "a flat vector",
      "ia->ia@8 + ia,ib->iab@0",
      batchGrad((p: Tensor, x: Tensor) =>
        size(add(matmul(x, reshape(slice(p, [{ stop: 8 }]), [4, 2])), slice(p, [{ start: 8 }]))),
      )(ones([10]), xs),
    ],
    [
      "an embedding",
      "iab,ia[c]->icb",
      batchGrad((table: Tensor, at: Tensor) => size(sum(tanh(take(table, at)), { axis: 0 })))(
        ones([5, 2]),
        tensor([[1, 1, 3]], { dtype: "int32" }),
      ),
    ],
    [
      "a loop",
      "iab,iac->ibc",
      batchGrad((w: Tensor, x: Tensor) => {
        const [h] = scan((s: Tensor, row: Tensor) => [tanh(add(matmul(s, w), row)), undefined], zeros([2]), x);
        return size(h);
      })(ones([2, 2]), ones([1, 3, 2])),
    ],
    [
      "a convolution with more positions than filters",
      "iabc->iabc",
      batchGrad((k: Tensor, x: Tensor) => size(relu(conv2d(reshape(x, [1, 1, 6, 6]), k))))(
        ones([2, 1, 3, 3]),
        ones([2, 36]),
      ),
    ],
    [
      "a convolution with fewer",
      "iabcde,ifde->ifcab",
      batchGrad((k: Tensor, x: Tensor) => size(relu(conv2d(reshape(x, [1, 8, 4, 4]), k))))(
        ones([32, 8, 3, 3]),
        ones([2, 128]),
      ),
    ],
    [
      "what does not factor",
      "iab->iab",
      batchGrad((w: Tensor, x: Tensor) => size(matmul(x, softmax(w))))(ones([4, 2]), xs),
    ],
    ["what is not used", "0", batchGrad((_: Tensor, x: Tensor) => size(x))(ones([4, 2]), xs)],
  ])("%s: %s", (_, terms, result) => {
    expect(termsOf(result)).toEqual([terms]);
  });
});

describe("project", () => {
  test("of gradients that do not fit goes forward, once for each direction", () => {
    const params = Array.from({ length: 6 }, (_, k) => mul(ones([4, 50]), 0.1 * (k + 1)) as Tensor);
    const loss = (ws: readonly Tensor[], x: Tensor) =>
      ws.reduce<Scalar>((s, w) => add(s, size(matmul(x, softmax(w)))), 0);
    const directions = [1, 2].map((seed) => params.map((w, k) => tanh(mul(w, seed + k))));
    const want = batchGrad(loss)(params, xs).project(directions);
    const widest = (memory: number): number => {
      let most = 0;
      const result = batchGrad(loss, { memory })(params, xs);
      const got = withMonitor(
        {
          onValue: (op, _, outputs) => {
            // A direction of several is a slice of them.
            if (op === "slice") return;
            for (const y of outputs) if (typeof y === "object" && y.shape[0] === 1) most = Math.max(most, y.size);
          },
          onEntry: () => undefined,
          rule: (_, __, ___, ____, run) => run(),
          step: (_, run) => run(),
        },
        () => result.project(directions),
      );
      expect(numbersOf(got)).toEqual(Array.from(numbersOf(want), (x) => expect.closeTo(x, 10)));
      return most;
    };
    const needed = Number(/takes, (\d+) bytes/.exec(errorOf(() => batchGrad(loss, { memory: 1 })(params, xs)))?.[1]);
    expect(needed).toBeGreaterThan(0);
    // Rows of one sample are [1, 4, 50] for each parameter; going forward gives one number for it.
    expect(widest(needed)).toBeLessThan(200);
  });
});
