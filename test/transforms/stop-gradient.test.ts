import {
  backward,
  batchGrad,
  detach,
  grad,
  jvp,
  mul,
  type Scalar,
  square,
  stopGradient,
  sum,
  type Tensor,
  tensor,
  trace,
  valueOf,
  variable,
  vjp,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { nestedArrays } from "./nested-arrays";

for (const [name, cut] of Object.entries({ stopGradient, detach })) {
  describe(`${name} is a constant`, () => {
    // x * stop(x^2): as if x^2 were a number.
    const f = (x: Scalar): Scalar => mul(x, cut(square(x)));

    test("to grad, vjp, jvp and backward, to every order", () => {
      expect(grad(f)(3)).toBe(9);
      expect(grad((x: Scalar): Scalar => grad(f)(x))(3)).toBe(0);
      expect(nestedArrays(vjp(f, [3])[1](1))).toEqual([9]);
      expect(valueOf(jvp(f, [3], [1])[1])).toBe(9);
      const w = variable(3);
      expect(backward(f(w), w).item()).toBe(9);
      expect(grad((x: Scalar): Scalar => valueOf(cut(square(x))))(3)).toBe(0);
    });

    test("inside vmap, trace and batchGrad, where values are not known", () => {
      const xs = tensor([1, 2, 3]);
      expect(nestedArrays(vmap(f as (x: Tensor) => Tensor)(xs))).toEqual([1, 8, 27]);
      expect(nestedArrays(vmap(grad(f) as (x: Tensor) => Tensor)(xs))).toEqual([1, 4, 9]);
      expect(nestedArrays(grad((x: Tensor): Scalar => sum(vmap(f as (y: Tensor) => Tensor)(x)))(xs))).toEqual([
        1, 4, 9,
      ]);
      expect(valueOf(jvp((x: Tensor): Scalar => sum(vmap(f as (y: Tensor) => Tensor)(x)), [xs], [xs])[1])).toBe(36);
      const tape = trace(f)(0);
      expect(tape.equations.map((equation) => equation.op)).toEqual(["square", "stopGradient", "mul"]);
      expect(grad(tape.replay.bind(tape))(3)).toBe(9);
      const gradients = batchGrad((w: Scalar, x: Scalar): Scalar => mul(mul(w, x), cut(w)))(2, tensor([1, 3]));
      expect(nestedArrays(gradients.materialize())).toEqual([2, 6]);
    });

    test("in one place only: the same tensor elsewhere keeps its history", () => {
      const w = variable(2);
      const h = square(w);
      expect([cut(h).watched, h.watched]).toEqual([false, true]);
      expect(backward(mul(h, cut(h)), w).item()).toBe(16);
    });

    test("over any tree, everything else as it is", () => {
      const w = variable([1, 2]);
      const date = new Date(0);
      const cutTree = cut({ a: [w, 3], date, text: "x" });
      expect(nestedArrays(cutTree)).toEqual({ a: [[1, 2], 3], date, text: "x" });
      expect((cutTree.a[0] as Tensor).watched).toBe(false);
      expect(cut(5)).toBe(5);
    });
  });
}

test("what is detached has memory of its own, not a part of a large block", () => {
  const w = variable([1, 2]);
  const kept = detach(square(w));
  expect(kept.data.buffer.byteLength).toBe(16);
});
