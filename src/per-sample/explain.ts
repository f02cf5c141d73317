import { list } from "../base/errors";
import { type Explanation, makeExplanation } from "../core/program/explanation";
import type { Label } from "../rewrite/labels";
import type { AllSamples } from "./all-samples";
import { OTHER, type Plan, SAMPLE } from "./plan";

const LETTERS = "abcdefghklmnopqrstuvwxyz";

/** The terms of a parameter as einsum would write them: `i` is the sample, `[v]` what indices stand for. */
function termsText(plan: Plan, k: number): string {
  const { terms } = plan.leaves[k];
  const letters = new Map<Label, string>();
  const letter = (label: Label): string => {
    const known = label === SAMPLE ? SAMPLE : (letters.get(label) ?? LETTERS[letters.size] ?? `(${letters.size})`);
    if (label !== SAMPLE) letters.set(label, known);
    return known;
  };
  const text = (labels: readonly Label[]): string => labels.map(letter).join("");
  const parts = terms.map((t) => {
    letters.clear();
    const factors = t.factors.map((f) => {
      const label = plan.selectedBy(f);
      const own = text([...(plan.differs(f.at) ? [SAMPLE] : []), ...plan.axesOfFactor(f)]);
      return label === null ? own : `${own}[${letter(label)}]`;
    });
    const axes = t.axes.map((a) => {
      const own = text(plan.resolved(a.labels));
      return a.place === null ? own : `${own}@${a.place.start}`;
    });
    return `${t.scale === 1 ? "" : `${t.scale} `}${factors.join(",")}->${SAMPLE}${axes.join("")}`;
  });
  return parts.length === 0 ? "0" : parts.join(" + ");
}

/** How the gradients of each parameter are computed. */
export function explanationOf(all: AllSamples): Explanation {
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
  return makeExplanation(`batchGrad of ${all.size} samples`, [...rows, ...names]);
}
