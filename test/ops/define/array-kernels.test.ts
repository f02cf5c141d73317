// Kernels over arrays of all lengths and forms, and what broadcasts, against the function called for each element.
import { add, greater, isTensor, maximum, mul, sub, type Tensor, tensor, where } from "gradtape";
import { describe, expect, test } from "vitest";
import * as formula from "../../../src/kernel/expansions/builder";
import { formulaOf } from "../../../src/kernel/formula";
import { kernelMaps } from "../../../src/ops/define/array-kernels";
import { withoutKernels } from "../../../src/ops/define/elementwise-loops";

const numbers = (shape: readonly number[], seed: number, dtype: "float32" | "float64" | "int32"): Tensor => {
  const size = shape.reduce((product, axis) => product * axis, 1);
  const data = Array.from({ length: size }, (_, i) => Math.fround(100 * Math.sin(seed + 1.7 * i)));
  return tensor(dtype === "int32" ? data.map(Math.trunc) : data, { shape, dtype });
};

const contentsOf = (results: readonly unknown[]) =>
  results.map((y) => (isTensor(y) ? { shape: y.shape, dtype: y.dtype, data: y.data } : y));

const DTYPES = ["float32", "float64", "int32"] as const;
/** Below and above where kernels begin, beside whole vectors, and beside blocks. */
const LENGTHS = [63, 64, 65, 66, 67, 129, 1000, 16384, 16385, 40003];

describe.each(DTYPES)("%s", (dtype) => {
  test.each(LENGTHS)("arrays and numbers of length %i", (n) => {
    const [a, b] = [numbers([n], 1, dtype), numbers([n], 2, dtype)];
    const whole = dtype === "int32" ? 3 : 2.5;
    const all = () => [
      add(a, b),
      sub(a, whole),
      sub(whole, a),
      greater(a, b),
      greater(whole, b),
      where(greater(a, b), a, b),
    ];
    expect(contentsOf(all())).toEqual(contentsOf(withoutKernels(all)));
  });

  test.each([
    [[40, 50], [50]],
    [
      [40, 50],
      [40, 1],
    ],
    [
      [40, 1],
      [1, 50],
    ],
    [
      [7, 5, 33],
      [5, 1],
    ],
    [
      [7, 5, 33],
      [7, 1, 33],
    ],
    [[3, 20000], [20000]],
    [
      [3, 20000],
      [3, 1],
    ],
    [[300, 100], [100]],
    [[100, 3], [3]],
    [
      [2, 1, 40],
      [3, 1],
    ],
  ])("shapes %j and %j", (shapeA, shapeB) => {
    const [a, b] = [numbers(shapeA, 1, dtype), numbers(shapeB, 2, dtype)];
    const all = () => [sub(a, b), sub(b, a), greater(a, b), maximum(b, a)];
    expect(contentsOf(all())).toEqual(contentsOf(withoutKernels(all)));
  });
});

test("several outputs of arrays of several dtypes", () => {
  const n = 20000;
  const [x, s] = [numbers([n], 1, "float32"), numbers([n], 2, "float64")];
  const map = kernelMaps([
    formulaOf((a, b, by) => formula.mul(by, formula.add(a, b)), 3),
    formulaOf((a, b) => formula.mul(a, b), 3),
  ]);
  const [first, second] = [new Float32Array(n), new Float64Array(n)];
  expect(map.run([first, second], [x.data, s.data, 0.1], n)).toBe(true);
  expect(first).toEqual(Float32Array.from(x.data, (a, i) => 0.1 * (a + s.data[i])));
  expect(second).toEqual(Float64Array.from(x.data, (a, i) => a * s.data[i]));
});

test("what has no instructions is left to the function", () => {
  const gamma = kernelMaps([formulaOf((x) => formula.applied(formula.called("gamma", Math.log1p), x), 1)]);
  expect(gamma.run([new Float32Array(100)], [new Float32Array(100)], 100)).toBe(false);
  expect(mul(numbers([100], 1, "int32"), 2 ** 30).data).toEqual(
    Int32Array.from(numbers([100], 1, "int32").data, (x) => Math.imul(x, 2 ** 30)),
  );
});
