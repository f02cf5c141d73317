// Rows of parameters that are looked up, and windows of them.
import {
  add,
  matmul,
  mean,
  mul,
  reshape,
  sin,
  slice,
  type Tensor,
  take,
  takeAlongAxis,
  tanh,
  transpose,
} from "gradtape";
import { ending, type Family, squares } from "./draw";

/** Rows of a table, of which a sample may look up one several times. */
const embedding: Family = (draw) => {
  const [width, classes, tokens] = draw.sizes;
  const count = draw.one([2, 9]);
  const end = ending(draw, classes);
  return {
    params: { table: draw.weights(count, width), w: draw.weights(width, classes) },
    batch: { i: draw.indices(count, tokens), ...end.batch },
    loss: (p, s) => end.loss(matmul(mean(tanh(take(p.table, s.i)), { axis: 0 }), p.w), s),
  };
};

/** The table in and out: first a table larger than all positions together, or a small one. */
const tiedEmbedding: Family = (draw) => {
  const [width, , tokens] = draw.sizes;
  const count = draw.one([3, 20]);
  const end = ending(draw, count, tokens);
  return {
    params: { table: draw.weights(count, width), w: draw.weights(width, width) },
    batch: { i: draw.indices(count, tokens), ...end.batch },
    loss: (p, s) => end.loss(matmul(tanh(matmul(take(p.table, s.i), p.w)), transpose(p.table)), s),
  };
};

/** Two columns of indices into one table, and a table that is made of parameters. */
const twoLookups: Family = (draw) => {
  const [width, , tokens] = draw.sizes;
  return {
    params: { table: draw.weights(5, width), s: draw.weights(width) },
    batch: { i: draw.indices(5, tokens), j: draw.indices(5) },
    loss: (p, s) => squares(sin(add(take(mul(p.table, p.s), s.i), take(p.table, s.j)))),
  };
};

/** The rows that a sample picks of a matrix, on the sample's vector. */
const sampledRows: Family = (draw) => {
  const [n, , count] = draw.sizes;
  return {
    params: { w: draw.weights(7, n), b: draw.weights(7) },
    batch: { x: draw.rows(n), i: draw.indices(7, count) },
    loss: (p, s) => squares(tanh(add(matmul(take(p.w, s.i), s.x), take(p.b, s.i)))),
  };
};

/** One number of each row of a parameter. */
const pickedNumbers: Family = (draw) => {
  const [n, m] = draw.sizes;
  return {
    params: { w: draw.weights(n, m) },
    batch: { i: draw.indices(m, n, 1), x: draw.rows(n, 1) },
    loss: (p, s) => squares(sin(mul(takeAlongAxis(p.w, s.i, { axis: 1 }), s.x))),
  };
};

/** All parameters in one vector. */
const flatVector: Family = (draw) => {
  const [n, m] = draw.sizes;
  const end = ending(draw, m);
  const [w, b, v] = [n * 3, n * 3 + 3, n * 3 + 3 + 3 * m];
  const part = (p: Tensor, start: number, stop: number): Tensor => slice(p, [{ start, stop }]);
  return {
    params: { flat: draw.weights(v) },
    batch: { x: draw.rows(n), ...end.batch },
    loss: ({ flat }, s) => {
      const hidden = tanh(add(matmul(s.x, reshape(part(flat, 0, w), [n, 3])), part(flat, w, b)));
      return end.loss(matmul(hidden, reshape(part(flat, b, v), [3, m])), s);
    },
  };
};

/** Windows of one vector that overlap, lie side by side, or take every second number. */
const windows: Family = (draw) => {
  const [n, m] = draw.sizes;
  const size = n * m;
  const [first, second] = draw.one([
    [
      { start: 0, stop: size },
      { start: 1, stop: size + 1 },
    ],
    [
      { start: 0, stop: size },
      { start: size, stop: 2 * size },
    ],
    [
      { start: 0, stop: 2 * size, step: 2 },
      { start: 1, stop: 2 * size, step: 2 },
    ],
    [
      { start: 0, stop: 2 * size, step: 2 },
      { start: 0, stop: size },
    ],
  ]);
  return {
    params: { flat: draw.weights(2 * size) },
    batch: { x: draw.rows(n) },
    loss: ({ flat }, s) => {
      const [a, b] = [first, second].map((part) => reshape(slice(flat, [part]), [n, m]));
      return squares(matmul(tanh(matmul(s.x, a)), transpose(b)));
    },
  };
};

/** Queries, keys and values from columns of one matrix. */
const fusedProjection: Family = (draw) => {
  const [n, , tokens] = draw.sizes;
  return {
    params: { w: draw.weights(n, 6) },
    batch: { x: draw.rows(tokens, n) },
    loss: (p, s) => {
      const part = (start: number): Tensor => matmul(s.x, slice(p.w, [{}, { start, stop: start + 2 }]));
      return squares(matmul(tanh(matmul(part(0), transpose(part(2)))), part(4)));
    },
  };
};

export const lookupFamilies: Readonly<Record<string, Family>> = {
  embedding,
  "tied embedding": tiedEmbedding,
  "two lookups": twoLookups,
  "sampled rows": sampledRows,
  "picked numbers": pickedNumbers,
  "flat vector": flatVector,
  windows,
  "fused projection": fusedProjection,
};
