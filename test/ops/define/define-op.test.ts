// Ops of one's own: every field of a definition, under every transform.
import {
  batchGrad,
  cast,
  cos,
  defineOp,
  div,
  exp,
  explain,
  GradtapeError,
  grad,
  hessian,
  isTensor,
  jvp,
  matmul,
  mul,
  neg,
  type Scalar,
  sin,
  sub,
  sum,
  sumTo,
  swapAxes,
  type Tensor,
  tensor,
  trace,
  type Value,
  valueOf,
  vmap,
} from "gradtape";
import { checkOp, gradcheck } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { errorOf } from "../../errors/error-of";
import { untyped } from "../../support";

type One = readonly [x: Tensor];
type Two = readonly [a: Tensor, b: Tensor];
const numbers = (x: unknown): number[] => (isTensor(x) ? [...x.data] : [x as number]);
const close = (got: unknown, want: unknown): void => {
  const [a, b] = [numbers(got), numbers(want)];
  expect(a.length).toBe(b.length);
  a.forEach((x, i) => {
    expect(x).toBeCloseTo(b[i], 8);
  });
};
const row = (random: () => number, size = 3): Tensor => tensor(Array.from({ length: size }, () => 0.5 + random()));

/** An op against the same function made of ops: gradients, forward mode, Hessian, batches, samples, tape. */
function sameAs(op: (x: Tensor) => Value, reference: (x: Tensor) => Value, x: Tensor): void {
  const [f, g] = [op, reference].map(
    (one) =>
      (v: Tensor): Scalar =>
        sum(sin(one(v))),
  );
  const xs = tensor([x.toArray(), mul(x, 1.5).toArray()] as number[][]);
  close(f(x), g(x));
  close(grad(f)(x), grad(g)(x));
  close(jvp(f, [x], [x])[1], jvp(g, [x], [x])[1]);
  close(hessian(f)(x), hessian(g)(x));
  close(vmap(f)(xs), vmap(g)(xs));
  close(vmap(grad(f))(xs), vmap(grad(g))(xs));
  const weighted =
    (one: typeof f) =>
    (w: Tensor, s: Tensor): Scalar =>
      one(mul(w, s));
  close(batchGrad(weighted(f))(x, xs).materialize(), batchGrad(weighted(g))(x, xs).materialize());
  close(trace(f)(x).replay(mul(x, 2)), g(mul(x, 2)));
  close(trace(grad(f))(x).replay(mul(x, 2)), grad(g)(mul(x, 2)));
}

describe("one output", () => {
  test("a shape rule, a value and a pullback are enough", () => {
    const op = defineOp<One>({
      name: "cosine",
      shape: ([x]) => x,
      evaluate: (output, [x]) => output.set(x.data.map(Math.cos)),
      vjp: [({ yBar, inputs: [x] }) => neg(mul(yBar, sin(x)))],
    });
    sameAs(op, cos, tensor([0.3, 0.7, 2]));
    checkOp(op, (random) => ({ inputs: [row(random)] }), { runs: 10 });
  });

  test("all cotangents at once, and all tangents", () => {
    const whole = (own: boolean) =>
      defineOp<Two>({
        name: "quotient",
        shape: ([a]) => a,
        evaluate: (output, [a, b]) => output.set(a.data.map((x, i) => x / b.data[i])),
        vjp: [null, null],
        pullback: ({ yBar, inputs: [, b], output, wanted }) => {
          const bar = div(yBar, b);
          return [wanted[0] ? bar : null, wanted[1] ? neg(mul(bar, output)) : null];
        },
        ...(own
          ? {
              pushforward: ({
                inputs: [, b],
                output,
                xDots: [a, c],
              }: {
                inputs: Two;
                output: Tensor;
                xDots: readonly (Tensor | null)[];
              }) => div(sub(a ?? mul(b, 0), mul(c ?? mul(b, 0), output)), b),
            }
          : {}),
      });
    for (const own of [true, false]) {
      const op = whole(own);
      checkOp(op, (random) => ({ inputs: [row(random), row(random)] }), { runs: 10 });
      sameAs(
        (x) => op(exp(x), x),
        (x) => div(exp(x), x),
        tensor([1, 2, 0.5]),
      );
    }
  });

  test("attributes and an input without derivative", () => {
    const op = defineOp<[x: Tensor, mask: Tensor], { readonly power: number }>({
      name: "masked",
      shape: ([x]) => x,
      dtype: ([x]) => x,
      evaluate: (output, [x, mask], { power }) => output.set(x.data.map((one, i) => (mask.data[i] ? one ** power : 0))),
      vjp: [
        ({ yBar, inputs: [x, mask], attrs: { power } }) =>
          mul(mul(yBar, cast(mask, x.dtype)), mul(power, exp(mul(power - 1, LOG(x))))),
        null,
      ],
      reads: { output: false },
    });
    const mask = tensor([true, false, true]);
    sameAs(
      (x) => op(x, mask, { power: 3 }),
      (x) => mul(cast(mask, "float64"), mul(x, mul(x, x))),
      tensor([1, 2, 0.5]),
    );
    checkOp(op, (random) => ({ inputs: [row(random), mask], attrs: { power: 2.5 } }), { runs: 10 });
    expect(grad((m: Tensor) => sum(op(tensor([1, 2, 3]), m, { power: 2 })))(tensor([1, 0, 1])).toArray()).toEqual([
      0, 0, 0,
    ]);
  });

  test("a dtype of its own: float32 in and out, and a float64 result of float32", () => {
    const wide = defineOp<One>({
      name: "wide",
      shape: ([x]) => x,
      dtype: () => "float64",
      evaluate: (output, [x]) => output.set(Float64Array.from(x.data, (one) => one * one)),
      vjp: [({ yBar, inputs: [x] }) => cast(mul(mul(2, yBar), x), x.dtype)],
    });
    const x = tensor([1, 2], { dtype: "float32" });
    expect(wide(x).dtype).toBe("float64");
    const slope = grad((v: Tensor) => sum(wide(v)))(x);
    expect([slope.dtype, slope.toArray()]).toEqual(["float32", [2, 4]]);
    checkOp(
      wide,
      (random) => ({ inputs: [tensor([random(), 1], { dtype: "float32" })] }),
      untyped({
        runs: 5,
        order: 1,
      }),
    );
  });
});

const LOG = defineOp<One>({
  name: "logarithm",
  shape: ([x]) => x,
  evaluate: (output, [x]) => output.set(x.data.map(Math.log)),
  vjp: [({ yBar, inputs: [x] }) => div(yBar, x)],
});

describe("several outputs", () => {
  const polar = defineOp<Two>({
    name: "polar",
    parts: 2,
    shape: ([r]) => [r, r],
    evaluate: ([x, y], [r, angle]) => {
      for (let i = 0; i < x.length; i++) {
        x[i] = r.data[i] * Math.cos(angle.data[i]);
        y[i] = r.data[i] * Math.sin(angle.data[i]);
      }
    },
    vjp: [
      ({ inputs: [, angle], yBars: [x, y] }) => sub(mul(x ?? 0, cos(angle)), mul(neg(y ?? 0), sin(angle))),
      ({ outputs: [px, py], yBars: [x, y] }) => sub(mul(y ?? 0, px), mul(x ?? 0, py)),
    ],
  });

  test("forward mode and batch rule are derived for all parts", () => {
    checkOp(polar, (random) => ({ inputs: [row(random), row(random)] }), { runs: 10 });
    sameAs(
      (x) => {
        const [a, b] = polar(x, exp(x));
        return mul(a, b);
      },
      (x) => mul(mul(x, cos(exp(x))), mul(x, sin(exp(x)))),
      tensor([1, 0.2, 0.5]),
    );
    gradcheck((r: Tensor, a: Tensor) => polar(r, a), [tensor([1, 2]), tensor([0.3, 2])]);
  });

  test("an unused part has a null cotangent", () => {
    sameAs(
      (x) => polar(x, x)[1],
      (x) => mul(x, sin(x)),
      tensor([1, 0.2, 0.5]),
    );
  });
});

describe("explain says what is derived", () => {
  const twice = (own: boolean) =>
    defineOp<One>({
      name: "twice",
      shape: ([x]) => x,
      evaluate: (output, [x]) => output.set(x.data.map((one) => 2 * one)),
      vjp: [({ yBar }) => mul(2, yBar)],
      ...(own ? { jvp: [({ xDot }: { xDot: Tensor }) => mul(2, xDot)] as const, batch: ([x]: One) => mul(2, x) } : {}),
    });

  test("rules and loops", () => {
    const x = tensor([1, 2]);
    expect(explain(trace(twice(true))(x)).rows.map(({ way }) => way)).toEqual(["own rule"]);
    expect(explain(trace(twice(false))(x)).rows.map(({ way }) => way)).toEqual([
      "own rule; jvp derived from vjp; vmap loops over samples",
    ]);
    const looped = explain(trace((xs: Tensor) => vmap((v: Tensor) => twice(false)(v))(xs))(tensor([[1], [2]])));
    expect(looped.rows).toEqual([
      { op: "map", result: "float64[2, 1]", way: "loop over samples (the op has no batch rule)", over: "twice" },
    ]);
  });
});

describe("definitions that are wrong", () => {
  const wrong = (vjp: (bar: Tensor, x: Tensor) => Value, jvp?: (dot: Tensor, x: Tensor) => Value) =>
    defineOp<One>({
      name: "cube",
      shape: ([x]) => x,
      evaluate: (output, [x]) => output.set(x.data.map((one) => one ** 3)),
      vjp: [({ yBar, inputs: [x] }) => vjp(yBar, x)],
      ...(jvp === undefined
        ? {}
        : { jvp: [({ xDot, inputs: [x] }: { xDot: Tensor; inputs: One }) => jvp(xDot, x)] as const }),
    });
  const slope = (bar: Tensor, x: Tensor): Tensor => mul(bar, mul(3, mul(x, x)));
  const cases = (random: () => number) => ({ inputs: [row(random, 2)] });

  test("rules that disagree: the rule, the input, the seed and a counterexample", () => {
    const said = errorOf(() =>
      checkOp(
        wrong((bar, x) => mul(bar, mul(2, mul(x, x))), slope),
        cases,
      ),
    );
    expect(said).toMatch(
      /^\[testing\/gradcheck\] checkOp: cube breaks the law "adjoint": the vjp of input 0 gives .* the jvp .* Seed \d+: input 0 = /,
    );
    expect(said).toContain("look at the vjp");
    const other = errorOf(() =>
      checkOp(
        wrong(slope, (dot, x) => mul(dot, mul(2, mul(x, x)))),
        cases,
      ),
    );
    expect(other).toMatch(/breaks the law "difference": the jvp of input 0/);
  });

  test("rules that agree with each other but not with the value", () => {
    const half = (bar: Tensor, x: Tensor): Tensor => mul(bar, mul(x, x));
    expect(errorOf(() => checkOp(wrong(half, half), cases))).toContain(
      "what they are the derivative of is not this value",
    );
    expect(errorOf(() => gradcheck(wrong(half), [tensor([1, 2])]))).toMatch(
      /gradcheck: run: the jvp of argument 0 gives .* Seed 0: argument 0 = /,
    );
  });

  test("a rule written with numbers passes the first order and breaks the second", () => {
    const numeric = wrong((bar, x) => mul(bar, tensor(Float64Array.from(x.data, (one) => 3 * one * one))));
    expect(errorOf(() => checkOp(numeric, cases))).toMatch(/second order|primal|trace/);
  });

  test("too few cotangents", () => {
    const op = defineOp<Two>({
      name: "short",
      shape: ([a]) => a,
      evaluate: () => undefined,
      vjp: [null, null],
      pullback: untyped(({ yBar }: { yBar: Tensor }) => [yBar]),
    });
    expect(errorOf(() => grad((x: Tensor) => sum(op(x, x)))(tensor([1])))).toContain(
      "[op/rule-shape] short: the pullback must give one cotangent for each of 2 inputs, got",
    );
  });
});

describe("an evaluate that throws", () => {
  const picky = defineOp<Two>({
    name: "picky",
    shape: ([a]) => a,
    evaluate: (output, [a]) => {
      if (a.data.some((x) => x < 0)) throw new RangeError("negative");
      output.set(a.data);
    },
    vjp: [({ yBar, inputs: [a] }) => sumTo(yBar, a.shape), null],
  });
  const at = (x: Tensor): Tensor => picky(x, tensor([1, 2, 3]));

  test("says the op, the shapes and the error; its cause is the error itself", () => {
    let error: unknown;
    try {
      at(tensor([1, -1]));
    } catch (thrown) {
      error = thrown;
    }
    if (!(error instanceof GradtapeError)) throw error;
    expect(error.code).toBe("op/evaluate");
    expect(error.message).toBe(
      "picky: evaluate threw for inputs float64[2], float64[3]: RangeError: negative. What it threw is the cause of this error.",
    );
    expect(error.facts).toMatchObject({ op: "picky", shapes: [[2], [3]] });
    expect(error.cause).toBeInstanceOf(RangeError);
  });

  test("changes nothing: the same transforms go on", () => {
    const f = (x: Tensor): Scalar => sum(mul(at(x), x));
    for (const call of [
      () => grad(f)(tensor([1, -1])),
      () =>
        vmap(grad(f))(
          tensor([
            [1, 2],
            [1, -1],
          ]),
        ),
      () => jvp(f, [tensor([-1])], [tensor([1])]),
    ]) {
      expect(errorOf(call)).toContain("[op/evaluate]");
      expect(grad(f)(tensor([1, 2])).toArray()).toEqual([2, 4]);
    }
    expect(valueOf(f(tensor([2])))).toBe(4);
  });

  test("errors of the library pass as they are", () => {
    const op = defineOp<One>({
      name: "outer",
      shape: ([x]) => x,
      evaluate: (_, [x]) => void matmul(x, swapAxes(x, 0, 0)).item(),
      vjp: [null],
    });
    expect(errorOf(() => op(tensor([[1, 2, 3]])))).not.toContain("[op/evaluate]");
  });
});
