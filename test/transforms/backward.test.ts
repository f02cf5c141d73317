import {
  add,
  backward,
  exp,
  grad,
  isTensor,
  matmul,
  mul,
  type Scalar,
  square,
  stack,
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

const FREED =
  "[backward/freed] backward: the result depends on a part of the tape that an earlier backward freed. Pass { retain: true } to the earlier backward, compute the result again, or detach what went into it.";

describe("wrt", () => {
  test("is a tensor or any tree; the gradient has its shape and dtypes", () => {
    const w = variable([[1, 2]], { dtype: "float32" });
    const b = variable(3);
    const cost = (): Tensor<readonly []> => sum(mul(square(w), b));
    expect(nestedArrays(backward(cost(), w))).toEqual([[6, 12]]);
    const { layers, extra } = backward(cost(), { layers: [{ w }, { w: b }] as const, extra: [b] });
    expect(layers[0].w.dtype).toBe("float32");
    expect(nestedArrays({ layers, extra })).toEqual({ layers: [{ w: [[6, 12]] }, { w: 5 }], extra: [5] });
    expect(nestedArrays(backward(cost(), []))).toEqual([]);
  });

  test("names a tensor twice: both places have the same gradient, not a share of it", () => {
    const w = variable(3);
    expect(nestedArrays(backward(mul(w, mul(w, w)), [w, w, { again: w }]))).toEqual([27, 27, { again: 27 }]);
  });

  test("may name intermediate results, beside what they were made from", () => {
    const w = variable([1, 2]);
    const h = square(w);
    const y = tanh(h);
    const gradient = backward(sum(mul(y, h)), { w, h, y });
    const [t1, t2] = [Math.tanh(1), Math.tanh(4)];
    const slope = [t1 + (1 - t1 * t1), t2 + 4 * (1 - t2 * t2)];
    expect(gradient.h.data).toEqual(Float64Array.from(slope));
    expect(gradient.y.toArray()).toEqual([1, 4]);
    expect(gradient.w.data).toEqual(Float64Array.from([2 * slope[0], 4 * slope[1]]));
  });

  test("may name the result itself, and leaves that it does not use: zeros", () => {
    const [w, unused] = [variable(2), variable([1, 2], { dtype: "float32" })];
    const y = mul(w, 5);
    const later = mul(w, 7);
    expect(nestedArrays(backward(y, { y, w, unused, later }))).toEqual({ y: 1, w: 5, unused: [0, 0], later: 0 });
    expect(nestedArrays(backward(tensor(1), w))).toBe(0);
    expect(nestedArrays(backward(3, w))).toBe(0);
  });

  test("is watched, every leaf", () => {
    const w = variable(1);
    const wrong = (wrt: unknown) => errorOf(() => backward(mul(w, w), wrt));
    const hint = "Make it with variable(...), or use grad.";
    expect(wrong(tensor(1))).toBe(`[backward/unwatched] backward: wrt is not tracked. ${hint}`);
    expect(wrong({ a: [w, 3] })).toBe(`[backward/unwatched] backward: wrt.a[1] is not tracked. ${hint}`);
    expect(wrong({ a: "w" })).toContain('[tree/leaf] backward: wrt.a is "w", neither a number nor a tensor.');
    expect(backward(mul(w, w), w).item()).toBe(2);
  });
});

describe("frees what it swept", () => {
  test("so a second sweep is an error, unless the first retained", () => {
    for (const w of [variable(3), variable([1, 2])]) {
      const y = sum(square(w));
      const first = nestedArrays(backward(y, w, { retain: true }));
      expect(nestedArrays(backward(y, w))).toEqual(first);
      expect(errorOf(() => backward(y, w))).toBe(FREED);
      // Nothing else is lost.
      expect(nestedArrays(backward(sum(square(w)), w))).toEqual(first);
    }
  });

  test("and what is computed from what was freed is an error too, never a zero", () => {
    const w = variable(3);
    const y = square(w);
    const h = exp(y);
    backward(h, w);
    expect(errorOf(() => backward(mul(y, 2), w))).toBe(FREED);
    expect(errorOf(() => backward(mul(h, 2), w))).toBe(FREED);
    expect(errorOf(() => backward(add(mul(h, 2), square(w)), w))).toBe(FREED);
    expect(h.item()).toBe(Math.exp(9));
    // A variable born later does not care.
    const v = variable(2);
    expect(backward(mul(h, v), v).item()).toBe(Math.exp(9));
  });

  test("but not of what lies before the inputs asked about", () => {
    for (const w of [variable(3), variable([3])]) {
      const h = square(w);
      expect(nestedArrays(backward(sum(mul(h, 2)), h))).toEqual(w.rank === 0 ? 2 : [2]);
      expect(nestedArrays(backward(sum(mul(h, 5)), w))).toEqual(w.rank === 0 ? 30 : [30]);
    }
  });

  test("and keeps the numbers of handles", () => {
    const w = variable([1, 2]);
    const h = square(w);
    const cost = sum(h);
    backward(cost, w);
    expect([nestedArrays(h), cost.item(), cost.watched]).toEqual([[1, 4], 5, true]);
    expect(`${cost}`).toBe("Tensor<float64>[] 5");
  });
});

describe("createGraph", () => {
  test("records the sweep: the gradient can be differentiated", () => {
    const w = variable([1, 2]);
    const gradient = backward(sum(mul(w, square(w))), w, { createGraph: true });
    expect(gradient.watched).toBe(true);
    expect(nestedArrays(backward(sum(square(gradient)), w))).toEqual([36, 288]);
  });

  test("is off by default for variables, and on when something outside watches", () => {
    const w = variable(2);
    expect(backward(square(w), w).watched).toBe(false);
    const second = grad((x: Scalar): Scalar => {
      const y = mul(x, mul(x, x));
      return backward(y, x as Tensor);
    });
    expect(second(tensor(2))).toHaveProperty("value", 12);
  });

  test("false cuts inside a transform: a constant gradient", () => {
    const slope = (createGraph: boolean) =>
      grad((x: Tensor): Scalar => mul(x, backward(square(x), x, { createGraph, retain: true })))(tensor(3));
    expect(slope(false).item()).toBe(6);
    expect(slope(true).item()).toBe(12);
  });

  test("keeps what it swept unless told otherwise", () => {
    const w = variable(3);
    const y = mul(w, square(w));
    backward(y, w, { createGraph: true });
    expect(backward(y, w, { createGraph: true, retain: false }).item()).toBe(27);
    expect(errorOf(() => backward(y, w))).toBe(FREED);
  });
});

describe("cotangent", () => {
  test("is what comes from outside, for results of any shape", () => {
    const w = variable([
      [1, 2],
      [3, 4],
    ]);
    const x = tensor([1, 10]);
    expect(nestedArrays(backward(matmul(w, x), w, { cotangent: tensor([1, 2]) }))).toEqual([
      [1, 10],
      [2, 20],
    ]);
    expect(nestedArrays(backward(matmul(w, x), w, { cotangent: 1 }))).toEqual([
      [1, 10],
      [1, 10],
    ]);
    expect(nestedArrays(backward(square(variable(3)), w, { cotangent: 2 }))).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test("may itself be watched: the gradient is linear in it", () => {
    const w = variable([1, 2]);
    const c = variable([3, 4]);
    const gradient = backward(square(w), w, { cotangent: c });
    expect(nestedArrays(gradient)).toEqual([6, 16]);
    expect(nestedArrays(backward(sum(gradient), c))).toEqual([2, 4]);
  });

  test("has the shape of the result", () => {
    const w = variable([1, 2]);
    const y = square(w);
    expect(errorOf(() => backward(y, w, { cotangent: tensor([1, 2, 3]) }))).toBe(
      "[shape/cotangent] backward: cotangent must have shape [2], got [3]. Give it the shape of what it belongs to, or a single number for all elements.",
    );
    expect(errorOf(() => backward(untyped(y), w))).toBe(
      "[grad/non-scalar] backward: the result is a tensor of shape [2], not a scalar. Reduce it with sum or mean, or give a cotangent.",
    );
    expect(nestedArrays(backward(y, w, { cotangent: 1 }))).toEqual([2, 4]);
  });
});

test("await between steps changes nothing: there is no mode to lose", async () => {
  const w = variable(2);
  const program = async (name: string, factor: number): Promise<readonly [string, number]> => {
    let y: Tensor = w;
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, Math.abs(factor) % 3));
      y = mul(y, factor);
    }
    return [name, backward(y, w).item()];
  };
  expect(await Promise.all([program("a", 2), program("b", 3), program("c", -1)])).toEqual([
    ["a", 32],
    ["b", 243],
    ["c", -1],
  ]);
});

test("nothing is accumulated anywhere: many results, one variable", () => {
  const w = variable([1, 2]);
  const rows = [1, 2, 3].map((k) => sum(mul(w, k)));
  expect(nestedArrays(rows.map((y) => backward(y, w)))).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(nestedArrays(backward(sum(stack(rows.map((_, k) => mul(w, k)))), w))).toEqual([3, 3]);
});

test("unknown options and nearest names", () => {
  expect(errorOf(() => backward(variable(1), variable(1), { retainGraph: true } as never))).toBe(
    '[option/unknown] backward: unknown option "retainGraph". Did you mean "createGraph"?',
  );
});

describe("a result that does not come from what is asked about", () => {
  test("keeps its own history after backward", () => {
    const w = variable(1);
    const v = variable(3);
    const y = square(v);
    expect(valueOf(backward(y, w))).toBe(0);
    expect(valueOf(backward(y, v))).toBe(6);
  });

  test("stays watched as the value of valueAndGrad", () => {
    const v = variable(3);
    const [value, gradient] = valueAndGrad((_: number): Scalar => square(v))(1);
    expect(gradient).toBe(0);
    if (!isTensor(value)) throw new Error("the value is a plain number");
    expect(value.watched).toBe(true);
    expect(valueOf(backward(value, v))).toBe(6);
  });
});
