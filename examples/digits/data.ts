/** The digits of ../data, from compressed CSV to tensors, and the order in which training sees them. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { add, div, mul, oneHot, random, slice, type Tensor, take, tensor, tree } from "gradtape";
import { CLASSES, type Digits, PIXELS } from "./model";

/** The darkest a pixel gets: all 16 points of its 4 x 4 block were set. */
const DARKEST = 16;

/** A target is 0.91 at its digit and 0.01 elsewhere (label smoothing): less overconfident, one percent more accurate. */
const SMOOTHING = 0.1;

/** The lowest mean cost that such targets allow: their own entropy. */
export const LOWEST_COST = [1 - SMOOTHING + SMOOTHING / CLASSES, ...Array(CLASSES - 1).fill(SMOOTHING / CLASSES)]
  .map((p: number) => -p * Math.log(p))
  .reduce((a, b) => a + b);

export interface DataSet {
  readonly count: number;
  readonly digits: Digits;
  /** The digit each image shows, int32 [count]. */
  readonly labels: Tensor;
}

export function load(name: "train" | "test"): DataSet {
  const file = new URL(`../data/optdigits-${name}.csv.gz`, import.meta.url);
  const rows = gunzipSync(readFileSync(file)).toString("ascii").trim().split("\n");
  const numbers = rows.map((row) => row.split(",").map(Number));
  const pixels = Float64Array.from(numbers.flatMap((row) => row.slice(0, PIXELS)));
  const labels = tensor(Int32Array.from(numbers, (row) => row[PIXELS] as number));
  return {
    count: rows.length,
    digits: {
      pixels: div(tensor(pixels, { shape: [rows.length, PIXELS] }), DARKEST),
      target: targetOf(labels),
    },
    labels,
  };
}

/** The targets [count, 10] of labels [count]. */
export function targetOf(labels: Tensor): Tensor {
  return add(mul(oneHot(labels, CLASSES), 1 - SMOOTHING), SMOOTHING / CLASSES);
}

/** The digits of a set that stand at some places, int32 [k]. */
export function chosen(set: DataSet, places: Tensor): DataSet {
  const part = (x: Tensor) => take(x, places);
  return { count: places.size, digits: tree.map(part, set.digits), labels: part(set.labels) };
}

/** The first `count` digits of a set. */
export function first(count: number, set: DataSet): DataSet {
  const stop = Math.min(count, set.count);
  const part = (x: Tensor) => slice(x, [{ stop }]);
  return { count: stop, digits: tree.map(part, set.digits), labels: part(set.labels) };
}

/** All digits once, `size` at a time, in an order drawn from `key`; the last batch takes what is left. */
export function* minibatches(key: random.Key, set: DataSet, size: number): Generator<Digits> {
  const order = random.permutation(key, set.count);
  for (let start = 0; start < set.count; start += size) {
    yield chosen(set, slice(order, [{ start, stop: start + size }])).digits;
  }
}
