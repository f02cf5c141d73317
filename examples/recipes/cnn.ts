/** A convolutional network on handwritten digits: the loss sees one image, batchGrad makes it a batch. */
import {
  add,
  argmax,
  batchGrad,
  conv2d,
  equal,
  loss,
  matmul,
  maxPool2d,
  mean,
  random,
  relu,
  reshape,
  type Tensor,
  valueOf,
  vmap,
  zeros,
} from "gradtape";
import { adam, schedule } from "gradtape/optim";
import { load, minibatches } from "../digits/data.js";
import type { Digit } from "../digits/model.js";

const [EPOCHS, BATCH] = [3, 32];

export type Params = ReturnType<typeof initialize>;

export function initialize(key: random.Key) {
  const [edges, shapes, out] = random.split(key, 3);
  return {
    edges: { kernel: random.normal(edges, [8, 1, 3, 3], { std: Math.sqrt(2 / 9) }), bias: zeros([8, 1, 1]) },
    shapes: { kernel: random.normal(shapes, [16, 8, 3, 3], { std: Math.sqrt(2 / 72) }), bias: zeros([16, 1, 1]) },
    out: { weights: random.normal(out, [64, 10], { std: 1 / 8 }), bias: zeros([10]) },
  };
}

/** Convolution, a bias for each channel, and of every 2 x 2 pixels the largest: half as many rows and columns. */
function layer({ kernel, bias }: Params["edges" | "shapes"], x: Tensor): Tensor {
  return maxPool2d(relu(add(conv2d(x, kernel, { padding: "same" }), bias)), { window: 2 });
}

/** The logits [10] of one image of 64 pixels. Convolutions see many images with many channels: here one with one. */
export function predict(params: Params, pixels: Tensor): Tensor {
  const image = reshape(pixels, [1, 1, 8, 8]);
  const seen = layer(params.shapes, layer(params.edges, image));
  return add(matmul(reshape(seen, [64]), params.out.weights), params.out.bias);
}

export const cost = (params: Params, digit: Digit) => loss.crossEntropy(predict(params, digit.pixels), digit.target);

export function cnn() {
  const [start, order] = random.split(random.key(1));
  const [train, test] = [load("train"), load("test")];
  const predictAll = vmap(predict, { inAxes: [null, 0] });
  const accuracy = () =>
    valueOf(mean(equal(argmax(predictAll(params, test.digits.pixels), { axis: -1 }), test.labels)));
  const steps = EPOCHS * Math.ceil(train.count / BATCH);
  const optimizer = adam({ rate: schedule.cosine({ rate: 0.02, steps }) });
  let params = initialize(start);
  let state = optimizer.init(params);
  const before = accuracy();
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const batch of minibatches(random.fold(order, epoch), train, BATCH)) {
      [params, state] = optimizer.update(batchGrad(cost)(params, batch).mean(), state, params);
    }
  }
  return { steps, accuracy: { before, after: accuracy() } };
}
