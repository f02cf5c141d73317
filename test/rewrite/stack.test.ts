// Stack: uses of one parameter that are alike are positions of one term.
import fc from "fast-check";
import { add, grad, matmul, mul, reshape, type Scalar, square, sum, type Tensor, take, tanh, tensor } from "gradtape";
import { describe, expect, test } from "vitest";
import { asHandle } from "../../src/core/tensor/value";
import { Factoring } from "../../src/rewrite/factor";
import { stacked } from "../../src/rewrite/stack";
import type { Term } from "../../src/rewrite/terms";
import { generator } from "../../src/testing/random";
import { Numbers } from "../truth/numbers";
import { expectNear, programOf, run, spelled, whole } from "./spelled";

/** The gradient of the loss of one sample by w, its terms before and after they are stacked, and what it is. */
function gradientOf(loss: (w: Tensor, x: Tensor) => Scalar, w: Tensor, x: Tensor) {
  const program = programOf([asHandle(w), asHandle(x)], ([p, s]) => [grad((q: Tensor) => loss(q, s))(p)]);
  const walk = new Factoring(program, [false, true], [], program.outputs);
  const terms = walk.terms(program.outputs[0]);
  const few = stacked(walk.draft, walk.labels, terms);
  const value = (list: readonly Term[]): number[] => spelled(walk, list, w.shape, [w, x]);
  return { walk, terms, few, value, wanted: run(program, [w, x])[0] };
}

/** Labels that are summed over: positions. */
const positionsOf = ({ labels }: Factoring, t: Term): number[] => {
  const own = labels.resolve(t.axes.flatMap((axis) => axis.labels));
  const all = labels.resolve(t.factors.flatMap((f) => f.axes.flat()));
  return [...new Set(all)].filter((label) => !own.includes(label)).map((label) => labels.size(label));
};
describe("T uses of one matrix", () => {
  test("in an unrolled loop are one term with one more label, of size T", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 2, max: 4 }), fc.nat(), (uses, n, seed) => {
        const numbers = new Numbers(seed);
        const unrolled = (w: Tensor, x: Tensor): Scalar => {
          let h = x;
          for (let t = 0; t < uses; t++) h = tanh(matmul(h, w));
          return sum(square(h));
        };
        const { walk, terms, few, value, wanted } = gradientOf(unrolled, numbers.tensor([n, n]), numbers.tensor([n]));
        expect(terms).toHaveLength(uses);
        expect(few).toHaveLength(1);
        expect(positionsOf(walk, few[0])).toEqual([uses]);
        for (const list of [terms, few]) expectNear(value(list), wanted);
      }),
      { numRuns: 30 },
    );
  });

  test("on different tensors, with other scales and other shapes, are one term for each kind", () => {
    const numbers = new Numbers(1);
    const loss = (w: Tensor, x: Tensor): Scalar => {
      const [a, b] = [take(x, 0), take(x, 1)];
      const once = add(matmul(a, w), matmul(b, w));
      const twice = mul(matmul(mul(a, b), w), 2);
      const rows = matmul(reshape(x, [2, 3]), w);
      return add(sum(square(add(once, twice))), sum(square(rows)));
    };
    const { few, value, wanted } = gradientOf(loss, numbers.tensor([3, 3]), numbers.tensor([2, 3]));
    expectNear(value(few), wanted);
    expect(few.length).toBeLessThanOrEqual(3);
  });
});

/** A program of random products and sums, and what stacking makes of their terms. */
const lists = fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.constantFrom(1, 2, -1)), { minLength: 1, maxLength: 8 });

test("terms of the same factors are added up, alike ones stacked, and the sum stays what it was", () => {
  fc.assert(
    fc.property(lists, fc.nat(), (products, seed) => {
      const random = generator(seed);
      const inputs = [0, 1, 2].map(() => whole(random, [2])).concat([0, 1, 2].map(() => whole(random, [3])));
      const program = programOf(
        inputs.map((x) => asHandle(x)),
        (xs) => {
          const all = products.map(([a, b, scale]) => mul(mul(reshape(xs[a], [2, 1]), xs[3 + b]), tensor(scale)));
          return [all.reduce((p, q) => add(p, q))];
        },
      );
      const walk = new Factoring(
        program,
        inputs.map(() => true),
        [],
        program.outputs,
      );
      const terms = walk.terms(program.outputs[0]);
      const few = stacked(walk.draft, walk.labels, terms);
      const [wanted] = run(program, inputs);
      expect(spelled(walk, few, [2, 3], inputs).map((x) => x + 0)).toEqual(wanted.map((x) => x + 0));
      expect(few.length).toBeLessThanOrEqual(new Set(products.map(([, , scale]) => scale)).size * 3);
    }),
    { numRuns: 200 },
  );
});

test("atoms of one kind are one sum, and none is nothing", () => {
  const inputs = [1, 2, 3].map((seed) => whole(generator(seed), [2]));
  const program = programOf(
    inputs.map((x) => asHandle(x)),
    (xs) => [xs.map((x) => mul(square(x), 2)).reduce((a, b) => add(a, b))],
  );
  const walk = new Factoring(program, [true, true, true], [], program.outputs);
  const terms = walk.terms(program.outputs[0]);
  const few = stacked(walk.draft, walk.labels, terms);
  expect(few).toHaveLength(1);
  expect(spelled(walk, few, [2], inputs)).toEqual(run(program, inputs)[0]);
  expect(stacked(walk.draft, walk.labels, [])).toEqual([]);
});
