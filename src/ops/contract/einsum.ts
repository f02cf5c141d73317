import { promote } from "../../base/dtype";
import { describe, fail } from "../../base/errors";
import { type Shape, sizeOf } from "../../base/shape";
import { castTo, reshapeTo, sumAxes } from "../../core/op/sweep-ops";
import { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { notATensor } from "../../core/tensor/tensor-argument";
import { asHandle } from "../../core/tensor/value";
import { contractionOrder, type Pair } from "../../numeric/einsum/contraction-order";
import { type Label, readEquation } from "../../numeric/einsum/equation";
import { mul } from "../elementwise/arithmetic";
import { permute } from "../movement/reshape-transpose";
import { stridedSlice } from "../movement/strided-window";
import { product } from "./matmul";

/** What an equation comes to for operands of given shapes: its indices, and the order of contraction. */
interface Plan {
  readonly inputs: readonly (readonly Label[])[];
  readonly output: readonly Label[];
  readonly order: readonly Pair[];
}

let plans: Map<string, Plan> | undefined;
/** So many plans are kept: a program has few equations, and few shapes of each. */
const KEPT = 256;

function planOf(equation: string, shapes: readonly Shape[]): Plan {
  const key = `${equation};${shapes.map((shape) => shape.join()).join(";")}`;
  plans ??= new Map();
  const known = plans.get(key);
  if (known !== undefined) return known;
  const { inputs, output, sizes } = readEquation(equation, shapes);
  // What the operands have when diagonals are taken and what nothing else needs is summed over.
  const own = inputs.map((labels) => [...new Set(labels)].filter((label) => label !== "1"));
  const reduced = own.map((labels, k) =>
    labels.filter((label) => output.includes(label) || own.some((other, j) => j !== k && other.includes(label))),
  );
  const plan = { inputs, output, order: contractionOrder(reduced, output, sizes) };
  if (plans.size >= KEPT) plans.clear();
  plans.set(key, plan);
  return plan;
}

/** A tensor whose axes have names. */
interface Named {
  readonly x: Handle;
  readonly labels: readonly Label[];
}

const sizesOf = ({ x, labels }: Named, of: readonly Label[]): number[] => of.map((l) => x.shape[labels.indexOf(l)]);

/** The axes in the order of the labels; those that are not named last, as they were. */
function ordered({ x, labels }: Named, order: readonly Label[]): Handle {
  return permute(
    x,
    order.map((label) => labels.indexOf(label)),
  );
}

/** Drops the axes of size 1 that broadcasting stretches; the other operands have them. */
function unstretched({ x, labels }: Named): Named {
  const kept = labels.filter((label) => label !== "1");
  return {
    x: reshapeTo(
      x,
      x.shape.filter((_, i) => labels[i] !== "1"),
    ),
    labels: kept,
  };
}

/** An index that stands twice takes the diagonal of its two axes. */
function diagonals(named: Named): Named {
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
  return diagonals({ x: diagonal, labels: [...others.map((i) => labels[i]), labels[second]] });
}

/** Sums over the indices that are not among the needed ones. */
function summed({ x, labels }: Named, needed: ReadonlySet<Label>): Named {
  const axes = labels.flatMap((label, i) => (needed.has(label) ? [] : [i]));
  if (axes.length === 0) return { x, labels };
  return { x: sumAxes(x, axes), labels: labels.filter((label) => needed.has(label)) };
}

/** Matrices [batch, rows, columns] or, where that saves moving elements, [batch, columns, rows]. */
function asMatrices(
  named: Named,
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

/** Products without a sum, by broadcasting. */
function multiplied(a: Named, b: Named): Named {
  const labels = [...a.labels, ...b.labels.filter((label) => !a.labels.includes(label))];
  const spread = (named: Named): Handle => {
    const own = labels.filter((label) => named.labels.includes(label));
    const shape = labels.map((label) => (own.includes(label) ? named.x.shape[named.labels.indexOf(label)] : 1));
    return reshapeTo(ordered(named, own), shape.slice(labels.indexOf(own[0] ?? "")));
  };
  return { x: asHandle(mul(spread(a), spread(b))), labels };
}

/**
 * Contracts two operands: one matrix product for each value of the indices that both have and that are needed later.
 */
function contracted(a: Named, b: Named, needed: ReadonlySet<Label>): Named {
  const both = a.labels.filter((label) => b.labels.includes(label));
  const inner = both.filter((label) => !needed.has(label));
  if (inner.length === 0) return multiplied(a, b);
  const batch = both.filter((label) => needed.has(label));
  const rows = a.labels.filter((label) => !both.includes(label));
  const columns = b.labels.filter((label) => !both.includes(label));
  const [x, xLies] = asMatrices(a, batch, rows, inner);
  const [y, yLies] = asMatrices(b, batch, inner, columns);
  const shape = [...sizesOf(a, batch), ...sizesOf(a, rows), ...sizesOf(b, columns)];
  return { x: reshapeTo(product(x, y, xLies, yLies), shape), labels: [...batch, ...rows, ...columns] };
}

/**
 * Sums of products, by Einstein's convention: every operand names its axes by letters, and what is not in the output is
 * summed over.
 *
 * Shape: each index has one size, axes of size 1 broadcast to it; the result has the sizes of the indices of the output.
 *
 * `einsum("ij,jk->ik", a, b)[i, k] = sum_j a[i, j] b[j, k]`. Without "->" the output has the indices that occur once,
 * in alphabetical order (capitals first). An index twice in a term takes the diagonal: "ii->i", and its two axes must
 * have one size. "..." stands for any
 * further axes, which broadcast, and comes first in an output that is not written. Spaces are ignored.
 *
 * The derivative by an operand is such a sum too, of the cotangent and the others; zeros in it do not protect against
 * Infinity and NaN elsewhere (the guide Numerics has the policy). int32 wraps: sums are exact modulo 2³².
 *
 * Three operands or more are contracted pair by pair, up to six in the order of fewest multiplications, more of them greedily; pairs are
 * matrix products. Empty sums are 0.
 * @param equation - `"ij,jk->ik"`: the terms of the operands, then the output
 * @param operands - one tensor for each term
 * @returns the sums, of the promoted dtype
 * @throws GradtapeError `einsum/equation` pointing at the character, `einsum/operands` without any operand, `argument/string`,
 * `argument/tensor`
 * @example
 * ```ts
 * import { einsum, tensor } from "gradtape";
 * const a = tensor([[1, 2], [3, 4]]);
 * einsum("ij,jk->ik", a, a); // => [[7, 10], [15, 22]]
 * einsum("ii", a); // => 5
 * einsum("...i,...i->...", a, a); // => [5, 25]
 * ```
 * @see D. G. A. Smith, J. Gray, opt_einsum, Journal of Open Source Software 3(26) (2018)
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  if (typeof equation !== "string") {
    return fail(
      "argument/string",
      `einsum: equation must be a string such as "ij,jk->ik", got ${describe(equation)}.`,
      { equation },
      'The equation comes first, then the operands: einsum("ij,jk->ik", a, b).',
    );
  }
  if (operands.length === 0) {
    return fail("einsum/operands", "einsum: there are no operands.", { equation }, "Give one tensor for each term.");
  }
  const given = operands.map((x, k) => (x instanceof Handle ? x : notATensor("einsum", x, `operand ${k}`, true)));
  const dtype = given.map((x) => x.dtype).reduce(promote, given[0].dtype);
  const { inputs, output, order } = planOf(
    equation,
    given.map((x) => x.shape),
  );
  let rest = given.map((x, k) => diagonals(unstretched({ x: castTo(x, dtype), labels: inputs[k] })));
  const needed = (...others: readonly Named[]): ReadonlySet<Label> =>
    new Set([...output, ...others.flatMap((o) => o.labels)]);
  rest = rest.map((named, k) => summed(named, needed(...rest.filter((_, j) => j !== k))));
  for (const [i, j] of order) {
    const [a, b] = [rest[i], rest[j]];
    rest = rest.filter((_, k) => k !== i && k !== j);
    rest.push(contracted(a, b, needed(...rest)));
  }
  return ordered(rest[0], output);
}
