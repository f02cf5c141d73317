// Whole models, as people write them: every product of batchGrad against a loop over the samples, and the truth besides.
import {
  add,
  batchGrad,
  concat,
  conv2d,
  div,
  einsum,
  grad,
  layerNorm,
  loss,
  matmul,
  maxPool2d,
  mean,
  mul,
  random,
  relu,
  reshape,
  scan,
  sigmoid,
  slice,
  softmax,
  split,
  sub,
  swapAxes,
  type Tensor,
  take,
  tanh,
  tensor,
  tree,
  unstack,
  vmap,
  where,
  zeros,
} from "gradtape";
import { describe, expect, test } from "vitest";
import { untyped } from "../support";

type Params = Readonly<Record<string, Tensor>>;
interface Sample {
  readonly x: Tensor;
  readonly y: Tensor;
}
interface Model {
  readonly params: Params;
  readonly batch: Sample;
  cost(params: Params, sample: Sample): Tensor;
}

const B = 5;
let seed = 0;
const normal = (shape: readonly number[], std = 0.5): Tensor => random.normal(random.key(seed++), shape, { std });
const classes = (count: number, shape: readonly number[] = [B]): Tensor =>
  random.integers(random.key(seed++), shape, { max: count });
const at = (params: Params, name: string): Tensor => params[name];

const cnn: Model = {
  params: {
    k1: normal([4, 1, 3, 3]),
    b1: normal([4, 1, 1]),
    k2: normal([6, 4, 3, 3]),
    b2: normal([6, 1, 1]),
    w: normal([6 * 2 * 2, 3]),
    b: normal([3]),
  },
  batch: { x: normal([B, 1, 8, 8], 1), y: classes(3) },
  cost(p, { x, y }) {
    const image = reshape(x, [1, 1, 8, 8]);
    const first = maxPool2d(relu(add(conv2d(image, at(p, "k1"), { padding: "same" }), at(p, "b1"))), { window: 2 });
    const second = maxPool2d(tanh(add(conv2d(first, at(p, "k2"), { padding: 1 }), at(p, "b2"))), { window: 2 });
    const logits: Tensor = add(matmul(reshape(second, [-1]), at(p, "w")), at(p, "b"));
    return loss.crossEntropy(logits, y);
  },
};

const [T, WIDTH, HEADS] = [4, 6, 2];
const attention: Model = {
  params: {
    table: normal([7, WIDTH]),
    places: normal([T, WIDTH]),
    q: normal([WIDTH, WIDTH]),
    k: normal([WIDTH, WIDTH]),
    v: normal([WIDTH, WIDTH]),
    o: normal([WIDTH, WIDTH]),
    gain: normal([WIDTH], 1),
    shift: normal([WIDTH]),
    head: normal([WIDTH, 7]),
  },
  batch: { x: classes(7, [B, T]), y: classes(7, [B, T]) },
  cost(p, { x, y }) {
    const h: Tensor = add(take(at(p, "table"), x), at(p, "places"));
    const heads = (name: string): Tensor => swapAxes(reshape(matmul(h, at(p, name)), [T, HEADS, WIDTH / HEADS]), 0, 1);
    const [q, k, v] = [heads("q"), heads("k"), heads("v")];
    const scores: Tensor = div(einsum("hqd,hkd->hqk", q, k), Math.sqrt(WIDTH / HEADS));
    const past = tensor(Array.from({ length: T }, (_, i) => Array.from({ length: T }, (__, j) => j <= i)));
    const weights = softmax(where(past, scores, -1e30));
    const mixed = reshape(swapAxes(matmul(weights, v), 0, 1), [T, WIDTH]);
    const z: Tensor = add(h, matmul(mixed, at(p, "o")));
    const normed: Tensor = add(mul(layerNorm(z), at(p, "gain")), at(p, "shift"));
    return loss.crossEntropy(matmul(normed, at(p, "head")), y);
  },
};

const HIDDEN = 3;
const sequence = (): Sample => ({ x: normal([B, T, 2], 1), y: normal([B, 1], 1) });
const readOut = (p: Params, h: Tensor, y: Tensor): Tensor => loss.mse(add(matmul(h, at(p, "out")), at(p, "bias")), y);
const recurrent = (gates: number): Params => ({
  wx: normal([2, gates * HIDDEN]),
  wh: normal([HIDDEN, gates * HIDDEN]),
  b: normal([gates * HIDDEN]),
  out: normal([HIDDEN, 1]),
  bias: normal([1]),
});

const lstm: Model = {
  params: recurrent(4),
  batch: sequence(),
  cost(p, { x, y }) {
    let [h, c]: [Tensor, Tensor] = [zeros([HIDDEN]), zeros([HIDDEN])];
    for (const step of unstack(x)) {
      const z: Tensor = add(add(matmul(step, at(p, "wx")), matmul(h, at(p, "wh"))), at(p, "b"));
      const [i, f, g, o] = split(z, 4) as [Tensor, Tensor, Tensor, Tensor];
      c = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(g)));
      h = mul(sigmoid(o), tanh(c));
    }
    return readOut(p, h, y);
  },
};

const gru: Model = {
  params: recurrent(3),
  batch: sequence(),
  cost(p, { x, y }) {
    const step = (h: Tensor, input: Tensor): readonly [Tensor, Tensor] => {
      const [zx, zh]: [Tensor, Tensor] = [add(matmul(input, at(p, "wx")), at(p, "b")), matmul(h, at(p, "wh"))];
      const part = (z: Tensor, k: number): Tensor => slice(z, [{ start: k * HIDDEN, stop: (k + 1) * HIDDEN }]);
      const reset = sigmoid(add(part(zx, 0), part(zh, 0)));
      const update = sigmoid(add(part(zx, 1), part(zh, 1)));
      const fresh = tanh(add(part(zx, 2), mul(reset, part(zh, 2))));
      const next: Tensor = add(mul(sub(1, update), fresh), mul(update, h));
      return [next, next];
    };
    const [h, all] = scan(step, zeros([HIDDEN]), x);
    const last = slice(all, [-1]);
    return readOut(p, mul(0.5, concat([h, last], { axis: 0 }).reshape([2, HIDDEN]).sum({ axis: 0 })), y);
  },
};

const near = (got: Tensor, want: Tensor, tolerance = 1e-11): void => {
  expect(got.shape).toEqual(want.shape);
  for (let i = 0; i < got.size; i++) {
    const [x, y] = [got.data[i], want.data[i]];
    expect(Math.abs(x - y)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(y)));
  }
};

describe.each(Object.entries({ cnn, attention, lstm, gru }))("%s", (_, { params, batch, cost }) => {
  const result = batchGrad(cost)(params, batch);
  const samples = Array.from({ length: B }, (__, i) => tree.map((x: Tensor) => x.at(i), batch));
  const each = samples.map((sample) => grad(cost)(params, sample));
  const names = Object.keys(params);

  test("per-sample gradients are those of a loop", () => {
    const rows = result.materialize();
    for (const name of names) {
      each.forEach((own, i) => {
        near(rows[name].at(i), own[name]);
      });
    }
  });

  test("their mean is the gradient of the mean loss", () => {
    const whole = grad((p: Params) => mean(vmap((s: Sample) => cost(p, s))(batch)))(params);
    for (const name of names) near(result.mean()[name], whole[name]);
  });

  test("losses, norms and clipped means are those of a loop", () => {
    samples.forEach((sample, i) => {
      near(result.losses().at(i), cost(params, sample));
    });
    const norms = each.map((own) => Math.hypot(...names.flatMap((name) => [...own[name].data])));
    near(result.norms(), tensor(norms));
    const limit = (Math.min(...norms) + Math.max(...norms)) / 2;
    for (const name of names) {
      const clipped = each.map((own, i) => mul(own[name], Math.min(1, limit / norms[i]))).reduce((a, b) => add(a, b));
      near(result.clippedMean(limit)[name], div(clipped, B));
    }
  });

  test("the gradient is that of differences", () => {
    const direction = tree.map((x: Tensor) => random.normal(random.key(99), x.shape), params);
    const h = 1e-5;
    const moved = (step: number) =>
      tree.map((p: Tensor, d: Tensor) => add(p, mul(step, d)), params, untyped(direction));
    const sample = samples[0];
    const difference = (cost(moved(h), sample).item() - cost(moved(-h), sample).item()) / (2 * h);
    const own = grad(cost)(params, sample);
    const slope = names.reduce((total, name) => total + mul(own[name], direction[name]).sum().item(), 0);
    expect(Math.abs(slope - difference)).toBeLessThan(1e-6 * (1 + Math.abs(slope)));
  });
});
