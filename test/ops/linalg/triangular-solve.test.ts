import fc from "fast-check";
import { add, eye, linalg, mul, swapAxes, type Tensor, tril, triu, vjp } from "gradtape";
import { gradcheck } from "gradtape/testing";
import { expect, test } from "vitest";
import { seeds } from "../../numeric/matrix/drawn-matrix";
import { expectEvery, untyped } from "../../support";
import { drawn, expectNear } from "./matrices";

const drawnCase = fc.record({
  n: fc.integer({ min: 1, max: 5 }),
  m: fc.integer({ min: 1, max: 3 }),
  lead: fc.constantFrom([], [2]),
  upper: fc.boolean(),
  transpose: fc.boolean(),
  unitDiagonal: fc.boolean(),
  left: fc.boolean(),
  seed: seeds,
});

/** A matrix with a strong diagonal. */
const matrix = (shape: readonly number[], seed: number) => add(drawn(shape, seed), mul(eye(shape.at(-1) as number), 3));

/** The matrix that is solved with, written out. */
function written(a: Tensor, { upper = false, transpose = false, unitDiagonal = false }): Tensor {
  const strict = upper ? triu(a, { k: 1 }) : tril(a, { k: -1 });
  const identity = eye(a.shape.at(-1) as number);
  const whole = unitDiagonal ? add(strict, identity) : upper ? triu(a) : tril(a);
  return transpose ? swapAxes(whole, -1, -2) : whole;
}

function dense(a: Tensor, b: Tensor, { left = true, ...how }): Tensor {
  const whole = written(a, how);
  if (left) return linalg.solve(whole, b);
  if (b.rank === 1) return linalg.solve(swapAxes(whole, -1, -2), b);
  return swapAxes(linalg.solve(swapAxes(whole, -1, -2), swapAxes(b, -1, -2)), -1, -2);
}

test("every variant is the dense solution, value and gradients; the gradient is 0 where a is not read", () => {
  fc.assert(
    fc.property(drawnCase, ({ n, m, lead, seed, ...how }) => {
      const a = matrix([...lead, n, n], seed);
      const b = drawn([...lead, ...(how.left ? [n, m] : [m, n])], seed + 1);
      const [x, pullback] = vjp((p: Tensor, q: Tensor) => linalg.triangularSolve(p, q, how), [a, b]);
      const [want, densePullback] = vjp((p: Tensor, q: Tensor) => dense(p, q, how), [a, b]);
      expectNear(x, want);
      const [bar, wantBar] = [pullback(x), densePullback(x)];
      for (const [k, g] of bar.entries()) expectNear(g, wantBar[k]);
      const hidden = how.upper
        ? tril(bar[0], { k: how.unitDiagonal ? 0 : -1 })
        : triu(bar[0], { k: how.unitDiagonal ? 0 : 1 });
      expectEvery(hidden.data, (g) => g === 0);
    }),
  );
});

test("vectors, and leading axes that broadcast", () => {
  fc.assert(
    fc.property(drawnCase, ({ n, lead, seed, m: _, ...how }) => {
      const a = matrix([...lead, n, n], seed);
      const b = drawn([n], seed + 1);
      expectNear(linalg.triangularSolve(a, b, how), dense(a, b, how));
      const several = drawn([3, 1, n, n], seed + 2);
      expectNear(linalg.triangularSolve(a, several, how), dense(a, several, how));
    }),
  );
});

test("derivatives agree with differences to order 2", () => {
  for (const how of [{}, { upper: true, transpose: true }, { unitDiagonal: true, left: false }]) {
    gradcheck((a: Tensor, b: Tensor) => linalg.triangularSolve(a, b, how), [matrix([3, 3], 1), drawn([2, 3, 3], 2)]);
  }
});

test("null options are the defaults", () => {
  const [a, b] = [matrix([3, 3], 1), drawn([3], 2)];
  const nothing = untyped({ upper: null, transpose: null, unitDiagonal: null, left: null });
  expect(linalg.triangularSolve(a, b, nothing).data).toEqual(linalg.triangularSolve(a, b).data);
});
