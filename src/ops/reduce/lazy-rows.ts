import { foldKept, following } from "../../core/op/lazy-views";
import type { Lazy, Lower } from "../../core/op/op";
import {
  add,
  and,
  applied,
  choose,
  div,
  equal,
  type Formula,
  less,
  max,
  min,
  mul,
  or,
  sub,
} from "../../kernel/formula";
import { ADD_EXPONENT, EXPONENT_OF, TO_LOW_BITS } from "../../kernel/primitives";
import { FAR_BELOW } from "../../numeric/rows/row-sums";
import { countOf } from "../define/define-reduction";

/* What lowerings of rows, the elements over axes, have in common. */

/** Powers of two that float64 holds as normal numbers. */
const LOWEST = 2 ** -1022;
const HIGHEST = 2 ** 1023;

/** a times b, where exactly 0 on either side gives 0. */
export const absorbing = (a: Formula, b: Formula): Formula => choose(or(equal(a, 0), equal(b, 0)), 0, mul(a, b));

/** The power of two next to a size, by which rows of float64 are divided exactly; 1 for 0, Infinity and NaN. */
export const scaleOf = (on: Lower, size: Lazy): Lazy =>
  on.map(
    "float64",
    (x) => {
      const exponent = applied(EXPONENT_OF, min(max(x, LOWEST), HIGHEST));
      const power = applied(ADD_EXPONENT, 1, add(exponent, TO_LOW_BITS.float64));
      return choose(and(less(0, x), less(x, Infinity)), power, 1);
    },
    size,
  );

/** The first element of every row; the axes stay with size 1. */
const firstOf = (on: Lower, x: Lazy, axes: readonly number[]): Lazy =>
  on.view(
    x,
    x.shape.map((size, i) => (axes.includes(i) ? 1 : size)),
    x.shape.map((_, i) => following(x.shape.length, axes.includes(i) ? -1 : i)),
  );

/** The sums over axes of elements that are so small that no sum leaves the range. */
const smallSums = (on: Lower, x: Lazy, axes: readonly number[]): Lazy =>
  foldKept(
    on,
    "sum",
    on.map("float64", (element) => mul(element, FAR_BELOW), x),
    axes,
  );

/** a where it is a finite number; else b, the same of sums of small elements. */
const finiteOr = (a: Formula, b: Formula): Formula => choose(equal(sub(a, a), 0), a, b);
const fromSmall = (small: Formula, count: Formula): Formula => div(div(small, count), FAR_BELOW);

/** The sums of float64 over axes, which stay, divided by counts: a sum may leave the range, a mean does not. */
export const meansOfSums = (on: Lower, x: Lazy, axes: readonly number[], counts: Lazy): Lazy =>
  on.map(
    "float64",
    (sum, small, count) => choose(equal(sub(sum, sum), 0), div(sum, count), fromSmall(small, count)),
    foldKept(on, "sum", x, axes),
    smallSums(on, x, axes),
    counts,
  );

/**
 * The means of rows that have elements, as float64: exact where all are equal. Those of float64 are counted from the first
 * element on, and from small elements where that is not finite, unless rows are `bounded`; sums of float32 are exact enough.
 */
export function exactMeans(on: Lower, x: Lazy, axes: readonly number[], bounded: boolean): Lazy {
  const count = on.number(countOf(x.shape, axes), "float64");
  if (x.dtype === "float32") return on.map("float64", div, foldKept(on, "sum", on.cast(x, "float64"), axes), count);
  const first = firstOf(on, x, axes);
  const sums = foldKept(on, "sum", on.map("float64", sub, x, first), axes);
  const means = on.map("float64", (origin, sum, n) => add(origin, div(sum, n)), first, sums, count);
  if (bounded) return means;
  return on.map("float64", finiteOr, means, on.map("float64", fromSmall, smallSums(on, x, axes), count));
}
