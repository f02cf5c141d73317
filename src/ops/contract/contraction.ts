import type { Dtype } from "../../base/dtype";
import { sizeOf } from "../../base/shape";
import { broadcastToShape, reshapeTo, sumAxes } from "../../core/op/sweep-ops";
import { type Handle, makeFilled } from "../../core/tensor/handle";
import { asHandle } from "../../core/tensor/value";
import { contractionOrder, type Pair } from "../../numeric/einsum/contraction-order";
import type { Label } from "../../numeric/einsum/equation";
import { mul } from "../elementwise/arithmetic";
import { permute } from "../movement/reshape-transpose";
import { stridedSlice } from "../movement/strided-window";
import { product } from "./matmul";

/** A tensor whose axes have names. */
export interface Dense {
  readonly x: Handle;
  readonly labels: readonly Label[];
}

const sizesOf = ({ x, labels }: Dense, of: readonly Label[]): number[] => of.map((l) => x.shape[labels.indexOf(l)]);

/** The axes in the order of the labels. */
export const ordered = ({ x, labels }: Dense, order: readonly Label[]): Handle =>
  permute(
    x,
    order.map((label) => labels.indexOf(label)),
  );

/** The axes in the order of the labels, and one of size 1 for each label that it has not. */
export function alignedTo(named: Dense, order: readonly Label[]): Handle {
  const x = ordered(
    named,
    order.filter((label) => named.labels.includes(label)),
  );
  let next = 0;
  return reshapeTo(
    x,
    order.map((label) => (named.labels.includes(label) ? x.shape[next++] : 1)),
  );
}

/** A label that stands twice takes the diagonal of its two axes. */
export function diagonals<N extends Dense>(named: N): N {
  const { x, labels } = named;
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (second < 0) return named;
  const first = labels.indexOf(labels[second]);
  const others = labels.map((_, i) => i).filter((i) => i !== first && i !== second);
  const n = x.shape[first];
  const lead = others.map((i) => x.shape[i]);
  const flat = reshapeTo(permute(x, [...others, first, second]), [...lead, n * n]);
  const sizes = [...lead, n];
  const zeros = sizes.map(() => 0);
  const diagonal = stridedSlice(flat, { starts: zeros, steps: [...lead.map(() => 1), n + 1], sizes, shape: sizes });
  return diagonals({ ...named, x: diagonal, labels: [...others.map((i) => labels[i]), labels[second]] });
}

/** Whether the output or one of the others has a label, so that it cannot be summed yet. */
const isNeeded = (label: Label, output: readonly Label[], others: readonly (readonly Label[])[]): boolean =>
  output.includes(label) || others.some((labels) => labels.includes(label));

/** The labels that are left of each operand when diagonals are taken and what nothing else needs is summed. */
const reduced = (operands: readonly (readonly Label[])[], output: readonly Label[]): Label[][] =>
  operands.map((labels, k) => {
    const others = operands.filter((_, j) => j !== k);
    return [...new Set(labels)].filter((label) => isNeeded(label, output, others));
  });

/** The pairs in which operands are contracted, of which labels may stand twice or nowhere else. */
export const orderOf = (
  operands: readonly (readonly Label[])[],
  output: readonly Label[],
  sizes: ReadonlyMap<Label, number>,
): readonly Pair[] => (operands.length < 2 ? [] : contractionOrder(reduced(operands, output), output, sizes));

/**
 * Multiplications of all pairs in that order, and numbers of the output.
 *
 * Shape: one list of labels for each operand.
 */
export function costOf(
  operands: readonly (readonly Label[])[],
  output: readonly Label[],
  sizes: ReadonlyMap<Label, number>,
): { multiplications: number; written: number } {
  const count = (labels: readonly Label[]): number => labels.reduce((n, label) => n * (sizes.get(label) ?? 1), 1);
  let rest = reduced(operands, output);
  let multiplications = 0;
  for (const [i, j] of orderOf(operands, output, sizes)) {
    const both = [...new Set([...rest[i], ...rest[j]])];
    multiplications += count(both);
    rest = rest.filter((_, k) => k !== i && k !== j);
    rest.push(both.filter((label) => isNeeded(label, output, rest)));
  }
  return { multiplications, written: count(output) };
}

/** The sum over the labels that are not needed. */
function summed({ x, labels }: Dense, needed: (label: Label) => boolean): Dense {
  const axes = labels.flatMap((label, i) => (needed(label) ? [] : [i]));
  return { x: axes.length === 0 ? x : sumAxes(x, axes), labels: labels.filter(needed) };
}

/** Matrices [batch, rows, columns] or, where that saves moving elements, [batch, columns, rows]. */
function asMatrices(
  named: Dense,
  batch: readonly Label[],
  rows: readonly Label[],
  columns: readonly Label[],
): [Handle, boolean] {
  const upright = [...batch, ...rows, ...columns];
  const swapped = [...batch, ...columns, ...rows];
  const lies =
    !upright.every((label, i) => named.labels[i] === label) && swapped.every((l, i) => named.labels[i] === l);
  const sizes = [batch, ...(lies ? [columns, rows] : [rows, columns])].map((labels) => sizeOf(sizesOf(named, labels)));
  return [reshapeTo(ordered(named, lies ? swapped : upright), batch.length === 0 ? sizes.slice(1) : sizes), lies];
}

/** Products without a sum, by broadcasting; in the order of the output if that has all labels. */
function multiplied(a: Dense, b: Dense, output: readonly Label[]): Dense {
  const all = [...a.labels, ...b.labels.filter((label) => !a.labels.includes(label))];
  const last = all.every((label) => output.includes(label));
  const labels = last ? output.filter((label) => all.includes(label)) : all;
  return { x: asHandle(mul(alignedTo(a, labels), alignedTo(b, labels))), labels };
}

/** Whether a product without a sum is an outer product of what lies ready for it, which matrix products are faster at. */
function isOuter(
  a: Dense,
  b: Dense,
  batch: readonly Label[],
  rows: readonly Label[],
  columns: readonly Label[],
  output: readonly Label[],
): boolean {
  const all = [...batch, ...rows, ...columns];
  const isFirst = (labels: readonly Label[], own: readonly Label[]): boolean =>
    labels.every((label, i) => own[i] === label);
  return (
    rows.length > 0 &&
    columns.length > 0 &&
    isFirst(a.labels, [...batch, ...rows]) &&
    isFirst(b.labels, [...batch, ...columns]) &&
    isFirst(
      output.filter((label) => all.includes(label)),
      all,
    )
  );
}

/**
 * Contracts two operands: one matrix product for each value of the labels that both have and that are needed later. Rows
 * of the product are the labels that come first in the output, so that nothing has to be transposed behind it.
 */
function contracted(first: Dense, second: Dense, output: readonly Label[], needed: (label: Label) => boolean): Dense {
  const own = (x: Dense, y: Dense): number =>
    output.findIndex((label) => x.labels.includes(label) && !y.labels.includes(label));
  const [ownFirst, ownSecond] = [own(first, second), own(second, first)];
  const [a, b] = ownSecond >= 0 && ownSecond < ownFirst ? [second, first] : [first, second];
  const both = a.labels.filter((label) => b.labels.includes(label));
  const inner = both.filter((label) => !needed(label));
  const batch = both.filter(needed);
  const rows = a.labels.filter((label) => !both.includes(label));
  const columns = b.labels.filter((label) => !both.includes(label));
  if (inner.length === 0 && !isOuter(a, b, batch, rows, columns, output)) return multiplied(a, b, output);
  const [x, xLies] = asMatrices(a, batch, rows, inner);
  const [y, yLies] = asMatrices(b, batch, inner, columns);
  const shape = [...sizesOf(a, batch), ...sizesOf(a, rows), ...sizesOf(b, columns)];
  return { x: reshapeTo(product(x, y, xLies, yLies), shape), labels: [...batch, ...rows, ...columns] };
}

/**
 * The sum, over the labels that the output has not, of the product of operands of one dtype, contracted pair by pair in
 * the order given. Without operands the product is 1; along labels of the output that none of them has, it is repeated.
 */
export function contractDense(
  operands: readonly Dense[],
  output: readonly Label[],
  order: readonly Pair[],
  sizes: ReadonlyMap<Label, number>,
  dtype: Dtype,
): Handle {
  const given = operands.map(diagonals);
  let rest = given.map((named, k) => {
    const others = given.flatMap(({ labels }, j) => (j === k ? [] : [labels]));
    return summed(named, (label) => isNeeded(label, output, others));
  });
  for (const [i, j] of order) {
    const [a, b] = [rest[i], rest[j]];
    rest = rest.filter((_, k) => k !== i && k !== j);
    const others = rest.map(({ labels }) => labels);
    rest.push(contracted(a, b, output, (label) => isNeeded(label, output, others)));
  }
  const last = rest.length === 0 ? { x: makeFilled([], dtype, 1), labels: [] } : rest[0];
  if (last.labels.length === output.length) return ordered(last, output);
  return broadcastToShape(
    alignedTo(last, output),
    output.map((label) => sizes.get(label) ?? 1),
  );
}
