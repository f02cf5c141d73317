import { broadcastToShape, castTo, reshapeTo } from "../core/op/sweep-ops";
import { type Handle, isSymbolic, makeFilled } from "../core/tensor/handle";
import { asHandle } from "../core/tensor/value";
import { contract, type Named } from "../ops/contract/engine";
import { mul } from "../ops/elementwise/arithmetic";
import { permute } from "../ops/movement/reshape-transpose";
import { stridedSlice } from "../ops/movement/strided-window";
import { meanSquare } from "../ops/reduce/power-mean";
import type { Term } from "../rewrite/terms";
import { compacted, gramOfCompact } from "./compact";
import { allLabels, type Factors } from "./factors";
import { DIRECTION, OTHER, type Pair, SAMPLE } from "./plan";
import { addAll, projected, weighted } from "./rows";

/*
 * Products of the gradients of one parameter from their factors. Quadratic ones are computed in double precision.
 */

/** Positions that nobody tells apart count as often as there are. */
function repeats(factors: Factors, t: Term, operands: readonly Named[]): number {
  const held = new Set(operands.flatMap(allLabels));
  return factors.plan.axesOf(t).reduce((n, label) => (held.has(label) ? n : n * factors.plan.sizeOf(label)), 1);
}

/** The inner products of two terms: of each sample with itself, or of samples with all of `others`. */
function inner(factors: Factors, { first, second, square }: Pair, others: Factors | null): Handle | null {
  if (second === null) return null;
  const compact = square && (others === null || others === factors) ? compacted(factors, first) : null;
  const scale = first.scale * second.scale;
  if (compact !== null) {
    const { values } = compact;
    if (others === null) return times(meanSquare(values, { first: 1, count: values.rank - 1 }, 1), scale);
    if (!isSymbolic(values) && values.strand === null) return times(gramOfCompact(compact), scale);
  }
  const batch = others === null ? SAMPLE : OTHER;
  const operands = [...factors.read(first, SAMPLE, true), ...(others ?? factors).read(second, batch, true)];
  const output = [...new Set([SAMPLE, batch])].filter((label) => operands.some((o) => o.labels.includes(label)));
  const sizes = factors.plan.sizes(operands.map(allLabels), factors.n, new Map([[OTHER, (others ?? factors).n]]));
  return times(contract(operands, output, sizes), scale * repeats(factors, first, operands));
}

const times = (x: Handle, scale: number): Handle => (scale === 1 ? x : asHandle(mul(x, scale)));

/** The squared norms of the gradients of a parameter from pairs of factors, [n]. They may have cancelled. */
export function squaresOf(factors: Factors, pairs: readonly Pair[]): Handle {
  const { n } = factors;
  const parts = pairs.flatMap((pair) => {
    const y = inner(factors, pair, null);
    return y === null ? [] : [broadcastToShape(times(y, pair.square ? 1 : 2), [n])];
  });
  return parts.length === 0 ? makeFilled([n], "float64", 0) : addAll(parts);
}

/** The inner products of gradients of a parameter with those of others, from pairs of factors: [n, m]. They may have cancelled. */
export function gramOfPairs(factors: Factors, others: Factors, pairs: readonly Pair[]): Handle {
  const { plan } = factors;
  const between = (pair: Pair, own: Factors, other: Factors): Handle | null => {
    const y = inner(own, pair, other);
    if (y === null || pair.second === null) return null;
    const [rows, columns] = [plan.varies(pair.first) ? own.n : 1, plan.varies(pair.second) ? other.n : 1];
    return broadcastToShape(reshapeTo(y, [rows, columns]), [own.n, other.n]);
  };
  const parts = pairs.flatMap((pair) => {
    const one = between(pair, factors, others);
    if (one === null) return [];
    if (pair.square) return [one];
    const two = factors === others ? one : between(pair, others, factors);
    return two === null ? [one] : [one, permute(two, [1, 0])];
  });
  return parts.length === 0 ? makeFilled([factors.n, others.n], "float64", 0) : addAll(parts);
}

/** sum_i w_i g_i of a parameter, of weights [n]. */
export function weightedSum(factors: Factors, k: number, weights: Handle, rows: Handle | null): Handle {
  const { shape, dtype } = factors.plan.programs.parameters[k];
  const { terms } = factors.plan.leaves[k];
  if (rows !== null) return weighted(rows, weights);
  const parts = terms.map((t) => {
    const operands = factors.read(t, SAMPLE, false);
    const w = { x: castTo(weights, factors.dtypeOf(operands)), labels: [SAMPLE] };
    return castTo(factors.spell(t, [w, ...operands], [], shape), dtype);
  });
  return parts.length === 0 ? makeFilled(shape, dtype, 0) : addAll(parts);
}

/** The inner products of the gradients of a parameter with directions [d, ...], as [n, d]. */
export function project(factors: Factors, k: number, directions: Handle): Handle {
  const { plan, n } = factors;
  const { terms, simple } = plan.leaves[k];
  const count = directions.shape[0];
  if (simple) return projected(factors.rows(k, true), directions);
  const parts = terms.map((t) => {
    const seen = seenBy(t, directions);
    const axes = plan.axesOf(t);
    const operands = factors.read(t, SAMPLE, false);
    const sizes = plan.sizes([...operands.map(allLabels), axes], n, new Map([[DIRECTION, count]]));
    const shape = [count, ...axes.map((label) => sizes.get(label) ?? 1)];
    const along = { x: reshapeTo(seen, shape), labels: [DIRECTION, ...axes] };
    return castTo(times(contract([along, ...operands], [SAMPLE, DIRECTION], sizes), t.scale), "float64");
  });
  return parts.length === 0 ? makeFilled([n, count], "float64", 0) : addAll(parts);
}

/** What stands in tensors where a term stands in a gradient. */
function seenBy(t: Term, directions: Handle): Handle {
  if (t.axes.every((a) => a.place === null)) return directions;
  const sizes = [directions.shape[0], ...t.axes.map((a, i) => a.place?.size ?? directions.shape[i + 1])];
  const starts = [0, ...t.axes.map((a) => a.place?.start ?? 0)];
  const steps = [1, ...t.axes.map((a) => a.place?.step ?? 1)];
  return stridedSlice(directions, { starts, steps, sizes, shape: sizes });
}
