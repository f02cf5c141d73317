import { FIRST_INPUT, SECOND_INPUT } from "../../core/op/scalar-ops";
import type { Handle } from "../../core/tensor/handle";
import { asHandle } from "../../core/tensor/value";
import * as formula from "../../kernel/expansions/builder";
import { signOf } from "../../numeric/special/elementary";
import { type Binary, type Extreme, makeBinary, makeUnary, type Unary } from "../define/define-elementwise";

const KEEP = { integers: true } as const;

/**
 * The sum a + b, with broadcasting.
 *
 * Shape: `T[...A], T[...B] -> T[...broadcast]`; bool counts as int32.
 *
 * `dy/da = 1`, `dy/db = 1`, also where the value is NaN.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns the sum; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { add, tensor } from "gradtape";
 * add(tensor([[1], [2]]), tensor([10, 20])); // => [[11, 21], [12, 22]]
 * ```
 */
export const add: Binary = /* @__PURE__ */ makeBinary(
  { name: "add", value: (a, b) => a + b, formula: formula.add, derivatives: [1, 1] },
  {
    integers: true,
  },
);

/**
 * The difference a - b, with broadcasting.
 *
 * Shape: `T[...A], T[...B] -> T[...broadcast]`; bool counts as int32.
 *
 * `dy/da = 1`, `dy/db = -1`, also where the value is NaN.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns the difference; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { sub, tensor } from "gradtape";
 * sub(1, tensor([1, 2])); // => [0, -1]
 * ```
 */
export const sub: Binary = /* @__PURE__ */ makeBinary(
  { name: "sub", value: (a, b) => a - b, formula: formula.sub, derivatives: [1, -1] },
  {
    integers: true,
  },
);

/** a - b, and 0 where both are the same infinity. */
export const difference: Binary = /* @__PURE__ */ makeBinary({
  name: "differenceOrZero",
  value: (a, b) => (a === b ? 0 : a - b),
  formula: (a, b) => formula.choose(formula.equal(a, b), 0, formula.sub(a, b)),
  derivatives: [1, -1],
});

/** The difference of two tensors, a tensor. */
export const minus = (a: Handle, b: Handle): Handle => asHandle(sub(a, b));

/**
 * The product a * b, element by element, with broadcasting. See also {@link matmul}, the product of matrices.
 *
 * Shape: `T[...A], T[...B] -> T[...broadcast]`; bool counts as int32, and int32 is exact modulo 2³².
 *
 * `dy/da = b`, `dy/db = a`; a cotangent of 0 stays 0 beside an infinite or NaN factor.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns the product; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { mul, tensor } from "gradtape";
 * mul(tensor([1, 2]), tensor([3, 4])); // => [3, 8]
 * ```
 */
export const mul: Binary = /* @__PURE__ */ makeBinary(
  { name: "mul", value: (a, b) => a * b, formula: formula.mul, derivatives: [SECOND_INPUT, FIRST_INPUT] },
  {
    integers: true,
    reads: "x",
    twins: { int32: Math.imul },
  },
);

/**
 * The quotient a / b, element by element, with broadcasting.
 *
 * Shape: `F[...A], F[...B] -> F[...broadcast]`; integers give float64.
 *
 * `dy/da = 1 / b`, `dy/db = -y / b`.
 *
 * A number over 0 is ±Infinity, 0 / 0 NaN, as everywhere in JavaScript.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns the quotient; two numbers give a number
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { div, grad } from "gradtape";
 * grad((b: number) => div(6, b))(2); // => -1.5
 * ```
 */
export const div: Binary = /* @__PURE__ */ makeBinary(
  {
    name: "div",
    value: (a, b) => a / b,
    formula: formula.div,
    derivatives: [(_, b) => reciprocal(b), (_, b, y) => neg(div(y, b))],
  },
  {},
);

/**
 * The negative, -x.
 *
 * Shape: `T[...S] -> T[...S]`; bool counts as int32.
 *
 * `dy/dx = -1`.
 *
 * The sign of 0 flips; NaN stays.
 * @param x - a number or a tensor
 * @returns -x, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { neg, tensor } from "gradtape";
 * neg(tensor([1, -2])); // => [-1, 2]
 * ```
 */
export const neg: Unary = /* @__PURE__ */ makeUnary(
  { name: "neg", value: (x) => -x, formula: formula.neg, derivative: -1 },
  {
    integers: true,
  },
);

/**
 * One over x.
 *
 * Shape: `F[...S] -> F[...S]`; integers give float64.
 *
 * `dy/dx = -y^2`.
 *
 * ±Infinity at ±0, with derivative -Infinity; NaN propagates.
 * @param x - a number or a tensor
 * @returns 1 / x, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { reciprocal } from "gradtape";
 * reciprocal(4); // => 0.25
 * ```
 */
export const reciprocal: Unary = /* @__PURE__ */ makeUnary(
  { name: "reciprocal", value: (x) => 1 / x, formula: (x) => formula.div(1, x), derivative: (_, y) => neg(square(y)) },
  {
    reads: "y",
  },
);

/**
 * x times x.
 *
 * Shape: `T[...S] -> T[...S]`; bool counts as int32.
 *
 * `dy/dx = 2 x`.
 *
 * NaN propagates.
 * @param x - a number or a tensor
 * @returns the square, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { grad, square } from "gradtape";
 * grad(square)(3); // => 6
 * ```
 */
export const square: Unary = /* @__PURE__ */ makeUnary(
  { name: "square", value: (x) => x * x, formula: (x) => formula.mul(x, x), derivative: (x) => mul(2, x) },
  {
    integers: true,
    reads: "x",
    twins: { int32: (x) => Math.imul(x, x) },
  },
);

/**
 * -1, 0 or 1, with the sign of x.
 *
 * Shape: `T[...S] -> T[...S]`; bool counts as int32.
 *
 * The derivative is 0 everywhere.
 *
 * sign(-0) is -0; NaN propagates.
 * @param x - a number or a tensor
 * @returns the sign, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { sign, tensor } from "gradtape";
 * sign(tensor([-3, 0, 3])); // => [-1, 0, 1]
 * ```
 */
export const sign: Unary = /* @__PURE__ */ makeUnary(
  {
    name: "sign",
    value: signOf,
    formula: (x) => formula.choose(formula.less(x, 0), -1, formula.choose(formula.less(0, x), 1, x)),
    derivative: 0,
  },
  KEEP,
);

/**
 * The absolute value.
 *
 * Shape: `T[...S] -> T[...S]`; bool counts as int32.
 *
 * `dy/dx = sign(x)`, 0 at the kink x = 0.
 *
 * NaN propagates.
 * @param x - a number or a tensor
 * @returns |x|, shaped like x
 * @throws GradtapeError `argument/tensor`
 * @example
 * ```ts
 * import { abs, grad } from "gradtape";
 * grad(abs)(-3); // => -1
 * ```
 */
export const abs: Unary = /* @__PURE__ */ makeUnary(
  { name: "abs", value: Math.abs, formula: formula.abs, derivative: (x) => sign(x) },
  {
    integers: true,
    reads: "x",
  },
);

/** 1 where a is larger, 1/2 where both are equal, 0 where b is larger or one is NaN. */
const share: Binary = /* @__PURE__ */ makeBinary({
  name: "share",
  value: (a, b) => (a > b ? 1 : a === b ? 0.5 : 0),
  formula: (a, b) => formula.choose(formula.less(b, a), 1, formula.choose(formula.equal(a, b), 0.5, 0)),
  derivatives: [0, 0],
});

/**
 * The larger of a and b, element by element, with broadcasting. See also {@link max}, the largest element of one
 * tensor.
 *
 * Shape: `T[...A], T[...B] -> T[...broadcast]`.
 *
 * The derivative is 1 for the larger one, 1/2 for each at a tie.
 *
 * NaN propagates, with derivative 0.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns the larger ones; two numbers give a number, bools alone stay bool
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { grad, maximum } from "gradtape";
 * grad((a: number) => maximum(a, 2))(2); // => 0.5
 * ```
 */
export const maximum: Extreme = /* @__PURE__ */ makeBinary(
  {
    name: "maximum",
    value: Math.max,
    formula: formula.max,
    derivatives: [(a, b) => share(a, b), (a, b) => share(b, a)],
  },
  { integers: "bool", reads: "x" },
);

/**
 * The smaller of a and b, element by element, with broadcasting. See also {@link min}, the smallest element of one
 * tensor.
 *
 * Shape: `T[...A], T[...B] -> T[...broadcast]`.
 *
 * The derivative is 1 for the smaller one, 1/2 for each at a tie.
 *
 * NaN propagates, with derivative 0.
 * @param a - a number or a tensor
 * @param b - a number or a tensor
 * @returns the smaller ones; two numbers give a number, bools alone stay bool
 * @throws GradtapeError `shape/broadcast`, `argument/tensor`
 * @example
 * ```ts
 * import { minimum, tensor } from "gradtape";
 * minimum(tensor([1, 5]), 3); // => [1, 3]
 * ```
 */
export const minimum: Extreme = /* @__PURE__ */ makeBinary(
  {
    name: "minimum",
    value: Math.min,
    formula: formula.min,
    derivatives: [(a, b) => share(b, a), (a, b) => share(a, b)],
  },
  { integers: "bool", reads: "x" },
);
