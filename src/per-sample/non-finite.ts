import { fail } from "../base/errors";
import { reshapeTo } from "../core/op/sweep-ops";
import { type Handle, makeTensor } from "../core/tensor/handle";
import type { Tensor } from "../core/tensor/tensor";
import { asHandle } from "../core/tensor/value";
import { where } from "../ops/elementwise/where";

/** Samples of a chunk (losses, then gradients) with the non-finite ones turned into NaN losses and rows of zeros, or an error. */
export function dropNonFinite(
  caller: string,
  rows: readonly Handle[],
  start: number,
  mode: "drop" | "throw",
): Handle[] {
  const n = rows[0].shape[0];
  const finite = new Uint8Array(n).fill(1);
  for (const x of rows) {
    const { data } = x;
    const width = data.length / n;
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) finite[Math.floor(i / width)] = 0;
  }
  const bad = Array.from(finite.keys()).filter((i) => finite[i] === 0);
  if (bad.length === 0) return [...rows];
  if (mode === "throw") {
    const samples = bad.map((i) => start + i);
    fail(
      "batch/non-finite",
      `${caller}: ${bad.length === 1 ? "sample" : "samples"} ${samples.slice(0, 5).join(", ")}${bad.length > 5 ? ", ..." : ""} ${bad.length === 1 ? "gives" : "give"} a loss or gradient that is not finite.`,
      { samples },
      'Use nonFinite: "drop" to leave them out.',
    );
  }
  const keep = makeTensor([n], "bool", finite);
  return rows.map((x, k) => {
    const mask = reshapeTo(keep, [n, ...x.shape.slice(1).map(() => 1)]);
    return asHandle(where(mask, x, k === 0 ? Number.NaN : 0));
  });
}

/** 1 for the samples that count, 0 for those dropped. */
export const finiteMask = ({ data, shape }: Tensor): Handle =>
  makeTensor(
    shape,
    "float64",
    Float64Array.from(data, (x) => (Number.isFinite(x) ? 1 : 0)),
  );

/** How many samples count. */
export const finiteSamples = (losses: Tensor): number => Array.from(losses.data).filter(Number.isFinite).length;
