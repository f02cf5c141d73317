import { foldKept, following } from "../../core/op/lazy-views";
import type { Lazy, Lower } from "../../core/op/lowering";
import { add, and, applied, choose, div, equal, type Formula, less, max, mul, or, sub } from "../../kernel/formula";
import { ADD_EXPONENT, EXPONENT_OF, TO_LOW_BITS } from "../../kernel/primitives";
import { FAR_BELOW } from "../../numeric/rows/row-sums";
import { countOf } from "../define/define-reduction";

/* What lowerings of rows, the elements over axes, have in common. */

const SMALLEST_NORMAL = 2 ** -1022;

/** a times b, where exactly 0 on either side gives 0. */
export const absorbing = (a: Formula, b: Formula): Formula => choose(or(equal(a, 0), equal(b, 0)), 0, mul(a, b));

/** The power of two below a size, by which rows of float64 are divided exactly; 1 for 0, Infinity and NaN. */
export const scaleOf = (on: Lower, size: Lazy): Lazy =>
  on.map(
    "float64",
    (x) => {
      const exponent = applied(EXPONENT_OF, max(x, SMALLEST_NORMAL));
      const power = applied(ADD_EXPONENT, 1, add(exponent, TO_LOW_BITS.float64 - 1));
      return choose(and(less(0, x), less(x, Infinity)), power, 1);
    },
    size,
  );

/** The first element of every row; the axes stay with size 1. */
export const firstOf = (on: Lower, x: Lazy, axes: readonly number[]): Lazy =>
  on.view(
    x,
    x.shape.map((size, i) => (axes.includes(i) ? 1 : size)),
    x.shape.map((_, i) => following(x.shape.length, axes.includes(i) ? -1 : i)),
  );

/** The sums of float64 over axes, which stay, divided by counts: a sum may leave the range, a mean does not. */
export const meansOfSums = (on: Lower, x: Lazy, axes: readonly number[], counts: Lazy): Lazy =>
  on.map(
    "float64",
    (sum, small, count) => choose(equal(sub(sum, sum), 0), div(sum, count), div(div(small, count), FAR_BELOW)),
    foldKept(on, "sum", x, axes),
    foldKept(
      on,
      "sum",
      on.map("float64", (element) => mul(element, FAR_BELOW), x),
      axes,
    ),
    counts,
  );

/** The means of rows of float64 that have elements, counted from the first on: exact where all are equal. */
export function meansFromFirst(on: Lower, x: Lazy, axes: readonly number[]): Lazy {
  const first = firstOf(on, x, axes);
  const count = countOf(x.shape, axes);
  const sum = foldKept(on, "sum", on.map("float64", sub, x, first), axes);
  return on.map("float64", (origin, total) => add(origin, div(total, count)), first, sum);
}
