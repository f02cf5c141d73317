import { broadcastToShape } from "../core/op/sweep-ops";
import { elementsOf, type Handle, isSymbolic } from "../core/tensor/handle";
import { asHandle } from "../core/tensor/value";
import { contract, type Named } from "../ops/contract/engine";
import { mul } from "../ops/elementwise/arithmetic";
import { sqrt } from "../ops/elementwise/exponential";
import type { Label } from "../rewrite/labels";
import type { Term } from "../rewrite/terms";
import { allLabels, type Factors } from "./factors";
import { SAMPLE } from "./plan";
import { addAll } from "./rows";

/*
 * Which squared norms, computed from pairs of factors, cannot be trusted: those of which too little is left of what they are a
 * sum of, and those that left the range of numbers. They are computed once more, from the gradients of their samples.
 */

/** A square that is at most this share of the largest that it could be has cancelled; of many positions, a smaller share. */
const CANCELED = 1e-4;
const canceled = (positions: number): number => Math.min(CANCELED, 0.1 / positions);
/** Squares below are too close to the smallest numbers to have all their digits. */
const TINY = 1e-280;

/** Over how many positions a term is a sum. */
function positionsOf({ plan }: Factors, t: Term): number {
  const own = plan.axesOf(t);
  const summed = new Set(t.factors.flatMap((f) => plan.axesOfFactor(f)).filter((label) => !own.includes(label)));
  return [...summed].reduce((n, label) => n * plan.sizeOf(label), 1);
}

/** The most that the norm of a term can be: the sum over positions of the product of the norms of the factors, [n]. */
function boundOf(factors: Factors, t: Term): Handle {
  const { plan, n } = factors;
  const own = new Set<Label>(plan.axesOf(t));
  const operands = factors.read(t, SAMPLE, true);
  const norms = operands.flatMap((o): Named[] => {
    if (o.selects !== undefined) return [];
    const labels = o.labels.filter((label) => !own.has(label));
    return [{ x: asHandle(sqrt(contract([o, o], labels, plan.sizes([o.labels], n)))), labels }];
  });
  // What is spread over an axis that no factor has is as often there; indices stand for one position of their axis each.
  const held = new Set(operands.flatMap(allLabels));
  const repeated = [...own].reduce((count, label) => (held.has(label) ? count : count * plan.sizeOf(label)), 1);
  const bound = contract(
    norms,
    norms.some((o) => o.labels.includes(SAMPLE)) ? [SAMPLE] : [],
    plan.sizes(operands.map(allLabels), n),
  );
  return broadcastToShape(asHandle(mul(bound, Math.abs(t.scale) * Math.sqrt(repeated))), [n]);
}

/** The most that |g_i| of a parameter can be, by the norms of its factors, [n]: its square is the M_i of the guide. */
export const mostOf = (factors: Factors, k: number): Handle =>
  addAll(factors.plan.leaves[k].terms.map((t) => boundOf(factors, t)));

/** Whether a term of sample i is zero because one of its factors is. */
function isNought(factors: Factors, t: Term, i: number): boolean {
  return t.factors.some((f) => {
    const { x, batched } = factors.valueOf(f);
    if (f.selects !== null) return false;
    const data = elementsOf(x);
    const width = batched ? data.length / factors.n : data.length;
    const start = batched ? i * width : 0;
    for (let p = start; p < start + width; p++) if (data[p] !== 0) return false;
    return true;
  });
}

/** The samples whose squared norms from pairs of factors of a parameter must be computed again. */
export function suspects(factors: Factors, k: number, squares: Handle): number[] {
  if (isSymbolic(squares)) return [];
  const { terms } = factors.plan.leaves[k];
  const positions = terms.reduce((sum, t) => sum + positionsOf(factors, t), 0);
  const bound = positions > 1 ? elementsOf(mostOf(factors, k)) : null;
  const found: number[] = [];
  const share = canceled(positions);
  elementsOf(squares).forEach((s, i) => {
    const little = s < TINY || (bound !== null && s < share * bound[i] ** 2);
    if (!Number.isFinite(s) || (little && !terms.every((t) => isNought(factors, t, i)))) found.push(i);
  });
  return found;
}
