import {
  add,
  grad,
  mul,
  ones,
  type Scalar,
  scan,
  square,
  sum,
  type Tensor,
  tensor,
  trace,
  tree,
  valueAndGrad,
  vmap,
} from "gradtape";
import { expect, test } from "vitest";
import { untyped } from "../support";

const params = {
  layers: [
    {
      w: tensor([
        [1, 2],
        [3, 4],
      ]),
    },
    { w: tensor([[5]], { dtype: "float32" }) },
  ],
  bias: 6,
};

function messageOf(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    return String(error);
  }
  return "no error";
}

test("ravel, unravel and paths go in insertion order, and undo each other", () => {
  expect(tree.paths(params)).toEqual(["layers[0].w", "layers[1].w", "bias"]);
  expect(tree.paths(3)).toEqual([""]);
  const vector = tree.ravel(params);
  expect(vector.toArray()).toEqual([1, 2, 3, 4, 5, 6]);
  const back = tree.unravel(vector.mul(10), params);
  expect(back.bias).toBe(60);
  expect(back.layers[0].w.toArray()).toEqual([
    [10, 20],
    [30, 40],
  ]);
  expect(back.layers[1].w.dtype).toBe("float32");
  expect(tree.ravel({}).shape).toEqual([0]);
  expect(tree.unravel(tree.ravel([]), [])).toEqual([]);
  expect(tree.unravel(tensor([7]), 1)).toBe(7);
});

test("dtypes: a plain number takes that of the tensors, integers and booleans come back as they were", () => {
  const single = { w: tensor([1], { dtype: "float32" }), b: 0.1 };
  expect(tree.ravel(single).dtype).toBe("float32");
  const mixed = { i: tensor([1, 2], { dtype: "int32" }), flag: true, x: 0.5 };
  const back = tree.unravel(tree.ravel(mixed), mixed);
  expect(back.i.dtype).toBe("int32");
  expect([back.flag, back.x]).toEqual([true, 0.5]);
});

test("FAULTS 30: int32 beside float32 comes back as it was", () => {
  const mixed = { a: tensor([16777217, -2147483647], { dtype: "int32" }), b: tensor([0.5], { dtype: "float32" }) };
  const vector = tree.ravel(mixed);
  expect(vector.dtype).toBe("float64");
  const back = tree.unravel(vector, mixed);
  expect([back.a.dtype, back.a.toArray()]).toEqual(["int32", [16777217, -2147483647]]);
  expect([back.b.dtype, back.b.toArray()]).toEqual(["float32", [0.5]]);
});

test("derivatives pass through, by trees and by vectors, in both directions", () => {
  const cost = (p: typeof params): Scalar => sum(square(tree.ravel(p)));
  expect(grad(cost)(params).bias).toBe(12);
  const byVector = grad((x: Tensor) => cost(tree.unravel(x, params)));
  expect(byVector(tensor([1, 2, 3, 4, 5, 6])).toArray()).toEqual([2, 4, 6, 8, 10, 12]);
  const [value, gradient] = valueAndGrad((x: Tensor) => tree.unravel(x, params).bias)(tensor([1, 2, 3, 4, 5, 6]));
  expect(value).toBe(6);
  expect(gradient.toArray()).toEqual([0, 0, 0, 0, 0, 1]);
});

test("under vmap and trace the number of a tree is a tensor", () => {
  const like = { a: tensor([0, 0]), b: 1 };
  const f = (x: Tensor) => add(sum(tree.unravel(x, like).a), mul(10, tree.unravel(x, like).b));
  const rows = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(vmap(f)(rows).toArray()).toEqual([33, 69]);
  expect(
    trace(f)(tensor([0, 0, 0]))
      .replay(tensor([1, 2, 3]))
      .toArray(),
  ).toBe(33);
});

test("stack makes one tree of many, for vmap and scan", () => {
  const layers = [1, 2, 3].map((k) => ({ w: mul(ones([2, 2]), k), b: k }));
  const stacked = tree.stack(layers);
  expect([stacked.w.shape, stacked.b.toArray()]).toEqual([
    [3, 2, 2],
    [1, 2, 3],
  ]);
  expect(tree.stack(layers, { axis: -1 }).w.shape).toEqual([2, 2, 3]);
  const [last] = scan(
    (x: Tensor, layer: { w: Tensor; b: Tensor }) => [add(layer.w.matmul(x), layer.b), 0],
    ones([2]),
    stacked,
  );
  let x: Tensor = ones([2]);
  for (const { w, b } of layers) x = add(w.matmul(x), b);
  expect(last.toArray()).toEqual(x.toArray());
  const g = grad((p: typeof layers) => sum(tree.stack(p).b))(layers);
  expect(g.map(({ b }) => b)).toEqual([1, 1, 1]);
});

test("reduce folds the leaves, numbers as 0-d tensors", () => {
  expect(tree.reduce((count, leaf) => count + leaf.size, params, 0)).toBe(6);
  expect(tree.reduce((paths: number[], leaf) => [...paths, leaf.rank], params, [])).toEqual([2, 2, 0]);
  expect(tree.reduce((total, leaf) => total + leaf.size, {}, 7)).toBe(7);
  const norm = (p: typeof params) => tree.reduce<Scalar>((total, leaf) => add(total, sum(square(leaf))), p, 0);
  expect(grad(norm)(params).layers[1].w.toArray()).toEqual([[10]]);
});

test("errors name the function and the place", () => {
  expect(messageOf(() => tree.unravel(tensor([1, 2]), params))).toContain(
    "tree.unravel: vector must be a vector of 6 elements, as many as the leaves of params have in all, got shape [2]. tree.ravel makes such a vector.",
  );
  expect(messageOf(() => tree.unravel(tensor([[1]]), 1))).toContain("got shape [1, 1]");
  expect(messageOf(() => tree.stack([]))).toContain("tree.stack: trees must be an array of one tree or more, got [].");
  expect(messageOf(() => tree.stack([{ a: 1 }, untyped({ b: 1 })]))).toContain(
    "tree.stack: the trees differ: trees[1].b is not in the first.",
  );
  expect(messageOf(() => tree.stack([{ a: ones([2]) }, { a: ones([3]) }]))).toContain(
    "tree.stack: the trees differ: trees[1].a has shape [3] where the first has shape [2].",
  );
  expect(messageOf(() => tree.stack([{ a: 1 }], { axis: 1 }))).toContain(
    "tree.stack: axis 1 is out of range for rank 1.",
  );
  expect(messageOf(() => tree.ravel({ a: "x" }))).toContain(
    'tree.ravel: params.a is "x", neither a number nor a tensor.',
  );
  expect(messageOf(() => tree.paths(new Map()))).toContain("tree.paths: params is a Map");
  expect(messageOf(() => tree.reduce(untyped(1), params, 0))).toContain("tree.reduce: ");
});
