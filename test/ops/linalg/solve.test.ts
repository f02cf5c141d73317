import fc from "fast-check";
import {
  broadcastTo,
  cast,
  einsum,
  eye,
  grad,
  jvp,
  linalg,
  matmul,
  type Shape,
  sum,
  type Tensor,
  tensor,
  trace,
  vjp,
  vmap,
} from "gradtape";
import { gradcheck } from "gradtape/testing";
import { expect, test } from "vitest";
import { seeds } from "../../numeric/matrix/drawn-matrix";
import { drawn, expectNear, regular } from "./matrices";

const size = fc.integer({ min: 1, max: 6 });
/** Two lists of leading axes that broadcast. */
const leads = fc.constantFrom<[Shape, Shape]>(
  [[], []],
  [[2], [2]],
  [[2], []],
  [[], [2]],
  [[3, 1], [2]],
  [[1], [2, 3]],
  [[0], []],
);

test("a times the solution is the right-hand side, leading axes broadcast", () => {
  fc.assert(
    fc.property(size, fc.integer({ min: 0, max: 3 }), leads, seeds, (n, m, [left, right], seed) => {
      const a = regular([...left, n, n], seed);
      const b = drawn([...right, n, m], seed + 1);
      const x = linalg.solve(a, b);
      const product = matmul(a, x);
      expectNear(product, broadcastTo(b, product.shape));
    }),
  );
});

test("a b with one axis is a vector, whatever stands before the matrices", () => {
  fc.assert(
    fc.property(size, fc.constantFrom([], [2], [2, 3]), seeds, (n, lead, seed) => {
      const a = regular([...lead, n, n], seed);
      const b = drawn([n], seed + 1);
      const x = linalg.solve(a, b);
      expect(x.shape).toEqual([...lead, n]);
      expectNear(einsum("...ij,...j->...i", a, x), broadcastTo(b, x.shape));
    }),
  );
});

test("a times its inverse is the identity, on both sides; larger than a block too", () => {
  fc.assert(
    fc.property(fc.oneof(size, fc.constantFrom(17, 40)), fc.constantFrom([], [2]), seeds, (n, lead, seed) => {
      const a = regular([...lead, n, n], seed);
      const identity = broadcastTo(eye(n), a.shape);
      expectNear(matmul(a, linalg.inv(a)), identity);
      expectNear(matmul(linalg.inv(a), a), identity);
    }),
  );
});

test("float32 is computed in float64 and rounded once", () => {
  const a = cast(regular([5, 5], 3), "float32");
  const b = cast(drawn([5, 2], 4), "float32");
  const wide = linalg.solve(cast(a, "float64"), cast(b, "float64"));
  expect(linalg.solve(a, b).dtype).toBe("float32");
  expect(linalg.solve(a, b).data).toEqual(cast(wide, "float32").data);
  expect(linalg.inv(a).data).toEqual(cast(linalg.inv(cast(a, "float64")), "float32").data);
});

test("integers give float64, and beside float32 that", () => {
  const a = tensor([[2]], { dtype: "int32" });
  expect(linalg.solve(a, tensor([1], { dtype: "int32" })).dtype).toBe("float64");
  expect(linalg.solve(a, tensor([1], { dtype: "float32" })).dtype).toBe("float32");
  expect(linalg.solve(tensor([[2]], { dtype: "float32" }), tensor([1])).dtype).toBe("float64");
});

test("nearly singular systems are solved to what their condition leaves", () => {
  // Condition 4e8; the solution for whole numbers is known.
  const small = 2 ** -28;
  const a = tensor([
    [1, 1],
    [1, 1 + small],
  ]);
  const x = linalg.solve(a, tensor([2, 2 + small]));
  expect(x.data[0]).toBeCloseTo(1, 7);
  expect(x.data[1]).toBeCloseTo(1, 7);
});

test("derivatives agree with differences to order 2, whoever broadcasts", () => {
  gradcheck((a: Tensor, b: Tensor) => linalg.solve(a, b), [regular([3, 3], 1), drawn([3, 2], 2)]);
  gradcheck((a: Tensor, b: Tensor) => linalg.solve(a, b), [regular([3, 3], 1), drawn([2, 3, 2], 2)]);
  gradcheck((a: Tensor, b: Tensor) => linalg.solve(a, b), [regular([2, 2, 2], 1), drawn([2], 2)]);
  gradcheck((a: Tensor) => linalg.inv(a), [regular([2, 3, 3], 1)]);
});

test("the gradient of one matrix for many right-hand sides is the sum of the gradients", () => {
  const a = regular([3, 3], 5);
  const b = drawn([4, 3, 2], 6);
  const bar = drawn([4, 3, 2], 7);
  const [, pullback] = vjp((x: Tensor, y: Tensor) => linalg.solve(x, y), [a, b]);
  const [aBar] = pullback(bar);
  const each = vmap((y: Tensor, yBar: Tensor) => vjp((x: Tensor) => linalg.solve(x, y), [a])[1](yBar)[0])(b, bar);
  expectNear(aBar, sum(each, { axis: 0 }));
});

test("inside vmap it is one op, whichever argument is mapped, forward and back; and factorized once", () => {
  const f = (a: Tensor, b: Tensor) => {
    const [x, pullback] = vjp((p: Tensor, q: Tensor) => linalg.solve(p, q), [a, b]);
    return [...pullback(x), jvp((p: Tensor) => linalg.solve(p, b), [a], [a])[1]];
  };
  for (const [inAxes, a, b] of [
    [
      [0, 0],
      [4, 3, 3],
      [4, 3],
    ],
    [[0, null], [4, 3, 3], [3]],
    [
      [null, 0],
      [3, 3],
      [4, 3],
    ],
  ] as const) {
    const tape = trace((x: Tensor, y: Tensor) => vmap(f, { inAxes })(x, y))(regular(a, 1), drawn(b, 2));
    const names = tape.equations.map(({ op }) => op);
    expect(names).not.toContain("map");
    // Once for the vjp, once for the jvp.
    expect(names.filter((name) => name === "luFactors").length).toBe(2);
  }
});

test("what is solved with may itself be a solution: h = x, and the gradient is that of the sum of the inverse", () => {
  const f = (x: Tensor) => {
    const h = linalg.inv(linalg.inv(x));
    return sum(linalg.solve(h, linalg.solve(h, x)));
  };
  const x = regular([3, 3], 9);
  expectNear(grad(f)(x), grad((y: Tensor) => sum(linalg.inv(y)))(x));
});
