import { refuseExtra } from "../../base/extra-arguments";
import { checkNumber, checkOptions } from "../../base/options";
import { checkInteger, checkShape, type Shape } from "../../base/shape";
import type { CoreOp } from "../../core/op/op";
import type { Tensor } from "../../core/tensor/tensor";
import { fillBernoulli, fillIntegers, fillPermutation } from "../../numeric/random/draw";
import { type Draw, drawFor, type Key, makeDraw } from "./random-op";

interface Interval extends Draw {
  readonly min: number;
  readonly max: number;
}

const TWO_31 = 2147483648;

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
  refuseExtra("random.integers", "key, shape, options", 3, arguments);
  const where = "random.integers";
  checkOptions(where, options, ["min", "max"]);
  const min = checkInteger(where, "min", options?.min ?? 0, -TWO_31, TWO_31 - 1);
  const max = checkInteger(where, "max", options?.max, min + 1, TWO_31);
  const draw: Interval = { shape: checkShape(where, shape), dtype: "int32", min, max };
  return drawFor(where, INTEGERS, key, draw);
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
  refuseExtra("random.bernoulli", "key, shape, options", 3, arguments);
  const where = "random.bernoulli";
  checkOptions(where, options, ["p"]);
  const p = checkNumber(where, "p", options?.p ?? 0.5, 0, 1);
  return drawFor(where, BERNOULLI, key, { shape: checkShape(where, shape), dtype: "bool", p });
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
  refuseExtra("random.permutation", "key, n", 2, arguments);
  const size = checkInteger("random.permutation", "n", n, 0, TWO_31);
  return drawFor("random.permutation", PERMUTATION, key, { shape: [size], dtype: "int32" });
}
