import {
  add,
  batchGrad,
  matmul,
  mul,
  ones,
  type Scalar,
  softmax,
  square,
  sum,
  type Tensor,
  tanh,
  tensor,
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
const _termsOf = (result: { explain(): { readonly rows: readonly Readonly<Record<string, unknown>>[] } }): unknown[] =>
  result.explain().rows.map((row) => row.terms);

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
