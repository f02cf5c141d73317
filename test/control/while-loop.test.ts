// whileLoop and forLoop are the loops that JavaScript would run, under every transform that they allow.
import fc from "fast-check";
import {
  add,
  batchGrad,
  cast,
  forLoop,
  grad,
  hessian,
  jvp,
  less,
  mul,
  type Scalar,
  sin,
  square,
  stack,
  sum,
  type Tensor,
  tensor,
  trace,
  valueAndGrad,
  vmap,
  whileLoop,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { expectSameTree, Numbers } from "../truth/numbers";

const one = tensor(1, { dtype: "int32" });

/** Grows a vector until a number that it carries is large; the counter is an int32, w is captured. */
const grown = (w: Tensor, start: Tensor): Tensor => {
  const carry = { x: mul(start, w), size: sum(square(start)), trips: tensor(0, { dtype: "int32" }) };
  const last = whileLoop(
    ({ size }) => less(size, 3),
    ({ x, size, trips }) => ({ trips: add(trips, one), size: add(mul(size, 1.5), 0.2), x: add(x, sin(mul(w, x))) }),
    carry,
  );
  return add(sum(mul(last.x, w)), mul(last.size, cast(last.trips, "float64")));
};
/** The same by `while`. */
const byWhile = (w: Tensor, start: Tensor): Tensor => {
  let [x, size, trips] = [mul(start, w), sum(square(start)), 0];
  while (size.item() < 3) [x, size, trips] = [add(x, sin(mul(w, x))), add(mul(size, 1.5), 0.2), trips + 1];
  return add(sum(mul(x, w)), mul(size, trips));
};
type Pair = readonly [Tensor, Tensor];
const ofPair =
  (f: (w: Tensor, start: Tensor) => Tensor) =>
  ([w, start]: Pair): Tensor =>
    f(w, start);

const testLaw = (name: string, check: (numbers: Numbers) => void): void =>
  test(name, () =>
    fc.assert(
      fc.property(fc.integer(), (seed) => check(new Numbers(seed))),
      { numRuns: 30 },
    ),
  );

describe("whileLoop is while", () => {
  testLaw("in value, gradient, jvp and Hessian", (numbers) => {
    const [x, v]: Pair[] = [
      [numbers.tensor([2]), numbers.tensor([2])],
      [numbers.tensor([2]), numbers.tensor([2])],
    ];
    const [f, want] = [ofPair(grown), ofPair(byWhile)];
    expectSameTree(valueAndGrad(f)(x), valueAndGrad(want)(x), 1e-12);
    expectSameTree(jvp(f, [x], [untyped(v)]), jvp(want, [x], [untyped(v)]), 1e-12);
    expectSameTree(hessian(f)(x), hessian(want)(x), 1e-12);
  });

  testLaw("under vmap, where each sample has its own number of trips, and in forward mode there", (numbers) => {
    const [w, starts, v] = [numbers.tensor([2]), numbers.tensor([5, 2]), numbers.tensor([2])];
    const rows = (f: (start: Tensor) => Tensor) => stack([0, 1, 2, 3, 4].map((k) => f(starts.at(k))));
    const slope = (f: typeof grown) => (start: Tensor) => jvp((own: Tensor) => f(own, start), [w], [v])[1];
    const second = (f: typeof grown) => (start: Tensor) =>
      jvp((own: Tensor) => jvp((other: Tensor) => f(other, start), [own], [v])[1], [w], [v])[1];
    expectSameTree(
      vmap((start: Tensor) => grown(w, start))(untyped(starts)),
      rows((start) => byWhile(w, start)),
      1e-12,
    );
    expectSameTree(vmap(slope(grown))(untyped(starts)), rows(slope(byWhile)), 1e-12);
    expectSameTree(vmap(second(grown))(untyped(starts)), rows(second(byWhile)), 1e-11);
  });

  testLaw("traced it is one equation, whose trips are counted when it is replayed", (numbers) => {
    const [w, a, b] = [numbers.tensor([2]), numbers.tensor([2]), numbers.tensor([2])];
    const tape = trace(grown)(w, a);
    expect(tape.equations.filter(({ op }) => op === "whileLoop").length).toBe(1);
    expectSameTree(tape.replay(w, b), byWhile(w, b), 1e-12);
  });
});

describe("forLoop is for", () => {
  const looped = (w: Tensor, start: Tensor): Tensor =>
    sum(forLoop(2, 7, (i, x: Tensor) => add(mul(x, w), mul(cast(i, "float64"), sin(x))), start));
  const by = (w: Tensor, start: Tensor): Tensor => {
    let x = start;
    for (let i = 2; i < 7; i++) x = add(mul(x, w), mul(i, sin(x)));
    return sum(x);
  };

  testLaw("in value, gradient, jvp, Hessian, vmap, batchGrad and trace", (numbers) => {
    const [x, v]: Pair[] = [
      [numbers.tensor([2]), numbers.tensor([2])],
      [numbers.tensor([2]), numbers.tensor([2])],
    ];
    const [f, want] = [ofPair(looped), ofPair(by)];
    expectSameTree(valueAndGrad(f)(x), valueAndGrad(want)(x), 1e-11);
    expectSameTree(jvp(f, [x], [untyped(v)]), jvp(want, [x], [untyped(v)]), 1e-11);
    expectSameTree(hessian(f)(x), hessian(want)(x), 1e-11);
    const [w, starts] = [numbers.tensor([2]), numbers.tensor([3, 2])];
    const slopes = stack([0, 1, 2].map((k) => grad(by)(w, starts.at(k))));
    expectSameTree(vmap(grad(looped), { inAxes: [null, 0] })(w, untyped(starts)), slopes, 1e-11);
    expectSameTree(batchGrad(looped)(w, untyped(starts)).materialize(), slopes, 1e-11);
    expectSameTree(trace(grad(looped))(w, w).replay(w, starts.at(1)), slopes.at(1), 1e-11);
  });

  test("no trip where stop <= start, and the index is an int32", () => {
    const count = (start: number, stop: number) =>
      forLoop(start, stop, (i, c: readonly Tensor[]) => [add(c[0], i)], [tensor(0, { dtype: "int32" })])[0]?.item();
    expect([count(0, 0), count(5, 3), count(-2, 2), count(0, 10)]).toEqual([0, 0, -2, 45]);
    expect(forLoop(5, 3, (_, c: Scalar) => add(c, 1), 7)).toBe(7);
  });
});

describe("errors of loops", () => {
  type Any = (...args: readonly unknown[]) => unknown;
  const [anyWhile, anyFor] = [whileLoop as Any, forLoop as Any];
  const x = tensor([1, 2, 3]);
  const small = (c: Scalar) => less(c, 10);
  const double = (c: Scalar) => mul(c, 2);
  const like = "The body must return a carry of the shapes and dtypes that it is given.";
  const backwards =
    "[while/reverse] whileLoop: a loop without a known number of trips has no backward pass inside vmap and trace. " +
    "Use forLoop, or forward mode (jvp).";
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    [
      "no condition",
      () => anyWhile(3, double, 0),
      "[argument/function] whileLoop: condition must be a function, got 3. Pass the function itself, not what it returns.",
    ],
    [
      "no body",
      () => anyWhile(small, 3, 0),
      "[argument/function] whileLoop: body must be a function, got 3. Pass the function itself, not what it returns.",
    ],
    [
      "a number as condition",
      () => anyWhile(() => 1, double, 0),
      "[cond/condition] whileLoop: the condition must be a boolean or a 0-d tensor, got 1. Make it with a comparison such as greater(x, 0).",
    ],
    [
      "a vector as condition",
      () => anyWhile(() => x, double, 0),
      "[cond/condition] whileLoop: the condition must be a boolean or a 0-d tensor, got a tensor of shape [3]. Reduce it with all or any, or choose element by element with where.",
    ],
    [
      "a carry of another shape",
      () =>
        whileLoop(
          ({ s }) => less(s, 3),
          ({ s }) => ({ s: untyped(stack([s, s])) }),
          { s: tensor(0) },
        ),
      `[while/carry] whileLoop: carry.s changes from float64[] to float64[2]. ${like}`,
    ],
    [
      "a carry of another dtype, traced",
      () => vmap((y: Scalar) => anyWhile(small, (c: Tensor) => cast(c, "int32"), y) as Tensor)(x),
      `[while/carry] whileLoop: carry changes from float64[] to int32[]. ${like}`,
    ],
    [
      "a carry of another structure",
      () =>
        anyWhile(
          ({ s }: { s: Scalar }) => less(s, 3),
          ({ s }: { s: Scalar }) => [s],
          { s: 0 },
        ),
      "[while/carry] whileLoop: the body returns a carry of another structure than it was given. The body must return a carry with the keys and array lengths that it is given.",
    ],
    ["backwards under vmap", () => vmap(grad((y: Scalar) => whileLoop(small, double, y)))(x), backwards],
    [
      "backwards through vmap",
      () => grad((y: Tensor) => sum(vmap((z: Scalar) => whileLoop(small, double, z))(y)))(x),
      backwards,
    ],
    ["backwards in trace", () => trace(grad((y: Scalar) => whileLoop(small, double, y)))(1), backwards],
    [
      "a start that is no integer",
      () => forLoop(0.5, 3, (_, c) => c, 0),
      "[argument/integer] forLoop: start must be an integer, got 0.5. Math.floor and Math.round make integers.",
    ],
    [
      "a stop that is no integer",
      () => anyFor(0, "3", double, 0),
      '[argument/integer] forLoop: stop must be an integer, got "3". Give one plain number.',
    ],
    [
      "no body of forLoop",
      () => anyFor(0, 3, 3, 0),
      "[argument/function] forLoop: body must be a function, got 3. Pass the function itself, not what it returns.",
    ],
    [
      "a carry of another shape in forLoop",
      () => anyFor(0, 3, (_: unknown, c: Tensor) => stack([c, c]), 0),
      `[scan/carry] forLoop: carry changes from float64[] to float64[2]. ${like}`,
    ],
  ];
  test.each(cases)("%s", (_, run, text) => {
    const slope = grad((c: Scalar): Scalar => {
      expect(errorOf(run)).toBe(text);
      return whileLoop(small, double, square(c));
    });
    expect(slope(2)).toBe(16);
  });
});
