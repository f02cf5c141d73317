import { describe, fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkChoice, checkNumber, checkOptions } from "../../base/options";
import { checkShape, type Shape } from "../../base/shape";
import type { CoreOp } from "../../core/op/op";
import type { Tensor } from "../../core/tensor/tensor";
import { fillExponential, fillGumbel, fillNormal, fillUniform } from "../../numeric/random/draw";
import { fillTruncatedNormal } from "../../numeric/random/truncated-normal";
import { checkFinite, type Draw, drawFor, FLOATS, type Key, makeDraw } from "./random-op";

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

/** Options of truncatedNormal. */
export interface TruncatedBell {
  /** Smallest value; two standard deviations below the mean by default; -Infinity for none. */
  readonly min?: number | undefined;
  /** Largest value; two standard deviations above the mean by default; Infinity for none. */
  readonly max?: number | undefined;
  /** Mean of the whole distribution, that is not cut; 0 by default. */
  readonly mean?: number | undefined;
  /** Standard deviation of the whole distribution; 1 by default. */
  readonly std?: number | undefined;
  /** float64 by default. */
  readonly dtype?: "float64" | "float32" | undefined;
}

interface Interval extends Draw {
  readonly min: number;
  readonly max: number;
}

const UNIFORM: CoreOp<Interval> = /* @__PURE__ */ makeDraw("uniform", (out, offset, count, k0, k1, { min, max }) => {
  if (out instanceof Float64Array || out instanceof Float32Array) fillUniform(out, offset, count, k0, k1, min, max);
});
const NORMAL: CoreOp<Draw & { mean: number; std: number }> = /* @__PURE__ */ makeDraw(
  "normal",
  (out, offset, count, k0, k1, { mean, std }) => {
    if (out instanceof Float64Array || out instanceof Float32Array) fillNormal(out, offset, count, k0, k1, mean, std);
  },
);
const EXPONENTIAL: CoreOp<Draw & { rate: number }> = /* @__PURE__ */ makeDraw(
  "exponential",
  (out, offset, count, k0, k1, { rate }) => {
    if (out instanceof Float64Array || out instanceof Float32Array) fillExponential(out, offset, count, k0, k1, rate);
  },
);
const GUMBEL: CoreOp<Draw & { location: number; scale: number }> = /* @__PURE__ */ makeDraw(
  "gumbel",
  (out, offset, count, k0, k1, { location, scale }) => {
    if (out instanceof Float64Array || out instanceof Float32Array) {
      fillGumbel(out, offset, count, k0, k1, location, scale);
    }
  },
);
const TRUNCATED_NORMAL: CoreOp<Draw & { min: number; max: number; mean: number; std: number }> =
  /* @__PURE__ */ makeDraw("truncatedNormal", (out, offset, count, k0, k1, { min, max, mean, std }) => {
    if (out instanceof Float64Array || out instanceof Float32Array) {
      fillTruncatedNormal(out, offset, count, k0, k1, min, max, mean, std);
    }
  });

const checkPositive = (where: string, name: string, x: unknown): number =>
  checkNumber(where, name, x, Number.MIN_VALUE, Number.MAX_VALUE);

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
  refuseExtra("random.uniform", "key, shape, options", 3, arguments);
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
  return drawFor(where, UNIFORM, key, { shape: checkShape(where, shape), dtype, min, max });
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
  refuseExtra("random.normal", "key, shape, options", 3, arguments);
  const where = "random.normal";
  checkOptions(where, options, ["mean", "std", "dtype"]);
  const mean = checkFinite(where, "mean", options?.mean ?? 0);
  const std = checkNumber(where, "std", options?.std ?? 1, 0, Number.MAX_VALUE);
  const dtype = checkChoice(where, "dtype", options?.dtype ?? "float64", FLOATS);
  return drawFor(where, NORMAL, key, { shape: checkShape(where, shape), dtype, mean, std });
}

/**
 * Exponentially distributed random numbers: waiting times between events that happen `rate` times per unit of time.
 *
 * Shape: `int32[2] -> float64[...shape]`, or float32.
 *
 * Density `rate exp(-rate x)` for x >= 0; the mean is 1 / rate. Not differentiable: write `div(e, rate)`, with e of rate 1, for a
 * derivative by the rate.
 *
 * @param key - a key
 * @param shape - the shape of the result
 * @param options - rate: above 0, default 1; dtype: default float64
 * @returns a tensor of the shape
 * @throws GradtapeError `random/key`, `argument/number`
 * @example
 * ```ts
 * import { random } from "gradtape";
 * random.exponential(random.key(1), [2, 3], { rate: 0.5 }).shape; // => [2, 3]
 * ```
 */
export function exponential<const S extends Shape>(
  key: Key,
  shape: S,
  options?: { readonly rate?: number | undefined; readonly dtype?: "float64" | "float32" | undefined },
): Tensor<S>;
export function exponential(
  key: Key,
  shape: Shape,
  options?: { readonly rate?: number | undefined; readonly dtype?: "float64" | "float32" | undefined },
): Tensor {
  refuseExtra("random.exponential", "key, shape, options", 3, arguments);
  const where = "random.exponential";
  checkOptions(where, options, ["rate", "dtype"]);
  const rate = checkPositive(where, "rate", options?.rate ?? 1);
  const dtype = checkChoice(where, "dtype", options?.dtype ?? "float64", FLOATS);
  return drawFor(where, EXPONENTIAL, key, { shape: checkShape(where, shape), dtype, rate });
}

/**
 * Random numbers of the Gumbel distribution, that of the largest of many: added to logits they make the place of the largest
 * a draw from the softmax. See also {@link categorical}.
 *
 * Shape: `int32[2] -> float64[...shape]`, or float32.
 *
 * Distribution function `exp(-exp(-(x - location) / scale))`; the mean is `location + 0.577216 scale`. Not differentiable: write
 * `add(location, mul(scale, g))` for derivatives by the two.
 *
 * @param key - a key
 * @param shape - the shape of the result
 * @param options - location: the mode, default 0; scale: not negative, default 1; dtype: default float64
 * @returns a tensor of the shape
 * @throws GradtapeError `random/key`, `argument/number`
 * @example
 * ```ts
 * import { random } from "gradtape";
 * random.gumbel(random.key(1), [4]).shape; // => [4]
 * ```
 */
export function gumbel<const S extends Shape>(
  key: Key,
  shape: S,
  options?: {
    readonly location?: number | undefined;
    readonly scale?: number | undefined;
    readonly dtype?: "float64" | "float32" | undefined;
  },
): Tensor<S>;
export function gumbel(
  key: Key,
  shape: Shape,
  options?: {
    readonly location?: number | undefined;
    readonly scale?: number | undefined;
    readonly dtype?: "float64" | "float32" | undefined;
  },
): Tensor {
  refuseExtra("random.gumbel", "key, shape, options", 3, arguments);
  const where = "random.gumbel";
  checkOptions(where, options, ["location", "scale", "dtype"]);
  const location = checkFinite(where, "location", options?.location ?? 0);
  const scale = checkNumber(where, "scale", options?.scale ?? 1, 0, Number.MAX_VALUE);
  const dtype = checkChoice(where, "dtype", options?.dtype ?? "float64", FLOATS);
  return drawFor(where, GUMBEL, key, { shape: checkShape(where, shape), dtype, location, scale });
}

/**
 * Normally distributed random numbers that lie between two bounds, also where the normal distribution has hardly any: what is
 * outside is drawn again. Two standard deviations to either side by default, as for the weights of networks.
 *
 * Shape: `int32[2] -> float64[...shape]`, or float32.
 *
 * Density `exp(-(x - mean)^2 / (2 std^2))` for min <= x <= max, over its integral. Mean and standard deviation are those of the
 * distribution that is not cut. Not differentiable: write `add(mean, mul(std, z))` with bounds in standard deviations for
 * derivatives by mean and std.
 *
 * @param key - a key
 * @param shape - the shape of the result
 * @param options - min: default mean - 2 std; max: default mean + 2 std; mean: default 0; std: above 0, default 1; dtype:
 *   default float64
 * @returns a tensor of the shape
 * @throws GradtapeError `random/key`, `argument/number`
 * @example
 * ```ts
 * import { max, random } from "gradtape";
 * const x = random.truncatedNormal(random.key(1), [1000], { std: 0.1 });
 * max(x).item() <= 0.2; // => true
 * ```
 * @see C. P. Robert, Simulation of truncated normal variables, Statistics and Computing 5 (1995)
 */
export function truncatedNormal<const S extends Shape>(key: Key, shape: S, options?: TruncatedBell): Tensor<S>;
export function truncatedNormal(key: Key, shape: Shape, options?: TruncatedBell): Tensor {
  refuseExtra("random.truncatedNormal", "key, shape, options", 3, arguments);
  const where = "random.truncatedNormal";
  checkOptions(where, options, ["min", "max", "mean", "std", "dtype"]);
  const mean = checkFinite(where, "mean", options?.mean ?? 0);
  const std = checkPositive(where, "std", options?.std ?? 1);
  const [min, max]: unknown[] = [options?.min ?? mean - 2 * std, options?.max ?? mean + 2 * std];
  if (typeof min !== "number" || typeof max !== "number" || !(min <= max) || min === Infinity || max === -Infinity) {
    return fail(
      "argument/number",
      `${where}: min must be a number at most max, got min ${describe(min)} and max ${describe(max)}.`,
      { min, max },
      "Without options they are two standard deviations below and above the mean; -Infinity and Infinity cut nothing.",
    );
  }
  const dtype = checkChoice(where, "dtype", options?.dtype ?? "float64", FLOATS);
  const draw = { shape: checkShape(where, shape), dtype, min, max, mean, std };
  return drawFor(where, TRUNCATED_NORMAL, key, draw);
}
