// What batchGrad gives, computed the slow way: one gradient after the other, as plain numbers.
import { grad, type Scalar, tree, type Value } from "gradtape";
import { numbersOf } from "../core/sweep/programs";

/** One row of numbers for each sample: all parameters one behind the other. */
export type Rows = readonly (readonly number[])[];

/** The numbers of all leaves of a tree. */
export const flat = (params: unknown): number[] => tree.leaves(params).flatMap(({ value }) => numbersOf(value));

/** How many numbers each leaf has. */
export const widths = (params: unknown): number[] => tree.leaves(params).map(({ value }) => numbersOf(value).length);

/** All gradients, by a loop. */
export const rowsOf = <P, S>(f: (params: P, sample: S) => Scalar, params: P, samples: readonly S[]): Rows =>
  samples.map((sample) => flat(grad(f)(params, sample)));

/** The rows of a materialized tree, whose leaves have a leading batch axis. */
export function rowsOfBatch(tree_: unknown, size: number): Rows {
  const leaves = tree.leaves(tree_).map(({ value }: { value: Value }) => numbersOf(value));
  return Array.from({ length: size }, (_, i) =>
    leaves.flatMap((data) => data.slice((i * data.length) / size, ((i + 1) * data.length) / size)),
  );
}

/** sum_i weights[i] row_i. */
export const weightedSum = (rows: Rows, weights: readonly number[]): number[] =>
  (rows[0] ?? []).map((_, j) => rows.reduce((sum, row, i) => sum + weights[i] * row[j], 0));

export const mean = (rows: Rows): number[] =>
  weightedSum(
    rows,
    rows.map(() => 1 / rows.length),
  );

export const squaredNorm = (row: readonly number[]): number => row.reduce((sum, x) => sum + x * x, 0);

/** The parts of a row that belong to each leaf. */
export function parts(row: readonly number[], sizes: readonly number[]): number[][] {
  let stop = 0;
  return sizes.map((size) => {
    stop += size;
    return row.slice(stop - size, stop);
  });
}

/** Each row, or each part of it, shortened to a norm of at most maxNorm. */
export const clip = (rows: Rows, maxNorm: number, sizes: readonly number[]): Rows =>
  rows.map((row) =>
    parts(row, sizes).flatMap((part) => {
      const norm = Math.sqrt(squaredNorm(part));
      return part.map((x) => (norm > maxNorm ? x * (maxNorm / norm) : x));
    }),
  );

/** Bounds between norms, below all of them and above: never at one, as that is a kink. */
export function between(norms: readonly number[]): number[] {
  const sorted = [0, ...[...norms].filter(Number.isFinite).sort((a, b) => a - b)];
  const gaps = sorted.flatMap((x, i) => (i > 0 && x - sorted[i - 1] > 1e-4 * x ? [(x + sorted[i - 1]) / 2] : []));
  return [...gaps, 2 * (sorted[sorted.length - 1] || 1)];
}
