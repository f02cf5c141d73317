import type { Dtype } from "../base/dtype";
import { fail } from "../base/errors";
import { reshapeTo } from "../core/op/sweep-ops";
import { elementsOf, type Handle, makeFilled, makeTensor } from "../core/tensor/handle";
import { asHandle } from "../core/tensor/value";
import { select } from "../ops/elementwise/select";
import { gatherAlong } from "../ops/indexing/gather-scatter-op";
import type { AllSamples } from "./all-samples";

/** The products of samples. */
type Products = Pick<
  AllSamples,
  | "size"
  | "losses"
  | "lengths"
  | "length"
  | "weightedSum"
  | "evenSum"
  | "clippedSum"
  | "gram"
  | "project"
  | "squares"
  | "spread"
  | "materialize"
  | "eachRows"
>;

/** The samples that count, and how what they give stands among all samples. */
export interface Counted {
  readonly samples: Products;
  /** Which of all samples one of those that count is. */
  placeOf(k: number): number;
  /** Of a tensor with an element or row for each sample, those of the samples that count. */
  cut(x: Handle): Handle;
  /** A row for each sample from those of the samples that count; the others get a value. */
  spread(x: Handle, value: number): Handle;
}

const along = { where: "batchGrad", axis: 0, lead: 0, trail: 0 };

/** The samples of which neither loss nor gradient is infinite or NaN. */
function finite(all: AllSamples): number[] {
  const losses = elementsOf(all.losses());
  const lengths = all.lengths().map(elementsOf);
  const isFinite = (i: number): boolean => Number.isFinite(losses[i]) && lengths.every((x) => Number.isFinite(x[i]));
  return Array.from({ length: all.size }, (_, i) => i).filter(isFinite);
}

/** Which samples count. */
export function countedOf(where: string, all: AllSamples, mode: "keep" | "drop" | "throw"): Counted {
  const whole = { samples: all, placeOf: (k: number) => k, cut: (x: Handle) => x, spread: (x: Handle) => x };
  if (mode === "keep") return whole;
  const good = finite(all);
  if (good.length === all.size) return whole;
  if (mode === "throw") refuse(where, all.size, good);
  if (good.length === 0) return nothingOf(all);
  const at = makeTensor([good.length], "int32", Int32Array.from(good));
  // Where each sample stands among those that count; the others point at any of them, and are replaced.
  const from = new Int32Array(all.size);
  const mask = new Float64Array(all.size);
  good.forEach((i, k) => {
    from[i] = k;
    mask[i] = 1;
  });
  const back = makeTensor([all.size], "int32", from);
  return {
    samples: all.some(good),
    placeOf: (k) => good[k],
    cut: (x) => gatherAlong(x, at, along),
    spread: (x, value) => {
      const rows = gatherAlong(x, back, along);
      const kept = reshapeTo(makeTensor([all.size], "float64", mask), [all.size, ...x.shape.slice(1).map(() => 1)]);
      return asHandle(select(kept, rows, value));
    },
  };
}

/** Of a batch of which no sample counts, all sums are 0. */
function nothingOf(all: AllSamples): Counted {
  const { parameters } = all.chunks.programs;
  const zeros = (lead: readonly number[], dtype?: Dtype): Handle[] =>
    parameters.map((x) => makeFilled([...lead, ...x.shape], dtype ?? x.dtype, 0));
  const none = (...shape: readonly number[]): Handle => makeFilled(shape, "float64", 0);
  return {
    samples: {
      size: 1,
      losses: () => none(0),
      lengths: () => parameters.map(() => none(0)),
      length: () => none(0),
      weightedSum: () => zeros([]),
      evenSum: () => zeros([]),
      clippedSum: () => zeros([]),
      gram: () => none(0, 0),
      project: ([direction]) => none(0, direction?.shape[0] ?? 1),
      squares: () => zeros([], "float64"),
      spread: () => zeros([]),
      materialize: () => zeros([0]),
      eachRows: () => undefined,
    },
    placeOf: (k) => k,
    cut: (x) => x,
    spread: (x, value) => makeFilled([all.size, ...x.shape.slice(1)], x.dtype, value),
  };
}

function refuse(where: string, size: number, good: readonly number[]): never {
  const counts = new Set(good);
  const samples = Array.from({ length: size }, (_, i) => i).filter((i) => !counts.has(i));
  const one = samples.length === 1;
  const shown = `${samples.slice(0, 5).join(", ")}${samples.length > 5 ? ", ..." : ""}`;
  return fail(
    "batch/non-finite",
    `${where}: ${one ? "sample" : "samples"} ${shown} ${one ? "gives" : "give"} a loss or gradient that is not finite.`,
    { samples },
    'Use nonFinite: "drop" to leave them out.',
  );
}
