import { allocatingFor } from "../../base/allocate";
import type { Dtype } from "../../base/dtype";
import { describe, fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkChoice, checkNumber, checkOptions } from "../../base/options";
import { checkInteger } from "../../base/shape";
import { type Handle, makeTensor } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { toHandle } from "../../core/tensor/tensor-argument";
import { stridedPad, wholeOf } from "../movement/strided-window";
import { alongAxis } from "./along-axis";
import { gatherAlong } from "./gather-scatter-op";

type Widths = readonly (readonly [before: number, after: number])[];

/** Widths of every axis from what the user wrote. */
function checkWidths(widths: unknown, rank: number): Widths {
  if (typeof widths === "number") {
    const width = checkInteger("pad", "widths", widths, 0);
    return Array.from({ length: rank }, () => [width, width]);
  }
  if (
    !Array.isArray(widths) ||
    widths.length !== rank ||
    !Array.from(widths).every((w) => Array.isArray(w) && w.length === 2)
  ) {
    return fail(
      "argument/pad",
      `pad: widths must be a number or ${rank} ${rank === 1 ? "pair" : "pairs"} [before, after], one per axis, got ${describe(widths)}.`,
      { received: widths, rank },
      "[0, 0] leaves an axis as it is.",
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

function bordered(x: Handle, widths: Widths, value: number): Handle {
  if (widths.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = x.shape.map((size, i) => widths[i][0] + size + widths[i][1]);
  return stridedPad(x, { window: { ...wholeOf(x.shape), starts: widths.map(([before]) => before) }, shape, value });
}

/** Where a position counted from the first element of x stands, if x goes back and forth between its edges. */
function reflected(position: number, size: number): number {
  const period = Math.max(1, 2 * (size - 1));
  const place = ((position % period) + period) % period;
  return place < size ? place : period - place;
}
const replicated = (position: number, size: number): number => Math.min(size - 1, Math.max(0, position));

/** A border of elements of x itself, axis by axis. */
function continued(x: Handle, widths: Widths, placeOf: (position: number, size: number) => number): Handle {
  return widths.reduce((y, [before, after], axis) => {
    const size = x.shape[axis];
    if (before + after === 0) return y;
    if (size === 0) {
      fail(
        "shape/empty-axis",
        `pad: axis ${axis} of shape ${list(x.shape)} is empty and has nothing to continue.`,
        { shape: x.shape, axis },
        'Use the mode "constant", or check the size first.',
      );
    }
    const places = Int32Array.from({ length: before + size + after }, (_, i) => placeOf(i - before, size));
    return gatherAlong(y, makeTensor([places.length], "int32", places), alongAxis("pad", axis));
  }, x);
}

/**
 * Puts a border around x.
 *
 * Shape: `T[...S] -> T[...S plus before plus after]`
 *
 * The border is a constant, or x continued: "replicate" repeats the edge, "reflect" mirrors x at its edge, which is not
 * repeated (a wide border goes back and forth, as in NumPy). The derivative takes the cotangent of the inner part, and
 * adds to it that of the border where the border was taken from x.
 *
 * @param x - a tensor of any dtype
 * @param widths - a pair `[before, after]` per axis, or one number for all sides
 * @param options - mode: "constant" (default), "reflect" or "replicate"; value: what a constant border is made of,
 *   default 0
 * @returns x with its border, of the dtype of x
 * @throws GradtapeError `argument/pad` for widths of another form, `argument/integer` for widths that are not integers
 *   >= 0 or a value that the dtype cannot hold, `option/choice` for a mode that is not there, `shape/empty-axis` for an
 *   empty axis that is to be continued
 * @example
 * ```ts
 * import { pad, tensor } from "gradtape";
 * pad(tensor([1, 2]), [[1, 2]]); // => [0, 1, 2, 0, 0]
 * pad(tensor([[1]]), 1, { value: 7 }); // => [[7, 7, 7], [7, 1, 7], [7, 7, 7]]
 * pad(tensor([1, 2, 3]), 2, { mode: "reflect" }); // => [3, 2, 1, 2, 3, 2, 1]
 * pad(tensor([1, 2, 3]), 2, { mode: "replicate" }); // => [1, 1, 1, 2, 3, 3, 3]
 * ```
 */
export function pad(
  x: Tensor,
  widths: number | readonly (readonly [before: number, after: number])[],
  options?: { readonly mode?: "constant" | "reflect" | "replicate" | undefined; readonly value?: number | undefined },
): Tensor {
  refuseExtra("pad", "x, widths, options", 3, arguments);
  const from = toHandle("pad", x);
  checkOptions("pad", options, ["mode", "value"]);
  const mode = checkChoice("pad", "mode", options?.mode ?? "constant", ["constant", "reflect", "replicate"]);
  const value = checkValue(options?.value ?? 0, from.dtype);
  const checked = checkWidths(widths, from.rank);
  return allocatingFor("pad", () =>
    mode === "constant"
      ? bordered(from, checked, value)
      : continued(from, checked, mode === "reflect" ? reflected : replicated),
  );
}
