// The programs that are compared, each written once for every library that runs it: a loss of a list of parameters and a
// list of inputs. What each library is timed for is the value and its gradient by all parameters.
import type { Scalar, Tensor } from "gradtape";
import { type Library, numbers } from "./figure";
import type { Foreign } from "./peer";

/** An array of numbers that belongs to no library; its dtype is that of the program. */
export interface Numbers {
  readonly data: Float32Array | Float64Array;
  readonly shape: readonly number[];
}

export interface Program {
  readonly name: string;
  readonly params: readonly Numbers[];
  readonly inputs: readonly Numbers[];
  /** Largest difference of two libraries, relative to the largest number of the loss or of the gradient by one parameter. */
  readonly tolerance: number;
  loss(library: Library, params: readonly Tensor[], inputs: readonly Tensor[]): Scalar;
  /** The same for libraries whose sums have one float32 each, where that matters: jax-js and TensorFlow.js. */
  readonly narrowTolerance?: number;
  /** With jax-js, where every use of an array but the last is of its `ref`. */
  jax?(jax: Foreign, params: readonly Foreign[], inputs: readonly Foreign[]): Foreign;
  tensorFlow?(tf: Foreign, params: readonly Foreign[], inputs: readonly Foreign[]): Foreign;
  /** The name of the loss in pytorch.py. */
  readonly torch?: string;
}

/** Different numbers for each array of a program, the same in every run. */
class Source {
  #phase = 0;

  floats(shape: readonly number[], scale = 1): Numbers {
    return { data: Float32Array.from(numbers(sizeOf(shape), scale, this.#phase++)), shape };
  }

  doubles(shape: readonly number[], scale = 1): Numbers {
    return { data: numbers(sizeOf(shape), scale, this.#phase++), shape };
  }

  /** Weights and bias of one layer, which keeps the size of what it is given. */
  layer(from: number, to: number): Numbers[] {
    return [this.floats([from, to], Math.sqrt(2 / from)), this.floats([to], 0.1)];
  }

  layers(widths: readonly number[]): Numbers[] {
    return widths.slice(1).flatMap((width, k) => this.layer(widths[k], width));
  }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** One class for each row, as rows of 0 and one 1. */
function oneHot(rows: number, classes: number): Numbers {
  const data = new Float32Array(rows * classes);
  for (let i = 0; i < rows; i++) data[i * classes + ((7 * i) % classes)] = 1;
  return { data, shape: [rows, classes] };
}

const pairs = (count: number): number[] => Array.from({ length: count / 2 }, (_, k) => 2 * k);

/** What dense layers give for x; the last one is linear. */
function predict(library: Library, activation: "tanh" | "relu", params: readonly Tensor[], x: Tensor): Tensor {
  const { add, matmul } = library;
  return pairs(params.length).reduce<Tensor>((y, k) => {
    const z: Tensor = add(matmul(y, params[k]), params[k + 1]);
    return k + 2 < params.length ? library[activation](z) : z;
  }, x);
}

function predictJax(jax: Foreign, activation: "tanh" | "relu", params: readonly Foreign[], x: Foreign): Foreign {
  const act = activation === "tanh" ? jax.numpy.tanh : jax.nn.relu;
  return pairs(params.length).reduce((y, k) => {
    const z = jax.numpy.matmul(y, params[k]).add(params[k + 1]);
    return k + 2 < params.length ? act(z) : z;
  }, x);
}

function predictTensorFlow(tf: Foreign, activation: "tanh" | "relu", params: readonly Foreign[], x: Foreign): Foreign {
  return pairs(params.length).reduce((y, k) => {
    const z = tf.add(tf.matMul(y, params[k]), params[k + 1]);
    return k + 2 < params.length ? tf[activation](z) : z;
  }, x);
}

/** Dense layers and cross-entropy: minus the mean logarithm of the probability of the class. */
function classifier(widths: readonly number[], batch: number, activation: "tanh" | "relu"): Program {
  const source = new Source();
  return {
    name: `${widths.join("-")} ${activation}, cross-entropy, batch ${batch}`,
    params: source.layers(widths),
    inputs: [source.floats([batch, widths[0]]), oneHot(batch, widths[widths.length - 1])],
    tolerance: 1e-4,
    loss(library, params, [x, y]) {
      const { logSoftmax, mean, mul, neg, sum } = library;
      const logs = logSoftmax(predict(library, activation, params, x), { axis: -1 });
      return neg(mean(sum(mul(logs, y), { axis: -1 })));
    },
    jax(jax, params, [x, y]) {
      const logs = jax.nn.logSoftmax(predictJax(jax, activation, params, x), -1);
      return jax.numpy.mean(jax.numpy.sum(logs.mul(y), -1)).mul(-1);
    },
    tensorFlow(tf, params, [x, y]) {
      const logs = tf.logSoftmax(predictTensorFlow(tf, activation, params, x));
      return tf.neg(tf.mean(tf.sum(tf.mul(logs, y), -1)));
    },
    torch: `classifier_${activation}`,
  };
}

/** A small network, fitted to points. */
function regression(widths: readonly number[], points: number): Program {
  const source = new Source();
  return {
    name: `${widths.join("-")} tanh, squared error, ${points} points`,
    params: source.layers(widths),
    inputs: [source.floats([points, widths[0]]), source.floats([points, 1])],
    tolerance: 1e-4,
    loss(library, params, [x, y]) {
      const { mean, square, sub } = library;
      return mean(square(sub(predict(library, "tanh", params, x), y)));
    },
    jax: (jax, params, [x, y]) => jax.numpy.mean(jax.numpy.square(predictJax(jax, "tanh", params, x).sub(y))),
    tensorFlow: (tf, params, [x, y]) => tf.mean(tf.square(tf.sub(predictTensorFlow(tf, "tanh", params, x), y))),
    torch: "regression",
  };
}

const [BATCH, TOKENS, WIDTH, HEADS, INNER] = [16, 64, 64, 4, 128];
const SPLIT = [BATCH, TOKENS, HEADS, WIDTH / HEADS];
const SCALE = 1 / Math.sqrt(WIDTH / HEADS);

/** Attention over tokens, then two layers at each, both of the normalized input and added to it; the mean of squares. */
function attentionBlock(): Program {
  const source = new Source();
  const matrix = (from: number, to: number): Numbers => source.floats([from, to], Math.sqrt(2 / from));
  const gainAndShift = (): Numbers[] => [source.floats([WIDTH]), source.floats([WIDTH], 0.1)];
  return {
    name: `attention block, sequence ${TOKENS}, width ${WIDTH}, ${HEADS} heads, feed-forward ${INNER}, batch ${BATCH}`,
    params: [
      ...gainAndShift(),
      ...Array.from({ length: 4 }, () => matrix(WIDTH, WIDTH)),
      ...gainAndShift(),
      ...source.layer(WIDTH, INNER),
      ...source.layer(INNER, WIDTH),
    ],
    inputs: [source.floats([BATCH, TOKENS, WIDTH])],
    tolerance: 1e-3,
    loss(library, [gain1, shift1, q, k, v, o, gain2, shift2, u, c, d, e], [x]) {
      const { add, layerNorm, matmul, mean, mul, relu, reshape, softmax, square, swapAxes, transpose } = library;
      const heads = (z: Tensor): Tensor => transpose(reshape(z, SPLIT), [0, 2, 1, 3]);
      const h = add(mul(layerNorm(x), gain1), shift1);
      const [qs, ks, vs] = [q, k, v].map((w) => heads(matmul(h, w)));
      const weights = softmax(mul(matmul(qs, swapAxes(ks, -1, -2)), SCALE));
      const mixed = reshape(transpose(matmul(weights, vs), [0, 2, 1, 3]), x.shape);
      const z = add(x, matmul(mixed, o));
      const inner = relu(add(matmul(add(mul(layerNorm(z), gain2), shift2), u), c));
      return mean(square(add(z, add(matmul(inner, d), e))));
    },
    jax(jax, [gain1, shift1, q, k, v, o, gain2, shift2, u, c, d, e], [x]) {
      const { numpy: np, nn } = jax;
      const heads = (z: Foreign): Foreign => np.transpose(z.reshape(SPLIT), [0, 2, 1, 3]);
      const h = nn.standardize(x.ref, -1).mul(gain1).add(shift1);
      const [qs, ks, vs] = [q, k, v].map((w) => heads(np.matmul(h.ref, w)));
      h.dispose();
      const weights = nn.softmax(np.matmul(qs, np.transpose(ks, [0, 1, 3, 2])).mul(SCALE), -1);
      const mixed = np.transpose(np.matmul(weights, vs), [0, 2, 1, 3]).reshape([BATCH, TOKENS, WIDTH]);
      const z = x.add(np.matmul(mixed, o));
      const inner = nn.relu(np.matmul(nn.standardize(z.ref, -1).mul(gain2).add(shift2), u).add(c));
      return np.mean(np.square(z.add(np.matmul(inner, d).add(e))));
    },
    tensorFlow(tf, [gain1, shift1, q, k, v, o, gain2, shift2, u, c, d, e], [x]) {
      const norm = (z: Foreign): Foreign => {
        const { mean, variance } = tf.moments(z, -1, true);
        return tf.mul(tf.sub(z, mean), tf.rsqrt(tf.add(variance, 1e-5)));
      };
      // One matrix for all of a batch: its product is of two axes.
      const dense = (z: Foreign, w: Foreign, from: number, to: number): Foreign =>
        tf.reshape(tf.matMul(tf.reshape(z, [BATCH * TOKENS, from]), w), [BATCH, TOKENS, to]);
      const heads = (z: Foreign): Foreign => tf.transpose(tf.reshape(z, SPLIT), [0, 2, 1, 3]);
      const h = tf.add(tf.mul(norm(x), gain1), shift1);
      const [qs, ks, vs] = [q, k, v].map((w) => heads(dense(h, w, WIDTH, WIDTH)));
      const weights = tf.softmax(tf.mul(tf.matMul(qs, ks, false, true), SCALE));
      const mixed = tf.reshape(tf.transpose(tf.matMul(weights, vs), [0, 2, 1, 3]), [BATCH, TOKENS, WIDTH]);
      const z = tf.add(x, dense(mixed, o, WIDTH, WIDTH));
      const inner = tf.relu(tf.add(dense(tf.add(tf.mul(norm(z), gain2), shift2), u, WIDTH, INNER), c));
      return tf.mean(tf.square(tf.add(z, tf.add(dense(inner, d, INNER, WIDTH), e))));
    },
    torch: "attention",
  };
}

const VARIABLES = 100;

/** The sum of 100 (x[i+1] - x[i]²)² + (1 - x[i])², in slices. */
function rosenbrock(): Program {
  return {
    name: `Rosenbrock function of ${VARIABLES} numbers, float64`,
    params: [new Source().doubles([VARIABLES])],
    inputs: [],
    tolerance: 1e-12,
    loss({ add, mul, slice, square, sub, sum }, [x]) {
      const head = slice(x, [{ stop: -1 }]);
      const tail = slice(x, [{ start: 1 }]);
      return sum(add(mul(100, square(sub(tail, square(head)))), square(sub(1, head))));
    },
    jax({ numpy: np }, [x]) {
      const tail = x.ref.slice([1, VARIABLES]);
      const head = x.slice([0, VARIABLES - 1]);
      const valley = np.square(tail.sub(np.square(head.ref)));
      return np.sum(valley.mul(100).add(np.square(np.subtract(1, head))));
    },
    torch: "rosenbrock",
  };
}

const LENGTH = 1_000_000;

/** A function with more memory than arithmetic. */
function longVectors(): Program {
  const source = new Source();
  return {
    name: `sum((x y + tanh x)²) of ${LENGTH.toLocaleString("en-US")} numbers`,
    params: [source.floats([LENGTH]), source.floats([LENGTH])],
    inputs: [],
    tolerance: 1e-4,
    narrowTolerance: 5e-3,
    loss: ({ add, mul, square, sum, tanh }, [x, y]) => sum(square(add(mul(x, y), tanh(x)))),
    jax: ({ numpy: np }, [x, y]) => np.sum(np.square(x.ref.mul(y).add(np.tanh(x)))),
    tensorFlow: (tf, [x, y]) => tf.sum(tf.square(tf.add(tf.mul(x, y), tf.tanh(x)))),
    torch: "long_vectors",
  };
}

/** The programs by the names of the parts that run them; made when they are asked for, as some are large. */
export const programs = {
  digits: () => classifier([784, 128, 10], 128, "tanh"),
  points: () => regression([2, 16, 16, 1], 100),
  attention: attentionBlock,
  wide: () => classifier([5120, 2560, 1280], 32, "relu"),
  rosenbrock,
  "long-vectors": longVectors,
} as const satisfies Readonly<Record<string, () => Program>>;
