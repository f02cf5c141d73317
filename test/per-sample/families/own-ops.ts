// Models through ops that a user defines: by family, with an outer product in the vjp, with a vjp and nothing else.
import {
  add,
  cos,
  customGradient,
  defineOp,
  defineUnary,
  matmul,
  mul,
  type Op,
  outer,
  reshape,
  square,
  type Tensor,
  tanh,
  transpose,
} from "gradtape";
import { type Family, squares } from "./draw";

const bend = defineUnary({ name: "bend", value: (x) => Math.sin(x) + x, derivative: (x) => add(cos(x), 1) });

/** sin(a) b, with rules but no batch rule. */
const wave: Op<[a: Tensor, b: Tensor]> = defineOp<[a: Tensor, b: Tensor]>({
  name: "wave",
  shape: ([a]) => a,
  dtype: ([a]) => a,
  evaluate: (output, [a, b]) => {
    for (let i = 0; i < output.length; i++) output[i] = Math.tanh(a.data[i]) * b.data[i];
  },
  vjp: [
    ({ yBar, inputs: [a, b] }) => mul(yBar, mul(add(1, mul(-1, square(tanh(a)))), b)),
    ({ yBar, inputs: [a] }) => mul(yBar, tanh(a)),
  ],
});

/** A matrix times a vector, whose derivative by the matrix is an outer product. */
const dense: Op<[w: Tensor, x: Tensor]> = defineOp<[w: Tensor, x: Tensor]>({
  name: "dense",
  shape: ([w]) => [w[0]],
  dtype: ([w]) => w,
  evaluate: (output, [w, x]) => {
    for (let i = 0; i < output.length; i++) {
      for (let j = 0; j < x.size; j++) output[i] += w.data[i * x.size + j] * x.data[j];
    }
  },
  vjp: [({ yBar, inputs: [, x] }) => outer(yBar, x), ({ yBar, inputs: [w] }) => matmul(transpose(w), yBar)],
});

/** Cubes, with a vjp alone. */
const cube: Op<[x: Tensor]> = defineOp<[x: Tensor]>({
  name: "cube",
  shape: ([x]) => x,
  dtype: ([x]) => x,
  evaluate: (output, [x]) => {
    for (let i = 0; i < x.size; i++) output[i] = x.data[i] ** 3;
  },
  vjp: [({ yBar, inputs: [x] }) => mul(yBar, mul(3, square(x)))],
});

/** tanh, whose cotangent is halved. */
const halved = customGradient(
  (x: Tensor): Tensor => tanh(x),
  ({ yBar, output: y }) => [mul(0.5, mul(yBar, add(1, mul(-1, square(y)))))],
);

const through =
  (apply: (x: Tensor) => Tensor): Family =>
  (draw) => {
    const [n, m] = draw.sizes;
    return {
      params: { w: draw.weights(n, m), b: draw.weights(m) },
      batch: { x: draw.rows(n) },
      loss: (p, s) => squares(apply(add(matmul(s.x, p.w), p.b))),
    };
  };

/** The op stands between the parameter and everything else. */
const first =
  (apply: (x: Tensor) => Tensor): Family =>
  (draw) => {
    const [n, m] = draw.sizes;
    return {
      params: { w: draw.weights(n, m) },
      batch: { x: draw.rows(n) },
      loss: (p, s) => squares(tanh(matmul(s.x, apply(p.w)))),
    };
  };

const ofTwo: Family = (draw) => {
  const [n] = draw.sizes;
  return {
    params: { w: draw.weights(n) },
    batch: { x: draw.rows(n) },
    loss: (p, s) => squares(wave(p.w, s.x)),
  };
};

const outerRule: Family = (draw) => {
  const [n, m] = draw.sizes;
  return {
    params: { w: draw.weights(m, n), v: draw.weights(1, m) },
    batch: { x: draw.rows(n) },
    loss: (p, s) => squares(dense(p.v, tanh(reshape(dense(p.w, s.x), [m])))),
  };
};

export const ownFamilies: Readonly<Record<string, Family>> = {
  "own op of one number": through((x) => bend(x)),
  "own op of one number, of the parameter": first((x) => bend(x)),
  "own op of two tensors": ofTwo,
  "own op with an outer product as rule": outerRule,
  "own op with a vjp alone": through((x) => cube(x)),
  "own op with a vjp alone, of the parameter": first((x) => cube(x)),
  "own gradient": through(halved),
};
