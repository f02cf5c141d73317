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
