import { castTo, sumAxes } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import { asHandle } from "../../core/tensor/value";
import { selectBroadcast } from "../elementwise/select";

/** x where the mask is true, elsewhere a number that makes no difference; there the derivative is exactly 0. */
export const filled = (x: Handle, mask: Handle | null, neutral: number): Handle =>
  mask === null ? x : selectBroadcast(mask, x, asHandle(neutral, x.dtype));

/** How many elements the mask leaves over axes, as int32. */
export const countsOf = (mask: Handle, axes: readonly number[]): Handle => sumAxes(mask, axes);

/** y where anything counts, a number with derivative 0 elsewhere. */
export const whereCounted = (counts: Handle, y: Handle, neutral: number): Handle =>
  selectBroadcast(castTo(counts, "bool"), y, asHandle(neutral, y.dtype));
