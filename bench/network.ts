import type { Dtype, Tensor } from "gradtape";
import { type Library, numbers } from "./figure";

/** Weights and biases, layer by layer. */
export type Network = readonly { readonly w: Tensor; readonly b: Tensor }[];

/** A network of the given widths, its numbers scaled by the square root of what comes in. */
export function network({ tensor }: Library, widths: readonly number[], dtype: Dtype = "float64"): Network {
  return widths.slice(1).map((width, k) => ({
    w: tensor(numbers(widths[k] * width, Math.sqrt(2 / widths[k]), k), { shape: [widths[k], width], dtype }),
    b: tensor(numbers(width, 0.1, k + 0.5), { dtype }),
  }));
}

/** What a network of tanh layers predicts; the last layer is linear. */
export function predict({ add, matmul, tanh }: Library, layers: Network, x: Tensor): Tensor {
  return layers.reduce((y, { w, b }, k) => {
    const z: Tensor = add(matmul(y, w), b);
    return k + 1 < layers.length ? tanh(z) : z;
  }, x);
}

/** All numbers of a network, or of a gradient by one, in one array. */
export function flat(layers: readonly { readonly w: Tensor; readonly b: Tensor }[]): number[] {
  return layers.flatMap(({ w, b }) => [...w.data, ...b.data]);
}
