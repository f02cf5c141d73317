import type { Label } from "./equation";

/** Contract the operands at two places; the result goes to the end of the list, those two leave it. @internal */
export type Pair = readonly [first: number, second: number];

/** At most so many operands are planned exactly; of more, the cheapest pair is contracted until so many are left. */
const EXACT = 6;

/** A set of operands that has been contracted: the indices left, the multiplications so far, and the tree. */
interface Plan {
  readonly labels: readonly Label[];
  readonly cost: number;
  readonly tree: Tree;
}
type Tree = number | readonly [Tree, Tree];

const union = (a: readonly Label[], b: readonly Label[]): Label[] => [...a, ...b.filter((label) => !a.includes(label))];

/**
 * The order in which to contract operands pair by pair: the one of fewest multiplications for up to six operands, found
 * over all subsets; of more, the pairs that cost least come first.
 *
 * @param operands - the indices of every operand
 * @param output - the indices of the result
 * @see R. N. C. Pfeifer, J. Haegeman, F. Verstraete, Faster identification of optimal contraction sequences for tensor
 * networks, Phys. Rev. E 90 (2014), arXiv:1304.6112
 * @internal
 */
export function contractionOrder(
  operands: readonly (readonly Label[])[],
  output: readonly Label[],
  sizes: ReadonlyMap<Label, number>,
): Pair[] {
  let plans: Plan[] = operands.map((labels, i) => ({ labels, cost: 0, tree: i }));
  while (plans.length > EXACT) plans = contractCheapest(plans, output, sizes);
  const whole = exact(plans, output, sizes);
  return pairsOf(whole.tree, operands.length);
}

/** Two plans as one: indices that nothing outside needs are summed over. */
function join(a: Plan, b: Plan, outside: ReadonlySet<Label>, sizes: ReadonlyMap<Label, number>): Plan {
  const all = union(a.labels, b.labels);
  const work = all.reduce((product, label) => product * (sizes.get(label) ?? 1), 1);
  return { labels: all.filter((label) => outside.has(label)), cost: a.cost + b.cost + work, tree: [a.tree, b.tree] };
}

function contractCheapest(plans: Plan[], output: readonly Label[], sizes: ReadonlyMap<Label, number>): Plan[] {
  let best: { readonly joined: Plan; readonly rest: Plan[]; readonly work: number } | undefined;
  for (let i = 0; i < plans.length; i++) {
    for (let j = i + 1; j < plans.length; j++) {
      const rest = plans.filter((_, k) => k !== i && k !== j);
      const outside = new Set([...output, ...rest.flatMap(({ labels }) => labels)]);
      const joined = join(plans[i], plans[j], outside, sizes);
      const work = joined.cost - plans[i].cost - plans[j].cost;
      if (best === undefined || work < best.work) best = { joined, rest, work };
    }
  }
  return best === undefined ? plans : [...best.rest, best.joined];
}

/** The cheapest plan for all operands, from the cheapest plans of all their subsets. */
function exact(plans: readonly Plan[], output: readonly Label[], sizes: ReadonlyMap<Label, number>): Plan {
  const full = (1 << plans.length) - 1;
  const best: Plan[] = [];
  plans.forEach((plan, i) => {
    best[1 << i] = plan;
  });
  for (let subset = 1; subset <= full; subset++) {
    if ((subset & (subset - 1)) === 0) continue;
    const outside = new Set([...output, ...plans.flatMap(({ labels }, i) => (subset & (1 << i) ? [] : labels))]);
    for (let part = (subset - 1) & subset; part > 0; part = (part - 1) & subset) {
      const other = subset ^ part;
      if (part < other) continue;
      const joined = join(best[part], best[other], outside, sizes);
      if (best[subset] === undefined || joined.cost < best[subset].cost) best[subset] = joined;
    }
  }
  return best[full];
}

/** A tree as steps on a list that shrinks. */
function pairsOf(tree: Tree, operands: number): Pair[] {
  const list = Array.from({ length: operands }, (_, i) => i);
  const pairs: Pair[] = [];
  let next = operands;
  const visit = (node: Tree): number => {
    if (typeof node === "number") return node;
    const [a, b] = [visit(node[0]), visit(node[1])];
    const pair: Pair = [list.indexOf(a), list.indexOf(b)];
    pairs.push(pair);
    list.splice(Math.max(...pair), 1);
    list.splice(Math.min(...pair), 1);
    list.push(next);
    return next++;
  };
  visit(tree);
  return pairs;
}
