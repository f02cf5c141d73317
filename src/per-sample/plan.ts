import { sizeOf } from "../base/shape";
import type { Program } from "../core/op/op";
import { costOf } from "../ops/contract/engine";
import { Factoring } from "../rewrite/factor";
import type { Label } from "../rewrite/labels";
import { areApart, samePlace } from "../rewrite/place";
import type { Operand } from "../rewrite/prune";
import { stacked } from "../rewrite/stack";
import { axesOf, type Factor, labelsOf, renamed, type Term } from "../rewrite/terms";
import type { SamplePrograms } from "./sample-program";

/** Labels of the batch axis, of the batch axis of the other side of a pair, and of directions. */
export const SAMPLE: Label = "i";
export const OTHER: Label = "j";
export const DIRECTION: Label = "d";

/** Two terms of one parameter with the axes of the gradient in common. `second` is null where no elements meet. */
export interface Pair {
  readonly first: Term;
  readonly second: Term | null;
  /** Whether both are one term. */
  readonly square: boolean;
}

/** How the gradient of one parameter is computed, for all samples alike. */
export interface Leaf {
  /** The gradient of a sample is their sum; none: it is zero. */
  readonly terms: readonly Term[];
  /** What inner products are sums of; null: they have no such form. */
  readonly pairs: readonly Pair[] | null;
  /** Whether the gradient is one slot as it stands. */
  readonly simple: boolean;
}

/** The factors of the gradients of one sample: which program computes them, and what the gradient of each parameter is. */
export class Plan {
  readonly leaves: readonly Leaf[];
  readonly program: Program;
  readonly walk: Factoring;
  private readonly places = new Map<number, number>();

  constructor(readonly programs: SamplePrograms) {
    const { parameters, batch } = programs;
    const whole = programs.lossAndGradient();
    const [loss, ...gradients] = whole.outputs;
    const varying = [...parameters.map(() => false), ...batch.map(() => true)];
    this.walk = new Factoring(whole, varying, [loss], gradients);
    const { draft, labels } = this.walk;
    this.leaves = gradients.map((y) => this.leafOf(stacked(draft, labels, this.walk.terms(y))));
    for (const { terms } of this.leaves) {
      for (const { at } of terms.flatMap((t) => t.factors)) {
        if (typeof at === "number" && !this.places.has(at)) this.places.set(at, this.places.size);
      }
    }
    this.program = draft.programOf([loss, ...this.places.keys()]);
  }

  private leafOf(terms: readonly Term[]): Leaf {
    const pairs = terms.flatMap((first, p) => terms.slice(0, p + 1).map((t, q) => this.meet(first, t, p === q)));
    const found = pairs.filter((pair) => pair !== null);
    const [t] = terms;
    const simple =
      terms.length === 1 &&
      t.scale === 1 &&
      t.factors.length === 1 &&
      t.factors[0].selects === null &&
      t.axes.every((a) => a.place === null);
    return { terms, pairs: found.length === pairs.length ? found : null, simple };
  }

  /** Finds what axes two terms have in common, and names them alike; null where they cannot be named alike. */
  private meet(first: Term, t: Term, square: boolean): Pair | null {
    const { labels } = this.walk;
    const second = renamed(labels, t);
    const axes = first.axes.map((a, i) => [a, second.axes[i]] as const);
    if (axes.some(([a, b]) => a.place !== null && b.place !== null && areApart(a.place, b.place))) {
      return { first, second: null, square };
    }
    const alike = axes.every(([a, b]) => samePlace(a.place, b.place) && labels.unify(a.labels, b.labels));
    return alike ? { first, second, square } : null;
  }

  /** Where a slot stands among the outputs of the program, behind the loss. */
  placeOf(slot: number): number {
    return this.places.get(slot) ?? -1;
  }

  differs(at: Operand): boolean {
    return this.walk.draft.differs(at);
  }

  /** Whether a term differs by sample. */
  varies(t: Term): boolean {
    return t.factors.some((f) => this.differs(f.at));
  }

  /** The labels of a factor, with one for the batch axis. */
  labelsOf(f: Factor, batch: Label): Label[] {
    const own = labelsOf(this.walk.labels, f);
    return this.differs(f.at) ? [batch, ...own] : own;
  }

  /** The labels of the axes of a factor alone, without the one that it selects by. */
  axesOfFactor(f: Factor): Label[] {
    return this.walk.labels.resolve(f.axes.flat());
  }

  /** The labels of each axis of what a term gives. */
  axesOf(t: Term): Label[] {
    return axesOf(this.walk.labels, t);
  }

  /** What labels are by now. */
  resolved(labels: readonly Label[]): Label[] {
    return this.walk.labels.resolve(labels);
  }

  selectedBy(f: Factor): Label | null {
    return f.selects === null ? null : this.walk.labels.resolve(f.selects)[0];
  }

  sizeOf(label: Label): number {
    return this.walk.labels.size(label);
  }

  /** The sizes of labels, of `n` samples; `more` of those that are not the plan's. */
  sizes(lists: readonly (readonly Label[])[], n: number, more?: ReadonlyMap<Label, number>): Map<Label, number> {
    const sizes = new Map<Label, number>([[SAMPLE, n], [OTHER, n], ...(more ?? [])]);
    for (const label of lists.flat()) if (!sizes.has(label)) sizes.set(label, this.sizeOf(label));
    return sizes;
  }

  /** Operations, and numbers written, to contract factors of `n` samples. */
  cost(factors: readonly (readonly Label[])[], output: readonly Label[], n: number): number {
    const { multiplications, written } = costOf(factors, output, this.sizes([...factors, output], n));
    return multiplications + written;
  }

  /** Operations to spell out the gradients of a parameter for `n` samples. */
  rowsCost(k: number, n: number): number {
    const { terms, simple } = this.leaves[k];
    if (simple) return 0;
    return terms.reduce((sum, t) => {
      const lists = t.factors.map((f) => this.labelsOf(f, SAMPLE));
      return sum + this.cost(lists, [SAMPLE, ...this.axesOf(t)], n);
    }, 0);
  }

  /** Elements of a parameter. */
  size(k: number): number {
    return sizeOf(this.programs.parameters[k].shape);
  }
}
