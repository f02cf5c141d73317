// What an error says about a value that is not the number wanted.
import { expect, test } from "vitest";
import { numberHint } from "../../src/base/number-hint";

const { MAX_VALUE, MIN_VALUE } = Number;

test.each([
  [undefined, 0, 1, false, "Give a value: there is no default."],
  [null, 0, 1, false, "Give a value: there is no default."],
  ["0.5", 0, 1, false, "Give one plain number."],
  [1n, 0, 1, true, "Give one plain number."],
  ["same", 0, 1, true, "Give one plain number."],
  [[1], 0, 1, true, "Give one plain number."],
  [true, 0, 1, true, "Give one plain number."],
  [Number.NaN, 0, 1, false, "NaN is outside every range: look where it was computed."],
  [0, MIN_VALUE, Infinity, false, "Give a positive number."],
  [-Infinity, -MAX_VALUE, MAX_VALUE, false, "Use a large number in place of Infinity."],
  [Infinity, 0, 3, true, "Use a large number in place of Infinity."],
  [-1, 0, Infinity, false, "The smallest allowed is 0."],
  [0.5, 1, 3, true, "The smallest allowed is 1."],
  [4, 0, 3, true, "The largest allowed is 3."],
  [1.5, 0, 3, true, "Math.floor and Math.round make integers."],
] as const)("%s, from %s to %s (whole: %s): %s", (x, min, max, whole, hint) => {
  expect(numberHint(x, min, max, whole)).toBe(hint);
});
