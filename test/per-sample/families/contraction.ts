// Sums of products: einsum of two, three and four operands, bilinear forms.
import { einsum, mul, type Scalar, square, sub, tanh } from "gradtape";
import { type Family, squares } from "./draw";

/** Two operands: a parameter with a sample, in every arrangement of their axes. */
const two: Family = (draw) => {
  const [i, j, t] = draw.sizes;
  const [equation, w, x] = draw.one([
    ["ij,tj->ti", [i, j], [t, j]],
    ["ij,tj->it", [i, j], [t, j]],
    ["ji,tj->i", [j, i], [t, j]],
    ["ij,jt->", [i, j], [j, t]],
    ["tij,tj->ti", [t, i, j], [t, j]],
    ["tij,tj->ij", [t, i, j], [t, j]],
    ["ii,ti->t", [i, i], [t, i]],
    ["i,t->it", [i], [t]],
  ] as const);
  return {
    params: { w: draw.weights(...w) },
    batch: { x: draw.rows(...x) },
    loss: (p, s) => squares(tanh(einsum(equation, p.w, s.x))),
  };
};

/** Three operands, two of them parameters, or one with two of the sample. */
const three: Family = (draw) => {
  const [i, j, k] = draw.sizes;
  if (draw.one([true, false])) {
    return {
      params: { a: draw.weights(i, j), b: draw.weights(j, k) },
      batch: { x: draw.rows(i), y: draw.rows(k) },
      loss: (p, s) => squares(tanh(sub(einsum("i,ij,jk->k", s.x, p.a, p.b), s.y))),
    };
  }
  return {
    params: { w: draw.weights(i, j) },
    batch: { x: draw.rows(k, i), y: draw.rows(k, j) },
    loss: (p, s) => squares(tanh(einsum("ti,ij,tj->t", s.x, p.w, s.y))),
  };
};

const chain: Family = (draw) => {
  const [i, j, k] = draw.sizes;
  return {
    params: { a: draw.weights(i, j), b: draw.weights(j, k) },
    batch: { x: draw.rows(i), y: draw.rows(k) },
    loss: (p, s): Scalar => square(einsum("i,ij,jk,k->", s.x, p.a, p.b, s.y)),
  };
};

/** A matrix for each output. */
const bilinear: Family = (draw) => {
  const [i, j, k] = draw.sizes;
  const at = draw.one(["", "t"]);
  const positions = at === "" ? [] : [2];
  return {
    params: { w: draw.weights(i, j, k) },
    batch: { x: draw.rows(...positions, i), y: draw.rows(...positions, j) },
    loss: (p, s) => squares(tanh(einsum(`${at}i,ijk,${at}j->${at}k`, s.x, p.w, s.y))),
  };
};

/** Elementwise products, which broadcast: gains. */
const gains: Family = (draw) => {
  const [n, , t] = draw.sizes;
  return {
    params: { row: draw.weights(n), column: draw.weights(t, 1), all: draw.weights(t, n) },
    batch: { x: draw.rows(t, n) },
    loss: (p, s) => squares(tanh(mul(mul(mul(s.x, p.row), p.column), p.all))),
  };
};

export const contractionFamilies: Readonly<Record<string, Family>> = {
  "einsum of two": two,
  "einsum of three": three,
  "einsum of a chain": chain,
  "bilinear form": bilinear,
  gains,
};
