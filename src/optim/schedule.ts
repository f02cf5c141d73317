/**
 * Rates that change with the number of updates done: pure functions of the step, 0 for the first update.
 *
 * They are made of ops, so that a step that is traced may be given as well.
 *
 * @module
 */
import { refuseExtra } from "../base/extra-arguments";
import { checkFunction, checkNumber, checkOptions } from "../base/options";
import { add, div, maximum, minimum, mul, sub } from "../ops/elementwise/arithmetic";
import { less } from "../ops/elementwise/comparison";
import { pow } from "../ops/elementwise/exponential";
import { floor } from "../ops/elementwise/rounding";
import { cos } from "../ops/elementwise/trigonometric";
import { where } from "../ops/elementwise/where";
import type { Schedule } from "./optimizer";

const checkRate = (name: string, rate: unknown): number => checkNumber(name, "rate", rate, 0, Infinity);
const checkSteps = (name: string, steps: unknown): number => checkNumber(name, "steps", steps, 1, Infinity);

const refuseSteps = (given: IArguments): void => refuseExtra("schedule", "step", 1, given, true);

/**
 * The same rate at every step.
 *
 * @param rate - a number >= 0
 * @returns the schedule
 * @throws GradtapeError `argument/number`
 * @example
 * ```ts
 * import { schedule } from "gradtape/optim";
 * schedule.constant(0.1)(1000); // => 0.1
 * ```
 */
export function constant(rate: number): Schedule {
  refuseExtra("schedule.constant", "rate", 1, arguments);
  checkRate("schedule.constant", rate);
  return function (_step) {
    refuseSteps(arguments);
    return rate;
  };
}

/**
 * A rate that is multiplied by a factor every so many steps: `rate factor^(step / steps)`.
 *
 * @param options - rate: the rate at step 0; factor: what it is multiplied by; steps: the number of steps in which the
 * factor is reached, default 1; staircase: whole powers only, default false
 * @returns the schedule
 * @throws GradtapeError `argument/number`, `option/unknown`
 * @example
 * ```ts
 * import { schedule } from "gradtape/optim";
 * const rate = schedule.exponential({ rate: 0.1, factor: 0.25, steps: 100 });
 * rate(50); // => 0.05
 * rate(100); // => 0.025
 * ```
 */
export function exponential(options: {
  readonly rate: number;
  readonly factor: number;
  readonly steps?: number | undefined;
  readonly staircase?: boolean | undefined;
}): Schedule {
  refuseExtra("schedule.exponential", "options", 1, arguments);
  const name = "schedule.exponential";
  checkOptions(name, options, ["rate", "factor", "steps", "staircase"]);
  const rate = checkRate(name, options?.rate);
  const factor = checkNumber(name, "factor", options?.factor, 0, Infinity);
  const steps = checkSteps(name, options.steps ?? 1);
  return function (step) {
    refuseSteps(arguments);
    const power = div(step, steps);
    return mul(rate, pow(factor, options.staircase === true ? floor(power) : power));
  };
}

/**
 * A rate that goes along half a cosine from its start to its end, and stays there:
 * `end + (rate - end) (1 + cos(pi step / steps)) / 2`.
 *
 * @param options - rate: the rate at step 0; steps: the number of steps until the end is reached; end: the rate from
 * then on, default 0
 * @returns the schedule
 * @throws GradtapeError `argument/number`, `option/unknown`
 * @see I. Loshchilov, F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017
 * @example
 * ```ts
 * import { schedule } from "gradtape/optim";
 * const rate = schedule.cosine({ rate: 0.1, steps: 100 });
 * rate(0); // => 0.1
 * rate(50); // => 0.05
 * rate(200); // => 0
 * ```
 */
export function cosine(options: {
  readonly rate: number;
  readonly steps: number;
  readonly end?: number | undefined;
}): Schedule {
  refuseExtra("schedule.cosine", "options", 1, arguments);
  const name = "schedule.cosine";
  const { rate, steps, end } = rampOptions(name, options);
  return function (step) {
    refuseSteps(arguments);
    const share = mul(0.5, add(1, cos(mul(Math.PI, minimum(1, div(step, steps))))));
    return add(end, mul(rate - end, share));
  };
}

/**
 * A rate that goes along a line from its start to its end, and stays there.
 *
 * @param options - rate: the rate at step 0; steps: the number of steps until the end is reached; end: the rate from
 * then on, default 0
 * @returns the schedule
 * @throws GradtapeError `argument/number`, `option/unknown`
 * @example
 * ```ts
 * import { schedule } from "gradtape/optim";
 * const rate = schedule.linear({ rate: 0.1, steps: 100, end: 0.02 });
 * rate(50); // => 0.06
 * rate(200); // => 0.02
 * ```
 */
export function linear(options: {
  readonly rate: number;
  readonly steps: number;
  readonly end?: number | undefined;
}): Schedule {
  refuseExtra("schedule.linear", "options", 1, arguments);
  const name = "schedule.linear";
  const { rate, steps, end } = rampOptions(name, options);
  return function (step) {
    refuseSteps(arguments);
    return add(rate, mul(end - rate, minimum(1, div(step, steps))));
  };
}

function rampOptions(
  name: string,
  options: { readonly rate: number; readonly steps: number; readonly end?: number | undefined },
): { rate: number; steps: number; end: number } {
  checkOptions(name, options, ["rate", "steps", "end"]);
  const rate = checkRate(name, options?.rate);
  const steps = checkSteps(name, options?.steps);
  return { rate, steps, end: checkNumber(name, "end", options.end ?? 0, 0, Infinity) };
}

/**
 * A schedule that begins with a line from 0: at step k < steps the rate is (k + 1) / steps of the schedule's first rate;
 * after that the schedule begins, at its step 0.
 *
 * @param steps - how many updates to warm up
 * @param after - the schedule, or a number
 * @returns the schedule of both
 * @throws GradtapeError `argument/number`, `argument/function`
 * @example
 * ```ts
 * import { schedule } from "gradtape/optim";
 * const rate = schedule.warmup(4, schedule.cosine({ rate: 0.1, steps: 100 }));
 * [rate(0), rate(3), rate(4), rate(54)]; // => [0.025, 0.1, 0.1, 0.05]
 * ```
 */
export function warmup(steps: number, after: number | Schedule): Schedule {
  refuseExtra("schedule.warmup", "steps, after", 2, arguments);
  const name = "schedule.warmup";
  checkSteps(name, steps);
  if (typeof after !== "number") checkFunction(name, after, "after");
  const rest: Schedule = typeof after === "number" ? constant(after) : after;
  return function (step) {
    refuseSteps(arguments);
    const rising = mul(rest(0), div(add(step, 1), steps));
    return where(less(step, steps), rising, rest(maximum(0, sub(step, steps))));
  };
}
