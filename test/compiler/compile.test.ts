// Compiled functions inside of others, under transforms, and with ops that are called back.
import {
  add,
  backward,
  compile,
  defineUnary,
  exp,
  grad,
  hessian,
  jvp,
  mul,
  type Scalar,
  square,
  sum,
  type Tensor,
  tanh,
  tensor,
  type Value,
  valueAndGrad,
  valueOf,
  variable,
  vjp,
  vmap,
} from "gradtape";
import { afterEach, describe, expect, test, vi } from "vitest";

const numbers = (size: number, from = 0): Tensor =>
  tensor(Array.from({ length: size }, (_, i) => Math.sin(1.3 * i + from)));
const loss = (x: Tensor): Scalar => sum(mul(tanh(x), square(x)));

/** The same up to rounding. */
function expectClose(got: Value, want: Value): void {
  const [a, b] = [got, want].map((x) => (typeof x === "number" ? [x] : Array.from(x.data)));
  expect(a.length).toBe(b.length);
  for (const [i, x] of a.entries()) expect(Math.abs(x - b[i])).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(b[i])));
}

afterEach(() => vi.restoreAllMocks());

describe("a compiled function is what it was", () => {
  const compiled = compile(loss);
  const [x, v] = [numbers(20), numbers(20, 2)];
  const batch = tensor([...x.data, ...v.data], { shape: [2, 20] });

  test.each<[string, (f: typeof loss) => Value]>([
    ["grad", (f) => grad(f)(x)],
    ["valueAndGrad", (f) => valueAndGrad(f)(x)[1]],
    ["vjp", (f) => vjp(f, [x])[1](2)[0]],
    ["jvp", (f) => jvp(f, [x], [v])[1]],
    ["hessian", (f) => hessian(f)(x)],
    ["vmap", (f) => vmap(f)(batch)],
    ["vmap of grad", (f) => vmap(grad(f))(batch)],
    ["grad of vmap", (f) => grad((xs: Tensor): Scalar => sum(vmap(f)(xs)))(batch)],
    ["jvp of grad", (f) => jvp(grad(f), [x], [v])[1]],
    ["grad of the length of a gradient", (f) => grad((y: Tensor): Scalar => sum(square(grad(f)(y))))(x)],
    ["compiled again", (f) => compile(grad(f))(x)],
    ["compiled inside of compiled", (f) => compile((y: Tensor): Scalar => mul(f(y), f(mul(y, 0.5))))(x)],
  ])("under %s", (_, of) => {
    expectClose(of(compiled), of(loss));
    // Once more, with what is compiled already.
    expectClose(of(compiled), of(loss));
  });

  test("of a variable: its gradient arrives", () => {
    const w = variable(x);
    expectClose(backward(compiled(w), w), grad(loss)(x));
  });

  test("of numbers, strings, and trees", () => {
    const f = compile(
      (how: "sum" | "product", { a, b }: { a: Value; b: readonly Value[] }): { y: Value; how: string } => ({
        y: b.reduce((y, z) => (how === "sum" ? add(y, z) : mul(y, z)), a),
        how,
      }),
    );
    expect(f("sum", { a: 2, b: [3, 4] })).toEqual({ y: 9, how: "sum" });
    expect(f("product", { a: 2, b: [3, 4] })).toEqual({ y: 24, how: "product" });
    expect(f("product", { a: 3, b: [3, 4] })).toEqual({ y: 36, how: "product" });
    expect(f("product", { a: 2, b: [tensor([3]), 4] }).y).toEqual(tensor([24]));
    expect(f.signatures.length).toBe(3);
    f.clear();
    expect(f.signatures).toEqual([]);
    expect(f("sum", { a: 2, b: [] })).toEqual({ y: 2, how: "sum" });
  });
});

describe("results", () => {
  const x = numbers(30);

  test("fresh ones are of their own, whatever is called later", () => {
    const twice = compile((y: Tensor) => [mul(y, 2), y, mul(y, 2)]);
    const first = twice(x);
    const kept = first.map((y) => y.data.slice());
    twice(numbers(30, 5));
    expect(first.map((y) => y.data)).toEqual(kept);
    expect(new Set(first.map((y) => y.data)).size).toBe(3);
    expect(first[1].data).not.toBe(x.data);
  });

  test("reused ones are good until the call after next, small ones and numbers always", () => {
    const f = compile((y: Tensor) => [mul(y, 2), sum(y), y.at(0)] as const, { results: "reused" });
    const [first, second] = [f(x), f(numbers(30, 1))];
    expect(first[0]).toEqual(mul(x, 2));
    const third = f(second[0]);
    expect(third[0]).toEqual(mul(second[0], 2));
    expect(() => first[0].data).toThrow("was overwritten by later calls");
    expectClose(first[1], sum(x));
    expectClose(first[2], x.at(0));
  });

  test("reused ones under a transform are not overwritten", () => {
    const f = compile((y: Tensor) => tanh(y), { results: "reused" });
    const ys = [0, 1, 2, 3].map((k) => numbers(30, k));
    const total =
      (run: (y: Tensor) => Tensor) =>
      (scale: Scalar): Scalar =>
        ys.map((y) => sum(run(mul(y, scale)))).reduce((a, b) => add(a, b));
    expectClose(grad(total(f))(0.5), grad(total(tanh))(0.5));
  });
});

test("more signatures than are kept: one warning, and right results", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const f = compile((x: Tensor) => sum(x), { cacheSize: 2 });
  for (const size of [1, 2, 3, 4, 1, 2, 3]) expect(valueOf(f(tensor(new Float64Array(size).fill(2))))).toBe(2 * size);
  expect(f.signatures).toEqual(["[*] float64[2]", "[*] float64[3]"]);
  expect(warn.mock.calls.map(([text]) => String(text).slice(0, 70))).toEqual([
    "gradtape: a compiled function was called with more than 2 signatures, ",
  ]);
});

describe("ops that are called back", () => {
  /** An op without a formula, which does something else besides. */
  const watched = (name: string, aside: (x: number) => void) =>
    defineUnary({
      name,
      value: (x) => {
        aside(x);
        return 2 * x;
      },
      derivative: () => 2,
    });
  const x = numbers(40);

  test("one that throws: the error comes out, and the next call is right", () => {
    let fails = true;
    const op = watched("failing", () => {
      if (fails) throw new RangeError("not today");
    });
    const f = compile((y: Tensor) => exp(add(op(tanh(y)), 1)));
    expect(() => f(x)).toThrow("not today");
    fails = false;
    expectClose(f(x), exp(add(mul(tanh(x), 2), 1)));
    fails = true;
    expect(() => f(x)).toThrow("not today");
    fails = false;
    expectClose(f(numbers(40, 3)), exp(add(mul(tanh(numbers(40, 3)), 2), 1)));
  });

  test("one that calls compiled functions, the one around it included", () => {
    const other = compile((y: Tensor) => sum(exp(y)));
    const seen: number[] = [];
    const op = watched("calling", (at) => {
      if (seen.length > 0) return;
      seen.push(at);
      seen.push(Number(valueOf(other(x))), Number(valueOf(whole(numbers(40, 1)))));
    });
    const whole: (y: Tensor) => Scalar = compile((y: Tensor): Scalar => sum(mul(op(tanh(y)), exp(y))));
    const right = (y: Tensor): Scalar => sum(mul(mul(tanh(y), 2), exp(y)));
    for (const y of [x, numbers(40, 7)]) expectClose(whole(y), right(y));
    expectClose(seen[1], sum(exp(x)));
    expectClose(seen[2], right(numbers(40, 1)));
  });
});
