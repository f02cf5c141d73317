// Wrong arguments of random choices and distributions: see bad-input.test.ts.
import { random, tensor, zeros } from "gradtape";
import { untyped } from "../support";
import type { Row } from "./bad-arguments";

const key = random.key(1);

export const badRandoms: Readonly<Record<string, readonly Row[]>> = {
  "random distributions": [
    [
      () => random.exponential(key, [2], { rate: 0 }),
      "[argument/number] random.exponential: rate must be a finite number >= 5e-324, got 0. Give a positive number.",
      () => random.exponential(key, [2], { rate: 1 }),
    ],
    [
      () => random.gumbel(key, [2], { scale: -1 }),
      "[argument/number] random.gumbel: scale must be a finite number >= 0, got -1. The smallest allowed is 0.",
      () => random.gumbel(key, [2], { scale: 0 }),
    ],
    [
      () => random.gumbel(key, [2], untyped({ loc: 1 })),
      '[option/unknown] random.gumbel: unknown option "loc". Known options: location, scale, dtype.',
      () => random.gumbel(key, [2], { location: 1 }),
    ],
    [
      () => random.truncatedNormal(key, [2], { min: 1, max: -1 }),
      "[argument/number] random.truncatedNormal: min must be a number at most max, got min 1 and max -1. Without options they are two standard deviations below and above the mean; -Infinity and Infinity cut nothing.",
      () => random.truncatedNormal(key, [2], { min: -1, max: 1 }),
    ],
    [
      () => random.truncatedNormal(key, [2], { min: Infinity, max: Infinity }),
      "[argument/number] random.truncatedNormal: min must be a number at most max, got min Infinity and max Infinity. Without options they are two standard deviations below and above the mean; -Infinity and Infinity cut nothing.",
      () => random.truncatedNormal(key, [2], { min: 9, max: Infinity }),
    ],
    [
      () => random.truncatedNormal(key, [2], { std: 0 }),
      "[argument/number] random.truncatedNormal: std must be a finite number >= 5e-324, got 0. Give a positive number.",
      () => random.truncatedNormal(key, [2], { std: 1 }),
    ],
  ],
  "random choices": [
    [
      () => random.categorical(key, zeros([2, 0])),
      "[random/choice] random.categorical: there are no classes on axis 1 of shape [2, 0]. Check its size first.",
      () => random.categorical(key, zeros([0, 2])),
    ],
    [
      () => random.categorical(key, zeros([3, 2]), { shape: [5] }),
      "[random/choice] random.categorical: shape must end with [3], the axes of the logits without the classes, got [5]. Leave shape out for one draw from each row.",
      () => random.categorical(key, zeros([3, 2]), { shape: [5, 3] }),
    ],
    [
      () => random.choice(key, 3, [4], { replace: false }),
      "[random/choice] random.choice: shape must ask for at most 3 draws, as many as there are to choose from, got [4]. With { replace: true } the same one can be drawn again.",
      () => random.choice(key, 3, [4]),
    ],
    [
      () => random.choice(key, 0, [1]),
      "[random/choice] random.choice: shape must ask for at most 0 draws, as many as there are to choose from, got [1]. Check the size first.",
      () => random.choice(key, 0, [0]),
    ],
    [
      () => random.choice(key, 3, [1], { weights: [1, 2] }),
      "[random/choice] random.choice: weights must be 3 numbers, one for each to choose from, got shape [2]. Leave them out if all are equally likely.",
      () => random.choice(key, 2, [1], { weights: [1, 2] }),
    ],
    [
      () => random.choice(key, 2, [1], { weights: untyped("even") }),
      '[random/choice] random.choice: weights must be 2 numbers, one for each to choose from, got "even". Leave them out if all are equally likely.',
      () => random.choice(key, 2, [1], { weights: tensor([1, 1]) }),
    ],
    [
      () => random.choice(key, 2, [1], { weights: [1, -1] }),
      "[random/choice] random.choice: weights must be finite numbers >= 0, got -1 at [1]. Weights are not logarithms: for logits use random.categorical.",
      () => random.choice(key, 2, [1], { weights: [1, 0] }),
    ],
    [
      () => random.choice(key, 2, [2], { weights: [1, 0], replace: false }),
      "[random/choice] random.choice: at least 2 of the weights must be above 0, got 1. What has weight 0 is never drawn.",
      () => random.choice(key, 2, [2], { weights: [1, 0] }),
    ],
    [
      () => random.choice(key, 2, [1], { weights: [0, 0] }),
      "[random/choice] random.choice: at least 1 of the weights must be above 0, got 0. What has weight 0 is never drawn.",
      () => random.choice(key, 2, [1], { weights: [0, 1] }),
    ],
    [
      () => random.choice(key, 1.5, [1]),
      "[argument/integer] random.choice: from must be an integer from 0 to 2147483647, got 1.5. Math.floor and Math.round make integers.",
      () => random.choice(key, 1, [1]),
    ],
    [
      () => random.choice(untyped(3), 1, [1]),
      "[random/key] random.choice: a key must be an int32 tensor of shape [2], got 3. Make one with random.key(seed).",
      () => random.choice(key, 1, [1]),
    ],
  ],
};
