import fc from "fast-check";
import * as gt from "gradtape";
import { gradcheck } from "gradtape/testing";
import { expect, test } from "vitest";
import { close, inner, matrix, type Tensor } from "./random-matrices";

const { qr } = gt.linalg;
const independent = (a: Tensor) => Array.from(gt.diagonal(qr(a).r).data).every((x) => x > 0.3);

test("q r is a, of every matrix of a batch, tall and wide", () => {
  fc.assert(
    fc.property(fc.tuple(matrix(4, 3), matrix(4, 3)), (pair) => {
      for (const a of [gt.stack(pair), gt.swapAxes(gt.stack(pair), 1, 2)]) {
        const { q, r } = qr(a);
        expect([q.shape, r.shape]).toEqual([
          [2, a.shape[1], 3],
          [2, 3, a.shape[2]],
        ]);
        expect(close(gt.matmul(q, r), a)).toBe(true);
        expect(close(gt.matmul(gt.swapAxes(q, 1, 2), q), gt.eye(3))).toBe(true);
      }
    }),
  );
});

test("r, and its gradient, are those of the Cholesky factor of aᵀ a", () => {
  fc.assert(
    fc.property(matrix(4, 3).filter(independent), matrix(3, 3), (a, g) => {
      const byQr = (x: Tensor) => inner(qr(x).r, g);
      const byCholesky = (x: Tensor) => inner(gt.transpose(gt.linalg.cholesky(gt.matmul(gt.transpose(x), x))), g);
      expect(close(gt.tensor(gt.valueOf(byQr(a))), gt.tensor(gt.valueOf(byCholesky(a))), 1e-9)).toBe(true);
      expect(close(gt.grad(byQr)(a), gt.grad(byCholesky)(a), 1e-7)).toBe(true);
    }),
  );
});

test("solutions by q and r have their derivatives, to the second order", () => {
  fc.assert(
    fc.property(matrix(4, 3).filter(independent), matrix(4, 1), (a, b) => {
      const solution = (x: Tensor, y: Tensor) => {
        const { q, r } = qr(x);
        return gt.sum(gt.square(gt.linalg.triangularSolve(r, gt.matmul(gt.transpose(q), y), { upper: true })));
      };
      gradcheck(solution, [a, b]);
    }),
    { numRuns: 2 },
  );
});

test("columns that depend on one another: the factors are right, and there is no derivative", () => {
  const a = gt.tensor([
    [1, 0],
    [2, 0],
    [2, 0],
  ]);
  const { q, r } = qr(a);
  expect(r.toArray()).toEqual([
    [3, 0],
    [0, 0],
  ]);
  expect(close(gt.matmul(gt.transpose(q), q), gt.eye(2))).toBe(true);
  const both = (x: Tensor) => gt.add(gt.sum(qr(x).q), gt.sum(qr(x).r));
  expect(Array.from(gt.grad(both)(a).data).some(Number.isNaN)).toBe(true);
  // Other matrices of the batch keep theirs.
  const fine = gt.tensor([
    [1, 0],
    [2, 1],
    [2, 0],
  ]);
  const batched = gt.grad((x: Tensor) => gt.sum(gt.vmap(both)(x)))(gt.stack([a, fine]));
  expect(close(gt.take(batched, 1), gt.grad(both)(fine))).toBe(true);
});
