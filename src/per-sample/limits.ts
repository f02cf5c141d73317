import { bytesOf } from "../base/dtype";
import { describe, fail } from "../base/errors";
import { sizeOf } from "../base/shape";
import type { Kind } from "../core/op/op";
import type { Operand } from "../rewrite/prune";
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

/** The bytes that are written for one sample while factors are computed and widened: garbage is not collected at once. */
function bytesOfFactors({ program, leaves, walk: { draft } }: Plan): number {
  const bytes = (x: Operand): number => (draft.differs(x) ? bytesOfKind(draft.kindOf(x)) : 0);
  const slots = [...program.inputs.keys(), ...program.steps.flatMap(({ outputs }) => outputs)];
  const factors = new Set(leaves.flatMap(({ terms }) => terms.flatMap((t) => t.factors.map((f) => f.at))));
  const wide = [...factors].filter((x) => draft.differs(x) && draft.kindOf(x).dtype === "float32");
  return [...slots, ...wide, ...wide].reduce<number>((sum, x) => sum + bytes(x), 0);
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
