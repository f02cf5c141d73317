// Models of sequences: loops by scan and unrolled, and attention.
import {
  add,
  checkpoint,
  div,
  greater,
  layerNorm,
  matmul,
  mean,
  mul,
  relu,
  reshape,
  scan,
  sigmoid,
  slice,
  softmax,
  split,
  swapAxes,
  type Tensor,
  tanh,
  unstack,
  where,
  zeros,
} from "gradtape";
import { type Draw, ending, type Family, type Params } from "./draw";

const recurrent = (draw: Draw, inputs: number, hidden: number): Params => ({
  wx: draw.weights(inputs, hidden),
  wh: draw.weights(hidden, hidden),
  b: draw.weights(hidden),
});
const step = (p: Params, h: Tensor, x: Tensor): Tensor => tanh(add(add(matmul(x, p.wx), matmul(h, p.wh)), p.b));

/** One state after the other, read out at the end. */
const loop =
  (states: (p: Params, start: Tensor, x: Tensor, draw: { readonly checkpoint: boolean | number }) => Tensor): Family =>
  (draw) => {
    const [inputs, outputs, length] = draw.sizes;
    const hidden = draw.one([1, 3, 6]);
    const settings = { checkpoint: draw.one([false, true, 2]) };
    const end = ending(draw, outputs);
    return {
      params: { ...recurrent(draw, inputs, hidden), out: draw.weights(hidden, outputs) },
      batch: { x: draw.rows(length, inputs), ...end.batch },
      loss: (p, s) => end.loss(matmul(states(p, zeros([hidden], { dtype: draw.dtype }), s.x, settings), p.out), s),
    };
  };

const byScan = loop(
  (p, start, xs, settings) =>
    scan((h: Tensor, x: Tensor): [Tensor, undefined] => [step(p, h, x), undefined], start, xs, settings)[0],
);

/** The last state, and the mean of all. */
const allStates = loop((p, start, xs, settings) => {
  const [last, all] = scan(
    (h: Tensor, x: Tensor): [Tensor, Tensor] => {
      const next = step(p, h, x);
      return [next, next];
    },
    start,
    xs,
    settings,
  );
  return add(last, mean(all, { axis: 0 }));
});

const unrolled = loop((p, start, xs) => unstack(xs).reduce((h: Tensor, x: Tensor) => step(p, h, x), start));

const nested = loop((p, start, xs, settings) => {
  const inner = (h: Tensor): [Tensor, undefined] => [tanh(matmul(h, p.wh)), undefined];
  const outer = (h: Tensor, x: Tensor): [Tensor, undefined] => [
    scan(inner, step(p, h, x), undefined, { length: 2 })[0],
    undefined,
  ];
  return scan(outer, start, xs, settings)[0];
});

const recomputed = loop((p, start, xs) => {
  const whole = checkpoint((own: Params, h: Tensor, x: Tensor) => step(own, h, x));
  return unstack(xs).reduce((h: Tensor, x: Tensor) => whole(p, h, x), start);
});

/** An LSTM, by scan or unrolled. */
const lstm: Family = (draw) => {
  const [inputs, outputs, length] = draw.sizes;
  const hidden = draw.one([1, 3]);
  const byScan = draw.one([true, false]);
  const end = ending(draw, outputs);
  type Carry = readonly [h: Tensor, c: Tensor];
  const cell = (p: Params, [h, c]: Carry, x: Tensor): Carry => {
    const z: Tensor = add(add(matmul(x, p.wx), matmul(h, p.wh)), p.b);
    const [i, f, o, u] = split(z, 4, { axis: -1 });
    const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(u)));
    return [mul(sigmoid(o), tanh(next)), next];
  };
  return {
    params: {
      wx: draw.weights(inputs, 4 * hidden),
      wh: draw.weights(hidden, 4 * hidden),
      b: draw.weights(4 * hidden),
      out: draw.weights(hidden, outputs),
    },
    batch: { x: draw.rows(length, inputs), ...end.batch },
    loss: (p, s) => {
      const zero = zeros([hidden], { dtype: draw.dtype });
      const start: Carry = [zero, zero];
      const [h] = byScan
        ? scan((carry: Carry, x: Tensor): [Carry, undefined] => [cell(p, carry, x), undefined], start, s.x)[0]
        : unstack(s.x).reduce((carry: Carry, x: Tensor) => cell(p, carry, x), start);
      return end.loss(matmul(h, p.out), s);
    },
  };
};

/** A block of attention with a padding mask: two norms with gains, two residuals, projections shared or not. */
const attention: Family = (draw) => {
  const [heads, perHead] = [draw.one([1, 2]), draw.one([2, 3])];
  const [tokens, width] = [draw.sizes[2], heads * perHead];
  const names = draw.one([
    ["q", "k", "v"],
    ["q", "q", "q"],
    ["q", "k", "q"],
  ]);
  const end = ending(draw, 3);
  const projections = Object.fromEntries(names.map((name) => [name, draw.weights(width, width)]));
  return {
    params: {
      ...projections,
      o: draw.weights(width, width),
      gain: draw.weights(width),
      shift: draw.weights(width),
      u: draw.weights(width, 4),
      d: draw.weights(4, width),
      head: draw.weights(width, 3),
    },
    batch: { x: draw.rows(tokens, width), mask: draw.rows(tokens), ...end.batch },
    loss: (p, s) => {
      const normed = (z: Tensor): Tensor => add(mul(layerNorm(z), p.gain), p.shift);
      const h = normed(s.x);
      const [q, k, v] = names.map((name) => swapAxes(reshape(matmul(h, p[name]), [tokens, heads, perHead]), 0, 1));
      const scores = div(matmul(q, swapAxes(k, 1, 2)), Math.sqrt(perHead));
      const weights = softmax(where(greater(s.mask, -1), scores, -1e30));
      const z: Tensor = add(s.x, matmul(reshape(swapAxes(matmul(weights, v), 0, 1), [tokens, width]), p.o));
      const out: Tensor = add(z, matmul(relu(matmul(normed(z), p.u)), p.d));
      return end.loss(matmul(reshape(slice(out, [0]), [width]), p.head), s);
    },
  };
};

export const sequenceFamilies: Readonly<Record<string, Family>> = {
  scan: byScan,
  "scan, all states": allStates,
  "nested scan": nested,
  unrolled,
  "checkpointed steps": recomputed,
  lstm,
  attention,
};
