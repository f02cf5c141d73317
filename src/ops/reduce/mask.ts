import { castTo, sumAxes } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import { asHandle } from "../../core/tensor/value";
import { select } from "../elementwise/arithmetic";
import { equal } from "../elementwise/comparison";

/** x where the mask is true, elsewhere a number that makes no difference; there the derivative is exactly 0. */
export const filled = (x: Handle, mask: Handle | null, neutral: number): Handle =>
  mask === null ? x : castTo(asHandle(select(mask, x, neutral)), x.dtype);

/** How many elements the mask leaves over axes, as int32. */
export const countsOf = (mask: Handle, axes: readonly number[]): Handle => sumAxes(mask, axes);

/** y where anything counts, NaN with derivative 0 elsewhere. */
export const orNaN = (y: Handle, counts: Handle): Handle => asHandle(select(equal(counts, 0), Number.NaN, y));
