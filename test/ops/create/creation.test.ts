import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { GradtapeError } from "../../../src/base/errors";
import type { Tensor } from "../../../src/core/tensor/tensor";
import { full, ones, onesLike, tensor, variable, zeros, zerosLike } from "../../../src/ops/create/creation";
import { arange, eye, linspace } from "../../../src/ops/create/ranges";
import { square } from "../../../src/ops/elementwise/arithmetic";
import { cast } from "../../../src/ops/elementwise/cast";
import { sum } from "../../../src/ops/reduce/reduction";
import { backward } from "../../../src/transforms/backward";

/** Code and text of the error that a call throws. */
function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof GradtapeError) return `[${error.code}] ${error.message}`;
    throw error;
  }
  return "no error";
}

describe("tensor", () => {
  it("takes numbers, booleans and nested arrays", () => {
    expect(tensor(3).toArray()).toBe(3);
    expect(tensor(3).shape).toEqual([]);
    expect(tensor(true).toArray()).toBe(true);
    expect(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]).shape,
    ).toEqual([2, 3]);
    expect(tensor([[true], [false]]).dtype).toBe("bool");
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor(Object.freeze([1, 2])).toArray()).toEqual([1, 2]);
  });

  it("gives literal shapes", () => {
    expectTypeOf(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ).toEqualTypeOf<Tensor<readonly [2, 3]>>();
    expectTypeOf(tensor([1, 2, 3, 4], { shape: [2, 2] })).toEqualTypeOf<Tensor<readonly [2, 2]>>();
    expectTypeOf(tensor([])).toEqualTypeOf<Tensor<readonly [0]>>();
    expectTypeOf(tensor(1)).toEqualTypeOf<Tensor<readonly []>>();
  });

  it.each([
    [new Float64Array([1.5]), "float64"],
    [new Float32Array([1.5]), "float32"],
    [new Int32Array([-1]), "int32"],
    [new Uint8Array([1, 0]), "bool"],
    [new Int8Array([-1]), "int32"],
    [new Uint8ClampedArray([255]), "int32"],
    [new Int16Array([-1]), "int32"],
    [new Uint16Array([65535]), "int32"],
    [new Uint32Array([2147483647]), "int32"],
  ])("keeps the dtype of %o", (data, dtype) => {
    const x = tensor(data);
    expect(x.dtype).toBe(dtype);
    expect(Array.from(x.data)).toEqual(Array.from(data));
  });

  it("casts to the dtype given", () => {
    expect(tensor([1.7, -1.7], { dtype: "int32" }).toArray()).toEqual([1, -1]);
    expect(tensor([0, NaN, 2], { dtype: "bool" }).toArray()).toEqual([false, true, true]);
    expect(tensor([true], { dtype: "float64" }).toArray()).toEqual([1]);
    expect(tensor(new Uint8Array([0, 255]), { dtype: "float64" }).toArray()).toEqual([0, 255]);
    expect(tensor([0.1], { dtype: "float32" }).item()).toBe(Math.fround(0.1));
  });

  it("copies, unless told not to", () => {
    const numbers = new Float64Array([1, 2]);
    expect(tensor(numbers).data).not.toBe(numbers);
    expect(tensor(numbers, { copy: false }).data).toBe(numbers);
    expect(tensor(numbers, { copy: false, shape: [2, 1] }).shape).toEqual([2, 1]);
  });

  it("reads back what toJSON gives", () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity));
    fc.assert(
      fc.property(fc.array(number, { maxLength: 5 }), (numbers) => {
        const back = tensor(JSON.parse(JSON.stringify(tensor(numbers))));
        expect(back.toArray()).toEqual(numbers.map((x) => x + 0));
        expect(back.shape).toEqual([numbers.length]);
      }),
    );
    for (const x of [
      tensor(NaN),
      tensor([[true]]),
      tensor([1], { dtype: "float32" }),
      tensor([[1]], { dtype: "int32" }),
    ]) {
      expect(tensor(JSON.parse(JSON.stringify(x))).toJSON()).toEqual(x.toJSON());
    }
  });

  it("names what is wrong", () => {
    const wrong = (data: unknown, options?: object) => errorOf(() => tensor(data as number, options));
    expect(wrong([[1, 2], [3]])).toBe(
      "[tensor/ragged] tensor: data[1] has length 1, but data[0] has length 2. Give all arrays at one depth the same length.",
    );
    expect(wrong([[1, 2], 3])).toBe(
      "[tensor/ragged] tensor: data[1] is 3, but data[0] has length 2. Give all arrays at one depth the same length.",
    );
    expect(wrong([1, [2]])).toBe(
      "[tensor/ragged] tensor: data[1] has length 1, but data[0] is no array. Give all arrays at one depth the same length.",
    );
    expect(
      wrong([
        [[1], [2]],
        [[3], [4, 5]],
      ]),
    ).toBe(
      "[tensor/ragged] tensor: data[1][1] has length 2, but data[0][0] has length 1. Give all arrays at one depth the same length.",
    );
    expect(wrong([1, true])).toBe(
      "[tensor/data] tensor: data[1] is a boolean among numbers. Give numbers only, or booleans only.",
    );
    expect(wrong([1, "2"])).toBe(
      '[tensor/data] tensor: data[1] must be a number or a boolean, got "2". Convert it to numbers first.',
    );
    expect(wrong([tensor([1])])).toBe(
      "[tensor/data] tensor: data[0] must be a number or a boolean, got a tensor. Join tensors with stack([...]) or concat([...]).",
    );
    expect(wrong(tensor([1]))).toBe(
      "[tensor/data] tensor: data is a tensor already. Use it as it is; cast(x, dtype) and reshape(x, shape) change it.",
    );
    expect(wrong(undefined)).toBe(
      "[tensor/data] tensor: data must be a number, a boolean, an array of them, a typed array or a result of toJSON, got undefined. Look for a missing argument, or a missing return.",
    );
    expect(wrong(new BigInt64Array(1))).toContain(
      "got a BigInt64Array. Convert it first: Float64Array.from(data, Number).",
    );
    expect(wrong(new Uint8Array([0, 7]))).toBe(
      '[tensor/data] tensor: a Uint8Array holds bool, 0 or 1, but byte 1 is 7. For numbers, give dtype: "int32" or "float64".',
    );
    expect(wrong(new Uint32Array([4294967295]))).toBe(
      "[cast/invalid] tensor: 4294967295 at position 0 has no int32 value. int32 holds -2147483648 to 2147483647; float64 has no such limit.",
    );
    expect(wrong([1, 2, 3], { shape: [2, 2] })).toBe(
      "[tensor/shape] tensor: shape [2, 2] holds 4 elements, but data has 3. The product of the sizes must be the number of elements.",
    );
    expect(wrong([1], { copy: false })).toContain("[tensor/copy] tensor: with copy: false data must be a typed array");
    expect(wrong(new Float32Array(1), { copy: false, dtype: "float64" })).toContain("got a Float32Array for float64.");
    expect(wrong([1], { dytpe: "float64" })).toBe(
      '[option/unknown] tensor: unknown option "dytpe". Did you mean "dtype"?',
    );
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    expect(wrong(cyclic)).toBe(
      "[tensor/data] tensor: data must be nested at most 32 deep. Give a flat array, and reshape it.",
    );
    expect(wrong({ dtype: "float64", shape: [1], data: ["one"] })).toBe(
      '[tensor/data] tensor: data[0] must be a number or a boolean, got "one". Only "NaN", "Infinity" and "-Infinity" may stand as text.',
    );
  });
});

describe("variable", () => {
  it("is watched, and its gradient arrives", () => {
    const x = variable([1, 2]);
    expect(x.watched).toBe(true);
    expect(backward(sum(square(x)), x).toArray()).toEqual([2, 4]);
  });

  it("drops the history of a tensor", () => {
    const x = variable([1, 2]);
    const y = variable(square(x));
    expect(backward(sum(square(y)), y).toArray()).toEqual([2, 8]);
    expect(variable(tensor([1, 2, 3, 4]), { shape: [2, 2], dtype: "float32" }).dtype).toBe("float32");
  });

  it("takes floats only", () => {
    expect(variable(3).dtype).toBe("float64");
    expect(variable(new Int32Array([1]), { dtype: "float32" }).dtype).toBe("float32");
    expect(errorOf(() => variable([true]))).toBe(
      '[dtype/unsupported] variable: a variable must be float64 or float32, got bool. Derivatives exist for floats only: give { dtype: "float64" }.',
    );
  });
});

describe("constants", () => {
  it("have shape, dtype and value", () => {
    expect(zeros([2, 1]).toArray()).toEqual([[0], [0]]);
    expect(ones([2], { dtype: "int32" }).dtype).toBe("int32");
    expect(zeros([]).toArray()).toBe(0);
    expect(zeros([0, 3]).size).toBe(0);
    expect(full([2], 1.5, { dtype: "int32" }).toArray()).toEqual([1, 1]);
    expect(full([2], true).toArray()).toEqual([true, true]);
    expect(zerosLike(tensor([1, 2], { dtype: "float32" })).dtype).toBe("float32");
    expect(onesLike(tensor([[1, 2]])).toArray()).toEqual([[1, 1]]);
    expect(eye(2, { dtype: "bool" }).toArray()).toEqual([
      [true, false],
      [false, true],
    ]);
    expectTypeOf(zeros([2, 3])).toEqualTypeOf<Tensor<readonly [2, 3]>>();
    expectTypeOf(eye(3)).toEqualTypeOf<Tensor<readonly [3, 3]>>();
  });

  it("full broadcasts a tensor, with its derivative", () => {
    const x = variable([1, 2]);
    expect(full([3, 2], x).toArray()).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(backward(sum(full([3, 2], x)), x).toArray()).toEqual([3, 3]);
    expect(errorOf(() => full([3], x))).toBe(
      "[shape/broadcast] full: a value of shape [2] does not broadcast to shape [3]. Sizes, counted from the last axis, must be equal, or 1 in what is repeated.",
    );
    expect(errorOf(() => full([1], NaN, { dtype: "int32" }))).toContain("[cast/invalid] full: NaN at position 0");
  });

  it("shapes are checked", () => {
    expect(errorOf(() => zeros([-1]))).toBe(
      "[shape/invalid] zeros: sizes must be integers >= 0, got -1 in [-1]. Only reshape works out a size of -1.",
    );
    expect(errorOf(() => ones(3 as never))).toBe(
      "[shape/invalid] ones: a shape must be an array of sizes, got 3. Write [2, 3] for two rows of three, [] for a single number.",
    );
    expect(errorOf(() => zeros([1], { dtype: "float16" as never }))).toContain('zeros: unknown dtype "float16".');
  });
});

describe("sequences", () => {
  it("arange leaves stop out, whatever rounding does", () => {
    expect(arange(3).toArray()).toEqual([0, 1, 2]);
    expect(arange(3, { dtype: "int32" }).dtype).toBe("int32");
    expect(arange(1, 3, undefined, { dtype: "float32" }).dtype).toBe("float32");
    expect(arange(5, 1, -2).toArray()).toEqual([5, 3]);
    expect(arange(1, 0).size).toBe(0);
    expect(arange(0, 1, 0.1).size).toBe(10);
    expect(arange(1, 1.3, 0.1).size).toBe(3);
    expect(errorOf(() => arange(0, 1, 0))).toBe(
      "[argument/number] arange: step must be a finite number other than 0, got 0. For equal elements use full.",
    );
    expect(errorOf(() => arange(Infinity))).toBe(
      "[argument/number] arange: stop must be a finite number, got Infinity. Use a large number in place of Infinity.",
    );
  });

  it("linspace includes both ends exactly", () => {
    expect(linspace(0, 1, 3).toArray()).toEqual([0, 0.5, 1]);
    expect(linspace(2, 7, 1).toArray()).toEqual([2]);
    expect(linspace(2, 7, 0).toArray()).toEqual([]);
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 2, max: 20 }), (stop, n) => {
        expect(linspace(0.1, stop, n).data.at(-1)).toBe(stop);
      }),
    );
    expect(errorOf(() => linspace(0, 1, 1.5))).toBe(
      "[argument/integer] linspace: count must be an integer >= 0, got 1.5. Math.floor and Math.round make integers.",
    );
  });
});

describe("cast", () => {
  it("converts between every two dtypes", () => {
    const x = tensor([-1.7, 0, 2]);
    expect(cast(x, "int32").toArray()).toEqual([-1, 0, 2]);
    expect(cast(x, "bool").toArray()).toEqual([true, false, true]);
    expect(cast(cast(x, "bool"), "float64").toArray()).toEqual([1, 0, 1]);
    expect(cast(cast(x, "int32"), "float32").dtype).toBe("float32");
    expect(cast(cast(x, "int32"), "bool").toArray()).toEqual([true, false, true]);
    expect(cast(x, "float64")).toBe(x);
    expect(cast(tensor([NaN]), "bool").toArray()).toEqual([true]);
    expect(errorOf(() => cast(tensor([1, NaN]), "int32"))).toContain("[cast/invalid] cast: NaN at position 1");
    expect(cast(tensor([-2147483648.5, 2147483647.5]), "int32").toArray()).toEqual([-2147483648, 2147483647]);
  });

  it("passes derivatives between floats, and none through integers", () => {
    const x = variable([1.5, 2]);
    expect(backward(sum(square(cast(x, "float32"))), x).toArray()).toEqual([3, 4]);
    expect(cast(x, "int32").watched).toBe(false);
    expect(cast(cast(x, "int32"), "float64").watched).toBe(false);
    expect(cast(x, "bool").watched).toBe(false);
  });
});

it("a range wider than the largest number is divided all the same", () => {
  expect([...linspace(-1e308, 1e308, 5).data]).toEqual([-1e308, -5e307, 0, 5e307, 1e308]);
  expect([...linspace(1.7e308, -1.7e308, 3).data]).toEqual([1.7e308, 0, -1.7e308]);
});
