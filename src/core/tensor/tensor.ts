import type { Dtype, TensorData } from "../../base/dtype";
import type { Axis, Shape } from "../../base/shape";
import type { Broadcast, Filled, Permuted, Product, Reduced, Repeated, Same, Sizes } from "./shape-types";

/**
 * An immutable array of elements of one dtype. It remembers how it was made if it depends on something tracked.
 *
 * Made by {@link tensor}, {@link variable} and the ops, recognized by {@link isTensor}. Tensors do not support
 * JavaScript operators: `x * 2` and `x > 0` throw `tensor/arithmetic`. Methods mean what the functions of their names
 * mean; they exist with `gradtape`, not with `gradtape/pure`.
 * @typeParam S - the shape, as far as the compiler knows it
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` lets a plain Tensor go wherever a tensor of known shape is wanted
export interface Tensor<S extends Shape = any> {
  /** Size of each axis. */
  readonly shape: Sizes<S>;
  /** What the elements are: "float64", "float32", "int32" or "bool". */
  readonly dtype: Dtype;
  /** Number of axes. */
  readonly rank: number;
  /** Number of elements. */
  readonly size: number;
  /**
   * The elements, row by row: always the same array, in memory that belongs to this tensor alone. Not to be written to.
   * Throws `trace/value` for a symbol, `tensor/transferred` where its memory has gone to another thread.
   */
  readonly data: TensorData;
  /** Whether it is tracked: it depends on a variable, on an input of a transform, or on a symbol. */
  readonly watched: boolean;
  /** The one element of a tensor of size 1, as a number; else throws `tensor/item`, for a symbol `trace/value`. */
  item(): number;
  /**
   * Nested arrays of numbers, or of booleans (`toArray<boolean>()`, for the compiler); a 0-d tensor gives its number. Throws
   * `trace/value` for a symbol.
   */
  toArray<T = number>(): NestedArray<T, Sizes<S>>;
  /** Dtype, shape and elements, summarized where there are many. Never throws. */
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
  add<B extends Value | boolean>(b: Beside<B, Tensor<S>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  /** See {@link sub}. */
  sub<B extends Value | boolean>(b: Beside<B, Tensor<S>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  /** See {@link mul}. */
  mul<B extends Value | boolean>(b: Beside<B, Tensor<S>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  /** See {@link div}. */
  div<B extends Value | boolean>(b: Beside<B, Tensor<S>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
  /** See {@link pow}. */
  pow<B extends Value | boolean>(b: Beside<B, Tensor<S>>): Of<Broadcast<Sizes<S>, ShapeOf<B>>>;
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
  clip(min?: Value | boolean, max?: Value | boolean): Tensor<S>;
  /** See {@link softmax}. */
  softmax(options?: SoftmaxOptions): Tensor<S>;
  /** See {@link logSoftmax}. */
  logSoftmax(options?: SoftmaxOptions): Tensor<S>;
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
    options?: AxesOptions<A, K>,
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
  matmul<B extends Tensor>(b: Fits<B, Product<Sizes<S>, ShapeOf<B>>, Tensor<S>>): Of<Product<Sizes<S>, ShapeOf<B>>>;
}
/** A tensor as JSON: what toJSON gives and {@link tensor} reads. */
export interface TensorJson {
  /** What the elements are. */
  readonly dtype: Dtype;
  /** Size of each axis. */
  readonly shape: readonly number[];
  /** The elements, row by row; "NaN", "Infinity" and "-Infinity" as text. */
  readonly data: readonly (number | boolean | string)[];
}

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
/** Options of reductions that take no mask. */
export interface AxesOptions<A = Axis | undefined, K = boolean> {
  /** One axis or several, negative from the end; all by default. */
  readonly axis?: A | undefined;
  /** Keep reduced axes as size 1; false by default. */
  readonly keepDims?: K | undefined;
}
/** Option of functions that can be told to leave elements out. */
export interface MaskOption {
  /**
   * A bool tensor that broadcasts to the shape of x: where it is false there is no element, whatever stands there, and
   * the derivative is 0. All elements by default.
   */
  readonly where?: Tensor | boolean | undefined;
}
/** Options of reductions. */
export interface ReduceOptions<A = Axis | undefined, K = boolean> extends AxesOptions<A, K>, MaskOption {}
/** Options of {@link softmax} and {@link logSoftmax}. */
export interface SoftmaxOptions extends AxisOption, MaskOption {}
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
/** A scalar, differentiable: what losses return and scalar functions take. */
export type Scalar = number | Tensor<readonly []>;

/** The shape of a value; a plain number has shape []. */
export type ShapeOf<X> = X extends Tensor<infer S extends Shape> ? Sizes<S> : readonly [];

/**
 * The argument X beside a first one A: itself, or the sentence R (which no tensor is), the mismatch marker. Of a number, and
 * of a tensor of unknown rank, nothing is asked: so a function of `Tensor<S>` compiles.
 * @internal
 */
export type Fits<X, R, A = unknown> = [X] extends [number | boolean]
  ? X
  : [A] extends [number | boolean]
    ? X
    : number extends ShapeOf<X>["length"]
      ? X
      : R extends string
        ? R
        : X;
/** {@link Fits} of ops that broadcast, where two of one type always fit. @internal */
export type Beside<X, A> = Same<A, X> extends true ? X : Fits<X, Broadcast<ShapeOf<A>, ShapeOf<X>>, A>;
/** Tensor of a computed shape. @internal */
export type Of<R> = R extends Shape ? (number extends R["length"] ? Tensor : Tensor<R>) : Tensor;

/** The pieces of a tensor along its first axis. @internal */
export type Unstacked<S extends Shape> = number extends S["length"]
  ? Tensor[]
  : S extends readonly [infer N extends number, ...infer R extends Shape]
    ? Repeated<N, Tensor<Readonly<R>>>
    : Tensor[];

/** Arrays nested as deep as a shape has axes; unknown for a shape of unknown rank. @internal */
export type NestedArray<T, S extends Shape> = number extends S["length"]
  ? unknown
  : S extends readonly [number, ...infer R extends Shape]
    ? NestedArray<T, R>[]
    : T;

/** What a condition of a computed shape is given out as: a boolean for one element. @internal */
export type TruthOf<R> = R extends Shape
  ? number extends R["length"]
    ? Tensor | boolean
    : R extends readonly []
      ? boolean
      : Tensor<R>
  : Tensor;

/** What a choice between two values gives: as an elementwise op, but booleans give a boolean. @internal */
export type Chosen<A, B> = [A, B] extends [boolean, boolean] ? boolean : Elementwise<A, B>;

/** What an elementwise op gives: numbers give a number. @internal */
export type Elementwise<A, B = number> = A extends number | boolean
  ? B extends number | boolean
    ? number
    : B
  : B extends number | boolean
    ? A
    : Same<A, B> extends true
      ? A
      : Of<Broadcast<ShapeOf<A>, ShapeOf<B>>>;
/** A value that may be left out; then it counts as a number. @internal */
export type Given<X> = X extends undefined ? number : X;
