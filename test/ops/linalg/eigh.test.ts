import fc from "fast-check";
import * as gt from "gradtape";
import { gradcheck } from "gradtape/testing";
import { expect, test } from "vitest";
import { expectEvery, untyped } from "../../support";
import { between, close, inner, matrix, orthogonal, type Tensor } from "./random-matrices";

const { eigh } = gt.linalg;
/** v diag(f(w)) vᵀ */
const functionOf = (f: (w: Tensor) => Tensor) => (a: Tensor) => {
  const { values, vectors } = eigh(a);
  return gt.matmul(gt.mul(vectors, gt.expandDims(f(values), { axis: -2 })), gt.swapAxes(vectors, -1, -2));
};
const exponential = functionOf((w) => gt.exp(w));
/** The projector on the vectors of the first values. */
const projector = (count: number) => (a: Tensor) => {
  const first = gt.slice(eigh(a).vectors, [null, { stop: count }]);
  return gt.matmul(first, gt.transpose(first));
};

test("v diag(w) vᵀ is (a + aᵀ) / 2, of every matrix of a batch", () => {
  fc.assert(
    fc.property(fc.tuple(matrix(4, 4), matrix(4, 4)), (pair) => {
      const a = gt.stack(pair);
      expect(close(functionOf((w) => w)(a), gt.div(gt.add(a, gt.swapAxes(a, -1, -2)), 2))).toBe(true);
    }),
  );
});

test("functions of a matrix have their derivatives, to the second order", () => {
  fc.assert(
    fc.property(orthogonal(3), matrix(3, 3), (q, g) => {
      const a = between(q, [0.5, 1.4, 2.6], q);
      for (const f of [exponential, functionOf((w) => gt.sqrt(w)), projector(1), projector(2)]) {
        gradcheck((x: Tensor) => inner(f(x), g), [a]);
      }
      gradcheck((x: Tensor) => gt.sum(gt.log(eigh(x).values)), [a]);
    }),
    { numRuns: 2 },
  );
});

test("a gradient is symmetric to the last digit, as the input is read", () => {
  fc.assert(
    fc.property(matrix(4, 4), matrix(4, 4), (a, g) => {
      const gradient = gt.grad((x: Tensor) => {
        const { values, vectors } = eigh(x);
        return gt.add(inner(vectors, g), gt.sum(gt.sin(values)));
      })(a);
      expect(gradient.toArray()).toEqual(gt.transpose(gradient).toArray());
    }),
  );
});

test("the gradient of a sum over values is that of the trace of the function, equal values or not", () => {
  fc.assert(
    fc.property(orthogonal(4), fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 4, maxLength: 4 }), (q, w) => {
      const a = between(q, w, q);
      const cubes = gt.grad((x: Tensor) => gt.sum(gt.pow(eigh(x).values, 3)))(a);
      expect(close(cubes, gt.mul(3, gt.matmul(a, a)))).toBe(true);
    }),
  );
});

test("the projector on all vectors of equal values has its derivative", () => {
  fc.assert(
    fc.property(orthogonal(4), matrix(4, 4), (q, g) => {
      const [a, b] = [between(q, [1, 1, 1, 3], q), between(q, [1, 1, 2.5, 2.5], q)];
      gradcheck((x: Tensor) => inner(projector(3)(x), g), [a], { order: 1 });
      gradcheck((x: Tensor) => inner(projector(2)(x), g), [b], { order: 1 });
    }),
    { numRuns: 10 },
  );
});

test("equal values: whatever is asked of the vectors is finite, in both modes and to the second order", () => {
  fc.assert(
    fc.property(orthogonal(3), matrix(3, 3), fc.constantFrom("float64", "float32"), (q, g, dtype) => {
      for (const exact of [gt.mul(2, gt.eye(3)), gt.zeros([3, 3]), between(q, [1, 1, 2], q)]) {
        const a = gt.cast(exact, dtype);
        const f = (x: Tensor) => gt.sum(gt.mul(gt.cast(g, a.dtype), gt.sin(eigh(x).vectors)));
        const [, tangent] = gt.jvp(f, [a], untyped([gt.cast(g, a.dtype)]));
        const second = gt.grad((x: Tensor) => gt.sum(gt.square(gt.grad(f)(x))))(a);
        for (const x of [gt.grad(f)(a), tangent, second]) {
          expectEvery(x.data, (number) => Math.abs(number) < 1e3);
        }
      }
    }),
    { numRuns: 20 },
  );
});

test("a matrix function loses what mixes equal values, and has it when they are kept apart, as documented", () => {
  const g = gt.tensor([
    [1, 2],
    [2, -1],
  ]);
  const gradient = gt.grad((x: Tensor) => inner(exponential(x), g));
  const right = gt.mul(g, Math.E);
  expect(close(gradient(gt.eye(2)), gt.mul(right, gt.eye(2)))).toBe(true);
  expect(close(gradient(gt.add(gt.eye(2), gt.mul(1e-6, gt.diag(gt.tensor([1, 2]))))), right, 1e-4)).toBe(true);
});

test("unused values, and unused vectors, add nothing", () => {
  // With vectors in the gradient a would count as one with equal values.
  const gradient = gt.grad((x: Tensor) => gt.sum(gt.mul(eigh(x).values, gt.tensor([1, 2]))))(gt.eye(2));
  expect(gradient.toArray()).toEqual([
    [1, 0],
    [0, 2],
  ]);
});
