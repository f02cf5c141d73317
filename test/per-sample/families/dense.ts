// Models of dense layers: plain, tied, and with weights that are made of parameters.
import {
  add,
  div,
  exp,
  matmul,
  mul,
  norm,
  relu,
  type Scalar,
  sigmoid,
  sin,
  softmax,
  softplus,
  type Tensor,
  tanh,
  transpose,
} from "gradtape";
import { type Draw, ending, type Family, type Params, squares } from "./draw";

const activations: readonly ((x: Tensor) => Tensor)[] = [tanh, sigmoid, relu, softplus, sin];

/** One to three layers, on a vector or on several positions, with biases or without. */
const layers: Family = (draw) => {
  const [n, m, positions] = draw.sizes;
  const hidden = Array.from({ length: draw.one([0, 1, 2]) }, () => draw.one([1, 3, 5]));
  const widths = [n, ...hidden, m];
  const count = widths.length - 1;
  const at = draw.one([[], [positions]]);
  const biased = draw.one([true, false]);
  const acts = widths.map(() => draw.one(activations));
  const params: Record<string, Tensor> = {};
  for (let l = 0; l < count; l++) {
    params[`w${l}`] = draw.weights(widths[l], widths[l + 1]);
    if (biased) params[`b${l}`] = draw.weights(widths[l + 1]);
  }
  const end = ending(draw, m, ...at);
  return {
    params,
    batch: { x: draw.rows(...at, n), ...end.batch },
    loss: (p, s) => {
      let { x } = s;
      for (let l = 0; l < count; l++) {
        x = matmul(x, p[`w${l}`]);
        if (biased) x = add(x, p[`b${l}`]);
        if (l < count - 1) x = acts[l](x);
      }
      return end.loss(x, s);
    },
  };
};

/** A layer on so few positions of so many numbers, or the other way round, that one form is the cheap one. */
const positions: Family = (draw) => {
  const [few, many] = [draw.one([1, 2]), draw.one([6, 9])];
  const [t, width] = draw.one([
    [few, many],
    [many, few],
  ]);
  const end = ending(draw, width, t);
  return {
    params: { w: draw.weights(width, width), b: draw.weights(width) },
    batch: { x: draw.rows(t, width), ...end.batch },
    loss: (p, s) => end.loss(tanh(add(matmul(s.x, p.w), p.b)), s),
  };
};

const biasOnly: Family = (draw) => {
  const [n] = draw.sizes;
  const end = ending(draw, n);
  return {
    params: { b: draw.weights(n) },
    batch: { x: draw.rows(n), ...end.batch },
    loss: (p, s) => end.loss(sin(add(s.x, p.b)), s),
  };
};

const tied: Family = (draw) => {
  const [n] = draw.sizes;
  const times = draw.one([2, 3]);
  return {
    params: { w: draw.weights(n, n) },
    batch: { x: draw.rows(n) },
    loss: (p, s) => {
      let { x } = s;
      for (let i = 0; i < times; i++) x = matmul(tanh(x), p.w);
      return squares(x);
    },
  };
};

const tiedTransposed: Family = (draw) => {
  const [n, m] = draw.sizes;
  const at = draw.one([[], [draw.sizes[2]]]);
  return {
    params: { w: draw.weights(n, m), b: draw.weights(n) },
    batch: { x: draw.rows(...at, n) },
    loss: (p, s) => squares(add(matmul(tanh(matmul(s.x, p.w)), transpose(p.w)), p.b)),
  };
};

/** A layer whose matrix is made of the parameters by `matrix`. */
const madeOf =
  (params: (draw: Draw, n: number, m: number) => Params, matrix: (p: Params) => Tensor): Family =>
  (draw) => {
    const [n, m, t] = draw.sizes;
    const at = draw.one([[], [t]]);
    const end = ending(draw, m, ...at);
    return {
      params: params(draw, n, m),
      batch: { x: draw.rows(...at, n), ...end.batch },
      loss: (p, s): Scalar => end.loss(tanh(matmul(s.x, matrix(p))), s),
    };
  };

const lowRank = madeOf(
  (draw, n, m) => ({ u: draw.weights(n, 2), v: draw.weights(m, 2) }),
  (p) => matmul(p.u, transpose(p.v)),
);

const lowRankBeside = madeOf(
  (draw, n, m) => ({ w: draw.weights(n, m), u: draw.weights(n, 1), v: draw.weights(1, m) }),
  (p) => add(p.w, matmul(p.u, p.v)),
);

const scaled = madeOf(
  (draw, n, m) => ({ w: draw.weights(n, m), s: draw.weights(m) }),
  (p) => mul(p.w, exp(p.s)),
);

const normalized = madeOf(
  (draw, n, m) => ({ w: draw.weights(n, m), g: draw.weights(m) }),
  (p) => mul(div(p.w, add(0.1, norm(p.w, { axis: 0, keepDims: true }))), p.g),
);

const softmaxed = madeOf(
  (draw, n, m) => ({ w: draw.weights(n, m) }),
  (p) => softmax(p.w),
);

export const denseFamilies: Readonly<Record<string, Family>> = {
  "dense layers": layers,
  "dense, few or many positions": positions,
  "bias only": biasOnly,
  "tied weights": tied,
  "tied weights, transposed": tiedTransposed,
  "low rank": lowRank,
  "low rank beside a matrix": lowRankBeside,
  "scaled weights": scaled,
  "normalized weights": normalized,
  "softmaxed weights": softmaxed,
};
