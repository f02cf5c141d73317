import type { Kind, Program, Step } from "../core/op/op";
import { traceProgram } from "../core/program/program";
import type { Handle } from "../core/tensor/handle";
import { type Operand, prune } from "./prune";

/** A step, and which part of its output a slot holds. */
interface Definition {
  readonly step: Step;
  readonly part: number;
}

/** A program while it is being rewritten. */
export class Draft {
  readonly inputs: readonly Kind[];
  private readonly steps: Step[];
  private slots: number;
  private readonly definitions = new Map<number, Definition>();
  private readonly varies: boolean[];

  /** @param varying - the inputs that differ by sample */
  constructor(program: Program, varying: readonly boolean[]) {
    this.inputs = program.inputs;
    this.steps = [...program.steps];
    this.slots = program.slots;
    this.varies = [...varying];
    for (const step of program.steps) this.define(step);
  }

  private define(step: Step): void {
    const some = step.inputs.some((x) => this.differs(x));
    step.outputs.forEach((slot, part) => {
      this.varies[slot] = some;
      this.definitions.set(slot, { step, part });
    });
  }

  /** Whether something differs by sample. */
  differs(x: Operand): boolean {
    return typeof x === "number" && this.varies[x];
  }

  /** How many inputs of a step differ by sample. */
  countDiffering(step: Step): number {
    return step.inputs.reduce<number>((n, x) => n + Number(this.differs(x)), 0);
  }

  /** Where a slot comes from; undefined for an input. */
  definitionOf(slot: number): Definition | undefined {
    return this.definitions.get(slot);
  }

  kindOf(x: Operand): Kind {
    if (typeof x !== "number") return x;
    const found = this.definitions.get(x);
    return found === undefined ? this.inputs[x] : found.step.examples[found.part];
  }

  /** A slot that nothing stands in yet. */
  newSlot(): number {
    return this.slots++;
  }

  /** Adds steps that compute something of operands; gives what holds it. */
  append(operands: readonly Operand[], f: (xs: Handle[]) => readonly Handle[]): Operand[] {
    const [made] = traceProgram(
      operands.map((x) => this.kindOf(x)),
      (xs) => [f(xs), undefined],
    );
    const to = new Map<number, Operand>(operands.map((x, k) => [k, x]));
    const operand = (x: Operand): Operand => (typeof x === "number" ? (to.get(x) ?? x) : x);
    for (const step of made.steps) {
      const inputs = step.inputs.map(operand);
      const outputs = step.outputs.map((slot) => {
        const own = this.newSlot();
        to.set(slot, own);
        return own;
      });
      const own = { ...step, inputs, outputs };
      this.steps.push(own);
      this.define(own);
    }
    return made.outputs.map(operand);
  }

  /** Puts a step in the place of another, which is left, behind it, for what it alone gives. */
  replace(step: Step, by: Step): void {
    const outputs = step.outputs.map((slot) => (by.outputs.includes(slot) ? this.newSlot() : slot));
    const rest = { ...step, outputs };
    this.steps.splice(this.steps.indexOf(step), 1, by, rest);
    this.define(by);
    this.define(rest);
  }

  /** The program of some outputs as it now is. */
  programOf(outputs: readonly Operand[]): Program {
    return prune({ inputs: this.inputs, steps: this.steps, outputs, slots: this.slots }, outputs);
  }
}
