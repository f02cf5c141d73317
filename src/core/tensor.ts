import type { Dtype, TensorData } from "../base/dtype";
import type { Axis, Shape } from "../base/shape";

/**
 * An immutable array of numbers of one dtype, that remembers how it was made if it depends on something watched.
 *
 * Made by {@link tensor}, {@link variable} and the ops, recognised by {@link isTensor}. Tensors take no part in
 * JavaScript arithmetic: `x * 2` and `x > 0` throw `tensor/arithmetic`. Methods mean what the functions of their names
 * mean; they exist with `gradtape`, not with `gradtape/pure`.
 * @typeParam S - the shape, as far as the compiler knows it
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` lets a plain Tensor go wherever a tensor of known shape is wanted
export interface Tensor<S extends Shape = any> {
  /** Size of each axis. */
  readonly shape: Sizes<S>;
  /** What the numbers are: "float64", "float32", "int32" or "bool". */
  readonly dtype: Dtype;
  /** Number of axes. */
  readonly rank: number;
  /** Number of numbers. */
  readonly size: number;
  /** The numbers, row by row. Not to be written to. Throws `trace/value` for a symbol. */
  readonly data: TensorData;
  /** Whether it depends on a variable, on an input of a transform, or on a symbol. */
  readonly watched: boolean;
  /** The one number of a tensor of size 1; else throws `tensor/item`, for a symbol `trace/value`. */
  item(): number;
  /** Nested arrays of numbers or booleans; a 0-d tensor gives its number. Throws `trace/value` for a symbol. */
  toArray(): unknown;
  /** Dtype, shape and numbers, summarised where there are many. Never throws. */
  toString(): string;
  /** What {@link tensor} reads back; infinities and NaN are strings. Throws `trace/value` for a symbol. */
  toJSON(): TensorJson;
  /**
   * What stands at one integer for each leading axis, negative ones from the end; differentiable. Throws
   * `index/invalid`.
   */
  at(...indices: readonly number[]): Tensor;
  /** See {@link cast}. */
  cast(dtype: Dtype): Tensor<S>;
  /** See {@link add}. */
  add<B extends Value>(b: Fits<B, Broadcast<Sizes<S>, ShapeOf<B>>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  /** See {@link sub}. */
  sub<B extends Value>(b: Fits<B, Broadcast<Sizes<S>, ShapeOf<B>>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  /** See {@link mul}. */
  mul<B extends Value>(b: Fits<B, Broadcast<Sizes<S>, ShapeOf<B>>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  /** See {@link div}. */
  div<B extends Value>(b: Fits<B, Broadcast<Sizes<S>, ShapeOf<B>>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  /** See {@link pow}. */
  pow<B extends Value>(b: Fits<B, Broadcast<Sizes<S>, ShapeOf<B>>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  /** See {@link neg}. */
  neg(): Tensor<S>;
  /** See {@link abs}. */
  abs(): Tensor<S>;
  /** See {@link exp}. */
  exp(): Tensor<S>;
  /** See {@link log}. */
  log(): Tensor<S>;
  /** See {@link sqrt}. */
  sqrt(): Tensor<S>;
  /** See {@link square}. */
  square(): Tensor<S>;
  /** See {@link tanh}. */
  tanh(): Tensor<S>;
  /** See {@link sigmoid}. */
  sigmoid(): Tensor<S>;
  /** See {@link relu}. */
  relu(): Tensor<S>;
  /** See {@link clip}. */
  clip(min: Value, max: Value): Tensor<S>;
  /** See {@link softmax}. */
  softmax(options?: AxisOption): Tensor<S>;
  /** See {@link logSoftmax}. */
  logSoftmax(options?: AxisOption): Tensor<S>;
  /** See {@link sum}. */
  sum<const A extends Axis | undefined = undefined, const K extends boolean = false>(
    options?: ReduceOptions<A, K>,
  ): Of<Reduced<Sizes<S>, A, K>>;
  /** See {@link mean}. */
  mean<const A extends Axis | undefined = undefined, const K extends boolean = false>(
    options?: ReduceOptions<A, K>,
  ): Of<Reduced<Sizes<S>, A, K>>;
  /** See {@link max}. */
  max<const A extends Axis | undefined = undefined, const K extends boolean = false>(
    options?: ReduceOptions<A, K>,
  ): Of<Reduced<Sizes<S>, A, K>>;
  /** See {@link min}. */
  min<const A extends Axis | undefined = undefined, const K extends boolean = false>(
    options?: ReduceOptions<A, K>,
  ): Of<Reduced<Sizes<S>, A, K>>;
  /** See {@link argmax}. */
  argmax<const A extends number | undefined = undefined, const K extends boolean = false>(
    options?: ReduceOptions<A, K>,
  ): Of<Reduced<Sizes<S>, A, K>>;
  /** See {@link reshape}. */
  reshape<const R extends Shape>(shape: R): Tensor<Filled<R>>;
  /** See {@link transpose}. */
  transpose<const P extends Shape | undefined = undefined>(permutation?: P): Of<Permuted<Sizes<S>, P>>;
  /** See {@link slice}. */
  slice(parts: readonly SlicePart[]): Tensor;
  /** See {@link squeeze}. */
  squeeze(options?: { readonly axis?: Axis | undefined }): Tensor;
  /** See {@link expandDims}. */
  expandDims(options: { readonly axis: Axis }): Tensor;
  /** See {@link take}. */
  take(indices: Indices, options?: AxisOption): Tensor;
  /** See {@link matmul}. */
  matmul<B extends Tensor>(b: Fits<B, Product<Sizes<S>, ShapeOf<B>>>): Of<Product<Sizes<S>, ShapeOf<B>>>;
}
/** A tensor as JSON: what toJSON gives and {@link tensor} reads. */
export interface TensorJson {
  /** What the numbers are. */
  readonly dtype: Dtype;
  /** Size of each axis. */
  readonly shape: readonly number[];
  /** The numbers, row by row; "NaN", "Infinity" and "-Infinity" as text. */
  readonly data: readonly (number | boolean | string)[];
}
/** A shape in which -1 stands for a size that is worked out. @internal */
export type Filled<R extends Shape> = { readonly [I in keyof R]: R[I] extends -1 ? number : R[I] };
/** A shape with its axes permuted; reversed without a permutation. @internal */
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

/** Option of functions that make tensors. */
export interface DtypeOption {
  /** Default float64. */
  readonly dtype?: Dtype | undefined;
}
/** Option of functions along one axis. */
export interface AxisOption {
  /** Negative ones count from the end. The default is said where it is used. */
  readonly axis?: number | undefined;
}
/** Options of reductions. */
export interface ReduceOptions<A = Axis | undefined, K = boolean> {
  /** One axis or several, negative from the end; all by default. */
  readonly axis?: A | undefined;
  /** Keep reduced axes as size 1; false by default. */
  readonly keepDims?: K | undefined;
}
/** Positions along an axis: integers, negative ones from the end. A tensor of them has dtype int32. */
export type Indices = number | readonly number[] | readonly (readonly number[])[] | Int32Array | Tensor;
/** What is taken of one axis: one position, all of it (null), or a range by the rules of Python. */
export type SlicePart =
  | number
  | null
  | {
      /** Where to begin; negative from the end. */
      readonly start?: number | undefined;
      /** Where to end, not included; negative from the end. */
      readonly stop?: number | undefined;
      /** How far from one to the next, not 0; negative goes backwards. */
      readonly step?: number | undefined;
    };

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

/** A shape read as sizes: `any` becomes number[]. @internal */
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
/** R if two inner sizes agree, or the sentence that says that they do not. @internal */
export type Meets<K extends number, L extends number, R> = K extends L
  ? R
  : L extends K
    ? R
    : `matmul: inner sizes ${K} and ${L} differ`;

/** The argument itself, or the sentence (which no tensor is): the mismatch marker. @internal */
export type Fits<X, R> = R extends string ? R : X;
/** Tensor of a computed shape. @internal */
export type Of<R> = R extends Shape ? (number extends R["length"] ? Tensor : Tensor<R>) : Tensor;

/** What an elementwise op gives: numbers give a number. @internal */
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
/** A shape without the axes A, or with them as size 1. @internal */
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
