/**
 * Random numbers as pure functions of keys: the same key gives the same numbers, on every machine.
 *
 * @module
 */

import { describe, fail } from "../../base/errors";
import { numberHint } from "../../base/number-hint";
import { checkChoice, checkNumber, checkOptions } from "../../base/options";
import { checkInteger, checkShape, type Shape } from "../../base/shape";
import { apply } from "../../core/op/apply";
import type { CoreOp } from "../../core/op/op";
import { makeScalar, makeTensor } from "../../core/tensor/handle";
import type { Tensor, Value } from "../../core/tensor/tensor";
import { isHandle } from "../../core/tensor/tensor-argument";
import { fillBernoulli, fillIntegers, fillNormal, fillPermutation, fillUniform } from "../../numeric/random/draw";
import { seedKey } from "../../numeric/random/threefry";
import { checkKey, type Draw, FOLD, makeDraw, PICK, SPLIT } from "./random-op";

/** What random numbers are drawn from: two int32 numbers. The same key gives the same numbers, always and everywhere. */
export type Key = Tensor<readonly [2]>;

/** Options of random.uniform. */
export interface Range {
  /** Smallest value; 0 by default. */
  readonly min?: number | undefined;
  /** Bound above, not reached; 1 by default. */
  readonly max?: number | undefined;
  /** float64 by default. */
  readonly dtype?: "float64" | "float32" | undefined;
}

/** Options of normal. */
export interface Bell {
  /** Mean; 0 by default. */
  readonly mean?: number | undefined;
  /** Standard deviation; 1 by default. */
  readonly std?: number | undefined;
  /** float64 by default. */
  readonly dtype?: "float64" | "float32" | undefined;
}

interface Interval extends Draw {
  readonly min: number;
  readonly max: number;
}

const FLOATS = ["float64", "float32"] as const;
const TWO_31 = 2147483648;

const UNIFORM: CoreOp<Interval> = /* @__PURE__ */ makeDraw("uniform", (out, offset, count, k0, k1, { min, max }) => {
  if (out instanceof Float64Array || out instanceof Float32Array) fillUniform(out, offset, count, k0, k1, min, max);
});
const NORMAL: CoreOp<Draw & { mean: number; std: number }> = /* @__PURE__ */ makeDraw(
  "normal",
  (out, offset, count, k0, k1, { mean, std }) => {
    if (out instanceof Float64Array || out instanceof Float32Array) fillNormal(out, offset, count, k0, k1, mean, std);
  },
);
const INTEGERS: CoreOp<Interval> = /* @__PURE__ */ makeDraw("integers", (out, offset, count, k0, k1, { min, max }) => {
  if (out instanceof Int32Array) fillIntegers(out, offset, count, k0, k1, min, max);
});
const BERNOULLI: CoreOp<Draw & { p: number }> = /* @__PURE__ */ makeDraw(
  "bernoulli",
  (out, offset, count, k0, k1, { p }) => {
    if (out instanceof Uint8Array) fillBernoulli(out, offset, count, k0, k1, p);
  },
);
const PERMUTATION: CoreOp<Draw> = /* @__PURE__ */ makeDraw("permutation", (out, offset, count, k0, k1) => {
  if (out instanceof Int32Array) fillPermutation(out, offset, count, k0, k1);
});

function checkFinite(where: string, name: string, x: unknown): number {
  if (typeof x === "number" && Number.isFinite(x)) return x;
  return fail(
    "argument/number",
    `${where}: ${name} must be a finite number, got ${describe(x)}.`,
    { name, received: x },
    numberHint(x, -Number.MAX_VALUE, Number.MAX_VALUE),
  );
}

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
export function split(key: Key, count: number): readonly Key[];
export function split(key: Key, count?: number): readonly Tensor[] {
  const checked = checkKey("random.split", key);
  const size = checkInteger("random.split", "count", count ?? 2, 0);
  const keys = apply(SPLIT, [checked], { count: size });
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

/**
 * Random numbers spread evenly over [min, max): a uniform distribution.
 *
 * Shape: `int32[2] -> float64[...shape]`, or float32.
 *
 * Not differentiable. 53 random bits for float64, 24 for float32.
 *
 * @param key - a key
 * @param shape - the shape of the result
 * @param options - min: default 0; max: default 1; dtype: default float64
 * @returns a tensor of the shape
 * @throws GradtapeError `random/key`; `argument/number` for limits that are not finite or in the wrong order
 * @example
 * ```ts
 * import { random } from "gradtape";
 * random.uniform(random.key(1), [2, 3]).shape; // => [2, 3]
 * ```
 */
export function uniform<const S extends Shape>(key: Key, shape: S, options?: Range): Tensor<S>;
export function uniform(key: Key, shape: Shape, options?: Range): Tensor {
  const where = "random.uniform";
  checkOptions(where, options, ["min", "max", "dtype"]);
  const min = checkFinite(where, "min", options?.min ?? 0);
  const max = checkFinite(where, "max", options?.max ?? 1);
  if (min > max) {
    fail(
      "argument/number",
      `${where}: min must be at most max, got min ${min} and max ${max}.`,
      { min, max },
      "Without options min is 0 and max is 1.",
    );
  }
  const dtype = checkChoice(where, "dtype", options?.dtype ?? "float64", FLOATS);
  return apply(UNIFORM, [checkKey(where, key)], { shape: checkShape(where, shape), dtype, min, max });
}

/**
 * Normally distributed random numbers.
 *
 * Shape: `int32[2] -> float64[...shape]`, or float32.
 *
 * Not differentiable: write `add(mean, mul(std, z))` for derivatives by mean and std.
 *
 * @param key - a key
 * @param shape - the shape of the result
 * @param options - mean: default 0; std: the standard deviation, not negative, default 1; dtype: default float64
 * @returns a tensor of the shape
 * @throws GradtapeError `random/key`, `argument/number`
 * @example
 * ```ts
 * import { random } from "gradtape";
 * random.normal(random.key(1), [2, 3], { std: 0.1 }).shape; // => [2, 3]
 * ```
 */
export function normal<const S extends Shape>(key: Key, shape: S, options?: Bell): Tensor<S>;
export function normal(key: Key, shape: Shape, options?: Bell): Tensor {
  const where = "random.normal";
  checkOptions(where, options, ["mean", "std", "dtype"]);
  const mean = checkFinite(where, "mean", options?.mean ?? 0);
  const std = checkNumber(where, "std", options?.std ?? 1, 0, Number.MAX_VALUE);
  const dtype = checkChoice(where, "dtype", options?.dtype ?? "float64", FLOATS);
  return apply(NORMAL, [checkKey(where, key)], { shape: checkShape(where, shape), dtype, mean, std });
}

/**
 * Integers from min to max, max excluded, each equally likely.
 *
 * Shape: `int32[2] -> int32[...shape]`.
 *
 * Not differentiable.
 *
 * @param key - a key
 * @param shape - the shape of the result
 * @param options - max: required; min: default 0
 * @returns an int32 tensor of the shape
 * @throws GradtapeError `random/key`; `argument/integer` for limits outside int32 or in the wrong order
 * @example
 * ```ts
 * import { random } from "gradtape";
 * random.integers(random.key(1), [3], { max: 1 }); // => [0, 0, 0]
 * ```
 */
export function integers<const S extends Shape>(
  key: Key,
  shape: S,
  options: { readonly min?: number | undefined; readonly max: number },
): Tensor<S>;
export function integers(key: Key, shape: Shape, options: { readonly min?: number | undefined; readonly max: number }) {
  const where = "random.integers";
  checkOptions(where, options, ["min", "max"]);
  const min = checkInteger(where, "min", options?.min ?? 0, -TWO_31, TWO_31 - 1);
  const max = checkInteger(where, "max", options?.max, min + 1, TWO_31);
  const draw: Interval = { shape: checkShape(where, shape), dtype: "int32", min, max };
  return apply(INTEGERS, [checkKey(where, key)], draw);
}

/**
 * True with probability p.
 *
 * Shape: `int32[2] -> bool[...shape]`.
 *
 * Not differentiable. p = 0 gives only false, p = 1 only true.
 *
 * @param key - a key
 * @param shape - the shape of the result
 * @param options - p: default 0.5
 * @returns a bool tensor of the shape
 * @throws GradtapeError `random/key`, `argument/number`
 * @example
 * ```ts
 * import { random } from "gradtape";
 * random.bernoulli(random.key(1), [2], { p: 1 }); // => [true, true]
 * ```
 */
export function bernoulli<const S extends Shape>(
  key: Key,
  shape: S,
  options?: { readonly p?: number | undefined },
): Tensor<S>;
export function bernoulli(key: Key, shape: Shape, options?: { readonly p?: number | undefined }): Tensor {
  const where = "random.bernoulli";
  checkOptions(where, options, ["p"]);
  const p = checkNumber(where, "p", options?.p ?? 0.5, 0, 1);
  return apply(BERNOULLI, [checkKey(where, key)], { shape: checkShape(where, shape), dtype: "bool", p });
}

/**
 * The integers 0, ..., n - 1 in random order.
 *
 * Shape: `int32[2] -> int32[n]`.
 *
 * Not differentiable. Every order is equally likely.
 *
 * @param key - a key
 * @param n - how many
 * @returns an int32 vector
 * @throws GradtapeError `random/key`, `argument/integer`
 * @example
 * ```ts
 * import { random, sum } from "gradtape";
 * sum(random.permutation(random.key(1), 4)); // => 6
 * ```
 */
export function permutation<const N extends number>(key: Key, n: N): Tensor<readonly [N]>;
export function permutation(key: Key, n: number): Tensor {
  const size = checkInteger("random.permutation", "n", n, 0, TWO_31);
  return apply(PERMUTATION, [checkKey("random.permutation", key)], { shape: [size], dtype: "int32" });
}
