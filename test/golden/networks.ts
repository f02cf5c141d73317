// Four networks as users write them, each in several ways that mean the same; the loss sees one sample.
import {
  add,
  arange,
  concat,
  conv2d,
  einsum,
  expandDims,
  gelu,
  greaterEqual,
  layerNorm,
  loss,
  matmul,
  maxPool2d,
  mean,
  mul,
  relu,
  reshape,
  type Scalar,
  scan,
  sigmoid,
  slice,
  softmax,
  split,
  stack,
  sub,
  swapAxes,
  type Tensor,
  take,
  tanh,
  tril,
  unstack,
  where,
  zeros,
} from "gradtape";

export type Params<N extends string> = Readonly<Record<N, Tensor>>;
export interface Sample {
  readonly X: Tensor;
  readonly Y: Tensor;
}
/** The loss of one sample. */
export type Cost<N extends string> = (params: Params<N>, sample: Sample) => Scalar;

/** A layer with PyTorch's layout of its weights, [out, in], along the last axis of x. */
const linear = (x: Tensor, weight: Tensor, bias: Tensor): Tensor => add(matmul(x, swapAxes(weight, 0, 1)), bias);

export const cnnNames = ["conv1_weight", "conv1_bias", "conv2_weight", "conv2_bias", "out_weight", "out_bias"] as const;
type Cnn = Params<(typeof cnnNames)[number]>;

const channels = (bias: Tensor): Tensor => reshape(bias, [-1, 1, 1]);

/** The logits [N, 3] of images [N, 2, 6, 6]. */
export function cnn(p: Cnn, x: Tensor): Tensor {
  const seen = maxPool2d(relu(add(conv2d(x, p.conv1_weight, { padding: 1 }), channels(p.conv1_bias))), { window: 2 });
  const shapes = tanh(add(conv2d(seen, p.conv2_weight), channels(p.conv2_bias)));
  return linear(reshape(shapes, [-1, 16]), p.out_weight, p.out_bias);
}
export const cnnCosts = {
  "a batch of one": (p: Cnn, { X, Y }: Sample) =>
    loss.crossEntropy(cnn(p, expandDims(X, { axis: 0 })), expandDims(Y, { axis: 0 })),
  "sizes by name": (p: Cnn, { X, Y }: Sample) => {
    const x = relu(add(conv2d(stack([X]), p.conv1_weight, { padding: "same" }), channels(p.conv1_bias)));
    const y = tanh(add(conv2d(maxPool2d(x, { window: [2, 2], stride: 2 }), p.conv2_weight), channels(p.conv2_bias)));
    return loss.crossEntropy(add(matmul(p.out_weight, reshape(y, [16])), p.out_bias), Y);
  },
};

export const blockNames = [
  "tokens",
  "positions",
  "norm1_weight",
  "norm1_bias",
  "attention_in_proj_weight",
  "attention_in_proj_bias",
  "attention_out_proj_weight",
  "attention_out_proj_bias",
  "norm2_weight",
  "norm2_bias",
  "linear1_weight",
  "linear1_bias",
  "linear2_weight",
  "linear2_bias",
  "logits_weight",
] as const;
type Block = Params<(typeof blockNames)[number]>;
/** From the projections of one sequence, [T, 3 D], to what its positions have seen, [T, D]. */
type Attention = (projected: Tensor) => Tensor;

const [HEADS, SIZE] = [2, 3];
const SCALE = 1 / Math.sqrt(SIZE);

/** Scores [..., T, T] with -Infinity where a position would look at a later one. */
function causal(scores: Tensor): Tensor {
  const time = arange(scores.shape[scores.rank - 1] ?? 0);
  return where(greaterEqual(expandDims(time, { axis: 1 }), time), scores, Number.NEGATIVE_INFINITY);
}
const attentions: Readonly<Record<string, Attention>> = {
  "einsum over heads": (projected) => {
    const [q, k, v] = split(reshape(projected, [-1, 3 * HEADS, SIZE]), 3, { axis: 1 }) as [Tensor, Tensor, Tensor];
    const weights = softmax(causal(mul(einsum("qhd,khd->hqk", q, k), SCALE)));
    return reshape(einsum("hqk,khd->qhd", weights, v), [-1, HEADS * SIZE]);
  },
  "one head after another": (projected) => {
    const columns = (first: number) => slice(projected, [null, { start: first, stop: first + SIZE }]);
    const heads = Array.from({ length: HEADS }, (_, h) => {
      const [q, k, v] = [0, 1, 2].map((part) => columns((part * HEADS + h) * SIZE)) as [Tensor, Tensor, Tensor];
      return matmul(softmax(causal(mul(matmul(q, swapAxes(k, 0, 1)), SCALE))), v);
    });
    return concat(heads, { axis: 1 });
  },
  "heads as a batch of matrices": (projected) => {
    const parts = swapAxes(reshape(projected, [-1, 3, HEADS, SIZE]), 0, 2);
    const [q, k, v] = unstack(parts, { axis: 1 }) as [Tensor, Tensor, Tensor];
    const scores = mul(matmul(q, swapAxes(k, -1, -2)), SCALE);
    const past = tril(add(zeros(scores.shape), 1));
    const seen = matmul(softmax(add(scores, mul(sub(past, 1), 1e9))), v);
    return reshape(swapAxes(seen, 0, 1), [-1, HEADS * SIZE]);
  },
};
const normal = (x: Tensor, weight: Tensor, bias: Tensor): Tensor => add(mul(layerNorm(x), weight), bias);

/** The logits [T, V] of one sequence of tokens [T]. */
export function block(p: Block, tokens: Tensor, attend: Attention = attentions["einsum over heads"]): Tensor {
  const x = add(take(p.tokens, tokens), p.positions);
  const projected = linear(
    normal(x, p.norm1_weight, p.norm1_bias),
    p.attention_in_proj_weight,
    p.attention_in_proj_bias,
  );
  const y = add(x, linear(attend(projected), p.attention_out_proj_weight, p.attention_out_proj_bias));
  const wide = gelu(linear(normal(y, p.norm2_weight, p.norm2_bias), p.linear1_weight, p.linear1_bias));
  return matmul(add(y, linear(wide, p.linear2_weight, p.linear2_bias)), swapAxes(p.logits_weight, 0, 1));
}
export const blockCosts = Object.fromEntries(
  Object.entries(attentions).map(([name, attend]) => [
    name,
    (p: Block, { X, Y }: Sample): Scalar => loss.crossEntropy(block(p, X, attend), Y),
  ]),
);

const cellNames = ["cell_weight_ih_l0", "cell_weight_hh_l0", "cell_bias_ih_l0", "cell_bias_hh_l0"] as const;
export const lstmNames = ["h0", "c0", ...cellNames, "out_weight", "out_bias"] as const;
export const gruNames = ["h0", ...cellNames, "out_weight", "out_bias"] as const;
type Lstm = Params<(typeof lstmNames)[number]>;
type Gru = Params<(typeof gruNames)[number]>;

/** What a recurrent network remembers, and one step of it; all gates have rows of the same two matrices. */
interface Recurrent<P, S> {
  start(params: P): S;
  step(params: P, state: S, x: Tensor): S;
  hidden(state: S): Tensor;
}
interface Memory {
  readonly h: Tensor;
  readonly c: Tensor;
}
const lstm: Recurrent<Lstm, Memory> = {
  start: ({ h0, c0 }) => ({ h: h0, c: c0 }),
  step: (p, { h, c }, x) => {
    const fromInput = linear(x, p.cell_weight_ih_l0, p.cell_bias_ih_l0);
    const gates = split(add(fromInput, linear(h, p.cell_weight_hh_l0, p.cell_bias_hh_l0)), 4, { axis: -1 });
    const [write, keep, news, show] = gates as [Tensor, Tensor, Tensor, Tensor];
    const next = add(mul(sigmoid(keep), c), mul(sigmoid(write), tanh(news)));
    return { h: mul(sigmoid(show), tanh(next)), c: next };
  },
  hidden: ({ h }) => h,
};
const gru: Recurrent<Gru, Tensor> = {
  start: ({ h0 }) => h0,
  step: (p, h, x) => {
    const [xr, xz, xn] = split(linear(x, p.cell_weight_ih_l0, p.cell_bias_ih_l0), 3, { axis: -1 }) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const [hr, hz, hn] = split(linear(h, p.cell_weight_hh_l0, p.cell_bias_hh_l0), 3, { axis: -1 }) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const update = sigmoid(add(xz, hz));
    const news = tanh(add(xn, mul(sigmoid(add(xr, hr)), hn)));
    return add(mul(sub(1, update), news), mul(update, h));
  },
  hidden: (h) => h,
};

/** All hidden states [T, H] of a sequence [T, I]. */
type Run = <P, S>(network: Recurrent<P, S>, params: P, sequence: Tensor) => Tensor;

const scanned =
  (checkpoint: boolean | number): Run =>
  (network, params, sequence) => {
    const step = (state: ReturnType<typeof network.start>, x: Tensor) => {
      const next = network.step(params, state, x);
      return [next, network.hidden(next)] as const;
    };
    return scan(step, network.start(params), sequence, { checkpoint })[1];
  };
const runs: Readonly<Record<string, Run>> = {
  scan: scanned(false),
  "scan with checkpoints": scanned(true),
  "scan with a checkpoint every four steps": scanned(4),
  "a plain loop": (network, params, sequence) => {
    let state = network.start(params);
    const hidden: Tensor[] = [];
    for (const x of unstack(sequence)) {
      state = network.step(params, state, x);
      hidden.push(network.hidden(state));
    }
    return stack(hidden);
  },
};

export const lstmHidden = (p: Lstm, sequence: Tensor, run: Run = runs.scan): Tensor => run(lstm, p, sequence);
export const gruHidden = (p: Gru, sequence: Tensor, run: Run = runs.scan): Tensor => run(gru, p, sequence);
export const readOut = (p: Params<"out_weight" | "out_bias">, hidden: Tensor): Tensor =>
  linear(hidden, p.out_weight, p.out_bias);

const inEveryWay = <P>(cost: (params: P, sample: Sample, run: Run) => Scalar) =>
  Object.fromEntries(
    Object.entries(runs).map(([name, run]) => [name, (params: P, sample: Sample) => cost(params, sample, run)]),
  );
export const lstmCosts = inEveryWay<Lstm>((p, { X, Y }, run) => loss.mse(readOut(p, lstmHidden(p, X, run).at(-1)), Y));
export const gruCosts = inEveryWay<Gru>((p, { X, Y }, run) => loss.crossEntropy(readOut(p, gruHidden(p, X, run)), Y));

/** A whole batch of sequences [B, T, I] at a time, no sample by itself: the mean of the losses. */
export function lstmOfBatch(p: Lstm, { X, Y }: Sample): Scalar {
  const spread = (x: Tensor) => add(zeros([X.shape[0] ?? 0, 4]), x);
  let state: Memory = { h: spread(p.h0), c: spread(p.c0) };
  for (const x of unstack(X, { axis: 1 })) state = lstm.step(p, state, x);
  return mean(loss.mse(readOut(p, state.h), Y, { reduction: "none" }));
}
