// checkNumerics names the op, the direction and the line; and leaves nothing behind.
import {
  add,
  checkNumerics,
  checkpoint,
  defineOp,
  div,
  exp,
  GradtapeError,
  grad,
  greater,
  hessian,
  jvp,
  log,
  matmul,
  mul,
  relu,
  type Scalar,
  sqrt,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  variable,
  vmap,
  where,
} from "gradtape";
import { describe, expect, test } from "vitest";

/** The error of a call, and the line of this file that `mark` stands on. */
function caught(call: () => unknown): GradtapeError {
  try {
    call();
  } catch (error) {
    if (error instanceof GradtapeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** The line of this file that a function with one op is called on. */
const lineOf = (): number =>
  Number(/check-numerics\.test\.ts:(\d+)/.exec(new Error().stack?.split("\n")[2] ?? "")?.[1]);

const facts = (call: () => unknown) => {
  const { code, facts: all, message } = caught(call);
  expect(code).toBe("numerics/non-finite");
  const source = /check-numerics\.test\.ts:(\d+):\d+$/.exec(String(all.source));
  return { op: all.op, direction: all.direction, line: source === null ? null : Number(source[1]), message };
};

describe("forward", () => {
  let line = 0;
  const bad = (x: Tensor): Tensor => {
    const shifted = sub(x, 2);
    line = lineOf() + 1;
    const y = log(shifted);
    return exp(y);
  };
  const x = tensor([3, 1]);

  test("names the op that made a NaN, and its line", () => {
    const found = facts(() => checkNumerics(bad)(x));
    expect(found).toMatchObject({ op: "log", direction: "forward", line });
    expect(found.message).toMatch(
      /^checkNumerics: log gives NaN at position 1 of shape \[2\], from shapes \[2\]\. Called at .*:\d+:\d+\.$/,
    );
  });

  test("the same inside grad, vmap, checkpoint and on plain numbers", () => {
    expect(facts(() => checkNumerics(grad((v: Tensor) => sum(bad(v))))(x))).toMatchObject({
      op: "log",
      direction: "forward",
      line,
    });
    expect(facts(() => checkNumerics((v: Tensor) => vmap(bad)(v))(tensor([[3, 1]])))).toMatchObject({
      op: "log",
      line,
    });
    expect(facts(() => checkNumerics((v: Tensor) => checkpoint(bad)(v))(x))).toMatchObject({ op: "log", line });
    expect(facts(() => checkNumerics((v: number): Scalar => log(sub(v, 2)))(1))).toMatchObject({
      op: "log",
      direction: "forward",
    });
    expect(facts(() => checkNumerics(grad((v: Scalar): Scalar => log(sub(v, 2))))(1))).toMatchObject({ op: "log" });
  });

  test("an Infinity from finite numbers", () => {
    expect(facts(() => checkNumerics((v: Tensor) => div(1, v))(tensor([0, 1])))).toMatchObject({ op: "div" });
  });

  test("what is finite passes, with the same bits", () => {
    const f = grad((v: Tensor) => sum(mul(relu(v), exp(v))));
    expect(checkNumerics(f)(x).toArray()).toEqual(f(x).toArray());
  });

  test("NaN among the arguments is said", () => {
    expect(facts(() => checkNumerics(exp)(tensor([Number.NaN]))).message).toContain("the arguments hold NaN");
  });
});

describe("backward and forward mode", () => {
  let line = 0;
  const root = (x: Tensor): Scalar => {
    line = lineOf() + 1;
    const y = sqrt(x);
    return sum(y);
  };

  test("names the op whose rule did it, with the line of its call", () => {
    const found = facts(() => checkNumerics(grad(root))(tensor([1, 0])));
    expect(found).toMatchObject({ op: "sqrt", direction: "backward", line });
    expect(found.message).toContain("sqrt gives Infinity at position 1 of shape [2] in the backward pass");
    expect(facts(() => checkNumerics((x: Tensor) => jvp(root, [x], [tensor([1, 1])]))(tensor([1, 0])))).toMatchObject({
      op: "sqrt",
      direction: "tangent",
      line,
    });
  });

  test("scalars, second order and per sample", () => {
    expect(facts(() => checkNumerics(grad((x: Scalar): Scalar => sqrt(x)))(0))).toMatchObject({
      op: "sqrt",
      direction: "backward",
    });
    expect(facts(() => checkNumerics(vmap(grad(root)))(tensor([[1, 0]])))).toMatchObject({
      op: "sqrt",
      direction: "backward",
      line,
    });
    expect(facts(() => checkNumerics(hessian(root))(tensor([1, 0])))).toMatchObject({ op: "sqrt" });
  });

  test("an Infinity that a zero takes away again is no complaint", () => {
    const safe = (x: Tensor): Scalar => sum(where(greater(x, 0), sqrt(where(greater(x, 0), x, 1)), 0));
    expect(checkNumerics(grad(safe))(tensor([4, 0])).toArray()).toEqual([0.25, 0]);
    expect(checkNumerics(vmap(grad(safe)))(tensor([[4, 0]]))).toBeDefined();
  });

  test("a rule of one's own", () => {
    const op = defineOp<[x: Tensor]>({
      name: "mine",
      shape: ([x]) => x,
      evaluate: (output, [x]) => output.set(x.data),
      vjp: [({ yBar, inputs: [x] }) => div(yBar, sub(x, x))],
    });
    expect(facts(() => checkNumerics(grad((x: Tensor) => sum(op(x))))(tensor([1])))).toMatchObject({
      op: "mine",
      direction: "backward",
    });
  });
});

describe("the state afterwards", () => {
  test("the monitor is gone, whatever was thrown", () => {
    expect(() =>
      checkNumerics(() => {
        throw new RangeError("mine");
      })(),
    ).toThrow(RangeError);
    caught(() => checkNumerics(log)(tensor([-1])));
    expect(Number.isNaN(log(-1))).toBe(true);
    const x = variable([0, 1]);
    expect(grad((v: Tensor) => sum(sqrt(v)))(x).toArray()).toEqual([Infinity, 0.5]);
  });

  test("nested, the outer one goes on looking", () => {
    const f = (x: Tensor): Tensor => {
      try {
        checkNumerics(log)(sub(x, 9));
      } catch {
        /* the inner one */
      }
      return sqrt(sub(x, 5));
    };
    expect(facts(() => checkNumerics(f)(tensor([1])))).toMatchObject({ op: "sqrt" });
  });

  test("other errors of the library carry the line", () => {
    const error = caught(() =>
      checkNumerics((x: Tensor, y: Tensor) => matmul(add(x, 1), y))(tensor([[1]]), tensor([[1], [2]])),
    );
    expect(error.code).toBe("shape/inner-dimension");
    expect(String(error.facts.source)).toMatch(/check-numerics\.test\.ts:\d+:\d+$/);
  });

  test("a tape traced in this mode knows its lines", () => {
    const tape = checkNumerics(() => trace((x: Tensor) => exp(x))(tensor([1])))();
    expect(tape.equations[0].source).toMatch(/check-numerics\.test\.ts:\d+:\d+$/);
    expect(trace((x: Tensor) => exp(x))(tensor([1])).equations[0].source).toBeUndefined();
  });
});
