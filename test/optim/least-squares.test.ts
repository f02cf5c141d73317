import fc from "fast-check";
import {
  abs,
  add,
  div,
  exp,
  grad,
  log,
  matmul,
  mul,
  type Scalar,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  valueOf,
  variable,
} from "gradtape";
import { leastSquares, minimize, type Progress, type Reason } from "gradtape/optim";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { expectEvery } from "../support";
import { numbersOf } from "./numbers";

const valley = ({ x, y }: { x: Scalar; y: Scalar }) => stack([sub(1, x), mul(10, sub(y, square(x)))]);
const numbers = (length: number) =>
  fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: length, maxLength: length });

describe("leastSquares arrives", () => {
  test.each([
    [-1.2, 1],
    [0, 0],
    [500, -500],
  ])("at the end of Rosenbrock's valley from %d, %d, exactly", (x, y) => {
    const { params, value, converged } = leastSquares(valley, { x, y });
    expect([params.x, params.y]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)]);
    expect(value).toBeLessThan(1e-25);
    expect(converged).toBe(true);
  });

  test("on linear problems, where residuals are orthogonal to the columns, as minimize does", () => {
    fc.assert(
      fc.property(fc.array(numbers(3), { minLength: 3, maxLength: 7 }), numbers(7), numbers(3), (rows, rhs, start) => {
        const a = tensor([...rows, [1, 0, 0], [0, 1, 0], [0, 0, 1]]);
        const b = tensor([...rhs.slice(0, rows.length), 1, 1, 1]);
        const residuals = (x: Tensor): Tensor => sub(matmul(a, x), b);
        const cost = (x: Tensor): Scalar => sum(square(residuals(x)));
        const { params, value, converged, iterations } = leastSquares(residuals, tensor(start));
        expect(converged).toBe(true);
        expect(iterations).toBeLessThan(20);
        for (const slope of numbersOf(grad(cost)(params))) expect(slope).toBeCloseTo(0, 7);
        expect(valueOf(cost(params))).toBeCloseTo(value, 10);
        const other = minimize(cost, tensor(start), { tolerance: 1e-12 });
        expect(numbersOf(other.params)).toEqual(numbersOf(params).map((x) => expect.closeTo(x, 5)));
      }),
    );
  });

  test("for trees of parameters and of residuals, in whatever dtype, which come back as they were given", () => {
    const start = { w: tensor([[0, 0]], { dtype: "float32" }), b: 0 };
    const residuals = (p: { w: Tensor; b: Scalar }) => ({
      one: sub(p.w, tensor([[1, 2]], { dtype: "float32" })),
      others: [sub(p.b, 3), sub(mul(2, p.b), 7)],
    });
    const { params, value } = leastSquares(residuals, start);
    expect(params.w.toArray()).toEqual([[1, 2]]);
    expect(params.w.dtype).toBe("float32");
    expect(params.b).toBeCloseTo(3.4, 12);
    expect(value).toBeCloseTo(0.2, 12);
  });

  test("with fewer residuals than parameters, or parameters that do nothing: at one of the solutions", () => {
    const few = leastSquares(([x, y]: readonly Scalar[]) => stack([sub(add(x, y), 3)]), [0, 0]);
    expect(few.params[0] + few.params[1]).toBeCloseTo(3, 12);
    const idle = leastSquares(([x]: readonly Scalar[]) => stack([sub(x, 3), sub(x, 5)]), [1, 7]);
    expect(idle.params).toEqual([expect.closeTo(4, 12), 7]);
    const same = leastSquares(([x, y]: readonly Scalar[]) => stack([sub(add(x, y), 3), sub(add(x, y), 5)]), [1, 1]);
    expect(same.params[0] + same.params[1]).toBeCloseTo(4, 10);
    expectEvery([few, idle, same], ({ converged }) => converged);
  });

  test("from where a step leads out of the domain", () => {
    const residuals = (x: Scalar) => stack([sub(log(x), -20), mul(1e-3, log(x))]);
    const { params, converged } = leastSquares(residuals, 5);
    expect(converged).toBe(true);
    expect(Math.log(params)).toBeCloseTo(-20 / (1 + 1e-6), 8);
  });

  test.each([0, 5e-324, -1e-200])("from as near to zero as %d, in few steps", (start) => {
    const { params, iterations } = leastSquares((x: Scalar) => stack([sub(x, 3), sub(x, 5)]), start);
    expect(params).toBeCloseTo(4, 12);
    expect(iterations).toBeLessThan(20);
  });

  test("whatever the units of the parameters", () => {
    const x = tensor([0, 1, 2, 3, 4, 5]);
    const y = tensor([5.1, 3.9, 3.2, 2.6, 2.2, 1.9]);
    const fitIn = (unit: number) =>
      leastSquares(
        ([height, rate]: readonly Scalar[]) => sub(mul(height, exp(mul(mul(rate, unit), x))), y),
        [1, 0.1 / unit],
      );
    const [one, other] = [fitIn(1), fitIn(1e8)];
    expect(other.params[1] * 1e8).toBeCloseTo(one.params[1], 9);
    expect(Math.abs(other.iterations - one.iterations)).toBeLessThanOrEqual(2);
  });
});

describe("leastSquares says why it stopped", () => {
  test.each<[Reason, (x: Scalar) => unknown, number, object]>([
    ["gradient", (x) => stack([sub(x, 1), sub(x, 2)]), 0, {}],
    ["value", (x) => sub(x, 3), 3, {}],
    ["value", (x) => sub(x, 3), 8, {}],
    // A kink, where no gradient vanishes.
    ["step", (x) => add(1, abs(sub(x, 3))), 5.3, {}],
    ["maxIterations", (x) => exp(mul(-1, x)), 0, { maxIterations: 3 }],
    ["nonFinite", log, -1, {}],
    ["nonFinite", (x) => div(1, x), 0, {}],
    ["nonFinite", (x) => (valueOf(x) === 1 ? x : log(-1)), 1, {}],
    ["stopped", (x) => sub(exp(x), 3), 0, { onIteration: () => false }],
  ])("%s", (reason, residuals, start, options) => {
    const outcome = leastSquares(residuals, start, options);
    expect(outcome.reason).toBe(reason);
    expect(outcome.converged).toBe(["gradient", "value", "step"].includes(reason));
  });

  test("nothing to change, nothing to fit", () => {
    expect(leastSquares(() => tensor([3, 4]), {})).toMatchObject({ params: {}, value: 25, reason: "gradient" });
    expect(leastSquares(() => [], 3)).toMatchObject({ params: 3, value: 0, reason: "value" });
  });
});

test("onIteration sees every step tried, and values that never rise", () => {
  const seen: Progress<{ x: number; y: number }>[] = [];
  const { params, value, iterations } = leastSquares(valley, { x: -1.2, y: 1 }, { onIteration: (p) => seen.push(p) });
  expect(seen.map(({ iteration }) => iteration)).toEqual(Array.from({ length: iterations }, (_, i) => i + 1));
  seen.slice(1).forEach((p, i) => {
    expect(p.value).toBeLessThanOrEqual(seen[i].value * (1 + 1e-13));
    expect(p.stepNorm > 0).toBe(p.params.x !== seen[i].params.x || p.params.y !== seen[i].params.y);
  });
  expect(seen.at(-1)?.params).toEqual(params);
  expect(seen.at(-1)?.value).toBe(value);
});

test("nothing is recorded, and variables are taken as numbers", () => {
  expect(leastSquares((x: Tensor) => sub(x, 1), variable([1, 2])).params.watched).toBe(false);
});

test("bad input", () => {
  expect(errorOf(() => leastSquares(() => undefined, 1))).toContain(
    "[tree/leaf] leastSquares: the result is undefined",
  );
  expect(errorOf(() => leastSquares(() => 0, { a: tensor([1], { dtype: "int32" }) }))).toContain(
    "[tree/leaf] leastSquares: params.a is int32",
  );
  expect(errorOf(() => leastSquares(() => 0, 1, { radius: 0 }))).toContain("[argument/number] leastSquares: radius");
  expect(errorOf(() => leastSquares(3 as never, 1))).toBe(
    "[argument/function] leastSquares: residuals must be a function, got 3. Pass the function itself, not what it returns.",
  );
});
