import fc from "fast-check";
import {
  add,
  type Equation,
  explain,
  grad,
  jvp,
  loss,
  matmul,
  mul,
  neg,
  type Operand,
  type Scalar,
  square,
  stopGradient,
  sum,
  type Tape,
  type Tensor,
  tanh,
  tensor,
  trace,
  valueOf,
  variable,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { numbersOf, programOf, recipes } from "../core/sweep/programs";
import { errorOf } from "../errors/error-of";
import { Numbers } from "../truth/numbers";
import { nestedArrays } from "./nested-arrays";

type Tensors = readonly Tensor[];
const x2 = tensor([1, 2]);

describe("the tape", () => {
  const captured = tensor([10, 20]);
  const tape = trace((p: { readonly w: Tensor; readonly b: Scalar }) => {
    const h = mul(p.w, captured);
    return { y: sum(add(h, p.b)), same: p.w, constant: 5, captured };
  })({ w: x2, b: 3 });

  test("lists inputs, equations and outputs", () => {
    expect(tape.inputs).toEqual([0, 1]);
    const rows = tape.equations.map(({ op, inputs, outputs, shape, dtype }: Equation) => [
      op,
      inputs,
      outputs,
      shape,
      dtype,
    ]);
    expect(rows).toEqual([
      ["mul", [{ slot: 0 }, { tensor: captured }], [2], [2], "float64"],
      ["add", [{ slot: 2 }, { slot: 1 }], [3], [2], "float64"],
      ["sum", [{ slot: 3 }], [4], [], "float64"],
    ]);
    expect(tape.equations[2]?.attrs).toEqual({ axes: [0] });
  });

  test("has three kinds of operands: slots, captured tensors, numbers", () => {
    const outputs: readonly Operand[] = tape.outputs;
    expect(outputs).toEqual([{ slot: 4 }, { slot: 0 }, { value: 5 }, { tensor: captured }]);
    const scaled = trace((x: Tensor) => mul(x, 3))(x2);
    expect(scaled.equations[0]?.inputs).toEqual([{ slot: 0 }, { value: 3 }]);
  });

  test("prints one line for each equation", () => {
    expect(`${tape}`).toBe(
      [
        "tape (%0: float64[2], %1: float64[]) {",
        "  %2: float64[2] = mul %0 const float64[2] = [10, 20]",
        "  %3: float64[2] = add %2 %1",
        "  %4: float64[] = sum %3 {axes: [0]}",
        "  return %4, %0, 5, const float64[2] = [10, 20]",
        "}",
      ].join("\n"),
    );
  });

  test("draws a graph in the DOT language", () => {
    const dot = trace((a: Tensor) => sum(mul(a, 2)))(x2).toDot();
    expect(dot).toBe(
      [
        "digraph tape {",
        "  rankdir=TB;",
        '  node [shape=box, style=rounded, fontname="sans-serif", fontsize=11];',
        '  s0 [label="input 0\\n[2]", shape=ellipse, style=solid];',
        '  s1 [label="mul\\n[2]"];',
        "  s0 -> s1;",
        '  c0 [label="2", shape=plaintext, style=solid];',
        "  c0 -> s1;",
        '  s2 [label="sum"];',
        "  s1 -> s2;",
        '  out0 [label="output 0", shape=ellipse, style=bold];',
        "  s2 -> out0;",
        "}",
      ].join("\n"),
    );
  });

  test("keeps only what the outputs need", () => {
    const pruned = trace((x: Tensor) => {
      tanh(x);
      return square(x);
    })(x2);
    expect(pruned.equations.map(({ op }) => op)).toEqual(["square"]);
    expect(trace((_: Tensor) => 3)(x2).equations).toEqual([]);
  });

  test("is explained", () => {
    expect(explain(tape).rows.map(({ op, result }) => [op, result])).toEqual([
      ["mul", "float64[2]"],
      ["add", "float64[2]"],
      ["sum", "float64[]"],
    ]);
  });
});

describe("replay", () => {
  test("equals the call, on random programs and other numbers than those of the examples", () => {
    fc.assert(
      fc.property(recipes(25, ["float64", "float32"]), (recipe) => {
        const program = programOf(recipe, "all");
        const random = new Numbers(recipe.seed, recipe.dtype);
        const tape: Tape<[Tensors], Scalar> = trace((xs: Tensors): Scalar => program.run(xs))(program.inputs);
        const others = program.inputs.map((x) => random.tensor(x.shape));
        for (const xs of [program.inputs, others])
          expect(numbersOf(tape.replay(xs))).toEqual(numbersOf(program.run(xs)));
      }),
    );
  });

  test("of a traced gradient equals the gradient, and of a gradient of it, the second", () => {
    fc.assert(
      fc.property(recipes(15), (recipe) => {
        const program = programOf(recipe, "smooth");
        const f = (xs: Tensors): Scalar => program.run(xs);
        const total = (xs: Tensors): Scalar => grad(f)(xs).reduce((t: Scalar, g): Scalar => add(t, sum(g)), 0);
        for (const g of [grad(f), grad(total)]) {
          const tape = trace((xs: Tensors) => g(xs))(program.inputs);
          const [got, want] = [tape.replay(program.inputs), g(program.inputs)];
          got.forEach((x, k) => {
            numbersOf(x).forEach((n, i) => {
              expect(n).toBeCloseTo(numbersOf(want[k])[i], 10);
            });
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  test("stands inside grad, jvp and vmap, and inside another trace", () => {
    const tape = trace((x: Tensor): Tensor => mul(x, square(x)))(x2);
    expect(nestedArrays(grad((x: Tensor): Scalar => sum(tape.replay(x)))(x2))).toEqual([3, 12]);
    expect(nestedArrays(jvp((x: Tensor) => tape.replay(x), [x2], [tensor([1, 1])]))).toEqual([
      [1, 8],
      [3, 12],
    ]);
    expect(
      nestedArrays(
        vmap((x: Tensor) => tape.replay(x))(
          tensor([
            [1, 2],
            [3, 4],
          ]),
        ),
      ),
    ).toEqual([
      [1, 8],
      [27, 64],
    ]);
    const again = trace((x: Tensor) => neg(tape.replay(x)))(x2);
    expect(again.equations.map(({ op }) => op)).toEqual(["square", "mul", "neg"]);
    expect(tape.replay(x2).watched).toBe(false);
  });

  test("gives numbers for numbers, and trees for trees", () => {
    const tape = trace((p: { readonly a: Scalar; readonly b: readonly [Scalar] }) => [{ c: 5, d: add(p.a, p.b[0]) }])({
      a: 1,
      b: [2],
    });
    expect(tape.replay({ a: 3, b: [4] })[0]?.c).toBe(5);
    expect(valueOf(tape.replay({ a: 3, b: [4] })[0]?.d ?? 0)).toBe(7);
  });

  test("keeps what was captured: constants as they are, tracked tensors with their history", () => {
    const v = variable([3, 4]);
    const tape = trace((x: Tensor) => sum(mul(x, mul(v, v))))(x2);
    expect(nestedArrays(tape.replay(x2))).toBe(9 + 32);
    expect(tape.replay(x2).watched).toBe(true);
    expect(nestedArrays(grad((x: Tensor): Scalar => tape.replay(x))(x2))).toEqual([9, 16]);
  });
});

test("a trace of vmap, of grad of a loss, and of stopGradient", () => {
  const f = (w: Tensor): Tensor =>
    grad(
      (u: Tensor): Scalar =>
        loss.mse(
          matmul(
            tensor([
              [1, 2],
              [3, 4],
            ]),
            u,
          ),
          stopGradient(u),
        ),
    )(w);
  expect(nestedArrays(trace(f)(x2).replay(x2))).toEqual(nestedArrays(f(x2)));
  const g = (w: Tensor) =>
    vmap((row: Tensor) => sum(mul(row, w)))(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
  const tape = trace(g)(x2);
  expect(nestedArrays(tape.replay(tensor([1, 10])))).toEqual([21, 43]);
});

describe("errors", () => {
  const tape = trace((a: Scalar, p: { readonly w: Tensor }) => mul(p.w, a))(3, { w: x2 });
  test("another shape or dtype than the tape was traced with", () => {
    expect(errorOf(() => tape.replay(3, { w: tensor([1, 2, 3]) }))).toBe(
      "[tape/signature] replay: arguments[1].w is float64[3], but the tape was traced with float64[2]. Trace again for other shapes or dtypes.",
    );
    expect(errorOf(() => tape.replay(tensor(3, { dtype: "float32" }), { w: x2 }))).toBe(
      "[tape/signature] replay: arguments[0] is float32[], but the tape was traced with float64[]. Trace again for other shapes or dtypes.",
    );
    expect(errorOf(() => tape.replay(3, { v: x2 } as never))).toBe(
      "[tree/mismatch] replay: the trees differ: arguments[1].v is not in the first. Give both trees the same keys and array lengths.",
    );
    expect(nestedArrays(tape.replay(3, { w: x2 }))).toEqual([3, 6]);
  });

  test("a value is read, a symbol escapes", () => {
    let kept: Tensor | undefined;
    const peek = (x: Tensor): Tensor => {
      kept = x;
      return sum(x).item() > 0 ? x : neg(x);
    };
    expect(errorOf(() => trace(peek)(x2))).toBe(
      "[trace/value] item: a symbolic tensor of shape [] has no values: inside vmap and trace a function runs on shapes. Choose between values with where(condition, a, b) or cond; read values outside.",
    );
    expect(errorOf(() => tanh(kept as Tensor))).toBe(
      "[trace/escaped] tanh: input 0 is a symbolic tensor of shape [2] whose trace has ended. Return it from the traced function instead of keeping it in an outer variable.",
    );
    expect(errorOf(() => grad((y: Tensor): Scalar => sum(mul(y, kept as Tensor)))(x2))).toContain(
      "[trace/escaped] mul: input 1",
    );
  });

  test("not a function, not a tree", () => {
    expect(errorOf(() => trace(x2 as never))).toBe(
      "[argument/function] trace: f must be a function, got a tensor. Pass the function itself, not what it returns.",
    );
    expect(errorOf(() => trace((x: unknown) => x)("a"))).toContain('[tree/leaf] trace: arguments[0] is "a"');
    expect(errorOf(() => trace((_: Tensor) => null)(x2))).toContain("[tree/leaf] trace: the result is null");
  });
});
