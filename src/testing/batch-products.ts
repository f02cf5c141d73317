import { allocate } from "../base/allocate";
import type { TensorData } from "../base/dtype";
import { makeTensor } from "../core/tensor/handle";
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

/** All products of a per-sample gradient, each with what follows for it from the gradients of the samples. */
export function* products<P>(
  result: PerSampleGradient<P>,
  { size, losses, gradients, ofMean }: Samples,
  random: () => number,
  params: P,
): Generator<Product> {
  const count = gradients[0].length;
  const leaves = Array.from({ length: count }, (_, k) => k);
  const perLeaf = leaves.map((k) => largest(gradients.flatMap((g) => [...g[k]])));
  const overall = largest(perLeaf);
  const vector = (name: string, got: () => unknown, want: Float64Array, scale: number): Product => ({
    name,
    got,
    want: [want],
    scale: [scale],
  });

  /** The sum over samples of a term for each element of each leaf. */
  const summed = (term: (g: number, b: number, k: number, i: number) => number): Float64Array[] =>
    leaves.map((k) =>
      gradients[0][k].map((_, i) => gradients.reduce((total, g, b) => total + term(g[k][i], b, k, i), 0)),
    );
  const linear = (name: string, got: () => unknown, want: readonly Float64Array[], factor = 1): Product => ({
    name,
    got,
    want,
    scale: perLeaf.map((s) => s * factor),
  });
  const quadratic = (name: string, got: () => unknown, want: readonly Float64Array[]): Product => ({
    name,
    got,
    want,
    scale: perLeaf.map((s) => s * s),
  });

  yield vector("batchSize", () => result.batchSize, Float64Array.of(size), 0);
  yield vector("losses", () => result.losses(), losses, largest(losses));
  const each = leaves.map((k) => Float64Array.from(gradients.flatMap((g) => [...g[k]])));
  yield linear("materialize", () => result.materialize(), each);
  const mean = summed((g) => g / size);
  yield linear("mean", () => result.mean(), mean);
  yield linear("the mean of the gradients", () => result.mean(), ofMean);
  yield linear(
    "sum",
    () => result.sum(),
    summed((g) => g),
    size,
  );

  const weights = Float64Array.from({ length: size }, () => 0.1 + random());
  yield linear(
    "weightedSum",
    () => result.weightedSum([...weights]),
    summed((g, b) => weights[b] * g),
    size,
  );

  const squares = gradients.map((g) => g.map((numbers) => dot(numbers, numbers)));
  const total = Float64Array.from(squares, (row) => row.reduce((a, b) => a + b, 0));
  const norms = total.map(Math.sqrt);
  yield vector("squaredNorms", () => result.squaredNorms(), total, largest(total));
  yield vector("norms", () => result.norms(), norms, largest(norms));
  const byLeaf = leaves.map((k) => Float64Array.from(squares, (row) => row[k]));
  yield quadratic("squaredNorms per parameter", () => result.squaredNorms({ perParameter: true }), byLeaf);
  yield linear(
    "norms per parameter",
    () => result.norms({ perParameter: true }),
    byLeaf.map((s) => s.map(Math.sqrt)),
  );

  const maxNorm = [...norms].sort((a, b) => a - b)[size >> 1] || 1;
  const factor = (norm: number) => (norm > maxNorm ? maxNorm / norm : 1);
  const clipped = summed((g, b) => g * factor(norms[b]));
  yield linear("clippedSum", () => result.clippedSum(maxNorm), clipped, size);
  yield linear(
    "clippedMean",
    () => result.clippedMean(maxNorm),
    clipped.map((s) => s.map((x) => x / size)),
  );
  const alone = summed((g, b, k) => (g * factor(Math.sqrt(squares[b][k]))) / size);
  yield linear("clippedMean per parameter", () => result.clippedMean(maxNorm, { perParameter: true }), alone);
  const weighted = summed((g, b) => (weights[b] * g * factor(norms[b])) / size);
  yield linear("clippedMean with weights", () => result.clippedMean(maxNorm, { weights: [...weights] }), weighted);

  const spread = (correction: number) => summed((g, _, k, i) => (g - mean[k][i]) ** 2 / (size - correction));
  yield quadratic("variance", () => result.variance(), spread(0));
  if (size > 1) yield quadratic("variance with correction 1", () => result.variance({ correction: 1 }), spread(1));
  yield quadratic(
    "secondMoment",
    () => result.secondMoment(),
    summed((g) => (g * g) / size),
  );

  const products = gradients.flatMap((a) => gradients.map((b) => a.reduce((sum, x, k) => sum + dot(x, b[k]), 0)));
  yield vector("gram", () => result.gram(), Float64Array.from(products), largest(total));
  const directions = [0, 1].map(() => gradients[0].map((x) => drawDirection(random, x.length)));
  const along = (b: number, u: readonly Float64Array[]) => gradients[b].reduce((sum, g, k) => sum + dot(g, u[k]), 0);
  const trees = directions.map((u) => treeLike<Gradient<P>>(params, (leaf, k) => valueOf(leafOf("", leaf), u[k])));
  const width = gradients[0].reduce((n, x) => n + x.length, 0) * overall;
  yield vector(
    "project",
    () => result.project(trees[0]),
    norms.map((_, b) => along(b, directions[0])),
    width,
  );
  const both = [...norms.keys()].flatMap((b) => directions.map((u) => along(b, u)));
  yield vector("project on two directions", () => result.project(trees), Float64Array.from(both), width);

  const filled: TensorData[] = [];
  const buffers = treeLike<Leaves<P, Float64Array>>(params, (leaf, k) => {
    filled[k] = allocate(leafOf("", leaf).dtype, each[k].length);
    return filled[k];
  });
  const fill = () => {
    result.materializeInto(buffers);
    return filled.map((data) => makeTensor([data.length], "float64", Float64Array.from(data)));
  };
  yield linear("materializeInto", fill, each);
}
