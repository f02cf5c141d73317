import { list } from "../base/errors";
import { type Explanation, makeExplanation } from "../core/program/explanation";
import type { Label } from "../rewrite/labels";
import type { Term } from "../rewrite/terms";
import type { Chunks } from "./chunks";
import { OTHER, type Plan, SAMPLE } from "./plan";

/** Letters of the axes of a gradient, and of positions that it is a sum over. */
const [AXES, POSITIONS] = ["abcdefghjklmnopq", "tuvwxyzrs"];

/** Names of labels in the order in which they are asked for. */
function namesOf(sample: Label): (label: Label, letters: string) => string {
  const known = new Map<Label, string>([[sample, sample]]);
  const counts = new Map<string, number>();
  return (label, letters) => {
    const count = counts.get(letters) ?? 0;
    const name = known.get(label) ?? letters[count] ?? `{${letters[0]}${count}}`;
    if (!known.has(label)) counts.set(letters, count + 1);
    known.set(label, name);
    return name;
  };
}

/** A term as einsum would write it: `i` is the sample, `[a]` what indices stand for, `(ab)@3` a window that starts at 3. */
function termText(plan: Plan, t: Term): string {
  const name = namesOf(SAMPLE);
  const axes = t.axes.map(({ labels, place }) => {
    const own = plan.resolved(labels).map((label) => name(label, AXES));
    const text = own.length > 1 ? `(${own.join("")})` : (own[0] ?? (place === null ? "" : "1"));
    if (place === null) return text;
    return `${text}@${place.start}${place.step === 1 ? "" : `:${place.step}`}`;
  });
  const factors = t.factors.map((f) => {
    const label = plan.selectedBy(f);
    const own = [...(plan.differs(f.at) ? [SAMPLE] : []), ...plan.axesOfFactor(f)];
    const text = own.map((x) => name(x, POSITIONS)).join("");
    return label === null ? text : `${text}[${name(label, POSITIONS)}]`;
  });
  return `${t.scale === 1 ? "" : `${t.scale} `}${factors.join(",")}->${SAMPLE}${axes.join("")}`;
}

/** The terms of a parameter, which add up to its gradient. */
function termsText(plan: Plan, k: number): string {
  return plan.leaves[k].terms.map((t) => termText(plan, t)).join(" + ") || "0";
}

/** How the gradients of each parameter are computed. */
export function explanationOf(all: Chunks): Explanation {
  const { plan, programs } = all;
  const { params, parameters } = programs;
  const rows = params.paths.map((path, k) => {
    const { way, rows: spelled, pairs } = all.form(k, SAMPLE);
    const { terms } = plan.leaves[k];
    return {
      parameter: path === "" ? "(params)" : path,
      shape: list(parameters[k].shape),
      terms: termsText(plan, k),
      way,
      gram: all.form(k, OTHER).way,
      operationsByRows: spelled,
      operationsByPairs: Number.isFinite(pairs) ? pairs : "none",
      samplesAtATime: all.limits.chunk,
      rowsAtATime: terms.length === 0 ? 0 : all.rowsAtATime(k),
    };
  });
  const looped = plan.program.steps.filter((step) => step.op.batchRule === "derived").map((step) => step.op.name);
  const names = [...new Set(looped)].map((op) => ({ op, way: "loop over samples" }));
  // The factors of two chunks are there at a time: those of the second one are computed anew for each of the first.
  const again = (all.parts.length * (all.parts.length - 1)) / 2;
  const gram = again === 0 ? [] : [{ product: "gram", way: `factors of ${again} chunks computed once more` }];
  return makeExplanation(`batchGrad of ${all.size} samples`, [...rows, ...names, ...gram]);
}
