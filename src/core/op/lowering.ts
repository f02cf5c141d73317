import type { Dtype } from "../../base/dtype";
import type { Shape } from "../../base/shape";
import type { Formula } from "../../kernel/formula";
import type { Kind, Program } from "./op";

/*
 * How an op says what its output is, in terms of arrays that are not spelled out. Only types: who compiles brings the rest.
 */

/** An array that is not spelled out: shape and dtype, no numbers. */
export interface Lazy {
  /** Its shape. */
  readonly shape: Shape;
  /** Its dtype. */
  readonly dtype: Dtype;
}

/** One axis of an array as an affine form of the axes of a view: start + the sum of coef[j] * index j. */
export interface Along {
  /** Where the view starts on the axis. */
  readonly start: number;
  /** How far each axis of the view goes along the axis. */
  readonly coef: readonly number[];
}

/** What arrays are made of others. Nothing is computed: the compiler decides what is spelled out. */
export interface Lower {
  /** One number, of shape []. */
  number(value: number, dtype: Dtype): Lazy;
  /**
   * A formula at every place of the inputs, which broadcast. It is computed in the type of the inputs together (bool counts as
   * int32: 0 or 1) and gives the dtype. A truth becomes 0 or 1; a number other than 0 becomes true.
   */
  map(dtype: Dtype, formula: (...x: Formula[]) => Formula, ...x: readonly Lazy[]): Lazy;
  /** The same numbers in another dtype; to int32 only from bool. */
  cast(x: Lazy, dtype: Dtype): Lazy;
  /** x read at other places: one affine form for each axis of x. Transposes, repeats, slices, flips, diagonals, windows. */
  view(x: Lazy, shape: Shape, axes: readonly Along[]): Lazy;
  /** x with so many places before and after each axis, which hold a number. */
  pad(x: Lazy, before: readonly number[], after: readonly number[], outside: number): Lazy;
  /** Arrays of one dtype one behind another along an axis; their other sizes agree. */
  concat(xs: readonly Lazy[], axis: number): Lazy;
  /** The elements of x in their order, in another shape. */
  reshape(x: Lazy, shape: Shape): Lazy;
  /**
   * The sum, the largest or the smallest over axes, which are dropped. The sum of bool is int32. NaN is the largest and the
   * smallest; of 0 and -0 either is. Of nothing: 0, and what nothing is less or more than.
   */
  fold(by: "sum" | "max" | "min", x: Lazy, axes: readonly number[]): Lazy;
  /** The sum of products that letters say, as `einsum` writes it: "ab,bc->ac". "1" is an axis of size 1. */
  product(spec: string, a: Lazy, b: Lazy): Lazy;
  /** The index along an axis, int32. */
  place(shape: Shape, axis: number): Lazy;
  /** The results of a program. @internal */
  run(body: Program, x: readonly Lazy[]): readonly Lazy[];
}

/** The outputs of an op in terms of lazy arrays; null: not for these attributes, so that `evaluate` is called. */
export type Lowering<Attrs> = (
  on: Lower,
  inputs: readonly Lazy[],
  attrs: Attrs,
  outputs: readonly Kind[],
) => readonly Lazy[] | null;
