// FAULTS 21 to 24 and 26: refused though reasonable, texts, types, and prices that are fixed.
import { readFileSync } from "node:fs";
import {
  add,
  argmin,
  argsort,
  batchGrad,
  clip,
  concat,
  defineOp,
  einsum,
  elu,
  exp,
  gelu,
  grad,
  hessian,
  hypot,
  jacobian,
  jvp,
  leakyRelu,
  loss,
  max,
  min,
  mul,
  ones,
  random,
  type Scalar,
  type Shape,
  sort,
  sqrt,
  square,
  stack,
  sum,
  type Tensor,
  takeAlongAxis,
  tensor,
  topK,
  unstack,
  vmap,
  zeros,
} from "gradtape";
import { adam } from "gradtape/optim";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { fault } from "./fault";

const x = tensor([1, 5]);
const empty = zeros([2, 0]);
const own = (evaluate: unknown) =>
  defineOp<[x: Tensor]>({ name: "own", shape: ([s]) => s, evaluate: untyped(evaluate), vjp: [null] })(x);
fault(21, "refused though reasonable", [
  ["clip above", () => clip(x, undefined, 3), [1, 3]],
  ["clip below", () => x.clip(3), [3, 5]],
  ["sort of an empty axis", () => sort(empty), empty],
  ["argsort of an empty axis", () => argsort(empty).shape, [2, 0]],
  ["topK of none of an empty axis", () => topK(empty, 0).values.shape, [2, 0]],
  ["topK of none", () => topK(x, 0).values.shape, [0]],
  [
    "einsum with size 1 under a shared letter",
    () => einsum("ij,jk->ik", ones([2, 1]), ones([3, 2])),
    [
      [3, 3],
      [3, 3],
    ],
  ],
  ["an evaluate that returns an array", () => own(() => [7, 8]), [7, 8]],
  ["an evaluate that returns too few", () => own(() => [7]), "[op/evaluate] own"],
  ["adam with beta 1", () => adam({ beta1: 1 }), "[argument/number] adam: beta1"],
]);

const ends = (text: string, part: string) => (text.includes(part) ? part : text);
const call = (f: unknown, ...args: unknown[]): string => errorOf(() => (f as (...args: unknown[]) => unknown)(...args));
fault(22, "errors that name another function", [
  ["clip", () => clip(untyped(undefined)), "[argument/tensor] clip:"],
  ["elu()", () => elu(untyped(undefined)), "[argument/tensor] elu:"],
  ["leakyRelu()", () => leakyRelu(untyped(undefined)), "[argument/tensor] leakyRelu:"],
  ["gelu()", () => gelu(untyped(undefined)), "[argument/tensor] gelu:"],
  ["min(a, b)", () => ends(call(min, x, x), "minimum(a, b)"), "minimum(a, b)"],
  ["max(x, 0)", () => ends(call(max, x, 0), "maximum(a, b)"), "maximum(a, b)"],
  ["exp([tensor])", () => ends(call(exp, [x]), "stack([...])"), "stack([...])"],
  ["concat([1, v])", () => concat(untyped([1, x])), "[shape/join] concat: xs[0] is a single number"],
  [
    "a forgotten optimizer state",
    () => ends(call(adam().update, x, x), "update(gradients, state, params)"),
    "update(gradients, state, params)",
  ],
  [
    "a plain array as a batch",
    () =>
      ends(
        call(
          batchGrad((w: number, s: number) => mul(w, s)),
          1,
          [1, 2],
        ),
        "tensor([...])",
      ),
    "tensor([...])",
  ],
  [
    "an array of samples as a batch",
    () =>
      ends(
        call(
          batchGrad((w: number, s: { x: number }) => mul(w, s.x)),
          1,
          [{ x: 1 }],
        ),
        "one tree of tensors",
      ),
    "one tree of tensors",
  ],
  [
    "crossEntropy with swapped arguments",
    () =>
      ends(
        call(loss.crossEntropy, tensor([0], { dtype: "int32" }), tensor([[1, 2]])),
        "loss.crossEntropy(logits, target)",
      ),
    "loss.crossEntropy(logits, target)",
  ],
  ["const [a, b] = tensor", () => [...(untyped(x) as number[])], "[tensor/iterator]"],
  [
    "its hint names unstack and toArray",
    () => /unstack.*toArray/.test(call(() => [...(untyped(x) as number[])])),
    true,
  ],
  ["valueOf in vmap", () => vmap((v: Scalar) => (v as Tensor).item())(x), "[trace/value] item"],
  [
    "an async loss",
    () => ends(call(grad(untyped(async () => 1)), 1), "Await what is needed before"),
    "Await what is needed before",
  ],
]);

// Only the compiler reads the types: this file would not compile.
const doubled = <S extends Shape>(v: Tensor<S>) => mul(v, 2);
const [first, second, third] = random.split(random.key(1), 3);
const row: readonly (readonly number[])[] = ones([2, 2]).toArray();
const plain: number = grad((v: Scalar) => square(v))(1);
const gradient: Tensor = grad((v: Tensor) => sum(v))(x);
fault(23, "types", [
  ["mul of a Tensor<S>", () => doubled(x), [2, 10]],
  ["three keys", () => [first, second, third].map((key) => key.shape[0]), [2, 2, 2]],
  [
    "toArray",
    () => row,
    [
      [1, 1],
      [1, 1],
    ],
  ],
  ["grad(f)(1)", () => plain, 2],
  ["grad of a tensor", () => gradient, [1, 1]],
]);

/** How many times as long f takes as g, each at its best of many. */
function ratio(f: () => unknown, g: () => unknown): number {
  const best = [Infinity, Infinity];
  for (let run = 0; run < 60; run++) {
    for (const [k, one] of [f, g].entries()) {
      const start = performance.now();
      for (let i = 0; i < 10; i++) one();
      best[k] = Math.min(best[k], performance.now() - start);
    }
  }
  return best[0] / best[1];
}
const below = (most: number, f: () => unknown, g: () => unknown) => {
  const times = ratio(f, g);
  return times < most ? `below ${most}` : times;
};
const pair = tensor([1, 2]);
const both = (v: Tensor) => [sum(square(v)), sum(exp(v))] as const;
const rows = ones([30, 4]);
const dense = random.normal(random.key(1), [40, 200]);
const curved = (f: (a: Scalar, b: Scalar) => Scalar) => () =>
  hessian(([a, b]: readonly [Scalar, Scalar]) => f(a, b))([3, 4]);
fault(24, "fixed prices", [
  [
    "jacobian of two numbers, beside two gradients",
    () =>
      below(
        3,
        () => jacobian((v: Tensor) => stack(both(v)))(pair),
        () => [0, 1].map((k) => grad((v: Tensor) => both(v)[k])(pair)),
      ),
    "below 3",
  ],
  [
    "at in a loop, beside unstack",
    () =>
      below(
        8,
        () => Array.from({ length: 30 }, (_, i) => rows.at(i)),
        () => unstack(rows),
      ),
    "below 8",
  ],
  [
    "the Hessian of hypot, beside a root of squares",
    () =>
      below(
        3,
        curved(hypot),
        curved((a, b) => sqrt(add(square(a), square(b)))),
      ),
    "below 3",
  ],
  [
    "min over an axis, beside argmin and takeAlongAxis",
    () =>
      below(
        2,
        () => grad((v: Tensor) => sum(min(v, { axis: 1 })))(dense),
        () => grad((v: Tensor) => sum(takeAlongAxis(v, argmin(v, { axis: 1 }).reshape([40, 1]), { axis: 1 })))(dense),
      ),
    "below 2",
  ],
  ["jvp gives numbers", () => jvp((v: Scalar) => mul(v, square(v)), [2], [1]), [8, 12]],
  [
    "forward in forward too",
    () => {
      let inner: unknown;
      jvp(
        (v: Scalar) => {
          [, inner] = jvp((z: Scalar) => square(z), [3], [1]);
          return v;
        },
        [2],
        [1],
      );
      return inner;
    },
    6,
  ],
]);

fault(26, "one file", [
  [
    "the package is built in chunks",
    () => /splitting: true/.test(readFileSync(new URL("../../tsup.config.ts", import.meta.url), "utf8")),
    true,
  ],
]);
