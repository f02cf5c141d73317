import { describe, expect, test } from "vitest";
import * as gt from "../../../src/index";

/** A row that is used, and one that is not. */
const used = [0.2, 0.5, 0.7, 0.4];
const mask = gt.tensor([[true], [false]]);
const unused = [
  [0, -1, Number.NaN, Infinity],
  [Infinity, 1, -Infinity, 0],
  [Number.NaN, Number.NaN, Number.NaN, Number.NaN],
  [-5, 0, 1e300, -1e300],
];
const functions: Record<string, (x: gt.Tensor) => gt.Tensor> = {
  sqrt: gt.sqrt,
  log: gt.log,
  reciprocal: gt.reciprocal,
  exp: gt.exp,
  lgamma: gt.lgamma,
  square: (x) => gt.mul(x, x),
  quotient: (x) => gt.div(1, x),
  power: (x) => gt.pow(x, 2.5),
  gammainc: (x) => gt.gammainc(x, 1.5),
  betainc: (x) => gt.betainc(2, 3, x),
  logit: gt.logit,
  xlogy: (x) => gt.xlogy(x, x),
  cumprod: (x) => gt.cumprod(x),
  logCumSumExp: (x) => gt.logCumSumExp(x),
  cummax: (x) => gt.cummax(x),
  softmax: (x) => gt.softmax(x),
  logSoftmax: (x) => gt.logSoftmax(x),
  layerNorm: (x) => gt.layerNorm(x),
};
const cases = Object.entries(functions).flatMap(([name, f]) => unused.map((row) => ({ name, f, row })));

describe("what is not taken adds nothing to derivatives", () => {
  test.each(cases)("of $name at $row, to the third order", ({ f, row }) => {
    const x = gt.tensor([used, row]);
    const direction = gt.tensor([used, [1, -1, 2, 1]]);
    const cost = (at: gt.Tensor) => gt.sum(gt.where(mask, gt.square(f(at)), 0));
    const along = (g: (at: gt.Tensor) => gt.Tensor) => (at: gt.Tensor) => gt.sum(gt.mul(g(at), direction));
    const first = gt.grad(cost);
    const second = gt.grad(along(first));
    const third = gt.grad(along(second));
    const forward = gt.hvp(cost);
    for (const y of [first(x), second(x), third(x), forward(x, direction)]) {
      const [rowUsed, rowUnused] = y.toArray() as number[][];
      expect(rowUsed?.every(Number.isFinite)).toBe(true);
      expect(rowUnused?.every((number) => number === 0)).toBe(true);
    }
    const still = gt.tensor([used, [0, 0, 0, 0]]);
    const [, dots] = gt.jvp(f, [x], [still])[1].toArray() as number[][];
    expect(dots?.every((number) => number === 0)).toBe(true);
  });

  test.each(Object.entries(functions).slice(0, 8))("of %s of a number, to the third order", (_, f) => {
    for (const at of [0, -1, Number.NaN, -Infinity]) {
      const taken = (x: gt.Scalar): gt.Scalar => gt.where(gt.greater(x, 0), f(x as gt.Tensor), 0);
      const first = gt.grad(taken);
      const second = gt.grad(first);
      expect([first(at), second(at), gt.grad(second)(at)].map(Number)).toEqual([0, 0, 0]);
      expect(gt.valueOf(gt.jvp(first, [at], [1])[1])).toBe(0);
    }
  });

  test("a derivative of 0 absorbs whatever the cotangent is", () => {
    const pull = gt.vjp((x: gt.Tensor) => gt.square(x), [gt.tensor([0, 1])])[1];
    expect(pull(gt.tensor([Number.NaN, 1]))[0].toArray()).toEqual([0, 2]);
    expect(gt.grad((x: gt.Scalar) => gt.sqrt(gt.relu(x)))(-1)).toBe(0);
    expect(gt.grad((x: gt.Scalar) => gt.sqrt(gt.square(x)))(0)).toBe(0);
  });
});
