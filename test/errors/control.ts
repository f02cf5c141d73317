// Solvers, branches and losses that do not give what they should: see bad-input.test.ts.
import {
  cond,
  fixedPoint,
  grad,
  implicitRoot,
  mul,
  type Scalar,
  scan,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  take,
  tensor,
  vmap,
} from "gradtape";
import { averagedErrorGrad, averagedInputGrad } from "gradtape/pitfalls";
import { checkBatchGrad } from "gradtape/testing";
import type { Row } from "./bad-arguments";

const x: Tensor = tensor([1, 4]);
const any = (value: unknown) => value as never;
const number = (value: Scalar): number => (typeof value === "number" ? value : value.item());

/** The square root of a number by a solver that ends at `stop`. */
const rootAt = (stop: (value: number) => number) =>
  implicitRoot(
    (y: Scalar, value: Scalar) => sub(square(y), value),
    (value) => stop(number(value)),
  );
const right = () => rootAt(Math.sqrt)(9);
const roots = implicitRoot(
  (y: Tensor, value: Tensor) => sub(square(y), value),
  (value) => sqrt(value),
);
const many = tensor(Array.from({ length: 100 }, (_, i) => (i === 50 ? 0 : 1 + i)));

/** A pair of unknowns, whose solver fails for what it is tried with; `like` says what it gives. */
const pairs = (like?: unknown) => {
  const pair = implicitRoot(
    (y: Tensor, value: Scalar) => sub(y, stack([value, value])),
    (value) => {
      if (number(value) < 2) throw new RangeError("too small");
      return tensor([number(value), number(value)]);
    },
    { like },
  );
  return scan((c: number, value: Scalar) => [c, pair(value)], 0, tensor([2, 4]));
};

/** A solver that gives another shape where its argument is a number than where it is foreseen. */
const changing = (like: unknown) =>
  vmap((value: Scalar) =>
    implicitRoot(
      (y: Tensor, v: Scalar) => sub(y, mul(v, tensor([1, 1]))),
      (v) => tensor([number(v)]),
      { like },
    )(value),
  )(x);

const model = (w: Tensor, sample: { x: Tensor }) => sum(mul(w, sample.x));
const weights = tensor([1]);

export const badControl: Readonly<Record<string, readonly Row[]>> = {
  "solvers of implicit functions": [
    [
      () => rootAt((v) => v / 2)(9),
      "[implicit/not-converged] implicitRoot: the solver did not converge: at its x the largest residual is 11.25, the step of Newton's method 1.25, and the bound is 0.0000045. Let it iterate further, start it nearer, or give a larger { tolerance }.",
      right,
    ],
    [
      () => rootAt(() => Number.NaN)(9),
      "[implicit/not-converged] implicitRoot: the solver did not converge: at its x the largest residual is NaN, the step of Newton's method NaN, and the bound is NaN. Let it iterate further, start it nearer, or give a larger { tolerance }.",
      right,
    ],
    [
      () => grad((v: Scalar): Scalar => rootAt(Math.sqrt)(v))(0),
      "[implicit/singular] implicitRoot: the residual's derivative by x, 1 by 1, is singular at the root. Look whether two roots meet there, or whether the equations do not determine an unknown.",
      right,
    ],
    [
      () => grad((v: Tensor): Scalar => sum(roots(v)))(many),
      "[implicit/singular] implicitRoot: the linear system of 100 unknowns at the root is singular or nearly so: relative residual 0.365 after 125 products. Look whether two roots meet there, or whether the equations do not determine an unknown.",
      () => roots(many),
    ],
    [
      () => pairs(),
      "[implicit/shape] implicitRoot: inside vmap and trace the shapes of x must be known, but could not be found. Give a tree shaped like x as { like }.",
      () => pairs(tensor([0, 0])),
    ],
    [
      () => changing(tensor([0, 0])),
      "[implicit/shape] implicitRoot: solve must give float64[2], got float64[1]. Inside vmap and trace, give a tree shaped like x as { like }.",
      right,
    ],
    [
      () =>
        fixedPoint(
          (y: Tensor, v: Tensor): Tensor => any([y, v]),
          (v) => v,
        )(x),
      "[implicit/shape] fixedPoint: the step gives a tree of another structure than x (x). The step must return a tree with the keys and array lengths of x.",
      right,
    ],
  ],
  branches: [
    [
      () =>
        vmap((v: Scalar) =>
          cond(
            any(sub(v, 1)),
            () => ({ a: v }),
            any(() => [v]),
          ),
        )(x),
      "[cond/branches] cond: the branches return trees of different structure. Both branches must return the same keys and array lengths.",
      () =>
        vmap((v: Scalar) =>
          cond(
            any(sub(v, 1)),
            () => ({ a: v }),
            () => ({ a: v }),
          ),
        )(x),
    ],
  ],
  "gradients of averages": [
    [
      () =>
        averagedErrorGrad(
          (w: Tensor, s: { k: Tensor }) => take(w, s.k),
          (y: Tensor) => sum(y),
        )(weights, any({ k: tensor([0, 0], { dtype: "int32" }) })),
      "[pitfalls/integer] averagedErrorGrad: predict uses an integer or bool leaf of the sample, which has no average. Give class indices as oneHot(indices, classes), and cast other leaves to a float dtype.",
      right,
    ],
    [
      () =>
        averagedErrorGrad(
          any(() => "none"),
          any(model),
        )(weights, any({ x })),
      '[argument/tensor] averagedErrorGrad: predict must return a number or a tensor, got "none". Join several predictions with stack or concat.',
      right,
    ],
    [
      () => averagedInputGrad(any(model))(weights, any({ x: tensor([1, 2], { dtype: "int32" }) })),
      "[pitfalls/integer] averagedInputGrad: batch.x is int32 and has no average. Give class indices as oneHot(indices, classes), and cast other leaves to a float dtype.",
      right,
    ],
    [
      () => averagedInputGrad(any(model))(weights, any(tensor([1, 2], { dtype: "int32" }))),
      "[pitfalls/integer] averagedInputGrad: batch is int32 and has no average. Give class indices as oneHot(indices, classes), and cast other leaves to a float dtype.",
      right,
    ],
    [
      () => checkBatchGrad(any(model), weights, any({ x: new Date(0) })),
      "[testing/output] checkBatchGrad: batch.x must be a number, a boolean, a tensor, an array or a plain object, got a Date. Leave out what cannot be compared.",
      right,
    ],
  ],
};
