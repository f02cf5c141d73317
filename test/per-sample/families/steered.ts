// Models with terms, branches and random numbers of a sample, and parameters of unusual kinds.
import {
  add,
  arange,
  cast,
  concat,
  cond,
  cumsum,
  dot,
  dropout,
  greater,
  layerNorm,
  matmul,
  mul,
  random,
  reshape,
  sin,
  softplus,
  stack,
  stopGradient,
  sum,
  type Tensor,
  tanh,
  vmap,
  where,
} from "gradtape";
import { ending, type Family, squares } from "./draw";

const layerNormGain: Family = (draw) => {
  const [n, , t] = draw.sizes;
  return {
    params: { gain: draw.weights(n + 1), shift: draw.weights(n + 1) },
    batch: { x: draw.rows(t, n + 1) },
    loss: (p, s) => squares(tanh(add(mul(layerNorm(s.x), p.gain), p.shift))),
  };
};

/** A term without the sample. */
const penalty: Family = (draw) => {
  const [n, m] = draw.sizes;
  const end = ending(draw, m);
  return {
    params: { w: draw.weights(n, m), b: draw.weights(m), alone: draw.weights(m) },
    batch: { x: draw.rows(n), ...end.batch },
    loss: (p, s) => {
      const own = end.loss(tanh(add(matmul(s.x, p.w), p.b)), s);
      return add(own, add(mul(0.3, squares(p.w)), sum(sin(p.alone))));
    },
  };
};

/** One of two losses, by a number of the sample. */
const branch: Family = (draw) => {
  const [n, m] = draw.sizes;
  return {
    params: { w: draw.weights(n, m), b: draw.weights(m) },
    batch: { x: draw.rows(n), choice: draw.rows() },
    loss: (p, s) =>
      cond(
        greater(s.choice, 0),
        (w: Tensor, b: Tensor) => squares(tanh(add(matmul(s.x, w), b))),
        (w: Tensor, b: Tensor) => add(sum(matmul(s.x, w)), mul(0.1, squares(b))),
        p.w,
        p.b,
      ),
  };
};

/** Weights and inputs that are dropped by a key of the sample's own. */
const dropped: Family = (draw) => {
  const [n, m] = draw.sizes;
  const end = ending(draw, m);
  const keys = random.fold(random.key(draw.one([1, 2, 3])), arange(draw.batchSize, { dtype: "int32" }));
  const weights = draw.one([true, false]);
  return {
    params: { w: draw.weights(n, m) },
    batch: { x: draw.rows(n), key: keys, ...end.batch },
    loss: (p, s) => {
      const drop = (x: Tensor): Tensor => dropout(s.key, x, { rate: 0.5 });
      return end.loss(weights ? tanh(matmul(s.x, drop(p.w))) : matmul(drop(tanh(s.x)), p.w), s);
    },
  };
};

const mappedInside: Family = (draw) => {
  const [n, m, t] = draw.sizes;
  return {
    params: { w: draw.weights(n, m), b: draw.weights(m) },
    batch: { x: draw.rows(t, n) },
    loss: (p, s) => squares(vmap((row: Tensor): Tensor => tanh(add(matmul(row, p.w), p.b)))(s.x)),
  };
};

/** A parameter that the loss does not use, and one that it uses without a derivative. */
const unused: Family = (draw) => {
  const [n, m] = draw.sizes;
  return {
    params: { w: draw.weights(n), unused: draw.weights(n, m), still: draw.weights(n) },
    batch: { x: draw.rows(n) },
    loss: (p, s) => dot(mul(p.w, stopGradient(p.still)), s.x),
  };
};

/** Parameters that are one number. */
const scalars: Family = (draw) => {
  const [n] = draw.sizes;
  return {
    params: { a: draw.weights(), w: draw.weights(n), c: draw.weights() },
    batch: { x: draw.rows(n), y: draw.rows() },
    loss: (p, s) => add(mul(p.a, dot(p.w, s.x)), mul(sin(p.c), s.y)),
  };
};

/** A float32 matrix beside float64 ones. */
const mixed: Family = (draw) => {
  const [n, m] = draw.sizes;
  const end = ending(draw, m);
  return {
    params: { w: cast(draw.weights(n, 3), "float32"), v: draw.weights(3, m) },
    batch: { x: draw.rows(n), ...end.batch },
    loss: (p, s) => end.loss(matmul(tanh(matmul(s.x, p.w)), p.v), s),
  };
};

/** Parameters in parts of larger tensors, some numbers of which only some samples use. */
const arranged: Family = (draw) => {
  const [n, m] = draw.sizes;
  return {
    params: { a: draw.weights(n, m), b: draw.weights(n, m), c: draw.weights(n * 2, m) },
    batch: { x: draw.rows(n * 2), mask: draw.rows(n * 2, m) },
    loss: (p, s) => {
      const both = reshape(stack([p.a, p.b]), [n * 2, m]);
      const chosen = where(greater(s.mask, 0), both, concat([p.b, p.c], { axis: 0 }).slice([{ stop: n * 2 }]));
      return squares(tanh(add(matmul(s.x, chosen), cumsum(softplus(p.c)).slice([0]))));
    },
  };
};

export const steeredFamilies: Readonly<Record<string, Family>> = {
  "layerNorm with a gain": layerNormGain,
  penalty,
  branch,
  dropout: dropped,
  "vmap inside": mappedInside,
  "unused parameter": unused,
  "parameters of one number": scalars,
  "mixed dtypes": mixed,
  arranged,
};
