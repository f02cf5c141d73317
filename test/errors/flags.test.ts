import { argmax, loss, scan, sum, tensor } from "gradtape";
import { expect, test } from "vitest";
import { errorOf } from "./error-of";

const x = tensor([1, 2]);
// Users of JavaScript have no compiler to tell them.
const wrong = JSON.parse('{ "keepDims": "yes", "logTarget": 1, "reverse": "no" }');

test.each([
  [
    "keepDims",
    'sum: keepDims must be true or false, got "yes". Write { keepDims: true }, or leave it out.',
    () => sum(x, { keepDims: wrong.keepDims }),
  ],
  [
    "keepDims",
    'argmax: keepDims must be true or false, got "yes". Write { keepDims: true }, or leave it out.',
    () => argmax(x, { keepDims: wrong.keepDims }),
  ],
  [
    "logTarget",
    "loss.klDivergence: logTarget must be true or false, got 1. Write { logTarget: true }, or leave it out.",
    () => loss.klDivergence(x, x, { logTarget: wrong.logTarget }),
  ],
  [
    "reverse",
    'scan: reverse must be true or false, got "no". Write { reverse: true }, or leave it out.',
    () => scan((c: number, y: number) => [c, y], 0, x, { reverse: wrong.reverse }),
  ],
] as const)("%s that is neither true nor false is an error: %s", (_, text, call) => {
  expect(errorOf(call)).toBe(`[option/choice] ${text}`);
});
