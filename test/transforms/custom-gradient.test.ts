// A custom gradient that says what is true changes nothing; one that does not is what every transform sees.
import fc from "fast-check";
import {
  add,
  backward,
  batchGrad,
  cast,
  cos,
  customGradient,
  dot,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  matmul,
  mul,
  outer,
  type Scalar,
  sin,
  square,
  stack,
  sum,
  type Tensor,
  tensor,
  trace,
  transpose,
  type Value,
  valueAndGrad,
  variable,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { expectSameTree, Numbers } from "../truth/numbers";

/** sin(W x) with its true gradient; nothing is captured. */
const withoutRule = (w: Tensor, x: Tensor): Tensor => sin(matmul(w, x));
const custom = customGradient(withoutRule, ({ yBar, inputs: [w, x] }) => {
  const bar = mul(yBar, cos(matmul(w, x)));
  return [outer(bar, x), matmul(transpose(w), bar)];
});
type Args = readonly [w: Tensor, x: Tensor];
const cost =
  (f: typeof withoutRule) =>
  ([w, x]: Args): Tensor =>
    sum(square(add(f(w, mul(x, x)), f(w, x))));

describe("the true gradient changes nothing", () => {
  test("in value, gradient, second order, forward mode, batches, per sample and on the tape", () => {
    const property = fc.property(fc.integer(), (seed) => {
      const numbers = new Numbers(seed);
      const draw = (): Args => [numbers.tensor([2, 3]), numbers.tensor([3])];
      const [x, v] = [draw(), draw()];
      const [f, want] = [cost(custom), cost(withoutRule)];
      expectSameTree(valueAndGrad(f)(x), valueAndGrad(want)(x), 1e-12);
      expectSameTree(jvp(f, [x], [untyped(v)]), jvp(want, [x], [untyped(v)]), 1e-12);
      expectSameTree(hvp(f)(x, untyped(v)), hvp(want)(x, untyped(v)), 1e-12);
      expectSameTree(hessian(f)(x), hessian(want)(x), 1e-12);
      const jac = (g: typeof withoutRule) => jacobian(([w, y]: Args) => g(w, y), { mode: "forward" })(x);
      expectSameTree(jac(custom), jac(withoutRule), 1e-12);
      const rows = numbers.tensor([4, 3]);
      for (const inAxes of [
        [null, 0],
        [0, null],
        [0, 0],
      ] as const) {
        const [w, y] = [inAxes[0] === 0 ? numbers.tensor([4, 2, 3]) : x[0], inAxes[1] === 0 ? rows : x[1]];
        const each = (g: typeof withoutRule) => (a: Tensor, b: Tensor) => [
          g(a, b),
          grad(cost(g))([a, b]),
          hessian(cost(g))([a, b]),
        ];
        expectSameTree(vmap(each(custom), { inAxes })(w, y), vmap(each(withoutRule), { inAxes })(w, y), 1e-12);
      }
      const perSample = (g: typeof withoutRule) =>
        batchGrad((w: Tensor, y: Tensor) => cost(g)([w, y]))(x[0], untyped(rows));
      expectSameTree(perSample(custom).materialize(), perSample(withoutRule).materialize(), 1e-12);
      expectSameTree(trace(grad(f))(x).replay(untyped(v)), grad(want)(untyped(v)), 1e-12);
    });
    fc.assert(property, { numRuns: 30 });
  });
});

describe("customGradient", () => {
  const x = tensor([1, -2, 3]);
  const doubled = customGradient(
    (y: Tensor) => square(y),
    ({ yBar }) => [mul(2, yBar)],
  );

  test("what the rule says is what every transform sees", () => {
    const f = (y: Tensor): Scalar => sum(doubled(y));
    expect(f(x)).toEqual(sum(square(x)));
    expect(grad(f)(x).toArray()).toEqual([2, 2, 2]);
    expect(jvp(doubled, [x], [x])[1].toArray()).toEqual([2, -4, 6]);
    expect(jacobian(doubled)(x).toArray()).toEqual(jacobian((y: Tensor) => mul(2, y))(x).toArray());
    expectSameTree(hessian(f)(x), mul(0, outer(x, x)), 0);
    expect((vmap(grad(f))(stack([x, x])) as Tensor).toArray()).toEqual([
      [2, 2, 2],
      [2, 2, 2],
    ]);
  });

  test("what f captures keeps its own derivative", () => {
    const f = (w: Tensor): Scalar => {
      const scaled = customGradient(
        (y: Tensor) => mul(w, square(y)),
        ({ yBar }) => [mul(2, yBar)],
      );
      return sum(scaled(mul(w, x)));
    };
    // d/dw of w (w x)^2 with the rule 2 for (w x): 2 x, and (w x)^2 for the w outside.
    const w = tensor([1, 2, 0.5]);
    expectSameTree(grad(f)(w), add(mul(2, x), square(mul(w, x))), 1e-12);
    const v = variable([1, 2, 0.5]);
    expectSameTree(backward(f(v) as Tensor, v), add(mul(2, x), square(mul(w, x))), 1e-12);
    expectSameTree(jvp(f, [w], [x])[1], dot(add(mul(2, x), square(mul(w, x))), x), 1e-12);
  });

  test("a rule may capture what is tracked, and use the output", () => {
    const f = (w: Tensor, y: Tensor): Scalar => {
      const g = customGradient(
        (z: Tensor) => sin(z),
        ({ yBar, output }) => [mul(yBar, mul(w, output))],
      );
      return sum(g(y));
    };
    expectSameTree(grad((y: Tensor): Scalar => f(x, y))(x), mul(x, sin(x)), 1e-12);
    const mixed = grad((w: Tensor): Scalar => sum(grad((y: Tensor): Scalar => f(w, y))(x)));
    expectSameTree(mixed(x), sin(x), 1e-12);
  });

  test("null is no cotangent; inputs that are not differentiable are passed on", () => {
    const f = customGradient(
      (a: Tensor, b: Tensor, k: Tensor) => mul(mul(a, b), cast(k, "float64")),
      ({ yBar, inputs: [, b] }) => [mul(yBar, b), null, null],
    );
    const k = tensor([1, 2, 3], { dtype: "int32" });
    const both = grad(([a, b]: readonly [Tensor, Tensor]): Scalar => sum(f(a, b, k)))([x, x]);
    expect(both.map((g) => g.toArray())).toEqual([
      [1, -2, 3],
      [0, 0, 0],
    ]);
    const rows = stack([x, mul(2, x)]);
    const each = vmap(grad(([a, b]: readonly [Tensor, Tensor]): Scalar => sum(f(a, b, k))))(untyped([rows, rows]));
    expectSameTree(each, [rows, mul(0, rows)], 1e-14);
  });

  test("of numbers; the rule runs for the backward pass only", () => {
    let calls = 0;
    const f = customGradient(
      (y: Scalar) => mul(y, 3),
      ({ yBar }) => {
        calls++;
        return [mul(yBar, 5)];
      },
    );
    expect(f(2)).toBe(6);
    expect(calls).toBe(0);
    expect(grad(f)(2)).toBe(5);
    expect(calls).toBe(1);
  });
});

describe("errors of customGradient", () => {
  const x = tensor([1, 2, 3]);
  type Any = (...args: readonly unknown[]) => (...inputs: readonly unknown[]) => Value;
  const any = customGradient as Any;
  const one = "Give one cotangent, or null, for each input.";
  const short = any(
    (a: Scalar, b: Scalar) => mul(a, b),
    ({ yBar }: { yBar: Tensor }) => [yBar],
  );
  const withRule = (rule: (given: { yBar: Tensor }) => unknown) => () =>
    grad((a: Tensor): Scalar => sum(any((y: Tensor) => y, rule)(a) as Tensor))(x);
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    [
      "no function",
      () => any(3, () => []),
      "[argument/function] customGradient: f must be a function, got 3. Pass the function itself, not what it returns.",
    ],
    [
      "no pullback",
      () => any(sin, 3),
      "[argument/function] customGradient: pullback must be a function, got 3. Pass the function itself, not what it returns.",
    ],
    [
      "too few cotangents",
      () => grad((a: Scalar) => short(a, 2))(3),
      `[op/rule-shape] customGradient: the pullback must give one cotangent for each input, got 1 cotangent for 2 inputs. ${one}`,
    ],
    [
      "too few cotangents, under vmap",
      () => vmap(grad((a: Scalar) => short(a, 2)))(x),
      `[op/rule-shape] customGradient: the pullback must give one cotangent for each input, got 1 cotangent for 2 inputs. ${one}`,
    ],
    [
      "too many cotangents",
      withRule(({ yBar }) => [yBar, yBar]),
      `[op/rule-shape] customGradient: the pullback must give one cotangent for each input, got 2 cotangents for 1 input. ${one}`,
    ],
    [
      "no list",
      withRule(({ yBar }) => yBar),
      `[op/rule-shape] customGradient: the pullback must give one cotangent for each input, got no list of cotangents for 1 input. ${one}`,
    ],
    [
      "a cotangent of another shape",
      withRule(({ yBar }) => [sum(yBar)]),
      "[op/rule-shape] customGradient: the rule for the cotangent of input 0 must give shape [3], got []. " +
        "Sum over broadcast axes with sumTo(cotangent, shapeOf(input)).",
    ],
    [
      "a cotangent of another dtype",
      withRule(({ yBar }) => [cast(yBar, "float32")]),
      "[op/rule-dtype] customGradient: the rule for the cotangent of input 0 must give float64, got float32. " +
        'Use cast(..., "float64").',
    ],
    [
      "a tree as input",
      () => any(sin, () => [])({ a: x }),
      "[argument/tensor] customGradient: input 0 must be a number or a tensor, got an object. Pass the tensors of an object one by one.",
    ],
    [
      "a result that is no tensor",
      () =>
        any(
          () => "text",
          () => [],
        )(x),
      '[argument/tensor] customGradient: the result must be a number or a tensor, got "text". Convert it to numbers first.',
    ],
  ];
  test.each(cases)("%s", (_, run, text) => {
    const halved = customGradient(
      (y: Scalar) => y,
      ({ yBar }) => [mul(yBar, 0.5)],
    );
    const slope = grad((y: Scalar): Scalar => {
      expect(errorOf(run)).toBe(text);
      return mul(halved(y), 4);
    });
    expect(slope(1)).toBe(2);
  });

  test("an error of the rule's own comes through", () => {
    const fails = any(sin, () => {
      throw new RangeError("mine");
    });
    expect(() => grad((y: Tensor): Scalar => sum(fails(y) as Tensor))(x)).toThrow(new RangeError("mine"));
  });
});
