import fc from "fast-check";
import {
  add,
  cummax,
  cummin,
  flip,
  grad,
  logCumSumExp,
  logSumExp,
  mul,
  neg,
  slice,
  stack,
  sum,
  type Tensor,
  tensor,
} from "gradtape";
import { expect, test } from "vitest";

const numbers = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 5 });
const prefixes = (x: Tensor): Tensor =>
  stack(Array.from({ length: x.size }, (_, i) => logSumExp(slice(x, [{ stop: i + 1 }]))));

test("values are those of mpmath with 50 digits", () => {
  const x = tensor([-3.0, -745.0, -2.999, 0.1, 700.5, -100000.0, 700.25, 0.001, 701.0]);
  const want = [
    -3.0, -3.0, -2.30635269444006, 0.1863093174149546, 700.5, 700.5, 701.0759394198789, 701.0759394198789,
    701.7318375667944,
  ];
  const got = logCumSumExp(x).data;
  for (const [i, y] of want.entries()) expect(Math.abs(got[i] / y - 1)).toBeLessThan(4e-16);
});

test("errors do not add up along the axis", () => {
  const x = tensor(Array.from({ length: 5000 }, (_, i) => ((i * 37) % 101) / 7));
  expect(Math.abs(logCumSumExp(x).at(-1).item() / 20.204704021691104 - 1)).toBeLessThan(1e-14);
});

test("values and derivatives to the third order are those of sums of prefixes", () => {
  fc.assert(
    fc.property(numbers, (at) => {
      const x = tensor(at);
      const weights = tensor(at.map((_, i) => 1 + i / 3));
      const to = (f: (x: Tensor) => Tensor, order: number): ((x: Tensor) => Tensor) =>
        order === 0 ? f : grad((y: Tensor) => sum(mul(to(f, order - 1)(y), weights)));
      for (const order of [0, 1, 2, 3]) {
        const [got, want] = [to(logCumSumExp, order)(x), to(prefixes, order)(x)];
        for (let i = 0; i < got.size; i++) expect(got.data[i]).toBeCloseTo(want.data[i], 11);
      }
    }),
  );
});

test("running minima are running maxima of the negative, and the last is the largest", () => {
  fc.assert(
    fc.property(numbers, (at) => {
      const x = tensor(at);
      expect(add(cummin(x), 0).toArray()).toEqual(add(neg(cummax(neg(x))), 0).toArray());
      expect(cummax(x).at(-1).item() + 0).toBe(Math.max(...at) + 0);
      expect(cummax(flip(x)).at(-1).item() + 0).toBe(Math.max(...at) + 0);
    }),
  );
});
