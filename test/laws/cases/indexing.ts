import * as gt from "gradtape";
import type { Draw } from "../draw";
import { line, type Table } from "../line";

const replaced = (shape: readonly number[], axis: number, by: readonly number[]) => {
  const at = axis < 0 ? axis + shape.length : axis;
  return [...shape.slice(0, at), ...by, ...shape.slice(at + 1)];
};

/** A tensor, an axis of it, and indices of any shape along that axis. */
function indexed(d: Draw, indicesShape: (shape: number[], axis: number) => number[]) {
  const shape = d.shape(1);
  const axis = d.axis(shape.length);
  const size = shape.at(axis) as number;
  return { shape, axis, indices: d.integers(indicesShape(shape, axis), -size, size - 1) };
}

const square = (d: Draw) => [...d.shape(0, 1), d.integer(1, 4), d.integer(1, 4)];
const diagonal = (d: Draw) => ({ k: d.integer(-3, 3) });

/** A tensor, indices along an axis of it, and updates for them. */
function scattered(d: Draw) {
  const { shape, axis, indices } = indexed(d, () => d.shape(0, 2));
  return { inputs: [d.tensor(shape), indices, d.tensor(replaced(shape, axis, indices.shape))], attrs: { axis } };
}

/** The same, of which no two numbers are near each other. */
function scatteredFar(d: Draw) {
  const { shape, axis, indices } = indexed(d, () => d.shape(0, 2));
  const updates = replaced(shape, axis, indices.shape);
  const [count, more] = [shape, updates].map((sizes) => sizes.reduce((product, size) => product * size, 1));
  const all = d.distinct([count + more]);
  const [x, u] = gt.split(all, [count, more]);
  return { inputs: [gt.reshape(x, shape), indices, gt.reshape(u, updates)], attrs: { axis } };
}

export const indexing: Table = {
  take: line(gt.take, (d) => {
    const { shape, axis, indices } = indexed(d, () => d.shape(0, 2));
    return { inputs: [d.tensor(shape), indices], attrs: { axis } };
  }),
  scatterAdd: line(gt.scatterAdd, scattered),
  scatterSet: line(gt.scatterSet, scattered),
  scatterMax: line(gt.scatterMax, scatteredFar),
  scatterMin: line(gt.scatterMin, scatteredFar),
  gather: line(
    (x: gt.Tensor, first: gt.Tensor, second: gt.Tensor, options: { axis: number }) =>
      gt.gather(x, [first, second], options),
    (d) => {
      const shape = d.shape(2);
      const axis = d.integer(0, shape.length - 2);
      const [left, right] = d.broadcastable();
      const along = (at: number, of: readonly number[]) => d.integers(of, -shape[at], shape[at] - 1);
      return { inputs: [d.tensor(shape), along(axis, left), along(axis + 1, right)], attrs: { axis } };
    },
  ),
  takeAlongAxis: line(gt.takeAlongAxis, (d) => {
    const { shape, axis, indices } = indexed(d, (whole, at) => replaced(whole, at, [d.integer(1, 3)]));
    return { inputs: [d.tensor(shape), indices], attrs: { axis } };
  }),
  scatterAddAlongAxis: line(gt.scatterAddAlongAxis, (d) => {
    const { shape, axis, indices } = indexed(d, (whole, at) => replaced(whole, at, [d.integer(1, 3)]));
    return { inputs: [d.tensor(shape), indices, d.tensor(indices.shape)], attrs: { axis } };
  }),
  oneHot: line(
    (indices: gt.Tensor, { size, ...options }: { size: number; axis: number }) => gt.oneHot(indices, size, options),
    (d) => {
      const shape = d.shape(0, 2);
      return { inputs: [d.integers(shape, 0, 3)], attrs: { size: 4, axis: d.axis(shape.length + 1) } };
    },
  ),
  diag: line(gt.diag, (d) => ({ inputs: [d.tensor([d.integer(1, 4)])], attrs: diagonal(d) })),
  diagonal: line(gt.diagonal, (d) => {
    const shape = square(d);
    return {
      inputs: [d.tensor(shape)],
      attrs: { k: d.integer(1 - (shape.at(-2) as number), (shape.at(-1) as number) - 1) },
    };
  }),
  tril: line(gt.tril, (d) => ({ inputs: [d.tensor(square(d))], attrs: diagonal(d) })),
  triu: line(gt.triu, (d) => ({ inputs: [d.tensor(square(d))], attrs: diagonal(d) })),
};
