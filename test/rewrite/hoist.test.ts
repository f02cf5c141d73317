// Hoist: what a loop only adds up is a sum over the rows that it yields, and no loop adds it up any more.
import fc from "fast-check";
import {
  add,
  cumsum,
  fft,
  matmul,
  mul,
  reshape,
  type Scalar,
  scan,
  square,
  sum,
  type Tensor,
  take,
  tanh,
  tensor,
  transpose,
  tree,
  valueAndGrad,
  zeros,
} from "gradtape";
import { describe, expect, test } from "vitest";
import type { Loop, Step } from "../../src/core/op/op";
import { asHandle } from "../../src/core/tensor/value";
import { loopOf } from "../../src/rewrite/declared";
import { Factoring } from "../../src/rewrite/factor";
import { prune } from "../../src/rewrite/prune";
import { Numbers } from "../truth/numbers";
import { expectNear, programOf, run, spelled } from "./spelled";

/** Parameters of models: what is not named here is not there. */
interface Params {
  readonly h: Tensor;
  readonly w: Tensor;
  readonly u: Tensor;
  readonly b: Tensor;
  readonly table: Tensor;
}
interface Sizes {
  readonly hidden: number;
  readonly inputs: number;
  readonly length: number;
}
type Loss = (p: Params, xs: Tensor, indices: Tensor) => Scalar;

/** How a loop runs. */
const settings = [{}, { reverse: true }, { checkpoint: true }, { checkpoint: 2 }, { reverse: true, checkpoint: 2 }];
type Settings = (typeof settings)[number];

const cell = (p: Params, h: Tensor, x: Tensor): Tensor => tanh(add(add(matmul(h, p.w), matmul(x, p.u)), p.b));
const squares = (x: Tensor): Scalar => sum(square(x));

const MODELS: Readonly<Record<string, (s: Settings) => Loss>> = {
  "last state": (s) => (p, xs) =>
    squares(scan((h: Tensor, x: Tensor): [Tensor, undefined] => [cell(p, h, x), undefined], p.h, xs, s)[0]),
  "all states": (s) => (p, xs) =>
    squares(
      scan(
        (h: Tensor, x: Tensor): [Tensor, Tensor] => {
          const next = cell(p, h, x);
          return [next, mul(next, h)];
        },
        zeros(p.h.shape),
        xs,
        s,
      )[1],
    ),
  "a matrix that is used twice, once on its side": (s) => (p, xs) =>
    squares(
      scan(
        (h: Tensor, x: Tensor): [Tensor, undefined] => [
          tanh(add(matmul(transpose(p.w), matmul(h, p.w)), matmul(x, p.u))),
          undefined,
        ],
        p.h,
        xs,
        s,
      )[0],
    ),
  "rows of a table": (s) => (p, _, indices) =>
    squares(
      scan(
        (h: Tensor, i: Tensor): [Tensor, undefined] => [tanh(add(matmul(h, p.w), take(p.table, i))), undefined],
        p.h,
        indices,
        s,
      )[0],
    ),
  "a loop inside a loop": (s) => (p, xs) =>
    squares(
      scan(
        (h: Tensor, x: Tensor): [Tensor, undefined] => [
          scan((g: Tensor, y: Tensor): [Tensor, undefined] => [cell(p, mul(g, y), mul(x, y)), undefined], h, x, s)[0],
          undefined,
        ],
        p.h,
        xs,
      )[0],
    ),
  "a parameter that each turn cuts another way": (s) => (p, xs) =>
    squares(
      scan(
        (h: Tensor, x: Tensor): [Tensor, undefined] => [
          tanh(add(matmul(h, reshape(mul(p.w, 2), p.w.shape)), reshape(matmul(reshape(x, [1, -1]), p.u), [-1]))),
          undefined,
        ],
        p.h,
        xs,
        s,
      )[0],
    ),
};

/** Numbers for a model, and its loss and gradients as a program of one sample. */
function problemOf(loss: Loss, { hidden, inputs, length }: Sizes, seed: number) {
  const numbers = new Numbers(seed);
  const shapes = [[hidden], [hidden, hidden], [inputs, hidden], [hidden], [3, hidden]];
  const xs = numbers.tensor([length, inputs]);
  const indices = tensor(
    Array.from({ length }, () => numbers.integer(3)),
    { dtype: "int32" },
  );
  const all = [...shapes.map((shape) => numbers.tensor(shape)), xs, indices];
  const program = programOf(
    all.map((x) => asHandle(x)),
    ([h, w, u, b, table, x, i]) => {
      const [value, slopes] = valueAndGrad((p: Params) => loss(p, x, i))({ h, w, u, b, table });
      return [asHandle(value), ...tree.leaves(slopes).map((leaf) => asHandle(leaf.value))];
    },
  );
  const varying = all.map((_, k) => k >= shapes.length);
  return { program, inputs: all, varying };
}

/** The carries of a loop to which each turn adds something and which it does not read otherwise. */
function sumsOf({ body, carries }: Loop): number[] {
  const read = [...body.steps.flatMap((step) => step.inputs), ...body.outputs];
  const often = (x: number): number => read.filter((y) => y === x).length;
  return Array.from({ length: carries }, (_, k) => k).filter((k) => {
    const next = body.outputs[k];
    const step = body.steps.find(({ outputs }) => typeof next === "number" && outputs.includes(next));
    const adds = step?.op.partialA === 1 && step.op.partialB === 1 && step.inputs.includes(k);
    return adds && typeof next === "number" && often(k) === 1 && often(next) === 1;
  });
}

/** How many carries of loops, and of loops in them, are sums. */
const countSums = (steps: readonly Step[]): number =>
  steps.reduce((count, step) => {
    const loop = loopOf(step);
    return loop === null ? count : count + sumsOf(loop).length + countSums(loop.body.steps);
  }, 0);

/** Walks over the gradients of a program: their terms, and the program that their factors need. */
function walkOver({ program, varying, inputs }: ReturnType<typeof problemOf>) {
  const [loss, ...gradients] = program.outputs;
  const walk = new Factoring(program, varying, [loss], gradients);
  const terms = gradients.map((y) => walk.terms(y));
  const slots = new Set(terms.flat().flatMap((t) => t.factors.map(({ at }) => at)));
  const rest = walk.draft.programOf([loss, ...slots]);
  const values = gradients.map((y, k) => spelled(walk, terms[k], walk.draft.kindOf(y).shape, inputs));
  return { walk, terms, rest, values, wanted: run({ ...program, outputs: gradients }, inputs), loss };
}

const sizes = fc.record({
  hidden: fc.integer({ min: 1, max: 3 }),
  inputs: fc.integer({ min: 1, max: 3 }),
  length: fc.integer({ min: 1, max: 6 }),
});
const drawn = fc.record({ sizes, settings: fc.constantFrom(...settings), seed: fc.nat() });

describe.each(Object.entries(MODELS))("gradients of %s", (_, model) => {
  test("are the sums of their terms, and no loop adds them up", () => {
    fc.assert(
      fc.property(drawn, ({ sizes: own, settings: how, seed }) => {
        const problem = problemOf(model(how), own, seed);
        expect(countSums(problem.program.steps)).toBeGreaterThan(0);
        const { rest, values, wanted, walk, loss } = walkOver(problem);
        for (const [k, value] of values.entries()) expectNear(value, wanted[k]);
        expect(countSums(rest.steps)).toBe(0);
        expect(run(walk.draft.programOf([loss]), problem.inputs)).toEqual(
          run({ ...problem.program, outputs: [loss] }, problem.inputs),
        );
      }),
      { numRuns: 25 },
    );
  });
});

test("a sum that a product reads stays one: the product of it has one position, not one for each turn", () => {
  const model: Loss = (p, xs) => {
    const once = matmul(take(xs, 0), p.u);
    return squares(
      scan((h: Tensor, x: Tensor): [Tensor, undefined] => [tanh(add(mul(h, sum(x)), once)), undefined], p.h, xs)[0],
    );
  };
  const problem = problemOf(model, { hidden: 2, inputs: 2, length: 3 }, 1);
  const { rest, values, wanted } = walkOver(problem);
  for (const [k, value] of values.entries()) expectNear(value, wanted[k]);
  expect(countSums(rest.steps)).toBe(1);
});

test("a loop of no turns adds up nothing", () => {
  const problem = problemOf(MODELS["last state"]({}), { hidden: 2, inputs: 2, length: 0 }, 1);
  const { values, wanted } = walkOver(problem);
  expect(values).toEqual(wanted.map((x) => [...x]));
});

describe("what was hoisted away and is needed by something else", () => {
  const after: Readonly<Record<string, (p: Params) => Params>> = {
    "a running sum": (p) => ({ ...p, w: cumsum(p.w, { axis: 0 }) }),
    "a Fourier transform": (p) => ({ ...p, w: fft(p.w).re }),
    "a cut that labels have not": (p) => ({ ...p, w: reshape(transpose(reshape(p.w, [2, 8])), p.w.shape) }),
    "a square": (p) => ({ ...p, w: square(p.w), b: mul(p.b, p.b) }),
    "a sum of a few steps and of one that reads it itself": (p) => ({ ...p, w: add(cumsum(p.w, { axis: 1 }), p.w) }),
  };

  test.each(Object.entries(after))("stays right: a parameter goes through %s before the loop", (_, change) => {
    for (const how of settings) {
      const model = MODELS["last state"](how);
      const problem = problemOf((p, xs, i) => model(change(p), xs, i), { hidden: 4, inputs: 2, length: 5 }, 3);
      const { values, wanted } = walkOver(problem);
      for (const [k, value] of values.entries()) expectNear(value, wanted[k]);
    }
  });

  test("runs in one loop, not in two", () => {
    const model = MODELS["last state"]({});
    const loops = (steps: readonly Step[]): number => steps.filter((step) => loopOf(step) !== null).length;
    for (const change of [after["a running sum"], after["a Fourier transform"], (p: Params) => p]) {
      const problem = problemOf((p, xs, i) => model(change(p), xs, i), { hidden: 4, inputs: 2, length: 5 }, 3);
      expect(loops(walkOver(problem).rest.steps)).toBeLessThanOrEqual(
        loops(prune(problem.program, problem.program.outputs).steps),
      );
    }
  });
});
