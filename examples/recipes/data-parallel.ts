/** Data-parallel training: threads share a batch, and what they find adds up to the bits that one thread finds. */
import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { abs, add, batchGrad, div, type Gradient, max, mul, random, slice, sub, tree } from "gradtape";
import { first, load } from "../digits/data.js";
import { cost, type Digits, initialize, type Params } from "../digits/model.js";
import { startWorker } from "./start-worker.js";

/** Digits in a chunk, however many threads there are: what is added up inside a chunk, and in which order, is fixed. */
const CHUNK = 128;
const [DIGITS, STEPS, RATE] = [2000, 10, 0.5];

const countOf = ({ pixels }: Digits): number => pixels.shape[0] ?? 0;

export function chunksOf(digits: Digits): Digits[] {
  return Array.from({ length: Math.ceil(countOf(digits) / CHUNK) }, (_, i) =>
    tree.map((x) => slice(x, [{ start: i * CHUNK, stop: (i + 1) * CHUNK }]), digits),
  );
}

/** The gradient of the summed loss of a chunk: the work of a thread. */
export const gradientSum = (params: Params, chunk: Digits): Gradient<Params> => batchGrad(cost)(params, chunk).sum();

/** One after the other in the order of the chunks, whoever was ready first, and divided once. */
export function combine(sums: readonly Gradient<Params>[], count: number): Gradient<Params> {
  const total = sums.reduce((a, b) => tree.map(add, a, b));
  return tree.map((x) => div(x, count), total);
}

/** Means of shards, each weighted by its share of the batch: the mean of the batch, up to rounding. */
export function combineByWeight(params: Params, shards: readonly Digits[]): Gradient<Params> {
  const total = shards.reduce((sum, shard) => sum + countOf(shard), 0);
  return shards
    .map((shard) => tree.map((x) => mul(x, countOf(shard) / total), batchGrad(cost)(params, shard).mean()))
    .reduce((a, b) => tree.map(add, a, b));
}

/** The sums of all chunks, in order. */
type SumsOf = (params: Params) => Promise<Gradient<Params>[]>;

async function ask(worker: Worker, params: Params): Promise<Gradient<Params>[]> {
  worker.postMessage(tree.toTransferable(params).data);
  const [answer]: unknown[] = await once(worker, "message");
  return tree.fromTransferable(answer);
}

/** Workers get their shards, chunks that stand side by side, once; then parameters go out and sums come back. */
export async function withWorkers<R>(count: number, chunks: readonly Digits[], use: (sumsOf: SumsOf) => Promise<R>) {
  const bound = (i: number) => Math.round((i * chunks.length) / count);
  const shards = Array.from({ length: count }, (_, i) => chunks.slice(bound(i), bound(i + 1)));
  const workers = shards.map((shard) =>
    startWorker("data-parallel-worker.ts", import.meta.url, tree.toTransferable(shard).data),
  );
  try {
    return await use(async (params) => (await Promise.all(workers.map((worker) => ask(worker, params)))).flat());
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** How many numbers of two trees are not the same bits. */
export function differing(a: Params, b: Params): number {
  const [x, y] = [tree.ravel(a).data, tree.ravel(b).data];
  return x.filter((number, i) => !Object.is(number, y[i])).length;
}

export async function dataParallel() {
  const { digits } = first(DIGITS, load("train"));
  const chunks = chunksOf(digits);
  const start = initialize(random.key(1));
  const train = async (sumsOf: SumsOf) => {
    let params = start;
    for (let step = 0; step < STEPS; step++) {
      const gradient = combine(await sumsOf(params), DIGITS);
      params = tree.map((p, g) => sub(p, mul(RATE, g)), params, gradient);
    }
    return params;
  };
  const alone = await train(async (params) => chunks.map((chunk) => gradientSum(params, chunk)));
  const [two, three] = [await withWorkers(2, chunks, train), await withWorkers(3, chunks, train)];
  const shards = [0, 300, 1000].map((from, i, all) =>
    tree.map((x) => slice(x, [{ start: from, stop: all[i + 1] ?? DIGITS }]), digits),
  );
  const gaps = tree.map(sub, combineByWeight(start, shards), batchGrad(cost)(start, digits).mean());
  return {
    cost: { before: cost(start, digits).item(), after: cost(alone, digits).item() },
    differing: { twoWorkers: differing(alone, two), threeWorkers: differing(alone, three) },
    byWeight: max(abs(tree.ravel(gaps))).item(),
  };
}
