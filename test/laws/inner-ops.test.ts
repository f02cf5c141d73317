// A tape prints only names that a page explains: those of the package's functions, and those of inner-ops.ts.
import { readFileSync } from "node:fs";
import * as gt from "gradtape";
import {
  add,
  cast,
  grad,
  jvp,
  mul,
  onesLike,
  random,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  tree,
  type Value,
  vmap,
} from "gradtape";
import { expect, test } from "vitest";
import { generator } from "../../src/testing/random";
import { Draw } from "./draw";
import { innerOps } from "./inner-ops";
import type { Line } from "./line";
import { innerSection, PAGE } from "./record";
import { families, linesOf } from "./table";

const isFloat = (x: Value): x is Tensor => typeof x !== "number" && x.dtype.startsWith("float");

/** The float leaves of a result, weighted unevenly and added up. */
function costOf(result: unknown): Value {
  if (typeof result === "number" || typeof result === "boolean") return Number(result);
  return tree
    .leaves(result)
    .map(({ value }) => (typeof value === "number" || isFloat(value) ? value : cast(value, "float64")))
    .map((y, k) => sum(mul(y, k + 0.5)))
    .reduce((a, b) => add(a, b), 0);
}

const exported = new Set([
  ...Object.keys(gt),
  ...[gt.loss, gt.linalg, gt.random].flatMap((namespace) => Object.keys(namespace)),
]);

/** Names of the ops on a tape, those of the programs inside it included. */
const namesOn = (tape: { readonly equations: readonly gt.Equation[] }): string[] =>
  tape.equations.flatMap(({ op, body = [] }) => [op, ...body]).map(withoutOrders);

/** polygamma2 and gammaDensity0,1 without the orders of their derivatives. */
const withoutOrders = (name: string): string => (exported.has(name) ? name : name.replace(/[\d,]+$/, ""));

const root = gt.implicitRoot(
  (x: Value, a: Value) => sub(mul(x, x), a),
  (a: Value) => gt.sqrt(gt.stopGradient(a)),
);
const doubled = gt.defineOp<[x: Tensor]>({
  name: "where",
  shape: ([x]) => x,
  evaluate: (output, [x]) => output.set(x.data.map((element) => 2 * element)),
  vjp: [({ yBar }) => mul(yBar, 2)],
});

/** Programs with the ops that belong to no line of the laws. */
const programs: readonly [f: (...args: never[]) => unknown, args: readonly unknown[]][] = [
  [grad((a: Tensor) => sum(vmap(root)(a))), [tensor([1, 4])]],
  [(a: Tensor) => cast(a, "int32"), [tensor([1.5])]],
  [(a: Tensor) => vmap((x: Tensor) => jvp(root, [x], [onesLike(x)]))(a), [tensor([1, 4])]],
  [grad((a: gt.Scalar) => grad((z: gt.Scalar) => mul(z, mul(z, a)))(a)), [tensor(2)]],
  [vmap((x: Tensor) => doubled(x)), [tensor([[1], [2]])]],
  [(seed: Tensor) => random.split(seed).map((key) => random.normal(random.fold(key, 3), [2])), [random.key(1)]],
  [(seed: Tensor) => random.choice(seed, 2, [3], { weights: [1, 2] }), [random.key(1)]],
  [
    (logits: Tensor, target: Tensor) => gt.loss.crossEntropy(logits, target),
    [tensor([[1, 2]]), cast(tensor([1]), "int32")],
  ],
];

/** Names on the tapes of an op, of its derivatives up to the second, and of a batch of it. */
function namesOf({ op, draw }: Line, seed: number): Set<string> {
  const { inputs, attrs } = draw(new Draw(generator(seed), "float64"));
  const call = op as (...args: unknown[]) => unknown;
  const options = attrs === undefined ? [] : [attrs];
  const xs = inputs.map((x) => (typeof x === "number" ? tensor(x) : x));
  const names = new Set<string>();
  const note = (f: (...args: never[]) => unknown, args: readonly unknown[]): void => {
    const tape = trace(f as (...args: unknown[]) => unknown)(...args);
    expect(`${tape}`.split("\n").length).toBe(tape.equations.length + 3);
    expect(`${tape}`).not.toContain("an object");
    for (const name of namesOn(tape)) names.add(name);
  };
  note((...given: Tensor[]) => costOf(call(...given, ...options)), xs);
  xs.forEach((x, k) => {
    if (!isFloat(x)) return;
    const costAt = (given: readonly Tensor[]) => (p: Tensor) =>
      costOf(call(...given.map((y, i) => (i === k ? p : y)), ...options)) as never;
    const cost = costAt(xs);
    note(cost, [x]);
    note((...given: Tensor[]) => grad(costAt(given))(given[k]), xs);
    note(
      grad((p: Tensor) => sum(mul(grad(cost)(p), 0.3)) as never),
      [x],
    );
    note((p: Tensor) => jvp(cost, [p], [onesLike(p)]), [x]);
    note((p: Tensor) => vmap(grad(cost))(gt.stack([p, p])), [x]);
  });
  return names;
}

test("every name on the tapes of ops and their derivatives is explained, and every explained one is seen", () => {
  const seen = new Set<string>();
  for (const table of Object.values(families)) {
    for (const entry of Object.values(table)) {
      for (const line of linesOf(entry))
        for (const seed of [1, 2]) for (const name of namesOf(line, seed)) seen.add(name);
    }
  }
  for (const [f, args] of programs)
    for (const name of namesOn(trace(f as (...a: unknown[]) => unknown)(...args))) seen.add(name);
  const unexplained = [...seen].filter((name) => !exported.has(name) && !(name in innerOps));
  expect(unexplained, "not explained in test/laws/inner-ops.ts").toEqual([]);
  const unseen = Object.keys(innerOps).filter((name) => !seen.has(name));
  expect(unseen).toEqual([]);
});

test("docs/ops.md has a sentence for each (npm run docs:ops)", () => {
  expect(readFileSync(PAGE, "utf8")).toContain(innerSection());
});
