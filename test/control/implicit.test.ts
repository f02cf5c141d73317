// implicitRoot and fixedPoint: the derivative of a solution is that of the solver at convergence, and of the formula.
import fc from "fast-check";
import {
  add,
  batchGrad,
  cos,
  div,
  exp,
  fixedPoint,
  grad,
  hessian,
  hvp,
  implicitRoot,
  jacobian,
  jvp,
  matmul,
  mul,
  type Scalar,
  scan,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  trace,
  valueOf,
  vjp,
  vmap,
} from "gradtape";
import { gradcheck } from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";

const root = implicitRoot(
  (x: Scalar, a: Scalar) => sub(square(x), a),
  (a) => Math.sqrt(valueOf(a)),
);
const numberOf = (x: unknown): number => valueOf(x as Scalar);
const numbers = (x: Tensor): number[] => [...x.data];
const close = (got: readonly number[], want: readonly number[], digits = 9): void => {
  expect(got.length).toBe(want.length);
  got.forEach((x, i) => {
    expect(x).toBeCloseTo(want[i], digits);
  });
};

/** Newton's steps on a vector, by numbers alone: x³ + s x = b, elementwise, with s the mean of x as coupling. */
const coupled = (x: Tensor, { b, s }: { b: Tensor; s: Scalar }): Tensor =>
  sub(add(mul(x, square(x)), add(x, mul(s, mul(0.3, sum(x))))), b);
function solveCoupled({ b, s }: { b: Tensor; s: Scalar }): Tensor {
  const n = b.size;
  const x = new Float64Array(n);
  for (let i = 0; i < 4000; i++) {
    const total = x.reduce((all, one) => all + one, 0);
    for (let k = 0; k < n; k++) {
      const r = x[k] ** 3 + x[k] + valueOf(s) * 0.3 * total - b.data[k];
      x[k] -= (r / (3 * x[k] ** 2 + 1 + 0.3 * Math.abs(valueOf(s)) * n)) * 0.9;
    }
  }
  return tensor(x);
}
const vectorRoot = implicitRoot(coupled, solveCoupled);

describe("the square root, solved elsewhere", () => {
  test("value, and derivatives up to the third", () => {
    expect(root(9)).toBe(3);
    const f = (a: Scalar): Scalar => root(a);
    close(
      [numberOf(grad(f)(9)), numberOf(grad(grad(f))(9)), numberOf(grad(grad(grad(f)))(9))],
      [1 / 6, -1 / 108, 3 / 8 / 243],
    );
  });

  test("forward mode, and forward over reverse", () => {
    close([numberOf(jvp(root, [9], [2])[1])], [1 / 3]);
    close([numberOf(jvp(grad(root), [9], [1])[1])], [-1 / 108]);
    close([numberOf(hvp((a: Scalar): Scalar => root(a))(4, 1))], [-1 / 32]);
  });

  test("per sample: vmap, its gradient, the gradient inside it, and batchGrad", () => {
    const xs = tensor([1, 4, 9]);
    close(numbers(vmap((a: Scalar): Scalar => root(a))(xs)), [1, 2, 3]);
    close(numbers(vmap(grad((a: Scalar): Scalar => root(a)))(xs)), [1 / 2, 1 / 4, 1 / 6]);
    close(numbers(grad((v: Tensor) => sum(vmap((a: Scalar): Scalar => root(a))(v)))(xs)), [1 / 2, 1 / 4, 1 / 6]);
    const cost = (w: Tensor, s: Scalar): Scalar => root(mul(w, s));
    close(numbers(batchGrad(cost)(tensor(1), xs).materialize()), [0.5, 1, 1.5]);
  });

  test("traced and replayed", () => {
    const tape = trace((a: Tensor): Scalar => root(a))(tensor(4));
    close([numberOf(tape.replay(tensor(25)))], [5]);
    const slope = trace(grad((a: Scalar): Scalar => root(a)))(tensor(4));
    close([numberOf(slope.replay(tensor(25)))], [0.1]);
  });
});

describe("systems", () => {
  const params = { b: tensor([0.5, -1, 2]), s: 0.4 };

  test("derivatives of both orders and modes agree with differences", () => {
    gradcheck((p: typeof params) => vectorRoot(p), [params], { relative: 1e-5 });
  });

  test("forward and reverse Jacobians agree", () => {
    const f = (b: Tensor): Tensor => vectorRoot({ b, s: 0.4 });
    close(numbers(jacobian(f, { mode: "forward" })(params.b)), numbers(jacobian(f, { mode: "reverse" })(params.b)), 12);
  });

  test("a linear system has the derivatives of the inverse, also of more unknowns than are written out", () => {
    for (const n of [3, 80]) {
      const a = tensor(
        Array.from({ length: n }, (_, i) =>
          Array.from({ length: n }, (_, j) => (i === j ? 3 : Math.sin(i + 2 * j) / n)),
        ),
      );
      const solve = ({ b }: { b: Tensor }): Tensor => {
        let x = new Float64Array(n);
        for (let round = 0; round < 200; round++) {
          x = x.map(
            (_, i) =>
              (b.data[i] - x.reduce((all, one, j) => (j === i ? all : all + a.data[i * n + j] * one), 0)) /
              a.data[i * n + i],
          );
        }
        return tensor(x);
      };
      const linear = implicitRoot((x: Tensor, { b }: { b: Tensor }) => sub(matmul(a, x), b), solve);
      const b = tensor(Array.from({ length: n }, (_, i) => Math.cos(i)));
      const weights = tensor(Array.from({ length: n }, (_, i) => 1 / (1 + i)));
      const transposed = implicitRoot(
        (x: Tensor, { b: c }: { b: Tensor }) => sub(matmul(x, a), c),
        ({ b: c }) => {
          let x = new Float64Array(n);
          for (let round = 0; round < 200; round++) {
            x = x.map(
              (_, i) =>
                (c.data[i] - x.reduce((all, one, j) => (j === i ? all : all + a.data[j * n + i] * one), 0)) /
                a.data[i * n + i],
            );
          }
          return tensor(x);
        },
      );
      const slope = grad((c: Tensor) => sum(mul(weights, linear({ b: c }))))(b);
      close(numbers(slope), numbers(transposed({ b: weights })), 10);
      const [, dot] = jvp((c: Tensor) => linear({ b: c }), [b], [weights]);
      close(numbers(dot), numbers(linear({ b: weights })), 10);
    }
  });

  test("per sample, with trees", () => {
    const bs = tensor([
      [0.5, -1, 2],
      [1, 1, 1],
      [0, 0.2, -3],
    ]);
    const cost = (b: Tensor): Scalar => sum(square(vectorRoot({ b, s: 0.4 })));
    const rows = [0, 1, 2].map((i) => grad(cost)(bs.at(i)));
    close(numbers(vmap(grad(cost))(bs)), rows.flatMap(numbers), 10);
    const weighted = (w: Tensor, b: Tensor): Scalar => cost(mul(w, b));
    const per = batchGrad(weighted)(tensor([1, 2, 0.5]), bs).materialize();
    close(
      numbers(per),
      [0, 1, 2].flatMap((i) => numbers(grad(weighted)(tensor([1, 2, 0.5]), bs.at(i)))),
      10,
    );
    const hessians = [0, 1, 2].flatMap((i) => numbers(hessian(cost)(bs.at(i))));
    close(numbers(vmap(hessian(cost))(bs)), hessians, 8);
  });

  test("x of any structure", () => {
    const circle = implicitRoot(
      ({ x, y }: { x: Scalar; y: Scalar }, { r, angle }: { r: Scalar; angle: Scalar }) => [
        sub(x, mul(r, cos(angle))),
        sub(add(square(x), square(y)), square(r)),
      ],
      ({ r, angle }) => ({ x: valueOf(r) * Math.cos(valueOf(angle)), y: valueOf(r) * Math.sin(valueOf(angle)) }),
    );
    const at = { r: 2, angle: 1 };
    const slope = grad((p: { r: Scalar; angle: Scalar }): Scalar => circle(p).y)(at);
    close([numberOf(slope.r), numberOf(slope.angle)], [Math.sin(1), 2 * Math.cos(1)]);
    const mapped = vmap((angle: Scalar): Scalar => circle({ r: 2, angle }).y)(tensor([1, 0.5]));
    close(numbers(mapped), [2 * Math.sin(1), 2 * Math.sin(0.5)]);
    const [, pullback] = vjp(circle, [at]);
    close([numberOf(pullback({ x: 0, y: 1 })[0].r)], [Math.sin(1)]);
  });

  test("derivatives reach the further arguments and what the residual captures", () => {
    const scaled = (a: Scalar, c: Scalar): Scalar => {
      const f = implicitRoot(
        (x: Scalar, p: Scalar, q: Scalar) => sub(mul(q, square(x)), p),
        (p, q) => Math.sqrt(valueOf(p) / valueOf(q)),
      );
      return f(a, c);
    };
    close([numberOf(grad((c: Scalar) => scaled(8, c))(2))], [-0.5]);
    close([numberOf(grad((a: Scalar) => scaled(a, 2))(8))], [1 / 8]);
    const captured = (c: Scalar): Scalar =>
      implicitRoot(
        (x: Scalar, p: Scalar) => sub(mul(c, square(x)), p),
        (p) => Math.sqrt(valueOf(p) / 2),
      )(8);
    close([numberOf(grad(captured)(2))], [-0.5]);
  });

  test("float32 stays float32", () => {
    const f = implicitRoot(
      (x: Tensor, a: Tensor) => sub(square(x), a),
      (a) => tensor(Float32Array.from(a.data, Math.sqrt)),
    );
    const a = tensor([4, 9], { dtype: "float32" });
    expect(f(a).dtype).toBe("float32");
    const slope = grad((v: Tensor) => sum(f(v)))(a);
    expect(slope.dtype).toBe("float32");
    close(numbers(slope), [1 / 4, 1 / 6], 6);
  });
});

describe("fixedPoint", () => {
  const step = (x: Tensor, { w, b }: { w: Tensor; b: Tensor }): Tensor => tanh(add(matmul(w, x), b));
  const params = {
    w: tensor([
      [0.3, -0.2],
      [0.1, 0.4],
    ]),
    b: tensor([0.5, -0.7]),
  };
  const unrolled = (p: typeof params): Tensor => {
    let x: Tensor = tensor([0, 0]);
    for (let i = 0; i < 60; i++) x = step(x, p);
    return x;
  };
  const settled = fixedPoint(step, unrolled);

  test("equals the unrolled iteration at convergence: value, gradient, second order, jvp", () => {
    close(numbers(settled(params)), numbers(unrolled(params)), 13);
    const costs = [settled, unrolled].map(
      (f) =>
        (p: typeof params): Scalar =>
          sum(exp(f(p))),
    );
    const [a, b] = costs.map((cost) => grad(cost)(params));
    close(numbers(a.w), numbers(b.w), 11);
    close(numbers(a.b), numbers(b.b), 11);
    const [ha, hb] = costs.map((cost) => hessian((v: Tensor) => cost({ ...params, b: v }))(params.b));
    close(numbers(ha), numbers(hb), 10);
    const dots = [settled, unrolled].map((f) => jvp(f, [params], [params])[1]);
    close(numbers(dots[0]), numbers(dots[1]), 11);
  });

  test("per sample equals the unrolled iteration", () => {
    const bs = tensor([
      [0.5, -0.7],
      [0, 1],
    ]);
    const cost =
      (f: typeof unrolled) =>
      (w: Tensor, b: Tensor): Scalar =>
        sum(square(f({ w, b })));
    const [a, b] = [settled, unrolled].map((f) => batchGrad(cost(f))(params.w, bs).materialize());
    close(numbers(a), numbers(b), 11);
  });

  test("the gradient of a gradient step at its minimum", () => {
    const ridge = fixedPoint(
      (x: Scalar, a: Scalar) => sub(x, mul(0.1, add(mul(2, sub(x, 3)), mul(mul(2, a), x)))),
      (a) => 3 / (1 + valueOf(a)),
    );
    close([numberOf(grad((a: Scalar): Scalar => ridge(a))(2))], [-1 / 3]);
  });
});

describe("whether a solver converged does not depend on units (FAULTS 19)", () => {
  const power = fc.integer({ min: -12, max: 12 }).map((k) => 10 ** k);
  const squareRoot = (factor: number, unit: number, found: number) =>
    implicitRoot(
      (x: Scalar, a: Scalar) => mul(factor, sub(square(div(x, unit)), a)),
      () => found * unit,
    );

  test("a wrong root of small equations, a right one of large ones", () => {
    expect(errorOf(() => squareRoot(1e-9, 1, 4)(4))).toContain("[implicit/not-converged]");
    expect(squareRoot(1e12, 1, Math.sqrt(3))(3)).toBe(Math.sqrt(3));
    close([numberOf(grad((a: Scalar): Scalar => squareRoot(1e12, 1, Math.sqrt(3))(a))(3))], [0.5 / Math.sqrt(3)]);
  });

  test("c r(x / u) = 0 is judged as r(x) = 0 is", () => {
    fc.assert(
      fc.property(power, power, (factor, unit) => {
        expect(squareRoot(factor, unit, Math.sqrt(3))(3)).toBe(Math.sqrt(3) * unit);
        expect(errorOf(() => squareRoot(factor, unit, 4)(4))).toContain("[implicit/not-converged]");
        expect(errorOf(() => squareRoot(factor, unit, 0)(4))).toContain("[implicit/not-converged]");
      }),
    );
  });

  test("systems, written out and by products", () => {
    fc.assert(
      fc.property(power, power, fc.constantFrom(3, 80), (factor, unit, n) => {
        const b = tensor(Array.from({ length: n }, (_, i) => 1 + i));
        const roots = (share: number) =>
          implicitRoot(
            (x: Tensor, a: Tensor) => mul(factor, sub(square(div(x, unit)), a)),
            (a) => mul(share * unit, sqrt(a)),
          );
        const slope = grad((a: Tensor) => sum(roots(1)(a)))(b);
        close(numbers(mul(slope, 1 / unit)), numbers(div(0.5, sqrt(b))));
        expect(errorOf(() => roots(4)(b))).toContain("[implicit/not-converged]");
      }),
      { numRuns: 30 },
    );
  });

  test("a fixed point, a root at 0, and two unknowns that no equation tells apart", () => {
    fc.assert(
      fc.property(power, (unit) => {
        const settled = (found: number) =>
          fixedPoint(
            (x: Scalar, a: Scalar) => mul(unit, cos(mul(a, div(x, unit)))),
            () => found * unit,
          );
        close([numberOf(settled(0.7390851332151607)(1)) / unit], [0.7390851332151607]);
        expect(errorOf(() => settled(0.73)(1))).toContain(unit > 1e-9 ? "[implicit/not-converged]" : "");
        const zero = implicitRoot(
          (x: Scalar, a: Scalar) => mul(unit, sub(x, a)),
          () => 1e-13,
        );
        expect(zero(0)).toBe(1e-13);
      }),
    );
    const both = implicitRoot(
      (x: Tensor, a: Scalar) => stack([sub(sum(x), a), sub(mul(2, sum(x)), mul(2, a))]),
      () => tensor([0.1, 0.2]),
    );
    expect(numbers(both(0.3))).toEqual([0.1, 0.2]);
    expect(errorOf(() => both(0.4))).toContain("[implicit/not-converged]");
  });
});

describe("errors", () => {
  test("a solver that did not converge", () => {
    const lazy = implicitRoot(
      (x: Scalar, a: Scalar) => sub(square(x), a),
      (a) => valueOf(a) / 2,
    );
    const error = errorOf(() => lazy(9));
    expect(error).toContain("implicit/not-converged");
    expect(error).toContain("largest residual is 11.25");
    expect(errorOf(() => grad((a: Scalar): Scalar => lazy(a))(9))).toContain("[implicit/not-converged]");
    expect(errorOf(() => vmap((a: Scalar): Scalar => lazy(a))(tensor([9])))).toContain("[implicit/not-converged]");
    const lost = implicitRoot(
      (x: Scalar, a: Scalar) => sub(square(x), a),
      () => Number.NaN,
    );
    expect(errorOf(() => lost(9))).toContain("residual is NaN");
  });

  test("a tolerance that lets it pass", () => {
    const rough = implicitRoot(
      (x: Scalar, a: Scalar) => sub(square(x), a),
      () => 3.001,
      { tolerance: 1e-2 },
    );
    expect(rough(9)).toBe(3.001);
  });

  test("a singular linearization, dense and by products", () => {
    expect(errorOf(() => grad((a: Scalar): Scalar => root(a))(0))).toContain("[implicit/singular]");
    const many = implicitRoot(
      (x: Tensor, a: Tensor) => sub(square(x), a),
      (a) => sqrt(a),
    );
    const at = tensor(Array.from({ length: 100 }, (_, i) => (i === 50 ? 0 : 1 + i)));
    const error = errorOf(() => grad((a: Tensor) => sum(many(a)))(at));
    expect(error).toContain("implicit/singular");
    expect(error).toContain("100 unknowns");
    expect(root(9)).toBe(3);
  });

  test("a residual that does not fit", () => {
    const wrong = implicitRoot(
      (x: Tensor, a: Tensor) => sum(sub(square(x), a)),
      (a) => sqrt(a),
    );
    const error = errorOf(() => wrong(tensor([1, 2])));
    expect(error).toContain("implicit/shape");
    expect(error).toBe(
      "[implicit/shape] implicitRoot: the residual has leaves of shapes [], but x has [2] (x). Give one equation for each unknown: the residual must be shaped like x.",
    );
    const steps = fixedPoint(
      (x: Tensor, a: Tensor): Tensor => untyped([x, a]),
      (a) => a,
    );
    expect(errorOf(() => steps(tensor([1])))).toContain("[implicit/shape]");
  });

  test("shapes of x that cannot be found out inside a loop, and the way round", () => {
    const pair = (like?: unknown) =>
      implicitRoot(
        (x: Tensor, a: Scalar) => sub(x, stack([mul(x.at(1), 0.5), a])),
        (a) => {
          if (valueOf(a) < 2) throw new Error("out of range");
          return tensor([valueOf(a) / 2, valueOf(a)]);
        },
        { like },
      );
    const run = (like?: unknown) => scan((c: number, a: Scalar) => [c, pair(like)(a)], 0, tensor([2, 4]))[1];
    expect(errorOf(() => run())).toContain("[implicit/shape]");
    expect(run(tensor([0, 0])).toArray()).toEqual([
      [1, 2],
      [2, 4],
    ]);
    expect(errorOf(() => run(tensor([0, 0, 0])))).toContain("[shape/broadcast]");
  });

  test("an error of the solver passes through", () => {
    const bad = implicitRoot(
      (x: Scalar, a: Scalar) => sub(x, a),
      () => {
        throw new RangeError("mine");
      },
    );
    expect(() => bad(1)).toThrow(RangeError);
  });
});
