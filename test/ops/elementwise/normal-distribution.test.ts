import { grad, logNdtr, ndtr, sub, type Tensor, tensor, vmap } from "gradtape";
import { expect, test } from "vitest";

const slope = grad((x: number) => logNdtr(x));
const second = grad(slope);
const third = grad(second);

// Of log Phi(-z): z + 1 / z - ..., 1 / z^2 - 6 / z^4 - 1 + ..., 2 / z^3 - ...
test.each([1e3, 1e5, 1e8, 1e10, 1e100])(
  "far below 0 derivatives of logNdtr follow the expansion of Mills: -%d",
  (z) => {
    expect(slope(-z) / (z + 1 / z)).toBeCloseTo(1, 11);
    expect(second(-z)).toBeCloseTo(1 / z / z - 6 / z ** 4 - 1, 12);
    expect(Math.abs(third(-z) - 2 / z / z / z)).toBeLessThan(40 / z ** 5 + (4 * 2 ** -52) / z);
  },
);

test("the third derivative of logNdtr is that of the second", () => {
  for (const x of [-30, -4.001, -4, -3.9, -1, 0, 2, 6]) {
    const h = 1e-3;
    const difference = (8 * (second(x + h) - second(x - h)) - (second(x + 2 * h) - second(x - 2 * h))) / (12 * h);
    expect(third(x)).toBeCloseTo(difference, 9);
  }
});

test("the difference of two far tails keeps its digits", () => {
  const f = (x: number) => sub(logNdtr(x - 1), logNdtr(x));
  // Of log Phi(-z - 1) - log Phi(-z): -z - 1/2 - log(1 + 1 / z) to 1 / z^2.
  expect(f(-1e6)).toBeCloseTo(-1e6 - 0.5 - 1e-6, 3);
});

test("float32 and vmap", () => {
  const x = tensor([-30, -1, 2], { dtype: "float32" });
  expect(ndtr(x).dtype).toBe("float32");
  const each = vmap((y: Tensor) => logNdtr(y))(x);
  expect(each.toArray()).toEqual(logNdtr(x).toArray());
  expect(logNdtr(x).data[0]).toBe(Math.fround(logNdtr(-30)));
});
