/*
 * Conditions of one element are booleans wherever they have a value, and an error where they have none and an `if` reads them
 * (FAULTS 1, 9).
 */
import fc from "fast-check";
import {
  add,
  all,
  any,
  backward,
  batchGrad,
  cast,
  checkpoint,
  clip,
  concat,
  cond,
  customGradient,
  div,
  dtypeOf,
  equal,
  exp,
  forLoop,
  full,
  grad,
  greater,
  greaterEqual,
  hessian,
  hvp,
  implicitRoot,
  isFinite,
  isNaN,
  isTensor,
  jacobian,
  jvp,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  loss,
  max,
  maximum,
  mean,
  min,
  minimum,
  mul,
  neg,
  notEqual,
  pow,
  reshape,
  type Scalar,
  scan,
  shapeOf,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  tree,
  type Value,
  valueAndGrad,
  valueOf,
  variable,
  vjp,
  vmap,
  where,
  whileLoop,
  zeros,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { thrownBy } from "../errors/error-of";
import { untyped } from "../support";

const branching = (x: Scalar): Scalar => (greater(x, 0) ? pow(x, 3) : mul(2, x));
const number = (x: Scalar): number => {
  expect(typeof x).toBe("number");
  return valueOf(x);
};

describe("a branch on a condition takes the right side", () => {
  // Value and the first two derivatives of the branches.
  const sides = [
    [-2, -4, 2, 0],
    [2, 8, 12, 12],
  ] as const;
  test.each(sides)("at %d", (x, value, slope, curvature) => {
    expect(number(grad(branching)(x))).toBe(slope);
    expect(valueAndGrad(branching)(x)).toEqual([value, slope]);
    expect(number(grad(grad(branching))(x))).toBe(curvature);
    expect(jvp(branching, [x], [1])).toEqual([value, slope]);
    expect(vjp(branching, [x])[1](1)).toEqual([slope]);
    expect(jvp(grad(branching), [x], [1])).toEqual([slope, curvature]);
    expect(number(hessian(branching)(x))).toBe(curvature);
    expect(number(jacobian(branching)(x))).toBe(slope);
    expect(number(hvp(branching)(x, 1) as Scalar)).toBe(curvature);
    const v = variable(x);
    expect(valueOf(backward(branching(v) as Tensor<readonly []>, v))).toBe(slope);
    expect(valueOf(branching(tensor(x)))).toBe(value);
  });

  const comparisons = { equal, notEqual, less, lessEqual, greater, greaterEqual } as const;
  test.each(Object.entries(comparisons))("of %s, inside every eager transform", (_, compare) => {
    const f = (x: Scalar): Scalar => (compare(x, 1) ? square(x) : mul(7, x));
    fc.assert(
      fc.property(fc.constantFrom(-1, 0, 1, 2, Number.NaN), (x) => {
        const right = compare(x, 1) ? 2 * x : 7;
        expect(grad(f)(x)).toBe(right);
        expect(jvp(f, [x], [1])[1]).toBe(right);
        expect(
          valueOf(grad((t: Tensor<readonly [1]>) => sum(f(t.at(0) as Tensor<readonly []>)))(tensor([x])).at(0)),
        ).toBe(right);
      }),
    );
  });

  test("of while, && and any", () => {
    const doubled = (x: Scalar): Scalar => {
      let y = x;
      while (less(y, 10) && isFinite(y)) y = mul(y, 2);
      return y;
    };
    expect(grad(doubled)(3)).toBe(4);
    const loud = (x: Tensor<readonly [2]>) => (any(greater(x, 1)) ? sum(square(x)) : sum(x));
    expect(grad(loud)(tensor([0, 2])).toArray()).toEqual([0, 4]);
    expect(grad(loud)(tensor([0, 1])).toArray()).toEqual([1, 1]);
    const quiet = (x: Tensor<readonly [2]>) => (all(less(x, 1)) ? sum(square(x)) : sum(x));
    expect(grad(quiet)(tensor([0, 2])).toArray()).toEqual([1, 1]);
  });
});

describe("what has one element and a value is a boolean", () => {
  const one = tensor(1);
  test.each([
    ["less", less(one, 2), true],
    ["equal of two tensors", equal(one, tensor(2)), false],
    ["of a float32 and a number", greater(tensor(2, { dtype: "float32" }), 1), true],
    ["isNaN", isNaN(tensor(Number.NaN)), true],
    ["logicalNot", logicalNot(tensor(true)), false],
    ["logicalAnd", logicalAnd(one, true), true],
    ["logicalOr", logicalOr(tensor(0), tensor(false)), false],
    ["any of a vector", any(tensor([0, 1])), true],
    ["all of a vector", all(tensor([0, 1])), false],
    ["all axes by name", any(tensor([[0, 0]]), { axis: [0, 1] }), false],
    ["any of a number", any(3), true],
    ["all of a boolean", all(false), false],
  ])("%s", (_, got, right) => expect(got).toBe(right));

  test("with axes left it is a tensor", () => {
    expect((any(tensor([[0, 1]]), { axis: 0 }) as Tensor).toArray()).toEqual([false, true]);
    expect((any(tensor([0, 1]), { keepDims: true }) as Tensor).toArray()).toEqual([true]);
    expect((greater(tensor([1]), 0) as Tensor).shape).toEqual([1]);
  });
});

describe("a boolean is a value", () => {
  const on = tensor([true, false]);
  const single = tensor([1, 2], { dtype: "float32" });
  const cases: readonly (readonly [string, Value | boolean, unknown])[] = [
    ["mul of two", mul(true, true), 1],
    ["mul by a number", mul(true, 2.5), 2.5],
    ["add", add(true, true), 2],
    ["sub of a tensor", sub(single, true), [0, 1]],
    ["exp", exp(false), 1],
    ["neg", neg(true), -1],
    ["sum", sum(true), 1],
    ["mean", mean(false), 0],
    ["cast", cast(true, "float32"), 1],
    ["reshape", reshape(true, [1]), [true]],
    ["stack", stack([true, false]), [true, false]],
    ["stack beside a number", stack([true, 2]), [1, 2]],
    ["clip", clip(true, 0, 0.5), 0.5],
    ["full", full([2], true), [true, true]],
    ["where of booleans", where(true, false, true), false],
    ["where of a boolean and a number", where(false, true, 2), 2],
    ["where of bool tensors", where(on, tensor([true, true]), false), [true, false]],
    ["where of two booleans by a mask", where(on, false, true), [false, true]],
    ["where of three tensors", where(on, on, tensor([true, true])), [true, true]],
    ["maximum of booleans", maximum(true, false), true],
    ["minimum beside a bool tensor", minimum(on, true), [true, false]],
    ["maximum of bool tensors", maximum(on, tensor([false, false])), [true, false]],
    ["maximum beside a number", maximum(true, 0.5), 1],
    ["max", max(on, { axis: 0 }), true],
    ["min of a boolean", min(true), true],
    ["max over an axis", max(tensor([[true], [false]]), { axis: 1 }), [true, false]],
    ["a target", loss.mse(3, true), 4],
    ["targets", loss.mse(single, on, { reduction: "sum" }), 4],
  ];
  test.each(cases)("%s", (_, y, right) => expect(isTensor(y) ? y.toArray() : y).toEqual(right));

  test.each([
    ["where", where(on, on, on), "bool"],
    ["where with a dtype", where(on, 1, 0, { dtype: "int32" }), "int32"],
    ["where with a dtype, of plain arguments", where(true, 1, 0, { dtype: "float32" }), "float32"],
    ["where of numbers", where(on, 1, 0), "float64"],
    ["maximum", maximum(on, on), "bool"],
    ["max", max(on), "bool"],
    ["add of bools", add(on, on), "int32"],
    ["mul beside float32", mul(true, single), "float32"],
    ["mul beside int32", mul(true, tensor([1], { dtype: "int32" })), "int32"],
    ["concat", concat([on, on]), "bool"],
  ] as const)("dtype of %s", (_, y, right) => expect(dtypeOf(y)).toBe(right));

  test("its shape, dtype and value", () => {
    expect([shapeOf(true), dtypeOf(true), valueOf(true), valueOf(false)]).toEqual([[], "bool", 1, 0]);
  });

  test("in trees, and in what functions return", () => {
    expect(tree.map((x) => logicalNot(x), { a: true, b: 2 })).toEqual({ a: false, b: false });
    expect(tree.map((x) => x, { a: true })).toEqual({ a: true });
    expect(tree.leaves({ a: true })).toEqual([{ path: "a", value: true }]);
    expect(jvp((x: number) => ({ y: mul(x, 2), big: greater(x, 1) }), [2], [1])[0]).toEqual({ y: 4, big: true });
    expect(trace((x: Scalar) => greater(x, 0))(1).replay(-1)).toBe(false);
    expect((vmap((x: Scalar) => greater(x, 0))(tensor([1, -1])) as Tensor).toArray()).toEqual([true, false]);
    const seen = scan(
      (c: { big: boolean }, x: Scalar) => [{ big: logicalOr(c.big, greater(x, 2)) }, c.big] as const,
      { big: false },
      tensor([1, 3, 1]),
    );
    expect([seen[0], seen[1].toArray()]).toEqual([{ big: true }, [false, false, true]]);
    const loop = (x: Scalar) =>
      whileLoop(
        (c) => c.going,
        (c: { x: Scalar; going: boolean }) => ({ x: mul(c.x, 2), going: less(c.x, 10) }),
        { x, going: true },
      ).x;
    expect(loop(1)).toBe(32);
    expect(grad(loop)(1)).toBe(32);
  });

  test("a flag among the arguments of a function that is traced stays known", () => {
    const layer = checkpoint((x: Scalar, train: boolean) => (train ? mul(x, 2) : mul(x, 3)));
    expect(grad((x: Scalar) => layer(x, false))(1)).toBe(3);
    expect(grad((x: Scalar) => layer(x, true))(1)).toBe(2);
    const scaled = ({ x, train }: { x: Scalar; train: boolean }) => (train ? mul(x, 2) : mul(x, 3));
    const both = vmap(scaled, { inAxes: [{ x: 0, train: null }] });
    expect((both(untyped({ x: tensor([1, 2]), train: false })) as Tensor).toArray()).toEqual([3, 6]);
  });

  test("what is no value is refused all the same", () => {
    for (const bad of ["2", undefined, null, {}, [true]]) {
      for (const call of [mul, less, logicalAnd, maximum]) {
        expect(thrownBy(() => call(untyped(true), untyped(bad))).code).toBe("argument/tensor");
        expect(thrownBy(() => call(untyped(bad), untyped(true))).code).toBe("argument/tensor");
      }
      expect(thrownBy(() => where(true, false, untyped(bad))).code).toBe("argument/tensor");
      expect(thrownBy(() => exp(untyped(bad))).code).toBe("argument/tensor");
    }
    expect(thrownBy(() => grad(({ w }: { w: number; on: boolean }) => w)({ w: 1, on: true })).message).toContain(
      "params.on is true, and derivatives exist for floats only",
    );
  });
});

describe("dtypes are the same inside a trace", () => {
  const float32 = tensor([1, 2], { dtype: "float32" });
  const int32 = tensor([1, 2], { dtype: "int32" });
  const bools = tensor([true, false]);
  const uses: readonly (readonly [string, (c: boolean | Tensor) => Value | boolean])[] = [
    ["beside float32", (c) => mul(c, float32)],
    ["beside int32", (c) => mul(c, int32)],
    ["beside bool", (c) => maximum(c, bools)],
    ["beside a number", (c) => mul(c, 2)],
    ["beside itself", (c) => add(c, c)],
    ["maximum of two", (c) => maximum(c, c)],
    ["maximum beside a number", (c) => maximum(c, 0.5)],
    ["sum", (c) => sum(c)],
    ["max", (c) => max(c)],
    ["neg", (c) => neg(c)],
    ["exp", (c) => exp(c)],
    ["logicalNot", (c) => logicalNot(c)],
    ["where", (c) => where(c, float32, 0)],
    ["where of numbers", (c) => where(c, 1, 0)],
    ["chosen by a mask", (c) => where(bools, c, false)],
    ["stack", (c) => stack([c, c])],
    ["stack beside numbers", (c) => stack([c, 2])],
    ["cast", (c) => cast(c, "float32")],
    ["loss", (c) => loss.mse(float32, c)],
  ];
  test.each(uses)("%s", (_, use) => {
    const f = (x: Scalar): Value | boolean => use(greater(x, 0));
    for (const x of [-1, 2]) {
      const outside = f(x);
      const inside = checkpoint(f)(x);
      const mapped = vmap(f as (x: Scalar) => Value)(tensor([x])) as Tensor;
      expect(dtypeOf(inside)).toBe(dtypeOf(outside));
      expect(mapped.dtype).toBe(dtypeOf(outside));
      const plain = (y: Value | boolean): unknown => (isTensor(y) ? y.toArray() : y);
      expect(plain(inside)).toEqual(plain(outside));
      expect(plain(mapped.at(0))).toEqual(typeof outside === "boolean" ? outside : plain(outside));
    }
  });
});

describe("a condition that nothing uses", () => {
  const xs = tensor([-2, 2]);
  const row = tensor([1, 2]);
  const traps: readonly (readonly [string, () => unknown])[] = [
    ["vmap", () => vmap(branching)(xs)],
    ["trace", () => trace(branching)(1)],
    ["checkpoint", () => grad(checkpoint(branching))(-2)],
    ["batchGrad", () => batchGrad((w: Scalar, x: Scalar) => (greater(x, 0) ? mul(w, x) : w))(1, xs).mean()],
    ["scan", () => scan((c: Scalar, x: Scalar) => [branching(add(c, x)), c] as const, 0, row)],
    ["forLoop", () => forLoop<Scalar>(0, 2, (_, c) => branching(c), 1)],
    ["a branch of cond", () => vmap((x: Scalar) => cond(greater(x, 0), branching, neg, x))(xs)],
    ["the body of whileLoop", () => vmap((x: Scalar) => whileLoop<Scalar>((c) => less(c, 9), branching, x))(xs)],
    [
      "the residual of implicitRoot",
      () =>
        implicitRoot(
          (x: Scalar, a: Scalar) => branching(sub(x, a)),
          (a: Scalar) => a,
        )(1),
    ],
    ["grad inside vmap", () => vmap((x: Scalar) => grad(branching)(x))(xs)],
    ["vmap inside grad", () => grad((w: Scalar) => sum(vmap((x: Scalar) => branching(mul(w, x)))(xs) as Tensor))(1)],
    ["any", () => vmap((x: Tensor) => (any(greater(x, 0)) ? sum(x) : 0))(tensor([[1, 2]]))],
    ["a connective of two", () => vmap((x: Scalar) => (logicalAnd(greater(x, 0), less(x, 1)) ? x : neg(x)))(xs)],
  ];
  test.each(traps)("%s", (_, run) => {
    const error = thrownBy(run);
    expect(error.code).toBe("trace/condition");
    expect(error.message).toMatch(
      /^(greater|any|logicalAnd): the condition made at .*conditions\.test\.ts:\d+:\d+ must be used/,
    );
  });

  test("a while on one stops at the thousandth", () => {
    const loop = (x: Scalar): Scalar => {
      let y = x;
      while (less(y, 10)) y = mul(y, 2);
      return y;
    };
    expect(grad(loop)(3)).toBe(4);
    const error = thrownBy(() => vmap(loop)(xs));
    expect(error.code).toBe("trace/condition");
    expect(error.facts).toMatchObject({ op: "less", count: 1000 });
  });

  const uses: readonly (readonly [string, () => unknown])[] = [
    ["where", () => vmap((x: Scalar) => where(greater(x, 0), x, 0))(xs)],
    ["cond", () => vmap((x: Scalar) => cond(greater(x, 0), (y: Scalar) => y, neg, x))(xs)],
    [
      "whileLoop",
      () =>
        vmap((x: Scalar) =>
          whileLoop<Scalar>(
            (c) => less(c, 9),
            (c) => add(c, 1),
            x,
          ),
        )(xs),
    ],
    ["arithmetic", () => vmap((x: Scalar) => mul(greater(x, 0), x))(xs)],
    ["a result", () => vmap((x: Scalar) => ({ x, on: greater(x, 0) }))(xs)],
    [
      "an auxiliary result",
      () =>
        vmap((x: Scalar) => valueAndGrad((y: Scalar) => [square(y), greater(y, 0)] as const, { aux: true })(x)[0])(xs),
    ],
    ["a result of jvp", () => vmap((x: Scalar) => jvp((y: Scalar) => [y, greater(y, 0)] as const, [x], [1])[1][0])(xs)],
    [
      "many, used at the end",
      () => vmap((x: Scalar) => sum(stack(Array.from({ length: 990 }, (_, k) => greater(x, k)))))(xs),
    ],
  ];
  test.each(uses)("is none when it is used: %s", (_, run) => expect(run).not.toThrow());

  const idle: readonly (readonly [string, () => unknown])[] = [
    ["a scan of no steps", () => scan((c: Scalar, _: Scalar) => [branching(c), c] as const, 1, zeros([0]))],
    ["a forLoop of no trips", () => forLoop<Scalar>(0, 0, (_, c) => branching(c), 1)],
    ["an empty batch", () => vmap(branching)(zeros([0]))],
    [
      "the search for the shape of a root",
      () =>
        vmap((a: Scalar) =>
          implicitRoot(
            (x: Scalar, b: Scalar) => sub(square(x), b),
            (b: Scalar) => sqrt(b),
          )(a),
        )(tensor([4])),
    ],
    [
      "customGradient, which runs on values",
      () =>
        customGradient(
          (x: Scalar) => branching(x),
          ({ yBar }) => [mul(yBar, 2)],
        )(1),
    ],
  ];
  test.each(idle)("is none where the body never runs, or runs on values: %s", (_, run) => expect(run).not.toThrow());

  test("div and exp of conditions differentiate to 0", () => {
    expect(grad((x: number) => add(mul(div(1, exp(greater(x, 0))), 3), x))(1)).toBe(1);
  });
});
