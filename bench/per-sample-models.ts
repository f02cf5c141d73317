import type { Dtype, Scalar, Tensor } from "gradtape";
import { type Library, numbers } from "./figure";

export type Params = Readonly<Record<string, Tensor>>;
export type Sample = Readonly<Record<string, Tensor>>;

/** A model with a batch: the loss of one sample, and the mean loss as it is written for the whole batch by hand. */
export interface PerSampleModel {
  readonly params: Params;
  readonly batch: Sample;
  loss(params: Params, sample: Sample): Scalar;
  mean(params: Params): Scalar;
}

/** Makes a model; sizes are the model's own. */
type Make = (library: Library, dtype: Dtype) => PerSampleModel;

/** Parameters and samples in the order in which they are asked for, without a pattern. */
class Source {
  #phase = 0;
  constructor(
    private readonly library: Library,
    private readonly dtype: Dtype,
  ) {}

  floats(shape: readonly number[], scale = 1): Tensor {
    const data = numbers(sizeOf(shape), scale, this.#phase++);
    return this.library.tensor(data, { shape, dtype: this.dtype });
  }

  /** A matrix, or a stack of them, that keeps the size of what it is given. */
  matrix(rows: number, columns: number): Tensor {
    return this.floats([rows, columns], Math.sqrt(2 / rows));
  }

  indices(shape: readonly number[], count: number): Tensor {
    const data = numbers(sizeOf(shape), 1e4, this.#phase++);
    return this.library.tensor(
      Array.from(data, (x) => Math.floor(Math.abs(x) % count)),
      { shape, dtype: "int32" },
    );
  }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Dense layers. */
const dense =
  (widths: readonly number[], size: number, activation: "tanh" | "relu"): Make =>
  (library, dtype) => {
    const { add, loss, matmul } = library;
    const act: (x: Tensor) => Tensor = library[activation];
    const source = new Source(library, dtype);
    const count = widths.length - 1;
    const params = Object.fromEntries(
      widths.slice(1).flatMap((width, l) => [
        [`w${l}`, source.matrix(widths[l], width)],
        [`b${l}`, source.floats([width], 0.1)],
      ]),
    );
    const batch = { x: source.floats([size, widths[0]]), y: source.indices([size], widths[count]) };
    const cost = (p: Params, { x, y }: Sample): Scalar => {
      let z: Tensor = x;
      for (let l = 0; l < count; l++) {
        z = add(matmul(z, p[`w${l}`]), p[`b${l}`]);
        if (l < count - 1) z = act(z);
      }
      return loss.crossEntropy(z, y);
    };
    return { params, batch, loss: cost, mean: (p) => cost(p, batch) };
  };

/** Two convolutions, two pools, one dense layer, on images of 28 x 28. */
const convolutions: Make = (library, dtype) => {
  const { add, conv2d, loss, matmul, maxPool2d, relu, reshape } = library;
  const source = new Source(library, dtype);
  const size = 64;
  const params = {
    k1: source.floats([8, 1, 3, 3], 0.4),
    b1: source.floats([8, 1, 1], 0.1),
    k2: source.floats([16, 8, 3, 3], 0.2),
    b2: source.floats([16, 1, 1], 0.1),
    w: source.matrix(16 * 49, 10),
    b: source.floats([10], 0.1),
  };
  const batch = { x: source.floats([size, 1, 28, 28]), y: source.indices([size], 10) };
  const cost = (p: Params, x: Tensor, y: Tensor): Scalar => {
    const layer = (z: Tensor, k: Tensor, b: Tensor): Tensor =>
      maxPool2d(relu(add(conv2d(z, k, { padding: "same" }), b)), { window: 2 });
    const features = layer(layer(x, p.k1, p.b1), p.k2, p.b2);
    return loss.crossEntropy(add(matmul(reshape(features, [x.shape[0], -1]), p.w), p.b), y);
  };
  return {
    params,
    batch,
    loss: (p, { x, y }) => cost(p, reshape(x, [1, 1, 28, 28]), reshape(y, [1])),
    mean: (p) => cost(p, batch.x, batch.y),
  };
};

/** A block of attention, 64 tokens of 64 numbers, four heads, with a padding mask. */
const attention: Make = (library, dtype) => {
  const { add, cast, div, greater, layerNorm, less, loss, matmul, mul, relu, reshape, softmax, sum, swapAxes, where } =
    library;
  const source = new Source(library, dtype);
  const [size, tokens, width, heads, inner] = [16, 64, 64, 4, 128];
  const params = {
    gain1: source.floats([width]),
    shift1: source.floats([width]),
    q: source.matrix(width, width),
    k: source.matrix(width, width),
    v: source.matrix(width, width),
    o: source.matrix(width, width),
    gain2: source.floats([width]),
    shift2: source.floats([width]),
    u: source.matrix(width, inner),
    c: source.floats([inner], 0.1),
    d: source.matrix(inner, width),
    e: source.floats([width], 0.1),
    head: source.matrix(width, 10),
  };
  const lengths = add(source.indices([size, 1], tokens - 1), 1);
  const places = reshape(library.arange(tokens), [1, tokens]);
  const batch = {
    x: source.floats([size, tokens, width]),
    y: source.indices([size], 10),
    mask: cast(less(places, lengths), dtype),
  };
  // Axes before those of one sample, if there are any, stand first everywhere.
  const cost = (p: Params, { x, y, mask }: Sample): Scalar => {
    const lead = x.shape.slice(0, -2);
    const first = lead.length;
    const split = (z: Tensor): Tensor =>
      swapAxes(reshape(z, [...lead, tokens, heads, width / heads]), first, first + 1);
    const h = add(mul(layerNorm(x), p.gain1), p.shift1);
    const [q, k, v] = [p.q, p.k, p.v].map((w) => split(matmul(h, w)));
    const scores = div(matmul(q, swapAxes(k, first + 1, first + 2)), Math.sqrt(width / heads));
    const inside = reshape(greater(mask, 0.5), [...lead, 1, 1, tokens]);
    const mixed = swapAxes(matmul(softmax(where(inside, scores, -1e30)), v), first, first + 1);
    const z: Tensor = add(x, matmul(reshape(mixed, x.shape), p.o));
    const h2: Tensor = add(mul(layerNorm(z), p.gain2), p.shift2);
    const out: Tensor = add(z, add(matmul(relu(add(matmul(h2, p.u), p.c)), p.d), p.e));
    const kept = sum(mul(out, reshape(mask, [...lead, tokens, 1])), { axis: first });
    const pooled: Tensor = div(kept, sum(mask, { axis: first, keepDims: true }));
    return loss.crossEntropy(matmul(pooled, p.head), y);
  };
  return { params, batch, loss: cost, mean: (p) => cost(p, batch) };
};

/** An LSTM of 64 steps on 32 numbers, by scan or unrolled. */
const lstm =
  (unrolled: boolean): Make =>
  (library, dtype) => {
    const { add, loss, matmul, mul, scan, sigmoid, split, swapAxes, tanh, unstack, zeros } = library;
    const source = new Source(library, dtype);
    const [size, steps, inputs, hidden] = [16, 64, 32, 32];
    const params = {
      wx: source.matrix(inputs, 4 * hidden),
      wh: source.matrix(hidden, 4 * hidden),
      b: source.floats([4 * hidden], 0.1),
      out: source.matrix(hidden, 3),
    };
    const batch = { x: source.floats([size, steps, inputs]), y: source.indices([size], 3) };
    type Carry = readonly [h: Tensor, c: Tensor];
    const cell = (p: Params, [h, c]: Carry, x: Tensor): Carry => {
      const z: Tensor = add(add(matmul(x, p.wx), matmul(h, p.wh)), p.b);
      const [i, f, o, u] = split(z, 4, { axis: -1 });
      const next = add(mul(sigmoid(f), c), mul(sigmoid(i), tanh(u)));
      return [mul(sigmoid(o), tanh(next)), next];
    };
    const cost = (p: Params, xs: Tensor, y: Tensor): Scalar => {
      const zero = zeros([...xs.shape.slice(1, -1), hidden], { dtype });
      const start: Carry = [zero, zero];
      const [h] = unrolled
        ? unstack(xs).reduce((carry: Carry, x: Tensor) => cell(p, carry, x), start)
        : scan((carry: Carry, x: Tensor): [Carry, undefined] => [cell(p, carry, x), undefined], start, xs)[0];
      return loss.crossEntropy(matmul(h, p.out), y);
    };
    return {
      params,
      batch,
      loss: (p, { x, y }) => cost(p, x, y),
      mean: (p) => cost(p, swapAxes(batch.x, 0, 1), batch.y),
    };
  };

/** The mean of 64 of 10,000 rows of 64 numbers. */
const embedding: Make = (library, dtype) => {
  const { add, loss, matmul, mean, take, tanh } = library;
  const source = new Source(library, dtype);
  const [size, tokens, count, width] = [32, 64, 10_000, 64];
  const params = {
    table: source.floats([count, width]),
    w: source.matrix(width, 5),
    b: source.floats([5], 0.1),
  };
  const batch = { i: source.indices([size, tokens], count), y: source.indices([size], 5) };
  const cost = (p: Params, { i, y }: Sample): Scalar =>
    loss.crossEntropy(add(matmul(mean(tanh(take(p.table, i)), { axis: -2 }), p.w), p.b), y);
  return { params, batch, loss: cost, mean: (p) => cost(p, batch) };
};

/** A table of 2,000 rows of 64 numbers, looked up and then multiplied by. */
const tiedEmbedding: Make = (library, dtype) => {
  const { loss, matmul, take, tanh, transpose } = library;
  const source = new Source(library, dtype);
  const [size, tokens, count, width] = [16, 32, 2000, 64];
  const params = { table: source.floats([count, width], 0.2), w: source.matrix(width, width) };
  const batch = { i: source.indices([size, tokens], count), y: source.indices([size, tokens], count) };
  const cost = (p: Params, { i, y }: Sample): Scalar =>
    loss.crossEntropy(matmul(tanh(matmul(take(p.table, i), p.w)), transpose(p.table)), y);
  return { params, batch, loss: cost, mean: (p) => cost(p, batch) };
};

/** 784-128-10, on a batch of a size of its own. */
export const digits = (size: number): Make => dense([784, 128, 10], size, "tanh");

/** The model whose per-sample gradients no machine wants to hold: 2 GB of float32. */
const wide: Make = dense([5120, 2560, 1280], 32, "relu");

/** The models whose costs are held and measured. */
export const perSampleModels = {
  "784-128-10": digits(128),
  "5120-2560-1280": wide,
  convolutions,
  attention,
  lstm: lstm(false),
  "unrolled lstm": lstm(true),
  embedding,
  "tied embedding": tiedEmbedding,
} as const satisfies Readonly<Record<string, Make>>;
