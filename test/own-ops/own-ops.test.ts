// The ops of docs/guides/own-ops-in-depth.md: every law, and every transform beside the same function made of ops.
import {
  add,
  batchGrad,
  cos,
  div,
  dot,
  exp,
  explain,
  forLoop,
  grad,
  hessian,
  loss,
  matmul,
  mul,
  type Scalar,
  scan,
  sin,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  trace,
  vmap,
} from "gradtape";
import { checkOp } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { softmaxLoss } from "./fused-loss";
import { linearSystem } from "./linear-system";
import { pendulumStep } from "./pendulum";
import { scaledLayer } from "./scaled-layer";
import { softclip } from "./softclip";

const row = (random: () => number, size: number): Tensor =>
  tensor(Array.from({ length: size }, () => 2 * random() - 1));
const close = (got: unknown, want: unknown, digits = 9): void => {
  const [a, b] = [got, want].map((x) => (typeof x === "number" ? [x] : [...(x as Tensor).data])) as [
    number[],
    number[],
  ];
  expect(a.length).toBe(b.length);
  a.forEach((x, i) => {
    expect(x).toBeCloseTo(b[i], digits);
  });
};

/** A scalar function through the op and one made of ops: grad, hessian, vmap, batchGrad, trace. */
function sameEverywhere(f: (x: Tensor) => Scalar, g: (x: Tensor) => Scalar, x: Tensor): void {
  const xs = stack([x, mul(x, 0.5), add(x, 0.1)]);
  close(f(x), g(x));
  close(grad(f)(x), grad(g)(x));
  close(hessian(f)(x), hessian(g)(x), 8);
  close(vmap(f)(xs), vmap(g)(xs));
  close(vmap(hessian(f))(xs), vmap(hessian(g))(xs), 8);
  const weighted =
    (one: typeof f) =>
    (w: Tensor, s: Tensor): Scalar =>
      one(mul(w, s));
  close(batchGrad(weighted(f))(x, xs).materialize(), batchGrad(weighted(g))(x, xs).materialize());
  close(trace(grad(f))(x).replay(mul(x, 0.5)), grad(g)(mul(x, 0.5)));
}

describe("softclip, by family", () => {
  test("keeps every law", () =>
    checkOp(softclip, (random) => ({ inputs: [row(random, 3), 1 + random()] }), { runs: 20 }));

  test("equals the same made of ops, under every transform", () => {
    const f =
      (clip: (x: Tensor, l: Tensor) => Tensor) =>
      (x: Tensor): Scalar =>
        sum(square(clip(x, exp(x))));
    sameEverywhere(
      f((x, l) => softclip(x, l)),
      f((x, l) => mul(l, tanh(div(x, l)))),
      tensor([0.5, -1, 2]),
    );
  });
});

describe("softmaxLoss, a fused rule", () => {
  test("keeps every law", () =>
    checkOp(
      softmaxLoss,
      (random) => ({ inputs: [row(random, 4), tensor(Math.floor(4 * random()), { dtype: "int32" })] }),
      { runs: 20 },
    ));

  test("equals the library's cross entropy, under every transform", () => {
    const label = tensor(2, { dtype: "int32" });
    sameEverywhere(
      (x) => softmaxLoss(x, label),
      (x) => loss.crossEntropy(x, label),
      tensor([0.5, -1, 2, 0]),
    );
    const logits = tensor([
      [1, 2, 3],
      [900, 0, -900],
    ]);
    const labels = tensor([0, 2], { dtype: "int32" });
    close(softmaxLoss(logits, labels), loss.crossEntropy(logits, labels, { reduction: "none" }));
    close(vmap(softmaxLoss)(logits, labels), loss.crossEntropy(logits, labels, { reduction: "none" }));
  });
});

describe("linearSystem, by another library", () => {
  const regular = (random: () => number): Tensor =>
    tensor([0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? 3 : random()))));

  test("keeps every law", () =>
    checkOp(linearSystem, (random) => ({ inputs: [regular(random), row(random, 3)] }), { runs: 10 }));

  test("equals the inverse written out, under every transform", () => {
    const b = tensor([1, -2]);
    const f = (x: Tensor): Scalar => {
      const a = stack([stack([add(2, square(x.at(0))), x.at(1)]), stack([x.at(0), add(3, x.at(1))])]);
      return sum(square(linearSystem(a, b)));
    };
    const g = (x: Tensor): Scalar => {
      const [p, q, r, s] = [add(2, square(x.at(0))), x.at(1), x.at(0), add(3, x.at(1))];
      const d = sub(mul(p, s), mul(q, r));
      return add(square(div(add(s, mul(2, q)), d)), square(div(add(mul(-2, p), mul(-1, r)), d)));
    };
    sameEverywhere(f, g, tensor([0.5, 0.7]));
    close(
      matmul(
        tensor([
          [3, 1],
          [0, 2],
        ]),
        linearSystem(
          tensor([
            [3, 1],
            [0, 2],
          ]),
          b,
        ),
      ),
      b,
    );
  });
});

describe("pendulumStep, a step of a simulation", () => {
  const dt = 0.05;
  const madeOfOps = (state: Tensor, params: Tensor): Tensor => {
    const velocity = sub(
      state.at(1),
      mul(dt, add(mul(params.at(0), sin(state.at(0))), mul(params.at(1), state.at(1)))),
    );
    return stack([add(state.at(0), mul(dt, velocity)), velocity]);
  };
  const own = (state: Tensor, params: Tensor): Tensor => pendulumStep(state, params, { dt });
  const start = tensor([1, 0]);

  test("keeps every law", () =>
    checkOp(pendulumStep, (random) => ({ inputs: [row(random, 2), row(random, 2)], attrs: { dt } }), { runs: 20 }));

  test("equals the same made of ops, through many steps and under every transform", () => {
    const energy =
      (step: typeof own) =>
      (params: Tensor): Scalar => {
        let state: Tensor = start;
        for (let i = 0; i < 20; i++) state = step(state, params);
        return sub(dot(state, state), cos(state.at(0)));
      };
    sameEverywhere(energy(own), energy(madeOfOps), tensor([9, 0.3]));
  });

  test("inside a loop that is one op", () => {
    const end = (params: Tensor): Scalar => sum(forLoop(0, 20, (_, state: Tensor) => own(state, params), start));
    const unrolled = (params: Tensor): Scalar => {
      let state: Tensor = start;
      for (let i = 0; i < 20; i++) state = madeOfOps(state, params);
      return sum(state);
    };
    sameEverywhere(end, unrolled, tensor([9, 0.3]));
    const [, path] = scan(
      (state: Tensor) => {
        const next = own(state, tensor([9, 0.3]));
        return [next, next.at(0)];
      },
      start,
      undefined,
      { length: 3 },
    );
    expect(path.shape).toEqual([3]);
  });

  test("explain says what was derived", () => {
    expect(String(explain(trace(own)(start, start)))).toContain("jvp derived from vjp; vmap loops over samples");
  });
});

describe("scaledLayer, a declared contraction", () => {
  const matrix = (random: () => number, m: number, n: number): Tensor =>
    tensor(
      Array.from({ length: m * n }, () => 2 * random() - 1),
      { shape: [m, n] },
    );

  test("keeps every law, that of what it declares too", () => {
    const size = (random: () => number) => 1 + Math.floor(3 * random());
    const draw = (random: () => number) => {
      const [b, k, n] = [size(random), size(random), size(random)];
      return { inputs: [matrix(random, b, k), matrix(random, k, n), row(random, n)] };
    };
    checkOp(scaledLayer, draw, { runs: 20 });
  });

  test("equals the same made of ops, under every transform", () => {
    const x = tensor([[1, -2, 0.5]]);
    const w = tensor([
      [0.3, 1],
      [-1, 2],
      [0.5, 0.1],
    ]);
    sameEverywhere(
      (scale) => sum(square(scaledLayer(x, w, scale))),
      (scale) => sum(square(mul(matmul(x, w), scale))),
      tensor([0.5, 2]),
    );
  });
});
