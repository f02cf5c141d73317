import { refuseExtra } from "../base/extra-arguments";
import { checkFlag, checkNumber, checkOptions } from "../base/options";
import { asSchedule, makeOptimizer, type Optimizer, type Schedule } from "./optimizer";

/**
 * Stochastic gradient descent, with momentum if wanted.
 *
 * Shape: an {@link Optimizer} that remembers one tree, `velocity`.
 *
 * `v = momentum v + g`, then `p = p - rate v`; with nesterov `p = p - rate (g + momentum v)`. Values are those of
 * PyTorch's `torch.optim.SGD` (dampening 0): the rate multiplies the velocity and is not part of it.
 * @param options - rate: a number >= 0 or a function of the number of updates done; momentum: from 0 to 1; nesterov
 * @returns the optimizer
 * @throws GradtapeError `argument/number`, `option/unknown`; its update: `tree/mismatch`, `tree/leaf`
 * @see I. Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013
 * @example
 * ```ts
 * import { grad, square } from "gradtape";
 * import { sgd } from "gradtape/optim";
 * const optimizer = sgd({ rate: 0.1, momentum: 0.9 });
 * let params = { x: 1 };
 * let state = optimizer.init(params);
 * const gradient = grad((p: { x: number }) => square(p.x));
 * for (let i = 0; i < 2; i++) [params, state] = optimizer.update(gradient(params), state, params);
 * params.x; // => 0.46
 * ```
 */
export function sgd(options: {
  readonly rate: number | Schedule;
  readonly momentum?: number | undefined;
  readonly nesterov?: boolean | undefined;
}): Optimizer<"velocity"> {
  refuseExtra("sgd", "options", 1, arguments);
  checkOptions("sgd", options, ["rate", "momentum", "nesterov"]);
  const rate = asSchedule("sgd", options?.rate);
  const momentum = checkNumber("sgd", "momentum", options.momentum ?? 0, 0, 1);
  const nesterov = checkFlag("sgd", "nesterov", options.nesterov);
  return makeOptimizer("sgd", { velocity: 0 }, rate, {
    update(on, { parameter, gradient, memory, scalars: [now] }) {
      if (momentum === 0) return [on.sub(parameter, on.mul(now, gradient)), memory];
      const velocity = on.add(on.mul(momentum, memory.velocity), gradient);
      const step = nesterov ? on.add(gradient, on.mul(momentum, velocity)) : velocity;
      return [on.sub(parameter, on.mul(now, step)), { velocity }];
    },
  });
}
