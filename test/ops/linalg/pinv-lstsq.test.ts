import fc from "fast-check";
import * as gt from "gradtape";
import { gradcheck } from "gradtape/testing";
import { expect, test } from "vitest";
import { close, inner, matrix, type Tensor } from "./random-matrices";

const { lstsq, pinv, svd } = gt.linalg;
const size = fc.integer({ min: 1, max: 4 });
/** Matrices of any shape and rank, well away from those of lower rank. */
const any = fc
  .tuple(size, size, fc.integer({ min: 1, max: 3 }))
  .chain(([m, n, rank]) => fc.tuple(matrix(m, rank), matrix(rank, n)))
  .map(([b, c]) => gt.matmul(b, c))
  .filter((a) => Array.from(svd(a).s.data).every((s) => s > 0.2 || s < 1e-10));

test("a p a = a, p a p = p, a p and p a are symmetric, for every shape and rank", () => {
  fc.assert(
    fc.property(any, (a) => {
      const p = pinv(a);
      const [ap, pa] = [gt.matmul(a, p), gt.matmul(p, a)];
      expect(close(gt.matmul(ap, a), a)).toBe(true);
      expect(close(gt.matmul(pa, p), p)).toBe(true);
      expect(close(ap, gt.transpose(ap))).toBe(true);
      expect(close(pa, gt.transpose(pa))).toBe(true);
    }),
  );
});

test("of a matrix of full rank it is the inverse, its gradient too", () => {
  const a = gt.tensor([
    [2, 1, 0],
    [1, -1, 0.5],
    [0, 0.3, 1],
  ]);
  const g = gt.tensor([
    [1, 2, 3],
    [-1, 0, 1],
    [2, -2, 0.5],
  ]);
  expect(close(pinv(a), gt.linalg.inv(a))).toBe(true);
  const by = (f: (x: Tensor) => Tensor) => gt.grad((x: Tensor) => inner(f(x), g))(a);
  expect(close(by(pinv), by(gt.linalg.inv))).toBe(true);
});

test("derivatives hold for tall and wide matrices, and along matrices of one low rank, to the second order", () => {
  fc.assert(
    fc.property(matrix(4, 2), matrix(2, 3), matrix(4, 3), (b, c, g) => {
      fc.pre([b, c].every((x) => Array.from(svd(x).s.data).every((s) => s > 0.5)));
      gradcheck((x: Tensor) => gt.sum(gt.mul(pinv(x), gt.transpose(gt.slice(g, [null, { stop: 2 }])))), [b]);
      gradcheck((x: Tensor) => gt.sum(gt.mul(pinv(gt.transpose(x)), gt.slice(g, [null, { stop: 2 }]))), [b]);
      const ofRankTwo = (x: Tensor, y: Tensor) => inner(pinv(gt.matmul(x, y)), gt.transpose(g));
      gradcheck(ofRankTwo, [b, c]);
    }),
    { numRuns: 2 },
  );
});

test("singular values count as 0 from max(m, n) epsilon times the largest down, that of the dtype", () => {
  const small = (x: number, dtype: gt.Dtype) =>
    pinv(
      gt.tensor(
        [
          [1, 0],
          [0, x],
          [0, 0],
        ],
        { dtype },
      ),
    ).data[4];
  expect(small(7e-16, "float64")).toBeCloseTo(1 / 7e-16, -1);
  expect(small(6e-16, "float64")).toBe(0);
  expect((small(4e-7, "float32") ?? 0) * 4e-7).toBeCloseTo(1, 6);
  expect(small(3e-7, "float32")).toBe(0);
});

test("lstsq gives a residual that no column sees, and a solution that is a sum of rows", () => {
  fc.assert(
    fc.property(
      any.chain((a) => fc.tuple(fc.constant(a), matrix(a.shape[0] ?? 0, 2))),
      ([a, b]) => {
        const x = lstsq(a, b);
        const residual = gt.sub(gt.matmul(a, x), b);
        expect(close(gt.matmul(gt.transpose(a), residual), gt.zerosLike(x), 1e-10)).toBe(true);
        expect(close(gt.matmul(gt.matmul(pinv(a), a), x), x, 1e-10)).toBe(true);
      },
    ),
  );
});

test("lstsq has the gradients of the normal equations where they have a solution", () => {
  fc.assert(
    fc.property(matrix(5, 2), matrix(5, 1), (a, b) => {
      fc.pre(Array.from(svd(a).s.data).every((s) => s > 0.5));
      const normal = (x: Tensor, y: Tensor) =>
        gt.linalg.solve(gt.matmul(gt.transpose(x), x), gt.matmul(gt.transpose(x), y));
      const by = (f: (x: Tensor, y: Tensor) => Tensor) =>
        gt.grad(([x, y]: readonly [Tensor, Tensor]) => gt.sum(gt.sin(f(x, y))))([a, b]);
      const [[fromA, fromB], [wantA, wantB]] = [by(lstsq), by(normal)];
      expect(close(fromA, wantA, 1e-8) && close(fromB, wantB, 1e-8)).toBe(true);
    }),
  );
});

test("lstsq keeps the digits that the condition leaves, where the normal equations keep none", () => {
  // A polynomial of degree 9 through 40 points: condition 1e7, its square beyond double precision.
  const points = Array.from({ length: 40 }, (_, i) => i / 39);
  const a = gt.tensor(points.map((t) => Array.from({ length: 10 }, (_, k) => t ** k)));
  const x = gt.tensor(Array.from({ length: 10 }, (_, k) => (k % 2 === 0 ? 1 : -1)));
  expect(close(lstsq(a, gt.matmul(a, x)), x, 1e-8)).toBe(true);
});

test("leading axes broadcast, and a vector gives vectors", () => {
  const a = gt.tensor([
    [
      [1, 0],
      [0, 2],
    ],
    [
      [2, 0],
      [0, 4],
    ],
  ]);
  expect(lstsq(a, gt.tensor([4, 8])).toArray()).toEqual([
    [4, 4],
    [2, 2],
  ]);
  expect(
    lstsq(
      gt.take(a, 0),
      gt.tensor([
        [[4], [8]],
        [[2], [2]],
        [[0], [2]],
      ]),
    ).shape,
  ).toEqual([3, 2, 1]);
  expect(lstsq(gt.cast(a, "float32"), gt.tensor([4, 8], { dtype: "float32" })).dtype).toBe("float32");
  expect(lstsq(gt.cast(a, "int32"), gt.tensor([4, 8], { dtype: "float32" })).dtype).toBe("float32");
  expect(lstsq(gt.cast(a, "int32"), gt.tensor([4, 8], { dtype: "int32" })).dtype).toBe("float64");
});
