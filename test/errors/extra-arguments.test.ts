// FAULTS 5: no public function drops an argument that it does not take.
import * as gradtape from "gradtape";
import * as optim from "gradtape/optim";
import * as pitfalls from "gradtape/pitfalls";
import * as testing from "gradtape/testing";
import { describe, expect, test } from "vitest";
import { generator } from "../../src/testing/random";
import { Draw } from "../laws/draw";
import { families, linesOf } from "../laws/table";
import { untyped } from "../support";
import { errorOf } from "./error-of";

type AnyFunction = (...args: unknown[]) => unknown;

/** These take any number of arguments: operands, tensors to combine, arguments of a function. */
const VARIADIC = ["meshgrid", "einsum", "cond", "tree.map", "formula.applied"];

const isFunction = (x: unknown): x is AnyFunction => typeof x === "function" && !/^class\b/.test(String(x));

/** Functions of a module and of the namespaces in it, by name. */
function functionsOf(module: object, prefix = ""): [name: string, f: AnyFunction][] {
  return Object.entries(module).flatMap(([key, x]): [string, AnyFunction][] =>
    isFunction(x)
      ? [[prefix + key, x]]
      : typeof x === "object" && x !== null && !Array.isArray(x)
        ? functionsOf(x, `${prefix}${key}.`)
        : [],
  );
}

const exported = [gradtape, optim, pitfalls, testing].flatMap((module) => functionsOf(module));
const { tensor, mul, sum, exp, round, matmul, grad, vjp, linalg, tree } = gradtape;
const a = tensor([
  [2, 1],
  [1, 2],
]);
const loose = (f: unknown): AnyFunction => untyped(f);

test("every exported function refuses an argument behind its last", () => {
  const given = new Array<undefined>(8).fill(undefined);
  const silent = exported.filter(([, f]) => !errorOf(() => f(...given, true)).startsWith("[arguments/extra]"));
  expect(silent.map(([name]) => name).sort()).toEqual([...VARIADIC].sort());
});

test("the error starts with the name under which the function is exported", () => {
  const given = new Array<undefined>(8).fill(undefined);
  const named = exported.filter(([name]) => !VARIADIC.includes(name));
  const wrong = named.filter(([name, f]) => {
    const message = errorOf(() => f(...given, true)).slice("[arguments/extra] ".length);
    return !message.startsWith(`${name}: takes (`);
  });
  expect(wrong.map(([name]) => name)).toEqual([]);
});

describe("a call that is right, with one argument more", () => {
  for (const table of Object.values(families)) {
    test.each(Object.entries(table))("%s", (name, entry) => {
      if (VARIADIC.includes(name)) return;
      for (const { op, draw } of linesOf(entry)) {
        const { inputs, attrs } = draw(new Draw(generator(1), "float64"));
        // Lines that are a call of the function, not the function itself, take what they hand on.
        if (!exported.some(([, f]) => f === op)) continue;
        expect(errorOf(() => loose(op)(...inputs, attrs, true))).toContain("[arguments/extra]");
        expect(errorOf(() => loose(op)(...inputs, attrs, undefined))).toBe("no error");
      }
    });
  }
});

test.each([
  ["matmul", () => loose(matmul)(a, a, false, true), "matmul: takes (a, b), got false besides."],
  ["grad, argnums", () => loose(grad)(sum, 1), "grad: takes (f), got 1 besides. Leave it out: nothing would read it."],
  [
    "grad, options",
    () => loose(grad)(sum, { argnums: 1 }),
    "grad: takes (f), got an object besides. Leave it out: nothing would read it.",
  ],
  ["vjp", () => loose(vjp)(sum, [a], { hasAux: true }), "vjp: takes (f, primals), got an object besides."],
  ["zerosLike", () => loose(gradtape.zerosLike)(a, { dtype: "int32" }), "zerosLike: takes (x), got an object besides."],
  ["cholesky", () => loose(linalg.cholesky)(a, { upper: true }), "linalg.cholesky: takes (a), got an object besides."],
  ["svd", () => loose(linalg.svd)(a, { full: true }), "linalg.svd: takes (a), got an object besides."],
  ["solve", () => loose(linalg.solve)(a, a, { left: false }), "linalg.solve: takes (a, b), got an object besides."],
  ["maximum", () => loose(gradtape.maximum)(1, 2, 3), "maximum: takes (a, b), got 3 besides."],
  ["round", () => loose(round)(1.25, 2), "round: takes (x), got 2 besides."],
  ["sum", () => loose(sum)(a, { axis: 0 }, { keepDims: true }), "sum: takes (x, options), got an object besides."],
])("%s", (_, call, text) => {
  expect(errorOf(call)).toContain(`[arguments/extra] ${text}`);
});

test("functions that the library returns, and that take what is theirs alone (FAULTS 5)", () => {
  const [, pullback] = vjp(sum, [a]);
  expect(errorOf(() => loose(pullback)(1, "junk"))).toContain(
    '[arguments/extra] pullback: takes (cotangent), got "junk" besides.',
  );
  const { schedule } = optim;
  const ramp = { rate: 1, steps: 10 };
  const schedules = [
    schedule.constant(1),
    schedule.exponential({ ...ramp, factor: 0.5 }),
    schedule.cosine(ramp),
    schedule.linear(ramp),
    schedule.warmup(5, schedule.constant(1)),
  ];
  for (const rate of schedules) {
    expect(errorOf(() => loose(rate)(1, "junk"))).toContain("[arguments/extra] schedule: takes (step)");
    expect(Array.from([1, 2], rate)).toEqual([1, 2].map((step) => rate(step)));
    expect([1, 2].map(rate)).toEqual([1, 2].map((step) => rate(step)));
  }
});

test("methods of tensors, tapes, optimizers and per-sample gradients too", () => {
  const x = tensor([1, 2]);
  const methods = [
    "item",
    "toArray",
    "toString",
    "add",
    "exp",
    "sum",
    "reshape",
    "transpose",
    "matmul",
    "clip",
    "take",
  ];
  const silent = (of: object, names: readonly string[]) =>
    names.filter(
      (name) =>
        !errorOf(() => loose(Reflect.get(of, name)).call(of, ...new Array(5).fill(undefined), true)).includes(
          "arguments/extra",
        ),
    );
  expect(silent(x, methods)).toEqual([]);
  expect(silent(optim.adam({ rate: 0.1 }), ["init", "update"])).toEqual([]);
  expect(silent(gradtape.trace((y: gradtape.Tensor) => exp(y))(x), ["toString", "toDot"])).toEqual([]);
  const samples = gradtape.batchGrad((w: number, y: number) => mul(w, y))(1, x);
  const all = Object.getOwnPropertyNames(Object.getPrototypeOf(samples)).filter(
    (name) => !["constructor", "batchSize"].includes(name) && name in exposed,
  );
  expect(all).toHaveLength(Object.keys(exposed).length);
  expect(silent(samples, all)).toEqual([]);
});

/** What PerSampleGradient declares. */
const exposed: Readonly<Record<Exclude<keyof gradtape.PerSampleGradient<number>, "batchSize">, true>> = {
  losses: true,
  sum: true,
  mean: true,
  weightedSum: true,
  squaredNorms: true,
  norms: true,
  clippedMean: true,
  clippedSum: true,
  variance: true,
  secondMoment: true,
  gram: true,
  project: true,
  materialize: true,
  materializeInto: true,
  explain: true,
};

test("a custom op refuses what stands behind its attributes", () => {
  const scaled = gradtape.defineOp<[x: gradtape.Tensor], number>({
    name: "scaled",
    shape: ([x]) => x,
    evaluate: (output, [x], by) => output.set(x.data.map((number) => by * number)),
    vjp: [({ yBar, attrs }) => mul(yBar, attrs)],
  });
  expect(scaled(tensor([1, 2]), 3).toArray()).toEqual([3, 6]);
  expect(errorOf(() => loose(scaled)(tensor([1, 2]), 3, 4))).toContain("[arguments/extra] scaled: takes");
});

describe("what map, reduce and Array.from pass is no mistake", () => {
  const numbers = [0.5, 1.5, Number.NaN];

  test("a function of one argument in map, of arrays and typed arrays", () => {
    expect(numbers.map(exp)).toEqual(numbers.map(Math.exp));
    expect(numbers.map(round)).toEqual([0, 2, Number.NaN]);
    expect([...Float64Array.from(numbers).map(exp)]).toEqual(numbers.map(Math.exp));
    expect([a, a].map(linalg.det)).toHaveLength(2);
    expect([a, 1].map(gradtape.shapeOf)).toEqual([[2, 2], []]);
    expect(numbers.filter(gradtape.isNaN)).toEqual([Number.NaN]);
  });

  test("a function of two arguments in reduce", () => {
    expect([1, 2, 3].reduce(mul)).toBe(6);
    expect([1, 2, 3].reduceRight(gradtape.maximum)).toBe(3);
    expect([a, a].reduce(matmul).toArray()).toEqual(matmul(a, a).toArray());
  });

  test("an elementwise function in Array.from, but round, which could be meant to take digits", () => {
    expect(Array.from(numbers, loose(exp))).toEqual(numbers.map(Math.exp));
    expect(Array.from([1, Number.NaN], loose(gradtape.isNaN))).toEqual([false, true]);
    expect(errorOf(() => Array.from(numbers, loose(round)))).toContain(
      "[arguments/extra] round: takes (x), got 0 besides.",
    );
  });

  test("an index and another array are no such call", () => {
    expect(errorOf(() => loose(exp)(1, 0, [2]))).toContain("[arguments/extra]");
    expect(errorOf(() => loose(mul)(1, 2, 0))).toContain("[arguments/extra]");
    expect(errorOf(() => loose(tree.leaves)(1, 0))).toContain("[arguments/extra]");
  });
});
