import fc from "fast-check";
import {
  add,
  defineOp,
  dot,
  loss,
  matmul,
  mul,
  type Op,
  relu,
  type Scalar,
  square,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
} from "gradtape";
import { checkBatchGrad } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { caught } from "./caught";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => Math.sin(3 * i + 1));
const batchOf = (size: number, dtype: "float64" | "float32" = "float64") => ({
  x: tensor(numbers(3 * size), { shape: [size, 3], dtype }),
  y: tensor(numbers(size), { dtype }),
  token: tensor(new Int32Array(numbers(size).map((x) => (x > 0 ? 1 : 0)))),
});
interface Sample {
  x: Tensor;
  y: Tensor;
  token: Tensor;
}

describe("a right gradient passes", () => {
  const params = {
    layer: [tensor(numbers(12), { shape: [3, 4] }), tensor(numbers(4))],
    table: tensor([0.5, 2]),
    shift: 0.3,
  };
  const cost = ({ layer: [w, b], table, shift }: typeof params, { x, y, token }: Sample): Scalar => {
    const h = tanh(add(matmul(x, w), b));
    return loss.mse(add(mul(sum(h), take(table, token)), shift), y);
  };

  test("of a model with everything in it, for batches of 1 to 9 samples, at any seed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer(), (size, seed) =>
        checkBatchGrad(cost, params, batchOf(size), { seed }),
      ),
      { numRuns: 20 },
    );
  });

  test("where samples have gradient 0", () => {
    checkBatchGrad(
      (w: Tensor, x: Tensor) => relu(dot(w, x)),
      tensor([1, -1]),
      tensor([
        [0, 1],
        [1, 0],
        [0, 2],
      ]),
    );
    checkBatchGrad(
      (w: Tensor, x: Tensor) => relu(dot(w, x)),
      tensor([1, -1]),
      tensor([
        [0, 1],
        [0, 2],
      ]),
    );
  });

  test("in float32", () => {
    const w = tensor([0.1, 0.2, -0.3], { dtype: "float32" });
    checkBatchGrad((p: Tensor, { x, y }: Sample) => square(sub(dot(p, x), y)), w, batchOf(5, "float32"));
  });
});

describe("a wrong gradient is caught", () => {
  type Two = readonly [a: Tensor, b: Tensor];
  /** A product of two numbers whose batch rule takes the first sample of b for all. */
  const confused: Op<Two> = defineOp<Two>({
    name: "confused",
    shape: ([a]) => a,
    evaluate: (output, [a, b]) => {
      for (let i = 0; i < output.length; i++) output[i] = a.data[i] * b.data[b.size === 1 ? 0 : i];
    },
    vjp: [({ yBar, inputs: [, b] }) => mul(yBar, b), ({ yBar, inputs: [a] }) => mul(yBar, a)],
    batch: ([a, b], [isA, isB]) => confused(isA ? a : mul(a, tensor(new Array(b.shape[0]).fill(1))), isB ? b.at(0) : b),
  });

  test("and told for the shortest batch that shows it", () => {
    const batch = { x: tensor([1, 2, 3]), y: tensor([1, 5, 7]) };
    const f = (w: number, { x, y }: { x: Tensor; y: Tensor }) => mul(w, confused(x, y));
    const error = caught(() => checkBatchGrad(f, 2, batch, { seed: 4 }));
    expect(error.message).toBe(
      "checkBatchGrad: losses is 4 for element 1 of the result, but the loop over samples gives 20 (batch of 2, seed 4). Shorter batches, of its first 1 to 1 samples, agree.",
    );
    expect(error.facts).toMatchObject({ rule: "losses", position: 1, got: 4, want: 20, seed: 4, batchSize: 2 });
  });

  test("also where one sample is enough", () => {
    let calls = 0;
    const f = (w: number, x: Tensor) => mul(mul(w, x), ++calls);
    const error = caught(() => checkBatchGrad(f, 2, tensor([1, 2])));
    expect(error.facts.batchSize).toBe(1);
    expect(error.hint).toBe("One sample is enough to show it.");
  });
});

test("a batch without samples is an error", () => {
  expect(() => checkBatchGrad((w: Tensor) => sum(w), tensor([1]), [])).toThrow(
    "checkBatchGrad: the batch has no samples. Every leaf of it must have the batch axis first.",
  );
});
