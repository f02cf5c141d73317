import type { Dtype, TensorData } from "../../base/dtype";
import type { Shape } from "../../base/shape";
import { Handle, makeFilled } from "../tensor/handle";
import type { Value } from "../tensor/tensor";
import type { Partial } from "./scalar-ops";

/** What a rule may read: the values that the entry kept. */
export interface Residuals<Attrs = unknown> {
  readonly inputs: readonly Handle[];
  readonly outputs: readonly Handle[];
  readonly attrs: Attrs;
}

/** Facts that sweeps, rewrites and the compiler may act on; they never act on a name. */
export interface Declarations {
  readonly linear?: "jointly" | "each" | undefined;
  readonly normPreserving?: boolean | undefined;
  readonly elementwise?: boolean | undefined;
  /** Its rules move numbers, add them up, or multiply one by one, and exactly 0 absorbs; elementwise ops do that too. */
  readonly absorbing?: boolean | undefined;
  contraction?(shapes: readonly Shape[], attrs: never): string;
}

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
