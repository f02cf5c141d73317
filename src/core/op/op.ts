import type { Dtype, TensorData } from "../../base/dtype";
import type { Shape } from "../../base/shape";
import type { Formula } from "../../kernel/formula";
import { Handle, makeFilled } from "../tensor/handle";
import type { Value } from "../tensor/tensor";
import type { Partial } from "./scalar-ops";

/** What a rule may read: the values that the entry kept. */
export interface Residuals<Attrs = unknown> {
  readonly inputs: readonly Handle[];
  readonly outputs: readonly Handle[];
  readonly attrs: Attrs;
}

/** A strided window on zeros: where it starts, how it steps and how much it takes on every axis, and the shape around it. */
export interface Placed {
  /** Where the window starts on each axis. */
  readonly starts: readonly number[];
  /** How far apart its positions are on each axis; negative: backwards. */
  readonly steps: readonly number[];
  /** How many positions it has on each axis. */
  readonly sizes: readonly number[];
  /** The shape of the output. */
  readonly shape: Shape;
}

/**
 * Which inputs are a base, indices along an axis of it (negative ones count from its end), and updates, which are added to
 * the base at the indices.
 */
export interface Selected {
  /** The input that rows are added to. */
  readonly base: number;
  /** The input that says where: int32, negative ones count from the end. */
  readonly indices: number;
  /** The input that is added: the axes of the indices stand in the place of the axis. */
  readonly values: number;
  /** The axis of the base along which the indices go. */
  readonly axis: number;
}

/**
 * A loop: a body from (carries, one row of each of the `xs`, constants) to (carries, rows), run `length` times; `with` is
 * the op of another body with so many carries.
 */
export interface Loop {
  readonly body: Program;
  readonly carries: number;
  readonly xs: number;
  readonly length: number;
  /** Whether it begins with the last row. */
  readonly reverse: boolean;
  with(body: Program, carries: number): { readonly op: CoreOp; readonly attrs: unknown };
}

/** What an op that is linear in each input may say of itself, of given shapes and attributes. */
export interface LinearFacts<Shapes extends readonly Shape[], Attrs> {
  /**
   * The output as a sum of products of the inputs, as `einsum` writes it: "ab,bc->ac". "1" is an axis of size 1 that the
   * axes of its place in the other inputs and the output stretch; a letter of the output alone repeats; any character but
   * "1", "," and "-" is a letter. null: there is none for these shapes and attributes.
   */
  contraction?(shapes: Shapes, attrs: Attrs): string | null;
  /** The output has the elements of the one input in their order, row by row. */
  readonly regroup?: boolean | undefined;
  /** The output is the one input times this number; null: it is not. */
  scale?(attrs: Attrs): number | null;
  /** The output is zero but for a window, which shows the one input. */
  placement?(attrs: Attrs): Placed;
  /** The output is an input with rows of another one added at indices; null: it is not, for these attributes. */
  selection?(attrs: Attrs): Selected | null;
}

/** Facts that sweeps, rewrites and the compiler may act on; they never act on a name. Laws hold each of them. */
export interface Declarations extends LinearFacts<readonly Shape[], unknown> {
  readonly linear?: "jointly" | "each" | undefined;
  readonly elementwise?: boolean | undefined;
  /** Its rules move numbers, add them up, or multiply one by one, and exactly 0 absorbs; elementwise ops do that too. */
  readonly absorbing?: boolean | undefined;
  /** The tensors that the contraction is of, where they are not the inputs themselves: made of them by linear ops. */
  operands?(inputs: readonly Handle[], attrs: unknown): readonly Handle[];
  loop?(attrs: unknown): Loop;
}

/** Where a value came from: the op itself, its pullback, or its pushforward. */
export type Direction = "forward" | "backward" | "tangent";

/** Where an entry of the tape comes from: the user's line, and the rule that wrote it, if one did. */
export interface Origin {
  readonly line: string | undefined;
  readonly direction: Direction;
  /** The op whose rule was running; null in the user's own code. */
  readonly rule: string | null;
}

/** One step of a program: an operand is a slot, or a tensor from outside. */
export interface Step {
  readonly op: CoreOp;
  readonly inputs: readonly (number | Handle)[];
  /** Slots of the parts of the output. */
  readonly outputs: readonly number[];
  readonly attrs: unknown;
  /** Values (symbols, mostly) that the parts had when the tape was written: shapes and dtypes. */
  readonly examples: readonly Kind[];
  /** The user's line that made it, when a monitor recorded it. */
  readonly origin?: Origin | undefined;
}

/** The equations between given inputs and outputs, in the order of time. Slots 0 to inputs - 1 are the inputs. */
export interface Program {
  readonly inputs: readonly Kind[];
  readonly steps: readonly Step[];
  readonly outputs: readonly (number | Handle)[];
  readonly slots: number;
}

/** A shape and a dtype. */
export interface Kind {
  /** The shape. */
  readonly shape: Shape;
  /** The dtype. */
  readonly dtype: Dtype;
}

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

/**
 * One op as the sweeps see it: of all inputs and outputs at once. Ops are written as definitions (./definition), from which
 * `makeOp` and `defineOp` make this. The hot families (elementwise, linear) and the few ops of the core itself fill it in
 * directly, which saves the objects that rules are called with.
 */
export interface CoreOp<Attrs = unknown> {
  readonly name: string;
  /** Number of outputs, at consecutive places. */
  readonly parts: number;
  shapes(shapes: readonly Shape[], attrs: Attrs): readonly Shape[];
  dtypes(dtypes: readonly Dtype[], attrs: Attrs): readonly Dtype[];
  evaluate(outputs: readonly TensorData[], inputs: readonly Handle[], attrs: Attrs): void;
  /** Whether the output varies differentiably with input k. */
  differentiable(k: number): boolean;
  /** Whether the rules read the value of input k, or of the outputs. */
  readsInput(k: number): boolean;
  readonly readsOutput: boolean;
  /** Cotangents of the wanted inputs, null where there is none. If omitted, both rules follow from partialA and partialB. */
  pullback?(
    r: Residuals<Attrs>,
    yBars: readonly (Handle | null)[],
    wanted: readonly boolean[],
  ): readonly (Value | null)[];
  /**
   * Adds the cotangent of the first input, the only differentiable one, to what is held for it. For cotangents that are
   * zero but in a few places, so that many of them cost no more than those places. To no place twice: a sum depends on its
   * order.
   */
  addCotangent?(sum: TensorData, r: Residuals<Attrs>, yBar: Handle): void;
  /** Tangents of the outputs; null: zero. */
  pushforward?(r: Residuals<Attrs>, xDots: readonly (Handle | null)[]): readonly (Value | null)[];
  /** The op with a leading batch axis on the inputs that are batched, and on every output. */
  batch(inputs: readonly Handle[], batched: readonly boolean[], attrs: Attrs, size: number): readonly Handle[];
  /** Elementwise ops, and scalar entries: the partial derivatives by the first and the second input. */
  readonly partialA: Partial;
  readonly partialB: Partial;
  /** A cotangent or tangent times a partial derivative as an op. */
  times(bar: Handle, partial: Value): Handle;
  readonly declares: Declarations;
  /** Its outputs in terms of lazy arrays, for the compiler. If omitted or null, compiled programs call `evaluate`. */
  lower?(on: Lower, inputs: readonly Lazy[], attrs: Attrs, outputs: readonly Kind[]): readonly Lazy[] | null;
  /** Its batch rule: its own, or derived as a loop over samples; "loop" for such a loop itself. */
  readonly batchRule: "own" | "derived" | "loop";
  /** Its pushforward: its own, or the transpose of its pullback. */
  readonly pushforwardRule: "own" | "derived";
  /** How what a rule returned is held to the tensor it belongs to, for ops of users: rules of built-in ops are held by laws. */
  readonly checkRule: RuleCheck | null;
}
/** What the rule for the cotangent or tangent k returned, checked. */
type RuleCheck = (op: CoreOp, what: string, k: number, given: Value, like: Handle) => Handle;

/** What a rule returned for the cotangent or tangent k of a tensor, as a tensor. */
export const fromRule: RuleCheck = (op, what, k, given, like) =>
  op.checkRule?.(op, what, k, given, like) ??
  (given instanceof Handle ? given : makeFilled(like.shape, like.dtype, Number(given)));

/** Defaults of a CoreOp. */
export const OP_DEFAULTS = {
  parts: 1,
  readsInput: () => true,
  readsOutput: true,
  partialA: 0,
  partialB: 0,
  times: (bar: Handle): Handle => bar,
  declares: {},
  batchRule: "own",
  pushforwardRule: "own",
  checkRule: null,
} as const;

/** An op from the fields that differ from the defaults. */
export const coreOp = <Attrs = unknown>(
  fields: Omit<CoreOp<Attrs>, keyof typeof OP_DEFAULTS> & Optional<CoreOp<Attrs>>,
): CoreOp<Attrs> => ({
  ...OP_DEFAULTS,
  ...fields,
});
type Optional<O> = { readonly [K in keyof typeof OP_DEFAULTS]?: K extends keyof O ? O[K] : never };

/** Ops that differ by their number of parts alone, each made when it is first needed. */
export function byParts<Attrs>(make: (parts: number) => CoreOp<Attrs>): (parts: number) => CoreOp<Attrs> {
  const ops: CoreOp<Attrs>[] = [];
  return (parts) => {
    ops[parts] ??= make(parts);
    return ops[parts];
  };
}
