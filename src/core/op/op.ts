import type { Dtype, TensorData } from "../../base/dtype";
import type { Shape } from "../../base/shape";
import type { Handle } from "../tensor/handle";
import type { Value } from "../tensor/tensor";
import type { Partial } from "./scalar-ops";

/** What a rule may read. */
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
  contraction?(shapes: readonly Shape[], attrs: never): string;
}

/** One op as the core sees it: families and defineOp make these. */
export interface Op<Attrs = unknown> {
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
  /** Cotangents of the wanted inputs, null where there is none. */
  pull(r: Residuals<Attrs>, yBars: readonly (Handle | null)[], wanted: readonly boolean[]): readonly (Value | null)[];
  /** Tangents of the outputs; null: zero. */
  push(r: Residuals<Attrs>, xDots: readonly (Handle | null)[]): readonly (Value | null)[];
  /** The op with a leading batch axis on the inputs that are batched, and on every output. */
  batch(inputs: readonly Handle[], batched: readonly boolean[], attrs: Attrs, size: number): readonly Handle[];
  /** Scalar entries: the partial derivatives by the first and the second input. */
  readonly partialA: Partial;
  readonly partialB: Partial;
  /** A cotangent or tangent times a partial derivative as an op, for scalar entries swept with history. */
  times(bar: Handle, partial: Value): Handle;
  readonly declares: Declarations;
  /** Its batch rule: its own, or derived as a loop over samples; "loop" for such a loop itself. */
  readonly batching: "own" | "derived" | "loop";
  /** Its pushforward: its own, or the transpose of its pullback. */
  readonly pushing: "own" | "derived";
}

/** Defaults of an Op. */
export const OP_DEFAULTS = {
  parts: 1,
  readsInput: () => true,
  readsOutput: true,
  partialA: 0,
  partialB: 0,
  times: (bar: Handle): Handle => bar,
  declares: {},
  batching: "own",
  pushing: "own",
} as const;

/** An op from what is not default about it. */
export const makeOp = <Attrs = unknown>(
  fields: Omit<Op<Attrs>, keyof typeof OP_DEFAULTS> & Optional<Op<Attrs>>,
): Op<Attrs> => ({
  ...OP_DEFAULTS,
  ...fields,
});
type Optional<O> = { readonly [K in keyof typeof OP_DEFAULTS]?: K extends keyof O ? O[K] : never };

/** Ops that differ by their number of parts alone, each made when it is first wanted. */
export function byParts<Attrs>(make: (parts: number) => Op<Attrs>): (parts: number) => Op<Attrs> {
  const ops: Op<Attrs>[] = [];
  return (parts) => {
    ops[parts] ??= make(parts);
    return ops[parts];
  };
}

/** An op without derivatives: predicates, indices, random numbers. */
export const makeConstantOp = <Attrs = unknown>(
  fields: Omit<Op<Attrs>, keyof typeof OP_DEFAULTS | "differentiable" | "pull" | "push"> & Optional<Op<Attrs>>,
): Op<Attrs> =>
  makeOp<Attrs>({
    readsInput: () => false,
    readsOutput: false,
    ...fields,
    differentiable: () => false,
    pull: () => [],
    push: () => [],
  });
