import { allClose, grad, jvp, linalg, matmul, mul, sum, swapAxes, type Tensor, takeAlongAxis, tensor } from "gradtape";
import { gradcheck } from "gradtape/testing";
import { expect, test } from "vitest";
import { drawn, expectNear, regular } from "./matrices";

const rowsInOrder = (a: Tensor, order: Tensor) => takeAlongAxis(a, order.reshape([...order.shape, 1]), { axis: -2 });

test("lu multiplies to the rows of a in the order of the permutation", () => {
  for (const [shape, seed] of [
    [[1, 1], 1],
    [[5, 5], 2],
    [[2, 3, 4, 4], 3],
    [[70, 70], 4],
  ] as const) {
    const a = drawn(shape, seed);
    const { l, u, permutation } = linalg.lu(a);
    expectNear(matmul(l, u), rowsInOrder(a, permutation), 12);
    expect(Math.max(...l.data)).toBe(1);
    expect(permutation.dtype).toBe("int32");
  }
});

test("expm of a sum of matrices that commute is a product, and its inverse that of -a", () => {
  const a = drawn([3, 4, 4], 5);
  expectNear(matmul(linalg.expm(a), linalg.expm(a)), linalg.expm(mul(2, a)), 12);
  expectNear(matmul(linalg.expm(a), linalg.expm(mul(-1, a))), linalg.expm(mul(0, a)), 12);
});

test("expm of a symmetric matrix is that of its eigenvalues, and so is its derivative along itself", () => {
  const a = drawn([5, 5], 6);
  const s = a.add(swapAxes(a, 0, 1));
  const { values, vectors } = linalg.eigh(s);
  expectNear(linalg.expm(s), matmul(mul(vectors, values.exp()), swapAxes(vectors, 0, 1)), 11);
  const [y, yDot] = jvp((x: Tensor) => linalg.expm(x), [s], [s]);
  expectNear(yDot, matmul(s, y), 10);
});

test("derivatives of expm to second order, and along huge and tiny directions", () => {
  gradcheck((x: Tensor) => linalg.expm(x), [drawn([3, 3], 7).mul(2)]);
  const a = drawn([2, 2], 8);
  const along = (scale: number) =>
    jvp(
      (x: Tensor) => linalg.expm(x),
      [a],
      [
        tensor([
          [0, scale],
          [scale, 0],
        ]),
      ],
    )[1];
  for (const scale of [1e200, 1e-200]) expectNear(along(scale).div(scale), along(1), 12);
  const cost = (x: Tensor) => sum(mul(linalg.expm(x), 1e200));
  expectNear(grad(cost)(a).div(1e200), grad((x: Tensor) => sum(linalg.expm(x)))(a), 12);
});

test("choleskySolve solves with a = l lᵀ, for vectors, matrices and batches", () => {
  const b = regular([2, 4, 4], 9);
  const a = matmul(b, swapAxes(b, -1, -2));
  const l = linalg.cholesky(a);
  for (const side of [drawn([4], 10), drawn([2, 4, 3], 11), drawn([4, 2], 12)]) {
    expectNear(linalg.choleskySolve(l, side), linalg.solve(a, side), 10);
  }
  const f = (x: Tensor) => sum(linalg.choleskySolve(linalg.cholesky(x), drawn([4, 2], 12)));
  const g = (x: Tensor) => sum(linalg.solve(x, drawn([4, 2], 12)));
  const symmetric = (x: Tensor) => x.add(swapAxes(x, -1, -2)).mul(0.5);
  expect(allClose(grad(f)(a), symmetric(grad(g)(a)), { relative: 1e-8, absolute: 1e-10 })).toBe(true);
});

test("errors name the function and its argument", () => {
  const message = (f: () => unknown) => {
    try {
      f();
    } catch (error) {
      return String(error);
    }
    return "no error";
  };
  const l = tensor([
    [1, 0],
    [1, 0],
  ]);
  expect(message(() => linalg.choleskySolve(l, tensor([1, 2])))).toContain(
    "linalg.choleskySolve: l is singular: 0 stands at [1, 1] of the diagonal.",
  );
  expect(message(() => linalg.choleskySolve(l, tensor([1, 2, 3])))).toContain(
    "linalg.choleskySolve: b must have 2 rows for l of shape [2, 2], got shape [3].",
  );
  expect(message(() => linalg.expm(tensor([[1, 2]])))).toContain("linalg.expm: a must be square");
  expect(message(() => linalg.lu(tensor([1])))).toContain("linalg.lu: a must be a matrix");
  expect(message(() => linalg.eigvalsh(tensor([1])))).toContain("linalg.eigvalsh: a must be a matrix");
});
