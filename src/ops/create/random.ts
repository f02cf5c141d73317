/**
 * Random numbers as pure functions of keys: the same key gives the same numbers, on every machine.
 *
 * @module
 */

import { allocatingFor } from "../../base/allocate";
import { fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkInteger } from "../../base/shape";
import { apply } from "../../core/op/apply";
import { makeScalar, makeTensor } from "../../core/tensor/handle";
import type { Repeated } from "../../core/tensor/shape-types";
import type { Tensor, Value } from "../../core/tensor/tensor";
import { isHandle } from "../../core/tensor/tensor-argument";
import { seedKey } from "../../numeric/random/threefry";
import { checkKey, FOLD, type Key, PICK, SPLIT } from "./random-op";

export { type ChoiceOptions, categorical, choice } from "./random-choice";
export {
  type Bell,
  exponential,
  gumbel,
  normal,
  type Range,
  type TruncatedBell,
  truncatedNormal,
  uniform,
} from "./random-continuous";
export { bernoulli, integers, permutation } from "./random-discrete";
export type { Key };

/** So many keys, as a tuple where the number is known and below 100. */
export type Keys<N extends number> = Readonly<Repeated<N, Key>>;

/**
 * The key of a seed.
 *
 * Shape: `int32[2]`.
 *
 * Different seeds give different keys.
 *
 * @param seed - an integer within +-2^53
 * @returns a key
 * @throws GradtapeError `argument/integer`
 * @example
 * ```ts
 * import { random } from "gradtape";
 * random.key(7); // => [0, 7]
 * ```
 */
export function key(seed: number): Key;
export function key(seed: number): Tensor {
  refuseExtra("random.key", "seed", 1, arguments);
  const checked = checkInteger("random.key", "seed", seed, Number.MIN_SAFE_INTEGER);
  return makeTensor([2], "int32", Int32Array.from(seedKey(checked)));
}

/**
 * Two new keys from a key, independent of each other and of what is drawn from it. Use a key once: to draw, or to
 * split.
 *
 * Shape: `int32[2] -> int32[2], int32[2]`.
 *
 * Not differentiable.
 *
 * @param key - a key
 * @returns the two keys
 * @throws GradtapeError `random/key`
 * @example
 * ```ts
 * import { random } from "gradtape";
 * const [first, second] = random.split(random.key(0));
 * ```
 */
export function split(key: Key): readonly [Key, Key];
/**
 * New keys from a key, as many as are wanted.
 *
 * @param key - a key
 * @param count - how many
 * @returns the keys
 * @throws GradtapeError `random/key`, `argument/integer`
 * @example
 * ```ts
 * import { random } from "gradtape";
 * random.split(random.key(0), 5).length; // => 5
 * ```
 */
export function split<const N extends number>(key: Key, count: N): Keys<N>;
export function split(key: Key, count?: number): readonly Tensor[] {
  refuseExtra("random.split", "key, count", 2, arguments);
  const checked = checkKey("random.split", key);
  const size = checkInteger("random.split", "count", count ?? 2, 0);
  const keys = allocatingFor("random.split", () => apply(SPLIT, [checked], { count: size }));
  return Array.from({ length: size }, (_, index) => apply(PICK, [keys], { index }));
}

/**
 * The key that belongs to a key and an integer: a step, a layer, the number of a sample.
 *
 * Shape: `int32[2], integer -> int32[2]`; `int32[2], int32[...B] -> int32[...B, 2]`.
 *
 * Not differentiable.
 *
 * @param key - a key
 * @param data - an integer within +-2^53, or an int32 tensor
 * @returns another key, or one for each integer
 * @throws GradtapeError `random/key`; `argument/integer`; `dtype/unsupported` for a tensor that is not int32
 * @example
 * ```ts
 * import { arange, random } from "gradtape";
 * random.fold(random.key(0), arange(4, { dtype: "int32" })).shape; // => [4, 2]
 * ```
 */
export function fold(key: Key, data: number): Key;
export function fold(key: Key, data: Tensor): Tensor;
export function fold(key: Key, data: Value): Tensor {
  refuseExtra("random.fold", "key, data", 2, arguments);
  const where = "random.fold";
  const checked = checkKey(where, key);
  if (!isHandle(where, data)) {
    const integer = makeScalar(checkInteger(where, "data", data, Number.MIN_SAFE_INTEGER));
    return apply(FOLD, [checked, integer], { lead: 0 });
  }
  if (data.dtype !== "int32") {
    fail(
      "dtype/unsupported",
      `${where}: data must be an integer or an int32 tensor, got ${data.dtype}.`,
      { dtype: data.dtype },
      'Use cast(data, "int32").',
    );
  }
  return apply(FOLD, [checked, data], { lead: 0 });
}
