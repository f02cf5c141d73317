// A user's model: classes, generics and constants, with as few types written as possible.
import {
  add,
  layerNorm,
  loss,
  matmul,
  mul,
  ones,
  random,
  type Scalar,
  softmax,
  swapAxes,
  type Tensor,
  tanh,
  tensor,
  transpose,
  tree,
  type Value,
  where,
  zeros,
} from "gradtape";

export const identity = tensor([
  [1, 0],
  [0, 1],
]);
export const zero = zeros([2, 3]);
export const scaled = mul(ones([2, 1]), ones([3]));

export class Dense<const I extends number, const O extends number> {
  readonly params;

  constructor(key: random.Key, inputs: I, outputs: O) {
    this.params = { w: random.normal(key, [inputs, outputs]), b: zeros([outputs]) };
  }

  static apply<I extends number, O extends number>(params: Dense<I, O>["params"], x: Tensor) {
    return tanh(add(matmul(x, params.w as Tensor), params.b as Tensor));
  }

  count() {
    return tree.leaves(this.params).length;
  }
}

export function network<const I extends number, const O extends number>(key: random.Key, inputs: I, outputs: O) {
  const [first, second] = random.split(key);
  return [new Dense(first, inputs, 16).params, new Dense(second, 16, outputs).params] as const;
}

export const classifier = network(random.key(1), 4, 3);
export const predict = (params: typeof classifier, x: Tensor<readonly [4]>) =>
  add(matmul(tanh(add(matmul(x, params[0].w), params[0].b)), params[1].w), params[1].b);
export interface Sample {
  readonly x: Tensor<readonly [4]>;
  readonly y: Tensor<readonly []>;
}
export const cost = (params: typeof classifier, sample: Sample) =>
  loss.crossEntropy(predict(params, sample.x), sample.y);

export const attention = (q: Tensor, k: Tensor, v: Tensor) => matmul(softmax(matmul(q, swapAxes(k, -1, -2))), v);
export const normalized = <X extends Tensor>(x: X, gain: Value, bias: Value) =>
  add(mul(layerNorm(x) as Tensor, gain), bias);
export const positive = (x: Tensor) => where(tensor([true, false]), x, 0);
export const symmetric = (x: Tensor<readonly [3, 3]>) => mul(0.5, add(x, transpose(x)));
export const half = (x: Scalar) => mul(x, 0.5);
