import { type Shape, sizeOf, stridesOf } from "./shape";

/** The elements of more axes are not printed. */
const AXES = 32;
/** Above so many elements a tensor is summarized: EDGE items at both ends of every axis. */
const FULL = 100;
const EDGE = 3;

/**
 * A tensor as text: dtype, shape and elements, such as `Tensor<float64>[2, 2] [[1, 2],\n [3, 4]]`.
 *
 * Numbers have up to six significant digits and are aligned in columns; of more than 100 elements the first and last
 * three along every axis are shown, of more than 32 axes none. If there are no elements (data is null), a label stands in their place.
 *
 * @param data - the elements by rows; for "bool" 0 is false and all else true
 * @param symbolicLabel - what to print instead of elements when there are none
 * @internal
 */
export function formatTensor(
  shape: Shape,
  dtype: string,
  data: ArrayLike<number> | null,
  symbolicLabel = "symbolic",
): string {
  const head = `Tensor<${dtype}>[${shape.join(", ")}]`;
  if (data === null) return `${head} ${symbolicLabel}`;
  if (shape.length > AXES) return `${head} …`;
  const strides = stridesOf(shape);
  const summarize = sizeOf(shape) > FULL || shape.some((length) => length > FULL);
  const shown = shape.map((length) => visible(length, summarize));
  const print = (position: number) => (dtype === "bool" ? String(data[position] !== 0) : formatNumber(data[position]));

  const widest = (axis: number, start: number): number => {
    if (axis === shape.length) return print(start).length;
    return Math.max(0, ...shown[axis].map((i) => (i < 0 ? 0 : widest(axis + 1, start + i * strides[axis]))));
  };
  // Only what has columns is aligned: matrices and above.
  const width = shape.length > 1 ? widest(0, 0) : 0;

  const rows = (axis: number, start: number): string => {
    if (axis === shape.length) return print(start).padStart(width);
    const items = shown[axis].map((i) => (i < 0 ? "…" : rows(axis + 1, start + i * strides[axis])));
    // A vector stays on one line; the rows of a matrix start new lines, what has more axes leaves blank ones between.
    const inner = shape.length - axis - 1;
    return `[${items.join(inner === 0 ? ", " : `,${"\n".repeat(inner)}${" ".repeat(axis + 1)}`)}]`;
  };
  return `${head} ${rows(0, 0)}`;
}

/** The indices shown along an axis; -1 stands for those left out. */
function visible(length: number, summarize: boolean): number[] {
  if (!summarize || length <= 2 * EDGE) return Array.from({ length }, (_, i) => i);
  return [0, 1, 2, -1, length - 3, length - 2, length - 1];
}

/** A number in its shortest form of at most six significant digits; -0 keeps its sign, safe integers all their digits. @internal */
export function formatNumber(x: number): string {
  if (Object.is(x, -0)) return "-0";
  if (Number.isSafeInteger(x)) return String(x);
  const text = x.toPrecision(6);
  return text.includes("e") ? text.replace(/\.?0+e/, "e") : String(Number(text));
}

/** Numbers so that two that differ look different. @internal */
export const digits = (x: number): string => (Object.is(x, -0) ? "-0" : String(Number(x.toPrecision(12))));

/** A number as part of a key, in which 0 and -0 differ. @internal */
export const keyOfNumber = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));
