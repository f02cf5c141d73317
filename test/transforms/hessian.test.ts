// Laws of Hessians over random programs: symmetric, four orders agree, hvp is the Hessian times a vector.
import fc from "fast-check";
import {
  backward,
  grad,
  hessian,
  hvp,
  jacobian,
  matmul,
  mul,
  type Scalar,
  square,
  stack,
  sum,
  type Tensor,
  tensor,
  transpose,
  tree,
  variable,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { type Program, programOf, recipes } from "../core/sweep/programs";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { expectSameTree, Numbers } from "../truth/numbers";

type Tensors = readonly Tensor[];

/** A random program of numbers and vectors as a function of a list of them. */
const scalarOf =
  ({ run }: Program) =>
  (xs: Tensors): Scalar =>
    run(xs);
const smooth = fc.record({ recipe: recipes(12), seed: fc.integer() });

/** Of one vector: sums of random programs of its numbers and of itself. */
const ofVector =
  ({ run, inputs }: Program) =>
  (x: Tensor): Scalar =>
    run(inputs.map((own, k) => (own.rank === 0 ? x.at(k % (x.shape[0] ?? 1)) : mul(own, x))));

const orders = {
  "forward over reverse": (f: (x: Tensor) => Scalar) => hessian(f),
  "reverse over reverse": (f: (x: Tensor) => Scalar) => jacobian(grad(f), { mode: "reverse" }),
  "forward over forward": (f: (x: Tensor) => Scalar) => jacobian(jacobian(f, { mode: "forward" }), { mode: "forward" }),
  "reverse over forward": (f: (x: Tensor) => Scalar) => jacobian(jacobian(f, { mode: "forward" }), { mode: "reverse" }),
} as const;

describe("hessian of a random program", () => {
  const testLaw = (name: string, check: (program: Program, numbers: Numbers) => void): void =>
    test(name, () =>
      fc.assert(
        fc.property(smooth, ({ recipe, seed }) => check(programOf(recipe, "smooth"), new Numbers(seed))),
        { numRuns: 60 },
      ),
    );

  testLaw("is symmetric, and four orders agree", (program, numbers) => {
    const size = program.inputs.find((x) => x.rank === 1)?.size ?? 3;
    const [f, x] = [ofVector(program), numbers.tensor([size])];
    const want = hessian(f)(x);
    expectSameTree(transpose(want), want, 1e-12);
    for (const order of Object.values(orders)) expectSameTree(order(f)(x), want, 1e-12);
  });

  testLaw("times a vector is hvp, the gradient of the slope, and the other sweep back", (program, numbers) => {
    const size = program.inputs.find((x) => x.rank === 1)?.size ?? 3;
    const [f, x, v] = [ofVector(program), numbers.tensor([size]), numbers.tensor([size])];
    const want = matmul(hessian(f)(x), v);
    expectSameTree(hvp(f)(x, v), want, 1e-12);
    expectSameTree(grad((y: Tensor): Scalar => sum(mul(grad(f)(y), v)))(x), want, 1e-12);
    const w = variable(x);
    const slope = backward(f(w) as Tensor, w, { createGraph: true });
    if (slope.watched) expectSameTree(backward(sum(mul(slope, v)), w), want, 1e-12);
  });

  testLaw("of a list of numbers and vectors is a list of lists, each block the transpose of its mirror", (program) => {
    const blocks = hessian(scalarOf(program))(program.inputs);
    program.inputs.forEach((a, i) => {
      program.inputs.forEach((b, j) => {
        const [block, mirror] = [blocks[i]?.[j], blocks[j]?.[i]];
        expect(block.shape).toEqual([...a.shape, ...b.shape]);
        expectSameTree(block.rank === 2 ? transpose(block) : block, mirror, 1e-12);
      });
    });
  });

  testLaw("hvp of a list is the sum over its blocks", (program, numbers) => {
    const f = scalarOf(program);
    const vs = program.inputs.map((x) => numbers.tensor(x.shape));
    const blocks = hessian(f)(program.inputs);
    const want = blocks.map((row, i) =>
      row
        .map((block, j) => {
          const v = vs[j];
          return v.rank === 1 ? matmul(block, v) : mul(block, v);
        })
        .reduce((all, part) => all.add(part), mul(0, program.inputs[i])),
    );
    expectSameTree(hvp(f)(program.inputs, vs), want, 1e-12);
  });
});

describe("hessian and hvp", () => {
  const cubes = ({ a, b }: { a: Scalar; b: Tensor }): Scalar => sum(mul(mul(a, a), mul(b, square(b))));

  test("of numbers are numbers", () => {
    expect(hessian((x: Scalar) => mul(x, mul(x, x)))(2)).toBe(12);
    expect(hvp((x: Scalar) => mul(x, mul(x, x)))(2, 3)).toBe(36);
    const mixed = hessian(cubes)({ a: 2, b: tensor([1, 3]) });
    expect(
      tree.leaves(mixed).map(({ path, value }) => [path, typeof value === "number" ? value : value.toArray()]),
    ).toEqual([
      ["a.a", 56],
      ["a.b", [12, 108]],
      ["b.a", [12, 108]],
      [
        "b.b",
        [
          [24, 0],
          [0, 72],
        ],
      ],
    ]);
    const product = hvp(cubes)({ a: 2, b: tensor([1, 3]) }, { a: 1, b: tensor([0, 1]) });
    expect([product.a, product.b.toArray()]).toEqual([56 + 108, [12, 108 + 72]]);
  });

  test("under vmap", () => {
    const f = (x: Tensor): Scalar => sum(mul(x, mul(x, x)));
    const rows = tensor([
      [1, 2],
      [3, 4],
    ]);
    expectSameTree(vmap(hessian(f))(untyped(rows)), stack([hessian(f)(rows.at(0)), hessian(f)(rows.at(1))]), 1e-14);
    const each = vmap(hvp(f))(untyped(rows), untyped(rows));
    expectSameTree(each, stack([hvp(f)(rows.at(0), rows.at(0)), hvp(f)(rows.at(1), rows.at(1))]), 1e-14);
  });

  test("of a linear and of a constant function are 0", () => {
    const x = tensor([1, 2]);
    expect(hessian((y: Tensor) => sum(y))(x).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(hessian((_: Tensor) => 3)(x).shape).toEqual([2, 2]);
    expect(hvp((_: Tensor) => 3)(x, x).toArray()).toEqual([0, 0]);
  });

  test("errors name the function that was called", () => {
    const x = tensor([1, 2, 3]);
    const scalar = "Reduce it with sum or mean, or use vjp.";
    const anyHvp = hvp as (f: unknown) => (x: unknown, v: unknown) => unknown;
    const first = ({ a }: { a: Tensor }): Scalar => sum(square(a));
    const cases: readonly (readonly [() => unknown, string])[] = [
      [
        () => hessian(3 as never),
        "[argument/function] hessian: f must be a function, got 3. Pass the function itself, not what it returns.",
      ],
      [
        () => hvp(3 as never),
        "[argument/function] hvp: f must be a function, got 3. Pass the function itself, not what it returns.",
      ],
      [
        () => hessian(untyped(square))(untyped(x)),
        `[grad/non-scalar] hessian: the function returns a tensor of shape [3], not a scalar. ${scalar}`,
      ],
      [
        () => anyHvp(square)(x, x),
        `[grad/non-scalar] hvp: the function returns a tensor of shape [3], not a scalar. ${scalar}`,
      ],
      [
        () => anyHvp(sum)(x, tensor([1, 2])),
        "[shape/cotangent] hvp: direction must have shape [3], got [2]. Give it the shape of what it belongs to, or a single number for all elements.",
      ],
      [
        () => anyHvp(first)({ a: x }, { b: x }),
        "[tree/mismatch] hvp: the trees differ: direction.b is not in the first. Give both trees the same keys and array lengths.",
      ],
    ];
    for (const [run, text] of cases) expect(errorOf(run)).toBe(text);
    expect(hvp(first)({ a: x }, { a: x }).a.toArray()).toEqual([2, 4, 6]);
  });
});
