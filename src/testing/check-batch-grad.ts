import { fail } from "../base/errors";
import { refuseExtra } from "../base/extra-arguments";
import { digits } from "../base/format";
import type { Scalar, Value } from "../core/tensor/tensor";
import type { Batch } from "../core/tensor/tree-types";
import { batchGrad } from "../per-sample/batch-grad";
import { type Product, products } from "./batch-products";

import { type CheckOptions, settingsOf } from "./options";
import { generator } from "./random";
import { firstRows, type Samples, samplesOf } from "./samples";
import { leavesOf, numbersOf } from "./subject";

/** What disagrees: a product, and where. */
interface Disagreement {
  readonly product: string;
  readonly path: string;
  readonly position: number;
  readonly got: number;
  readonly want: number;
}

/**
 * Checks everything `batchGrad` says about a loss and a batch against the definition: a loop of `grad` over the samples.
 *
 * The mean of the per-sample gradients must be the gradient of the mean loss; `materialize` must be the loop; and losses,
 * norms, clipped, weighted and summed gradients, variance, second moment, gram and projections must be what follows from it.
 * It does not compare with differences: for that, `gradcheck` the loss of one sample.
 *
 * @param f - the loss of one sample: `f(params, sample)` gives one number
 * @param params - a tree of numbers and float tensors
 * @param batch - a tree shaped like a sample, every leaf with the batch axis first
 * @param options - relative: tolerance, default 1e-9 (with float32 1e-4); absolute: tolerance, default 1e-12 (with
 * float32 1e-6); seed: of weights and directions, default 0
 * @throws GradtapeError `testing/gradcheck`, with the product and the parameter that disagree, for the shortest batch that shows it
 * @example
 * ```ts
 * import { dot, square, sub, type Tensor, tensor } from "gradtape";
 * import { checkBatchGrad } from "gradtape/testing";
 * const cost = (w: Tensor, { x, y }: { x: Tensor; y: Tensor }) => square(sub(dot(w, x), y));
 * checkBatchGrad(cost, tensor([0.5, -1]), { x: tensor([[1, 2], [3, 4], [5, 6]]), y: tensor([1, 0, 2]) });
 * ```
 */
export function checkBatchGrad<P, S>(
  f: (params: P, sample: S) => Value,
  params: P,
  batch: unknown,
  options?: CheckOptions,
): void {
  refuseExtra("checkBatchGrad", "f, params, batch, options", 4, arguments);
  const settings = settingsOf("checkBatchGrad", options);
  const scalar = f as (params: P, sample: S) => Scalar;
  const check = (rows: unknown): [Samples, Disagreement | null] => {
    const samples = samplesOf<P, S>(scalar, params, rows);
    const tolerance = {
      relative: settings.relative ?? (samples.single ? 1e-4 : 1e-9),
      absolute: settings.absolute ?? (samples.single ? 1e-6 : 1e-12),
    };
    // Any batch may be given: batchGrad says what is wrong with one.
    const result = batchGrad(scalar)(params, rows as Batch<S>);
    for (const product of products(result, samples, generator(settings.seed), params)) {
      const found = compare(product, tolerance);
      if (found !== null) return [samples, found];
    }
    return [samples, null];
  };
  let [samples, found] = check(batch);
  if (found === null) return;
  const whole = samples.size;
  for (let size = 1; size < whole; size++) {
    const [fewer, wrong] = check(firstRows(batch, size));
    if (wrong === null) continue;
    [samples, found] = [fewer, wrong];
    break;
  }
  const { product, path, position, got, want } = found;
  fail(
    "testing/gradcheck",
    `checkBatchGrad: ${product} is ${digits(got)} for element ${position} of ${path}, but the loop over samples gives ${digits(want)} (batch of ${samples.size}, seed ${settings.seed}).`,
    { rule: product, path, position, got, want, seed: settings.seed, batchSize: samples.size, params, batch },
    hintOf(samples.size),
  );
}

/** The first element of a product that is too far from what it should be. */
function compare(
  { name, got, want, scale }: Product,
  tolerance: { relative: number; absolute: number },
): Disagreement | null {
  const leaves = leavesOf("checkBatchGrad", got(), "the result");
  for (let k = 0; k < want.length; k++) {
    const [path, leaf] = leaves[k];
    const numbers = numbersOf(typeof leaf === "boolean" ? Number(leaf) : leaf);
    const bound = tolerance.absolute + tolerance.relative * scale[k];
    for (let i = 0; i < Math.max(want[k].length, numbers.length); i++) {
      if (Math.abs(numbers[i] - want[k][i]) <= bound || Object.is(numbers[i], want[k][i])) continue;
      return { product: name, path, position: i, got: numbers[i], want: want[k][i] };
    }
  }
  return null;
}

const hintOf = (size: number): string =>
  size === 1 ? "One sample is enough to show it." : `Shorter batches, of its first 1 to ${size - 1} samples, agree.`;
