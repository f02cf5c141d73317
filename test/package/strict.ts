// The installed package under strict TypeScript: compiled, never run.
import {
  batchGrad,
  grad,
  greater,
  mul,
  type PerSampleGradient,
  random,
  split,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  trace,
  unstack,
  vmap,
  where,
} from "gradtape";
import { adam, minimize } from "gradtape/optim";
import { averagedInputGrad } from "gradtape/pitfalls";
import { tanh } from "gradtape/pure";
import { gradcheck } from "gradtape/testing";

const x: Tensor<readonly [3]> = tensor([1, 2, 3]);
const slope: Tensor<readonly [3]> = grad((w: Tensor<readonly [3]>) => sum(mul(w, tanh(w))))(x);
const rate: number = grad((w: number) => square(w))(3);

interface Sample {
  readonly x: Tensor<readonly []>;
  readonly y: Tensor<readonly []>;
}
const cost = (w: number, sample: Sample) => square(sub(mul(w, sample.x), sample.y));
const batch = { x: tensor([1, 2]), y: tensor([1, 0]) };
const perSample: PerSampleGradient<number> = batchGrad(cost)(2, batch);
const mean: number = perSample.mean();
const pitfall: number = averagedInputGrad(cost)(2, batch);

const fitted: Tensor<readonly [3]> = minimize((w: Tensor<readonly [3]>) => sum(mul(w, w)), x).params;
const optimizer = adam({ rate: 0.1 });
const [stepped] = optimizer.update(slope, optimizer.init(x), x);

gradcheck((w: Tensor<readonly [3]>) => sum(w), [x], { order: 2 });

const keys: readonly [random.Key, random.Key, random.Key] = random.split(random.key(1), 3);
const [a, b, c]: [Tensor, Tensor, Tensor] = unstack(x);
const [left, right]: [Tensor, Tensor] = split(tensor([1, 2]), 2);
const chosen: Tensor = vmap(where)(greater(x, 0), x, 0.5);
const replayed: number = trace(grad((w: number) => square(w)))(1).replay(2);
const total: Tensor<readonly [2]> = sum(
  tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]),
  { axis: -1 },
);

// @ts-expect-error sizes 3 and 2 do not broadcast
mul(x, tensor([1, 2]));

export { a, b, c, chosen, fitted, keys, left, mean, pitfall, rate, replayed, right, slope, stepped, total };
