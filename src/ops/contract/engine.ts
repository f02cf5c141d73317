import { type Dtype, promote } from "../../base/dtype";
import { castTo } from "../../core/op/sweep-ops";
import { type Handle, makeFilled, makeTensor } from "../../core/tensor/handle";
import { asHandle } from "../../core/tensor/value";
import type { Label } from "../../numeric/einsum/equation";
import { same } from "../elementwise/select";
import { fromStart } from "../indexing/gather";
import { gatherAlong, scatterAddAlong } from "../indexing/gather-scatter-op";
import { alignedTo, contractDense, type Dense, diagonals, ordered, orderOf } from "./contraction";

export { costOf } from "./contraction";

/*
 * Contractions of tensors whose axes have labels: what `einsum` computes, and sums with selections. A selection is a tensor
 * of zeros and ones, [index = label], that is never spelled out: what it is multiplied by and summed over is taken at the
 * indices, and where the output has its label, numbers are added up at the indices.
 */

/**
 * A tensor whose axes have labels. If it `selects`, it holds indices (int32, negative ones count from the end), and stands for
 * the numbers [index = label]: zeros and ones with that label as one more axis, of that size.
 */
export interface Named extends Dense {
  readonly selects?: { readonly label: Label; readonly size: number } | undefined;
}
interface Selection extends Dense {
  readonly selects: { readonly label: Label; readonly size: number };
}

const isSelection = (named: Named): named is Selection => named.selects !== undefined;

/** The labels of the numbers that an operand stands for. */
const labelsOf = ({ labels, selects }: Named): readonly Label[] =>
  selects === undefined ? labels : [...labels, selects.label];

/** The dtype of all that are no indices; of nothing but indices float64. */
function dtypeOfNumbers(operands: readonly Named[]): Dtype {
  const dtypes = operands.flatMap((named) => (isSelection(named) ? [] : [named.x.dtype]));
  return dtypes.length === 0 ? "float64" : dtypes.reduce(promote, "bool");
}

/** All operands but one, which may be there twice. */
function without(operands: readonly Named[], one: Named): Named[] {
  const at = operands.indexOf(one);
  return operands.filter((_, k) => k !== at);
}

/** The labels given in front, the others in their order. */
function withFirst(named: Dense, first: readonly Label[]): Dense {
  const labels = [...first, ...named.labels.filter((label) => !first.includes(label))];
  return { x: ordered(named, labels), labels };
}

/** `sum_v [index = v] y[..., v, ...]`: what stands in y, numbers or indices, at the indices. */
function gathered(selection: Selection, y: Named): Named {
  const { label } = selection.selects;
  const both = y.labels.filter((l) => selection.labels.includes(l));
  const [indices, from] = [withFirst(selection, both), withFirst(y, both)];
  const axis = from.labels.indexOf(label);
  const x = gatherAlong(from.x, indices.x, { where: "take", axis, lead: both.length, trail: 0 });
  const own = indices.labels.slice(both.length);
  return { ...y, x, labels: [...from.labels.slice(0, axis), ...own, ...from.labels.slice(axis + 1)] };
}

/** `[index = other]`, for every pair that the labels of both make. */
function matched(selection: Selection, other: Dense, dtype: Dtype): Dense {
  const { size } = selection.selects;
  const labels = [...new Set([...selection.labels, ...other.labels])];
  const [a, b] = [selection, other].map((named) => alignedTo({ ...named, x: fromStart(named.x, size) }, labels));
  return { x: castTo(asHandle(same(a, b)), dtype), labels };
}

/** `[index = v]` where the indices have an axis v themselves: spelled out. */
function unwound(named: Named, dtype: Dtype): Named {
  if (!isSelection(named) || !named.labels.includes(named.selects.label)) return named;
  const { label, size } = named.selects;
  const places = makeTensor(
    [size],
    "int32",
    Int32Array.from({ length: size }, (_, i) => i),
  );
  return matched(named, { x: places, labels: [label] }, dtype);
}

/**
 * What a sum over the label of a selection leaves of all others that have it. If none has, each index hits one place: the
 * selection leaves 1, and the sizes of the labels that are summed and that only it has.
 */
function selected(
  selection: Selection,
  others: readonly Named[],
  output: readonly Label[],
  sizes: ReadonlyMap<Label, number>,
  dtype: Dtype,
): Named[] {
  const { label } = selection.selects;
  const left = others.map((y) => {
    if (y.labels.includes(label)) return unwound(gathered(selection, y), dtype);
    return y.selects?.label === label ? matched(selection, y, dtype) : y;
  });
  if (output.includes(label) || left.some((y, k) => y !== others[k])) return left;
  const alone = selection.labels.filter((l) => !output.includes(l) && !others.some((y) => labelsOf(y).includes(l)));
  const count = alone.reduce((n, l) => n * (sizes.get(l) ?? 1), 1);
  return count === 1 ? left : [...left, { x: makeFilled([], dtype, count), labels: [] }];
}

/** `sum [index = v] rest`, with v in the output: the rest added up at the indices. */
function scattered(
  selection: Selection,
  rest: readonly Named[],
  output: readonly Label[],
  sizes: ReadonlyMap<Label, number>,
  dtype: Dtype,
): Handle {
  const { label, size } = selection.selects;
  const lead = output.filter((l) => selection.labels.includes(l));
  const summed = selection.labels.filter((l) => !output.includes(l));
  const at = output.indexOf(label);
  const free = (labels: readonly Label[]): Label[] => labels.filter((l) => !lead.includes(l));
  const [outer, inner] = [free(output.slice(0, at)), free(output.slice(at + 1))];
  const updates = contract(rest, [...lead, ...outer, ...summed, ...inner], sizes, dtype);
  const labels = [...lead, ...outer, label, ...inner];
  const zeros = makeFilled(
    labels.map((l) => (l === label ? size : (sizes.get(l) ?? 1))),
    dtype,
    0,
  );
  const along = { where: "scatterAdd", axis: lead.length + outer.length, lead: lead.length, trail: 0 };
  return ordered({ x: scatterAddAlong(zeros, withFirst(selection, lead).x, updates, along), labels }, output);
}

/**
 * The sum, over all labels that the output has not, of the product of the operands, as ordinary ops: differentiable by all
 * that are no selections, recorded and batched.
 *
 * Shape: each label has one size; the result has those of the labels of the output. The numbers are the same along a label of
 * the output that no operand has, and 1 without operands. A label twice in an operand takes the diagonal; the output has each
 * once.
 *
 * Pairs are contracted in the order of `contractionOrder`. A selection takes, `sum_v [i = v] x[v] = x[i]`; two of one label
 * compare, `sum_v [i = v] [j = v] = [i = j]`; with its label in the output it adds up, `y[v] = sum_t [i[t] = v] x[t]`.
 *
 * @param operands - numbers, and indices that select
 * @param sizes - the size of every label
 * @param dtype - of the result, to which the operands are cast; by default that of the numbers, promoted, or float64
 * @throws GradtapeError `index/invalid` for an index out of range where it is used
 */
export function contract(
  operands: readonly Named[],
  output: readonly Label[],
  sizes: ReadonlyMap<Label, number>,
  dtype: Dtype = dtypeOfNumbers(operands),
): Handle {
  let rest: readonly Named[] = operands;
  if (operands.some(isSelection)) {
    rest = operands.map((named) => unwound(diagonals(named), dtype));
    // Selections whose labels are in the output stay until all others are gone; nothing else has their labels then.
    const kept = new Set<Label>();
    const next = (): Selection | undefined => rest.filter(isSelection).find(({ selects }) => !kept.has(selects.label));
    for (let selection = next(); selection !== undefined; selection = next()) {
      rest = selected(selection, without(rest, selection), output, sizes, dtype);
      if (!output.includes(selection.selects.label)) continue;
      kept.add(selection.selects.label);
      rest = [...rest, selection];
    }
    const last = rest.find(isSelection);
    if (last !== undefined) return scattered(last, without(rest, last), output, sizes, dtype);
  }
  const dense = rest.map((named) => ({ ...named, x: castTo(named.x, dtype) }));
  const order = orderOf(
    dense.map(({ labels }) => labels),
    output,
    sizes,
  );
  return contractDense(dense, output, order, sizes, dtype);
}
