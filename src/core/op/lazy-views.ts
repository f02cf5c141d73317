import { reducedShape, type Shape } from "../../base/shape";
import type { Along, Lazy, Lower } from "./op";

/* Ways of reading lazy arrays, and of folding them, that many ops have in common. */

/** An axis that follows axis j of a view of so many axes, by steps; -1: it stays where it starts. */
export const following = (rank: number, j: number, step = 1, start = 0): Along => ({
  start,
  coef: Array.from({ length: rank }, (_, i) => (i === j ? step : 0)),
});

/** x repeated along new leading axes and along axes of size 1. */
export function repeated(on: Lower, x: Lazy, shape: Shape): Lazy {
  const lead = shape.length - x.shape.length;
  return on.view(
    x,
    shape,
    x.shape.map((size, i) => following(shape.length, size === 1 ? -1 : lead + i)),
  );
}

/** The part of x from `start` on along an axis. */
export const partOf = (on: Lower, x: Lazy, axis: number, start: number, size: number): Lazy =>
  on.view(
    x,
    x.shape.map((whole, i) => (i === axis ? size : whole)),
    x.shape.map((_, i) => following(x.shape.length, i, 1, i === axis ? start : 0)),
  );

/** A fold over axes, which stay with size 1. */
export const foldKept = (on: Lower, by: "sum" | "max" | "min", x: Lazy, axes: readonly number[]): Lazy =>
  on.reshape(on.fold(by, x, axes), reducedShape(x.shape, axes, true));
