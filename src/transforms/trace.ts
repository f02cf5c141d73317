import type { Dtype } from "../base/dtype";
import { fail, list } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { checkFunction } from "../base/options";
import { type Shape, sameShape } from "../base/shape";
import { asLeaf, handlesOf } from "../core/op/leaves";
import type { CoreOp, Program, Step } from "../core/op/op";
import { replay, traceProgram } from "../core/program/program";
import { programDot, programText } from "../core/program/program-text";
import type { Handle } from "../core/tensor/handle";
import type { Tensor } from "../core/tensor/tensor";
import { type Flat, flatten, matching, placeIn } from "../core/tensor/tree";
import { asHandle } from "../core/tensor/value";

/** What an equation works on: the slot of an earlier result, a tensor captured from outside, or a number. */
export type Operand =
  | {
      /** Number of an input or of an earlier result. */
      readonly slot: number;
    }
  | {
      /** The captured tensor. */
      readonly tensor: Tensor;
    }
  | {
      /** The number. */
      readonly value: number;
    };

/** One application of an op on a tape. */
export interface Equation {
  /** Name of the op. */
  readonly op: string;
  /** What the op is applied to, in order. */
  readonly inputs: readonly Operand[];
  /** Slots of the results, one for each part of the op. */
  readonly outputs: readonly number[];
  /** Attributes of the op. */
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Shape of the first result. */
  readonly shape: Shape;
  /** Dtype of the first result. */
  readonly dtype: Dtype;
  /** Whether it is a loop over samples, derived because the op has no batch rule. */
  readonly looped?: boolean | undefined;
  /** Rules that the op does not bring: "jvp" is then the transpose of its vjp, "batch" one loop over the samples. */
  readonly derived?: readonly ("jvp" | "batch")[] | undefined;
  /** Names of the ops of the program inside, for loops, branches and loops over samples. */
  readonly body?: readonly string[] | undefined;
  /** Where in the user's program it was made, when known: under {@link checkNumerics}. */
  readonly source?: string | undefined;
}

/** Arguments like others: for the number 1 any number. @internal */
export type Again<A extends readonly unknown[]> = { [K in keyof A]: A[K] extends number ? number : A[K] };

/** The equations between given inputs and outputs, in the order of time. */
export interface Tape<A extends readonly unknown[] = readonly unknown[], Y = unknown> {
  /** Slots of the inputs, one for each leaf of the arguments. */
  readonly inputs: readonly number[];
  /** What the function gives, one operand for each leaf of its result. */
  readonly outputs: readonly Operand[];
  /** In the order of time. */
  readonly equations: readonly Equation[];
  /** Runs the equations on other arguments of the same shapes and dtypes. */
  replay(...args: A | Again<A>): Y;
  /** One line for each equation. */
  toString(): string;
  /** A graph in the DOT language of Graphviz. */
  toDot(): string;
}

const asOperand = (x: number | Handle): Operand => {
  if (typeof x === "number") return { slot: x };
  return x.shape.length === 0 && x.strand === null && x.body?.data !== null ? { value: x.item() } : { tensor: x };
};

const asRecord = (attrs: unknown): Readonly<Record<string, unknown>> =>
  typeof attrs === "object" && attrs !== null ? Object.fromEntries(Object.entries(attrs)) : {};

const derivedOf = ({ pushforwardRule: pushing, batchRule: batching }: CoreOp): ("jvp" | "batch")[] => [
  ...(pushing === "derived" ? (["jvp"] as const) : []),
  ...(batching === "derived" ? (["batch"] as const) : []),
];

/** Names of the ops of a program among the attributes. */
function bodyOf(attrs: unknown): string[] | undefined {
  if (typeof attrs !== "object" || attrs === null || !("body" in attrs)) return undefined;
  const { body } = attrs;
  if (typeof body !== "object" || body === null || !("steps" in body) || !Array.isArray(body.steps)) return undefined;
  return body.steps.map((step: Step) => step.op.name);
}

class TracedTape<A extends readonly unknown[], Y> implements Tape<A, Y> {
  readonly inputs: readonly number[];
  readonly outputs: readonly Operand[];
  readonly equations: readonly Equation[];
  constructor(
    private readonly program: Program,
    private readonly args: Flat,
    private readonly results: Flat,
  ) {
    // Not a member with a computed name: bundlers keep classes that have one, used or not.
    Object.defineProperty(this, Symbol.for("nodejs.util.inspect.custom"), { value: () => this.toString() });
    this.inputs = program.inputs.map((_, k) => k);
    this.outputs = program.outputs.map(asOperand);
    this.equations = program.steps.map((step) => ({
      op: step.op.name,
      looped: step.op.batchRule === "loop",
      inputs: step.inputs.map(asOperand),
      outputs: step.outputs,
      attrs: asRecord(step.attrs),
      shape: step.examples[0].shape,
      dtype: step.examples[0].dtype,
      derived: derivedOf(step.op),
      body: bodyOf(step.attrs),
      ...(step.origin?.line === undefined ? {} : { source: step.origin.line }),
    }));
  }

  replay(...args: A | Again<A>): Y {
    const leaves = matching("replay", this.args, args, "arguments");
    const inputs = leaves.map((leaf, k) => {
      const x = asHandle(leaf);
      const { shape, dtype } = this.program.inputs[k];
      if (!sameShape(x.shape, shape) || x.dtype !== dtype) {
        fail(
          "tape/signature",
          `replay: ${placeIn("arguments", this.args.paths[k])} is ${x.dtype}${list(x.shape)}, but the tape was traced with ${dtype}${list(shape)}.`,
          { path: this.args.paths[k], received: { shape: x.shape, dtype: x.dtype }, expected: { shape, dtype } },
          "Trace again for other shapes or dtypes.",
        );
      }
      return x;
    });
    const outputs = replay(this.program, inputs);
    return this.results.build<Y>(outputs.map((y, k) => asLeaf(this.results.leaves[k], y)));
  }

  toString(): string {
    refuseExtra("toString", "", 0, arguments);
    return programText(this.program);
  }

  toDot(): string {
    refuseExtra("toDot", "", 0, arguments);
    return programDot(this.program);
  }
}

/**
 * The tape of a function: runs it on symbols shaped like the examples and reads off its equations.
 *
 * Shape: `(...A) -> Y` becomes `(...A) -> Tape<A, Y>`.
 *
 * Only shapes and dtypes of the examples matter. Inside, tensors have no values: choose with `where` instead of `if`.
 * What f captures from outside stays on the tape as a constant.
 * @param f - any function of trees of numbers and tensors
 * @returns a function that gives the tape: printable, replayable, drawable
 * @throws GradtapeError `trace/value` where f reads a value, `trace/escaped` for a symbol used after its trace,
 * `tree/leaf`
 * @example
 * ```ts
 * import { add, mul, type Tensor, tensor, trace } from "gradtape";
 * const tape = trace((x: Tensor) => add(mul(x, x), 1))(tensor([0, 0]));
 * tape.equations.map((equation) => equation.op); // => ["mul", "add"]
 * tape.replay(tensor([2, 3])); // => [5, 10]
 * tape.replay(tensor([2, 3, 4])); // => throws [tape/signature]
 * ```
 */
export function trace<A extends readonly unknown[], Y>(f: (...args: A) => Y): (...examples: A) => Tape<A, Y> {
  refuseExtra("trace", "f", 1, arguments);
  checkFunction("trace", f);
  return (...examples) => {
    const flat = flatten("trace", examples, { name: "arguments" });
    const kinds = handlesOf(flat.leaves);
    const [program, results] = traceProgram(kinds, (symbols) => {
      const tree = flatten("trace", f(...flat.build<A>(symbols)), { name: "the result" });
      return [handlesOf(tree.leaves), tree];
    });
    return new TracedTape<A, Y>(program, flat, results);
  };
}
