import { castTo, reshapeTo } from "../core/op/sweep-ops";
import { elementsOf, type Handle, isSymbolic, makeFilled, makeTensor } from "../core/tensor/handle";
import { asHandle } from "../core/tensor/value";
import { contract, type Named } from "../ops/contract/engine";
import { same } from "../ops/elementwise/select";
import { fromStart } from "../ops/indexing/gather";
import { scatterAddAlong } from "../ops/indexing/gather-scatter-op";
import { argmax } from "../ops/reduce/reduction";
import type { Label } from "../rewrite/labels";
import type { Term } from "../rewrite/terms";
import type { Factors } from "./factors";
import { type Plan, SAMPLE } from "./plan";

/*
 * Rows added at indices, as embeddings make them: [index = v] x. Equal rows of one sample are added up at the first of them;
 * then all are distinct, and squares commute with adding them at the indices.
 */

/** What a term of rows at indices has: the factor of indices, the labels of its positions, and sizes. */
interface Compactable {
  readonly at: number;
  readonly target: Label;
  readonly own: readonly Label[];
  readonly rest: readonly Label[];
  readonly positions: number;
  readonly width: number;
  readonly size: number;
}

/** Whether a term is rows at indices of one kind, and nothing else; null if it is not. */
export function compactable(plan: Plan, t: Term): Compactable | null {
  const at = t.factors.findIndex((f) => f.selects !== null);
  if (at < 0 || t.factors.some((f, k) => k !== at && f.selects !== null) || !plan.differs(t.factors[at].at))
    return null;
  const target = plan.selectedBy(t.factors[at]);
  const axes = plan.axesOf(t);
  const own = plan.axesOfFactor(t.factors[at]);
  if (target === null || !axes.includes(target) || own.length === 0 || own.some((label) => axes.includes(label)))
    return null;
  if (t.axes.some((a) => a.place !== null)) return null;
  const others = t.factors.filter((_, k) => k !== at).map((f) => plan.labelsOf(f, SAMPLE));
  const meets = (label: Label): boolean => others.some((labels) => labels.includes(label));
  if (meets(target) || !own.every(meets)) return null;
  const rest = axes.filter((label) => label !== target);
  const product = (labels: readonly Label[]): number => labels.reduce((n, label) => n * plan.sizeOf(label), 1);
  return { at, target, own, rest, positions: product(own), width: product(rest), size: plan.sizeOf(target) };
}

/** Distinct rows: [B, T, ...rest], zero where the row of a position stands at an earlier one, and their indices [B, T]. */
export interface Compact {
  readonly values: Handle;
  readonly indices: Handle;
  readonly labels: readonly Label[];
  readonly selects: { readonly label: Label; readonly size: number };
}

/** Which position has the index of each position first, [B, T]. */
function firsts(indices: Handle): Handle {
  const [n, size] = indices.shape;
  if (isSymbolic(indices)) {
    const equal = asHandle(same(reshapeTo(indices, [n, size, 1]), reshapeTo(indices, [n, 1, size])));
    return asHandle(argmax(castTo(equal, "int32"), { axis: 2 }));
  }
  const data = elementsOf(indices);
  const first = new Int32Array(n * size);
  for (let i = 0; i < n; i++) {
    const known = new Map<number, number>();
    for (let t = 0; t < size; t++) {
      const v = data[i * size + t];
      const at = known.get(v) ?? t;
      known.set(v, at);
      first[i * size + t] = at;
    }
  }
  return makeTensor([n, size], "int32", first);
}

/** The distinct rows of a term, in double precision; null for other terms. */
export function compacted(factors: Factors, t: Term): Compact | null {
  const found = compactable(factors.plan, t);
  if (found === null) return null;
  const { at, target, own, rest, positions, size } = found;
  const operands = factors.read(t, SAMPLE, true);
  const others = operands.filter((_, k) => k !== at);
  const labels = [SAMPLE, ...own, ...rest];
  const sizes = factors.plan.sizes([...operands.map((o) => o.labels), labels], factors.n);
  const spelled = contract(others, labels, sizes);
  const n = factors.n;
  const rows = reshapeTo(spelled, [n, positions, ...rest.map((label) => sizes.get(label) ?? 1)]);
  const indices = reshapeTo(fromStart(operands[at].x, size), [n, positions]);
  const along = { where: "batchGrad", axis: 1, lead: 1, trail: 0 };
  const values = scatterAddAlong(makeFilled(rows.shape, rows.dtype, 0), firsts(indices), rows, along);
  return { values, indices, labels: rest, selects: { label: target, size } };
}

/** Compact rows as operands of a contraction, `position` being the label of their positions. */
export const operandsOf = ({ values, indices, labels, selects }: Compact, position: Label): Named[] => [
  { x: values, labels: [SAMPLE, position, ...labels] },
  { x: indices, labels: [SAMPLE, position], selects },
];

/** Inner products of the rows of all samples, from the places where an index occurs; not for tracked or symbolic rows. */
export function gramOfCompact({ values, indices }: Compact): Handle {
  const [n, size] = indices.shape;
  const width = values.size / (n * size);
  const places = new Map<number, number[]>();
  elementsOf(indices).forEach((v, p) => {
    const list = places.get(v);
    if (list === undefined) places.set(v, [p]);
    else list.push(p);
  });
  const data = elementsOf(values);
  const out = new Float64Array(n * n);
  for (const list of places.values()) {
    for (const p of list) {
      for (const q of list) {
        let sum = 0;
        for (let d = 0; d < width; d++) sum += data[p * width + d] * data[q * width + d];
        out[Math.floor(p / size) * n + Math.floor(q / size)] += sum;
      }
    }
  }
  return makeTensor([n, n], "float64", out);
}
