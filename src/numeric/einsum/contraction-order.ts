import type { Label } from "./equation";

/** Contract the operands at two places; the result goes to the end of the list, those two leave it. @internal */
export type Pair = readonly [first: number, second: number];

/** At most so many operands are planned exactly; of more, the cheapest pair is contracted until so many are left. */
const EXACT = 6;

/** Operands that have been contracted to one: the indices left, and the tree. */
interface Plan {
  readonly labels: readonly Label[];
  readonly tree: Tree;
}
type Tree = number | readonly [Tree, Tree];

/** An index of a contraction: its size, whether the result has it, and which operands have it, as bits. */
interface Index {
  readonly size: number;
  readonly kept: boolean;
  readonly holders: number;
}

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
  if (operands.length === 2) return [[0, 1]];
  let plans: Plan[] = operands.map((labels, i) => ({ labels, tree: i }));
  while (plans.length > EXACT) plans = contractCheapest(plans, output, sizes);
  return pairsOf(exact(plans, output, sizes), operands.length);
}

function contractCheapest(plans: Plan[], output: readonly Label[], sizes: ReadonlyMap<Label, number>): Plan[] {
  const workOf = (labels: readonly Label[]): number =>
    labels.reduce((work, label) => work * (sizes.get(label) ?? 1), 1);
  let [first, second, least] = [0, 1, Infinity];
  for (let i = 0; i < plans.length; i++) {
    for (let j = i + 1; j < plans.length; j++) {
      const work = workOf(union(plans[i].labels, plans[j].labels));
      if (work < least) [first, second, least] = [i, j, work];
    }
  }
  const rest = plans.filter((_, k) => k !== first && k !== second);
  const outside = new Set([...output, ...rest.flatMap(({ labels }) => labels)]);
  const labels = union(plans[first].labels, plans[second].labels).filter((label) => outside.has(label));
  return [...rest, { labels, tree: [plans[first].tree, plans[second].tree] }];
}

/** Whether what a set of operands was contracted to has an index: sums are taken with the first contraction that can. */
const has = (set: number, { kept, holders }: Index): boolean =>
  (holders & set) !== 0 && (kept || (holders & ~set) !== 0 || (set & (set - 1)) === 0);

/** Multiplications to contract what two sets of operands were contracted to: the product of the sizes of their indices. */
function workOf(indices: readonly Index[], a: number, b: number): number {
  let work = 1;
  for (const index of indices) if (has(a, index) || has(b, index)) work *= index.size;
  return work;
}

/** The cheapest tree for all operands, from the cheapest of all their subsets. */
function exact(plans: readonly Plan[], output: readonly Label[], sizes: ReadonlyMap<Label, number>): Tree {
  const indices = [...new Set(plans.flatMap(({ labels }) => labels))].map((label) => ({
    size: sizes.get(label) ?? 1,
    kept: output.includes(label),
    holders: plans.reduce((bits, { labels }, i) => (labels.includes(label) ? bits | (1 << i) : bits), 0),
  }));
  const full = (1 << plans.length) - 1;
  const costs = Array.from({ length: full + 1 }, () => 0);
  const parts = Array.from({ length: full + 1 }, () => 0);
  for (let subset = 1; subset <= full; subset++) {
    if ((subset & (subset - 1)) === 0) continue;
    costs[subset] = Infinity;
    for (let part = (subset - 1) & subset; part > subset - part; part = (part - 1) & subset) {
      const other = subset - part;
      const cost = costs[part] + costs[other] + workOf(indices, part, other);
      if (cost < costs[subset] || parts[subset] === 0) [costs[subset], parts[subset]] = [cost, part];
    }
  }
  const treeOf = (subset: number): Tree =>
    parts[subset] === 0 ? plans[31 - Math.clz32(subset)].tree : [treeOf(parts[subset]), treeOf(subset - parts[subset])];
  return treeOf(full);
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
