import { accumulate } from "../core/op/sweep-ops";
import { asHandle } from "../core/tensor/value";
import { stack } from "../ops/movement/concat-stack";
import type { Draft } from "./draft";
import type { Labels } from "./labels";
import type { Operand } from "./prune";
import { type Factor, signature, type Term } from "./terms";

/** Terms that have a key in common, in the order of the first of them. */
function groupsOf(terms: readonly Term[], keyOf: (t: Term) => string): Term[][] {
  const groups = new Map<string, Term[]>();
  for (const t of terms) {
    const key = keyOf(t);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [t]);
    else group.push(t);
  }
  return [...groups.values()];
}

/**
 * Stack: a sum of alike terms is one term, whose factors are stacked along one more label that is summed over. A parameter that
 * is used T times has T positions, not T² pairs of uses. Terms of the same factors are added up, and so are atoms.
 */
export function stacked(draft: Draft, labels: Labels, terms: readonly Term[]): Term[] {
  if (terms.length < 2) return [...terms];
  const numbers = new Map<Operand, number>();
  const numberOf = (at: Operand): number => {
    const number = numbers.get(at) ?? numbers.size;
    numbers.set(at, number);
    return number;
  };
  const same = groupsOf(terms, (t) => signature(labels, t, numberOf)).map(
    (group): Term => ({ ...group[0], scale: group.reduce((scale, t) => scale + t.scale, 0) }),
  );
  const kindOf = (at: Operand): unknown => {
    const { shape, dtype } = draft.kindOf(at);
    return [draft.differs(at), dtype, shape];
  };
  return groupsOf(same, (t) => `${t.scale} ${signature(labels, t, kindOf)}`).map((group) => join(draft, labels, group));
}

function join(draft: Draft, labels: Labels, group: readonly Term[]): Term {
  const [first] = group;
  if (group.length === 1) return first;
  const slots = first.factors.map((_, k) => group.map((t) => t.factors[k].at));
  const [only] = first.factors;
  if (slots.length === 1 && only.selects === null) {
    const [at] = draft.append(slots[0], (xs) => [xs.reduce(accumulate)]);
    return { ...first, factors: [{ ...only, at }] };
  }
  const position = labels.make(group.length);
  const factors = first.factors.map((f, k): Factor => {
    if (slots[k].every((at) => at === f.at)) return f;
    const [at] = draft.append(slots[k], (xs) => [asHandle(stack(xs))]);
    return { ...f, at, axes: [position, ...f.axes] };
  });
  return { ...first, factors };
}
