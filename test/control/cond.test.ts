// cond is `if` where the condition is known, a choice of one op where it is not, and a select where it varies.
import fc from "fast-check";
import {
  add,
  batchGrad,
  cast,
  cond,
  cos,
  dot,
  exp,
  grad,
  greater,
  hessian,
  jvp,
  log,
  mul,
  neg,
  type Scalar,
  scan,
  sin,
  sqrt,
  square,
  stack,
  sum,
  type Tensor,
  tensor,
  trace,
  vmap,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { expectSameTree, Numbers } from "../truth/numbers";

/** Two branches that capture w, of a vector and a number; one result is an int32 and one does not depend on s. */
const byCond = (w: Tensor, p: Tensor, x: Tensor, s: Tensor) =>
  cond(
    greater(p, 0),
    (a, b) => ({ y: sin(mul(mul(w, a), b)), rest: [mul(b, dot(a, w)), tensor(3, { dtype: "int32" })] }),
    (a, b) => ({ y: mul(a, square(w)), rest: [exp(mul(b, sum(a))), tensor(4, { dtype: "int32" })] }),
    x,
    s,
  );
/** The same by `if`. */
const byIf = (w: Tensor, p: number, x: Tensor, s: Tensor) =>
  p > 0
    ? { y: sin(mul(mul(w, x), s)), rest: [mul(s, dot(x, w)), tensor(3, { dtype: "int32" })] }
    : { y: mul(x, square(w)), rest: [exp(mul(s, sum(x))), tensor(4, { dtype: "int32" })] };

type Result = { readonly y: Tensor; readonly rest: readonly Tensor[] };
const total = ({ y, rest: [first] }: Result): Tensor => add(sum(square(y)), first);

describe("cond is if", () => {
  const testLaw = (name: string, check: (numbers: Numbers, p: number) => void): void =>
    test(name, () =>
      fc.assert(
        fc.property(fc.integer(), fc.constantFrom(-1, 1), (seed, p) => check(new Numbers(seed), p)),
        { numRuns: 40 },
      ),
    );
  const draw = (numbers: Numbers): readonly [Tensor, Tensor, Tensor] => [
    numbers.tensor([3]),
    numbers.tensor([3]),
    numbers.tensor([]),
  ];
  type Args = readonly [w: Tensor, x: Tensor, s: Tensor];
  const costsByCondAndIf = (p: number) => ({
    cost: ([w, x, s]: Args): Tensor => total(byCond(w, tensor(p), x, s)),
    wanted: ([w, x, s]: Args): Tensor => total(byIf(w, p, x, s)),
    /** The condition is an input of the tape: it is not known while it is traced. */
    traced: ([w, x, s]: Args): Tensor =>
      trace((q: Tensor, v: Tensor, y: Tensor, t: Tensor) => total(byCond(v, q, y, t)))(tensor(0), w, x, s).replay(
        tensor(p),
        w,
        x,
        s,
      ),
  });

  testLaw("in value, gradient, jvp and Hessian, known and traced", (numbers, p) => {
    const [x, v] = [draw(numbers), draw(numbers)];
    const { cost, wanted, traced } = costsByCondAndIf(p);
    for (const f of [cost, traced]) {
      expectSameTree(f(x), wanted(x), 1e-12);
      expectSameTree(grad(f)(x), grad(wanted)(x), 1e-12);
      expectSameTree(jvp(f, [x], [untyped(v)]), jvp(wanted, [x], [untyped(v)]), 1e-12);
      expectSameTree(hessian(f)(x), hessian(wanted)(x), 1e-12);
    }
  });

  testLaw("under vmap with a condition that varies, and with one that all samples share", (numbers, p) => {
    const [w, x, s] = [numbers.tensor([3]), numbers.tensor([4, 3]), numbers.tensor([4])];
    const ps = tensor([1, -1, -p, p]);
    const cost = (own: Tensor, q: Tensor, y: Tensor, t: Tensor): Tensor => total(byCond(own, q, y, t));
    const rows = (f: (q: number, y: Tensor, t: Tensor) => Tensor, q: (k: number) => number) =>
      stack([0, 1, 2, 3].map((k) => f(q(k), x.at(k), s.at(k))));
    const by = (k: number): number => ps.at(k).item();
    const wanted = (q: number, y: Tensor, t: Tensor): Tensor => total(byIf(w, q, y, t));
    const slope = (q: number, y: Tensor, t: Tensor): Tensor => grad((own: Tensor) => total(byIf(own, q, y, t)))(w);
    const inAxes = [null, 0, 0, 0];
    expectSameTree(vmap(cost, { inAxes })(w, ps, untyped(x), s), rows(wanted, by), 1e-12);
    expectSameTree(vmap(grad(cost), { inAxes })(w, ps, untyped(x), s), rows(slope, by), 1e-12);
    const shared = trace((q: Tensor) => vmap(grad(cost), { inAxes: [null, null, 0, 0] })(w, q, untyped(x), untyped(s)));
    expectSameTree(
      shared(tensor(0)).replay(tensor(p)),
      rows(slope, () => p),
      1e-12,
    );
    const each = batchGrad((own: Tensor, row: { q: Tensor; y: Tensor; t: Tensor }) => cost(own, row.q, row.y, row.t));
    expectSameTree(each(w, { q: ps, y: x, t: s }).materialize(), rows(slope, by), 1e-12);
  });
});

describe("cond", () => {
  const x = tensor([-4, 9]);

  test("a known condition runs one branch, on values", () => {
    const never = (_?: Tensor): Tensor => {
      throw new Error("the other branch ran");
    };
    const root = (y: Tensor) => cond(greater(y, 0), (z: Tensor) => (z.item() > 5 ? sqrt(z) : z), never, y);
    expect(root(tensor(9)).item()).toBe(3);
    expect(grad(root)(tensor(9)).item()).toBeCloseTo(1 / 6, 14);
    expect(cond(false, never, () => tensor(2)).item()).toBe(2);
  });

  test("the branch not taken leaves no NaN in the gradient", () => {
    const safe = (y: Tensor): Tensor =>
      cond(
        greater(y, 0),
        (z) => log(z),
        (z) => neg(z),
        y,
      );
    expect(vmap(grad(safe))(x).toArray()).toEqual([-1, 1 / 9]);
  });

  test("conds nest, and stand in a scan", () => {
    const piece = (y: Scalar, z: Scalar): Scalar =>
      cond(
        greater(y, 0),
        (a: Scalar, b: Scalar): Scalar =>
          cond(
            greater(b, 0),
            (c: Scalar, d: Scalar): Scalar => mul(c, d),
            (c: Scalar, d: Scalar): Scalar => cos(add(c, d)),
            a,
            b,
          ),
        (a: Scalar, b: Scalar): Scalar => mul(square(a), b),
        y,
        z,
      );
    const by = (y: number, z: number): number => (y > 0 ? (z > 0 ? y * z : Math.cos(y + z)) : y * y * z);
    const slope = (y: number, z: number): number => (y > 0 ? (z > 0 ? z : -Math.sin(y + z)) : 2 * y * z);
    const [ys, zs] = [
      [1, 1, -1, -2],
      [2, -2, 3, -4],
    ] as const;
    const pairs = ys.map((y, k) => [y, zs[k]] as const);
    const near = (got: Tensor, want: readonly number[]): void => expectSameTree(got, tensor([...want]), 1e-13);
    near(
      vmap(piece)(untyped(tensor([...ys])), untyped(tensor([...zs]))),
      pairs.map(([y, z]) => by(y, z)),
    );
    near(
      vmap(grad(piece))(untyped(tensor([...ys])), untyped(tensor([...zs]))),
      pairs.map(([y, z]) => slope(y, z)),
    );
    const looped = (s: Scalar): Scalar =>
      scan((c: Scalar, z: Scalar) => [add(c, piece(mul(s, z), z)), undefined] as const, 0, tensor([...zs]))[0];
    const want = zs.reduce((all: number, z) => all + slope(0.5 * z, z) * z, 0);
    expect(Number(grad(looped)(0.5))).toBeCloseTo(want, 12);
  });

  test("traced it is one equation, and the tape chooses when it is replayed", () => {
    const f = (y: Tensor): Tensor =>
      cond(
        greater(y, 0),
        (z) => sqrt(z),
        (z) => neg(z),
        y,
      );
    const tape = trace(f)(tensor(1));
    expect(tape.equations.map(({ op }) => op)).toEqual(["greater", "cond"]);
    expect([tape.replay(tensor(9)).item(), tape.replay(tensor(-9)).item()]).toEqual([3, 9]);
  });

  test("branches may give their keys in another order, or nothing", () => {
    const f = (y: Tensor) =>
      cond(
        greater(y, 0),
        (z) => ({ a: z, b: neg(z) }),
        (z) => ({ b: z, a: mul(2, z) }),
        y,
      );
    const { a, b } = vmap(f)(x);
    expect([a.toArray(), b.toArray()]).toEqual([
      [-8, 9],
      [-4, -9],
    ]);
    expect(
      vmap((y: Tensor) => [
        y,
        cond(
          greater(y, 0),
          () => [],
          () => [],
        ),
      ])(x)[1],
    ).toEqual([]);
  });

  test("errors, and nothing is left behind", () => {
    type Any = (...args: readonly unknown[]) => unknown;
    const anyCond = cond as Any;
    const inside = (onTrue: Any, onFalse: Any) => () =>
      vmap((y: Tensor) => anyCond(greater(y, 0), onTrue, onFalse, y))(x);
    const same = (z: unknown) => z;
    const both = "Both branches must return the same shapes and dtypes.";
    const condition = "[cond/condition] cond: the condition must be a boolean or a 0-d tensor, got";
    const cases: readonly (readonly [() => unknown, string])[] = [
      [() => anyCond("yes", same, same), `${condition} "yes". Make it with a comparison such as greater(x, 0).`],
      [
        () => anyCond(greater(x, 0), same, same),
        `${condition} a tensor of shape [2]. Reduce it with all or any, or choose element by element with where.`,
      ],
      [
        () => anyCond(true, 3, same),
        "[argument/function] cond: onTrue must be a function, got 3. Pass the function itself, not what it returns.",
      ],
      [
        inside(same, (z) => stack([z as Tensor, z as Tensor])),
        `[cond/branches] cond: the result is float64[] on true, but float64[2] on false. ${both}`,
      ],
      [
        inside(
          (z) => ({ a: [z] }),
          (z) => ({ a: [cast(z as Tensor, "int32")] }),
        ),
        `[cond/branches] cond: the result.a[0] is float64[] on true, but int32[] on false. ${both}`,
      ],
      [
        inside(
          (z) => ({ a: z }),
          (z) => [z],
        ),
        "[cond/branches] cond: the branches return trees of different structure. Both branches must return the same keys and array lengths.",
      ],
    ];
    for (const [run, text] of cases) {
      const slope = grad((y: Tensor): Tensor => {
        expect(errorOf(run)).toBe(text);
        return square(y);
      });
      expect(slope(tensor(3)).item()).toBe(6);
    }
    const fails = () => {
      throw new RangeError("mine");
    };
    expect(inside(same, fails)).toThrow(new RangeError("mine"));
  });
});
