import type { Sizes } from "./shape-types";
import type { Of, ShapeOf, Tensor, Value } from "./tensor";

/** Gradient of a loss: shaped like the parameters. Leaves that are not numbers become never. */
export type Gradient<P> = P extends number
  ? number
  : P extends Tensor
    ? P
    : P extends object
      ? { [K in keyof P]: Gradient<P[K]> }
      : never;
/**
 * The function that gives a gradient; beside it other results, Before and After, if there are any. By a parameter that may be
 * a number or a tensor, a number has a number as its gradient, and a tensor a tensor.
 */
export type Derivative<
  P,
  R extends readonly unknown[],
  Before extends readonly unknown[] = [],
  After extends readonly unknown[] = [],
> = number extends P
  ? [Extract<P, Tensor>] extends [never]
    ? (params: P, ...rest: R) => Among<Gradient<P>, Before, After>
    : <Q extends P>(params: Q, ...rest: R) => Among<Gradient<Q>, Before, After>
  : (params: P, ...rest: R) => Among<Gradient<P>, Before, After>;
/** A result by itself, or between others. @internal */
export type Among<G, Before extends readonly unknown[], After extends readonly unknown[]> = [
  ...Before,
  ...After,
] extends readonly []
  ? G
  : [...before: Before, gradient: G, ...after: After];
/** Every leaf with a leading batch axis. */
export type Batch<P> = P extends number | boolean
  ? Tensor<readonly [number]>
  : P extends Tensor<infer S>
    ? number extends Sizes<S>["length"]
      ? Tensor
      : Tensor<readonly [number, ...Sizes<S>]>
    : P extends object
      ? { [K in keyof P]: Batch<P[K]> }
      : P;
/** The same tree with every leaf replaced by L. */
export type Leaves<P, L> = P extends Value | boolean ? L : P extends object ? { [K in keyof P]: Leaves<P[K], L> } : L;
/** Tree of Y by tree of X; tensor by tensor is [...Y, ...X]. */
export type Jacobian<Y, X> = Y extends Value
  ? X extends Value
    ? [Y, X] extends [number, number]
      ? number
      : Of<readonly [...ShapeOf<Y>, ...ShapeOf<X>]>
    : { [K in keyof X]: Jacobian<Y, X[K]> }
  : { [K in keyof Y]: Jacobian<Y[K], X> };
