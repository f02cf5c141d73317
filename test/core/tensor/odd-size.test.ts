// Which sizes are the odd ones out, and how that reads.
import { expect, test } from "vitest";
import { oddSize } from "../../../src/core/tensor/odd-size";

const sized = (...sizes: readonly number[]) =>
  sizes.map((size, k) => ({ place: `x[${k}]`, size, shape: [size, 2], dtype: "float64" }));

test.each([
  [[8, 8, 6], "most have 8, but x[2] (float64[6, 2]) has 6", 2, 8],
  [[6, 8, 8], "most have 8, but x[0] (float64[6, 2]) has 6", 0, 8],
  [[8, 6], "x[0] (float64[8, 2]) has 8, x[1] (float64[6, 2]) has 6", 1, 8],
  [
    [8, 8, 6, 5],
    "x[0] (float64[8, 2]) has 8, x[1] (float64[8, 2]) has 8, x[2] (float64[6, 2]) has 6, x[3] (float64[5, 2]) has 5",
    2,
    8,
  ],
  [
    [1, 2, 3, 4, 5, 6],
    "x[0] (float64[1, 2]) has 1, x[1] (float64[2, 2]) has 2, x[2] (float64[3, 2]) has 3, x[3] (float64[4, 2]) has 4, and 2 more differ",
    1,
    1,
  ],
])("%j: %s", (sizes, text, odd, common) => {
  expect(oddSize(sized(...sizes))).toEqual({ text, odd, common });
});
