import { trace } from "gradtape";
import { type Schedule, schedule } from "gradtape/optim";
import { expect, test } from "vitest";
import { errorOf } from "../errors/error-of";
import { untyped } from "../support";
import { numbersOf } from "./numbers";

const at = (rate: Schedule, steps: readonly number[]): number[] => steps.map(rate);
const close = (numbers: readonly number[]) => numbers.map((x) => expect.closeTo(x, 14));

test.each<[string, Schedule, number[], number[]]>([
  ["constant", schedule.constant(0.5), [0, 7], [0.5, 0.5]],
  ["exponential", schedule.exponential({ rate: 2, factor: 0.25, steps: 4 }), [0, 2, 4, 8], [2, 1, 0.5, 0.125]],
  [
    "exponential in stairs",
    schedule.exponential({ rate: 2, factor: 0.25, steps: 4, staircase: true }),
    [0, 3, 4, 7, 8],
    [2, 2, 0.5, 0.5, 0.125],
  ],
  ["cosine", schedule.cosine({ rate: 1, steps: 6, end: 0.5 }), [0, 2, 3, 4, 6, 9], [1, 0.875, 0.75, 0.625, 0.5, 0.5]],
  ["linear", schedule.linear({ rate: 1, steps: 4 }), [0, 1, 4, 5], [1, 0.75, 0, 0]],
  ["linear upwards", schedule.linear({ rate: 1, steps: 4, end: 2 }), [0, 1, 4, 5], [1, 1.25, 2, 2]],
  ["warmup", schedule.warmup(4, 2), [0, 1, 3, 4, 9], [0.5, 1, 2, 2, 2]],
  [
    "warmup, then linear",
    schedule.warmup(2, schedule.linear({ rate: 2, steps: 4 })),
    [0, 1, 2, 3, 6],
    [1, 2, 2, 1.5, 0],
  ],
])("%s, on numbers and traced", (_, rate, steps, rates) => {
  expect(at(rate, steps)).toEqual(close(rates));
  const tape = trace(rate)(0);
  expect(steps.flatMap((step) => numbersOf(tape.replay(step)))).toEqual(close(rates));
});

test("options that make no sense", () => {
  expect(errorOf(() => schedule.constant(Number.NaN))).toBe(
    "[argument/number] schedule.constant: rate must be a number >= 0, got NaN. NaN is outside every range: look where it was computed.",
  );
  expect(errorOf(() => schedule.cosine({ rate: 1, steps: 0 }))).toBe(
    "[argument/number] schedule.cosine: steps must be a number >= 1, got 0. The smallest allowed is 1.",
  );
  expect(errorOf(() => schedule.warmup(3, untyped("x")))).toContain("[argument/function] schedule.warmup");
});
