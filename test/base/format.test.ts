import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatNumber, formatTensor } from "../../src/base/format";

describe("formatTensor", () => {
  it("prints numbers, vectors and matrices", () => {
    expect(formatTensor([], "float64", [3.5])).toBe("Tensor<float64>[] 3.5");
    expect(formatTensor([3], "float32", [1, -2.5, 10])).toBe("Tensor<float32>[3] [1, -2.5, 10]");
    expect(formatTensor([2, 3], "float64", [1, 2, 3, 4, 5, 6])).toBe("Tensor<float64>[2, 3] [[1, 2, 3],\n [4, 5, 6]]");
  });

  it("aligns the columns of a matrix", () => {
    expect(formatTensor([2, 2], "int32", [1, -20, 300, 4])).toBe("Tensor<int32>[2, 2] [[  1, -20],\n [300,   4]]");
  });

  it("separates matrices by a blank line", () => {
    expect(formatTensor([2, 2, 1], "int32", [1, 2, 3, 4])).toBe(
      "Tensor<int32>[2, 2, 1] [[[1],\n  [2]],\n\n [[3],\n  [4]]]",
    );
  });

  it("prints bool as true and false", () => {
    expect(formatTensor([2], "bool", Uint8Array.of(1, 0))).toBe("Tensor<bool>[2] [true, false]");
    expect(formatTensor([], "bool", Uint8Array.of(0))).toBe("Tensor<bool>[] false");
  });

  it("prints NaN, infinities and -0", () => {
    expect(formatTensor([4], "float64", [NaN, Infinity, -Infinity, -0])).toBe(
      "Tensor<float64>[4] [NaN, Infinity, -Infinity, -0]",
    );
  });

  it("prints empty axes as empty brackets", () => {
    expect(formatTensor([0], "float64", [])).toBe("Tensor<float64>[0] []");
    expect(formatTensor([2, 0], "float64", [])).toBe("Tensor<float64>[2, 0] [[],\n []]");
    expect(formatTensor([0, 3], "float64", [])).toBe("Tensor<float64>[0, 3] []");
    expect(formatTensor([2 ** 40, 0], "float64", [])).toBe(
      "Tensor<float64>[1099511627776, 0] [[],\n [],\n [],\n …,\n [],\n [],\n []]",
    );
  });

  it("prints a label where there are no numbers", () => {
    expect(formatTensor([2, 3], "float64", null)).toBe("Tensor<float64>[2, 3] symbolic");
    expect(formatTensor([], "float64", null, "input 0")).toBe("Tensor<float64>[] input 0");
  });

  it("shows three items at both ends of every axis of more than 100 elements", () => {
    const count = Float64Array.from({ length: 1000 }, (_, i) => i);
    expect(formatTensor([1000], "float64", count)).toBe("Tensor<float64>[1000] [0, 1, 2, …, 997, 998, 999]");
    const matrix = formatTensor([10, 100], "float64", count).split("\n");
    expect(matrix).toHaveLength(7);
    expect(matrix[1]).toBe(" [100, 101, 102, …, 197, 198, 199],");
    expect(matrix[3]).toBe(" …,");
    expect(formatTensor([100], "float64", count)).not.toContain("…");
  });
});

describe("formatNumber", () => {
  it.each([
    [0.1, "0.1"],
    [Math.fround(0.1), "0.1"],
    [1 / 3, "0.333333"],
    [-123.456789, "-123.457"],
    [1e-7, "1e-7"],
    [1.5e-300, "1.5e-300"],
    [0.00001, "0.00001"],
    [1234567.5, "1.23457e+6"],
    [16777217, "16777217"],
    [1e21, "1e+21"],
  ])("prints %f as %s", (x, text) => expect(formatNumber(x)).toBe(text));

  it("reads back to six digits", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), (x) => {
        expect(Math.abs(Number(formatNumber(x)) - x)).toBeLessThanOrEqual(5.1e-6 * Math.abs(x) + 5e-324);
      }),
    );
  });
});
