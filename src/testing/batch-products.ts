import { allocate } from "../base/allocate";
import type { TensorData } from "../base/dtype";
import { type Handle, makeTensor } from "../core/tensor/handle";
import type { Gradient, Leaves } from "../core/tensor/tree-types";
import type { PerSampleGradient } from "../per-sample/per-sample-gradient";
import { drawDirection } from "./random";
import type { Samples } from "./samples";
import { leafOf, treeLike, valueOf } from "./subject";

/** Something that batchGrad gives, what it should be leaf by leaf, and the size of what was added up for it. */
export interface Product {
  readonly name: string;
  got(): unknown;
  readonly want: readonly Float64Array[];
  readonly scale: readonly number[];
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((total, x, i) => total + x * b[i], 0);
const largest = (numbers: Iterable<number>): number =>
  Array.from(numbers).reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** Name, what gives it, what it should be, and the size of what was added up for it: one number, or one for each leaf. */
type Row = readonly [
  name: string,
  got: () => unknown,
  want: Float64Array | readonly Float64Array[],
  scale: number | readonly number[],
];

/** All products of a per-sample gradient, each with what follows for it from the gradients of the samples. */
export function products<P>(
  result: PerSampleGradient<P>,
  samples: Samples,
  random: () => number,
  params: P,
): readonly Product[] {
  const weights = Array.from({ length: samples.size }, () => 0.1 + random());
  const directions = [0, 1].map(() => samples.gradients[0].map((x) => drawDirection(random, x.length)));
  const rows = [
    ...productsOfSums(result, samples, weights),
    ...productsOfNorms(result, samples),
    ...productsOfClipping(result, samples, weights),
    ...productsOfMoments(result, samples),
    ...productsOfPairs(result, samples, directions, params),
  ];
  return rows.map(([name, got, want, scale]) => ({
    name,
    got,
    want: want instanceof Float64Array ? [want] : want,
    scale: typeof scale === "number" ? [scale] : scale,
  }));
}

/** The largest number of each leaf of the gradients. */
const scaleOf = ({ gradients }: Samples): readonly number[] =>
  gradients[0].map((_, k) => largest(gradients.flatMap((g) => [...g[k]])));

const times = (scale: readonly number[], factor: number): readonly number[] => scale.map((s) => s * factor);
const squared = (scale: readonly number[]): readonly number[] => scale.map((s) => s * s);

/** The numbers of all samples, leaf by leaf. */
const stacked = ({ gradients }: Samples): readonly Float64Array[] =>
  gradients[0].map((_, k) => Float64Array.from(gradients.flatMap((g) => [...g[k]])));

/** The sum over samples of a term for each number of each leaf. */
function summed(
  { gradients }: Samples,
  term: (g: number, b: number, k: number, i: number) => number,
): readonly Float64Array[] {
  return gradients[0].map((leaf, k) =>
    leaf.map((_, i) => gradients.reduce((total, g, b) => total + term(g[k][i], b, k, i), 0)),
  );
}

/** Squared norms of the gradients: of each leaf, and of all leaves together. */
function squaresOf({ gradients }: Samples): { readonly byLeaf: readonly number[][]; readonly total: Float64Array } {
  const byLeaf = gradients.map((g) => g.map((numbers) => dot(numbers, numbers)));
  return { byLeaf, total: Float64Array.from(byLeaf, (row) => row.reduce((a, b) => a + b, 0)) };
}

/** The gradients themselves, and their sums. */
function productsOfSums<P>(result: PerSampleGradient<P>, samples: Samples, weights: readonly number[]): Row[] {
  const { size, losses, ofMean } = samples;
  const scale = scaleOf(samples);
  const sumOf = (term: (g: number, b: number) => number) => summed(samples, term);
  return [
    ["batchSize", () => result.batchSize, Float64Array.of(size), 0],
    ["losses", () => result.losses(), losses, largest(losses)],
    ["materialize", () => result.materialize(), stacked(samples), scale],
    ["mean", () => result.mean(), sumOf((g) => g / size), scale],
    ["the mean of the gradients", () => result.mean(), ofMean, scale],
    ["sum", () => result.sum(), sumOf((g) => g), times(scale, size)],
    ["weightedSum", () => result.weightedSum([...weights]), sumOf((g, b) => weights[b] * g), times(scale, size)],
  ];
}

function productsOfNorms<P>(result: PerSampleGradient<P>, samples: Samples): Row[] {
  const scale = scaleOf(samples);
  const squares = squaresOf(samples);
  const { total } = squares;
  const norms = total.map(Math.sqrt);
  const byLeaf = scale.map((_, k) => Float64Array.from(squares.byLeaf, (row) => row[k]));
  const normsByLeaf = byLeaf.map((s) => s.map(Math.sqrt));
  return [
    ["squaredNorms", () => result.squaredNorms(), total, largest(total)],
    ["norms", () => result.norms(), norms, largest(norms)],
    ["squaredNorms per parameter", () => result.squaredNorms({ perParameter: true }), byLeaf, squared(scale)],
    ["norms per parameter", () => result.norms({ perParameter: true }), normsByLeaf, scale],
  ];
}

/** Sums of gradients shortened to the middle one of their norms. */
function productsOfClipping<P>(result: PerSampleGradient<P>, samples: Samples, weights: readonly number[]): Row[] {
  const { size } = samples;
  const scale = scaleOf(samples);
  const { byLeaf, total } = squaresOf(samples);
  const norms = total.map(Math.sqrt);
  const maxNorm = [...norms].sort((a, b) => a - b)[size >> 1] || 1;
  const factor = (norm: number) => (norm > maxNorm ? maxNorm / norm : 1);
  const clipped = summed(samples, (g, b) => g * factor(norms[b]));
  const mean = clipped.map((s) => s.map((x) => x / size));
  const alone = summed(samples, (g, b, k) => (g * factor(Math.sqrt(byLeaf[b][k]))) / size);
  const weighted = summed(samples, (g, b) => (weights[b] * g * factor(norms[b])) / size);
  const withWeights = { weights: [...weights] };
  return [
    ["clippedSum", () => result.clippedSum(maxNorm), clipped, times(scale, size)],
    ["clippedMean", () => result.clippedMean(maxNorm), mean, scale],
    ["clippedMean per parameter", () => result.clippedMean(maxNorm, { perParameter: true }), alone, scale],
    ["clippedMean with weights", () => result.clippedMean(maxNorm, withWeights), weighted, scale],
  ];
}

function productsOfMoments<P>(result: PerSampleGradient<P>, samples: Samples): Row[] {
  const { size } = samples;
  const scale = squared(scaleOf(samples));
  const mean = summed(samples, (g) => g / size);
  const variance = (correction: number) => summed(samples, (g, _, k, i) => (g - mean[k][i]) ** 2 / (size - correction));
  const corrected: Row = ["variance with correction 1", () => result.variance({ correction: 1 }), variance(1), scale];
  return [
    ["variance", () => result.variance(), variance(0), scale],
    ...(size > 1 ? [corrected] : []),
    ["secondMoment", () => result.secondMoment(), summed(samples, (g) => (g * g) / size), scale],
  ];
}

/** Products of gradients with each other, with directions, and the gradients written into buffers. */
function productsOfPairs<P>(
  result: PerSampleGradient<P>,
  samples: Samples,
  directions: readonly (readonly Float64Array[])[],
  params: P,
): Row[] {
  const { gradients } = samples;
  const scale = scaleOf(samples);
  const inner = (a: readonly Float64Array[], b: readonly Float64Array[]) =>
    a.reduce((sum, x, k) => sum + dot(x, b[k]), 0);
  const gram = Float64Array.from(gradients.flatMap((a) => gradients.map((b) => inner(a, b))));
  const trees = directions.map((u) => treeLike<Gradient<P>>(params, (leaf, k) => valueOf(leafOf("", leaf), u[k])));
  const width = gradients[0].reduce((n, x) => n + x.length, 0) * largest(scale);
  const along = (us: readonly (readonly Float64Array[])[]) =>
    Float64Array.from(gradients.flatMap((g) => us.map((u) => inner(g, u))));
  return [
    ["gram", () => result.gram(), gram, largest(squaresOf(samples).total)],
    ["project", () => result.project(trees[0]), along(directions.slice(0, 1)), width],
    ["project on two directions", () => result.project(trees), along(directions), width],
    ["materializeInto", () => filled(result, stacked(samples), params), stacked(samples), scale],
  ];
}

/** What materializeInto writes into buffers of the right sizes. */
function filled<P>(result: PerSampleGradient<P>, each: readonly Float64Array[], params: P): readonly Handle[] {
  const written: TensorData[] = [];
  const buffers = treeLike<Leaves<P, Float64Array>>(params, (leaf, k) => {
    written[k] = allocate(leafOf("", leaf).dtype, each[k].length);
    return written[k];
  });
  result.materializeInto(buffers);
  return written.map((data) => makeTensor([data.length], "float64", Float64Array.from(data)));
}
