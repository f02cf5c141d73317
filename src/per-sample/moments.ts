import { allocate } from "../base/allocate";
import type { Dtype } from "../base/dtype";
import { accumulate, castTo, sumAxes } from "../core/op/sweep-ops";
import { elementsOf, type Handle, isSymbolic, makeFilled, makeTensor } from "../core/tensor/handle";
import { asHandle } from "../core/tensor/value";
import type { Named } from "../ops/contract/engine";
import { div, maximum, mul, square, sub } from "../ops/elementwise/arithmetic";
import type { Label } from "../rewrite/labels";
import type { Term } from "../rewrite/terms";
import { type Compact, compacted, operandsOf } from "./compact";
import type { Factors } from "./factors";
import { SAMPLE } from "./plan";
import { weighted } from "./rows";

/*
 * Second moments and variances, element by element of the gradient of one parameter, in double precision.
 *
 * (a b)² = a² b² holds element by element only where a gradient is one product without a sum over positions. Of such, and of
 * distinct rows at indices, moments come from the factors; all others are spelled out, some samples at a time.
 */

/** The sum of gradients and of their squares, or, of gradients spelled out, of their squared distances from their mean. */
export interface Moments {
  readonly n: number;
  readonly sum: Handle;
  readonly squares: Handle;
  readonly centered: boolean;
}

/** The label of the positions of compact rows. */
const POSITION: Label = "t";
/** A variance that is at most this share of the second moment has lost digits. */
const CANCELED = 1e-5;
/** If more than one element in so many has, all are computed from gradients spelled out. */
const FEW = 64;

/** Whether the gradient of a parameter is one product without a sum. */
export function isSeparable({ plan }: Factors, k: number): boolean {
  const { terms, simple } = plan.leaves[k];
  const [t] = terms;
  if (simple || terms.length !== 1 || !plan.varies(t)) return false;
  const own = plan.axesOf(t);
  const held = t.factors.flatMap((f) => plan.axesOfFactor(f));
  return (
    t.factors.every((f) => f.selects === null) &&
    t.axes.every((a) => a.place === null) &&
    held.every((label) => own.includes(label))
  );
}

/** The distinct rows of a parameter that is rows at indices; null for others. */
function compactOf(factors: Factors, k: number): { readonly t: Term; readonly compact: Compact } | null {
  const { terms, simple } = factors.plan.leaves[k];
  if (simple || terms.length !== 1) return null;
  const [t] = terms;
  const compact = compacted(factors, t);
  return compact && { t, compact };
}

const squared = (o: Named): Named => (o.selects === undefined ? { ...o, x: asHandle(square(o.x)) } : o);

/** Moments of a parameter from the factors of some samples; null where they must be spelled out. */
export function momentsOfFactors(factors: Factors, k: number): Moments | null {
  const { plan, n } = factors;
  const { shape } = plan.programs.parameters[k];
  if (isSeparable(factors, k)) {
    const [t] = plan.leaves[k].terms;
    const operands = factors.read(t, SAMPLE, true);
    const squares = factors.spell({ ...t, scale: t.scale * t.scale }, operands.map(squared), [], shape);
    return { n, sum: factors.spell(t, operands, [], shape), squares, centered: false };
  }
  const found = compactOf(factors, k);
  if (found === null) return null;
  const { t, compact } = found;
  const operands = operandsOf(compact, POSITION);
  const sizes = new Map([[POSITION, compact.indices.shape[1]]]);
  const squares = factors.spell({ ...t, scale: t.scale * t.scale }, operands.map(squared), [], shape, sizes);
  return { n, sum: factors.spell(t, operands, [], shape, sizes), squares, centered: false };
}

/** Moments of gradients spelled out, [n, ...]. */
export function momentsOfRows(rows: Handle, centered: boolean): Moments {
  const n = rows.shape[0];
  const ones = makeFilled([n], "float64", 1);
  const wide = castTo(rows, "float64");
  const sum = weighted(wide, ones);
  const from = centered ? asHandle(sub(wide, div(sum, n))) : wide;
  return { n, sum, squares: sumAxes(asHandle(square(from)), [0]), centered };
}

/**
 * Moments of two sets of samples together.
 * @see T. F. Chan, G. H. Golub, R. J. LeVeque, Algorithms for computing the sample variance, The American Statistician 37
 * (1983)
 */
export function joinMoments(a: Moments, b: Moments): Moments {
  const n = a.n + b.n;
  const sum = accumulate(a.sum, b.sum);
  const squares = accumulate(a.squares, b.squares);
  if (!a.centered) return { n, sum, squares, centered: false };
  const apart = asHandle(square(sub(div(a.sum, a.n), div(b.sum, b.n))));
  return { n, sum, squares: accumulate(squares, asHandle(mul(apart, (a.n * b.n) / n))), centered: true };
}

/** Squared distances from the mean, summed over samples and divided; and the elements of which too little is left of it. */
interface Spread {
  readonly spread: Handle;
  readonly canceled: readonly number[];
}

/** The spread of moments over a divisor, in a dtype. Of tracked or symbolic ones by ops, otherwise in one pass. */
export function spreadOf({ n, sum, squares, centered }: Moments, divisor: number, dtype: Dtype): Spread {
  const over = (x: Handle): Handle => castTo(asHandle(div(x, divisor)), dtype);
  if (centered) return { spread: over(squares), canceled: [] };
  const byOps = (): Handle => over(asHandle(maximum(0, sub(squares, div(square(sum), n)))));
  if (isSymbolic(squares)) return { spread: byOps(), canceled: [] };
  const canceled: number[] = [];
  const [s, m] = [elementsOf(squares), elementsOf(sum)];
  const out = allocate(dtype, s.length);
  for (let p = 0; p < out.length; p++) {
    const left = s[p] - (m[p] / n) * m[p];
    out[p] = left / divisor;
    if (!(left >= CANCELED * s[p]) && s[p] !== 0) canceled.push(p);
  }
  const tracked = squares.strand !== null || sum.strand !== null;
  return { spread: tracked ? byOps() : makeTensor(squares.shape, dtype, out), canceled };
}

/** Whether so many elements are computed one by one, rather than all of them from gradients spelled out. */
export const areFew = ({ size, strand }: Handle, canceled: readonly number[]): boolean =>
  strand === null && canceled.length * FEW < size;

/** Some elements of the gradient of a parameter, their means, and where their squared distances from them are added up. */
interface Elements {
  readonly at: readonly number[];
  readonly means: Float64Array;
  readonly sums: Float64Array;
}

export const elementsAt = (at: readonly number[], { sum, n }: Moments): Elements => {
  const data = elementsOf(sum);
  return { at, means: Float64Array.from(at, (p) => data[p] / n), sums: new Float64Array(at.length) };
};

/** Adds the squared distances of some samples, element by element, of a parameter whose moments come from factors. */
export function addDistances(factors: Factors, k: number, elements: Elements): void {
  const found = compactOf(factors, k);
  if (found !== null) addCompact(factors, found.t, found.compact, elements);
  else addProducts(factors, k, elements);
}

function addProducts(factors: Factors, k: number, { at: elements, means, sums }: Elements): void {
  const { plan, n } = factors;
  const [t] = plan.leaves[k].terms;
  const axes = plan.axesOf(t);
  const operands = factors
    .read(t, SAMPLE, true)
    .map(({ x, labels }) => ({ data: elementsOf(x), shape: x.shape, labels }));
  const at = new Map<Label, number>();
  const placeIn = ({ shape, labels }: { shape: readonly number[]; labels: readonly Label[] }): number =>
    labels.reduce((place, label, d) => place * shape[d] + (at.get(label) ?? 0), 0);
  elements.forEach((p, e) => {
    let rest = p;
    for (const label of [...axes].reverse()) {
      at.set(label, rest % plan.sizeOf(label));
      rest = Math.floor(rest / plan.sizeOf(label));
    }
    for (let i = 0; i < n; i++) {
      at.set(SAMPLE, i);
      const g = operands.reduce((product, o) => product * o.data[placeIn(o)], t.scale);
      sums[e] += (g - means[e]) ** 2;
    }
  });
}

function addCompact(
  { n, plan }: Factors,
  t: Term,
  { values, indices, labels, selects }: Compact,
  { at: elements, means, sums }: Elements,
): void {
  const axes = plan.axesOf(t);
  const size = (label: Label): number => (label === selects.label ? selects.size : plan.sizeOf(label));
  const width = labels.reduce((product, label) => product * size(label), 1);
  const places = new Map<number, number[]>();
  const [rows, at] = [elementsOf(values), elementsOf(indices)];
  at.forEach((v, place) => {
    const list = places.get(v);
    if (list === undefined) places.set(v, [place]);
    else list.push(place);
  });
  const positions = indices.shape[1];
  elements.forEach((p, e) => {
    const where = new Map<Label, number>();
    let rest = p;
    for (const label of [...axes].reverse()) {
      where.set(label, rest % size(label));
      rest = Math.floor(rest / size(label));
    }
    const column = labels.reduce((place, label) => place * size(label) + (where.get(label) ?? 0), 0);
    const found = new Map<number, number>();
    for (const place of places.get(where.get(selects.label) ?? 0) ?? []) {
      const i = Math.floor(place / positions);
      found.set(i, (found.get(i) ?? 0) + rows[place * width + column] * t.scale);
    }
    sums[e] += (n - found.size) * means[e] ** 2;
    for (const g of found.values()) sums[e] += (g - means[e]) ** 2;
  });
}
