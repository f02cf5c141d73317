import { allocate } from "../base/allocate";
import { fail } from "../base/errors";
import { sizeOf } from "../base/shape";
import { makeTensor } from "../core/tensor/handle";
import type { Scalar, Tensor } from "../core/tensor/tensor";
import { isTensor } from "../core/tensor/tensor-argument";
import { add, div } from "../ops/elementwise/arithmetic";
import { grad } from "../transforms/grad";
import { leavesOf, numbersOf } from "./subject";

/** The gradients of a batch, one by one: what everything else is measured by. */
export interface Samples {
  readonly size: number;
  readonly losses: Float64Array;
  /** Of every sample, the elements of each leaf of its gradient. */
  readonly gradients: readonly (readonly Float64Array[])[];
  /** The gradient of the mean loss. */
  readonly ofMean: readonly Float64Array[];
  /** Whether a float32 is among parameters and batch. */
  readonly single: boolean;
}

/** A tree with every tensor replaced. */
function mapTensors(tree: unknown, f: (x: Tensor) => unknown): unknown {
  if (isTensor(tree)) return f(tree);
  if (Array.isArray(tree)) return tree.map((item) => mapTensors(item, f));
  if (typeof tree !== "object" || tree === null || Object.getPrototypeOf(tree) !== Object.prototype) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, mapTensors(item, f)]));
}

/** Rows `start` to `stop` of a tensor; one row alone loses its axis. */
function rowsOf(x: Tensor, start: number, stop: number | null): Tensor {
  const shape = stop === null ? x.shape.slice(1) : [stop - start, ...x.shape.slice(1)];
  const row = sizeOf(x.shape.slice(1));
  const data = allocate(x.dtype, sizeOf(shape));
  data.set(x.data.subarray(start * row, start * row + data.length));
  return makeTensor(shape, x.dtype, data);
}

/** The first samples of a batch. */
export const firstRows = (batch: unknown, size: number): unknown => mapTensors(batch, (x) => rowsOf(x, 0, size));

/** Losses and gradients of every sample of a batch, by a loop. */
export function samplesOf<P, S>(f: (params: P, sample: S) => Scalar, params: P, batch: unknown): Samples {
  const leaves = leavesOf("checkBatchGrad", batch, "batch").map(([, leaf]) => leaf);
  const sizes = leaves.map((leaf) => (isTensor(leaf) ? (leaf.shape[0] ?? 0) : 0));
  const size = sizes.reduce((most, n) => Math.max(most, n), 0);
  if (size === 0) {
    fail(
      "batch/empty",
      "checkBatchGrad: the batch has no samples.",
      {},
      "Every leaf of it must have the batch axis first.",
    );
  }
  const samples = Array.from({ length: size }, (_, b) => mapTensors(batch, (x) => rowsOf(x, b, null)) as S);
  const numbersIn = (tree: unknown) =>
    leavesOf("checkBatchGrad", tree).map(([, leaf]) => numbersOf(typeof leaf === "boolean" ? 0 : leaf));
  const meanLoss = (p: P): Scalar =>
    div(
      samples.map((sample) => f(p, sample)).reduce<Scalar>((total, y) => add(total, y), 0),
      size,
    );
  const all = [...leaves, ...leavesOf("checkBatchGrad", params).map(([, leaf]) => leaf)];
  return {
    size,
    losses: Float64Array.from(samples, (sample) => numbersOf(f(params, sample))[0]),
    gradients: samples.map((sample) => numbersIn(grad(f)(params, sample))),
    ofMean: numbersIn(grad(meanLoss)(params)),
    single: all.some((leaf) => isTensor(leaf) && leaf.dtype === "float32"),
  };
}
