// What the modules beside export, through the declarations emitted for them: every line compiles, or must not.
import { ones, type Tensor } from "gradtape";
import {
  both,
  checked,
  hessianOf,
  jacobianOf,
  pulled,
  root,
  type Spring,
  slope,
  sums,
  swept,
  tape,
  withAux,
} from "./derivatives.js";
import { fitted, optimizer, start, state, step, train } from "./fitting.js";
import { classifier, cost, Dense, identity, predict, scaled, symmetric } from "./model.js";
import { blend, cube, halves, largest, shiftBy } from "./own-ops.js";
import { Privacy, perSample, products, shortcut } from "./samples.js";

const spring: Spring = { stiffness: 1, ends: [ones([3]), ones([3])] };
export const squares: Tensor<readonly [2, 2]> = identity;
export const product: Tensor<readonly [2, 3]> = scaled;
export const logits: Tensor<readonly [3]> = predict(classifier, ones([4]));
export const balanced: Tensor<readonly [3, 3]> = symmetric(ones([3, 3]));
export const gradient: Spring = slope(spring, 9.8);
export const pair: [Tensor<readonly []>, Spring] = both(spring, 9.8);
export const aux: Tensor<readonly [3]> = withAux(spring)[2].length[0];
export const pulledBack: [Tensor<readonly [3]>, Tensor<readonly [2, 3]>] = pulled[1](ones([2]));
export const jacobian: Tensor<readonly [3, 3]> = jacobianOf(spring).gap.ends[1];
export const hessian: Tensor<readonly [3, 3]> = hessianOf({ u: ones([3]), v: 2 }).u.u;
export const carried: Tensor<readonly [number, 3]> = sums(ones([5, 3]))[1].c;
export const sweptLeaf: Tensor<readonly [3]> = swept.all[0] ?? swept.leaf;
export const replayed: Tensor<readonly []> = tape.replay(spring, 2);
export const spring2: Spring = checked(spring, 1);
export const two: number = root(4);
const mean = perSample(classifier, { x: ones([8, 4]), y: ones([8]) }).mean();
export const same: typeof classifier = mean;
export const cheap: typeof classifier = shortcut(classifier, { x: ones([8, 4]), y: ones([8]) });
export const norms: Tensor<readonly [number]> = products({ x: ones([8, 4]), y: ones([8]) }).norms[0].w;
export const [clipped] = new Privacy(perSample(classifier, { x: ones([8, 4]), y: ones([8]) })).clipped(1);
export const number: number = cube(2);
export const vector: Tensor<readonly [2, 3]> = blend(ones([2, 1]), cube(ones([3])));
export const shifted: Tensor = shiftBy(ones([3]), { by: 1 });
export const parts: readonly Tensor[] = halves(ones([3]));
export const reduced: Tensor<readonly [3]> = largest(ones([2, 3]), { axis: 0 });
export const rate: number = fitted.params.rate;
export const stepped: typeof start = optimizer.update(step(start)[1], state, start)[0];
export const trained: Tensor<readonly [2]> = train(start, state).next.scale;
export const weights: Tensor<readonly [4, 3]> = new Dense(ones([2]), 4, 3).params.w;

// @ts-expect-error sizes 4 and 5
predict(classifier, ones([5]));
// @ts-expect-error a spring has three coordinates
slope({ stiffness: 1, ends: [ones([2]), ones([3])] }, 9.8);
// @ts-expect-error sizes 2 and 3
blend(ones([2]), ones([3]));
// @ts-expect-error the batch has four numbers a sample
perSample(classifier, { x: ones([8, 5]), y: ones([8]) });
// @ts-expect-error a class is one index
cost(classifier, { x: ones([4]), y: ones([2]) });
