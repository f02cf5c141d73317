import type { Law } from "gradtape/testing";
import { integerFrom } from "../environment";

/** A law of the library's own, or one of the two that are held besides. */
export type HeldLaw = Law | "per sample" | "float32";

/** Cases drawn for an op under each law. "second order" takes most of the time, and CI draws more (`LAW_RUNS`). */
const RUNS: Readonly<Partial<Record<HeldLaw, number>>> = { "second order": 10, "per sample": 6, float32: 8 };
const RUNS_OF_OTHERS = 20;

/** Cases to draw for each of the lines of an op. LAW_RUNS is for the op as a whole, FAST_CHECK_RUNS for each line. */
export function runsPerLine(law: HeldLaw, lines: number): number {
  const runs = integerFrom("LAW_RUNS") ?? RUNS[law] ?? RUNS_OF_OTHERS;
  return integerFrom("FAST_CHECK_RUNS") ?? Math.ceil(runs / lines);
}
