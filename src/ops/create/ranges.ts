import { allocate, allocateFloat64 } from "../../base/allocate";
import { checkDtype } from "../../base/dtype";
import { describe, fail } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { numberHint } from "../../base/number-hint";
import { checkOptions } from "../../base/options";
import { checkInteger } from "../../base/shape";
import { type Handle, makeTensor } from "../../core/tensor/handle";
import type { DtypeOption, Tensor } from "../../core/tensor/tensor";
import { convertInto } from "../elementwise/cast";

/** The vector value(0), ..., value(count - 1). */
function vector(where: string, count: number, value: (i: number) => number, options: DtypeOption | undefined): Handle {
  checkOptions(where, options, ["dtype"]);
  const dtype = checkDtype(where, options?.dtype ?? "float64");
  const numbers = allocateFloat64(count, where);
  for (let i = 0; i < count; i++) numbers[i] = value(i);
  if (dtype === "float64") return makeTensor([count], dtype, numbers);
  const out = allocate(dtype, count, where);
  convertInto(where, out, numbers, dtype);
  return makeTensor([count], dtype, out);
}

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
 * The identity matrix.
 *
 * Shape: `[n, n]`, float64 unless `dtype` says otherwise.
 *
 * @param n - number of rows
 * @param options - dtype: default float64
 * @returns a matrix without history
 * @throws GradtapeError `argument/integer`, `dtype/unknown`
 * @example
 * ```ts
 * import { eye } from "gradtape";
 * eye(2); // => [[1, 0], [0, 1]]
 * ```
 */
export function eye<const N extends number>(n: N, options?: DtypeOption): Tensor<readonly [N, N]>;
export function eye(n: number, options?: DtypeOption): Tensor {
  refuseExtra("eye", "n, options", 2, arguments);
  checkOptions("eye", options, ["dtype"]);
  const dtype = checkDtype("eye", options?.dtype ?? "float64");
  const size = checkInteger("eye", "n", n, 0);
  const out = allocate(dtype, size * size, "eye", [size, size]);
  for (let i = 0; i < size; i++) out[i * (size + 1)] = 1;
  return makeTensor([size, size], dtype, out);
}

/**
 * Numbers from 0 to stop, stop excluded, one apart. See also {@link linspace}.
 *
 * Shape: `[ceil(stop)]`, float64 unless `dtype` says otherwise; `[0]` when stop is not above 0.
 *
 * @param stop - where it ends
 * @param options - dtype: default float64
 * @returns a vector without history
 * @throws GradtapeError `argument/number` for numbers that are not finite
 * @example
 * ```ts
 * import { arange } from "gradtape";
 * arange(3); // => [0, 1, 2]
 * ```
 */
export function arange(stop: number, options?: DtypeOption): Tensor<readonly [number]>;
/**
 * Numbers from start to stop, stop excluded, a step apart. See also {@link linspace}.
 *
 * Shape: `[ceil((stop - start) / step)]`, float64 unless `dtype` says otherwise; `[0]` when the step leads away from
 * stop.
 *
 * Value start + i step; a number that rounding would bring to stop is left out.
 *
 * @param start - the first number
 * @param stop - where it ends
 * @param step - the distance, not 0; negative counts down
 * @param options - dtype: default float64
 * @returns a vector without history
 * @throws GradtapeError `argument/number` for a step of 0 and for numbers that are not finite
 * @example
 * ```ts
 * import { arange } from "gradtape";
 * arange(1, 0, -0.25); // => [1, 0.75, 0.5, 0.25]
 * ```
 */
export function arange(start: number, stop: number, step?: number, options?: DtypeOption): Tensor<readonly [number]>;
export function arange(first: number, second?: number | DtypeOption, third?: number, fourth?: DtypeOption): Tensor {
  refuseExtra("arange", "start, stop, step, options", 4, arguments);
  const alone = typeof second === "object" || second === undefined;
  const start = alone ? 0 : checkFinite("arange", "start", first);
  const stop = alone ? checkFinite("arange", "stop", first) : checkFinite("arange", "stop", second);
  const step = checkFinite("arange", "step", third ?? 1);
  if (step === 0) {
    fail(
      "argument/number",
      "arange: step must be a finite number other than 0, got 0.",
      { name: "step", received: 0 },
      "For equal elements use full.",
    );
  }
  let count = Math.max(0, Math.ceil((stop - start) / step));
  const isBefore = (i: number): boolean => (start + i * step - stop) * Math.sign(step) < 0;
  if (count > 0 && count <= Number.MAX_SAFE_INTEGER && !isBefore(count - 1)) {
    // Numbers that are rounded to stop. One or two mostly, any number of them where a step is less than a rounding.
    let known = 0;
    while (known < count) {
      const middle = Math.floor((known + count) / 2);
      if (isBefore(middle)) known = middle + 1;
      else count = middle;
    }
  }
  return vector("arange", count, (i) => start + i * step, alone ? (second ?? fourth) : fourth);
}

/**
 * Numbers at equal distances from start to stop, both included. See also {@link arange}.
 *
 * Shape: `[count]`, float64 unless `dtype` says otherwise.
 *
 * Value start + i (stop - start) / (count - 1), and exactly stop at the end; a count of 1 gives start.
 *
 * @param start - the first number
 * @param stop - the last number
 * @param count - how many
 * @param options - dtype: default float64
 * @returns a vector without history
 * @throws GradtapeError `argument/number`, `argument/integer`, `dtype/unknown`
 * @example
 * ```ts
 * import { linspace } from "gradtape";
 * linspace(0, 1, 5); // => [0, 0.25, 0.5, 0.75, 1]
 * ```
 */
export function linspace<const N extends number>(
  start: number,
  stop: number,
  count: N,
  options?: DtypeOption,
): Tensor<readonly [N]>;
export function linspace(start: number, stop: number, count: number, options?: DtypeOption): Tensor {
  refuseExtra("linspace", "start, stop, count, options", 4, arguments);
  const from = checkFinite("linspace", "start", start);
  const to = checkFinite("linspace", "stop", stop);
  const size = checkInteger("linspace", "count", count, 0);
  const step = Number.isFinite(to - from) ? (to - from) / (size - 1) : to / (size - 1) - from / (size - 1);
  // i * step can be larger than any number where from + i * step is not: then half of each.
  const at = (i: number): number => (Number.isFinite(i * step) ? from + i * step : 2 * (from / 2 + i * (step / 2)));
  return vector("linspace", size, (i) => (i > 0 && i === size - 1 ? to : i === 0 ? from : at(i)), options);
}
