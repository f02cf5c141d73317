import type { Handle } from "../tensor/handle";
import type { Value } from "../tensor/tensor";
import type { CoreOp, Residuals } from "./op";
import type { Partial } from "./scalar-ops";
import { accumulate, broadcastToShape, castTo, sumToShape } from "./sweep-ops";

/*
 * The rules of ops, as sweeps call them. Elementwise ops bring partial derivatives and no rules: both follow here, so that a program
 * that differentiates nothing carries no rules of theirs.
 */

/** A cotangent or tangent times the partial derivative by input k; null: zero. */
function scaled(op: CoreOp, k: number, bar: Handle, { inputs, outputs }: Residuals): Handle | null {
  const partial: Partial = k === 0 ? op.partialA : op.partialB;
  if (partial === 0) return null;
  if (partial === 1) return bar;
  return op.times(bar, typeof partial === "number" ? partial : partial(inputs[0], inputs[1], outputs[0]));
}

/** Cotangents of the wanted inputs of an op, null where there is none. */
export function pullThrough(
  op: CoreOp,
  r: Residuals,
  yBars: readonly (Handle | null)[],
  wanted: readonly boolean[],
): readonly (Value | null)[] {
  if (op.pullback !== undefined) return op.pullback(r, yBars, wanted);
  const yBar = yBars[0];
  const xBars = new Array<Handle | null>(r.inputs.length).fill(null);
  for (let k = 0; k < xBars.length; k++) {
    const bar = wanted[k] && yBar !== null ? scaled(op, k, yBar, r) : null;
    if (bar === null) continue;
    const x = r.inputs[k];
    // A number is summed as float64, before it is rounded to its dtype.
    xBars[k] = castTo(sumToShape(x.dtype === "float64" ? castTo(bar, "float64") : bar, x.shape), x.dtype);
  }
  return xBars;
}

/** Tangents of the outputs of an op, null where they are zero. */
export function pushThrough(op: CoreOp, r: Residuals, xDots: readonly (Handle | null)[]): readonly (Value | null)[] {
  if (op.pushforward !== undefined) return op.pushforward(r, xDots);
  const [y] = r.outputs;
  let sum: Handle | null = null;
  for (let k = 0; k < xDots.length; k++) {
    const xDot = xDots[k];
    const dot = xDot && scaled(op, k, xDot, r);
    if (dot === null) continue;
    const whole = castTo(broadcastToShape(dot, y.shape), y.dtype);
    sum = sum === null ? whole : accumulate(sum, whole);
  }
  return [sum];
}
