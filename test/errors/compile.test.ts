// What compiled functions refuse, and what lowerings and formulas are told: exact texts.
import {
  add,
  broadcastTo,
  compile,
  cond,
  defineLinear,
  explain,
  formula,
  grad,
  greater,
  type Lazy,
  type Lower,
  mul,
  type Scalar,
  sum,
  type Tensor,
  tensor,
  variable,
  where,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { untyped } from "../support";
import { errorOf, thrownBy } from "./error-of";

const x = tensor([1, 2]);
const twice = (y: Tensor): Tensor => mul(2, y);

describe("functions that depend on values", () => {
  test("a value that is read: the line, and what to do", () => {
    const reads = compile((y: Tensor) => (sum(y).item() > 0 ? y : twice(y)));
    const error = thrownBy(() => reads(x));
    expect(error.code).toBe("trace/value");
    expect(error.message).toMatch(
      /^compile: f depends on values at .*compile\.test\.ts:\d+:\d+: item: a symbolic tensor/,
    );
    expect(error.message).toMatch(
      /Choose between values with where\(condition, a, b\) or cond; read values outside\.$/,
    );
    expect(String(error.facts.line)).toMatch(/compile\.test\.ts:\d+:\d+$/);
  });

  test("elements that are read", () => {
    expect(errorOf(() => compile((y: Tensor) => tensor([...y.data]))(x))).toMatch(
      /^\[trace\/value\] compile: f depends on/,
    );
  });

  test("an if on a condition: the line, and what to do", () => {
    const branches = compile((y: Tensor) => (greater(sum(y), 0) ? y : twice(y)));
    const error = thrownBy(() => branches(x));
    expect(error.code).toBe("trace/condition");
    expect(error.message).toMatch(
      /^compile: f depends on values: greater: the condition made at .*compile\.test\.ts:\d+:\d+ must be used: /,
    );
    expect(error.message).toMatch(/Choose with where\(condition, a, b\) or cond\(condition, onTrue, onFalse\)\.$/);
  });

  test("what the hints say compiles", () => {
    const chosen = compile((y: Tensor) => where(greater(sum(y), 0), y, twice(y)));
    const branched = compile((y: Tensor) =>
      cond(
        greater(sum(y), 0),
        () => y,
        () => twice(y),
      ),
    );
    for (const f of [chosen, branched])
      expect([f(x).toArray(), f(mul(-1, x)).toArray()]).toEqual([
        [1, 2],
        [-2, -4],
      ]);
  });
});

describe("tensors from outside that are on the tape", () => {
  const text = `[compile/captured] compile: f uses a tensor of shape [2] from outside that is on the tape: a variable, or a value under differentiation. Pass it as an argument: a compiled program would keep its value of now.`;

  test("a variable", () => {
    const w = variable([3, 4]);
    expect(errorOf(() => compile((y: Tensor) => mul(w, y))(x))).toBe(text);
  });

  test("a value under differentiation, but not as an argument", () => {
    const inside = grad((w: Tensor): Scalar => sum(compile((y: Tensor) => mul(w, y))(x)));
    expect(errorOf(() => inside(x))).toBe(text);
    const given = compile((w: Tensor, y: Tensor): Scalar => sum(mul(w, y)));
    expect(grad((w: Tensor): Scalar => given(w, x))(x).toArray()).toEqual([1, 2]);
  });
});

test("a program that no memory holds: how much, and which array; the next call works", () => {
  const repeats = compile((y: Tensor, n: number | null) =>
    n === null ? twice(y) : broadcastTo(sum(y), [600_000_000]),
  );
  const error = thrownBy(() => repeats(x, untyped("n")));
  expect(error.code).toBe("compile/memory");
  expect(error.message).toMatch(
    /^compile: no memory for a program of 48000\d+ bytes; its largest array is float64\[600000000\], 4800000000 bytes\. /,
  );
  expect(repeats(x, null).toArray()).toEqual([2, 4]);
});

test("results that later calls have overwritten", () => {
  const large = tensor(new Float64Array(20));
  const next = compile((y: Tensor) => add(y, 1), { results: "reused" });
  const [first, second] = [next(large), next(large)];
  expect(first.at(0).item()).toBe(1);
  next(large);
  expect(second.at(0).item()).toBe(1);
  expect(errorOf(() => first.data)).toBe(
    `[compile/overwritten] data: a result of shape [20] was overwritten by later calls of its compiled function. With results: "reused", a result is good until the call after next; copy what is kept: x.data.slice().`,
  );
  let state: Tensor = large;
  for (let i = 0; i < 5; i++) state = next(state);
  expect(state.at(19).item()).toBe(5);
});

test.each([
  ["no function", () => compile(untyped(1)), "[argument/function] compile: f must be a function, got 1."],
  [
    "an option",
    () => compile(twice, untyped({ result: "fresh" })),
    '[option/unknown] compile: unknown option "result".',
  ],
  [
    "a choice",
    () => compile(twice, untyped({ results: "old" })),
    '[option/choice] compile: results must be one of "fresh", "reused", got "old".',
  ],
  [
    "precision",
    () => compile(twice, untyped({ precision: "double" })),
    '[option/choice] compile: precision must be one of "fast", "wide", got "double".',
  ],
  [
    "a flag",
    () => compile(twice, untyped({ deterministic: 1 })),
    "[option/choice] compile: deterministic must be true or false, got 1.",
  ],
  ["a size", () => compile(twice, { cacheSize: 0 }), "compile: cacheSize must be"],
  ["what is no leaf", () => compile(twice)(untyped(new Map())), "[tree/leaf] compile: arguments[0] is a Map"],
  [
    "what is no result",
    () => compile(() => Promise.resolve(1))(),
    "[tree/leaf] compile: the result is a Promise, neither a number nor a tensor.",
  ],
])("%s", (_, call, text) => {
  expect(errorOf(call)).toContain(text);
});

test("explain of what was not called, and of what was", () => {
  const f = compile(twice);
  expect(String(explain(f))).toContain("nothing compiled yet: call it first");
  f(x);
  expect(String(explain(f))).toMatch(
    /^compiled: 1 kernels?, \d+ bytes of WebAssembly, \d+ bytes of memory; no op is called back/,
  );
});

describe("lowerings and formulas", () => {
  const lowered = (lower: (on: Lower, y: Lazy) => Lazy) => {
    const flipped = defineLinear({
      name: "flipped",
      shape: (shape) => shape,
      evaluate: (output, y) => output.set(y.data.slice().reverse()),
      transpose: (yBar): Tensor => flipped(yBar),
      lower,
    });
    return errorOf(() => compile((y: Tensor) => flipped(y))(x));
  };

  test("a lowering of another shape or dtype than evaluate has", () => {
    expect(lowered((on, y) => on.fold("sum", y, [0]))).toBe(
      "[op/lower] flipped: its lowering must give float64[2], got float64[]. A lowering gives what evaluate gives: hold it to that with checkOp of gradtape/testing.",
    );
    expect(lowered((on, y) => on.cast(y, "float32"))).toContain("must give float64[2], got float32[2].");
  });

  test("a view without an affine form for each axis, a reshape of another size", () => {
    expect(lowered((on, y) => on.view(y, [2], []))).toContain(
      "[op/lower] view: axes must be one affine form of 1 axes for each of the 1 axes of x.",
    );
    expect(lowered((on, y) => on.reshape(y, [3]))).toContain(
      "[op/lower] reshape: shape must have the 2 elements of x, got [3].",
    );
  });

  test("operands that are no formulas", () => {
    const { add: plus, applied, called } = formula;
    expect(errorOf(() => plus(1, untyped(x)))).toBe(
      "[op/formula] formula.add: operand 1 must be a number or a formula, got a tensor. Inputs of a formula have no values.",
    );
    expect(errorOf(() => plus(1, untyped(undefined)))).toContain(
      "[op/formula] formula.add: operand 1 must be a number or a formula, got undefined.",
    );
    expect(errorOf(() => applied(untyped(Math.sin), 1))).toBe(
      "[op/formula] formula.applied: f must be what formula.called gives, got function sin. Pass formula.called(name, f).",
    );
    expect(errorOf(() => called("sin", untyped("sin")))).toContain("[argument/function] formula.called: plain must be");
    expect(errorOf(() => applied(called("sin", Math.sin), 1, 2))).toBe(
      "[arguments/extra] formula.sin: takes (a), got 2 besides. Leave it out: nothing would read it.",
    );
  });
});
