// Program 8 of models.json: derivatives of orders one to three, each by every way that leads there.
import {
  add,
  backward,
  dot,
  exp,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  logSumExp,
  matmul,
  mul,
  type Scalar,
  slice,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  trace,
  valueAndGrad,
  variable,
  vjp,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { type Encoded, encode } from "./fixture";
import { type Expected, expectAll, load } from "./program";

const { input, expected } = load("8_higher_order");

type ScalarOf = (x: Tensor) => Tensor;

const rosenbrock: ScalarOf = (x) => {
  const [head, tail] = [slice(x, [{ stop: -1 }]), slice(x, [{ start: 1 }])];
  return sum(add(mul(100, square(sub(tail, square(head)))), square(sub(1, head))));
};
const [A1, a1, A2, a2] = ["A1", "a1", "A2", "a2"].map(input) as [Tensor, Tensor, Tensor, Tensor];
const net = (x: Tensor): Tensor => add(matmul(A2, tanh(add(matmul(A1, x), a1))), a2);
const [Q, A, c] = ["Q", "A", "c"].map(input) as [Tensor, Tensor, Tensor];
const logSumExpOfQuadratics: ScalarOf = (x) =>
  logSumExp(add(mul(0.5, vmap((q: Tensor): Tensor => dot(x, matmul(q, x)))(Q)), add(matmul(A, x), c)));

/** Third derivatives agree to 1e-8. */
function expectThird(got: Tensor, want: Expected, name: string): void {
  const [{ shape, data }, wanted] = [encode(got), want as Encoded];
  expect(shape, `shape of ${name}`).toEqual(wanted.shape);
  wanted.data.forEach((x, i) => {
    expect(Math.abs(Number(data[i]) - Number(x)), `${name}, entry ${i}`).toBeLessThanOrEqual(
      1e-12 + 1e-8 * Math.abs(Number(x)),
    );
  });
}

/** The derivative of s -> f(x + s v) at 0, as a function of x. */
const along =
  (f: ScalarOf, v: Tensor): ScalarOf =>
  (x) =>
    jvp(f, [x], [v])[1];

type Ways = Readonly<Record<string, (f: ScalarOf, x: Tensor, v: Tensor) => Tensor>>;

const values: Ways = {
  call: (f, x) => f(x),
  valueAndGrad: (f, x) => valueAndGrad(f)(x)[0],
  jvp: (f, x, v) => jvp(f, [x], [v])[0],
  trace: (f, x) => trace(f)(x).replay(x),
};
const gradients: Ways = {
  grad: (f, x) => grad(f)(x),
  backward: (f, x) => {
    const w = variable(x);
    return backward(f(w), w);
  },
  "vjp of 1": (f, x) => vjp(f, [x])[1](variable(1))[0],
  "jacobian forward": (f, x) => jacobian(f, { mode: "forward" })(x),
  "jacobian reverse": (f, x) => jacobian(f, { mode: "reverse" })(x),
  "trace of grad": (f, x) => trace(grad(f))(x).replay(x),
};
const hessians: Ways = {
  hessian: (f, x) => hessian(f)(x),
  "reverse over reverse": (f, x) => jacobian(grad(f), { mode: "reverse" })(x),
  "forward over forward": (f, x) => jacobian(jacobian(f, { mode: "forward" }), { mode: "forward" })(x),
  "reverse over forward": (f, x) => jacobian(jacobian(f, { mode: "forward" }), { mode: "reverse" })(x),
  "vmap of hvp": (f, x) => {
    const units = stack(Array.from({ length: x.size }, (_, i) => unit(x.size, i)));
    return vmap((v: Tensor): Tensor => hvp(f)(x, v))(units);
  },
  "trace of hessian": (f, x) => trace(hessian(f))(x).replay(x),
};
const thirds: Ways = {
  "jacobian of hessian": (f, x) => jacobian(hessian(f))(x),
  "forward of hessian": (f, x) => jacobian(hessian(f), { mode: "forward" })(x),
  "reverse three times": (f, x) => jacobian(jacobian(grad(f), { mode: "reverse" }), { mode: "reverse" })(x),
  "hessian of jvp": (f, x) =>
    vmap((v: Tensor): Tensor => hessian(along(f, v))(x))(
      stack(Array.from({ length: x.size }, (_, i) => unit(x.size, i))),
    ),
};
const jvps: Ways = {
  jvp: (f, x, v) => along(f, v)(x),
  "gradient times v": (f, x, v) => dot(grad(f)(x), v),
};
const hvps: Ways = {
  hvp: (f, x, v) => hvp(f)(x, v),
  "hessian times v": (f, x, v) => matmul(hessian(f)(x), v),
  "grad of jvp": (f, x, v) => grad(along(f, v))(x),
  "grad of grad times v": (f, x, v) => grad((y: Tensor): Scalar => dot(grad(f)(y), v))(x),
  "trace of hvp": (f, x, v) => trace(hvp(f))(x, v).replay(x, v),
};
const thirdsAlongTwo: Ways = {
  "grad of jvp of jvp": (f, x, v) => grad(along(along(f, v), v))(x),
  "jvp of hvp": (f, x, v) => jvp((y: Tensor): Tensor => hvp(f)(y, v), [x], [v])[1],
};
const thirdsAlongThree: Ways = {
  "jvp of jvp of jvp": (f, x, v) => along(along(along(f, v), v), v)(x),
  "hvp times v": (f, x, v) => dot(jvp((y: Tensor): Tensor => hvp(f)(y, v), [x], [v])[1], v),
};

const unit = (n: number, at: number): Tensor => variable(Array.from({ length: n }, (_, i) => (i === at ? 1 : 0)));

describe.each<[string, ScalarOf]>([
  ["rosenbrock", rosenbrock],
  ["logsumexp_quadratic", logSumExpOfQuadratics],
])("8: %s", (name, f) => {
  const [x, v] = [input(`${name}_x`), input(`${name}_v`)];
  const fields = { value: values, gradient: gradients, hessian: hessians, jvp: jvps, hvp: hvps };
  for (const [field, ways] of Object.entries(fields)) {
    test.each(Object.entries(ways))(`${field} by %s`, (way, run) => {
      expectAll(run(f, x, v), expected(`${name}.${field}`), `${field} by ${way}`);
    });
  }
  const third = { third: thirds, third_vv: thirdsAlongTwo, third_vvv: thirdsAlongThree };
  for (const [field, ways] of Object.entries(third)) {
    test.each(Object.entries(ways))(`${field} by %s`, (way, run) => {
      expectThird(run(f, x, v), expected(`${name}.${field}`), `${field} by ${way}`);
    });
  }
});

describe("8: tanh_net, a function with two results", () => {
  const [x, v, u] = ["x", "v", "u"].map((name) => input(`tanh_net_${name}`)) as [Tensor, Tensor, Tensor];
  const want = (field: string): Expected => expected(`tanh_net.${field}`);
  const weighted: ScalarOf = (y) => dot(u, net(y));
  const modes = ["forward", "reverse"] as const;
  const pairs = modes.flatMap((outer) => modes.map((inner) => ({ outer, inner })));

  test("value, jvp and vjp", () => {
    expectAll(net(x), want("value"), "value");
    expectAll(jvp(net, [x], [v])[1], want("jvp"), "jvp");
    expectAll(matmul(jacobian(net)(x), v), want("jvp"), "jacobian times v");
    expectAll(vjp(net, [x])[1](u)[0], want("vjp"), "vjp");
    expectAll(grad(weighted)(x), want("vjp"), "gradient of the weighted sum");
  });
  test.each(["auto", ...modes] as const)("jacobian, %s", (mode) => {
    expectAll(jacobian(net, { mode })(x), want("jacobian"), "jacobian");
  });
  test.each(pairs)("hessian and third, $outer over $inner", ({ outer, inner }) => {
    const second = jacobian(jacobian(net, { mode: inner }), { mode: outer });
    expectAll(second(x), want("hessian"), "hessian");
    expectThird(jacobian(second, { mode: inner })(x), want("third"), "third");
  });
  test("hvp", () => {
    for (const [way, run] of Object.entries(hvps)) expectAll(run(weighted, x, v), want("hvp"), way);
  });
  test("third along v three times, and as the third derivative of one number", () => {
    expectThird(along(along(along(net, v), v), v)(x), want("third_vvv"), "jvp three times");
    const line = (s: Scalar): Tensor => net(add(x, mul(s, v)));
    const d3 = jacobian(jacobian(jacobian(line)))(0);
    expectThird(d3, want("third_vvv"), "jacobian three times");
  });
});

test("exp of the quadratics by hand agrees with logSumExp", () => {
  const x = input("logsumexp_quadratic_x");
  const by = (q: Tensor): Tensor => mul(0.5, dot(x, matmul(q, x)));
  const total = sum(exp(add(vmap(by)(Q), add(matmul(A, x), c))));
  expect(Math.log(total.item())).toBeCloseTo(logSumExpOfQuadratics(x).item(), 12);
});
