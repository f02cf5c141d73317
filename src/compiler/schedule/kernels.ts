import type { Dtype } from "../../base/dtype";
import type { Shape } from "../../base/shape";
import type { CoreOp } from "../../core/op/op";
import type { Handle } from "../../core/tensor/handle";
import type { Expression, Read, Stored } from "../../kernel/expression";
import type { Loops } from "../../kernel/loops";
import type { Numbers } from "../lower/numbers";

/*
 * What a compiled program is made of: kernels that run one after another on arrays in one memory.
 */

/** What an array of a program is for. */
export type Role = "input" | "constant" | "temporary" | "output";

/** An array of a program. */
export interface Buffer extends Stored {
  role: Role;
  /** The elements of a constant. */
  readonly elements?: ArrayLike<number> | undefined;
}

/** A sum of products of two reads, by tiles. Axes of a and b are the kept and then the folded ones. */
export interface Product {
  readonly is: "product";
  readonly kept: readonly number[];
  readonly folded: readonly number[];
  /** Read one number at a time. */
  readonly a: Read;
  /** Read in vectors along the axis n; until it has been put in panels, any expression. */
  readonly b: Expression;
  readonly n: number;
  /** How far apart the panels of b are, if it stands in panels. */
  readonly panel?: number;
  /** What is stored: an expression of the total, along kept axes. */
  readonly result: Expression;
  readonly out: Buffer;
  readonly strides: readonly number[];
  readonly start: number;
}

/** An array as an op that is called back sees it. */
export interface CallArray {
  readonly buffer: Buffer;
  readonly shape: Shape;
  readonly dtype: Dtype;
}

/** An op that is called back. */
export interface Call {
  readonly is: "call";
  readonly op: CoreOp;
  readonly attrs: unknown;
  readonly inputs: readonly (CallArray | Handle)[];
  readonly outputs: readonly CallArray[];
}

export type Kernel = (Loops & { readonly out: Buffer }) | Product | Call | Scalars | NumberProgram;

/** Work on single numbers, in one function: values in the order in which they are computed. */
export interface Scalars {
  readonly is: "scalars";
  readonly stores: { readonly value: Expression; readonly out: Buffer }[];
}

/** Instructions of one operation that stand one behind the other. */
export interface Group {
  readonly operation: number;
  /** The instructions, by their numbers. */
  readonly members: readonly number[];
}

/** A whole program of doubles. */
export interface NumberProgram {
  readonly is: "numbers";
  readonly numbers: Numbers;
  readonly inputs: readonly Buffer[];
  readonly outputs: readonly Buffer[];
  /** What the program is where it is too long to be written out. */
  readonly levels: {
    readonly groups: readonly Group[];
    readonly values: Buffer;
    readonly constants: Buffer;
    readonly table: Buffer;
  } | null;
}
