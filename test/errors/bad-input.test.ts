// The whole list of bad input: one clear error each, by exact text, and the same call with right input works afterwards.
import {
  add,
  batchGrad,
  dot,
  expandDims,
  full,
  GradtapeError,
  grad,
  matmul,
  max,
  mul,
  reshape,
  type Scalar,
  square,
  sum,
  type Tensor,
  take,
  tensor,
  transpose,
  variable,
  where,
  zeros,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { untyped } from "../support";
import { badArguments, type Row } from "./bad-arguments";
import { badControl } from "./control";
import { badConvolutions } from "./convolution";
import { badData } from "./creation";
import { badMatrices } from "./decompositions";
import { badEquations } from "./einsum";
import { errorOf } from "./error-of";
import { badFiles } from "./formats";
import { badTransforms } from "./fourier";
import { badParameters } from "./incomplete";
import { badOrders } from "./order";
import { badRandoms } from "./random";
import { badSystems } from "./systems";

const a: Tensor = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const b: Tensor = tensor([1, 2]);

const tables: Readonly<Record<string, readonly Row[]>> = {
  "shapes that do not fit": [
    [
      () => add(a, b),
      "[shape/broadcast] add: shapes [2, 3] and [2] do not broadcast: sizes 3 and 2 on axis -1. Sizes must be equal, or one of them 1.",
      () => add(a, expandDims(b, { axis: 1 })),
    ],
    [
      () => matmul(a, a),
      "[shape/inner-dimension] matmul: inner sizes 3 and 2 differ in [2, 3] x [2, 3]. The last axis of a and the last but one of b (the only one of a vector) must agree.",
      () => matmul(a, transpose(a)),
    ],
    [
      () => dot(a, b),
      "[shape/rank] dot: a must be a vector, got shape [2, 3]. For matrices use matmul.",
      () => dot(b, b),
    ],
    [
      () => reshape(a, [4, 2]),
      "[shape/reshape] reshape: 6 elements of shape [2, 3] do not fit into shape [4, 2], which holds 8. The product of the sizes must be 6.",
      () => reshape(a, [3, 2]),
    ],
    [
      () => where(tensor([true, false, true]), b, 0),
      "[shape/broadcast] where: shapes [3] and [2] do not broadcast: sizes 3 and 2 on axis -1. Sizes must be equal, or one of them 1.",
      () => where(tensor([true, false]), b, 0),
    ],
    [
      () => zeros(untyped([2, -1])),
      "[shape/invalid] zeros: sizes must be integers >= 0, got -1 in [2, -1]. Only reshape works out a size of -1.",
      () => zeros([2, 1]),
    ],
    [
      () => full(3 as never, 1),
      "[shape/invalid] full: a shape must be an array of sizes, got 3. Write [2, 3] for two rows of three, [] for a single number.",
      () => full([3], 1),
    ],
    [
      () => max(zeros([0, 2]), { axis: 0 }),
      "[shape/empty-axis] max: axes [0] of shape [0, 2] have no elements. An empty axis has no maximum; check its size first.",
      () => max(a, { axis: 0 }),
    ],
  ],
  "ragged and other data": [
    [
      () => tensor(untyped([[1, 2], [3]])),
      "[tensor/ragged] tensor: data[1] has length 1, but data[0] has length 2. Give all arrays at one depth the same length.",
      () => tensor([[1, 2]]),
    ],
    [
      () => tensor(untyped([[1], 2])),
      "[tensor/ragged] tensor: data[1] is 2, but data[0] has length 1. Give all arrays at one depth the same length.",
      () => tensor([[1], [2]]),
    ],
    [
      () => tensor(untyped([1, [2]])),
      "[tensor/ragged] tensor: data[1] has length 1, but data[0] is no array. Give all arrays at one depth the same length.",
      () => tensor([1, 2]),
    ],
    [
      () => tensor(untyped([1, "2"])),
      '[tensor/data] tensor: data[1] must be a number or a boolean, got "2". Convert it to numbers first.',
      () => tensor([1, 2]),
    ],
    [
      () => tensor(untyped([1, true])),
      "[tensor/data] tensor: data[1] is a boolean among numbers. Give numbers only, or booleans only.",
      () => tensor([true]),
    ],
    [
      () => tensor(untyped([b, b])),
      "[tensor/data] tensor: data[0] must be a number or a boolean, got a tensor. Join tensors with stack([...]) or concat([...]).",
      () => tensor([[1], [2]]),
    ],
    [
      () => tensor(untyped("1 2")),
      '[tensor/data] tensor: data must be a number, a boolean, an array of them, a typed array or a result of toJSON, got "1 2". Convert it to numbers first.',
      () => tensor(1),
    ],
    [
      () => tensor(untyped(null)),
      "[tensor/data] tensor: data must be a number, a boolean, an array of them, a typed array or a result of toJSON, got null. Look for a missing argument, or a missing return.",
      () => tensor([]),
    ],
    [
      () => tensor([1, 2, 3], { shape: [2, 2] }),
      "[tensor/shape] tensor: shape [2, 2] holds 4 elements, but data has 3. The product of the sizes must be the number of elements.",
      () => tensor([1, 2, 3, 4], { shape: [2, 2] }),
    ],
  ],
  dtypes: [
    [
      () => tensor([1], { dtype: untyped("float16") }),
      '[dtype/unknown] tensor: unknown dtype "float16". Use "float64", "float32", "int32" or "bool".',
      () => tensor([1], { dtype: "float32" }),
    ],
    [
      () => grad((x: Tensor): Scalar => sum(x))(tensor([1], { dtype: "int32" })),
      '[tree/leaf] grad: params is int32, and derivatives exist for floats only. Cast it to "float64", or pass it as a further argument.',
      () => grad((x: Tensor): Scalar => sum(x))(tensor([1])),
    ],
    [
      () => take(a, tensor([0.5])),
      '[dtype/index] take: indices must be int32, got a float64 tensor. Use cast(indices, "int32").',
      () => take(a, [0]),
    ],
  ],
  ...badArguments,
  ...badFiles,
  ...badMatrices,
  ...badTransforms,
  ...badParameters,
  ...badEquations,
  ...badSystems,
  ...badOrders,
  ...badRandoms,
  ...badConvolutions,
  ...badData,
  ...badControl,
  "what grad is given": [
    [
      () => grad((x: Tensor) => untyped(square(x)))(b),
      "[grad/non-scalar] grad: the function returns a tensor of shape [2], not a scalar. Reduce it with sum or mean, or use vjp.",
      () => grad((x: Tensor): Scalar => sum(square(x)))(b),
    ],
    [
      () => grad((_: Tensor) => untyped(undefined))(b),
      "[grad/non-scalar] grad: the function returns undefined, not a scalar. A return is missing.",
      () => grad((_: Tensor): Scalar => 1)(b),
    ],
    [
      () => grad((async (x: Scalar) => x) as never)(2 as never),
      "[grad/non-scalar] grad: the function returns a Promise, not a scalar. Await what is needed before: a function that is differentiated cannot be async.",
      () => grad((x: Scalar): Scalar => x)(2),
    ],
    [
      () => grad(untyped(b)),
      "[argument/function] grad: f must be a function, got a tensor. Pass the function itself, not what it returns.",
      () => grad(square as never),
    ],
    [
      () => grad((x: { w: Scalar }): Scalar => x.w)(untyped({ w: "1" })),
      '[tree/leaf] grad: params.w is "1", neither a number nor a tensor. Pass what is not differentiated as a further argument.',
      () => grad((x: { w: Scalar }): Scalar => x.w)({ w: 1 }),
    ],
    [
      () => grad((_: unknown): Scalar => 1)({ layers: [1, { f: Math.max }] }),
      "[tree/leaf] grad: params.layers[1].f is function max, neither a number nor a tensor. Pass what is not differentiated as a further argument.",
      () => grad((_: unknown): Scalar => 1)({ layers: [1, { f: 2 }] }),
    ],
    [
      () => grad((_: unknown): Scalar => 1)([undefined]),
      "[tree/leaf] grad: params[0] is undefined, neither a number nor a tensor. Pass what is not differentiated as a further argument.",
      () => grad((_: unknown): Scalar => 1)([]),
    ],
    [
      () => grad((_: unknown): Scalar => 1)({ date: new Date(0) }),
      "[tree/leaf] grad: params.date is a Date, neither a number nor a tensor. Trees are made of plain objects and arrays, with numbers and tensors as leaves.",
      () => grad((_: unknown): Scalar => 1)({ date: 0 }),
    ],
    [
      () => grad((_: unknown): Scalar => 1)({ w: new Map([["a", 1]]) }),
      "[tree/leaf] grad: params.w is a Map, neither a number nor a tensor. Trees are made of plain objects and arrays, with numbers and tensors as leaves.",
      () => grad((_: unknown): Scalar => 1)({ w: { a: 1 } }),
    ],
    [
      () => variable([1, 2], { dtype: untyped("int32") }),
      '[dtype/unsupported] variable: a variable must be float64 or float32, got int32. Derivatives exist for floats only: give { dtype: "float64" }.',
      () => variable([1, 2], { dtype: "float32" }),
    ],
  ],
};

describe("one clear error each", () => {
  for (const [name, rows] of Object.entries(tables)) {
    test.each(rows.map(([wrong, error, right]) => [error, wrong, right] as const))(
      `${name}: %s`,
      (error, wrong, right) => {
        expect(errorOf(wrong)).toBe(error);
        // Nothing is corrupted: not by one, not by many.
        for (let i = 0; i < 3; i++) errorOf(wrong);
        expect(errorOf(right)).toBe("no error");
      },
    );
  }
});

test("messages start with the name of a function and do not contain the code", () => {
  for (const [wrong] of Object.values(tables).flat()) {
    const [, code, message] = /^\[([a-z-]+\/[a-z-]+)\] (.*)$/s.exec(errorOf(wrong)) ?? [];
    expect(message).toMatch(/^[a-zA-Z][a-zA-Z0-9.]*: /);
    expect(message).not.toContain(code);
    expect(message).toMatch(/[.?]$/);
  }
});

test("an error in f, at any depth, leaves the gradients that come after as they were", () => {
  const f = (x: Tensor, y: Tensor): Scalar => sum(mul(square(x), y));
  const want = [
    grad(f)(b, b).toArray(),
    batchGrad(f)(b, tensor([[1, 2]]))
      .mean()
      .toArray(),
  ];
  for (let i = 0; i < 20; i++) {
    errorOf(() => grad(f)(b, tensor([1, 2, 3])));
    errorOf(() => grad((x: Tensor): Scalar => sum(grad(f)(x, tensor([1, 2, 3]))))(b));
    errorOf(() => batchGrad(f)(b, tensor([[1, 2, 3]])));
    expect([
      grad(f)(b, b).toArray(),
      batchGrad(f)(b, tensor([[1, 2]]))
        .mean()
        .toArray(),
    ]).toEqual(want);
  }
});

test("facts can be read, and are not printed with an error that is not caught", () => {
  const [a, c]: Tensor[] = [tensor([1, 2]), tensor([1, 2, 3])];
  let caught: unknown;
  try {
    add(a, c);
  } catch (error) {
    caught = error;
  }
  if (!(caught instanceof GradtapeError)) throw new Error("no error of the library");
  expect(caught.facts).toMatchObject({ a: [2], b: [3] });
  expect(Object.keys(caught)).not.toContain("facts");
});
