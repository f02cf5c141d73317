import { refuseExtra } from "../base/extra-arguments";
import { checkNumber, checkOptions } from "../base/options";
import { div, sub } from "../ops/elementwise/arithmetic";
import { pow, sqrt } from "../ops/elementwise/exponential";
import type { LeafRule } from "./fused-update";
import { asSchedule, BELOW_ONE, makeOptimizer, type Optimizer, type Schedule } from "./optimizer";

/** Options of adam. */
export interface AdamOptions {
  /** A number >= 0, or a function of the number of updates done; default 1e-3. */
  readonly rate?: number | Schedule | undefined;
  /** How much of the mean of gradients is kept; default 0.9. */
  readonly beta1?: number | undefined;
  /** How much of the mean of their squares is kept; default 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root of the mean square; default 1e-8. */
  readonly epsilon?: number | undefined;
}

type Moments = "mean" | "square";
const SQUARES = ["square"] as const;
const OPTIONS = ["rate", "beta1", "beta2", "epsilon"];

function adamRule(where: string, options: AdamOptions | undefined, weightDecay: number): LeafRule<Moments> {
  // At 1 the corrections would divide by 0.
  const beta1 = checkNumber(where, "beta1", options?.beta1 ?? 0.9, 0, BELOW_ONE);
  const beta2 = checkNumber(where, "beta2", options?.beta2 ?? 0.999, 0, BELOW_ONE);
  const epsilon = checkNumber(where, "epsilon", options?.epsilon ?? 1e-8, 0, Infinity);
  return {
    scalars: (rate, count) => [
      div(rate, sub(1, pow(beta1, count))),
      sqrt(sub(1, pow(beta2, count))),
      1 - rate * weightDecay,
    ],
    update(on, { parameter, gradient, memory, scalars: [rate, correction, decay] }) {
      const mean = on.add(on.mul(beta1, memory.mean), on.mul(1 - beta1, gradient));
      const square = on.add(on.mul(beta2, memory.square), on.mul(1 - beta2, on.squareOf(gradient)));
      const spread = on.add(on.div(on.rootOf(square, gradient), correction), epsilon);
      const decayed = weightDecay === 0 ? parameter : on.mul(decay, parameter);
      return [on.sub(decayed, on.mul(rate, on.div(mean, spread))), { mean, square }];
    },
  };
}

/**
 * Adam: steps along the running mean of the gradients, over the root of the running mean of their squares.
 *
 * Shape: an {@link Optimizer} that remembers two trees, `mean` and `square`; squares of tensors are float64.
 *
 * `m = beta1 m + (1 - beta1) g`, `s = beta2 s + (1 - beta2) g²`, `p = p - rate m̂ / (sqrt(ŝ) + epsilon)` with the
 * biases of the zero start corrected: `m̂ = m / (1 - beta1^t)`, `ŝ = s / (1 - beta2^t)` at update t = 1, 2, … Values are
 * those of PyTorch's `torch.optim.Adam`.
 * @param options - rate: default 1e-3; beta1: default 0.9; beta2: default 0.999; epsilon: default 1e-8
 * @returns the optimizer
 * @throws GradtapeError `argument/number`, `option/unknown`; its update: `tree/mismatch`, `tree/leaf`
 * @see D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015
 * @example
 * ```ts
 * import { tensor } from "gradtape";
 * import { adam } from "gradtape/optim";
 * const optimizer = adam({ rate: 0.1 });
 * const params = { w: tensor([1, 2]), b: 0 };
 * const gradients = { w: tensor([3, -0.001]), b: 0 };
 * const [updated] = optimizer.update(gradients, optimizer.init(params), params);
 * updated.w; // => [0.9, 2.099999]
 * updated.b; // => 0
 * ```
 */
export function adam(options?: AdamOptions): Optimizer<"mean" | "square"> {
  refuseExtra("adam", "options", 1, arguments);
  checkOptions("adam", options, OPTIONS);
  const rate = asSchedule("adam", options?.rate ?? 1e-3);
  return makeOptimizer("adam", { mean: 0, square: 0 }, rate, adamRule("adam", options, 0), SQUARES);
}

/**
 * Adam with weight decay that does not pass through the moments: parameters also shrink by `rate weightDecay`.
 *
 * Shape: an {@link Optimizer} that remembers two trees, `mean` and `square`; squares of tensors are float64.
 *
 * `p = (1 - rate weightDecay) p`, then as {@link adam}. Values are those of PyTorch's `torch.optim.AdamW`. Biases and
 * scales decay too: give them an optimizer of their own if they should not.
 * @param options - rate: default 1e-3; beta1: default 0.9; beta2: default 0.999; epsilon: default 1e-8; weightDecay: a
 * number >= 0, default 0.01
 * @returns the optimizer
 * @throws GradtapeError `argument/number`, `option/unknown`; its update: `tree/mismatch`, `tree/leaf`
 * @see I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019
 * @example
 * ```ts
 * import { adamW } from "gradtape/optim";
 * const optimizer = adamW({ rate: 0.1, weightDecay: 0.5 });
 * const [x] = optimizer.update(0, optimizer.init(2), 2);
 * x; // => 1.9
 * ```
 */
export function adamW(
  options?: AdamOptions & { readonly weightDecay?: number | undefined },
): Optimizer<"mean" | "square"> {
  refuseExtra("adamW", "options", 1, arguments);
  checkOptions("adamW", options, [...OPTIONS, "weightDecay"]);
  const rate = asSchedule("adamW", options?.rate ?? 1e-3);
  const weightDecay = checkNumber("adamW", "weightDecay", options?.weightDecay ?? 0.01, 0, Infinity);
  return makeOptimizer("adamW", { mean: 0, square: 0 }, rate, adamRule("adamW", options, weightDecay), SQUARES);
}
