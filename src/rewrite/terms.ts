import type { Label, Labels } from "./labels";
import type { Operand } from "./prune";

/** Where the elements of an axis stand on one of `whole` elements that is zero elsewhere. */
export interface Place {
  readonly start: number;
  readonly step: number;
  readonly size: number;
  readonly whole: number;
}

/** A tensor with its axes named. `selects`: it holds indices, and stands for the numbers [index = label]. */
export interface Factor {
  readonly at: Operand;
  readonly axes: readonly (readonly Label[])[];
  readonly selects: readonly Label[] | null;
}

/** An axis of what a term gives: several labels where axes were merged; `place`: where it stands on a longer one of zeros. */
export interface Axis {
  readonly labels: readonly Label[];
  readonly place: Place | null;
}

/** out[axes] = scale times the sum, over all labels that no axis has, of the product of the factors. */
export interface Term {
  readonly scale: number;
  readonly factors: readonly Factor[];
  readonly axes: readonly Axis[];
}

/** An axis that stands for itself. */
export const plain = (labels: readonly Label[]): Axis => ({ labels, place: null });

/** Whether terms say no more of something than that it is itself. */
export const isAtom = (terms: readonly Term[], x: Operand): boolean =>
  terms.length === 1 && terms[0].factors.length === 1 && terms[0].factors[0].at === x;

/** f of every term; null where it is null of any. */
export function all(terms: readonly Term[], f: (t: Term) => Term | null): Term[] | null {
  const results = terms.map(f);
  return results.every((t) => t !== null) ? results : null;
}

/** The labels of a factor, its own and the one that it selects by. */
export const labelsOf = (labels: Labels, { axes, selects }: Factor): Label[] =>
  labels.resolve([...axes.flat(), ...(selects ?? [])]);

/** The labels of the axes of a term. */
export const axesOf = (labels: Labels, t: Term): Label[] => labels.resolve(t.axes.flatMap((a) => a.labels));

/** The same term with labels of its own. */
export function renamed(labels: Labels, t: Term): Term {
  const to = new Map<Label, readonly Label[]>();
  const rename = (given: readonly Label[]): Label[] =>
    labels.resolve(given).flatMap((label) => {
      const own = to.get(label) ?? labels.make(labels.size(label), labels.isWhole(label));
      to.set(label, own);
      return own;
    });
  return {
    scale: t.scale,
    factors: t.factors.map((f) => ({ ...f, axes: f.axes.map(rename), selects: f.selects && rename(f.selects) })),
    axes: t.axes.map((a) => ({ ...a, labels: rename(a.labels) })),
  };
}

/** What alike terms have in common: the pattern of their labels, and whatever `own` says of their factors. */
export function signature(labels: Labels, t: Term, own: (at: Operand) => unknown): string {
  const numbers = new Map<Label, number>();
  const pattern = (given: readonly Label[]): string =>
    labels
      .resolve(given)
      .map((label) => {
        const n = numbers.get(label) ?? numbers.size;
        numbers.set(label, n);
        return `${n}:${labels.size(label)}`;
      })
      .join();
  const factors = t.factors.map((f) => [own(f.at), f.axes.map(pattern), f.selects && pattern(f.selects)]);
  return JSON.stringify([factors, t.axes.map((a) => [pattern(a.labels), a.place])]);
}
