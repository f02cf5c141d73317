// FAULTS 27 to 30: hostile and odd input.
import { runInNewContext } from "node:vm";
import {
  allClose,
  arange,
  argmax,
  backward,
  broadcastTo,
  checkNumerics,
  conv2d,
  defineOp,
  defineUnary,
  detach,
  dtypeOf,
  explain,
  eye,
  gather,
  grad,
  hessian,
  median,
  mul,
  ones,
  pad,
  polygamma,
  searchsorted,
  shapeOf,
  square,
  sum,
  sumTo,
  type Tensor,
  take,
  tensor,
  tile,
  trace,
  tree,
  valueAndGrad,
  valueOf,
  variable,
  vmap,
  zeros,
  zerosLike,
} from "gradtape";
import { adam, leastSquares, minimize, sgd } from "gradtape/optim";
import { checkOp, gradcheck } from "gradtape/testing";
import { untyped } from "../support";
import { fault } from "./fault";

const x = tensor([1, 2]);
const m = ones([2, 3]);
const cost = (v: Tensor) => sum(square(v));

fault(27, "memory shared between strangers", [
  [
    "a buffer that is transferred empties no other tensor",
    () => {
      const many = Array.from({ length: 40 }, () => mul(ones([20]), 1));
      const { buffer } = many[7].data;
      structuredClone(null, { transfer: [untyped(buffer)] });
      return many.filter((_, i) => i !== 7).map((y) => sum(y).item());
    },
    Array.from({ length: 39 }, () => 20),
  ],
  ["a clone carries nothing else", () => structuredClone(mul(ones([20]), 1).data).buffer.byteLength, 160],
  ["data is one array", () => new Set([x.data, x.data, x.data]).size, 1],
]);

const image = ones([1, 1, 3, 3]);
const wrong = defineUnary({ name: "wrong", value: (v) => v * v, derivative: (v) => v });
const step = (state: object, rate: number | (() => number) = 0.1) => {
  const optimizer = adam({ rate });
  return optimizer.update(1, { ...optimizer.init(1), ...state }, 1);
};
const watched = variable([1, 2]);
const huge = (f: (y: Tensor) => unknown) =>
  trace((v: Tensor) => untyped(f(broadcastTo(v, [2 ** 31 + 8]))))(tensor([1]));
// biome-ignore lint/suspicious/noSparseArray: a hole is what this is about
const holes = untyped([, 1]);
fault(28, "silent", [
  ["holes in a stride", () => conv2d(image, image, { stride: holes }), "[argument/integer]"],
  ["holes in axes", () => sum(m, { axis: holes }), "[axis/range]"],
  ["holes in sizes", () => zeros(holes), "[shape/invalid]"],
  ["sumTo that would repeat", () => sumTo(m, [4]), "[shape/broadcast]"],
  ["sumTo of a text", () => sumTo(m, untyped("2")), "[shape/invalid]"],
  ["searchsorted above 2^31", () => huge((y) => searchsorted(y, x)), "[index/invalid]"],
  ["argmax above 2^31", () => huge((y) => argmax(y)), "[index/invalid]"],
  ["median above 2^31", () => huge((y) => median(y)), "[index/invalid]"],
  ["gather above 2^31", () => huge((y) => gather(y, [[0]])), "[index/invalid]"],
  [
    "gather of more axes above 2^31",
    () => huge((y) => gather(y.reshape([2, 2 ** 30 + 4]), [[0], [0]])),
    "[index/invalid]",
  ],
  ["gradcheck in no mode", () => gradcheck(wrong, [1], { modes: [] }), "[option/choice]"],
  ["checkOp by no law", () => checkOp(wrong, () => ({ inputs: [1] }), { laws: [] }), "[option/choice]"],
  ["nesterov as text", () => sgd({ rate: 1, nesterov: untyped("false") }), "[option/choice]"],
  ["createGraph as text", () => backward(cost(watched), watched, { createGraph: untyped("no") }), "[option/choice]"],
  ["retain as text", () => backward(cost(watched), watched, { retain: untyped("no") }), "[option/choice]"],
  ["copy as text", () => tensor([1], { copy: untyped("false") }), "[option/choice]"],
  ["aux as text", () => valueAndGrad(untyped(cost), untyped({ aux: "false" })), "[option/choice]"],
  ["a tolerance as text", () => allClose(1, 5, { relative: untyped("9") }), "[argument/number]"],
  ["a step of NaN", () => step({ step: NaN }), "[argument/integer]"],
  ["a schedule of NaN", () => step({}, () => NaN), "[argument/number]"],
  [
    "a misspelt key of an op",
    () => defineOp(untyped({ name: "own", shape: () => [], evalute: () => 0, vjp: [null] })),
    "[",
  ],
  [
    "a typed array of another realm",
    () => dtypeOf(tensor(untyped(runInNewContext("Float32Array.of(1, 2)")))),
    "float32",
  ],
  ["indices of another realm", () => take(x, untyped(runInNewContext("Int32Array.of(1)"))), [2]],
  [
    "detach of the other copy's variable",
    () => detach(untyped({ [Symbol.for("gradtape.tensor")]: true })),
    "[package/two-copies]",
  ],
  [
    "a shape that is written to",
    () => {
      const y = ones([2, 3]);
      const others = [
        mul(y, 2),
        mul(2, mul(y, y)),
        zerosLike(y),
        sum(y, { axis: 0, keepDims: true }),
        y.reshape([3, 2]),
      ];
      try {
        const sizes: number[] = untyped(y.shape);
        sizes[0] = 1;
      } catch {}
      return [ones([2, 3]), ...others].map((z) => z.shape);
    },
    [
      [2, 3],
      [2, 3],
      [2, 3],
      [2, 3],
      [1, 3],
      [3, 2],
    ],
  ],
]);

const cyclic: unknown[] = [];
cyclic.push(cyclic);
const soon = (run: () => unknown, most = 12_000) => {
  const start = performance.now();
  run();
  return performance.now() - start < most;
};
const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]));
fault(29, "hangs", [
  ["arange(2 ** 54)", () => arange(2 ** 54), "[tensor/memory]"],
  ["arange(1e300)", () => arange(1e300), "[tensor/memory]"],
  ["indices that contain themselves", () => take(x, untyped(cyclic)), "[tensor/data]"],
  ["polygamma of a large order", () => soon(() => polygamma(1e5, 1.5)), true],
  ["tree.map of two trees of many keys", () => soon(() => tree.map((a) => a, many, many)), true],
  ["adam of many keys", () => soon(() => adam().update(many, adam().init(many), many)), true],
]);

const nested = (depth: number, leaf: unknown): never =>
  untyped(Array.from({ length: depth }).reduce<unknown>((inner) => [inner], leaf));
const objects = (depth: number, leaf: unknown): never =>
  untyped(Array.from({ length: depth }).reduce<unknown>((inner) => ({ inner }), leaf));
const innermost = (t: unknown): unknown => {
  let at: unknown = t;
  while (Array.isArray(at)) [at] = at;
  return at;
};
const DEEP = 10_000;
const leafOf = (t: unknown): number => {
  let inner: { inner: never } = untyped(t);
  while (typeof inner === "object" && "inner" in inner) inner = inner.inner;
  return valueOf(untyped(inner));
};
fault(30, "engine errors where a code is promised", [
  ["zeros", () => zeros([1e9, 1e9]), "[tensor/memory] zeros: no memory for float64[1000000000, 1000000000]"],
  ["eye", () => eye(1e5), "[tensor/memory] eye"],
  ["pad", () => pad(x, [[0, 1e12]]), "[tensor/memory]"],
  ["tile", () => tile(x, [1e12]), "[tensor/memory]"],
  ["hessian", () => hessian(cost)(ones([1e6])), "[tensor/memory]"],
  ["valueOf(undefined)", () => valueOf(untyped(undefined)), "[argument/tensor] valueOf"],
  ["shapeOf([1])", () => shapeOf(untyped([1])), "[argument/tensor] shapeOf"],
  ["explain({})", () => explain(untyped({})), "[argument/tape] explain"],
  ["gradcheck without brackets", () => gradcheck(cost, untyped(x)), "[argument/array] gradcheck"],
  ["defineOp({})", () => defineOp(untyped({})), "[op/definition] defineOp"],
  ["onIteration of minimize", () => minimize(cost, x, { onIteration: untyped("x") }), "[argument/function]"],
  [
    "onIteration of leastSquares",
    () => leastSquares((v: Tensor) => v, x, { onIteration: untyped("x") }),
    "[argument/function]",
  ],
  ["a cyclic value", () => sum(untyped(cyclic)), "[argument/tensor]"],
  ["a cyclic tree", () => grad(() => 0)(untyped(cyclic)), "[tree/leaf]"],
  ["a huge value", () => sum(untyped("x".repeat(1e6))), "[argument/tensor]"],
  ["data nested deep", () => tensor(nested(DEEP, 1)), "[tensor/data]"],
  ["indices nested deep", () => take(x, nested(DEEP, 1)), "[tensor/data]"],
  [
    "grad of a tree nested deep",
    () => innermost(grad((p: never) => square(innermost(p) as number))(nested(DEEP, 3))),
    6,
  ],
  ["of objects", () => leafOf(grad((p: unknown) => mul(leafOf(p), 1))(objects(DEEP, 3))), "[grad/unconnected]"],
  ["tree.map", () => leafOf(tree.map((a) => mul(a, 2), objects(DEEP, 3))), 6],
  [
    "tree.map of two",
    () => leafOf(tree.map((a: Tensor, b: Tensor) => mul(a, b), objects(DEEP, 3), objects(DEEP, 4))),
    12,
  ],
  ["tree.leaves", () => tree.leaves(objects(DEEP, 3)).length, 1],
  ["tree.ravel and unravel", () => leafOf(tree.unravel(mul(tree.ravel(objects(DEEP, 3)), 2), objects(DEEP, 1))), 6],
  [
    "tree.toTransferable",
    () => leafOf(tree.fromTransferable(tree.toTransferable(objects(DEEP, x)).data)),
    "[tensor/item]",
  ],
  [
    "adam",
    () =>
      leafOf(sgd({ rate: 1 }).update(objects(DEEP, 1), sgd({ rate: 1 }).init(objects(DEEP, 3)), objects(DEEP, 3))[0]),
    2,
  ],
  ["vmap", () => innermost(vmap((p: never) => p)(nested(DEEP, x))), [1, 2]],
  [
    "vmap with axes nested deep",
    () => innermost(vmap((p: never) => p, { inAxes: [nested(DEEP, 0)] })(nested(DEEP, x))),
    [1, 2],
  ],
  ["checkNumerics", () => innermost(checkNumerics((p: never) => p)(nested(DEEP, 3))), 3],
  ["checkNumerics of a cyclic value", () => checkNumerics((p: unknown[]) => p.length)(cyclic), 1],
  ["toArray of 10,000 axes", () => innermost(ones(Array(DEEP).fill(1)).toArray()), 1],
  ["to print 10,000 axes", () => String(ones(Array(DEEP).fill(1))).endsWith("…"), true],
  ["detach", () => leafOf(detach(objects(DEEP, 3))), 3],
  [
    "a mismatch deep inside",
    () => tree.map((a: Tensor, b: Tensor) => mul(a, b), objects(DEEP, 3), objects(DEEP - 1, 4)),
    "[tree/mismatch]",
  ],
]);
