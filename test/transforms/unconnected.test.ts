// A loss that is computed from numbers read out of tensors is refused; a function that only looks keeps its zeros.
import {
  add,
  defineOp,
  detach,
  floor,
  GradtapeError,
  grad,
  greater,
  hessian,
  jacobian,
  mul,
  type Scalar,
  square,
  stopGradient,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  valueOf,
} from "gradtape";
import { describe, expect, test } from "vitest";

const x = tensor([1, 2]);
const errorOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    if (error instanceof GradtapeError) return { code: error.code, line: error.facts.line };
    throw error;
  }
};
const refused = { code: "grad/unconnected", line: expect.stringMatching(/unconnected\.test\.ts:\d+:\d+$/) as unknown };

describe("refused, with the line of the read", () => {
  const losses = {
    valueOf: (v: Tensor): Scalar => valueOf(sum(square(v))),
    item: (v: Tensor): Scalar => sum(v).item(),
    data: (v: Tensor): Scalar => (v.data[0] ?? 0) * 3,
    toArray: (v: Tensor): Scalar => (v.toArray() as number[])[1] ?? 0,
    "ops on what was read": (v: Tensor): Scalar => mul(sum(tensor(Array.from(v.data))), 2),
    "behind an op": (v: Tensor): Scalar => Math.exp(valueOf(sum(mul(v, 0.5)))),
  };
  test.each(Object.entries(losses))("%s", (_, loss) => {
    expect(errorOf(() => grad(loss)(x))).toEqual(refused);
    expect(errorOf(() => valueAndGrad(loss)(x))).toEqual(refused);
    expect(errorOf(() => valueAndGrad((v: Tensor) => [loss(v), v] as const, { aux: true })(x))).toEqual(refused);
    expect(errorOf(() => jacobian(loss)(x))).toEqual(refused);
    expect(errorOf(() => hessian(loss)(x))).toEqual(refused);
  });

  test("inside another transform, by the one whose inputs are read", () => {
    const inner = (w: Scalar): Scalar => grad((z: Scalar) => mul(z, valueOf(w)))(3);
    expect(errorOf(() => grad(inner)(2))).toEqual(refused);
    expect(grad((w: Scalar): Scalar => add(w, grad((): number => valueOf(w) * 2)(3)))(2)).toBe(1);
  });
});

describe("zeros, without a word", () => {
  const kept: Readonly<Record<string, (v: Tensor) => Scalar>> = {
    "a function that ignores its parameter": () => 5,
    "an early exit": (v) => (valueOf(sum(v)) > 0 ? 5 : sum(v)),
    "a barrier": (v) => (valueOf(sum(v)) > 0 ? Number.POSITIVE_INFINITY : sum(v)),
    "a step function": (v) => Math.floor(valueOf(sum(v)) + 0.5),
    "a piecewise constant op": (v) => sum(floor(mul(v, 1e9))),
    "a comparison": (v) => sum(greater(v, 1.0001)),
    "stopped on purpose": (v) => valueOf(sum(stopGradient(v))),
    "detached on purpose": (v) => sum(detach(v)).item(),
    printed: (v) => String(v).length,
    "a second call that throws": (v) => {
      if (v.data[0] !== 1) throw new Error("once");
      return valueOf(sum(v));
    },
  };
  test.each(Object.entries(kept))("%s", (_, f) => {
    expect((grad(f)(x) as Tensor).toArray()).toEqual([0, 0]);
  });

  test("an op's evaluate reads as it likes", () => {
    const step = defineOp<[x: Tensor]>({
      name: "step",
      shape: ([shape]) => shape,
      evaluate: (output, [v]) => {
        for (let i = 0; i < output.length; i++) output[i] = v.data[i] ?? 0;
      },
      vjp: [null],
    });
    expect((grad((v: Tensor): Scalar => sum(step(v)))(x) as Tensor).toArray()).toEqual([0, 0]);
  });

  test("nothing is called twice unless something was read and the result is cut off", () => {
    let calls = 0;
    const counted = (f: (v: Tensor) => Scalar) => (v: Tensor) => {
      calls++;
      return f(v);
    };
    grad(counted(() => 5))(x);
    grad(counted((v) => mul(sum(v), valueOf(sum(v)))))(x);
    grad(counted((v) => sum(floor(v))))(x);
    expect(calls).toBe(3);
    grad(counted((v) => (valueOf(sum(v)) > 0 ? 5 : 6)))(x);
    expect(calls).toBe(5);
  });
});
