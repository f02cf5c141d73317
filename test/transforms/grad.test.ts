import fc from "fast-check";
import {
  add,
  cos,
  detach,
  div,
  exp,
  grad,
  isTensor,
  log,
  mean,
  mul,
  pow,
  type Scalar,
  sin,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  valueAndGrad,
  valueOf,
  variable,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { nestedArrays } from "./nested-arrays";

type Of = (x: Scalar) => Scalar;
const finite = fc.double({ min: -1.5, max: 1.5, noNaN: true });

describe("order 1 to 4", () => {
  const functions: Readonly<Record<string, readonly [f: Of, derivatives: readonly ((x: number) => number)[]]>> = {
    sin: [sin, [Math.cos, (x) => -Math.sin(x), (x) => -Math.cos(x), Math.sin]],
    "exp(2x)": [(x) => exp(mul(2, x)), [2, 4, 8, 16].map((c) => (x: number) => c * Math.exp(2 * x))],
    "1 / (2 + x)": [(x) => div(1, add(2, x)), [-1, 2, -6, 24].map((c, i) => (x: number) => c / (2 + x) ** (i + 2))],
    "log(3 + x)": [(x) => log(add(3, x)), [1, -1, 2, -6].map((c, i) => (x: number) => c / (3 + x) ** (i + 1))],
    "x ** 5": [(x) => pow(x, 5), [5, 20, 60, 120].map((c, i) => (x: number) => c * x ** (4 - i))],
    "cos(x) * x": [
      (x) => mul(cos(x), x),
      [
        (x) => Math.cos(x) - x * Math.sin(x),
        (x) => -2 * Math.sin(x) - x * Math.cos(x),
        (x) => -3 * Math.cos(x) + x * Math.sin(x),
        (x) => 4 * Math.sin(x) + x * Math.cos(x),
      ],
    ],
    tanh: [
      tanh,
      [
        (x) => 1 - Math.tanh(x) ** 2,
        (x) => -2 * Math.tanh(x) * (1 - Math.tanh(x) ** 2),
        (x) => (1 - Math.tanh(x) ** 2) * (6 * Math.tanh(x) ** 2 - 2),
        (x) => Math.tanh(x) * (1 - Math.tanh(x) ** 2) * (16 - 24 * Math.tanh(x) ** 2),
      ],
    ],
  };
  for (const [name, [f, derivatives]] of Object.entries(functions)) {
    test(`of ${name} are the derivatives of the textbook, on numbers and on tensors`, () => {
      fc.assert(
        fc.property(finite, (x) => {
          let [g, onTensors]: [Of, (x: Tensor) => Tensor] = [f, (y) => sum(f(y) as Tensor)];
          for (const derivative of derivatives) {
            const [lower, lowerOnTensors] = [g, onTensors];
            g = grad(lower);
            onTensors = grad((y: Tensor): Scalar => sum(lowerOnTensors(y)));
            const want = derivative(x);
            const close = (got: number) =>
              expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-12 + 1e-10 * Math.abs(want));
            close(g(x) as number);
            close(onTensors(tensor([x, x + 1])).data[0]);
          }
        }),
        { numRuns: 30 },
      );
    });
  }
});

describe("trees", () => {
  test("tuples, objects, numbers and tensors among each other; every place is its own input", () => {
    const w = tensor([1, 2]);
    const f = ([a, { b, c }]: readonly [Tensor, { b: Scalar; c: readonly [Tensor, Scalar] }]): Scalar =>
      sum(mul(mul(a, c[0]), mul(b, c[1])));
    const params = [w, { b: 3, c: [w, 2] }] as const;
    expect(nestedArrays(grad(f)(params))).toEqual([[6, 12], { b: 10, c: [[6, 12], 15] }]);
  });

  test("numbers come back as numbers, tensors as tensors, in order and frozen or not", () => {
    const params = Object.freeze({ z: 2, a: tensor([1]), list: Object.freeze([1, tensor(3)] as const) });
    const gradient = grad((p: typeof params): Scalar => add(mul(p.z, sum(p.a)), mul(p.list[0], p.list[1])))(params);
    expect(Object.keys(gradient)).toEqual(["z", "a", "list"]);
    expect(gradient.z).toBe(1);
    expect(gradient.list[0]).toBe(3);
    expect(isTensor(gradient.a) && isTensor(gradient.list[1])).toBe(true);
  });

  test("what f does not use gets zeros, and a constant f gives only zeros", () => {
    const params = { w: tensor([[1, 2]], { dtype: "float32" }), b: 1 };
    const gradient = grad((p: typeof params): Scalar => mul(p.b, 2))(params);
    expect([gradient.w.dtype, nestedArrays(gradient)]).toEqual(["float32", { w: [[0, 0]], b: 2 }]);
    expect(nestedArrays(grad((_: typeof params): Scalar => 7)(params))).toEqual({ w: [[0, 0]], b: 0 });
    expect(nestedArrays(grad((_: typeof params): Scalar => tensor(7))(params))).toEqual({ w: [[0, 0]], b: 0 });
    expect(grad((x: Scalar): Scalar => x)(3)).toBe(1);
    expect(nestedArrays(grad((_: object): Scalar => 1)({}))).toEqual({});
  });

  test("further arguments may be anything, and are constants", () => {
    const f = (
      x: Scalar,
      options: { readonly power: number; readonly name: string },
      data: Map<string, Tensor>,
    ): Scalar => mul(pow(x, options.power), sum(data.get(options.name) ?? tensor([0])));
    expect(grad(f)(2, { power: 3, name: "d" }, new Map([["d", tensor([1, 2])]]))).toBe(36);
  });
});

describe("captured", () => {
  test("constants are constants; tracked tensors keep their own history", () => {
    const v = variable([3, 4]);
    const h = square(v);
    const slope = grad((x: Tensor): Scalar => sum(mul(square(x), h)))(tensor([1, 2]));
    expect([slope.watched, nestedArrays(slope)]).toEqual([true, [18, 64]]);
    const outer = grad((a: Scalar): Scalar => mul(a, grad((b: Scalar): Scalar => mul(mul(a, a), mul(b, b)))(5)));
    expect(outer(2)).toBe(120);
    // The inputs of the inner gradient watch nothing any more: the result has no history.
    const [value, inner] = valueAndGrad((a: Tensor): Scalar => {
      const steps = grad((b: Tensor): Scalar => sum(mul(mul(a, a), mul(b, square(b)))))(tensor([5, 1]));
      return sum(square(steps));
    })(tensor([1, 2]));
    expect([valueOf(value), nestedArrays(inner)]).toEqual([75 ** 2 + 12 ** 2, [4 * 75 ** 2, 2 * 12 * 12]]);
    expect([isTensor(value) && value.watched, inner.watched]).toEqual([false, false]);
  });

  test("perturbations are not confused", () => {
    // d/dx (x * d/dy (x + y)) = 1, not 2.
    expect(grad((x: Scalar): Scalar => mul(x, grad((y: Scalar): Scalar => add(x, y))(1)))(1)).toBe(1);
    const f = (x: Scalar): Scalar =>
      mul(x, grad((y: Scalar): Scalar => mul(x, grad((z: Scalar): Scalar => mul(mul(x, y), z))(y)))(x));
    // z: x y; y: x * x y -> x^2; x: x * x^2.
    expect(grad(f)(2)).toBe(12);
  });
});

describe("valueAndGrad", () => {
  test("gives the value as f gives it, without history", () => {
    const [value, slope] = valueAndGrad((x: Scalar): Scalar => square(x))(3);
    expect([valueOf(value), slope]).toEqual([9, 6]);
    const [tensorValue] = valueAndGrad((x: Tensor): Scalar => sum(square(x)))(tensor([1, 2]));
    expect(isTensor(tensorValue) && !tensorValue.watched).toBe(true);
    expect(valueAndGrad((_: Scalar): Scalar => 4)(1)).toEqual([4, 0]);
  });

  test("keeps the value tracked where a transform outside observes it", () => {
    const v = variable(3);
    const [value] = valueAndGrad((x: Scalar): Scalar => mul(x, v))(2);
    expect(isTensor(value) && value.watched).toBe(true);
    expect(grad((a: Scalar): Scalar => valueAndGrad((x: Scalar): Scalar => mul(x, x))(a)[0])(3)).toBe(6);
  });

  test("aux is any value, not differentiated, and not tracked outside", () => {
    const date = new Date(0);
    const f = (x: Tensor) => {
      const prediction = tanh(x);
      return [mean(prediction), { prediction, list: [square(x), 3], date, label: "a" }] as const;
    };
    const [value, slope, aux] = valueAndGrad(f, { aux: true })(tensor([0, 0]));
    expect([valueOf(value), nestedArrays(slope)]).toEqual([0, [0.5, 0.5]]);
    expect(aux.date).toBe(date);
    expect(nestedArrays([aux.prediction, aux.list, aux.label])).toEqual([[0, 0], [[0, 0], 3], "a"]);
    expect([aux.prediction.watched, aux.list[0].watched]).toEqual([false, false]);
  });

  test("aux carries derivatives to an outer transform", () => {
    const f = (x: Scalar) => [square(x), mul(x, mul(x, x))] as const;
    const viaAux = grad((x: Scalar): Scalar => valueAndGrad(f, { aux: true })(x)[2]);
    expect(viaAux(2)).toBe(12);
  });

  test("aux must be asked for and be a pair", () => {
    expect(errorOf(() => valueAndGrad((x: Scalar) => square(x) as never, { aux: true })(1))).toBe(
      "[grad/aux] valueAndGrad: with aux the function must return [loss, aux], got a tensor. Put everything besides the loss into aux, or leave the option out.",
    );
    expect(errorOf(() => valueAndGrad((x: Scalar) => untyped([square(x), 1]))(1))).toContain(
      "[grad/non-scalar] valueAndGrad: the function returns [a tensor, 1], not a scalar.",
    );
    expect(errorOf(() => valueAndGrad(square as never, { Aux: true } as never))).toBe(
      '[option/unknown] valueAndGrad: unknown option "Aux". Did you mean "aux"?',
    );
  });
});

describe("real control flow on values", () => {
  test("if, while, recursion and early return", () => {
    const collatz = (x: Scalar): Scalar => {
      let y = x;
      for (let i = 0; i < 50 && valueOf(y) > 1; i++)
        y = Math.round(valueOf(y)) % 2 === 0 ? div(y, 2) : add(mul(3, y), 1);
      return y;
    };
    // 6, 3, 10, 5, 16, 8, 4, 2, 1: two steps of three, six halvings.
    expect(grad(collatz)(6)).toBe(9 / 64);
    const power = (x: Scalar, n: number): Scalar => (n === 0 ? 1 : mul(x, power(x, n - 1)));
    expect(grad(power)(2, 5)).toBe(80);
    const root = (a: Scalar): Scalar => {
      let x: Scalar = 1;
      while (Math.abs(valueOf(x) ** 2 - valueOf(a)) > 1e-15) {
        const next: Scalar = mul(0.5, add(x, div(a, x)));
        if (valueOf(next) === valueOf(x)) break;
        x = next;
      }
      return x;
    };
    expect(grad(root)(9) as number).toBeCloseTo(1 / 6, 12);
    expect(grad(grad(root))(9) as number).toBeCloseTo(-1 / 4 / 27, 8);
  });

  test("a throwing f leaves everything as it was", () => {
    const w = variable(2);
    const f = (x: Scalar): Scalar => {
      const y = mul(mul(x, x), w);
      if (valueOf(x) > 3) throw new RangeError("too large");
      return y;
    };
    for (const x of [4, 1, 5, 2]) {
      if (x > 3) expect(() => grad(f)(x)).toThrow("too large");
      else expect(valueOf(grad(f)(x))).toBe(4 * x);
      expect(() => grad((y: Scalar): Scalar => grad(f)(mul(y, 100)))(x)).toThrow("too large");
      expect(grad((y: Scalar): Scalar => detach(grad(f)(sub(y, x))))(x)).toBe(0);
    }
  });
});
