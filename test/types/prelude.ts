/** Names and types that the cases use. */
export const PRELUDE = `
import {
  add, all, any, argmax, argmin, atan2, backward, batchGrad, betainc, broadcastTo, cast, clip, cond, cumsum, detach, dot, equal, exp,
  eye, flip, forLoop, full, gelu, grad, greater, hessian, hvp, isNaN, jacobian, jvp, layerNorm, less, linalg,
  linspace, logicalAnd, logicalNot, logicalOr, logSoftmax, loss, matmul, max, maximum, mean, mul, norm, ones, outer,
  pow, random, reshape, roll, scan, scatterAdd, softmax, sort, split, square, stack, std, stopGradient, sub, sum, tanh,
  tensor, trace, transpose, tree, tril, unstack, valueAndGrad, variable, vjp, vmap, where, whileLoop, zeros, zerosLike,
} from "gradtape";
import type {
  AxisOption, Binary, Broadcast, Comparison, Connective, Fits, Of, ReduceOptions, Scalar, ShapeOf, Tensor, TensorJson,
  Unary, Value,
} from "gradtape";
declare const plain: Tensor;
declare const rows: Tensor<readonly [number, 3]>;
declare const n: number;
declare const sizes: number[];
declare const flag: boolean;
declare const value: Value;
declare const scalar: Scalar;
declare const json: TensorJson;
declare const nested: number[][];
declare const typed: Float32Array;
type V<N extends number> = Tensor<readonly [N]>;
type M<N extends number, K extends number> = Tensor<readonly [N, K]>;
interface Layer { readonly w: M<3, 4>; b?: V<4> }
interface Model {
  readonly layers: readonly Layer[]; pair: [number, V<2>]; scale: number; maybe?: V<5>; nested: { deep: { x: Tensor } };
}
declare const model: Model;
const cost = (p: Model, x: M<2, 3>) => sum(mul(matmul(x, p.layers[0].w), p.scale));
const sampleCost = (p: Model, s: { readonly x: V<3>; y: number }) => mul(sum(matmul(s.x, p.layers[0].w)), s.y);
const wantsThree = (x: V<3>) => x;
interface ComparisonOverloads {
  (a: number, b: number): boolean;
  <A extends Value, B extends Value>(
    a: A, b: Fits<B, Broadcast<ShapeOf<A>, ShapeOf<B>>>,
  ): Of<Broadcast<ShapeOf<A>, ShapeOf<B>>>;
}
interface ConnectiveOverloads {
  (a: number | boolean, b: number | boolean): boolean;
  <A extends Value, B extends Value>(
    a: A, b: Fits<B, Broadcast<ShapeOf<A>, ShapeOf<B>>>,
  ): Of<Broadcast<ShapeOf<A>, ShapeOf<B>>>;
}
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function exactly<A>(): <B>(b: B) => Same<A, B>;
`.trim();
