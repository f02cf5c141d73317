import type { Dtype, TensorData } from "../base/dtype";
import type { Axis, Shape } from "../base/shape";

export interface Tensor<S extends Shape = any> {
  readonly shape: Sizes<S>;
  readonly dtype: Dtype;
  readonly rank: number;
  readonly size: number;
  readonly data: TensorData;
  readonly watched: boolean;
  item(): number;
  toArray(): unknown;
  toString(): string;
  toJSON(): TensorJson;
  at(...indices: readonly number[]): Tensor;
  cast(dtype: Dtype): Tensor<S>;
  add<B extends Value>(b: Fits<B, Broadcast<Sizes<S>, ShapeOf<B>>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  sub<B extends Value>(b: Fits<B, Broadcast<Sizes<S>, ShapeOf<B>>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  mul<B extends Value>(b: Fits<B, Broadcast<Sizes<S>, ShapeOf<B>>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  div<B extends Value>(b: Fits<B, Broadcast<Sizes<S>, ShapeOf<B>>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  pow<B extends Value>(b: Fits<B, Broadcast<Sizes<S>, ShapeOf<B>>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  neg(): Tensor<S>;
  abs(): Tensor<S>;
  exp(): Tensor<S>;
  log(): Tensor<S>;
  sqrt(): Tensor<S>;
  square(): Tensor<S>;
  tanh(): Tensor<S>;
  sigmoid(): Tensor<S>;
  relu(): Tensor<S>;
  clip(min: Value, max: Value): Tensor<S>;
  softmax(options?: AxisOption): Tensor<S>;
  logSoftmax(options?: AxisOption): Tensor<S>;
  sum<const A extends Axis | undefined = undefined, const K extends boolean = false>(
    options?: ReduceOptions<A, K>,
  ): Of<Reduced<Sizes<S>, A, K>>;
  mean<const A extends Axis | undefined = undefined, const K extends boolean = false>(
    options?: ReduceOptions<A, K>,
  ): Of<Reduced<Sizes<S>, A, K>>;
  max<const A extends Axis | undefined = undefined, const K extends boolean = false>(
    options?: ReduceOptions<A, K>,
  ): Of<Reduced<Sizes<S>, A, K>>;
  min<const A extends Axis | undefined = undefined, const K extends boolean = false>(
    options?: ReduceOptions<A, K>,
  ): Of<Reduced<Sizes<S>, A, K>>;
  argmax<const A extends number | undefined = undefined, const K extends boolean = false>(
    options?: ReduceOptions<A, K>,
  ): Of<Reduced<Sizes<S>, A, K>>;
  reshape<const R extends Shape>(shape: R): Tensor<Filled<R>>;
  transpose<const P extends Shape | undefined = undefined>(permutation?: P): Of<Permuted<Sizes<S>, P>>;
  slice(parts: readonly SlicePart[]): Tensor;
  squeeze(options?: { readonly axis?: Axis | undefined }): Tensor;
  expandDims(options: { readonly axis: Axis }): Tensor;
  take(indices: Indices, options?: AxisOption): Tensor;
  matmul<B extends Tensor>(b: Fits<B, Product<Sizes<S>, ShapeOf<B>>>): Of<Product<Sizes<S>, ShapeOf<B>>>;
}
export interface TensorJson {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean | string)[];
}
/** @internal */
export type Filled<R extends Shape> = { readonly [I in keyof R]: R[I] extends -1 ? number : R[I] };
/** @internal */
export type Permuted<S extends Shape, P> = P extends Shape
  ? {
      readonly [I in keyof P]: P[I] extends keyof S
        ? S[P[I]]
        : `${P[I] & number}` extends keyof S
          ? S[`${P[I] & number}`]
          : number;
    }
  : number extends S["length"]
    ? Shape
    : S extends readonly [infer X, ...infer R extends Shape]
      ? readonly [...Extract<Permuted<R, undefined>, Shape>, X]
      : readonly [];

export interface DtypeOption {
  readonly dtype?: Dtype | undefined;
}
export interface AxisOption {
  readonly axis?: number | undefined;
}
export interface ReduceOptions<A = Axis | undefined, K = boolean> {
  readonly axis?: A | undefined;
  readonly keepDims?: K | undefined;
}
export type Indices = number | readonly number[] | readonly (readonly number[])[] | Int32Array | Tensor;
export type SlicePart =
  | number
  | null
  | { readonly start?: number | undefined; readonly stop?: number | undefined; readonly step?: number | undefined };

/** What every op accepts. */
export type Value = number | Tensor;
/** One number, differentiable: what losses return and scalar functions take. */
export type Scalar = number | Tensor<readonly []>;

/** The shape of a value; a plain number has shape []. */
export type ShapeOf<X> = X extends Tensor<infer S extends Shape> ? Sizes<S> : readonly [];

/** NumPy broadcasting of two shapes, or the sentence that says why not. */
export type Broadcast<A extends Shape, B extends Shape> = A extends readonly [
  ...infer P extends Shape,
  infer X extends number,
]
  ? B extends readonly [...infer Q extends Shape, infer Y extends number]
    ? Append<
        Broadcast<P, Q>,
        X extends 1
          ? Y
          : Y extends 1
            ? X
            : number extends X
              ? Y
              : number extends Y
                ? X
                : X extends Y
                  ? X
                  : `sizes ${X} and ${Y} do not broadcast`
      >
    : B extends readonly []
      ? A
      : Shape
  : A extends readonly []
    ? B
    : Shape;

/** A shape read as sizes: `any` becomes number[]. */
export type Sizes<S extends Shape> = { readonly [I in keyof S]: number extends S[I] ? number : S[I] };
/** Shape plus one more size; a sentence stays a sentence. @internal */
export type Append<S, D> = D extends string ? D : S extends Shape ? (D extends number ? readonly [...S, D] : S) : S;

/** matmul's result shape, or the sentence that says why not. */
export type Product<A extends Shape, B extends Shape> = A extends readonly [
  ...infer P extends Shape,
  infer K extends number,
]
  ? B extends readonly [infer L extends number]
    ? Meets<K, L, P>
    : B extends readonly [...infer Q extends Shape, infer L extends number, infer N extends number]
      ? P extends readonly [...infer R extends Shape, infer M extends number]
        ? Meets<K, L, Append<Append<Broadcast<R, Q>, M>, N>>
        : Meets<K, L, readonly [...Q, N]>
      : Shape
  : Shape;
/** @internal */
export type Meets<K extends number, L extends number, R> = K extends L
  ? R
  : L extends K
    ? R
    : `matmul: inner sizes ${K} and ${L} differ`;

/** The argument itself, or the sentence (which no tensor is): the mismatch marker. */
export type Fits<X, R> = R extends string ? R : X;
/** Tensor of a computed shape. */
export type Of<R> = R extends Shape ? (number extends R["length"] ? Tensor : Tensor<R>) : Tensor;

/** What an elementwise op gives: numbers give a number. */
export type Elementwise<A, B = number> = A extends number
  ? B extends number
    ? number
    : B
  : B extends number
    ? A
    : Of<Broadcast<ShapeOf<A>, ShapeOf<B>>>;

/** A shape after reducing `A` (axis numbers as text; undefined: all axes). */
export type Reduced<S extends Shape, A, K> = boolean extends K
  ? Shape
  : A extends undefined
    ? K extends true
      ? { readonly [I in keyof S]: 1 }
      : readonly []
    : A extends number
      ? Drop<S, `${A}`, K>
      : A extends readonly number[]
        ? Drop<S, `${A[number]}`, K>
        : Shape;
/** @internal */
export type Drop<S extends Shape, A extends string, K, Seen extends 0[] = []> = number extends S["length"]
  ? Shape
  : string extends A
    ? Shape
    : `${number}` extends A
      ? Shape
      : S extends readonly [...infer H extends Shape, infer X extends number]
        ? (`${H["length"]}` | `-${[0, ...Seen]["length"]}`) & A extends never
          ? readonly [...Drop<H, A, K, [0, ...Seen]>, X]
          : K extends true
            ? readonly [...Drop<H, A, K, [0, ...Seen]>, 1]
            : Drop<H, A, K, [0, ...Seen]>
        : readonly [];

/** Gradient of a loss: shaped like the parameters. Leaves that are not numbers become never. */
export type Gradient<P> = P extends number
  ? number
  : P extends Tensor
    ? P
    : P extends object
      ? { [K in keyof P]: Gradient<P[K]> }
      : never;
/** Every leaf with a leading batch axis. */
export type Batch<P> = P extends number
  ? Tensor<readonly [number]>
  : P extends Tensor<infer S>
    ? number extends Sizes<S>["length"]
      ? Tensor
      : Tensor<readonly [number, ...Sizes<S>]>
    : P extends object
      ? { [K in keyof P]: Batch<P[K]> }
      : P;
/** The same tree with every leaf replaced by L. */
export type Leaves<P, L> = P extends Value ? L : P extends object ? { [K in keyof P]: Leaves<P[K], L> } : L;
/** Tree of Y by tree of X; tensor by tensor is [...Y, ...X]. */
export type Jacobian<Y, X> = Y extends Value
  ? X extends Value
    ? [Y, X] extends [number, number]
      ? number
      : Of<readonly [...ShapeOf<Y>, ...ShapeOf<X>]>
    : { [K in keyof X]: Jacobian<Y, X[K]> }
  : { [K in keyof Y]: Jacobian<Y[K], X> };
