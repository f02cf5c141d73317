import { describe, expect, it } from "vitest";
import { GradtapeError } from "../../../src/base/errors";
import { makeScalar, makeTensor } from "../../../src/core/tensor/handle";
import { flatten, isShapedLike, mapTensors, matching } from "../../../src/core/tensor/tree";
import { tensor, variable } from "../../../src/ops/create/creation";
import { mul, sub } from "../../../src/ops/elementwise/arithmetic";
import * as tree from "../../../src/transforms/tree";

function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof GradtapeError) return `[${error.code}] ${error.message}`;
    throw error;
  }
  return "no error";
}

const w = makeTensor([2], "float64", new Float64Array([1, 2]));

describe("flatten", () => {
  it("names every leaf, in insertion order, and builds the same structure", () => {
    const params = Object.freeze({ layers: [{ w, b: 1 }, { w: 2 }], "a-b": [3], scale: makeScalar(4) });
    const { leaves, paths, build } = flatten("grad", params);
    expect(paths).toEqual(["layers[0].w", "layers[0].b", "layers[1].w", '["a-b"][0]', "scale"]);
    expect(leaves[0]).toBe(w);
    expect(build([1, 2, 3, 4, 5])).toEqual({ layers: [{ w: 1, b: 2 }, { w: 3 }], "a-b": [4], scale: 5 });
  });

  it("takes a single leaf, arrays at the top, empty trees, shared parts and objects without prototype", () => {
    expect(flatten("grad", 3).paths).toEqual([""]);
    expect(flatten("grad", 3).build([7])).toBe(7);
    expect(flatten("grad", [1, { x: 2 }]).paths).toEqual(["[0]", "[1].x"]);
    expect(flatten("grad", {}).leaves).toEqual([]);
    const shared = { w };
    expect(flatten("grad", [shared, shared]).leaves).toEqual([w, w]);
    expect(flatten("grad", Object.assign(Object.create(null), { x: 1 })).paths).toEqual(["x"]);
    expect(Object.keys(flatten("grad", JSON.parse('{"__proto__": 1}')).build<object>([2]))).toEqual(["__proto__"]);
  });

  it("names what is no leaf", () => {
    const wrong = (x: unknown, differentiable = true) =>
      errorOf(() => flatten("grad", { layers: [1, { w: x }] }, { differentiable }));
    const argument = "Pass what is not differentiated as a further argument.";
    const plain = "Trees are made of plain objects and arrays, with numbers and tensors as leaves.";
    const at = "[tree/leaf] grad: params.layers[1].w is";
    expect(wrong("hi")).toBe(`${at} "hi", neither a number nor a tensor. ${argument}`);
    expect(wrong(undefined)).toBe(`${at} undefined, neither a number nor a tensor. ${argument}`);
    expect(wrong(null)).toBe(`${at} null, neither a number nor a tensor. ${argument}`);
    expect(wrong(true)).toBe(`${at} true, and derivatives exist for floats only. ${argument}`);
    expect(wrong(Symbol("s"))).toBe(`${at} Symbol(s), neither a number nor a tensor. ${argument}`);
    expect(wrong(errorOf)).toBe(`${at} function errorOf, neither a number nor a tensor. ${argument}`);
    expect(wrong("hi", false)).toBe(`${at} "hi", neither a number nor a tensor. ${plain}`);
    expect(wrong(new Map())).toBe(`${at} a Map, neither a number nor a tensor. ${plain}`);
    expect(wrong(new Date())).toBe(`${at} a Date, neither a number nor a tensor. ${plain}`);
    expect(wrong(new Float64Array(1))).toBe(
      `${at} a Float64Array, neither a number nor a tensor. Make a tensor of it: tensor(...).`,
    );
    expect(errorOf(() => flatten("grad", "x", { name: "wrt" }))).toContain('[tree/leaf] grad: wrt is "x"');
    const cyclic: { w: unknown; again?: unknown } = { w };
    cyclic.again = [cyclic];
    expect(errorOf(() => flatten("grad", cyclic))).toBe(
      "[tree/leaf] grad: params.again[0] contains itself. Take the cycle out: a tree is finite.",
    );
  });

  it("asks for floats where something is differentiated", () => {
    const step = tensor([1], { dtype: "int32" });
    expect(flatten("tree.map", { step }).leaves.length).toBe(1);
    expect(errorOf(() => flatten("grad", { step }, { differentiable: true }))).toBe(
      '[tree/leaf] grad: params.step is int32, and derivatives exist for floats only. Cast it to "float64", or pass it as a further argument.',
    );
  });
});

describe("matching", () => {
  const flat = flatten("tree.map", { a: [1, w], b: { c: 2 } });
  const wrong = (other: unknown) => errorOf(() => matching("tree.map", flat, other));
  const at = "[tree/mismatch] tree.map: the trees differ: other";

  it("gives the leaves in the order of the first", () => {
    expect(matching("tree.map", flat, { b: { c: 6 }, a: [4, 5] })).toEqual([4, 5, 6]);
  });

  it("names the place where trees differ", () => {
    const same = "Give both trees the same keys and array lengths.";
    expect(wrong({ a: [1], b: { c: 2 } })).toBe(`${at}.a has length 1 where the first has 2. ${same}`);
    expect(wrong({ a: [1, 2] })).toBe(`${at}.b is missing. ${same}`);
    expect(wrong({ a: [1, 2], b: { c: 2, d: 3 } })).toBe(`${at}.b.d is not in the first. ${same}`);
    expect(wrong({ a: [1, [2]], b: { c: 2 } })).toBe(`${at}.a[1] is an array where the first has a leaf. ${same}`);
    expect(wrong({ a: w, b: { c: 2 } })).toBe(`${at}.a is a tensor where the first has an array. ${same}`);
    expect(wrong({ a: [1, 2], b: 3 })).toBe(`${at}.b is a number where the first has an object. ${same}`);
    expect(wrong({ a: [1, "x"], b: { c: 2 } })).toContain('[tree/leaf] tree.map: other.a[1] is "x"');
  });
});

it("isShapedLike tells whether the structure is the same", () => {
  const flat = flatten("project", [[w, 1], { c: [2] }]);
  expect(isShapedLike(flat, [[3, w], { c: [w] }])).toBe(true);
  for (const other of [
    [[3, w]],
    [[3, w], { d: [w] }],
    [[3, w], { c: [w], d: 1 }],
    [3, { c: [w] }],
    [[3, "x"], { c: [1] }],
    w,
  ])
    expect(isShapedLike(flat, other)).toBe(false);
});

it("mapTensors replaces tensors and leaves the rest", () => {
  const date = new Date(0);
  expect(mapTensors({ w: [w], name: "x", date }, () => makeScalar(5))).toEqual({ w: [makeScalar(5)], name: "x", date });
});

describe("tree.map", () => {
  it("does an SGD step: numbers stay numbers", () => {
    const params = { w: tensor([1, 2]), b: 3 };
    const next = tree.map((p, g) => sub(p, mul(0.5, g)), params, { w: tensor([2, 2]), b: 4 });
    expect(next.w.toArray()).toEqual([0, 1]);
    expect(next.b).toBe(1);
  });

  it("gives whatever the function gives", () => {
    expect(tree.map((p) => p.rank, [tensor([1]), 2])).toEqual([1, 0]);
  });

  it("keeps a number leaf on the tape as a tensor", () => {
    const rate = variable(2);
    const { b } = tree.map((p) => mul(p, rate), { b: 3 });
    expect(b).toHaveProperty("watched", true);
  });

  it("names the tree that differs", () => {
    expect(errorOf(() => tree.map(sub as never, { a: 1 }, { a: 1 }, {} as never))).toBe(
      "[tree/mismatch] tree.map: the trees differ: others[1].a is missing. Give both trees the same keys and array lengths.",
    );
    expect(errorOf(() => tree.map(3 as never, 1))).toBe(
      "[argument/function] tree.map: f must be a function, got 3. Pass the function itself, not what it returns.",
    );
  });
});

it("tree.leaves gives paths and values", () => {
  expect(tree.leaves({ layers: [{ w: 1 }, { w }] })).toEqual([
    { path: "layers[0].w", value: 1 },
    { path: "layers[1].w", value: w },
  ]);
});
