// checkpoint changes nothing but memory: values and derivatives of every order are those of the function itself.
import fc from "fast-check";
import {
  add,
  argmax,
  backward,
  batchGrad,
  checkpoint,
  cond,
  grad,
  greater,
  hessian,
  hvp,
  jacobian,
  jvp,
  mul,
  neg,
  type Scalar,
  sin,
  square,
  stack,
  sum,
  type Tensor,
  tanh,
  tensor,
  trace,
  valueAndGrad,
  valueOf,
  variable,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { programOf, recipes } from "../core/sweep/programs";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { mapOf, mapRecipes } from "../transforms/maps";
import { expectSameTree } from "../truth/numbers";

type Tensors = readonly Tensor[];

describe("a checkpointed program is the program", () => {
  test("in value, gradient, second order, forward mode, per sample", () => {
    const property = fc.property(recipes(20), (recipe) => {
      const { run, inputs } = programOf(recipe, "smooth");
      const plain = (xs: Tensors): Scalar => run(xs);
      const f = checkpoint(plain);
      const v = inputs.map((x) => sin(add(x, 1)));
      expectSameTree(valueAndGrad(f)(inputs), valueAndGrad(plain)(inputs), 1e-12);
      expectSameTree(jvp(f, [inputs], [v]), jvp(plain, [inputs], [v]), 1e-12);
      expectSameTree(hvp(f)(inputs, v), hvp(plain)(inputs, v), 1e-12);
      expectSameTree(hessian(f)(inputs), hessian(plain)(inputs), 1e-12);
      const rows = inputs.map((x, k) => stack([x, v[k]]));
      expectSameTree(vmap(f)(untyped(rows)), vmap(plain)(untyped(rows)), 1e-12);
      expectSameTree(vmap(grad(f))(untyped(rows)), vmap(grad(plain))(untyped(rows)), 1e-12);
      const scaled = (g: typeof plain) => (s: Tensor, xs: Tensors) => g(xs.map((x) => mul(s, x)));
      const each = (g: typeof plain) => batchGrad(scaled(g))(tensor(0.7), untyped(rows)).materialize();
      expectSameTree(each(f), each(plain), 1e-12);
      expectSameTree(trace(grad(f))(inputs).replay(v), grad(plain)(v), 1e-12);
    });
    fc.assert(property, { numRuns: 40 });
  });

  test("for trees on both sides", () => {
    const property = fc.property(mapRecipes, (recipe) => {
      const { f, x, direction } = mapOf(recipe);
      const tolerance = recipe.dtype === "float32" ? 1e-5 : 1e-12;
      expectSameTree(checkpoint(f)(x), f(x), tolerance);
      expectSameTree(jacobian(checkpoint(f))(x), jacobian(f)(x), tolerance);
      expectSameTree(jvp(checkpoint(f), [x], [untyped(direction)]), jvp(f, [x], [untyped(direction)]), tolerance);
    });
    fc.assert(property, { numRuns: 40 });
  });
});

describe("checkpoint", () => {
  const x = tensor([1, -2, 3]);

  test("captured tracked tensors get their gradients", () => {
    const w = variable([0.5, 2, -1]);
    const layer = checkpoint((y: Tensor) => tanh(mul(w, y)));
    expectSameTree(
      backward(sum(layer(layer(x))), w),
      grad((v: Tensor): Scalar => sum(tanh(mul(v, tanh(mul(v, x))))))(w),
      1e-14,
    );
    const nested = (v: Tensor): Scalar =>
      sum(checkpoint((y: Tensor) => checkpoint((z: Tensor) => mul(square(z), v))(mul(y, v)))(x));
    expectSameTree(grad(nested)(x), mul(3, mul(square(x), square(x))), 1e-12);
    expectSameTree(
      hessian(nested)(x),
      hessian((v: Tensor): Scalar => sum(mul(mul(square(x), square(v)), v)))(x),
      1e-12,
    );
  });

  test("results that are not differentiable, and results without tensors", () => {
    const f = checkpoint((y: Tensor) => ({ largest: argmax(y), y: square(y), nothing: [] }));
    const { largest, y, nothing } = f(x);
    expect([largest.item(), largest.dtype, y.toArray(), nothing]).toEqual([2, "int32", [1, 4, 9], []]);
    expect(grad((v: Tensor): Scalar => sum(f(v).y))(x).toArray()).toEqual([2, -4, 6]);
    expect(jvp((v: Tensor) => f(v).y, [x], [x])[1].toArray()).toEqual([2, 8, 18]);
    expect(jacobian((v: Tensor) => f(v))(x).largest.toArray()).toEqual([0, 0, 0]);
  });

  test("f runs once to be traced, and numbers get numbers as gradients", () => {
    let calls = 0;
    const f = checkpoint((a: Scalar): Scalar => {
      calls++;
      return mul(a, a);
    });
    expect(valueOf(f(3))).toBe(9);
    expect(grad(f)(3)).toBe(6);
    expect(calls).toBe(2);
  });

  test("a checkpoint is one equation, and keeps its arguments only", () => {
    const f = checkpoint((y: Tensor) => sin(sin(sin(y))));
    expect(trace(f)(x).equations.map(({ op }) => op)).toEqual(["checkpoint"]);
  });

  test("conds inside choose when the program runs", () => {
    const f = checkpoint((y: Tensor) =>
      cond(
        greater(sum(y), 0),
        (z: Tensor) => square(z),
        (z: Tensor) => neg(z),
        y,
      ),
    );
    expect(grad((y: Tensor): Scalar => sum(f(y)))(x).toArray()).toEqual([2, -4, 6]);
    expect(grad((y: Tensor): Scalar => sum(f(y)))(neg(x)).toArray()).toEqual([-1, -1, -1]);
  });

  test("errors, and nothing is left behind", () => {
    const any = checkpoint as (f: unknown) => (...args: readonly unknown[]) => unknown;
    const trees = "Trees are made of plain objects and arrays, with numbers and tensors as leaves.";
    const cases: readonly (readonly [() => unknown, string])[] = [
      [
        () => any(3),
        "[argument/function] checkpoint: f must be a function, got 3. Pass the function itself, not what it returns.",
      ],
      [
        () => any((y: Tensor) => (y.at(0).item() > 0 ? y : neg(y)))(x),
        "[trace/value] item: a symbolic tensor of shape [] has no values: inside vmap and trace a function runs on shapes. " +
          "Choose between values with where(condition, a, b) or cond; read values outside.",
      ],
      [
        () => any(() => "text")(x),
        `[tree/leaf] checkpoint: the result is "text", neither a number nor a tensor. ${trees}`,
      ],
      [
        () => any(square)("text"),
        `[tree/leaf] checkpoint: arguments[0] is "text", neither a number nor a tensor. ${trees}`,
      ],
    ];
    const layer = checkpoint((y: Tensor) => square(y));
    for (const [run, text] of cases) {
      const gradient = grad((y: Tensor): Scalar => {
        expect(errorOf(run)).toBe(text);
        return sum(layer(y));
      });
      expect(gradient(x).toArray()).toEqual([2, -4, 6]);
    }
    const fails = checkpoint((_: Tensor): Tensor => {
      throw new RangeError("mine");
    });
    expect(() => grad((y: Tensor): Scalar => sum(fails(y)))(x)).toThrow(new RangeError("mine"));
  });
});
