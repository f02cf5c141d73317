import * as gt from "gradtape";
import type { Draw } from "../draw";
import { inputs, line, type Table } from "../line";

/** Draws one matrix after the other until one is far enough from where the op has no derivative. */
function accepted(d: Draw, rows: number, columns: number, good: (a: gt.Tensor) => boolean): gt.Tensor {
  for (;;) {
    const a = d.tensor([rows, columns]);
    if (good(a)) return a;
  }
}

/** Such matrices, on up to two leading axes. */
function batch(d: Draw, rows: number, columns: number, good: (a: gt.Tensor) => boolean): gt.Tensor {
  const lead = d.shape(0, 2).map((size) => Math.min(size, 2));
  const count = lead.reduce((product, size) => product * size, 1);
  const all = gt.stack(Array.from({ length: count }, () => accepted(d, rows, columns, good)));
  return gt.reshape(all, [...lead, rows, columns]);
}

const numbers = (x: gt.Tensor): number[] => Array.from(x.data);
const farApart = (x: readonly number[], gap: number): boolean =>
  x.every((a, i) => x.every((b, j) => i === j || Math.abs(a - b) > gap));

/** Whether the signs of vectors, the rows, are those of numbers that are the largest by far. */
const signsStand = (vectors: gt.Tensor): boolean =>
  gt.unstack(vectors).every((vector) => {
    const [first = 0, second = 0] = numbers(gt.abs(vector)).sort((a, b) => b - a);
    return first - second > 0.05;
  });

const separateEigen = (a: gt.Tensor): boolean => {
  const { values, vectors } = gt.linalg.eigh(a);
  return farApart(numbers(values), 0.3) && signsStand(gt.transpose(vectors));
};
const separateSingular = (a: gt.Tensor): boolean => {
  const { s, vt } = gt.linalg.svd(a);
  return farApart([0, ...numbers(s)], 0.3) && signsStand(vt);
};
const fullRank = (a: gt.Tensor): boolean => numbers(gt.linalg.svd(a).s).every((s) => s > 0.4);
const steadyDiagonal = (a: gt.Tensor): boolean => numbers(gt.diagonal(gt.linalg.qr(a).r)).every((x) => x > 0.3);
/** Sums of rows and of columns that do not tie, of numbers that are not 0. */
const separateSums = (a: gt.Tensor): boolean =>
  numbers(a).every((x) => Math.abs(x) > 0.1) &&
  [0, 1].every((axis) => farApart(numbers(gt.sum(gt.abs(a), { axis })), 0.1));

const any = (d: Draw, good: (a: gt.Tensor) => boolean): gt.Tensor => batch(d, d.integer(1, 3), d.integer(1, 3), good);

export const decompositions: Table = {
  "linalg.eigh": inputs(gt.linalg.eigh, (d) => {
    const n = d.integer(1, 3);
    return [batch(d, n, n, separateEigen)];
  }),
  "linalg.eigvalsh": inputs(gt.linalg.eigvalsh, (d) => {
    const n = d.integer(1, 3);
    return [batch(d, n, n, separateEigen)];
  }),
  "linalg.svd": inputs(gt.linalg.svd, (d) => [any(d, separateSingular)]),
  "linalg.qr": inputs(gt.linalg.qr, (d) => [any(d, steadyDiagonal)]),
  "linalg.pinv": inputs(gt.linalg.pinv, (d) => [any(d, fullRank)]),
  "linalg.lstsq": [
    inputs(gt.linalg.lstsq, (d) => {
      const [m, n] = [d.integer(1, 3), d.integer(1, 3)];
      return [batch(d, m, n, fullRank), d.tensor([m])];
    }),
    inputs(gt.linalg.lstsq, (d) => {
      const [m, n] = [d.integer(1, 3), d.integer(1, 3)];
      const lead = d.chance(0.5) ? [] : [d.integer(1, 2)];
      const a = accepted(d, m, n, fullRank);
      return [d.chance(0.5) ? a : gt.expandDims(a, { axis: 0 }), d.tensor([...lead, m, d.integer(1, 2)])];
    }),
  ],
  "linalg.norm": [
    line(gt.linalg.norm, (d) => ({
      inputs: [any(d, separateSums)],
      attrs: { ord: d.choice(["fro", 1, Infinity, undefined] as const), keepDims: d.chance(0.5) },
    })),
    line(gt.linalg.norm, (d) => ({
      inputs: [any(d, separateSingular)],
      attrs: { ord: d.choice(["nuc", 2] as const) },
    })),
  ],
};
