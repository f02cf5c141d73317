import fc from "fast-check";
import {
  add,
  cosh,
  div,
  dot,
  exp,
  log,
  matmul,
  mul,
  neg,
  type Scalar,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
  valueOf,
  variable,
} from "gradtape";
import { minimize, type Progress, type Reason } from "gradtape/optim";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { numbersOf } from "./numbers";

const rosenbrock = ({ x, y }: { x: Scalar; y: Scalar }): Scalar =>
  add(square(sub(1, x)), mul(100, square(sub(y, square(x)))));

describe("minimize arrives", () => {
  test.each([
    [-1.2, 1],
    [0, 0],
    [5, -5],
    [-30, 40],
  ])("at the end of Rosenbrock's valley from %d, %d", (x, y) => {
    const { params, value, converged, iterations } = minimize(rosenbrock, { x, y });
    expect([params.x, params.y]).toEqual([expect.closeTo(1, 7), expect.closeTo(1, 7)]);
    expect(typeof params.x).toBe("number");
    expect(value).toBeLessThan(1e-14);
    expect(converged).toBe(true);
    expect(iterations).toBeLessThan(100);
  });

  test("in 100 dimensions", () => {
    const f = (v: Tensor): Scalar => {
      const [head, tail] = [v.slice([{ stop: -1 }]), v.slice([{ start: 1 }])];
      return sum(add(square(sub(1, head)), mul(100, square(sub(tail, square(head))))));
    };
    const { params, converged } = minimize(f, tensor(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? -1.2 : 1))));
    expect(converged).toBe(true);
    expect(valueOf(f(params))).toBeLessThan(1e-12);
  });

  test("in a tree of tensors and numbers, of more than one dtype, which come back as they were given", () => {
    const target = {
      layers: [
        {
          w: tensor(
            [
              [1, -2],
              [3, 0.5],
            ],
            { dtype: "float32" },
          ),
        },
      ],
      b: -4,
    };
    const start = {
      layers: [
        {
          w: tensor(
            [
              [0, 0],
              [0, 0],
            ],
            { dtype: "float32" },
          ),
        },
      ],
      b: 0,
    };
    const cost = (p: typeof start): Scalar =>
      add(sum(square(sub(p.layers[0].w, target.layers[0].w))), square(sub(p.b, target.b)));
    const { params, reason } = minimize(cost, start);
    expect(params.layers[0].w.shape).toEqual([2, 2]);
    expect(params.layers[0].w.dtype).toBe("float32");
    expect(params.b).toBeCloseTo(-4, 7);
    expect(numbersOf(params)).toEqual(numbersOf(target).map((x) => expect.closeTo(x, 6)));
    expect(reason).toBe("gradient");
  });

  const vector = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 });

  test("on quadratics, at the solution of the linear system", () => {
    fc.assert(
      fc.property(fc.array(vector, { minLength: 4, maxLength: 4 }), vector, vector, (rows, solution, start) => {
        const b = tensor(rows);
        const s = tensor(solution);
        // A = B^T B + I: the minimum of (x - s)^T A (x - s) is s.
        const f = (x: Tensor): Scalar => {
          const d = sub(x, s);
          return add(sum(square(matmul(b, d))), sum(square(d)));
        };
        const { params, converged, iterations } = minimize(f, tensor(start), { tolerance: 1e-10 });
        expect(converged).toBe(true);
        expect(iterations).toBeLessThan(60);
        expect(numbersOf(params)).toEqual(solution.map((x) => expect.closeTo(x, 6)));
      }),
    );
  });

  test("on convex functions, where the gradient is zero", () => {
    fc.assert(
      fc.property(fc.array(vector, { minLength: 1, maxLength: 5 }), vector, (rows, start) => {
        const a = tensor(rows);
        const f = (x: Tensor): Scalar => add(sum(log(cosh(matmul(a, x)))), mul(0.1, add(sum(exp(x)), sum(square(x)))));
        const { params, value, converged } = minimize(f, tensor(start));
        expect(converged).toBe(true);
        const [again, gradient] = valueAndGrad(f)(params);
        expect(valueOf(again)).toBe(value);
        expect(Math.max(...numbersOf(gradient).map(Math.abs))).toBeLessThan(1e-5 * Math.max(1, value));
      }),
    );
  });

  test("where the scales differ by ten orders of magnitude", () => {
    const f = ([x, y]: readonly Scalar[]): Scalar => add(square(sub(x, 1)), mul(1e-10, square(sub(y, 1e5))));
    const { params } = minimize(f, [0, 0], { tolerance: 1e-14 });
    expect(params[1]).toBeCloseTo(1e5, 2);
  });

  test("with the first step far outside the domain: values that are NaN or infinite are stepped back from", () => {
    const f = (x: Scalar): Scalar => sub(mul(1e6, x), log(x));
    const { params, converged } = minimize(f, 1);
    expect(converged).toBe(true);
    expect(params).toBeCloseTo(1e-6, 10);
    const g = (x: Scalar): Scalar => sub(x, sqrt(sub(1, square(x))));
    expect(minimize(g, 0.9).params).toBeCloseTo(-Math.SQRT1_2, 6);
  });
});

describe("minimize asks no question that has a unit (FAULTS 19)", () => {
  test("a small factor, a large constant", () => {
    for (const f of [
      (x: Scalar) => mul(1e-10, square(sub(x, 3))),
      (x: Scalar) => add(1e10, square(sub(x, 3))),
      (x: Scalar) => add(1e16, square(sub(x, 3))),
    ]) {
      const { params, converged } = minimize(f, 0);
      expect(params).toBeCloseTo(3, 6);
      expect(converged).toBe(true);
    }
  });

  test.each([0, 1, 1e5, 1e10, 1e20, 1e30])("the constant %d, in both dtypes: the gradient leads on", (c) => {
    for (const dtype of ["float64", "float32"] as const) {
      const f = (x: Tensor): Scalar => add(c, sum(square(sub(x, 3))));
      const { params, converged } = minimize(f, tensor([0, 0], { dtype }));
      expect(numbersOf(params)).toEqual([expect.closeTo(3, 6), expect.closeTo(3, 6)]);
      expect(converged).toBe(true);
    }
  });

  test.each([1e-2, 1e-4, 1e-8, 1e-9, 1e-12])("a direction whose gradient is %d of another's", (small) => {
    for (const c of [0, 1]) {
      const f = (x: Tensor): Scalar => add(c, sum(mul(tensor([small, 1]), square(sub(x, 3)))));
      const { params, converged } = minimize(f, tensor([0, 0]));
      expect(numbersOf(params)).toEqual([expect.closeTo(3, 6), expect.closeTo(3, 6)]);
      expect(converged).toBe(true);
    }
  });

  test("one evaluation more than it takes to see that the gradient is flat", () => {
    let evaluations = 0;
    const f = (p: { x: Scalar; y: Scalar }): Scalar => {
      evaluations++;
      return rosenbrock(p);
    };
    minimize(f, { x: -1.2, y: 1 });
    expect(evaluations).toBeLessThan(52);
  });

  const curves: Record<string, [(x: Scalar) => Scalar, number]> = {
    parabola: [(x) => square(sub(x, 3)), 3],
    "from both sides": [(x) => add(cosh(sub(x, 1)), square(x)), 0.34898964682301553],
    exponential: [(x) => sub(exp(x), mul(2, x)), Math.LN2],
    quartic: [(x) => square(sub(square(x), 2)), Math.SQRT2],
  };
  const power = fc.integer({ min: -12, max: 12 }).map((k) => 10 ** k);

  test.each(Object.entries(curves))("%s: a f(x / b) + c is minimized as f is", (_, [f, right]) => {
    const start = fc.constantFrom(0.5, 1, 4);
    fc.assert(
      fc.property(power, power, fc.constantFrom(0, 1, 1e4), start, (a, b, c, from) => {
        const scaled = (x: Scalar): Scalar => mul(a, add(f(div(x, b)), c));
        const { params, converged } = minimize(scaled, from * b);
        expect(converged).toBe(true);
        expect(params / b).toBeCloseTo(right, 6);
      }),
    );
  });

  test("from 0 too, and Rosenbrock's valley", () => {
    fc.assert(
      fc.property(power, power, fc.constantFrom<[number, number]>([-1.2, 1], [0, 0]), (a, b, [x, y]) => {
        const scaled = (p: { x: Scalar; y: Scalar }): Scalar => mul(a, rosenbrock({ x: div(p.x, b), y: div(p.y, b) }));
        const { params, iterations } = minimize(scaled, { x: x * b, y: y * b });
        expect([params.x / b, params.y / b]).toEqual([expect.closeTo(1, 7), expect.closeTo(1, 7)]);
        expect(iterations).toBeLessThan(100);
      }),
    );
  });
});

describe("minimize says why it stopped", () => {
  const reasonOf = (f: (x: Scalar) => Scalar, start: number, options = {}): Reason =>
    minimize(f, start, options).reason;

  test.each<[Reason, (x: Scalar) => Scalar, number, object]>([
    ["gradient", square, 0, {}],
    ["gradient", square, 3, {}],
    ["maxIterations", (x) => exp(neg(x)), 0, { maxIterations: 3 }],
    ["value", (x) => sub(sub(exp(x), x), 1), 2, {}],
    ["nonFinite", log, -1, {}],
    ["nonFinite", (x) => div(1, x), 0, {}],
    // The derivative says down, the values go up: no step helps.
    ["lineSearch", (x) => (valueOf(x) === 0 ? x : add(1, mul(x, x))), 0, {}],
    ["nonFinite", (x) => (valueOf(x) === 0 ? x : log(-1)), 0, {}],
    ["stopped", square, 3, { onIteration: () => false }],
  ])("%s", (reason, f, start, options) => {
    expect(reasonOf(f, start, options)).toBe(reason);
    expect(minimize(f, start, options).converged).toBe(["gradient", "value", "step"].includes(reason));
  });

  test("a function without a minimum is followed as far as allowed", () => {
    const { reason, converged, value } = minimize((x: Scalar) => neg(x), 0, { maxIterations: 5 });
    expect([reason, converged]).toEqual(["maxIterations", false]);
    expect(value).toBeLessThan(-1e6);
  });

  test("no parameters at all", () => {
    expect(minimize(() => 3, {})).toEqual({ params: {}, value: 3, iterations: 0, converged: true, reason: "gradient" });
  });
});

test("onIteration sees values that fall, and what is returned", () => {
  const seen: Progress<{ x: number; y: number }>[] = [];
  const { params, value, iterations } = minimize(rosenbrock, { x: -1.2, y: 1 }, { onIteration: (p) => seen.push(p) });
  expect(seen.map(({ iteration }) => iteration)).toEqual(Array.from({ length: iterations }, (_, i) => i + 1));
  seen.slice(1).forEach((p, i) => {
    expect(p.value).toBeLessThanOrEqual(seen[i].value * (1 + 1e-14));
  });
  expect(seen.at(-1)?.params).toEqual(params);
  expect(seen.at(-1)?.value).toBe(value);
  expect(seen[0].gradientNorm).toBeGreaterThan(0);
  expect(seen[0].stepNorm).toBeGreaterThan(0);
});

test("nothing is recorded, and variables are taken as numbers", () => {
  const { params } = minimize((x: Tensor) => dot(x, x), variable([1, 2]));
  expect(params.watched).toBe(false);
});

test("bad input", () => {
  expect(errorOf(() => minimize((x: Tensor) => untyped(x), tensor([1, 2])))).toBe(
    "[grad/non-scalar] minimize: f returns a tensor of shape [2], not a scalar. Reduce it with sum or mean.",
  );
  expect(errorOf(() => minimize(() => 0, { a: "x" }))).toContain("[tree/leaf] minimize: params.a is");
  expect(errorOf(() => minimize(() => 0, 1, { maxIteration: 3 } as never))).toBe(
    '[option/unknown] minimize: unknown option "maxIteration". Did you mean "maxIterations"?',
  );
  expect(errorOf(() => minimize(() => 0, 1, { method: "newton" as never }))).toBe(
    '[option/choice] minimize: method must be one of "lbfgs", got "newton". Leave method out for the default.',
  );
  expect(errorOf(() => minimize(() => 0, 1, { tolerance: -1 }))).toContain("[argument/number] minimize: tolerance");
});
