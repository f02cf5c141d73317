import { describe, expect, test } from "vitest";
import { type Contest, extremeFold, meanOfWinners, shareAmongWinners } from "../../../src/numeric/rows/winners";

const shape = [2, 3, 2];
const x = Float64Array.of(1, 5, 4, 5, 4, 2, -0, Number.NaN, 0, 7, -1, 7);

function contest(axes: readonly number[], y: readonly number[], mask?: readonly number[]): Contest {
  return { x, y: Float64Array.from(y), mask: mask && Uint8Array.from(mask), shape, axes };
}
const shared = (yBar: readonly number[], of: Contest): number[] => {
  const out = new Float64Array(x.length);
  shareAmongWinners(out, Float64Array.from(yBar), of);
  return [...out];
};
const mean = (xDot: readonly number[], of: Contest): number[] => {
  const out = new Float64Array(of.y.length);
  meanOfWinners(out, Float64Array.from(xDot), of);
  return [...out];
};

describe("extremeFold", () => {
  test("the largest and the smallest: the first of equal zeros, and NaN", () => {
    const out = new Float64Array(4);
    extremeFold(1)(out, x, 2, 3, 2);
    expect([...out]).toEqual([4, 5, -0, Number.NaN]);
    extremeFold(-1)(out, x, 2, 3, 2);
    expect([...out]).toEqual([1, 2, -1, Number.NaN]);
  });

  test("the smallest int32, which has no opposite", () => {
    const out = new Int32Array(1);
    extremeFold(-1)(out, Int32Array.of(5, -(2 ** 31), 7), 1, 3, 1);
    expect(out[0]).toBe(-(2 ** 31));
  });
});

describe("winners", () => {
  const along = contest([1], [4, 5, 0, Number.NaN]);

  test("share evenly; NaN has no winner, and nothing but 0 to give", () => {
    expect(shared([2, 6, 8, 0], along)).toEqual([0, 3, 1, 3, 1, 0, 4, 0, 4, 0, 0, 0]);
    expect(shared([0, 0, 0, 1], along).map(Number.isNaN)).toEqual([...x.keys()].map((i) => i > 6 && i % 2 === 1));
  });

  test("a cotangent of Infinity reaches winners alone", () => {
    expect(shared([Infinity, 0, 0, 0], along)).toEqual([0, 0, Infinity, 0, Infinity, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("over axes that are apart, and with a mask", () => {
    const apart = contest([0, 2], [5, 7, 7], [1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 1]);
    expect(shared([1, 0, 6], apart)).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6]);
  });

  test("the transpose is the mean, <bar, mean(dot)> = <share(bar), dot>", () => {
    const [bar, dot] = [[2, 6, 8, 0], [...x.keys()].map((i) => 1 + i * i)];
    const product = (a: readonly number[], b: readonly number[]): number =>
      a.reduce((sum, ai, i) => sum + ai * b[i], 0);
    const means = mean(dot, along).slice(0, 3);
    expect(means).toEqual([(5 + 17) / 2, (2 + 10) / 2, (37 + 65) / 2]);
    expect(product(bar, [...means, 0])).toBe(product(shared(bar, along), dot));
  });
});
