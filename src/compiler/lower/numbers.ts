import { keyOfNumber } from "../../base/format";
import type { CoreOp, Kind, Program, Step } from "../../core/op/op";
import { Handle } from "../../core/tensor/handle";
import { type Expression, Expressions, type Stored } from "../../kernel/expression";
import type { FormulaFunction } from "../../kernel/formula";
import { ABS, ADD, DIV, MAX, MIN, MUL, NEG, type Primitive, SQRT, SUB } from "../../kernel/primitives";
import { eachPart, partsOf } from "../../kernel/vector";
import { Builder } from "./build";
import { type Node, neededBy } from "./nodes";

/*
 * Programs of single doubles, of which there may be hundreds of thousands: a list of instructions on numbered values, without an
 * object for each. What an op is on doubles is worked out once for each op and the constants that it meets.
 */

/** What an instruction does: to doubles, and to truths, which are integers 0 or 1. */
export type Operation = Primitive | FormulaFunction | "to number" | "to truth";

/** How many operands an operation has. */
export const arityOf = (operation: Operation): number => (typeof operation === "string" ? 1 : operation.arity);

/** Whether an operation gives a truth. */
export const givesTruth = (operation: Operation): boolean =>
  operation === "to truth" || (typeof operation === "object" && operation.is === "primitive" && operation.truth);

/** Whether the k-th operand of an operation is a truth. */
export const takesTruth = (operation: Operation, k: number): boolean =>
  operation === "to number" ||
  (typeof operation === "object" && operation.is === "primitive" && operation.takes[k] === "truth");

/** A program of doubles. Values are the inputs, and then what the instructions give; constants count from -1 down. */
export interface Numbers {
  readonly inputs: number;
  readonly operations: readonly Operation[];
  /** The operation of each instruction. */
  readonly code: readonly number[];
  /** Three operands of each instruction; 0 where it has fewer. */
  readonly operands: readonly number[];
  readonly constants: readonly number[];
  readonly outputs: readonly number[];
  /** Whether a product with 0 is left to be NaN beside Infinity, so that results that are NaN are not to be trusted. */
  readonly speculative: boolean;
}

/** From so many steps on, programs of doubles are worth a list of their own. */
const FEW_STEPS = 32;
/** In templates: the first temporary; inputs come before it. */
const TEMPORARY = 1 << 16;

const isDouble = ({ shape, dtype }: Kind): boolean => shape.length === 0 && dtype === "float64";
const isSingle = ({ shape, dtype }: Kind): boolean => shape.length === 0 && (dtype === "float64" || dtype === "bool");

/** The instructions of an op on doubles, in terms of its inputs and temporaries. */
interface Template {
  readonly code: readonly number[];
  readonly operands: readonly number[];
  readonly results: readonly number[];
}

/** The program as instructions on doubles; null if it has anything else. `expandAll`: functions by their expansions. */
export function numbersOf(program: Program, expandAll: boolean, speculative: boolean): Numbers | null {
  if (program.steps.length < FEW_STEPS || !program.inputs.every(isDouble)) return null;
  for (const { examples, op } of program.steps) if (op.lower === undefined || !examples.every(isSingle)) return null;
  const list = new NumberList(program, expandAll, speculative);
  if (!list.read()) return null;
  // Where a NaN could be lost on the way, products are computed as they are meant.
  return list.isSound ? list.numbers() : numbersOf(program, expandAll, false);
}

class NumberList {
  private readonly operations: Operation[] = [];
  private readonly code: number[] = [];
  private readonly operands: number[] = [];
  private readonly constants: number[] = [];
  private readonly constantAt = new Map<string, number>();
  private readonly templates = new Map<CoreOp, Map<string, Template | null>>();
  /** The value of each slot of the program. */
  private readonly values: number[];
  private readonly on: Expressions;
  private trusted = true;

  constructor(
    private readonly program: Program,
    expandAll: boolean,
    speculative: boolean,
  ) {
    this.values = new Array<number>(program.slots).fill(0);
    program.inputs.forEach((_, k) => {
      this.values[k] = k;
    });
    this.on = new Expressions(expandAll, speculative);
  }

  /** Reads the steps; false if one of them is of something else than doubles. */
  read(): boolean {
    for (const step of this.program.steps) {
      const given = step.inputs.map((x) => this.valueOf(x)).filter((x) => x !== null);
      const template = given.length < step.inputs.length ? null : this.templateOf(step, given);
      if (template === null) return false;
      this.append(step, template, given);
    }
    return this.program.outputs.every((y) => this.valueOf(y) !== null);
  }

  numbers(): Numbers {
    const { program, operations, constants, on } = this;
    const outputs = program.outputs.map((y) => this.valueOf(y) ?? 0);
    const inputs = program.inputs.length;
    const { code, operands, renumbered } = withoutUnused(inputs, this.code, this.operands, outputs);
    return { inputs, operations, code, operands, constants, outputs: renumbered, speculative: on.speculated };
  }

  /** Whether no NaN that a plain product would give is lost on the way to a result. */
  get isSound(): boolean {
    return !this.on.speculated || this.trusted;
  }

  private valueOf(x: number | Handle): number | null {
    if (!(x instanceof Handle)) return this.values[x];
    return isSingle(x) ? this.constant(x.item()) : null;
  }

  private constant(value: number): number {
    const key = keyOfNumber(value);
    let at = this.constantAt.get(key);
    if (at === undefined) {
      at = -this.constants.push(value);
      this.constantAt.set(key, at);
    }
    return at;
  }

  private templateOf(step: Step, given: readonly number[]): Template | null {
    // Attributes are objects of their step: ops that have some are worked out for each of them.
    const { op, attrs } = step;
    const known = this.templates.get(op) ?? new Map<string, Template | null>();
    this.templates.set(op, known);
    const key = given.map((x, k) => `${x < 0 ? x : ""}${this.kindOf(step.inputs[k]).dtype}`).join();
    if (attrs !== undefined) return this.makeTemplate(step, given);
    let template = known.get(key);
    if (template === undefined) {
      template = this.makeTemplate(step, given);
      known.set(key, template);
    }
    return template;
  }

  private makeTemplate({ op, attrs, inputs, examples }: Step, given: readonly number[]): Template | null {
    const builder = new Builder();
    const kinds = inputs.map((x) => this.kindOf(x));
    const nodes = given.map((x, k) =>
      x < 0 ? builder.number(this.constants[-1 - x], kinds[k].dtype) : builder.input(kinds[k], k),
    );
    const made = builder.apply(op, nodes, attrs, examples);
    const expressions = new Map<Node, Expression>();
    for (const node of neededBy(made)) {
      const x = this.expressionOf(node, expressions);
      if (x === null) return null;
      expressions.set(node, x);
    }
    return this.linear(made.map((node) => expressions.get(node)));
  }

  private kindOf(x: number | Handle): Kind {
    return x instanceof Handle ? x : (this.kinds[x] ?? { shape: [], dtype: "float64" });
  }
  private readonly kinds: Kind[] = [];

  private expressionOf(node: Node, known: ReadonlyMap<Node, Expression>): Expression | null {
    const { on } = this;
    if (!isSingle(node)) return null;
    if (node.is === "number") return on.number(node.dtype, node.value);
    if (node.is === "input") return on.read(placeholder(node.at, node), 0, []);
    if (node.is !== "map" && node.is !== "cast") return null;
    const inputs = node.of.map((x) => known.get(x)).filter((x) => x !== undefined);
    if (inputs.length < node.of.length) return null;
    if (node.is === "cast") return on.convert(inputs[0], node.dtype);
    if (node.of.every(({ dtype }) => dtype === "bool") && node.of.length > 0) return null;
    return on.convert(
      on.formula(
        node.formula,
        "float64",
        inputs.map((x) => on.convert(x, "float64")),
      ),
      node.dtype,
    );
  }

  /** The instructions of expressions. */
  private linear(roots: readonly (Expression | undefined)[]): Template | null {
    const code: number[] = [];
    const operands: number[] = [];
    const at = new Map<Expression, number>();
    const whole = roots.filter((x) => x !== undefined);
    let fits = true;
    eachPart(whole, (x) => {
      if (x.is === "number") at.set(x, this.constant(x.value));
      else if (x.is === "read") at.set(x, x.array.id >> 1);
      else if (x.is === "apply" || x.is === "convert") {
        if (x.is === "apply" && x.within !== "float64") fits = false;
        const operation = x.is === "apply" ? x.f : x.type === "bool" ? "to truth" : "to number";
        const parts = partsOf(x).map((part) => at.get(part) ?? 0);
        if (parts.length > 3) fits = false;
        at.set(x, TEMPORARY + code.length);
        code.push(this.operationAt(operation));
        for (let k = 0; k < 3; k++) operands.push(parts[k] ?? 0);
      } else fits = false;
    });
    return fits ? { code, operands, results: whole.map((x) => at.get(x) ?? 0) } : null;
  }

  private operationAt(operation: Operation): number {
    const known = this.operations.indexOf(operation);
    if (known >= 0) return known;
    if (!passesNaN(operation)) this.trusted = false;
    return this.operations.push(operation) - 1;
  }

  private append(step: Step, { code, operands, results }: Template, given: readonly number[]): void {
    const inputs = this.program.inputs.length;
    const first = inputs + this.code.length;
    const at = (x: number): number => (x < 0 ? x : x < TEMPORARY ? given[x] : first + x - TEMPORARY);
    for (const c of code) this.code.push(c);
    for (const x of operands) this.operands.push(at(x));
    step.outputs.forEach((slot, k) => {
      this.values[slot] = at(results[k]);
      this.kinds[slot] = step.examples[k];
    });
  }
}

const placeholders: Stored[] = [];
/** Stands for an input of an op: the k-th one has number 2 k, or 2 k + 1 if it is a truth. */
function placeholder(k: number, { dtype }: Kind): Stored {
  const at = 2 * k + Number(dtype === "bool");
  placeholders[at] ??= { id: at, dtype, size: 1, address: -1 };
  return placeholders[at];
}

/** What is NaN where an operand is. */
const PASS_NAN: ReadonlySet<Operation> = /* @__PURE__ */ new Set([ADD, SUB, MUL, DIV, NEG, ABS, SQRT, MIN, MAX]);
const passesNaN = (operation: Operation): boolean =>
  PASS_NAN.has(operation) ||
  (typeof operation === "object" && operation.is === "function" && operation.float64 !== undefined);

/** The instructions that results need, with the values that the others gave left out. */
function withoutUnused(
  inputs: number,
  code: readonly number[],
  operands: readonly number[],
  outputs: readonly number[],
): { code: number[]; operands: number[]; renumbered: number[] } {
  const used = new Uint8Array(code.length);
  for (const y of outputs) if (y >= inputs) used[y - inputs] = 1;
  for (let i = code.length - 1; i >= 0; i--) {
    if (used[i] === 0) continue;
    for (let k = 3 * i; k < 3 * i + 3; k++) if (operands[k] >= inputs) used[operands[k] - inputs] = 1;
  }
  const place = new Int32Array(code.length);
  const kept = { code: [] as number[], operands: [] as number[] };
  const at = (x: number): number => (x < inputs ? x : place[x - inputs]);
  for (let i = 0; i < code.length; i++) {
    if (used[i] === 0) continue;
    place[i] = inputs + kept.code.length;
    kept.code.push(code[i]);
    for (let k = 3 * i; k < 3 * i + 3; k++) kept.operands.push(at(operands[k]));
  }
  return { ...kept, renumbered: outputs.map(at) };
}
