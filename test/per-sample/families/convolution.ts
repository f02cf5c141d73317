// Convolutions: filters with more numbers than there are positions, and with fewer.
import {
  add,
  conv1d,
  conv2d,
  convTranspose1d,
  matmul,
  maxPool2d,
  relu,
  reshape,
  sin,
  type Tensor,
  tanh,
} from "gradtape";
import { type Draw, ending, type Family, squares } from "./draw";

const image = (x: Tensor): Tensor => reshape(x, [1, ...x.shape]);

/** How a kernel slides, and the size of an axis that has at least one place for it. */
function sliding(draw: Draw) {
  const groups = draw.one([1, 1, 2]);
  const [kernel, dilation] = [draw.one([1, 2, 3]), draw.one([1, 1, 2])];
  const padding = draw.one([0, 1, "same" as const]);
  const size = (kernel - 1) * dilation + 1 + draw.one([0, 1, 4]);
  return { kernel, size, options: { stride: draw.one([1, 2]), padding, dilation, groups } };
}

const images: Family = (draw) => {
  const { kernel, size, options } = sliding(draw);
  const [inner, filters] = [draw.one([1, 3]), options.groups * draw.one([1, 3])];
  const channels = options.groups * inner;
  return {
    params: { k: draw.weights(filters, inner, kernel, kernel), b: draw.weights(filters, 1, 1) },
    batch: { x: draw.rows(channels, size, size) },
    loss: (p, s) => squares(tanh(add(conv2d(image(s.x), p.k, options), p.b))),
  };
};

const sequences: Family = (draw) => {
  const { kernel, size, options } = sliding(draw);
  const [inner, filters] = [draw.one([1, 4]), options.groups * draw.one([1, 2])];
  return {
    params: { k: draw.weights(filters, inner, kernel) },
    batch: { x: draw.rows(options.groups * inner, size) },
    loss: (p, s) => squares(sin(conv1d(image(s.x), p.k, options))),
  };
};

const transposed: Family = (draw) => {
  const [channels, filters, length] = draw.sizes;
  const [stride, padding] = [draw.one([1, 2]), draw.one([0, 1])];
  return {
    params: { k: draw.weights(channels, filters, 3) },
    batch: { x: draw.rows(channels, length) },
    loss: (p, s) => squares(tanh(convTranspose1d(image(s.x), p.k, { stride, padding }))),
  };
};

/** Convolution, pooling, convolution and a dense layer. */
const network: Family = (draw) => {
  const [c1, c2, classes] = [draw.one([1, 2]), draw.one([1, 3]), draw.sizes[1]];
  const end = ending(draw, classes);
  return {
    params: {
      k1: draw.weights(c1, 1, 3, 3),
      b1: draw.weights(c1, 1, 1),
      k2: draw.weights(c2, c1, 2, 2),
      w: draw.weights(c2 * 4, classes),
      b: draw.weights(classes),
    },
    batch: { x: draw.rows(1, 6, 6), ...end.batch },
    loss: (p, s) => {
      const first = maxPool2d(relu(add(conv2d(image(s.x), p.k1, { padding: "same" }), p.b1)), { window: 2 });
      const second = tanh(conv2d(first, p.k2));
      return end.loss(add(matmul(reshape(second, [-1]), p.w), p.b), s);
    },
  };
};

/** One kernel, used by two layers. */
const tiedKernel: Family = (draw) => {
  const channels = draw.one([1, 2]);
  return {
    params: { k: draw.weights(channels, channels, 2, 2) },
    batch: { x: draw.rows(channels, 4, 4) },
    loss: (p, s) => squares(conv2d(tanh(conv2d(image(s.x), p.k)), p.k)),
  };
};

export const convolutionFamilies: Readonly<Record<string, Family>> = {
  "convolution of images": images,
  "convolution of sequences": sequences,
  "transposed convolution": transposed,
  "convolutional network": network,
  "tied kernel": tiedKernel,
};
