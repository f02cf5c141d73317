// Cotangents of slices are added to what is held, in place (FAULTS 24): the same numbers as by whole arrays, and nobody
// else's array is touched.
import fc from "fast-check";
import { add, backward, grad, mul, type Scalar, square, sub, sum, type Tensor, tensor, variable, vjp } from "gradtape";
import { expect, test } from "vitest";

const SIZE = 5;
const numbers = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: SIZE, maxLength: SIZE });
const step = fc.oneof(
  fc.record({ at: fc.integer({ min: -SIZE, max: SIZE - 1 }) }),
  fc.record({ start: fc.integer({ min: 0, max: SIZE }), step: fc.constantFrom(1, 2, -1, -2) }),
  fc.constant({ whole: true } as const),
);

/** A sum over parts of x, each with a factor of its own. */
function overParts(steps: readonly object[]): (x: Tensor) => Scalar {
  return (x) =>
    steps.reduce<Scalar>((total, part, k) => {
      const taken = "at" in part ? x.at(part.at as number) : "whole" in part ? x : x.slice([part]);
      return add(total, mul(k + 1, sum(square(taken))));
    }, 0);
}

test("sums of any parts have the gradient that observed sweeps add up whole, bit by bit", () => {
  fc.assert(
    fc.property(
      numbers,
      fc.array(step, { maxLength: 8 }),
      fc.constantFrom("float64", "float32"),
      (xs, steps, dtype) => {
        const f = overParts(steps);
        const x = tensor(xs, { dtype: dtype as "float64" });
        const plain = grad(f)(x);
        const [observed] = vjp((y: Tensor) => grad(f)(y), [x]);
        expect(plain.dtype).toBe(dtype);
        expect([...plain.data]).toEqual([...observed.data].map((value) => value + 0));
        expect(x.toArray()).toEqual(xs);
      },
    ),
  );
});

test("a cotangent that two places hold is not added to in the other one", () => {
  const f = (a: Tensor, b: Tensor): Scalar => add(sum(add(a, b)), add(mul(5, a.at(0)), mul(7, a.at(1))));
  const [da, db] = vjp(f, [tensor([1, 2]), tensor([3, 4])])[1](1);
  expect([da.toArray(), db.toArray()]).toEqual([
    [6, 8],
    [1, 1],
  ]);
});

test("the user's cotangents and earlier gradients stay as they are", () => {
  const x = variable([1, 2]);
  const y = sub(x, 0);
  const given = tensor([10, 20]);
  const [, pullback] = vjp((v: Tensor) => [v, v.at(0), v.at(1)], [y]);
  const [bar] = pullback([given, 1, 2] as never);
  expect(bar.toArray()).toEqual([11, 22]);
  expect(given.toArray()).toEqual([10, 20]);
  const first = backward(sum(x), x);
  const second = backward(add(sum(x), add(x.at(0), x.at(1))), x);
  expect([first.toArray(), second.toArray()]).toEqual([
    [1, 1],
    [2, 2],
  ]);
});
