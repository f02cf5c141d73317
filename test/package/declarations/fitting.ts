// A user's optimizers and checks, on gradtape/pure.
import { adam, adamW, clipByGlobalNorm, globalNorm, leastSquares, minimize, schedule, sgd } from "gradtape/optim";
import {
  exp,
  isTensor,
  mul,
  ones,
  type Scalar,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  valueAndGrad,
} from "gradtape/pure";
import { checkBatchGrad, checkOp, gradcheck, laws } from "gradtape/testing";
import { cube } from "./own-ops.js";

export interface Decay {
  readonly rate: number;
  readonly scale: Tensor<readonly [2]>;
}
export const start: Decay = { rate: 1, scale: ones([2]) };
const residuals = (p: Decay) => sub(mul(p.scale, exp(mul(-1, p.rate))), tensor([0.5, 0.25]));

export const optimizer = adam({ rate: schedule.warmup(10, 0.1) });
export const optimizers = { adamW: adamW({ rate: 0.1 }), sgd: sgd({ rate: 0.1, momentum: 0.9 }) };
export const state = optimizer.init(start);
export const step = valueAndGrad((p: Decay) => sum(square(residuals(p))));
export function train(params: Decay, memory: typeof state) {
  const [value, gradient] = step(params);
  const [next, after] = optimizer.update(clipByGlobalNorm(gradient, 1), memory, params);
  return { value, next, after, norm: globalNorm(gradient) };
}
export const fitted = minimize((p: Decay) => sum(square(residuals(p))), start);
export const solved = leastSquares(residuals, start);
export const check = (f: (x: Tensor) => Scalar) => gradcheck(f, [ones([3])]);
export const checks = { law: laws[0], checkBatchGrad, op: () => checkOp(cube, () => ({ inputs: [1] })) };
export const tensors = (xs: readonly unknown[]) => xs.filter(isTensor);
