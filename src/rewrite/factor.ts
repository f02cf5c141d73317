import { type Shape, sameShape, sizeOf } from "../base/shape";
import type { Program, Selected, Step } from "../core/op/op";
import { isZeros } from "../core/tensor/handle";
import { equationOf, operandsOf, placementOf, readLetters, scaleOf, selectionOf } from "./declared";
import { Draft } from "./draft";
import { hoisted } from "./hoist";
import { type Label, Labels } from "./labels";
import { placed } from "./place";
import { type Operand, prune } from "./prune";
import { stacked } from "./stack";
import { all, axesOf, isAtom, labelsOf, plain, renamed, type Term } from "./terms";

/**
 * A slot that several steps read is a sum of at most so many terms, and so is one that is multiplied: each of them would multiply
 * those that follow. A term has at most so many factors.
 */
const MANY = 16;
/** Relabelings of relabelings are looked through so far. */
const DEEP = 100;

/** The terms of both lists in one, the longer of them. */
function joined(a: Term[], b: Term[]): Term[] {
  const [long, short] = a.length < b.length ? [b, a] : [a, b];
  for (const t of short) long.push(t);
  return long;
}

/**
 * Outputs of a program as sums of terms, each a contraction of slots. Steps are looked through by what their ops declare, and
 * never by name. Where that says nothing, a slot stands for itself: a term of one factor, an atom.
 *
 * The chain are the slots that lead to the outputs alone, through steps that are linear in one input that differs by sample.
 * Only they are taken apart; what is needed anyway is read as it stands.
 */
export class Factoring {
  readonly draft: Draft;
  private readonly chain = new Map<number, number>();
  private readonly needed = new Set<number>();
  private readonly found = new Map<number, Term[]>();
  private readonly loops = new Map<Step, readonly (Term[] | null)[]>();

  /**
   * @param varying - the inputs that differ by sample
   * @param anyway - what is computed besides the outputs
   */
  constructor(
    program: Program,
    varying: readonly boolean[],
    anyway: readonly Operand[],
    outputs: readonly Operand[],
    readonly labels = new Labels(),
  ) {
    this.draft = new Draft(program, varying);
    for (const step of prune(program, anyway).steps) for (const slot of step.outputs) this.needed.add(slot);
    const live = prune(program, [...outputs, ...anyway]).steps;
    this.findChain(live, anyway, outputs);
    for (const step of live) {
      step.outputs.forEach((slot, part) => {
        if (!this.chain.has(slot) || this.found.has(slot) || !this.draft.differs(slot)) return;
        this.found.set(slot, this.expandStep(step, part) ?? [this.atom(slot)]);
      });
    }
  }

  /** How many outputs and steps of the chain read each of its slots. */
  private findChain(live: readonly Step[], anyway: readonly Operand[], outputs: readonly Operand[]): void {
    const other = new Set<Operand>(anyway);
    const uses = new Map<Operand, number>();
    const use = (x: Operand): unknown => uses.set(x, (uses.get(x) ?? 0) + 1);
    outputs.forEach(use);
    for (let k = live.length - 1; k >= 0; k--) {
      const step = live[k];
      const passes = step.outputs.some((slot) => other.has(slot)) ? () => false : this.passing(step);
      step.inputs.forEach((x, i) => {
        if (passes(i)) use(x);
        else other.add(x);
      });
    }
    for (const [x, count] of uses) if (typeof x === "number" && !other.has(x)) this.chain.set(x, count);
  }

  /** Whether the terms of input i give those of a step: it is linear in that alone of all that differ by sample. */
  private passing(step: Step): (i: number) => boolean {
    const { linear, elementwise, regroup, placement, contraction, loop } = step.op.declares;
    const selection = selectionOf(step);
    if (selection !== null) return (i) => i === selection.base || i === selection.values;
    const passes =
      loop !== undefined ||
      regroup === true ||
      placement !== undefined ||
      scaleOf(step) !== null ||
      (linear === "jointly" && elementwise === true) ||
      (contraction !== undefined && this.draft.countDiffering(step) === 1);
    return () => passes;
  }

  /** The slot itself. */
  atom(x: Operand): Term {
    const axes = this.draft.kindOf(x).shape.map((size) => this.labels.make(size));
    return { scale: 1, factors: [{ at: x, axes, selects: null }], axes: axes.map(plain) };
  }

  /** Whether a slot belongs to the chain. */
  inChain(x: Operand): boolean {
    return typeof x === "number" && this.chain.has(x);
  }

  /** The terms of an operand of the chain, in a list and with labels that nobody else has; none for zeros. */
  terms(x: Operand): Term[] {
    if (typeof x !== "number") return isZeros(x) ? [] : [this.atom(x)];
    const found = this.found.get(x);
    if (found === undefined) return this.draft.differs(x) ? this.operand(x, 0) : [this.atom(x)];
    if ((this.chain.get(x) ?? 0) > 1) {
      const few = stacked(this.draft, this.labels, found);
      const shared = few.length > MANY ? [this.atom(x)] : few;
      this.found.set(x, shared);
      return shared.map((t) => renamed(this.labels, t));
    }
    // Who asks once more gets the slot itself.
    this.found.set(x, [this.atom(x)]);
    return found;
  }

  /** The same for steps that do something with every term: alike ones are made one before. */
  private fewTerms(x: Operand): Term[] {
    const terms = this.terms(x);
    return terms.length > MANY ? stacked(this.draft, this.labels, terms) : terms;
  }

  /** What is needed anyway: as it stands, but for relabelings, and for products that say in more numbers what fewer say. */
  private operand(x: Operand, depth: number): Term[] {
    if (typeof x !== "number") return isZeros(x) ? [] : [this.atom(x)];
    const definition = this.draft.definitionOf(x);
    if (definition === undefined || !this.draft.differs(x) || depth > DEEP) return [this.atom(x)];
    const { step, part } = definition;
    const { declares } = step.op;
    const inner = (): Term[] => this.operand(step.inputs[0], depth + 1);
    const simple = this.relabeled(step, part, inner);
    if (simple !== undefined) return simple ?? [this.atom(x)];
    const equation = equationOf(step, this.shapesOf(step.inputs));
    if (equation === null || declares.operands !== undefined) return [this.atom(x)];
    const { sums } = readLetters(equation);
    const few = step.inputs.length === 1 && !sums;
    const says = this.draft.countDiffering(step) > 1 && !this.needed.has(x) && this.grows(step, part);
    if (!few && !says) return [this.atom(x)];
    const given = step.inputs.map((y) => this.operand(y, depth + 1));
    return this.contracted(equation, given, this.shapeOf(step, part)) ?? [this.atom(x)];
  }

  private shapesOf(xs: readonly Operand[]): Shape[] {
    return xs.map((x) => this.draft.kindOf(x).shape);
  }

  private shapeOf(step: Step, part: number): Shape {
    return step.examples[part].shape;
  }

  /** Whether a step gives more numbers than it was given by sample. */
  private grows(step: Step, part: number): boolean {
    const given = step.inputs.filter((x) => this.draft.differs(x));
    return sizeOf(this.shapeOf(step, part)) > this.shapesOf(given).reduce((n, shape) => n + sizeOf(shape), 0);
  }

  /** Relabel: a reshape cuts and merges labels, a multiple has another scale. undefined: the step is neither. */
  private relabeled(step: Step, part: number, inner: () => Term[]): Term[] | null | undefined {
    const { declares } = step.op;
    if (declares.regroup === true) return all(inner(), (t) => this.regrouped(t, this.shapeOf(step, part)));
    const scale = scaleOf(step);
    return scale === null ? undefined : inner().map((t) => ({ ...t, scale: t.scale * scale }));
  }

  private regrouped(t: Term, shape: Shape): Term | null {
    if (t.axes.some((a) => a.place !== null)) return null;
    const axes = this.labels.regroup(axesOf(this.labels, t), shape);
    return axes && { ...t, axes: axes.map(plain) };
  }

  /** The terms of a step of the chain; null where it has no better form than itself. */
  private expandStep(step: Step, part: number): Term[] | null {
    const { declares } = step.op;
    const [x] = step.inputs;
    const simple = this.relabeled(step, part, () => this.fewTerms(x));
    if (simple !== undefined) return simple;
    const window = placementOf(step);
    if (window !== null) {
      const { shape } = this.draft.kindOf(x);
      return this.fewTerms(x).map((t) => placed(t, shape, window));
    }
    if (declares.loop !== undefined) return this.loop(step, part);
    const selection = selectionOf(step);
    if (selection !== null) return this.selected(step, selection);
    if (declares.contraction !== undefined) return this.contraction(step, part);
    return declares.linear === "jointly" && declares.elementwise === true ? this.sum(step, part) : null;
  }

  /** Add: a sum of tensors is the sum of their terms, each times its constant partial derivative. */
  private sum(step: Step, part: number): Term[] | null {
    const partials = [step.op.partialA, step.op.partialB];
    const shape = this.shapeOf(step, part);
    let sum: Term[] = [];
    let more = false;
    for (let k = 0; k < step.inputs.length; k++) {
      const [partial, x] = [partials[k], step.inputs[k]];
      if (typeof partial !== "number") return null;
      const own = this.draft.kindOf(x).shape;
      const found = partial === 1 && sameShape(own, shape) ? this.terms(x) : this.fewTerms(x);
      more ||= this.draft.differs(x) && !isAtom(found, x);
      const scaled = partial === 1 ? found : found.map((t) => ({ ...t, scale: t.scale * partial }));
      sum = joined(sum, sameShape(own, shape) ? scaled : scaled.map((t) => this.stretchedTo(t, own, shape)));
    }
    return more ? sum : null;
  }

  private stretchedTo(t: Term, from: Shape, to: Shape): Term {
    const lead = to.length - from.length;
    const axes = to.map((size, i) => {
      const kept = i >= lead && from[i - lead] === size;
      return kept ? t.axes[i - lead] : plain(this.labels.make(size));
    });
    return { ...t, axes };
  }

  /** Select: rows added at indices are a contraction with [index = position]. */
  private selected(step: Step, { base, indices, values, axis }: Selected): Term[] | null {
    const onto = this.terms(step.inputs[base]);
    if (this.draft.differs(step.inputs[base]) && isAtom(onto, step.inputs[base])) return null;
    const at = step.inputs[indices];
    const { length } = this.draft.kindOf(at).shape;
    const updates = all(this.fewTerms(step.inputs[values]), (t): Term | null => {
      if (t.axes.some((a) => a.place !== null)) return null;
      const axes = t.axes.slice(axis, axis + length).map((a) => a.labels);
      const selects = this.labels.make(this.shapeOf(step, 0)[axis], true);
      return {
        scale: t.scale,
        factors: [...t.factors, { at, axes, selects }],
        axes: [...t.axes.slice(0, axis), plain(selects), ...t.axes.slice(axis + length)],
      };
    });
    return updates && joined(onto, updates);
  }

  /** Multiply: a sum of products of terms is a term. */
  private contraction(step: Step, part: number): Term[] | null {
    const { declares } = step.op;
    const equation = equationOf(step, this.shapesOf(step.inputs));
    if (equation === null) return null;
    const { sums } = readLetters(equation);
    const shape = this.shapeOf(step, part);
    const differing = step.inputs.filter((x) => this.draft.differs(x));
    if (declares.operands !== undefined) return this.unfolded(step, equation, shape);
    if (differing.length > 1) {
      if (!sums && !this.grows(step, part)) return null;
      const given = step.inputs.map((x) => this.operand(x, 0));
      return this.contracted(equation, given, shape);
    }
    const [x] = differing;
    const found = this.fewTerms(x);
    const relabels = step.inputs.length === 1 && !sums;
    if (!relabels && (isAtom(found, x) || found.length > MANY)) return null;
    const given = step.inputs.map((y) => (y === x ? found : [this.atom(y)]));
    return this.contracted(equation, given, shape);
  }

  /** Unfold: a product of tensors made of the inputs, where these say in fewer numbers what the output says. */
  private unfolded(step: Step, equation: string, shape: Shape): Term[] | null {
    const made = this.draft.append(step.inputs, (xs) => operandsOf(step, xs));
    const size = this.shapesOf(made).reduce((n, own) => n + sizeOf(own), 0);
    if (size >= sizeOf(shape)) return null;
    return this.contracted(
      equation,
      made.map((x) => [this.atom(x)]),
      shape,
    );
  }

  /** The terms of a contraction of sums of terms: one for each choice of one term of each operand. */
  private contracted(equation: string, given: readonly Term[][], shape: Shape): Term[] | null {
    let choices: Term[][] = [[]];
    for (const terms of given) choices = choices.flatMap((chosen) => terms.map((t) => [...chosen, t]));
    const several = choices.length > 1;
    const results: Term[] = [];
    for (const chosen of choices) {
      const own = several ? chosen.map((t) => renamed(this.labels, t)) : chosen;
      const product = this.product(equation, own, shape);
      if (product === null) return null;
      results.push(product);
    }
    return results;
  }

  /** One product of terms: axes of one letter become one axis. */
  private product(equation: string, given: readonly Term[], shape: Shape): Term | null {
    const { terms, output } = readLetters(equation);
    const { labels } = this;
    const bound = new Map<string, readonly Label[]>();
    for (let k = 0; k < given.length; k++) {
      for (let i = 0; i < terms[k].length; i++) {
        const letter = terms[k][i];
        const axis = given[k].axes[i];
        if (axis.place !== null) return null;
        if (letter === "1") continue;
        const known = bound.get(letter);
        if (known === undefined) bound.set(letter, axis.labels);
        else if (!labels.unify(known, axis.labels)) return null;
      }
    }
    const axes = output.map((letter, i) => plain(bound.get(letter) ?? labels.make(shape[i])));
    const factors = given.flatMap((t) => t.factors);
    if (factors.length > MANY) return null;
    const held = new Set(factors.flatMap((f) => labelsOf(labels, f)));
    // A sum over positions that no factor tells apart is so many times what is summed.
    const summed = [...bound].flatMap(([letter, own]) => (output.includes(letter) ? [] : labels.resolve(own)));
    const times = labels.product([...new Set(summed)].filter((label) => !held.has(label)));
    return { scale: given.reduce((scale, t) => scale * t.scale, times), factors, axes };
  }

  /** Hoist: what a loop only adds up is a sum over rows that it yields. */
  private loop(step: Step, part: number): Term[] | null {
    let known = this.loops.get(step);
    if (known === undefined) {
      const nested = (
        body: Program,
        varying: readonly boolean[],
        kept: readonly Operand[],
        wanted: readonly Operand[],
      ) => new Factoring(body, varying, kept, wanted, this.labels);
      known = hoisted(this, step, nested);
      this.loops.set(step, known);
    }
    return known[part];
  }
}
