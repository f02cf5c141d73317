// A sweep visits what lies between its inputs and its output, not what was recorded before: counted, not timed.
import {
  add,
  backward,
  grad,
  jvp,
  mul,
  type Scalar,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  valueOf,
  variable,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { entriesVisited } from "../../../src/core/sweep/activity";
import { PAGE_SIZE } from "../../../src/core/tape/page";

/** Entries visited by what `run` does. */
function visited(run: () => void): number {
  const before = entriesVisited();
  run();
  return entriesVisited() - before;
}

/** How the visits of n and 4n steps relate: 4 when they are linear. */
function growth(program: (steps: number) => void, steps = 1501): number {
  return visited(() => program(4 * steps)) / visited(() => program(steps));
}

const polynomial = (x: Scalar): Scalar => add(mul(x, mul(x, x)), mul(2, x));

describe("the count itself", () => {
  test("a chain of n ops is visited once", () => {
    const x = variable(1);
    let y: Tensor = x;
    for (let i = 0; i < 10_001; i++) y = mul(y, 1);
    expect(visited(() => backward(y, x))).toBe(10_001);
  });

  test("what was recorded before the birth of the input is not visited", () => {
    const w = variable(1);
    let y: Tensor = w;
    for (let i = 0; i < 9_001; i++) y = mul(y, 1);
    expect(visited(() => grad((x: Scalar): Scalar => mul(mul(x, x), y))(2))).toBeLessThan(10);
    expect(y.watched).toBe(true);
  });
});

describe("linear, not quadratic", () => {
  test("training with one persistent variable, the costs kept", () => {
    const program = (steps: number): void => {
      const w = variable([1, 2, 3]);
      const costs: Tensor[] = [];
      for (let i = 0; i < steps; i++) {
        const cost = sum(square(mul(w, i)));
        costs.push(cost);
        backward(cost, w);
      }
    };
    expect(growth(program)).toBeLessThan(4.5);
  });

  test("x -= grad(f)(x) in a loop under an outer grad", () => {
    const program = (steps: number): void => {
      grad((x0: Scalar): Scalar => {
        let x = x0;
        for (let i = 0; i < steps; i++) x = sub(x, mul(1e-4, grad(polynomial)(x)));
        return x;
      })(0.3);
    };
    expect(growth(program, 301)).toBeLessThan(4.5);
  });

  test("x -= grad(f)(x) in a loop under an outer jvp, and differentiated twice", () => {
    const descend =
      (steps: number) =>
      (x0: Scalar): Scalar => {
        let x = x0;
        for (let i = 0; i < steps; i++) x = sub(x, mul(1e-4, grad(polynomial)(x)));
        return x;
      };
    expect(growth((steps) => void jvp(descend(steps), [0.3], [1]), 301)).toBeLessThan(4.5);
    expect(growth((steps) => void grad(grad(descend(steps)))(0.3), 101)).toBeLessThan(4.6);
  });

  test("a gradient in a loop that captures a tracked tensor of an old page", () => {
    const program = (steps: number): void => {
      const w = variable([1, 2]);
      const old = square(w);
      let y: Tensor = w;
      for (let i = 0; i < PAGE_SIZE; i++) y = mul(y, 1);
      let x = tensor([0.1, 0.2]);
      for (let i = 0; i < steps; i++) x = sub(x, mul(1e-3, grad((z: Tensor): Scalar => sum(mul(old, square(z))))(x)));
      expect(backward(sum(x), w).shape).toEqual([2]);
    };
    expect(growth(program, 401)).toBeLessThan(4.5);
  });

  test("two graphs that grow by turns, each swept a bit at a time", () => {
    const program = (steps: number): void => {
      const [v, w] = [variable(1), variable(2)];
      let [a, b]: [Scalar, Scalar] = [v, w];
      for (let i = 0; i < steps; i++) {
        a = mul(a, 0.999);
        b = mul(b, 0.999);
        grad((x: Scalar): Scalar => mul(x, a))(1);
        grad((x: Scalar): Scalar => mul(x, b))(1);
      }
      backward(add(a, b), { v, w });
    };
    expect(growth(program)).toBeLessThan(4.5);
  });

  test("backward by intermediate results in a loop", () => {
    const program = (steps: number): void => {
      const w = variable(1);
      let h: Tensor = w;
      for (let i = 0; i < steps; i++) {
        h = mul(h, 0.999);
        backward(square(h), h);
      }
      expect(backward(h, w).item()).toBeCloseTo(0.999 ** steps, 10);
    };
    expect(growth(program)).toBeLessThan(4.5);
  });
});

describe("a million ops", () => {
  const million = (x: Scalar): Scalar => {
    let y: Scalar = x;
    for (let i = 0; i < 500_000; i++) y = add(mul(y, 0.999999), 1e-7);
    return y;
  };

  test("back, forward, and twice, without a stack", () => {
    const slope = 0.999999 ** 500_000;
    expect(grad(million)(1)).toBeCloseTo(slope, 9);
    expect(valueOf(jvp(million, [1], [2])[1])).toBeCloseTo(2 * slope, 9);
    const shorter = (x: Scalar): Scalar => {
      let y: Scalar = x;
      for (let i = 0; i < 50_000; i++) y = mul(y, 1.000001);
      return mul(y, y);
    };
    expect(grad(grad(shorter))(1)).toBeCloseTo(2 * 1.000001 ** 100_000, 6);
  });

  test("a long sum of tensors, every one of them kept", () => {
    const x = variable([1, 2]);
    const kept: Tensor[] = [x];
    for (let i = 0; i < 100_000; i++) kept.push(add(kept[i], x));
    expect(backward(sum(kept[100_000]), x).toArray()).toEqual([100_001, 100_001]);
  });
});
