import type { Program, Step } from "../core/op/op";
import { loopOf } from "./declared";
import type { Draft } from "./draft";
import type { Label, Labels } from "./labels";
import { type Operand, restrict } from "./prune";
import type { Factor, Term } from "./terms";

/** What the walk over a program knows, as hoisting needs it. */
interface Walk {
  readonly draft: Draft;
  readonly labels: Labels;
  inChain(x: Operand): boolean;
  terms(x: Operand): Term[];
}
type Nested = (
  body: Program,
  varying: readonly boolean[],
  kept: readonly Operand[],
  wanted: readonly Operand[],
) => Walk;

/** What is added to carry k in each turn, and nothing else is done with it; null if there is more to it. */
function addendOf({ steps, outputs }: Program, k: number): Operand | null {
  const y = outputs[k];
  const uses = (slot: Operand): number =>
    steps.reduce((n, { inputs }) => n + inputs.filter((x) => x === slot).length, 0) +
    outputs.filter((x) => x === slot).length;
  if (typeof y !== "number" || uses(k) !== 1 || uses(y) !== 1) return null;
  const step = steps.find((s) => s.outputs.includes(y));
  if (step === undefined) return null;
  const { declares, partialA, partialB } = step.op;
  const adds = declares.linear === "jointly" && declares.elementwise === true && partialA === 1 && partialB === 1;
  const at = step.inputs.indexOf(k);
  return adds && step.inputs.length === 2 && at >= 0 ? step.inputs[1 - at] : null;
}

/**
 * Hoist: a carry that a loop only adds to is a sum over what it adds. What the factors of that are made of, the loop yields row
 * by row, or it stands outside already; the carry is dropped, and time is one more label.
 *
 * The terms of each part of a loop of the chain; null for the other parts.
 */
export function hoisted(walk: Walk, step: Step, nested: Nested): readonly (Term[] | null)[] {
  const { draft, labels } = walk;
  const loop = loopOf(step);
  const none = step.outputs.map(() => null);
  if (loop === null) return none;
  const { body, carries, length } = loop;
  const sums = step.outputs.map((slot, k) => (k < carries && walk.inChain(slot) ? addendOf(body, k) : null));
  const wanted = sums.filter((x) => x !== null);
  if (wanted.length === 0) return none;
  const stays = body.outputs.map((_, k) => k).filter((k) => sums[k] === null);
  const varying = body.inputs.map((_, k) => k < carries || draft.differs(step.inputs[k]));
  const kept = stays.map((k) => body.outputs[k]);
  const inner = nested(body, varying, kept, wanted);
  const terms = sums.map((x) => (x === null ? null : inner.terms(x)));
  const isRow = (at: number): boolean => at >= carries && at < body.inputs.length;
  const factors = terms.flatMap((list) => list ?? []).flatMap((t) => t.factors);
  const yields = [...new Set(factors.map((f) => f.at))].filter((at) => typeof at === "number" && !isRow(at));
  const inputs = body.inputs.map((_, k) => k).filter((k) => k >= carries || sums[k] === null);
  const next = restrict(inner.draft.programOf([...kept, ...yields]), inputs);
  const made = loop.with(next, carries - wanted.length);
  const rows = yields.map(() => draft.newSlot());
  draft.replace(step, {
    ...step,
    ...made,
    inputs: inputs.map((k) => step.inputs[k]),
    outputs: [...stays.map((k) => step.outputs[k]), ...rows],
    examples: [
      ...stays.map((k) => step.examples[k]),
      ...yields.map((at) => {
        const { shape, dtype } = inner.draft.kindOf(at);
        return { shape: [length, ...shape], dtype };
      }),
    ],
  });
  return terms.map((list, k) => {
    if (list === null) return null;
    const added = list.map((t) => overTime(t, labels.make(length), length));
    return [...walk.terms(step.inputs[k]), ...added];
  });

  /** A term of a turn, summed over all turns. */
  function overTime(t: Term, time: readonly Label[], turns: number): Term {
    let moves = false;
    const own = t.factors.map((f): Factor => {
      if (typeof f.at !== "number") return f;
      const row = yields.indexOf(f.at);
      if (row < 0 && f.at >= carries + (loop?.xs ?? 0)) return { ...f, at: step.inputs[f.at] };
      moves = true;
      return { ...f, at: row < 0 ? step.inputs[f.at] : rows[row], axes: [time, ...f.axes] };
    });
    return { ...t, factors: own, scale: moves ? t.scale : t.scale * turns };
  }
}
