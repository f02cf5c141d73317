// A scan is the unrolled loop, under every transform, and one equation on the tape.
import fc from "fast-check";
import {
  add,
  backward,
  batchGrad,
  grad,
  hvp,
  jvp,
  mul,
  type Scalar,
  scan,
  sin,
  square,
  stack,
  sum,
  type Tensor,
  tensor,
  trace,
  tree,
  valueAndGrad,
  variable,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { expectSameTree } from "../truth/numbers";
import {
  type Arguments,
  argumentsOf,
  bodyOf,
  type Carry,
  type LoopRecipe,
  loopRecipes,
  type Out,
  total,
  unrolled,
} from "./loops";

const precision = ({ dtype }: LoopRecipe): number => (dtype === "float32" ? 2e-5 : 1e-11);

/** The same computation by scan and by a loop. */
const ways = (recipe: LoopRecipe) => {
  const { reverse, checkpoint } = recipe;
  return {
    scanned: ({ init, xs, w }: Arguments): [Carry, Out] => scan(bodyOf(w), init, untyped(xs), { reverse, checkpoint }),
    looped: ({ init, xs, w }: Arguments): [Carry, Out] => unrolled(bodyOf(w), init, xs, recipe),
  };
};

type Floats = { readonly h: Tensor; readonly s: Tensor; readonly a: Tensor; readonly b: Tensor; readonly w: Tensor };
const floatsOf = ({ init: { h, s }, xs, w }: Arguments): Floats => ({ h, s, a: xs.a, b: xs.nested[0], w });

/** One number of the floats among the arguments, by scan and by a loop. */
function costsByScanAndLoop(recipe: LoopRecipe, { init: { steps } }: Arguments) {
  const { scanned, looped } = ways(recipe);
  const given = ({ h, s, a, b, w }: Floats): Arguments => ({ init: { h, s, steps }, xs: { a, nested: [b] }, w });
  return {
    cost: (x: Floats): Tensor => total(scanned(given(x))),
    wanted: (x: Floats): Tensor => total(looped(given(x))),
  };
}

const direction = (recipe: LoopRecipe): Floats => floatsOf(argumentsOf({ ...recipe, seed: recipe.seed + 1 }));

describe("scan is the unrolled loop", () => {
  const testLaw = (name: string, numRuns: number, check: (recipe: LoopRecipe) => void): void =>
    test(name, () => fc.assert(fc.property(loopRecipes, check), { numRuns }));

  testLaw("in value", 150, (recipe) => {
    const { scanned, looped } = ways(recipe);
    const given = argumentsOf(recipe);
    const [got, want] = [scanned(given), looped(given)];
    expectSameTree(got, want, precision(recipe));
    const dtypes = (x: unknown) => tree.leaves(x).map(({ value }) => (value as Tensor).dtype);
    expect(dtypes(got)).toEqual(dtypes(want));
  });

  testLaw("in value and gradient, by all that goes in and by what is captured", 150, (recipe) => {
    const given = argumentsOf(recipe);
    const { cost, wanted } = costsByScanAndLoop(recipe, given);
    expectSameTree(valueAndGrad(cost)(floatsOf(given)), valueAndGrad(wanted)(floatsOf(given)), precision(recipe));
  });

  testLaw("in the gradient by each of its inputs alone", 60, (recipe) => {
    const given = argumentsOf(recipe);
    const { cost, wanted } = costsByScanAndLoop(recipe, given);
    const all = floatsOf(given);
    for (const key of ["h", "s", "a", "b", "w"] as const) {
      const alone = (f: (x: Floats) => Tensor) => grad((x: Tensor): Scalar => f({ ...all, [key]: x }))(all[key]);
      expectSameTree(alone(cost), alone(wanted), precision(recipe));
    }
  });

  testLaw("in forward mode, of all parts of the result", 100, (recipe) => {
    const given = argumentsOf(recipe);
    const { scanned, looped } = ways(recipe);
    const along = (f: (x: Arguments) => [Carry, Out]) => {
      const of = ({ h, s, a, b, w }: Floats) => {
        const [{ h: last, s: end }, { wave, mean }] = f({ init: { ...given.init, h, s }, xs: { a, nested: [b] }, w });
        return [last, end, wave, mean] as const;
      };
      return jvp(of, [floatsOf(given)], [direction(recipe)]);
    };
    expectSameTree(along(scanned), along(looped), precision(recipe));
  });

  testLaw("in second order", 60, (recipe) => {
    const given = argumentsOf(recipe);
    const { cost, wanted } = costsByScanAndLoop(recipe, given);
    const [x, v] = [floatsOf(given), direction(recipe)];
    expectSameTree(hvp(cost)(x, v), hvp(wanted)(x, v), precision(recipe));
    const twice = (f: (y: Floats) => Tensor) =>
      grad((y: Floats): Scalar => sum(stack(tree.leaves(grad(f)(y)).map(({ value }) => sum(square(value as Tensor))))));
    fc.pre(recipe.dtype === "float64");
    expectSameTree(twice(cost)(x), twice(wanted)(x), precision(recipe));
  });

  testLaw("under vmap, whatever is mapped: the carry, xs, what is captured", 100, (recipe) => {
    const [one, many] = [argumentsOf(recipe), argumentsOf({ ...recipe, seed: recipe.seed + 2 }, [3])];
    const { scanned } = ways(recipe);
    for (let subset = 1; subset < 8; subset++) {
      const mapped = { init: (subset & 1) > 0, xs: (subset & 2) > 0, w: (subset & 4) > 0 };
      const pick = (k: number): Arguments => {
        const row = tree.map((x: Tensor) => x.at(k), untyped(many)) as Arguments;
        return {
          init: mapped.init ? row.init : one.init,
          xs: mapped.xs ? row.xs : one.xs,
          w: mapped.w ? row.w : one.w,
        };
      };
      const args = {
        init: mapped.init ? many.init : one.init,
        xs: mapped.xs ? many.xs : one.xs,
        w: mapped.w ? many.w : one.w,
      };
      const inAxes = [{ init: mapped.init ? 0 : null, xs: mapped.xs ? 0 : null, w: mapped.w ? 0 : null }];
      const got = vmap(scanned, { inAxes })(args);
      for (let k = 0; k < 3; k++) {
        const row = tree.map((y: Tensor) => y.at(k), untyped(got));
        expectSameTree(row, scanned(pick(k)), precision(recipe));
      }
    }
  });

  testLaw("in gradients under vmap and per sample", 60, (recipe) => {
    const many = argumentsOf(recipe, [3]);
    const steps = argumentsOf(recipe);
    const { cost, wanted } = costsByScanAndLoop(recipe, steps);
    const { h, s, w, a, b } = floatsOf(many);
    const params = { h: h.at(0), w: w.at(0) };
    const sample = (f: (x: Floats) => Tensor) => (p: typeof params, row: { s: Tensor; a: Tensor; b: Tensor }) =>
      f({ ...p, ...row });
    const batch = { s, a, b };
    const each = batchGrad(sample(cost))(params, batch);
    const want = batchGrad(sample(wanted))(params, batch);
    expectSameTree(each.materialize(), want.materialize(), precision(recipe));
    expectSameTree(vmap(grad(cost))({ h, s, w, a, b }), vmap(grad(wanted))({ h, s, w, a, b }), precision(recipe));
  });

  testLaw("traced and replayed on other numbers", 60, (recipe) => {
    const [first, second] = [argumentsOf(recipe), argumentsOf({ ...recipe, seed: recipe.seed + 3 })];
    const { scanned, looped } = ways(recipe);
    expectSameTree(trace(scanned)(first).replay(second), looped(second), precision(recipe));
    const { cost, wanted } = costsByScanAndLoop(recipe, first);
    expectSameTree(
      trace(grad(cost))(floatsOf(first)).replay(floatsOf(second)),
      grad(wanted)(floatsOf(second)),
      precision(recipe),
    );
  });

  testLaw("watched by variables and backward", 60, (recipe) => {
    const given = argumentsOf(recipe);
    const { cost, wanted } = costsByScanAndLoop(recipe, given);
    const watched = tree.map((x: Tensor) => variable(x), untyped(floatsOf(given))) as Floats;
    expectSameTree(backward(cost(watched), watched), grad(wanted)(floatsOf(given)), precision(recipe));
  });
});

describe("scan", () => {
  const x = tensor([1, 2, 3]);
  const running = (c: Scalar, y: Scalar) => [add(c, y), c] as const;

  test("numbers stay numbers where nothing is tracked", () => {
    expect(scan(running, 0, x)[0]).toBe(6);
    expect(scan(running, 0, x)[1].toArray()).toEqual([0, 1, 3]);
  });

  test("without xs, and without ys", () => {
    const double = (c: Scalar) => [mul(c, 2), undefined] as const;
    expect(scan(double, 1, undefined, { length: 10 })).toEqual([1024, undefined]);
    expect(scan(double, 1, undefined, { length: 0 })).toEqual([1, undefined]);
    expect(scan((c: Scalar) => [c, null] as const, 1, undefined, { length: 2 })[1]).toBe(undefined);
  });

  test("no steps: the first carry, and ys of the right shape", () => {
    const [last, ys] = scan((c: Tensor, y: Tensor) => [c, stack([y, y])] as const, x, tensor([], { shape: [0, 2] }));
    expect([last.toArray(), ys.shape]).toEqual([
      [1, 2, 3],
      [0, 2, 2],
    ]);
  });

  test("the keys of the carry may come back in another order", () => {
    const swap = ({ a, b }: { a: Scalar; b: Scalar }, y: Scalar) =>
      [{ b: add(b, y), a: mul(a, y) }, undefined] as const;
    expect(scan(swap, { a: 1, b: 0 }, x)[0]).toEqual({ a: 6, b: 6 });
  });

  test("scans nest, in grad, in vmap", () => {
    const powers = (base: Scalar): Scalar => {
      const outer = (c: Scalar, y: Scalar) => {
        const [inner] = scan((d: Scalar, z: Scalar) => [add(mul(d, base), mul(y, z)), undefined] as const, c, x);
        return [inner, undefined] as const;
      };
      return scan(outer, 1, tensor([1, -1]))[0];
    };
    const byLoop = (base: Scalar): Scalar => {
      let c: Scalar = 1;
      for (const y of [1, -1]) for (const z of [1, 2, 3]) c = add(mul(c, base), mul(y, z));
      return c;
    };
    const bases = tensor([0.5, 1.5, -2]);
    for (const order of [1, 2, 3]) {
      const [a, b] = [powers, byLoop].map((f) => {
        let g: (base: Scalar) => Scalar = f;
        for (let k = 0; k < order; k++) g = grad(g);
        return vmap(g)(untyped(bases));
      }) as [Tensor, Tensor];
      expectSameTree(a, b, 1e-12);
    }
  });

  test("a body that captures what an outer transform watches", () => {
    const f = (w: Tensor): Scalar => sum(scan((c: Tensor, y: Scalar) => [sin(add(mul(w, c), y)), c] as const, w, x)[1]);
    const byLoop = (w: Tensor): Scalar => {
      let [c, all]: [Tensor, Tensor] = [w, mul(0, sum(w))];
      for (const y of [1, 2, 3]) [c, all] = [sin(add(mul(w, c), y)), add(all, sum(c))];
      return all;
    };
    const w = tensor([0.3, 0.7]);
    expectSameTree(grad(f)(w), grad(byLoop)(w), 1e-12);
    expectSameTree(hvp(f)(w, tensor([1, -1])), hvp(byLoop)(w, tensor([1, -1])), 1e-12);
  });

  test.each([
    ["value", (f: (w: Tensor, xs: Tensor) => Tensor) => f],
    ["gradient", (f: (w: Tensor, xs: Tensor) => Tensor) => grad(f)],
    ["second order", (f: (w: Tensor, xs: Tensor) => Tensor) => grad((w: Tensor, xs: Tensor) => sum(grad(f)(w, xs)))],
    [
      "vmap",
      (f: (w: Tensor, xs: Tensor) => Tensor) => (w: Tensor, xs: Tensor) =>
        vmap(f, { inAxes: [0, null] })(stack([w, w]), xs),
    ],
  ])("is never unrolled: as many equations for 3 steps as for 300, in %s", (_, transform) => {
    const f = (w: Tensor, xs: Tensor): Tensor =>
      sum(scan((c: Tensor, y: Tensor) => [sin(mul(add(c, y), w)), undefined] as const, w, xs)[0]);
    const count = (length: number): number =>
      trace(transform(f))(tensor([1, 2]), tensor(new Float64Array(length))).equations.length;
    expect(count(300)).toBe(count(3));
    expect(trace(f)(tensor([1, 2]), x).equations.filter(({ op }) => op === "scan").length).toBe(1);
  });

  test("the body runs once, whatever the length", () => {
    let calls = 0;
    const body = (c: Scalar, y: Scalar) => {
      calls++;
      return running(c, y);
    };
    grad((c: Scalar): Scalar => scan(body, c, tensor(new Float64Array(1000)), { checkpoint: true })[0])(1);
    expect(calls).toBe(1);
  });
});

describe("errors of scan", () => {
  const x = tensor([1, 2, 3]);
  const body = (c: Scalar, y: Scalar) => [add(c, y), c] as const;
  const keep = (c: Tensor) => [c, c] as const;
  const like = "The body must return a carry of the shapes and dtypes that it is given.";
  const call =
    (...args: readonly unknown[]) =>
    () =>
      (scan as (...all: readonly unknown[]) => unknown)(...args);
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    [
      "no function",
      call(3, 0, x),
      "[argument/function] scan: f must be a function, got 3. Pass the function itself, not what it returns.",
    ],
    ["no length", call(keep, 0, undefined), "[scan/length] scan: without xs a length is needed. Pass { length: n }."],
    [
      "negative",
      call(keep, 0, undefined, { length: -1 }),
      "[scan/length] scan: length must be an integer >= 0, got -1. The smallest allowed is 0.",
    ],
    [
      "fraction",
      call(keep, 0, undefined, { length: 1.5 }),
      "[scan/length] scan: length must be an integer >= 0, got 1.5. Math.floor and Math.round make integers.",
    ],
    [
      "another length",
      call(body, 0, x, { length: 4 }),
      "[scan/length] scan: xs (float64[3]) has 3 steps, but length is 4. Leave length out: xs says how many steps there are.",
    ],
    [
      "two lengths",
      call(body, 0, { a: x, b: tensor([1, 2]) }),
      "[scan/length] scan: leaves of xs must have one number of steps: xs.a (float64[3]) has 3, xs.b (float64[2]) has 2. Give all leaves of xs the same leading size.",
    ],
    [
      "a number in xs",
      call(body, 0, { a: x, b: 3 }),
      "[scan/length] scan: xs.b is a single number and has no steps. Use it in the body directly: what stands in xs has one leading axis of steps.",
    ],
    [
      "a carry of another shape",
      call(({ h, s }: { h: Tensor; s: Scalar }) => [{ h, s: stack([s, s]) }, 0], { h: x, s: 0 }, x),
      `[scan/carry] scan: carry.s changes from float64[] to float64[2]. ${like}`,
    ],
    [
      "a carry of another dtype",
      call(body, tensor(0, { dtype: "int32" }), x),
      `[scan/carry] scan: carry changes from int32[] to float64[]. ${like}`,
    ],
    [
      "a carry of another structure",
      call(({ h }: { h: Tensor }) => [{ h }, 0], { h: x, s: 0 }, x),
      "[scan/carry] scan: the body returns a carry of another structure than it was given. The body must return a carry with the keys and array lengths that it is given.",
    ],
    [
      "no pair",
      call(add, 0, x),
      "[scan/carry] scan: the body must return [carry, y], got a tensor. Return [carry, undefined] where there is nothing to collect.",
    ],
    [
      "no segment",
      call(body, 0, x, { checkpoint: 0 }),
      "[scan/checkpoint] scan: checkpoint must be true, false or an integer > 0, got 0. An integer is the number of steps from one kept carry to the next; true takes about the square root of the length.",
    ],
    [
      "a value read",
      call((c: Tensor, y: Scalar) => [c.item() > 0 ? c : y, y], 0, x),
      "[trace/value] item: a symbolic tensor of shape [] has no values: inside vmap and trace a function runs on shapes. " +
        "Choose between values with where(condition, a, b) or cond; read values outside.",
    ],
  ];
  test.each(cases)("%s", (_, run, text) => {
    const slope = grad((c: Scalar): Scalar => {
      expect(errorOf(run)).toBe(text);
      return scan(body, mul(c, c), x)[0];
    });
    expect(slope(3)).toBe(6);
  });

  test("an error of the body's own comes through, and nothing is left behind", () => {
    const broken = grad((c: Scalar): Scalar => {
      const fails = () => {
        throw new RangeError("mine");
      };
      expect(() => scan(fails, c, x as Tensor)).toThrow(new RangeError("mine"));
      return scan(body, mul(c, c), x)[0];
    });
    expect(broken(3)).toBe(6);
  });

  test("a symbol kept beyond the body", () => {
    let kept: Scalar = 0;
    const keeps = (c: Scalar, y: Scalar) => {
      kept = y;
      return [add(c, y), undefined] as const;
    };
    scan(keeps, 0, x);
    expect(errorOf(() => add(x, kept))).toBe(
      "[trace/escaped] add: input 1 is a symbolic tensor of shape [] whose trace has ended. " +
        "Return it from the traced function instead of keeping it in an outer variable.",
    );
  });
});
