import { describe, fail } from "../base/errors";
import type { BatchGradOptions } from "./per-sample-gradient";
import { bytesPerSample, type SamplePrograms } from "./sample-program";

/** Samples at a time, from the options. */
export function chunkOf(options: BatchGradOptions | undefined, programs: SamplePrograms): number {
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
  if (memory !== null && !(typeof memory === "number" && memory > 0)) {
    fail(
      "batch/memory",
      `batchGrad: memory must be a number of bytes > 0, got ${describe(memory)}.`,
      { memory },
      "64e6 is 64 MB; without chunk and memory all samples are taken at once.",
    );
  }
  const fitting = memory === null ? Infinity : Math.max(1, Math.floor(memory / Math.max(1, bytesPerSample(programs))));
  return Math.min(chunk ?? Infinity, fitting);
}
