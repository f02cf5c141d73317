import fc from "fast-check";
import {
  add,
  argmax,
  dot,
  grad,
  greater,
  jvp,
  matmul,
  mul,
  outer,
  type Scalar,
  square,
  stack,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  trace,
  unstack,
  type Value,
  variable,
  vjp,
  vmap,
  where,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { type Program, programOf, recipes } from "../core/sweep/programs";
import { untyped } from "../support";
import { Numbers } from "../truth/numbers";
import { nestedArrays } from "./nested-arrays";

type Tensors = readonly Tensor[];
type Results = Readonly<Record<string, Tensor | Tensors>>;

const xs = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const w = tensor([1, 10, 100]);

/** A batch of inputs for a program, and its samples. */
function batchOf(program: Program, size: number, seed: number): { batch: Tensors; samples: Tensors[] } {
  const random = new Numbers(seed);
  const samples = Array.from({ length: size }, () => program.inputs.map((x) => random.tensor(x.shape)));
  return { batch: program.inputs.map((_, k) => stack(samples.map((sample) => sample[k]))), samples };
}

/** Numbers of a tree of tensors, all of them. */
const flat = (tree: unknown): number[] =>
  [nestedArrays(tree)]
    .flat(9)
    .flatMap((x) => (typeof x === "object" ? flat(Object.values(x as object)) : [x as number]));

function expectClose(got: unknown, want: unknown): void {
  const [a, b] = [flat(got), flat(want)];
  expect(a.length).toBe(b.length);
  a.forEach((x, i) => {
    const y = b[i];
    if (!Object.is(x, y)) expect(Math.abs(x - y)).toBeLessThanOrEqual(1e-12 + 1e-10 * Math.abs(y));
  });
}

describe("the law: vmap(f) is the stack of all f, on random programs", () => {
  const t = (sample: Tensors): Tensors => sample.map((x) => tanh(add(x, 0.5)));
  const transforms: Readonly<Record<string, (f: (xs: Tensors) => Scalar) => (sample: Tensors) => Results>> = {
    "the function itself": (f) => (sample) => ({ y: f(sample) as Tensor }),
    "its gradient": (f) => (sample) => ({ slopes: grad(f)(sample) }),
    "its pullback": (f) => (sample) => ({ back: vjp(f, [sample])[1](2)[0] }),
    "its tangent": (f) => (sample) => ({ both: jvp(f, [sample], [t(sample)]) as Tensors }),
    "a gradient of its gradient": (f) => (sample) => ({
      second: grad(
        (ys: Tensors): Scalar => grad(f)(ys).reduce((total: Scalar, g): Scalar => add(total, sum(square(g))), 0),
      )(sample),
    }),
  };
  for (const [name, transform] of Object.entries(transforms)) {
    test(`of ${name}`, () => {
      fc.assert(
        fc.property(recipes(15), fc.integer({ min: 1, max: 5 }), (recipe, size) => {
          const program = programOf(recipe, "all");
          const { batch, samples } = batchOf(program, size, recipe.seed);
          const f = transform((ys) => program.run(ys));
          const got = vmap(f)(batch);
          const each = samples.map(f);
          for (const key of Object.keys(got)) {
            const rows = each.map((result) => [result[key]].flat());
            const want = rows[0].map((_, k) => stack(rows.map((row) => row[k])));
            expectClose([got[key]].flat(), want);
          }
        }),
        { numRuns: 60 },
      );
    });
  }

  test("and its own derivatives are those of the stack", () => {
    fc.assert(
      fc.property(recipes(15), (recipe) => {
        const program = programOf(recipe, "smooth");
        const { batch, samples } = batchOf(program, 3, recipe.seed);
        const f = (ys: Tensors): Scalar => program.run(ys);
        const mapped = (ys: Tensors): Scalar => sum(square(vmap(f)(ys)));
        const looped = (rows: readonly Tensors[]): Scalar =>
          rows.reduce((total: Scalar, row): Scalar => add(total, square(f(row))), 0);
        const want = grad(looped)(samples);
        expectClose(
          grad(mapped)(batch),
          batch.map((_, k) => stack(want.map((row) => row[k]))),
        );
        const forward = jvp(mapped, [batch], [batch])[1];
        expectClose([forward], [jvp(looped, [samples], [samples])[1]]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("inAxes", () => {
  test("choose an axis for each argument, negative from the end, null for shared", () => {
    expect(nestedArrays(vmap((a: Tensor, b: Tensor) => dot(a, b))(xs, xs))).toEqual([14, 77]);
    expect(nestedArrays(vmap(dot, { inAxes: [0, null] })(xs, w))).toEqual([321, 654]);
    expect(nestedArrays(vmap((a: Tensor) => sum(a), { inAxes: 1 })(xs))).toEqual([5, 7, 9]);
    expect(nestedArrays(vmap((a: Tensor) => sum(a), { inAxes: -1 })(xs))).toEqual([5, 7, 9]);
    expect(nestedArrays(vmap((a: Tensor, b: Scalar) => mul(a, b), { inAxes: [0, 0] })(xs, tensor([2, 3])))).toEqual([
      [2, 4, 6],
      [12, 15, 18],
    ]);
  });

  test("are trees for parts of an argument; missing keys are shared", () => {
    const f = (p: { readonly a: Tensor; readonly rest: readonly [Tensor, Scalar] }) =>
      add(mul(p.a, p.rest[0]), p.rest[1]);
    const arguments_ = { a: xs, rest: [w, 1] } as const;
    const want = [
      [2, 21, 301],
      [5, 51, 601],
    ];
    expect(nestedArrays(vmap(f, { inAxes: [{ a: 0, rest: null }] })(untyped(arguments_)))).toEqual(want);
    expect(nestedArrays(vmap(f, { inAxes: { a: 0 } })(untyped(arguments_)))).toEqual(want);
    expect(nestedArrays(vmap(f, { inAxes: [{ a: 0, rest: [null, null] }] })(untyped(arguments_)))).toEqual(want);
  });

  test("null: the argument may be anything at all", () => {
    const f = (x: Tensor, options: { readonly name: string }, g: (y: Tensor) => Tensor): Tensor =>
      options.name === "g" ? g(x) : x;
    expect(nestedArrays(vmap(f, { inAxes: [0, null, null] })(xs, { name: "g" }, (y) => mul(y, 2)))).toEqual([
      [2, 4, 6],
      [8, 10, 12],
    ]);
  });
});

describe("outAxes", () => {
  test("say where the batch axis goes; null where nothing varies", () => {
    expect(nestedArrays(vmap((x: Tensor) => mul(x, 2), { outAxes: 1 })(xs))).toEqual([
      [2, 8],
      [4, 10],
      [6, 12],
    ]);
    expect(nestedArrays(vmap((x: Tensor) => mul(x, 2), { outAxes: -1 })(xs))).toEqual([
      [2, 8],
      [4, 10],
      [6, 12],
    ]);
    const trees = vmap((x: Tensor) => ({ a: sum(x), b: [x, mul(w, 2)] }), { outAxes: { a: 0, b: [1, null] } });
    expect(nestedArrays(trees(xs))).toEqual({
      a: [6, 15],
      b: [
        [
          [1, 4],
          [2, 5],
          [3, 6],
        ],
        [2, 20, 200],
      ],
    });
  });

  test("by default spread what does not depend on the batch, numbers too", () => {
    const f = vmap((x: Tensor) => ({ x: sum(x), w, number: 7, flag: tensor(true), tracked: mul(variable(2), 3) }));
    const got = f(xs);
    expect(nestedArrays(got)).toEqual({
      x: [6, 15],
      w: [
        [1, 10, 100],
        [1, 10, 100],
      ],
      number: [7, 7],
      flag: [true, true],
      tracked: [6, 6],
    });
    expect(got.number.shape).toEqual([2]);
  });
});

describe("nested", () => {
  test("vmap of vmap is a table; of three, a cube", () => {
    const table = vmap((a: Scalar) => vmap((b: Scalar) => add(mul(a, 10), b))(w))(tensor([1, 2]));
    expect(nestedArrays(table)).toEqual([
      [11, 20, 110],
      [21, 30, 120],
    ]);
    const cube = vmap((a: Tensor) => vmap((b: Tensor) => vmap((c: Tensor) => mul(mul(a, b), c))(w))(w))(tensor([1, 2]));
    expect(nestedArrays(cube)).toEqual([1, 2].map((a) => [1, 10, 100].map((b) => [1, 10, 100].map((c) => a * b * c))));
  });

  test("inner functions capture symbols of outer ones, and derivatives go through both", () => {
    const f = (a: Tensor): Scalar => sum(vmap((b: Tensor) => square(mul(a, b)))(w));
    expect(nestedArrays(vmap(grad(f))(tensor([1, 2])))).toEqual([2 * 10101, 4 * 10101]);
    const jacobian = vmap(
      (c: Tensor) => vjp((x: Tensor) => matmul(outer(x, w), w), [tensor([1, 2])])[1](untyped(c))[0],
    );
    expect(
      nestedArrays(
        jacobian(
          tensor([
            [1, 0],
            [0, 1],
          ]),
        ),
      ),
    ).toEqual([
      [10101, 0],
      [0, 10101],
    ]);
  });
});

describe("captured", () => {
  test("tracked tensors are shared by all samples, and get the sum of all gradients", () => {
    const f = (v: Tensor): Scalar => sum(vmap((x: Tensor) => dot(x, mul(v, v)))(xs));
    expect(nestedArrays(grad(f)(w))).toEqual([10, 140, 1800]);
    expect(jvp(f, [w], [tensor([1, 0, 0])])[1]).toHaveProperty("value", 10);
    const v = variable([1, 2, 3]);
    expect(vmap((x: Tensor) => dot(x, v))(xs).watched).toBe(true);
    expect(vmap((x: Tensor) => dot(x, w))(xs).watched).toBe(false);
  });

  test("what is differentiated is captured, and indices or conditions alone vary", () => {
    const table = tensor([
      [1, 2],
      [3, 4],
    ]);
    const indices = tensor([1, 0, 1], { dtype: "int32" });
    const conditions = tensor([true, false, true]);
    const ofIndex = (i: Tensor): Tensor => grad((p: Tensor): Scalar => sum(square(take(p, i))))(table);
    const ofCondition = (c: Tensor): Tensor => grad((p: Tensor): Scalar => sum(where(c, square(p), 0)))(table);
    const stacked = (f: (x: Tensor) => Tensor, xs: Tensor) => nestedArrays(stack(unstack(xs).map(f)));
    expect(nestedArrays(vmap(ofIndex)(indices))).toEqual(stacked(ofIndex, indices));
    expect(nestedArrays(vmap(ofCondition)(conditions))).toEqual(stacked(ofCondition, conditions));
    expect(nestedArrays(trace(ofIndex)(tensor(0, { dtype: "int32" })).replay(tensor(1, { dtype: "int32" })))).toEqual([
      [0, 0],
      [6, 8],
    ]);
  });

  test("numbers and constants", () => {
    let calls = 0;
    const f = (x: Tensor): Tensor => {
      calls++;
      return mul(x, calls);
    };
    expect(nestedArrays(vmap(f)(xs))).toEqual(nestedArrays(xs));
    expect(calls).toBe(1);
  });
});

test("integers, booleans and choices", () => {
  const f = (x: Tensor) => ({ best: argmax(x), big: greater(x, 4), clipped: where(greater(x, 4), x, 0) });
  const got = vmap(f)(xs);
  expect(nestedArrays(got)).toEqual({
    best: [2, 2],
    big: [
      [false, false, false],
      [false, true, true],
    ],
    clipped: [
      [0, 0, 0],
      [0, 5, 6],
    ],
  });
  expect([got.best.dtype, got.big.dtype]).toEqual(["int32", "bool"]);
});

test("a batch of size 1, and an empty one", () => {
  expect(nestedArrays(vmap((x: Tensor) => sum(x))(tensor([[1, 2]])))).toEqual([3]);
  const none = vmap((x: Tensor): Value => sum(x))(tensor([], { shape: [0, 3] }));
  expect(none.shape).toEqual([0]);
});
