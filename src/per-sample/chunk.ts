import { bytesOf } from "../base/dtype";
import { describe, fail } from "../base/errors";
import { sizeOf } from "../base/shape";
import type { Kind } from "../core/op/op";
import { lastUses } from "../core/program/program";
import { type Choice, formOf } from "./forms";
import type { BatchGradOptions } from "./per-sample-gradient";
import { type Plan, SAMPLE } from "./plan";

/** How many samples are worked on at a time, and how many bytes of gradients spelled out may be kept. */
export interface Limits {
  readonly chunk: number;
  readonly memory: number;
}

/** Without the option, gradients spelled out are kept in so many bytes. */
const KEPT = 2 ** 27;

const bytesOfKind = ({ shape, dtype }: Kind): number => sizeOf(shape) * bytesOf(dtype);

/** The most bytes that what differs by sample takes at a time, for one sample, while factors are computed. */
function bytesOfFactors({ program, walk: { draft } }: Plan): number {
  const last = lastUses(program);
  const bytes = (slot: number): number => (draft.differs(slot) ? bytesOfKind(draft.kindOf(slot)) : 0);
  let now = program.inputs.reduce((sum, _, slot) => sum + bytes(slot), 0);
  let most = now;
  program.steps.forEach(({ inputs, outputs }, n) => {
    for (const slot of outputs) now += bytes(slot);
    most = Math.max(most, now);
    for (const x of new Set(inputs)) if (typeof x === "number" && last[x] === n) now -= bytes(x);
  });
  return most;
}

/** The most bytes that a gradient takes, of those that must be spelled out. */
function bytesOfRows(plan: Plan, choice: Choice): number {
  return plan.leaves.reduce((most, _, k) => {
    const { way } = formOf(plan, k, SAMPLE, 1, choice);
    return way === "rows" ? Math.max(most, plan.size(k) * bytesOf("float64")) : most;
  }, 0);
}

/** What the options say. The plan is made if it is needed. */
export function limitsOf(
  options: BatchGradOptions | undefined,
  size: number,
  plan: () => Plan,
  choice: Choice,
): Limits {
  const chunk = options?.chunk ?? null;
  const memory = options?.memory ?? null;
  if (chunk !== null && !(Number.isInteger(chunk) && chunk > 0)) {
    fail(
      "batch/chunk",
      `batchGrad: chunk must be an integer > 0, got ${describe(chunk)}.`,
      { chunk },
      "It is the number of samples at a time; without chunk and memory all are taken at once.",
    );
  }
  if (memory === null) return { chunk: Math.min(chunk ?? size, size), memory: KEPT };
  if (!(typeof memory === "number" && memory > 0)) {
    return fail(
      "batch/memory",
      `batchGrad: memory must be a number of bytes > 0, got ${describe(memory)}.`,
      { memory },
      "64e6 is 64 MB; without chunk and memory all samples are taken at once.",
    );
  }
  const factors = bytesOfFactors(plan());
  const one = factors + bytesOfRows(plan(), choice);
  if (one > memory) {
    fail(
      "batch/memory",
      `batchGrad: memory must hold what one sample takes, ${one} bytes, got ${memory}.`,
      { memory, needed: one },
      `Give at least ${one} bytes, or leave memory out.`,
    );
  }
  const fitting = Math.min(chunk ?? size, size, Math.floor(memory / Math.max(1, one)));
  return { chunk: fitting, memory: memory - fitting * factors };
}
