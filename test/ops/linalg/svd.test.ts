import fc from "fast-check";
import * as gt from "gradtape";
import { gradcheck } from "gradtape/testing";
import { expect, test } from "vitest";
import { expectEvery, untyped } from "../../support";
import { between, close, inner, matrix, orthogonal, type Tensor } from "./random-matrices";

const { svd } = gt.linalg;
const polar = (a: Tensor) => {
  const { u, vt } = svd(a);
  return gt.matmul(u, vt);
};
const lowRank = (count: number) => (a: Tensor) => {
  const { u, s, vt } = svd(a);
  const left = gt.mul(gt.slice(u, [null, { stop: count }]), gt.slice(s, [{ stop: count }]));
  return gt.matmul(left, gt.slice(vt, [{ stop: count }]));
};
/** The projector on the leading vectors of u, and of v. */
const leftProjector = (count: number) => (a: Tensor) => {
  const u = gt.slice(svd(a).u, [null, { stop: count }]);
  return gt.matmul(u, gt.transpose(u));
};
const rightProjector = (count: number) => (a: Tensor) => leftProjector(count)(gt.transpose(a));
const columns = (q: Tensor, count: number) => gt.slice(q, [null, { stop: count }]);

test("u diag(s) vt is a, of every matrix of a batch, tall and wide", () => {
  fc.assert(
    fc.property(fc.tuple(matrix(4, 3), matrix(4, 3)), (pair) => {
      for (const a of [gt.stack(pair), gt.swapAxes(gt.stack(pair), 1, 2)]) {
        const { u, s, vt } = svd(a);
        expect([u.shape, s.shape, vt.shape]).toEqual([
          [2, a.shape[1], 3],
          [2, 3],
          [2, 3, a.shape[2]],
        ]);
        expect(close(gt.matmul(gt.mul(u, gt.expandDims(s, { axis: 1 })), vt), a)).toBe(true);
      }
    }),
  );
});

test("functions of tall, wide and square matrices have their derivatives, to the second order", () => {
  fc.assert(
    fc.property(orthogonal(4), orthogonal(3), matrix(4, 4), (q, r, g) => {
      const square = between(r, [2.5, 1.4, 0.6], r);
      for (const a of [
        square,
        between(columns(q, 3), [2.5, 1.4, 0.6], r),
        between(r, [2.5, 1.4, 0.6], columns(q, 3)),
      ]) {
        const part = ([m, n]: readonly number[]) => gt.slice(g, [{ stop: m }, { stop: n }]);
        for (const f of [polar, lowRank(1), lowRank(2), leftProjector(2), rightProjector(1)]) {
          gradcheck((x: Tensor) => inner(f(x), part(f(a).shape)), [a]);
        }
        gradcheck((x: Tensor) => gt.sum(svd(x).s), [a]);
      }
    }),
    { numRuns: 1 },
  );
});

test("the gradient of a sum over values is right where they are equal", () => {
  fc.assert(
    fc.property(orthogonal(4), orthogonal(3), fc.boolean(), (q, r, wide) => {
      const tall = between(columns(q, 3), [2, 2, 0.5], r);
      const a = wide ? gt.transpose(tall) : tall;
      const gradient = gt.grad((x: Tensor) => gt.sum(gt.pow(svd(x).s, 4)))(a);
      expect(close(gradient, gt.mul(4, gt.matmul(gt.matmul(a, gt.transpose(a)), a)))).toBe(true);
    }),
  );
});

test("the polar factor and projectors on all vectors of equal values have their derivatives", () => {
  fc.assert(
    fc.property(orthogonal(4), orthogonal(3), matrix(4, 4), (q, r, g) => {
      const part = ([m, n]: readonly number[]) => gt.slice(g, [{ stop: m }, { stop: n }]);
      for (const a of [q, between(columns(q, 3), [2, 2, 0.5], r), between(r, [2, 2, 0.5], columns(q, 3))]) {
        gradcheck((x: Tensor) => inner(polar(x), part(a.shape)), [a], { order: 1 });
        if (a === q) continue;
        for (const f of [leftProjector(2), rightProjector(2)]) {
          gradcheck((x: Tensor) => inner(f(x), part(f(a).shape)), [a], { order: 1 });
        }
      }
    }),
    { numRuns: 3 },
  );
});

test("zeros: the gradient of the sum of values is the polar factor of what is not zero", () => {
  fc.assert(
    fc.property(orthogonal(4), orthogonal(3), (q, r) => {
      const gradient = gt.grad((x: Tensor) => gt.sum(svd(x).s));
      const tall = between(columns(q, 3), [2, 1, 0], r);
      const want = between(columns(q, 2), [1, 1], columns(r, 2));
      expect(close(gradient(tall), want)).toBe(true);
      expect(close(gradient(gt.transpose(tall)), gt.transpose(want))).toBe(true);
      expect(gradient(gt.zeros([2, 2])).toArray()).toEqual([
        [0, 0],
        [0, 0],
      ]);
    }),
  );
});

test("equal and zero values: whatever is asked of the parts is finite, in both modes and to the second order", () => {
  fc.assert(
    fc.property(orthogonal(3), matrix(3, 3), fc.constantFrom("float64", "float32"), (q, g, dtype) => {
      for (const exact of [
        gt.eye(3),
        gt.zeros([3, 2]),
        between(q, [1, 1, 0], q),
        between(columns(q, 2), [1, 0], gt.eye(2)),
      ]) {
        const a = gt.cast(exact, dtype);
        const f = (x: Tensor) => {
          const { u, s, vt } = svd(x);
          return gt.add(gt.add(gt.sum(gt.sin(u)), gt.sum(gt.sqrt(gt.add(s, 1)))), gt.sum(gt.cos(vt)));
        };
        const direction = gt.slice(gt.cast(g, a.dtype), [null, { stop: a.shape[1] }]);
        const [, tangent] = gt.jvp(f, [a], untyped([direction]));
        const second = gt.grad((x: Tensor) => gt.sum(gt.square(gt.grad(f)(x))))(a);
        for (const x of [gt.grad(f)(a), tangent, second]) {
          expectEvery(x.data, (number) => Math.abs(number) < 1e3);
        }
      }
    }),
    { numRuns: 20 },
  );
});

test("u diag(s) vt loses what mixes equal values, as documented", () => {
  const g = gt.tensor([
    [1, 2],
    [2, -1],
  ]);
  const gradient = gt.grad((x: Tensor) => inner(lowRank(2)(x), g));
  expect(close(gradient(gt.eye(2)), gt.mul(g, gt.eye(2)))).toBe(true);
  expect(close(gradient(gt.diag(gt.tensor([1, 2]))), g)).toBe(true);
});
