import { type Shape, sizeOf } from "../../base/shape";
import type { Handle } from "../../core/tensor/handle";
import { permute } from "../movement/reshape-transpose";

/** Axes that are neighbors: so many, from `first` on. */
export interface NeighborAxes {
  readonly first: number;
  readonly count: number;
}

export const listOf = ({ first, count }: NeighborAxes): number[] => Array.from({ length: count }, (_, i) => first + i);

/** Elements that the axes hold, and elements behind them. */
export const rowsOf = (shape: Shape, { first, count }: NeighborAxes): [n: number, inner: number] => [
  sizeOf(shape.slice(first, first + count)),
  sizeOf(shape.slice(first + count)),
];

export const onNextAxis = <A extends NeighborAxes>(axes: A): A => ({ ...axes, first: axes.first + 1 });

/** The order of axes, ascending, in which they are neighbors: as they are, or brought together at the end. */
export function neighborOrder(rank: number, axes: readonly number[]): [NeighborAxes, order: number[] | null] {
  const count = axes.length;
  if (axes.every((axis, i) => axis === axes[0] + i)) return [{ first: axes[0] ?? 0, count }, null];
  const others = Array.from({ length: rank }, (_, i) => i).filter((axis) => !axes.includes(axis));
  return [{ first: rank - count, count }, [...others, ...axes]];
}

export const inOrder = (x: Handle, order: number[] | null): Handle => (order === null ? x : permute(x, order));
