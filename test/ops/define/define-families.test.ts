// The families for custom ops: one formula, every transform, and every law.
import {
  add,
  batchGrad,
  defineBilinear,
  defineBinary,
  defineLinear,
  defineReduction,
  defineUnary,
  div,
  exp,
  expandDims,
  grad,
  hessian,
  jvp,
  mul,
  neg,
  type Op,
  type Scalar,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  trace,
  type Value,
  vmap,
} from "gradtape";
import { checkOp } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { errorOf } from "../../errors/error-of";

const row = (random: () => number, size = 3): Tensor => tensor(Array.from({ length: size }, () => 0.5 + random()));
const close = (got: unknown, want: unknown): void => {
  const [a, b] = [got, want].map((x) => (typeof x === "number" ? [x] : [...(x as Tensor).data])) as [
    number[],
    number[],
  ];
  expect(a.length).toBe(b.length);
  a.forEach((x, i) => {
    expect(x).toBeCloseTo(b[i], 9);
  });
};

/** An op against the same function made of ops, under every transform. */
function sameAs(op: (x: Tensor) => Value, reference: (x: Tensor) => Value): void {
  const x = tensor([0.4, 1.2, 2]);
  const xs = tensor([
    [0.4, 1.2, 2],
    [1, 0.3, 0.7],
  ]);
  const [f, g] = [op, reference].map(
    (one) =>
      (v: Tensor): Scalar =>
        sum(square(one(v))),
  );
  close(f(x), g(x));
  close(grad(f)(x), grad(g)(x));
  close(jvp(f, [x], [xs.at(1)])[1], jvp(g, [x], [xs.at(1)])[1]);
  close(hessian(f)(x), hessian(g)(x));
  close(vmap(hessian(f))(xs), vmap(hessian(g))(xs));
  const weighted =
    (one: typeof f) =>
    (w: Tensor, s: Tensor): Scalar =>
      one(mul(w, s));
  close(batchGrad(weighted(f))(x, xs).materialize(), batchGrad(weighted(g))(x, xs).materialize());
  close(trace(grad(f))(x).replay(xs.at(1)), grad(g)(xs.at(1)));
}

describe("families", () => {
  test("defineUnary", () => {
    const op = defineUnary({ name: "myTanh", value: Math.tanh, derivative: (_, y) => sub(1, square(y)) });
    sameAs((x) => op(x), tanh);
    checkOp(op, (random) => ({ inputs: [row(random)] }), { runs: 10 });
  });

  test("defineBinary, with broadcasting", () => {
    const op = defineBinary({
      name: "ratio",
      value: (a, b) => a / b,
      derivatives: [(_, b) => div(1, b), (_, b, y) => neg(div(y, b))],
    });
    sameAs(
      (x) => op(exp(x), expandDims(x, { axis: 1 })),
      (x) => div(exp(x), expandDims(x, { axis: 1 })),
    );
    checkOp(op, (random) => ({ inputs: [row(random), row(random, 1)] }), { runs: 10 });
  });

  test("defineReduction", () => {
    const op = defineReduction({
      name: "sumSquares",
      initial: 0,
      combine: (total, x) => total + x * x,
      derivative: (x) => mul(2, x),
    });
    sameAs(
      (x) => op(mul(x, expandDims(x, { axis: 1 })), { axis: 0 }),
      (x) => sum(square(mul(x, expandDims(x, { axis: 1 }))), { axis: 0 }),
    );
    checkOp(op, (random) => ({ inputs: [row(random)], attrs: { axis: 0, keepDims: true } }), { runs: 10 });
  });

  test("defineLinear, with attributes", () => {
    const op: Op<readonly [Tensor], { readonly factor: number }> = defineLinear<{ readonly factor: number }>({
      name: "scaleBy",
      shape: (shape) => shape,
      evaluate: (output, x, { factor }) => output.set(x.data.map((one) => factor * one)),
      transpose: (yBar, _, { factor }) => op(yBar, { factor }),
    });
    sameAs(
      (x) => op(exp(x), { factor: 3 }),
      (x) => mul(3, exp(x)),
    );
    checkOp(op, (random) => ({ inputs: [row(random)], attrs: { factor: 2 } }), { runs: 10 });
  });

  test("defineBilinear", () => {
    const op = defineBilinear({
      name: "pairing",
      shape: () => [],
      evaluate: (output, [a, b]) => {
        for (let i = 0; i < a.size; i++) output[0] += a.data[i] * b.data[i];
      },
      vjp: [({ yBar, inputs: [, b] }) => mul(yBar, b), ({ yBar, inputs: [a] }) => mul(yBar, a)],
    });
    sameAs(
      (x) => op(exp(x), x),
      (x) => sum(mul(exp(x), x)),
    );
    checkOp(op, (random) => ({ inputs: [row(random), row(random)] }), { runs: 10 });
  });
});

test("a derivative that is wrong is named, with the seed and the case", () => {
  const op = defineBinary({ name: "off", value: (a, b) => a * b, derivatives: [(_, b) => b, (a) => add(a, 1)] });
  expect(errorOf(() => checkOp(op, (random) => ({ inputs: [row(random), row(random)] })))).toMatch(
    /^\[testing\/gradcheck\] checkOp: off breaks the law "difference": the jvp of input 1 gives .* Seed \d+: input 0 = .*; input 1 = /,
  );
});
