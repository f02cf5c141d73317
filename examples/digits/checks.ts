/** What must hold for the demo to succeed. */
import type { Measurement } from "./measure";
import { percent, type Runs, type Stages } from "./tables";

export interface Check {
  readonly claim: string;
  readonly holds: boolean;
}

/** Rounding, for gradients of this size: sums of a few hundred float64 terms of about 1. */
const ROUNDING = 1e-13;
/** Nowhere near rounding: the smallest relative error that counts as wrong. */
const WRONG = 0.05;
/** The one parameter that the shortcut gets right: its gradient is the mean error itself. */
const LAST_BIAS = "output.bias";

export function check(measured: Stages<Measurement>, runs: Runs, requiredAccuracy: number): Check[] {
  const both = [measured.start, measured.trained];
  const shortcutErrors = both.flatMap((each) => each.shortcutErrors);
  const [right, shortcut] = [runs.right.final, runs.shortcut.final];
  return [
    {
      claim: `the test set is read with at least ${percent(requiredAccuracy)} accuracy`,
      holds: right.test.accuracy >= requiredAccuracy,
    },
    {
      claim: "the mean of the per-sample gradients is the gradient of the mean, for every parameter",
      holds: both.every((each) => each.meanGaps.length > 0 && each.meanGaps.every(({ value }) => value < ROUNDING)),
    },
    {
      claim: "the shortcut is right for the last bias",
      holds: shortcutErrors.filter(({ path }) => path === LAST_BIAS).every((row) => row.relativeError < 1e-9),
    },
    {
      claim: `the shortcut is wrong by at least ${percent(WRONG)} for every other parameter`,
      holds: shortcutErrors.filter(({ path }) => path !== LAST_BIAS).every((row) => row.relativeError > WRONG),
    },
    {
      claim: "the shortcut of gradtape/pitfalls is the one spelled out for this network",
      holds: both.every((each) => each.shortcutGaps.every(({ value }) => value < ROUNDING)),
    },
    {
      claim: "trained by the shortcut, the same network ends at a higher loss and a lower accuracy",
      holds: shortcut.train.cost > right.train.cost && shortcut.test.accuracy < right.test.accuracy,
    },
  ];
}
