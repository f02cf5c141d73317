// More members of the kinds: what a stranger found who looked for them.
import {
  add,
  checkpoint,
  clip,
  concat,
  cond,
  dtypeOf,
  gather,
  jvp,
  logSumExp,
  median,
  norm,
  quantile,
  random,
  type Scalar,
  scan,
  scatterMax,
  scatterSet,
  slice,
  stack,
  std,
  tensor,
  tree,
  type Value,
  variance,
  vmap,
  where,
  whileLoop,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";

describe("6: what stands for a number gives what stands for one", () => {
  const single = tensor([1.5], { dtype: "float32" });
  test.each<[string, (y: Scalar) => Value]>([
    ["median", (y) => median(y)],
    ["logSumExp", (y) => logSumExp(y)],
    ["quantile", (y) => quantile(y, 0.5)],
    ["where", (y) => where(true, true, y)],
  ])("%s", (_, f) => {
    const beside = (y: Scalar) => add(single, f(y));
    const wanted = dtypeOf(beside(2));
    expect(wanted).toBe("float32");
    expect(dtypeOf(jvp(beside, [2], [1])[0])).toBe(wanted);
    expect(dtypeOf(checkpoint(beside)(2))).toBe(wanted);
  });
});

test("9: bools beside bools stay bool", () => {
  const off = tensor([false]);
  expect([scatterMax(off, [0], true).dtype, scatterSet(off, [0], true).toArray()]).toEqual(["bool", [true]]);
  expect(clip(tensor([true]), false, true).toArray()).toEqual([true]);
  expect(clip(tensor([true]), 0, 2).dtype).toBe("int32");
});

test("1: a boolean goes wherever a number goes", () => {
  expect([norm, std, variance].map((f) => f(untyped(true)))).toEqual([1, 0, 0]);
});

describe("22: async functions", () => {
  const later = async () => 1;
  test.each([
    ["cond", () => cond(true, untyped(later), untyped(later))],
    ["scan", () => scan(untyped(later), 0, untyped(tensor([1])))],
    ["the condition of whileLoop", () => whileLoop(untyped(later), untyped(later), 0)],
  ])("%s", (_, run) => expect(errorOf(run)).toContain("cannot be async"));
});

test("22: arguments of categorical and choice, and classes without a name", () => {
  const key = random.key(1);
  expect(errorOf(() => random.categorical(key, untyped([1, 2])))).toContain("logits must be a tensor, got [1, 2]");
  expect(errorOf(() => random.categorical(key, untyped(3)))).toContain("logits must be a tensor, got 3");
  expect(errorOf(() => random.choice(key, untyped([1, 2, 3]), [2]))).toContain("from must be");
  expect(errorOf(() => tree.ravel(new (class {})()))).toContain("params is an object, neither");
});

describe("28: holes", () => {
  const v = tensor([1, 2]);
  const holed = (...xs: unknown[]) =>
    Object.assign(new Array(xs.length), Object.fromEntries(xs.flatMap((x, i) => (x === undefined ? [] : [[i, x]]))));
  test.each([
    ["stack", () => stack(untyped(holed(v, undefined, v))), "[argument/tensor] stack: xs[1]"],
    ["concat", () => concat(untyped(holed(v, undefined, v))), "[argument/tensor] concat: xs[1]"],
    [
      "tree.stack",
      () => tree.stack(untyped(holed({ a: 1 }, undefined, { a: 2 }))),
      "[tree/mismatch] tree.stack: the trees differ: trees[1]",
    ],
    ["gather", () => gather(tensor([[1, 2]]), untyped(holed(undefined, [0]))), "[dtype/index] gather"],
    [
      "vmap",
      () => vmap((a: Scalar, b: Scalar) => add(a, b), { inAxes: untyped(holed(undefined, 0)) })(v, v),
      "[vmap/axes] vmap: inAxes[0]",
    ],
    ["slice", () => slice(tensor([[2, 1]]), untyped(holed(undefined, 0))), "[argument/slice] slice: part 0"],
  ])("%s", (_, run, says) => expect(errorOf(run)).toContain(says));
});
