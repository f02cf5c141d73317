// Laws of Jacobians: forward = reverse = columns of jvp = rows of vjp, for any trees and shapes.
import fc from "fast-check";
import {
  abs,
  add,
  argmax,
  backward,
  batchGrad,
  cast,
  dot,
  eye,
  grad,
  jacobian,
  jvp,
  mul,
  type Scalar,
  sin,
  square,
  stack,
  sum,
  type Tensor,
  tanh,
  tensor,
  trace,
  tree,
  type Value,
  variable,
  vjp,
  vmap,
  zeros,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { dataOf, expectSameTree } from "../truth/numbers";
import { type MapRecipe, mapOf, mapRecipes } from "./maps";

const precision = ({ dtype }: MapRecipe): number => (dtype === "float32" ? 1e-5 : 1e-12);
const valuesOf = (x: unknown): Value[] => tree.leaves(x).map(({ value }) => value);

/** The Jacobian as a matrix: a row for each number of the result, a column for each of the input. */
function matrixOf(jacobianTree: unknown, x: unknown, y: unknown): number[][] {
  const [blocks, xs, ys] = [valuesOf(jacobianTree), valuesOf(x).map(dataOf), valuesOf(y).map(dataOf)];
  return ys.flatMap((own, j) =>
    own.map((_, row) =>
      xs.flatMap((columns, i) =>
        dataOf(blocks[j * xs.length + i]).slice(row * columns.length, (row + 1) * columns.length),
      ),
    ),
  );
}

const flat = (x: unknown): number[] => valuesOf(x).flatMap(dataOf);
const times = (rows: readonly number[][], v: readonly number[]): number[] =>
  rows.map((row) => row.reduce((total, a, i) => total + a * v[i], 0));
const transposed = (rows: readonly number[][]): number[][] => (rows[0] ?? []).map((_, i) => rows.map((row) => row[i]));

function expectClose(got: readonly number[], want: readonly number[], tolerance: number): void {
  expect(got.length).toBe(want.length);
  const scale = want.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  for (const [i, x] of got.entries()) expect(Math.abs(x - want[i])).toBeLessThanOrEqual(tolerance * scale);
}

describe("a random map of trees", () => {
  const testLaw = (name: string, check: (recipe: MapRecipe) => void): void =>
    test(name, () => fc.assert(fc.property(mapRecipes, check), { numRuns: 100 }));

  testLaw("forward = reverse = auto, each block of the shape [...out, ...in]", (recipe) => {
    const { x, f } = mapOf(recipe);
    const [forward, reverse, auto] = (["forward", "reverse", undefined] as const).map((mode) =>
      jacobian(f, { mode })(x),
    );
    expectSameTree(forward, reverse, precision(recipe));
    expectSameTree(auto, reverse, precision(recipe));
    const shapes = valuesOf(f(x)).flatMap((y) => valuesOf(x).map((leaf) => [...shapeOf(y), ...shapeOf(leaf)]));
    expect(valuesOf(forward).map(shapeOf)).toEqual(shapes);
  });

  testLaw("a column is the jvp of a unit vector, and J v the jvp of v", (recipe) => {
    const { x, f, direction } = mapOf(recipe);
    const matrix = matrixOf(jacobian(f)(x), x, f(x));
    expectClose(times(matrix, flat(direction)), flat(jvp(f, [x], [untyped(direction)])[1]), precision(recipe));
    const [first] = transposed(matrix);
    const unit = unitLike(x);
    expectClose(first ?? [], flat(jvp(f, [x], [untyped(unit)])[1]), precision(recipe));
  });

  testLaw("cᵀ J is the vjp of c", (recipe) => {
    const { x, f, cotangent } = mapOf(recipe);
    const matrix = matrixOf(jacobian(f, { mode: "reverse" })(x), x, f(x));
    const [, pullback] = vjp(f, [x]);
    expectClose(times(transposed(matrix), flat(cotangent)), flat(pullback(untyped(cotangent))), precision(recipe));
  });

  testLaw("under vmap it is the stack of Jacobians, and traced it is the same", (recipe) => {
    const { x, f, direction } = mapOf(recipe);
    fc.pre(valuesOf(x).every((leaf) => typeof leaf !== "number"));
    const both = tree.map((a: Tensor, b: Tensor) => stack([a, b]), untyped(x), untyped(direction));
    const whole = vmap(jacobian(f))(untyped(both));
    for (const [k, at] of [x, direction].entries()) {
      const row = tree.map((y: Tensor) => y.at(k), untyped(whole));
      expectSameTree(row, jacobian(f)(at), precision(recipe));
    }
    expectSameTree(trace(jacobian(f))(x).replay(direction), jacobian(f)(direction), precision(recipe));
  });
});

const shapeOf = (x: Value): readonly number[] => (typeof x === "number" ? [] : x.shape);

/** A tree like x: 1 in its first number, 0 elsewhere. */
function unitLike(x: unknown): unknown {
  let first = true;
  return tree.map((leaf: Tensor) => {
    const numbers = Array.from(leaf.data, () => 0);
    if (first) numbers[0] = 1;
    first = false;
    return tensor(numbers, { shape: leaf.shape, dtype: leaf.dtype });
  }, untyped(x));
}

describe("jacobian", () => {
  const x = tensor([1, 2, 3]);
  const modes = ["auto", "forward", "reverse"] as const;

  test.each(modes)("of the identity is the unit matrix, %s", (mode) => {
    expect(jacobian((y: Tensor) => y, { mode })(x).toArray()).toEqual(eye(3).toArray());
  });

  test.each(modes)("of what does not depend on x is 0, of the shape [...out, ...in], %s", (mode) => {
    const other = tensor([1, 2]);
    const J = jacobian((_: Tensor) => ({ constant: other, number: 3, both: stack([1, 2, 3, 4]) }), { mode })(x);
    expect(tree.leaves(J).map(({ path, value }) => [path, (value as Tensor).toArray()])).toEqual([
      ["constant", zeros([2, 3]).toArray()],
      ["number", [0, 0, 0]],
      ["both", zeros([4, 3]).toArray()],
    ]);
  });

  test.each(modes)("of int32 and bool results is 0 in float64, %s", (mode) => {
    const f = (y: Tensor) => [argmax(y), cast(y, "int32"), square(y)] as const;
    const [index, whole, squares] = jacobian(f, { mode })(x);
    expect(index.toArray()).toEqual([0, 0, 0]);
    expect(whole.toArray()).toEqual(zeros([3, 3]).toArray());
    expect([index.dtype, whole.dtype, squares.dtype]).toEqual(["float64", "float64", "float64"]);
    expect(squares.toArray()).toEqual([
      [2, 0, 0],
      [0, 4, 0],
      [0, 0, 6],
    ]);
  });

  test.each(modes)("of numbers is a number, %s", (mode) => {
    expect(jacobian((s: number) => mul(s, s), { mode })(3)).toBe(6);
    expect(jacobian(({ a, b }: { a: number; b: number }) => mul(a, b), { mode })({ a: 2, b: 5 })).toEqual({
      a: 5,
      b: 2,
    });
    expect(jacobian((s: Scalar) => mul(s, x), { mode })(3).toArray()).toEqual([1, 2, 3]);
  });

  test.each(modes)("takes tensors without numbers, %s", (mode) => {
    const none = zeros([0]);
    expect(jacobian((y: Tensor) => square(y), { mode })(none).shape).toEqual([0, 0]);
    expect(jacobian((y: Tensor) => stack([sum(y), sum(y)]), { mode })(none).shape).toEqual([2, 0]);
    expect(jacobian((y: Tensor) => mul(none, y.at(0)), { mode })(x).shape).toEqual([0, 3]);
  });

  test.each(modes)("keeps float32, and takes mixed dtypes, %s", (mode) => {
    const single = tensor([1, 2], { dtype: "float32" });
    const J = jacobian((y: Tensor) => square(y), { mode })(single);
    expect([J.dtype, J.toArray()]).toEqual([
      "float32",
      [
        [2, 0],
        [0, 4],
      ],
    ]);
    const f = ({ a, b }: { a: Tensor; b: Tensor }) => dot(cast(a, "float64"), b);
    const mixed = jacobian(f, { mode })({ a: single, b: tensor([3, 4]) });
    expect([mixed.a.toArray(), mixed.b.toArray()]).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });

  test.each(modes)("takes the same tensor twice, as input and as output, %s", (mode) => {
    const J = jacobian(([a, b]: readonly [Tensor, Tensor]) => [a, a, add(a, b)] as const, { mode })([x, x]);
    const [unit, none] = [eye(3).toArray(), zeros([3, 3]).toArray()];
    expect(J.map((row) => row.map((block) => block.toArray()))).toEqual([
      [unit, none],
      [unit, none],
      [unit, unit],
    ]);
  });

  test("the function may branch on values, and takes further arguments as constants", () => {
    const f = (y: Tensor, scale: number, name: string) => (y.at(0).item() > 0 && name === "up" ? mul(y, scale) : y);
    expect(jacobian(f)(x, 2, "up").toArray()).toEqual(mul(2, eye(3)).toArray());
    expect(jacobian(f)(mul(-1, x), 2, "up").toArray()).toEqual(eye(3).toArray());
  });

  test.each(modes)("is itself differentiable: by grad, jvp, backward and batchGrad, %s", (mode) => {
    const f = (y: Tensor): Tensor => mul(sin(y), sum(square(y)));
    const energy = (y: Tensor): Tensor => sum(square(jacobian(f, { mode })(y)));
    const v = tensor([0.3, -0.2, 0.5]);
    const gradient = grad(energy)(x);
    const step = 1e-6;
    const slope = (energy(add(x, mul(step, v))).item() - energy(add(x, mul(-step, v))).item()) / (2 * step);
    expect(dot(gradient, v).item()).toBeCloseTo(slope, 4);
    expect(jvp(energy, [x], [v])[1].item()).toBeCloseTo(slope, 4);
    const w = variable([1, 2, 3]);
    expectSameTree(backward(energy(w), w), gradient, 1e-12);
    const rows = stack([x, v]);
    const each = batchGrad((p: Tensor, row: Tensor) => energy(mul(p, row)))(tensor([1, 1, 1]), rows).materialize();
    expectSameTree(each.at(0), mul(x, gradient), 1e-12);
    expectSameTree(each.at(1), mul(v, grad(energy)(v)), 1e-12);
  });

  test("what the function captures is differentiated by whoever watches it", () => {
    const f = (scale: Tensor): Tensor => sum(jacobian((y: Tensor) => mul(scale, tanh(mul(scale, y))))(tensor([0, 0])));
    expect(grad(f)(tensor([2, 3])).toArray()).toEqual([4, 6]);
  });

  test("errors", () => {
    const f = (y: Tensor) => abs(y);
    const cases: readonly (readonly [() => unknown, string])[] = [
      [
        () => jacobian(3 as never),
        "[argument/function] jacobian: f must be a function, got 3. Pass the function itself, not what it returns.",
      ],
      [
        () => jacobian(f, { mode: "backward" as never }),
        '[option/choice] jacobian: mode must be one of "auto", "forward", "reverse", got "backward". Did you mean "forward"?',
      ],
      [
        () => jacobian(f, { modes: "auto" } as never),
        '[option/unknown] jacobian: unknown option "modes". Did you mean "mode"?',
      ],
      [
        () => jacobian(f)(tensor([1, 2], { dtype: "int32" })),
        "[tree/leaf] jacobian: x is int32, and derivatives exist for floats only. " +
          'Cast it to "float64", or pass it as a further argument.',
      ],
      [
        () => jacobian(untyped((_: Tensor) => "text"))(untyped(x)),
        '[tree/leaf] jacobian: the result is "text", neither a number nor a tensor. ' +
          "Trees are made of plain objects and arrays, with numbers and tensors as leaves.",
      ],
    ];
    for (const [run, text] of cases) expect(errorOf(run)).toBe(text);
    expect(jacobian(f)(x).toArray()).toEqual(eye(3).toArray());
  });
});
