import { fail, list } from "../../base/errors";
import { broadcastShapes, type Shape } from "../../base/shape";
import { broadcastToShape } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import { spreadTo } from "../movement/reshape-transpose";
import type { Along } from "./gather-scatter-op";

/** Indices that all other axes share. */
export const alongAxis = (where: string, axis: number): Along => ({ where, axis, lead: 0, trail: 0 });

/** Indices of their own for every position on the other axes. */
export const alongEvery = (where: string, axis: number, rank: number): Along => ({
  where,
  axis,
  lead: axis,
  trail: rank - 1 - axis,
});

/** The shape with another size on one axis. */
const withSize = (shape: Shape, axis: number, size: number): Shape => shape.map((s, i) => (i === axis ? size : s));

function checkRanks(where: string, x: Handle, indices: Handle): void {
  if (x.rank === indices.rank) return;
  fail(
    "shape/rank",
    `${where}: indices must have as many axes as x, got shape ${list(indices.shape)} for x of shape ${list(x.shape)}.`,
    { indices: indices.shape, x: x.shape },
    where.startsWith("take") ? "For whole slices use take." : "For whole slices use scatterAdd.",
  );
}

/** x and indices of the same rank, broadcast to each other on all axes but one. */
export function spreadOthers(where: string, x: Handle, indices: Handle, axis: number): [x: Handle, indices: Handle] {
  checkRanks(where, x, indices);
  const shape = broadcastShapes(where, withSize(x.shape, axis, 1), withSize(indices.shape, axis, 1));
  return [
    broadcastToShape(x, withSize(shape, axis, x.shape[axis])),
    broadcastToShape(indices, withSize(shape, axis, indices.shape[axis])),
  ];
}

/** Indices of the rank of x, broadcast to x on all axes but one. */
export function spreadIndices(where: string, x: Handle, indices: Handle, axis: number): Handle {
  checkRanks(where, x, indices);
  return spreadTo(where, indices, withSize(x.shape, axis, indices.shape[axis]), "indices");
}
