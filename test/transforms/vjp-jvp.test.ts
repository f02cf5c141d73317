import fc from "fast-check";
import {
  add,
  argmax,
  grad,
  jvp,
  mean,
  mul,
  outer,
  type Scalar,
  sin,
  square,
  stack,
  sum,
  type Tensor,
  tensor,
  type Value,
  valueOf,
  variable,
  vjp,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { numbersOf, programOf, recipes } from "../core/sweep/programs";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { Numbers } from "../truth/numbers";
import { nestedArrays } from "./nested-arrays";

type Tensors = readonly Tensor[];
const inner = (a: readonly Value[], b: readonly Value[]): number =>
  a.reduce<number>((total, x, k) => {
    const other = numbersOf(b[k]);
    return total + numbersOf(x).reduce((t, n, i) => t + n * other[i], 0);
  }, 0);

test("adjoint identity: <c, J t> = <J* c, t> on random programs with several outputs", () => {
  fc.assert(
    fc.property(recipes(30), (recipe) => {
      const program = programOf(recipe, "smooth");
      const random = new Numbers(recipe.seed);
      // The outer product makes a matrix of all inputs, beside a number.
      const f = (xs: Tensors, k: Tensor) => ({
        y: program.run(xs),
        table: [outer(k, sin(stack([program.run(xs), 1])))],
      });
      const k = random.tensor([3]);
      const t = [program.inputs.map((x) => random.tensor(x.shape)), random.tensor([3])] as const;
      const c = { y: random.tensor([]), table: [random.tensor([3, 2])] };
      const [output, tangent] = jvp(f, [program.inputs, k], untyped(t));
      const [again, pullback] = vjp(f, [program.inputs, k]);
      expect(nestedArrays(again)).toEqual(nestedArrays(output));
      const [xBars, kBar] = pullback(untyped(c));
      const moved = tangent as typeof c;
      const left = inner([moved.y, ...moved.table], [c.y, ...c.table]);
      const right = inner([...(xBars as Tensors), kBar], [...t[0], t[1]]);
      expect(Math.abs(left - right)).toBeLessThanOrEqual(1e-12 + 1e-10 * Math.abs(left));
    }),
  );
});

test("the derivative of a gradient: forward over reverse equals reverse over forward", () => {
  fc.assert(
    fc.property(recipes(20), (recipe) => {
      const program = programOf(recipe, "smooth");
      const random = new Numbers(recipe.seed);
      const t = program.inputs.map((x) => random.tensor(x.shape));
      const f = (xs: Tensors): Scalar => program.run(xs);
      const forward = jvp(grad(f), [program.inputs], [untyped(t)])[1] as Tensors;
      const reverse = grad((xs: Tensors): Scalar => jvp(f, [xs], [t])[1])(program.inputs);
      const twice = grad(
        (xs: Tensors): Scalar => grad(f)(xs).reduce((total: Scalar, g, k): Scalar => add(total, sum(mul(g, t[k]))), 0),
      )(program.inputs);
      for (const other of [reverse, twice]) {
        forward.forEach((x, k) => {
          const [got, want] = [numbersOf(x), numbersOf(other[k])];
          got.forEach((n, i) => {
            expect(Math.abs(n - want[i])).toBeLessThanOrEqual(1e-10 + 1e-8 * Math.abs(n));
          });
        });
      }
    }),
  );
});

describe("trees", () => {
  const f = (p: { readonly w: Tensor; readonly b: Scalar }, x: Scalar) => ({
    sums: [sum(mul(p.w, x)), mul(p.b, x)] as const,
    constant: 5,
    label: argmax(p.w),
  });
  const primals: [{ w: Tensor; b: number }, number] = [{ w: tensor([1, 2]), b: 3 }, 4];

  test("come back shaped like output and arguments, from vjp", () => {
    const [output, pullback] = vjp(f, primals);
    expect(nestedArrays(output)).toEqual({ sums: [12, 12], constant: 5, label: 1 });
    const back = pullback(untyped({ sums: [1, 10], constant: 100, label: tensor(0) }));
    expect(nestedArrays(back)).toEqual([{ w: [4, 4], b: 40 }, 33]);
    // Again, with another cotangent.
    expect(nestedArrays(pullback(untyped({ sums: [0, 1], constant: 0, label: tensor(0) })))).toEqual([
      { w: [0, 0], b: 4 },
      3,
    ]);
  });

  test("and from jvp; integers and constants do not move", () => {
    const [output, tangent] = jvp(f, primals, untyped([{ w: tensor([1, 0]), b: 0 }, 1]));
    expect(nestedArrays(output)).toEqual({ sums: [12, 12], constant: 5, label: 1 });
    expect(nestedArrays(tangent)).toEqual({ sums: [7, 3], constant: 0, label: 0 });
  });

  test("an argument given back, twice, and one that is not used", () => {
    const [output, pullback] = vjp((a: Tensor, _: Tensor) => [a, a], [tensor([1, 2]), tensor([3])]);
    expect(nestedArrays(output)).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(nestedArrays(pullback(untyped([tensor([1, 0]), tensor([5, 1])])))).toEqual([[6, 1], [0]]);
    expect(
      nestedArrays(jvp((a: Tensor, _: Tensor) => [a, a], [tensor([1]), tensor([3])], [tensor([7]), tensor([8])])[1]),
    ).toEqual([[7], [7]]);
  });

  test("results are not tracked, unless another transform observes them", () => {
    const v = variable(2);
    const [y, tangent] = jvp((x: Scalar): Scalar => square(x), [3], [1]);
    expect([valueOf(y), valueOf(tangent)]).toEqual([9, 6]);
    expect([y, tangent].map((x) => typeof x === "number" || !x.watched)).toEqual([true, true]);
    const [, seen] = jvp((x: Scalar): Scalar => mul(x, v), [3], [1]);
    expect(seen).toHaveProperty("watched", true);
  });
});

describe("the pullback", () => {
  test("is differentiable, in the cotangent and in what was captured", () => {
    const f = (a: Scalar): Scalar => {
      const [, pullback] = vjp((x: Scalar): Scalar => mul(a, mul(x, mul(x, x))), [2]);
      return pullback(a)[0];
    };
    // a * a * 3 x^2 = 12 a^2
    expect(grad(f)(5)).toBe(120);
  });

  test("works for as long as it is kept; what an outer gradient has swept is an error, never a wrong number", () => {
    const pullbacks: ((c: Scalar) => readonly [Scalar])[] = [];
    const keep = (x: Scalar): Scalar => {
      const [y, pullback] = vjp((z: Scalar): Scalar => mul(z, z), [x]);
      pullbacks.push(pullback);
      return y;
    };
    keep(3);
    expect([valueOf(pullbacks[0]?.(2)[0] ?? 0), valueOf(pullbacks[0]?.(1)[0] ?? 0)]).toEqual([12, 6]);
    grad(keep)(3);
    expect(errorOf(() => pullbacks[1]?.(2))).toContain(
      "[backward/freed] vjp: the result depends on a part of the tape",
    );
  });

  test("takes a number where the output is a tensor, as a cotangent that is everywhere the same", () => {
    const [, pullback] = vjp((x: Tensor) => square(x), [tensor([1, 2])]);
    expect(nestedArrays(pullback(untyped(1)))).toEqual([[2, 4]]);
  });
});

test("control flow on values, inside vjp and jvp", () => {
  const f = (x: Scalar): Scalar => {
    let y: Scalar = x;
    while (valueOf(y) < 100) y = mul(y, y);
    return y;
  };
  expect(valueOf(jvp(f, [3], [1])[1])).toBe(8 * 3 ** 7);
  expect(nestedArrays(vjp(f, [20])[1](1))).toEqual([40]);
});

describe("errors", () => {
  const x = tensor([1, 2]);
  test("name the argument and the place", () => {
    expect(errorOf(() => vjp(square, x as never))).toBe(
      "[argument/array] vjp: primals must be the array of arguments, got a tensor. Write [x].",
    );
    expect(errorOf(() => jvp(square as never, 3 as never, [1] as never))).toBe(
      "[argument/array] jvp: primals must be the array of arguments, got 3. Write [x].",
    );
    expect(errorOf(() => jvp(square, [x], [tensor([1, 2, 3]) as Tensor]))).toBe(
      "[shape/cotangent] jvp: tangents[0] must have shape [2], got [3]. Give it the shape of what it belongs to, or a single number for all elements.",
    );
    expect(errorOf(() => jvp(square, [x], [] as never))).toBe(
      "[tree/mismatch] jvp: the trees differ: tangents has length 0 where the first has 1. Give both trees the same keys and array lengths.",
    );
    expect(errorOf(() => jvp(square, [tensor([1], { dtype: "int32" }) as Tensor], [x]))).toBe(
      '[tree/leaf] jvp: primals[0] is int32, and derivatives exist for floats only. Cast it to "float64", or pass it as a further argument.',
    );
    const [, pullback] = vjp((y: Tensor) => ({ a: square(y), b: mean(y) }), [x]);
    expect(errorOf(() => pullback({ a: tensor([1]), b: 1 } as never))).toBe(
      "[shape/cotangent] vjp: cotangent.a must have shape [2], got [1]. Give it the shape of what it belongs to, or a single number for all elements.",
    );
    expect(errorOf(() => pullback({ a: x } as never))).toBe(
      "[tree/mismatch] vjp: the trees differ: cotangent.b is missing. Give both trees the same keys and array lengths.",
    );
    expect(nestedArrays(pullback(untyped({ a: x, b: 2 })))).toEqual([[3, 9]]);
  });

  test("say what the function gave that is no number or tensor", () => {
    expect(errorOf(() => vjp((_: Tensor) => "a" as never, [x]))).toBe(
      '[tree/leaf] vjp: the result is "a", neither a number nor a tensor. Trees are made of plain objects and arrays, with numbers and tensors as leaves.',
    );
    expect(errorOf(() => jvp((y: Tensor) => ({ y, z: undefined }), [x], [x]))).toContain(
      "[tree/leaf] jvp: the result.z is undefined, neither a number nor a tensor.",
    );
    expect(errorOf(() => vjp(3 as never, [x]))).toBe(
      "[argument/function] vjp: f must be a function, got 3. Pass the function itself, not what it returns.",
    );
  });
});
