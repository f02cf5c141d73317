import { type Dtype, isFloat, promote, type TensorData } from "../../base/dtype";
import { describe, fail, list } from "../../base/errors";
import type { Shape } from "../../base/shape";
import { applyParts } from "../../core/op/apply";
import { type Op as CoreOp, type Declarations, makeOp, type Residuals } from "../../core/op/op";
import { checked } from "../../core/op/rule-check";
import { accumulate } from "../../core/op/sweep-ops";
import { freshInputs, pullBack } from "../../core/sweep/differentiate";
import { Handle, makeFilled } from "../../core/tensor/handle";
import type { Tensor, Value } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";
import { asHandle } from "../../core/tensor/value";
import { mapSamples } from "../program/map-samples";
import { checkCount, checkOne, checkShapes, evaluateFailed } from "./rule-contract";

/** What a rule can read; rules are written with functions, so that they can be differentiated in their turn. */
export interface Rule<In extends readonly Tensor[], Attrs> {
  /** The inputs, those that `reads` names. */
  readonly inputs: In;
  /** The output, if `reads` names it. */
  readonly output: Tensor;
  /** The attributes of the call. */
  readonly attrs: Attrs;
}

/** The cotangent of one input, from the cotangent of the output; null: no dependence. */
export type Pullback<In extends readonly Tensor[], Attrs> =
  | ((rule: Rule<In, Attrs> & { readonly yBar: Tensor }) => Value)
  | null;

/** The tangent of the output, from the tangent of one input; null: no dependence. */
export type Pushforward<In extends readonly Tensor[], Attrs> =
  | ((rule: Rule<In, Attrs> & { readonly xDot: Tensor }) => Value)
  | null;

/** Which inputs, and whether the output, the rules read; nothing else is kept for the sweep. */
export interface Reads {
  /** One flag for each input; all true by default. */
  readonly inputs?: readonly boolean[] | undefined;
  /** Whether the output is read; true by default. */
  readonly output?: boolean | undefined;
}

/** Everything about one op of one's own, in one place. */
export interface OpDefinition<In extends readonly Tensor[], Attrs> {
  /** Prints, and starts every error message. */
  readonly name: string;
  /** Only ops of several outputs have it: {@link PartsDefinition}. */
  readonly parts?: undefined;
  /** Shape of the output from the shapes of the inputs; reads no numbers, throws the shape errors. */
  shape(shapes: { readonly [K in keyof In]: Shape }, attrs: Attrs): Shape;
  /** Dtype of the output; without it the promotion of the inputs'. */
  dtype?(dtypes: { readonly [K in keyof In]: Dtype }, attrs: Attrs): Dtype;
  /** Writes the numbers into `output`, which comes zeroed. */
  evaluate(output: TensorData, inputs: In, attrs: Attrs): void;
  /** One pullback per input. */
  readonly vjp: { readonly [K in keyof In]: Pullback<In, Attrs> };
  /** One pushforward per input; without it derived from the pullbacks, which must be linear in yBar. */
  readonly jvp?: { readonly [K in keyof In]: Pushforward<In, Attrs> };
  /** The op when some inputs have a leading batch axis; without it ONE loop over the samples. */
  batch?(inputs: In, batched: { readonly [K in keyof In]: boolean }, attrs: Attrs): Tensor;
  /** What the compiler emits; without it compiled programs call `evaluate`. */
  lower?(emit: Emitter, shapes: { readonly [K in keyof In]: Shape }, attrs: Attrs): void;
  /** Which values the rules read; all of them by default. */
  readonly reads?: Reads | undefined;
  /** What sweeps, rewrites and the compiler may know of the op; they never know its name. */
  readonly declares?:
    | {
        /** Jointly: in all inputs at once (add, sum). Each: in every input for itself (mul, matmul). */
        readonly linear?: "jointly" | "each" | undefined;
        /** The sum of products it is, as einsum writes it. */
        contraction?(shapes: { readonly [K in keyof In]: Shape }, attrs: Attrs): string;
        /** The sum of squares of the output is that of the input. */
        readonly normPreserving?: boolean | undefined;
        /** Every number of the output comes from the numbers at its place. */
        readonly elementwise?: boolean | undefined;
      }
    | undefined;
  /** All cotangents at once, instead of one rule per input. */
  pullback?(
    rule: Rule<In, Attrs> & { readonly yBar: Tensor; readonly wanted: { readonly [K in keyof In]: boolean } },
  ): { readonly [K in keyof In]: Value | null };
  /** The tangent from all tangents at once, instead of one rule per input. */
  pushforward?(rule: Rule<In, Attrs> & { readonly xDots: { readonly [K in keyof In]: Tensor | null } }): Value;
}

/** An op that yields several tensors: as {@link OpDefinition}, with lists where that has one output. */
export interface PartsDefinition<In extends readonly Tensor[], Attrs> {
  /** Prints, and starts every error message. */
  readonly name: string;
  /** Number of outputs. */
  readonly parts: number;
  /** Shapes of the outputs; reads no numbers, throws the shape errors. */
  shape(shapes: { readonly [K in keyof In]: Shape }, attrs: Attrs): readonly Shape[];
  /** Dtypes of the outputs; without it the promotion of the inputs' for all. */
  dtype?(dtypes: { readonly [K in keyof In]: Dtype }, attrs: Attrs): readonly Dtype[];
  /** Writes the numbers into `outputs`, which come zeroed. */
  evaluate(outputs: readonly TensorData[], inputs: In, attrs: Attrs): void;
  /** One pullback per input; cotangents of parts that nobody used are null. */
  readonly vjp: {
    readonly [K in keyof In]:
      | ((rule: {
          readonly inputs: In;
          readonly outputs: readonly Tensor[];
          readonly attrs: Attrs;
          readonly yBars: readonly (Tensor | null)[];
        }) => Value)
      | null;
  };
  /** The op when some inputs have a leading batch axis; without it ONE loop over the samples. */
  batch?(inputs: In, batched: { readonly [K in keyof In]: boolean }, attrs: Attrs): readonly Tensor[];
  /** Which values the rules read; all of them by default. */
  readonly reads?: Reads | undefined;
}

/** What a lowering writes to: the compiler's instructions. @internal */
export interface Emitter {
  readonly [instruction: string]: (...operands: readonly unknown[]) => unknown;
}

/** An op: a function of its inputs, each a number or a tensor, and of attributes if it has any. */
export interface Op<In extends readonly unknown[], Attrs = undefined> {
  (...args: [...inputs: { [K in keyof In]: Value }, ...attrs: Attrs extends undefined ? [] : [attrs: Attrs]]): Tensor;
  /** What it was made from. */
  readonly definition: {
    /** Its name. */
    readonly name: string;
  };
}

/** An op that yields several tensors. @internal */
export type PartsOp<In extends readonly unknown[], Attrs> = (
  ...args: [...inputs: { [K in keyof In]: Value }, ...attrs: Attrs extends undefined ? [] : [attrs: Attrs]]
) => readonly Tensor[];

type Inputs = readonly Handle[];

/** A rule of any op: the type of a method, so that rules of any inputs fit. */
type AnyRule = { rule(given: object): Value }["rule"];

/** A definition of either kind, its types forgotten. */
interface AnyDefinition {
  readonly name: string;
  readonly parts?: number | undefined;
  shape(shapes: readonly Shape[], attrs: unknown): Shape | readonly Shape[];
  dtype?(dtypes: readonly Dtype[], attrs: unknown): Dtype | readonly Dtype[];
  evaluate(output: TensorData | readonly TensorData[], inputs: Inputs, attrs: unknown): void;
  readonly vjp: readonly (AnyRule | null)[];
  readonly jvp?: readonly (AnyRule | null)[];
  batch?(inputs: Inputs, batched: readonly boolean[], attrs: unknown): Tensor | readonly Tensor[];
  readonly reads?: Reads | undefined;
  readonly declares?: Declarations | undefined;
  pullback?(rule: object): readonly (Value | null)[];
  pushforward?(rule: object): Value;
}

const isHandle = (x: unknown): x is Handle => x instanceof Handle;
const asList = <T extends string | object>(x: T | readonly T[]): readonly T[] => (isList(x) ? x : [x]);
const isList = <T>(x: T | readonly T[]): x is readonly T[] => Array.isArray(x);

/** The tangents of the outputs from the pullbacks: the transpose of the transpose, which is linear in the cotangents. */
export function transposeTwice(op: CoreOp, r: Residuals, xDots: readonly (Handle | null)[]): (Handle | null)[] {
  const bars = freshInputs(r.outputs.map((y) => makeFilled(y.shape, isFloat(y.dtype) ? y.dtype : "float64", 1)));
  const wanted = xDots.map((dot) => dot !== null);
  const xBars = op.pull(r, bars, wanted);
  const ends: Handle[] = [];
  const cotangents: Handle[] = [];
  xDots.forEach((dot, k) => {
    const bar = xBars[k];
    if (dot === null || bar === null || bar === undefined) return;
    ends.push(checked(op, "the cotangent of input", k, bar, r.inputs[k]));
    cotangents.push(dot);
  });
  return [...pullBack(op.name, { outputs: ends, cotangents, inputs: bars, free: false }).cotangents];
}

function coreOp(d: AnyDefinition): CoreOp {
  const parts = d.parts ?? 1;
  const several = d.parts !== undefined;
  const outputOf = (r: Residuals): object => (several ? { outputs: r.outputs } : { output: r.outputs[0] });
  const { name, jvp, pushforward, pullback, batch } = d;
  const op: CoreOp = makeOp({
    name,
    parts,
    shapes: (shapes, attrs) => {
      const given = d.shape(shapes, attrs);
      return several ? checkShapes(name, given, parts) : [checkOne(name, given)];
    },
    dtypes: (dtypes, attrs) => {
      if (d.dtype !== undefined) return asList(d.dtype(dtypes, attrs));
      return new Array<Dtype>(parts).fill(dtypes.reduce((a, b) => promote(a, b), dtypes[0] ?? "float64"));
    },
    evaluate: (outputs, inputs, attrs) => {
      try {
        d.evaluate(several ? outputs : outputs[0], inputs, attrs);
      } catch (cause) {
        evaluateFailed(name, inputs, cause);
      }
    },
    differentiable: (k) => pullback !== undefined || (d.vjp[k] ?? null) !== null,
    readsInput: (k) => d.reads?.inputs?.[k] ?? true,
    readsOutput: d.reads?.output ?? true,
    pull: (r, yBars, wanted) => {
      const bars = several ? { yBars } : { yBar: yBars[0] };
      const rule = { inputs: r.inputs, ...outputOf(r), attrs: r.attrs, ...bars };
      if (pullback !== undefined) return checkCount(name, pullback({ ...rule, wanted }), wanted.length);
      return d.vjp.map((pull, k) => (wanted[k] && pull !== null ? pull(rule) : null));
    },
    push: (r, xDots) => {
      const rule = { inputs: r.inputs, ...outputOf(r), attrs: r.attrs };
      if (pushforward !== undefined) return [pushforward({ ...rule, xDots })];
      if (jvp === undefined) return transposeTwice(op, r, xDots);
      let sum: Handle | null = null;
      jvp.forEach((push, k) => {
        if (push === null || !xDots[k]) return;
        const dot = checked(op, "the tangent by input", k, push({ ...rule, xDot: xDots[k] }), r.outputs[0]);
        sum = sum === null ? dot : accumulate(sum, dot);
      });
      return [sum];
    },
    batch: (inputs, batched, attrs, size) => {
      if (batch === undefined) return mapSamples(op, inputs, batched, attrs, size);
      return asList<Tensor>(batch(inputs, batched, attrs)).map((y) =>
        isHandle(y) ? y : notATensor(name, y, "the batch rule's result", true),
      );
    },
    declares: d.declares ?? {},
    batching: batch === undefined ? "derived" : "own",
    pushing: jvp === undefined && pushforward === undefined ? "derived" : "own",
  });
  return op;
}

/** Arguments of an op: its inputs as tensors (numbers take the dtype of the first tensor), then attributes. */
function argumentsOf(name: string, args: readonly unknown[], arity: number): [inputs: Handle[], attrs: unknown] {
  let count = arity;
  if (arity === 0)
    while (count < args.length && (typeof args[count] === "number" || args[count] instanceof Handle)) count++;
  const given = args.slice(0, count);
  const first = given.find(isHandle);
  const dtype = first !== undefined && isFloat(first.dtype) ? first.dtype : "float64";
  const inputs = given.map((x, k) =>
    isHandle(x) ? x : typeof x === "number" ? asHandle(x, dtype) : notATensor(name, x, `input ${k}`),
  );
  if (inputs.length < count) {
    fail(
      "op/arguments",
      `${name}: ${count === 1 ? "an input is" : `${count} inputs are`} needed, got ${list(given.map(describe))}.`,
      { op: name, expected: count },
      "Give all inputs, then the attributes.",
    );
  }
  return [inputs, args[count]];
}

/**
 * Makes an op of one's own that works under every transform: the shape rule, the value and one pullback per input are
 * enough. Without `jvp` the pushforward is the transpose of the pullback, without `batch` the op is looped over the
 * samples ({@link explain} says so). Write the types of the inputs out, they cannot be inferred.
 *
 * Shape: `inputs -> shape(shapes, attrs)`, of the promoted dtype unless `dtype` says otherwise.
 * @param definition - the op; with `parts` it yields several tensors
 * @returns the op: a function of the inputs, and of the attributes if there are any
 * @throws GradtapeError `op/arguments`, and, where a rule breaks its contract, `op/shape`, `op/rule-shape`,
 * `op/rule-dtype`, `op/reads`
 * @example
 * ```ts
 * import { defineOp, mul, type Tensor, tensor, vmap } from "gradtape";
 * const scaled = defineOp<[x: Tensor], { factor: number }>({
 *   name: "scaled",
 *   shape: ([x]) => x,
 *   evaluate: (output, [x], { factor }) => output.set(x.data.map((number) => factor * number)),
 *   vjp: [({ yBar, attrs }) => mul(yBar, attrs.factor)],
 * });
 * scaled(tensor([1, 2]), { factor: 3 }); // => [3, 6]
 * vmap((x: Tensor) => scaled(x, { factor: 2 }))(tensor([[1], [2]])); // => [[2], [4]]
 * ```
 */
export function defineOp<In extends readonly Tensor[], Attrs = undefined>(
  definition: OpDefinition<In, Attrs>,
): Op<In, Attrs>;
export function defineOp<In extends readonly Tensor[], Attrs = undefined>(
  definition: PartsDefinition<In, Attrs>,
): PartsOp<In, Attrs>;
export function defineOp(definition: AnyDefinition): unknown {
  const op = coreOp(definition);
  const several = definition.parts !== undefined;
  const run = (...args: readonly unknown[]): unknown => {
    const [inputs, attrs] = argumentsOf(definition.name, args, definition.vjp.length);
    const outputs = applyParts(op, inputs, attrs);
    return several ? outputs : outputs[0];
  };
  return Object.assign(run, { definition });
}
