import { refuseExtra } from "../base/extra-arguments";
import { checkNumber, checkOptions } from "../base/options";
import type { LeafRule } from "./fused-update";
import { asSchedule, BELOW_ONE, makeOptimizer, type Optimizer, type Schedule } from "./optimizer";

/**
 * RMSprop: gradients over the root of the running mean of their squares.
 *
 * Shape: an {@link Optimizer} that remembers two trees, `square` and `velocity`; squares of tensors are float64.
 *
 * `s = decay s + (1 - decay) g²`, `v = momentum v + g / (sqrt(s) + epsilon)`, `p = p - rate v`. Values are those of
 * PyTorch's `torch.optim.RMSprop` (not centered; its `alpha` is decay): s starts at 0 and that is not corrected.
 * @param options - rate: default 1e-2; decay: default 0.99; epsilon: default 1e-8; momentum: default 0
 * @returns the optimizer
 * @throws GradtapeError `argument/number`, `option/unknown`; its update: `tree/mismatch`, `tree/leaf`
 * @see T. Tieleman, G. Hinton, "Neural networks for machine learning", lecture 6.5, 2012
 * @example
 * ```ts
 * import { rmsprop } from "gradtape/optim";
 * const optimizer = rmsprop({ rate: 0.1, decay: 0.75 });
 * const [x] = optimizer.update(4, optimizer.init(1), 1);
 * x; // => 0.8
 * ```
 */
export function rmsprop(options?: {
  readonly rate?: number | Schedule | undefined;
  readonly decay?: number | undefined;
  readonly epsilon?: number | undefined;
  readonly momentum?: number | undefined;
}): Optimizer<"square" | "velocity"> {
  refuseExtra("rmsprop", "options", 1, arguments);
  checkOptions("rmsprop", options, ["rate", "decay", "epsilon", "momentum"]);
  const rate = asSchedule("rmsprop", options?.rate ?? 1e-2);
  const decay = checkNumber("rmsprop", "decay", options?.decay ?? 0.99, 0, BELOW_ONE);
  const epsilon = checkNumber("rmsprop", "epsilon", options?.epsilon ?? 1e-8, 0, Infinity);
  const momentum = checkNumber("rmsprop", "momentum", options?.momentum ?? 0, 0, 1);
  const rule: LeafRule<"square" | "velocity"> = {
    update(on, { parameter, gradient, memory, scalars: [now] }) {
      const square = on.add(on.mul(decay, memory.square), on.mul(1 - decay, on.squareOf(gradient)));
      const scaled = on.div(gradient, on.add(on.rootOf(square, gradient), epsilon));
      if (momentum === 0) return [on.sub(parameter, on.mul(now, scaled)), { ...memory, square }];
      const velocity = on.add(on.mul(momentum, memory.velocity), scaled);
      return [on.sub(parameter, on.mul(now, velocity)), { square, velocity }];
    },
  };
  return makeOptimizer("rmsprop", { square: 0, velocity: 0 }, rate, rule, ["square"]);
}

/**
 * Adagrad: gradients over the root of the sum of all their squares.
 *
 * Shape: an {@link Optimizer} that remembers one tree, `sum`; that of a tensor is float64.
 *
 * `s = s + g²`, `p = p - rate g / (sqrt(s) + epsilon)`. Values are those of PyTorch's `torch.optim.Adagrad`; its
 * `lr_decay` is a rate that is a function of the step.
 * @param options - rate: default 1e-2; epsilon: default 1e-10; initial: where the sum of squares starts, default 0
 * @returns the optimizer
 * @throws GradtapeError `argument/number`, `option/unknown`; its update: `tree/mismatch`, `tree/leaf`
 * @see J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning", JMLR 12 (2011)
 * @example
 * ```ts
 * import { adagrad } from "gradtape/optim";
 * const optimizer = adagrad({ rate: 0.1, initial: 9 });
 * const [x, state] = optimizer.update(4, optimizer.init(1), 1);
 * x; // => 0.92
 * state; // => { step: 1, sum: 25 }
 * ```
 */
export function adagrad(options?: {
  readonly rate?: number | Schedule | undefined;
  readonly epsilon?: number | undefined;
  readonly initial?: number | undefined;
}): Optimizer<"sum"> {
  refuseExtra("adagrad", "options", 1, arguments);
  checkOptions("adagrad", options, ["rate", "epsilon", "initial"]);
  const rate = asSchedule("adagrad", options?.rate ?? 1e-2);
  const epsilon = checkNumber("adagrad", "epsilon", options?.epsilon ?? 1e-10, 0, Infinity);
  const initial = checkNumber("adagrad", "initial", options?.initial ?? 0, 0, Infinity);
  const rule: LeafRule<"sum"> = {
    update(on, { parameter, gradient, memory, scalars: [now] }) {
      const sum = on.add(memory.sum, on.squareOf(gradient));
      const step = on.div(gradient, on.add(on.rootOf(sum, gradient), epsilon));
      return [on.sub(parameter, on.mul(now, step)), { sum }];
    },
  };
  return makeOptimizer("adagrad", { sum: initial }, rate, rule, ["sum"]);
}
