import { epsilonOf } from "../../base/dtype";
import { type Handle, makeFilled } from "../../core/tensor/handle";
import { asHandle } from "../../core/tensor/value";
import { type Binary, makeBinary } from "../define/define-elementwise";
import { stopGradientOf } from "../define/stop-gradient-op";
import { abs, add, minus, mul, neg, square } from "../elementwise/arithmetic";
import { lessEqual } from "../elementwise/comparison";
import { select } from "../elementwise/select";
import { max } from "../reduce/reduction";
import { asColumn, asRow } from "./matrix-algebra";

/*
 * What derivatives of decompositions divide by. Values that agree to rounding count as equal, small ones as 0, and what
 * would be divided by 0 counts as 0: values that are equal, or 0, come out so only to rounding.
 */

/** Rounding errors of the values of a matrix whose longer side is `size`; kept as size 1 on the last axis. */
export function roundingOf(values: Handle, size: number): Handle {
  const shape = [...values.shape.slice(0, -1), 1];
  if (values.shape[values.shape.length - 1] === 0) return makeFilled(shape, values.dtype, 0);
  const largest = max(asHandle(abs(stopGradientOf(values))), { axis: -1, keepDims: true });
  return asHandle(mul(largest, size * epsilonOf(values.dtype)));
}

/** 1 / x, and 0 where |x| <= rounding. */
const INVERSE: Binary = /* @__PURE__ */ makeBinary({
  name: "inverseOrZero",
  value: (x, rounding) => (Math.abs(x) <= rounding ? 0 : 1 / x),
  derivatives: [(_, __, y) => neg(square(y)), 0],
});

/** 1 / x, and 0 where x is 0. */
export const inverseOf = (x: Handle, rounding: Handle): Handle => asHandle(INVERSE(x, rounding));

/** 1 / (x_j - x_i) in row i and column j, and 0 where the two are equal. */
export const inverseGaps = (x: Handle, rounding: Handle): Handle =>
  inverseOf(minus(asRow(x), asColumn(x)), asColumn(rounding));

/** 1 / (x_i + x_j) in row i and column j, and 0 where the sum is 0. */
export const inverseSums = (x: Handle, rounding: Handle): Handle =>
  inverseOf(asHandle(add(asRow(x), asColumn(x))), asColumn(rounding));

/** y, and 0 where x >= 0 is 0: the policy of abs at its kink. */
export const awayFromZero = (y: Handle, x: Handle, rounding: Handle): Handle =>
  asHandle(select(lessEqual(x, rounding), 0, y));
