import { elementsOf, type Handle } from "../core/tensor/handle";
import type { Chunks } from "./chunks";
import type { Factors } from "./factors";
import {
  addDistances,
  areFew,
  elementsAt,
  joinMoments,
  type Moments,
  momentsOfFactors,
  momentsOfRows,
  spreadOf,
} from "./moments";

/*
 * Second moments and variances of the gradients of all samples, chunk by chunk.
 */

/** The moments of some samples: from their factors, unless they are to be spelled out. */
function momentsOf(chunks: Chunks, factors: Factors, k: number, spelled: boolean, centered: boolean): Moments {
  const found = spelled ? null : momentsOfFactors(factors, k);
  return found ?? chunks.blocks(factors, k, (rows) => momentsOfRows(rows, centered)).reduce(joinMoments);
}

/** The moments of some parameters, of all samples. */
function allMoments(chunks: Chunks, parameters: readonly number[], spelled: boolean, centered: boolean): Moments[] {
  if (parameters.length === 0) return [];
  const each = chunks.each((factors) => parameters.map((k) => momentsOf(chunks, factors, k, spelled, centered)));
  return parameters.map((_, j) => each.map((own) => own[j]).reduce(joinMoments));
}

const numbers = (chunks: Chunks): number[] => chunks.parameters.map((_, k) => k);

/** sum_i g_i² of each parameter, in double precision. */
export const squaresOfAll = (chunks: Chunks): Handle[] =>
  allMoments(chunks, numbers(chunks), chunks.choice === "rows", false).map(({ squares }) => squares);

/** sum_i (g_i - mean)² of each parameter over a divisor. */
export function spreadOfAll(chunks: Chunks, divisor: number): Handle[] {
  const all = numbers(chunks);
  const over = (moments: Moments, k: number) => spreadOf(moments, divisor, chunks.parameters[k].dtype);
  const moments = allMoments(chunks, all, chunks.choice === "rows", true);
  const found = moments.map(over);
  const doubtful = all.filter((k) => found[k].canceled.length > 0);
  const again = doubtful.filter((k) => !areFew(moments[k].squares, found[k].canceled));
  const spelled = allMoments(chunks, again, true, true);
  for (const k of doubtful) {
    if (!again.includes(k)) recount(chunks, k, moments[k], found[k], divisor);
  }
  return all.map((k) => (again.includes(k) ? over(spelled[again.indexOf(k)], k).spread : found[k].spread));
}

/** Some elements of the spread once more, from their distances from the mean. */
function recount(
  chunks: Chunks,
  k: number,
  moments: Moments,
  { spread, canceled }: ReturnType<typeof spreadOf>,
  divisor: number,
): void {
  const elements = elementsAt(canceled, moments);
  chunks.each((factors) => addDistances(factors, k, elements));
  const to = elementsOf(spread);
  canceled.forEach((p, e) => {
    to[p] = elements.sums[e] / divisor;
  });
}
