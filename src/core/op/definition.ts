import { type Dtype, promote, type TensorData } from "../../base/dtype";
import type { Shape } from "../../base/shape";
import { Handle } from "../tensor/handle";
import type { Tensor, Value } from "../tensor/tensor";
import { notATensor } from "../tensor/tensor-argument";
import type { Lazy, Lower } from "./op";
import { type CoreOp, coreOp, type Declarations, fromRule, type Kind, type LinearFacts, type Loop } from "./op";
import { accumulate } from "./sweep-ops";

/*
 * The language in which ops are written, built-in and custom alike. `makeOp` turns a definition into the record that the
 * sweeps call; `defineOp` (src/ops/define) does the same, derives the rules that are omitted, checks what rules return,
 * and wraps a function around it.
 */

/** One flag for all inputs, one for each, or a function from the number of the input to its flag. */
export type PerInput = boolean | readonly boolean[] | ((input: number) => boolean);

/** What a rule can read. Rules are written with ops, so that they can be differentiated in turn. */
export interface Rule<In extends readonly Tensor[], Attrs, T extends Tensor = Tensor> {
  /** The inputs, those that `reads` names. */
  readonly inputs: In;
  /** The output, if `reads` names it. */
  readonly output: T;
  /** The attributes of the call. */
  readonly attrs: Attrs;
}

/** What a rule of an op with several outputs can read. @internal */
export interface PartsRule<In extends readonly Tensor[], Attrs, T extends Tensor = Tensor> {
  /** The inputs, those that `reads` names. */
  readonly inputs: In;
  /** The outputs, if `reads` names them. */
  readonly outputs: readonly T[];
  /** The attributes of the call. */
  readonly attrs: Attrs;
}

/** The cotangent of one input, from the cotangent of the output; null: the output does not vary with it. */
export type Pullback<In extends readonly Tensor[], Attrs, T extends Tensor = Tensor> =
  | ((rule: Rule<In, Attrs, T> & { readonly yBar: T }) => Value)
  | null;

/** The tangent of the output, from the tangent of one input; null: the output does not vary with it. */
export type Pushforward<In extends readonly Tensor[], Attrs, T extends Tensor = Tensor> =
  | ((rule: Rule<In, Attrs, T> & { readonly xDot: T }) => Value)
  | null;

/** Which values the rules read. Only these are kept for the sweep; reading another one throws `op/reads`. */
export interface Reads {
  /** One flag for each input, or one for all; true by default. */
  readonly inputs?: PerInput | undefined;
  /** Whether the output is read; true by default. */
  readonly output?: boolean | undefined;
}

/** What definitions of ops with one output and with several share. @internal */
export interface DefinitionBase<In extends readonly Tensor[], Attrs> {
  /** Prints, and starts every error message. */
  readonly name: string;
  /**
   * For a definition with `pullback`: which inputs the output varies with differentiably; true by default. With `vjp`, the
   * inputs whose rule is null are those that it does not vary with.
   */
  readonly differentiable?: PerInput | undefined;
  /** Which values the rules read; if omitted, all of them. */
  readonly reads?: Reads | undefined;
  /**
   * Facts that transforms may act on; they never act on a name. `checkOp` holds each of them: one that is not true makes
   * derivatives wrong.
   */
  readonly declares?:
    | (LinearFacts<{ readonly [K in keyof In]: Shape }, Attrs> & {
        /** "jointly": in all inputs at once (add, sum); "each": in each input with the others fixed (mul, matmul). */
        readonly linear?: "jointly" | "each" | undefined;
        /** Every element of the output depends on the elements at the same position only. */
        readonly elementwise?: boolean | undefined;
      })
    | undefined;
  /**
   * The outputs in terms of lazy arrays, as {@link Lower} makes them, for compiled programs; null: not for these attributes.
   * If omitted, compiled programs call `evaluate`. `checkOp` holds it to `evaluate`.
   */
  lower?(
    on: Lower,
    inputs: { readonly [K in keyof In]: Lazy },
    attrs: Attrs,
    outputs: readonly Kind[],
  ): readonly Lazy[] | null;
}

/** Everything about one custom op, in one place. */
export interface OpDefinition<In extends readonly Tensor[], Attrs, T extends Tensor = Tensor>
  extends DefinitionBase<In, Attrs> {
  /** Only ops with several outputs have it: {@link PartsDefinition}. */
  readonly parts?: undefined;
  /** Shape of the output from the shapes of the inputs. It reads no elements, and throws the shape errors. */
  shape(shapes: { readonly [K in keyof In]: Shape }, attrs: Attrs): Shape;
  /** Dtype of the output; if omitted, the promotion of the inputs' dtypes. */
  dtype?(dtypes: { readonly [K in keyof In]: Dtype }, attrs: Attrs): Dtype;
  /**
   * Writes the result into `output`, which is zero-filled. It and the `data` of the inputs are borrowed: views of memory
   * that other tensors share, to be used during the call and neither kept nor transferred.
   */
  evaluate(output: TensorData, inputs: In, attrs: Attrs): void;
  /** One pullback per input; null: the output does not vary with it. */
  readonly vjp: { readonly [K in keyof In]: Pullback<In, Attrs, T> };
  /** One pushforward per input; if omitted, derived from the pullbacks, which must be linear in yBar. */
  readonly jvp?: { readonly [K in keyof In]: Pushforward<In, Attrs, T> };
  /** The cotangents of all inputs at once: for ops with any number of inputs, or with work to share. It replaces `vjp`. */
  pullback?(rule: Rule<In, Attrs, T> & { readonly yBar: T; readonly wanted: { readonly [K in keyof In]: boolean } }): {
    readonly [K in keyof In]: Value | null;
  };
  /** The tangent of the output from those of all inputs at once (null: zero). It replaces `jvp`. */
  pushforward?(rule: Rule<In, Attrs, T> & { readonly xDots: { readonly [K in keyof In]: T | null } }): Value | null;
  /**
   * The op when some inputs have a leading batch axis, of length `size`; if omitted, the op is mapped over the samples in
   * one loop.
   */
  batch?(inputs: In, batched: { readonly [K in keyof In]: boolean }, attrs: Attrs, size: number): T;
}

/** An op with several outputs: as {@link OpDefinition}, with lists in place of the one output. */
export interface PartsDefinition<In extends readonly Tensor[], Attrs, T extends Tensor = Tensor>
  extends DefinitionBase<In, Attrs> {
  /** Number of outputs. */
  readonly parts: number;
  /** Shapes of the outputs. It reads no elements, and throws the shape errors. */
  shape(shapes: { readonly [K in keyof In]: Shape }, attrs: Attrs): readonly Shape[];
  /** Dtypes of the outputs; if omitted, the promotion of the inputs' dtypes for all. */
  dtype?(dtypes: { readonly [K in keyof In]: Dtype }, attrs: Attrs): readonly Dtype[];
  /** Writes the results into `outputs`, which are zero-filled; these and the `data` of the inputs are borrowed. */
  evaluate(outputs: readonly TensorData[], inputs: In, attrs: Attrs): void;
  /** One pullback per input; the cotangent of an output that was not used is null. */
  readonly vjp: {
    readonly [K in keyof In]:
      | ((rule: PartsRule<In, Attrs, T> & { readonly yBars: readonly (T | null)[] }) => Value)
      | null;
  };
  /** The cotangents of all inputs at once. It replaces `vjp`. */
  pullback?(
    rule: PartsRule<In, Attrs, T> & {
      readonly yBars: readonly (T | null)[];
      readonly wanted: { readonly [K in keyof In]: boolean };
    },
  ): { readonly [K in keyof In]: Value | null };
  /** The tangents of all outputs (null: zero) from those of all inputs; if omitted, derived from the pullbacks. */
  pushforward?(
    rule: PartsRule<In, Attrs, T> & { readonly xDots: { readonly [K in keyof In]: T | null } },
  ): readonly (Value | null)[];
  /**
   * The op when some inputs have a leading batch axis, of length `size`; if omitted, the op is mapped over the samples in
   * one loop.
   */
  batch?(inputs: In, batched: { readonly [K in keyof In]: boolean }, attrs: Attrs, size: number): readonly T[];
}

/** A definition with one pullback for all inputs instead of `vjp`. @internal */
export type WithPullback<D extends { readonly vjp: unknown; pullback?: unknown }> = Omit<
  D,
  "vjp" | "jvp" | "pullback"
> & {
  /** Replaced by `pullback`. */
  readonly vjp?: undefined;
  /** The cotangents of all inputs at once: for ops with any number of inputs, or with work to share. */
  readonly pullback: NonNullable<D["pullback"]>;
};

/** Where the batch rule and the pushforward come from, which `explain` reports, and how what rules return is checked. */
export interface Derived {
  readonly batch?: CoreOp["batchRule"];
  readonly pushforward?: CoreOp["pushforwardRule"];
  readonly checkRule?: CoreOp["checkRule"];
}

/** A rule of any op. The type of a method, so that rules for any inputs are assignable to it. */
type AnyRule = { rule(given: object): Value }["rule"];

/** A definition of either kind, without its types. */
export interface AnyDefinition {
  readonly name: string;
  readonly parts?: number | undefined;
  shape(shapes: readonly Shape[], attrs: unknown): Shape | readonly Shape[];
  dtype?(dtypes: readonly Dtype[], attrs: unknown): Dtype | readonly Dtype[];
  evaluate(output: TensorData | readonly TensorData[], inputs: readonly Handle[], attrs: unknown): void;
  readonly vjp?: readonly (AnyRule | null)[] | undefined;
  readonly jvp?: readonly (AnyRule | null)[];
  pullback?(rule: object): readonly (Value | null)[];
  pushforward?(rule: object): Value | null | readonly (Value | null)[];
  batch?(
    inputs: readonly Handle[],
    batched: readonly boolean[],
    attrs: unknown,
    size: number,
  ): Tensor | readonly Tensor[];
  readonly differentiable?: PerInput | undefined;
  readonly reads?: Reads | undefined;
  readonly declares?: Declarations | undefined;
  lower?(on: Lower, inputs: readonly Lazy[], attrs: unknown, outputs: readonly Kind[]): readonly Lazy[] | null;
}

/** A definition that brings its batch rule, as those of all built-in ops do. */
type Complete<D extends { batch?: unknown }, Attrs> = D & {
  readonly batch: NonNullable<D["batch"]>;
  readonly declares?: InnerFacts<Attrs> | undefined;
};

/** What only built-in ops declare. */
interface InnerFacts<Attrs> extends Pick<Declarations, "absorbing"> {
  operands?(inputs: readonly Handle[], attrs: Attrs): readonly Handle[];
  loop?(attrs: Attrs): Loop;
}

const isShape = (x: Shape | readonly Shape[]): x is Shape => typeof x[0] !== "object";
const isList = <X>(x: X | readonly X[]): x is readonly X[] => Array.isArray(x);
const asList = <X extends string | object>(x: X | readonly X[]): readonly X[] => (isList(x) ? x : [x]);

/** The flag of one input. */
function flagOf(flags: PerInput | undefined, k: number): boolean {
  if (flags === undefined) return true;
  if (typeof flags === "boolean") return flags;
  return typeof flags === "function" ? flags(k) : (flags[k] ?? true);
}

/** The pullback for all inputs, from the rules of one input each. */
function pullbackOf({ vjp, pullback }: AnyDefinition, several: boolean): NonNullable<CoreOp["pullback"]> {
  return ({ inputs, outputs, attrs }, yBars, wanted) => {
    const rule = several
      ? { inputs, outputs, attrs, yBars, wanted }
      : { inputs, output: outputs[0], attrs, yBar: yBars[0], wanted };
    if (pullback !== undefined) return pullback(rule);
    return (vjp ?? []).map((pull, k) => (wanted[k] && pull !== null ? pull(rule) : null));
  };
}

/** The pushforward for all inputs, from the rules of one input each. */
function pushforwardOf(
  op: () => CoreOp,
  definition: AnyDefinition,
  several: boolean,
): NonNullable<CoreOp["pushforward"]> {
  const { jvp, pushforward } = definition;
  return ({ inputs, outputs, attrs }, xDots) => {
    const rule = several ? { inputs, outputs, attrs, xDots } : { inputs, output: outputs[0], attrs, xDots };
    if (pushforward !== undefined) {
      const dots = pushforward(rule);
      return isList(dots) ? dots : [dots];
    }
    let sum: Handle | null = null;
    jvp?.forEach((push, k) => {
      const xDot = xDots[k] ?? null;
      if (push === null || xDot === null) return;
      const dot = fromRule(op(), "the tangent by input", k, push({ ...rule, xDot }), outputs[0]);
      sum = sum === null ? dot : accumulate(sum, dot);
    });
    return [sum];
  };
}

/**
 * A built-in op, from its definition. No rule is derived, and what its rules return is not checked: laws hold it. `defineOp`
 * derives and checks.
 */
export function makeOp<In extends readonly Handle[], Attrs = undefined>(
  definition:
    | Complete<OpDefinition<In, Attrs, Handle>, Attrs>
    | Complete<WithPullback<OpDefinition<In, Attrs, Handle>>, Attrs>,
  derived?: Derived,
): CoreOp<Attrs>;
export function makeOp<In extends readonly Handle[], Attrs = undefined>(
  definition:
    | Complete<PartsDefinition<In, Attrs, Handle>, Attrs>
    | Complete<WithPullback<PartsDefinition<In, Attrs, Handle>>, Attrs>,
  derived?: Derived,
): CoreOp<Attrs>;
export function makeOp(definition: AnyDefinition, derived?: Derived): CoreOp {
  return opOf(definition, derived);
}

/** The op of a definition of either kind. */
export function opOf(definition: AnyDefinition, derived: Derived = {}): CoreOp {
  const { parts = 1, vjp, pullback, differentiable, batch } = definition;
  const several = definition.parts !== undefined;
  const constant = pullback === undefined && !vjp?.some((rule) => rule !== null);
  const { inputs: readInputs = !constant, output: readOutput = !constant } = definition.reads ?? {};
  const op: CoreOp = coreOp({
    name: definition.name,
    parts,
    shapes: (shapes, attrs) => {
      const given = definition.shape(shapes, attrs);
      return isShape(given) ? [given] : given;
    },
    dtypes: (dtypes, attrs) =>
      definition.dtype === undefined
        ? new Array<Dtype>(parts).fill(dtypes.reduce((a, b) => promote(a, b), dtypes[0] ?? "float64"))
        : asList(definition.dtype(dtypes, attrs)),
    evaluate: (outputs, inputs, attrs) => definition.evaluate(several ? outputs : outputs[0], inputs, attrs),
    differentiable: (k) => (pullback === undefined ? (vjp?.[k] ?? null) !== null : flagOf(differentiable, k)),
    readsInput: (k) => flagOf(readInputs, k),
    readsOutput: readOutput,
    pullback: pullbackOf(definition, several),
    pushforward: pushforwardOf(() => op, definition, several),
    batch: (inputs, batched, attrs, size) =>
      asList<Tensor>(batch === undefined ? [] : batch(inputs, batched, attrs, size)).map((y) =>
        y instanceof Handle ? y : notATensor(definition.name, y, "the batch rule's result", true),
      ),
    declares: definition.declares ?? {},
    batchRule: derived.batch ?? "own",
    pushforwardRule: derived.pushforward ?? "own",
    checkRule: derived.checkRule ?? null,
    ...(definition.lower === undefined ? null : { lower: definition.lower }),
  });
  return op;
}
