import type { Dtype } from "../base/dtype";
import { describe, fail } from "../base/errors";
import { checkChoice, checkNumber, checkOptions } from "../base/options";
import { checkInteger } from "../base/shape";
import { type Handle, toHandle } from "../core/handle";
import type { Tensor } from "../core/tensor";
import { unsee, wholeOf } from "./window";

/** Widths of every axis from what the user wrote. */
function checkWidths(widths: unknown, rank: number): readonly (readonly [number, number])[] {
  if (typeof widths === "number") {
    const width = checkInteger("pad", "widths", widths, 0);
    return Array.from({ length: rank }, () => [width, width]);
  }
  if (!Array.isArray(widths) || widths.length !== rank || !widths.every((w) => Array.isArray(w) && w.length === 2)) {
    return fail(
      "argument/pad",
      `pad: widths are a number or ${rank} pairs [before, after], one per axis, got ${describe(widths)}.`,
      { received: widths, rank },
    );
  }
  return widths.map(([before, after], i) => [
    checkInteger("pad", `widths[${i}][0]`, before, 0),
    checkInteger("pad", `widths[${i}][1]`, after, 0),
  ]);
}

/** The value to pad with, one that the dtype can hold. */
function checkValue(value: unknown, dtype: Dtype): number {
  if (dtype === "int32") return checkInteger("pad", "value", value, -(2 ** 31), 2 ** 31 - 1);
  if (dtype === "bool") return checkInteger("pad", "value", value, 0, 1);
  return typeof value === "number" ? value : checkNumber("pad", "value", value, -Infinity, Infinity);
}

function padded(x: Handle, widths: readonly (readonly [number, number])[], value: number): Handle {
  if (widths.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = x.shape.map((size, i) => widths[i][0] + size + widths[i][1]);
  return unsee(x, { window: { ...wholeOf(x.shape), starts: widths.map(([before]) => before) }, shape, value });
}

/**
 * Puts a border around x.
 *
 * Shape: `T[...S] -> T[...S plus before plus after]`
 *
 * The border is constant, so the derivative takes the cotangent of the inner part. The modes "reflect" and
 * "replicate" are not there yet.
 *
 * @param x - a tensor of any dtype
 * @param widths - a pair `[before, after]` per axis, or one number for all sides
 * @param options - mode: "constant"; value: what the border is made of, default 0
 * @returns x with its border, of the dtype of x
 * @throws GradtapeError `argument/pad` for widths of another form, `argument/integer` for widths that are not integers
 *   >= 0 or a value that the dtype cannot hold, `option/choice` for a mode that is not there
 * @example
 * ```ts
 * import { pad, tensor } from "gradtape";
 * pad(tensor([1, 2]), [[1, 2]]); // => [0, 1, 2, 0, 0]
 * pad(tensor([[1]]), 1, { value: 7 }); // => [[7, 7, 7], [7, 1, 7], [7, 7, 7]]
 * ```
 */
export function pad(
  x: Tensor,
  widths: number | readonly (readonly [before: number, after: number])[],
  options?: { readonly mode?: "constant" | "reflect" | "replicate" | undefined; readonly value?: number | undefined },
): Tensor {
  const from = toHandle("pad", x);
  checkOptions("pad", options, ["mode", "value"]);
  checkChoice("pad", "mode", options?.mode ?? "constant", ["constant"]);
  const value = checkValue(options?.value ?? 0, from.dtype);
  return padded(from, checkWidths(widths, from.rank), value);
}
