import { accumulate, divideBy, reshapeTo } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Value } from "../../core/tensor/tensor";
import { asHandle } from "../../core/tensor/value";
import { minus, mul } from "../elementwise/arithmetic";
import { transposed } from "./matrix-arguments";

/** What formulas of matrices are written with. */

/** A vector, or vectors on leading axes, as matrices of one row: multiplied by it, columns are scaled. */
export const asRow = (x: Handle): Handle => reshapeTo(x, [...x.shape.slice(0, -1), 1, x.shape[x.shape.length - 1]]);

/** A vector, or vectors on leading axes, as matrices of one column: multiplied by it, rows are scaled. */
export const asColumn = (x: Handle): Handle => reshapeTo(x, [...x.shape, 1]);

/** Element by element, with broadcasting. */
export const scaled = (x: Handle, factors: Value): Handle => asHandle(mul(x, factors));

/** (x + xᵀ) / 2 */
export const symmetricPart = (x: Handle): Handle => divideBy(accumulate(x, transposed(x)), 2);

/** (x - xᵀ) / 2 */
export const skewPart = (x: Handle): Handle => divideBy(minus(x, transposed(x)), 2);
