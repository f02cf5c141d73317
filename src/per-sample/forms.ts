import { compactable } from "./compact";
import { type OTHER, type Pair, type Plan, SAMPLE } from "./plan";

/** How inner products of gradients are computed: from the gradients spelled out, or from pairs of their factors. */
export type Way = "rows" | "pairs";

/** Which way is taken: the one of fewer operations, or, for tests, always the same one where it is there. */
export type Choice = Way | "cheapest";

/** Both ways of one parameter, in operations, and the one that is taken. */
export interface Form {
  readonly way: Way;
  readonly rows: number;
  readonly pairs: number;
}

/** Operations for one pair of terms, of n samples with themselves, or of all with all. */
function pairCost(plan: Plan, { first, second, square }: Pair, batch: typeof SAMPLE | typeof OTHER, n: number): number {
  if (second === null) return 0;
  const found = square ? compactable(plan, first) : null;
  if (found !== null) {
    const { positions, width, size } = found;
    const spelled = n * positions * (positions + width);
    return batch === SAMPLE ? spelled : spelled + n * Math.min(n * positions, size) * width;
  }
  const lists = [
    ...first.factors.map((f) => plan.labelsOf(f, SAMPLE)),
    ...second.factors.map((f) => plan.labelsOf(f, batch)),
  ];
  const output = [...new Set([SAMPLE, batch])].filter((label) => lists.some((own) => own.includes(label)));
  return plan.cost(lists, output, n);
}

/** The form of the squared norms of a parameter (`of` SAMPLE), or of its inner products (`of` OTHER), of n samples. */
export function formOf(plan: Plan, k: number, of: typeof SAMPLE | typeof OTHER, n: number, choice: Choice): Form {
  const { pairs: found, simple } = plan.leaves[k];
  const products = (of === SAMPLE ? n : n * n) * plan.size(k);
  const rows = plan.rowsCost(k, n) + products;
  const pairs = found === null ? Infinity : found.reduce((sum, pair) => sum + pairCost(plan, pair, of, n), 0);
  const cheaper: Way = simple || rows <= pairs ? "rows" : "pairs";
  const way = choice === "cheapest" ? cheaper : choice === "pairs" && found !== null ? "pairs" : "rows";
  return { way, rows, pairs };
}
