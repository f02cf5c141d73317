import { toFloat } from "../../base/dtype";
import { describe, fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { castTo, divideBy } from "../../core/op/sweep-ops";
import type { Tensor } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { asHandle } from "../../core/tensor/value";
import { where as choose } from "../elementwise/where";
import { bernoulli, type Key } from "./random";
import { checkKey } from "./random-op";

/**
 * Sets elements to 0 at random, each with probability `rate`, and scales the others so that their mean stays: for
 * training; leave it out of what is evaluated.
 *
 * Shape: `int32[2], F[...S] -> F[...S]`; integers give float64.
 *
 * `y = x / (1 - rate)` where the element is kept, else 0; the derivative is `1 / (1 - rate)` or 0.
 *
 * The same key drops the same places.
 *
 * What is dropped reaches neither value nor gradient, not even NaN. Inside vmap a key for each sample drops other
 * places in each, one key for all the same ones.
 *
 * @param key - a key, used for nothing else
 * @param x - a tensor
 * @param options - rate: the fraction that is dropped, at least 0 and below 1; required
 * @returns a tensor shaped like x
 * @throws GradtapeError `random/key`, `option/required` without rate, `argument/number` for a rate outside [0, 1),
 *   `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { dropout, ones, random } from "gradtape";
 * dropout(random.key(1), ones([2, 3]), { rate: 0 }); // => [[1, 1, 1], [1, 1, 1]]
 * dropout(random.key(1), ones([6]), { rate: 0.5 }); // => [2, 2, 2, 0, 0, 2]
 * ```
 */
export function dropout<X extends Tensor>(key: Key, x: X, options: { readonly rate: number }): X;
export function dropout(key: Key, x: Tensor, options: { readonly rate: number }): Tensor {
  refuseExtra("dropout", "key, x, options", 3, arguments);
  const where = "dropout";
  checkKey(where, key);
  const from = toHandle(where, x);
  checkOptions(where, options, ["rate"]);
  const rate: unknown = options?.rate ?? null;
  if (rate === null) {
    fail(
      "option/required",
      "dropout: the option rate is required.",
      { option: "rate" },
      "{ rate: 0.1 } drops each element with probability 0.1.",
    );
  }
  if (typeof rate !== "number" || !(rate >= 0 && rate < 1)) {
    return fail(
      "argument/number",
      `${where}: rate must be a number from 0 up to 1, 1 excluded, got ${describe(rate)}.`,
      { name: "rate", received: rate },
      "It is the probability that an element is dropped.",
    );
  }
  const input = castTo(from, toFloat(from.dtype));
  if (rate === 0) return input;
  return divideBy(asHandle(choose(bernoulli(key, input.shape, { p: 1 - rate }), input, 0)), 1 - rate);
}
