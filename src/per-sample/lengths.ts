import { elementsOf, type Handle, isSymbolic, makeFilled } from "../core/tensor/handle";
import { asHandle } from "../core/tensor/value";
import { div, maximum, mul } from "../ops/elementwise/arithmetic";
import { sqrt } from "../ops/elementwise/exponential";
import { below, select } from "../ops/elementwise/select";
import { gatherAlong, scatterAddAlong } from "../ops/indexing/gather-scatter-op";
import { stack } from "../ops/movement/concat-stack";
import { rowLengths } from "../ops/reduce/power-mean";
import type { Chunks } from "./chunks";
import type { Factors } from "./factors";
import { suspects } from "./guard";
import { SAMPLE } from "./plan";
import { squaresOf, weightedSum } from "./products";
import { ALONG, cut, joined, maskOf, placesOf, weighted } from "./rows";

/*
 * Lengths of the gradients of some samples, and sums of gradients that are clipped by them.
 */

/** |g_i| of each parameter, in double precision, and the samples of which it was computed from gradients spelled out. */
export interface Lengths {
  readonly lengths: readonly Handle[];
  readonly bad: readonly number[];
}

/** |g_i| of each parameter, of the samples from `start` on, whose factors are given: a list of [n]. */
export function lengthsOf(chunks: Chunks, factors: Factors, start: number): Lengths {
  const bad = new Set<number>();
  const lengths = chunks.parameters.map((_, k) => {
    const { pairs } = chunks.plan.leaves[k];
    if (pairs === null || chunks.form(k, SAMPLE).way === "rows") {
      const own = joined(chunks.blocks(factors, k, rowLengths));
      if (!isSymbolic(own)) for (const i of notFinite(own)) bad.add(i);
      return own;
    }
    const squares = squaresOf(factors, pairs);
    for (const i of suspects(factors, k, squares)) bad.add(i);
    return rootOf(squares);
  });
  if (bad.size === 0) return { lengths, bad: [] };
  const samples = [...bad].sort((a, b) => a - b);
  const parts = chunks.exactly(samples, start, (rows) => rows.map(rowLengths));
  const exact = chunks.parameters.map((_, k) => joined(parts.map((own) => own[k])));
  return { lengths: lengths.map((own, k) => replaced(own, samples, exact[k])), bad: samples };
}

/** Which elements of a vector are not finite. */
function notFinite(x: Handle): number[] {
  const data = elementsOf(x);
  return Array.from({ length: data.length }, (_, i) => i).filter((i) => !Number.isFinite(data[i]));
}

/** The root of squares that may have come out a little below 0, with derivative 0 at 0. */
function rootOf(squares: Handle): Handle {
  const least = asHandle(maximum(0, squares));
  return asHandle(select(least, sqrt(select(least, least, 1)), 0));
}

/** x with other elements for some of the samples. */
function replaced(x: Handle, samples: readonly number[], by: Handle): Handle {
  const kept = asHandle(select(maskOf(x.shape[0], samples), x, 0));
  return scatterAddAlong(kept, placesOf(samples), by, ALONG);
}

/** The length of all parts of gradients together, [n]. */
export function lengthOfAll(lengths: readonly Handle[], n: number): Handle {
  if (lengths.length === 0) return makeFilled([n], "float64", 0);
  return lengths.length === 1 ? lengths[0] : rowLengths(asHandle(stack(lengths, { axis: 1 })));
}

/** min(1, maxNorm / length); 1 where the length is 0. */
function clipFactor(length: Handle, maxNorm: number): Handle {
  if (maxNorm === 0) return asHandle(mul(0, length));
  if (maxNorm === Infinity) return makeFilled(length.shape, "float64", 1);
  const within = asHandle(below(length, maxNorm));
  return asHandle(select(within, 1, div(maxNorm, select(within, 1, length))));
}

/** sum_i w_i g_i of some samples, with weights of its own for each parameter. */
export function sumOf(chunks: Chunks, factors: Factors, weightsOf: (k: number) => Handle): Handle[] {
  return chunks.parameters.map((_, k) => {
    const { simple } = chunks.plan.leaves[k];
    const rows = simple || factors.has(`rows ${k}`) ? chunks.keptRows(factors, k) : null;
    return weightedSum(factors, k, weightsOf(k), rows);
  });
}

/** What is clipped, and how. */
export interface Clipping {
  /** Of all samples. */
  readonly weights: Handle;
  readonly maxNorm: number;
  readonly perParameter: boolean;
}

/**
 * sum_i w_i g_i min(1, maxNorm / |g_i|) of the samples from `start` on. Those whose lengths were computed from gradients spelled out are
 * added from these: weights on what nearly cancels would bring its rounding back.
 */
export function clippedSumOf(
  chunks: Chunks,
  factors: Factors,
  { lengths, bad }: Lengths,
  start: number,
  { weights, maxNorm, perParameter }: Clipping,
): Handle[] {
  const { n } = factors;
  const clipped = (length: Handle): Handle => asHandle(mul(cut(weights, start, n), clipFactor(length, maxNorm)));
  const whole = perParameter ? null : clipped(lengthOfAll(lengths, n));
  const weightsOf = (k: number): Handle => whole ?? clipped(lengths[k]);
  if (bad.length === 0) return sumOf(chunks, factors, weightsOf);
  const mask = maskOf(n, bad);
  const others = chunks.exactly(bad, start, (rows, samples) =>
    rows.map((own, k) => weighted(own, gatherAlong(weightsOf(k), placesOf(samples), ALONG))),
  );
  return chunks.total([sumOf(chunks, factors, (k) => asHandle(select(mask, weightsOf(k), 0))), ...others]);
}
