// Tensors among JavaScript's own operators, tensors of another copy of the library, and what may be given as input.
import {
  add,
  backward,
  batchGrad,
  concat,
  grad,
  isTensor,
  jvp,
  mul,
  type Scalar,
  square,
  sum,
  type Tensor,
  tensor,
  trace,
  tree,
  variable,
  vmap,
} from "gradtape";
import * as pure from "gradtape/pure";
import { describe, expect, test } from "vitest";
import { untyped } from "../support";
import { nestedArrays } from "../transforms/nested-arrays";
import { errorOf } from "./error-of";

describe("operators", () => {
  const x = untyped(tensor(3)) as number;
  const error =
    "[tensor/arithmetic] Tensor: tensors do not support JavaScript operators (+, *, <, unary -), and inside a transform numbers are tensors too. Use functions such as mul(x, 2) and greater(x, 0), or x.item() where no gradient is needed.";
  const uses: Readonly<Record<string, () => unknown>> = {
    "x * 2": () => x * 2,
    "2 - x": () => 2 - x,
    "x + 1": () => x + 1,
    'x + ""': () => x + untyped(""),
    "x / x": () => x / x,
    "x ** 2": () => x ** 2,
    "x % 2": () => x % 2,
    "-x": () => -x,
    "+x": () => +x,
    "x > 0": () => x > 0,
    "x <= x": () => x <= untyped(tensor(1)),
    // biome-ignore lint/suspicious/noDoubleEquals: what is tested
    "x == 3": () => x == untyped(3),
    "Math.sin(x)": () => Math.sin(x),
    "Number(x)": () => Number(x),
    "isNaN(x)": () => Number.isNaN(+x),
    "~x": () => ~x,
    "x++": () => {
      let y = x;
      y++;
      return y;
    },
  };
  for (const [name, use] of Object.entries(uses)) {
    test(`${name} is refused, never NaN`, () => {
      expect(errorOf(use)).toBe(error);
      // Typed with number, so that the compiler cannot help: no derivative is lost in silence.
      expect(errorOf(() => grad((y: number) => untyped(y * 2))(3))).toBe(error);
    });
  }

  test("text prints, identity is identity, and tensors are not iterable", () => {
    expect(`${x}`).toBe("Tensor<float64>[] 3");
    expect(String(tensor([1, 2]))).toBe("Tensor<float64>[2] [1, 2]");
    expect(untyped(x) === tensor(3)).toBe(false);
    expect(() => [...untyped([tensor([1])]), ...untyped(tensor([1]))]).toThrow("tensors are not iterable");
    expect(JSON.stringify({ x: tensor([1, Number.NaN]) })).toBe(
      '{"x":{"dtype":"float64","shape":[2],"data":[1,"NaN"]}}',
    );
  });
});

describe("two copies of the package", () => {
  /** What a tensor of another copy looks like: it has the brand, but another class. */
  class Foreign {
    readonly shape = [];
    readonly dtype = "float64";
    readonly data = Float64Array.of(3);
    get [Symbol.for("gradtape.tensor")](): true {
      return true;
    }
  }
  const other = untyped(new Foreign());
  const w = variable(2);
  const uses: Readonly<Record<string, () => unknown>> = {
    mul: () => mul(other, untyped(2)),
    add: () => add(2, other),
    sum: () => sum(other),
    square: () => square(other),
    isTensor: () => isTensor(other),
    tensor: () => tensor(other),
    concat: () => concat([other]),
    grad: () => grad((x: Scalar): Scalar => x)(untyped({ deep: [other] })),
    jvp: () => jvp((x: Scalar): Scalar => x, [1], [other]),
    vmap: () => vmap((x: Tensor) => x)(other),
    trace: () => trace(() => other)(),
    backward: () => backward(other, w),
    batchGrad: () => batchGrad((p: Scalar, _: Scalar): Scalar => p)(1, other),
    "tree.map": () => tree.map((x: Tensor) => x, { other }),
  };
  for (const [name, use] of Object.entries(uses)) {
    test(`${name} says so`, () => {
      const where = name;
      expect(errorOf(use)).toBe(
        `[package/two-copies] ${where}: this tensor was made by another copy of gradtape. Install one version, and import it either as ESM or as CommonJS, not both.`,
      );
    });
  }

  test("the entries of one copy share their tensors", () => {
    expect(pure.isTensor(tensor(1))).toBe(true);
    expect(pure.mul(tensor(2), 3)).toHaveProperty("value", 6);
  });
});

describe("frozen objects and typed arrays are good input", () => {
  test("frozen trees, options, arrays and shapes", () => {
    const params = Object.freeze({ layers: Object.freeze([Object.freeze({ w: tensor([1, 2]), b: 3 })]) });
    const f = (p: typeof params): Scalar => sum(mul(p.layers[0]?.w ?? 0, p.layers[0]?.b ?? 0));
    expect(nestedArrays(grad(f)(params))).toEqual({ layers: [{ w: [3, 3], b: 3 }] });
    const options = Object.freeze({ axis: Object.freeze([0]), keepDims: true });
    expect(nestedArrays(sum(tensor(untyped(Object.freeze([Object.freeze([1, 2])]))), untyped(options)))).toEqual([
      [1, 2],
    ]);
    expect(tensor([1, 2], { shape: Object.freeze([2, 1]) }).shape).toEqual([2, 1]);
  });

  test("typed arrays give their own dtype, also views and subclasses of other lengths", () => {
    const numbers = Float64Array.of(0, 1, 2, 3);
    expect(nestedArrays(tensor(numbers.subarray(1, 3)))).toEqual([1, 2]);
    expect(tensor(Float32Array.of(1)).dtype).toBe("float32");
    expect(tensor(Int16Array.of(1)).dtype).toBe("int32");
    expect(tensor(Uint8Array.of(1)).dtype).toBe("bool");
    const x = tensor(numbers);
    numbers[0] = 100;
    expect(x.at(0).item()).toBe(0);
  });

  test("objects without prototype and of other realms, undefined options", () => {
    const bare = Object.assign(Object.create(null), { a: 2 }) as { a: number };
    expect(nestedArrays(grad((p: typeof bare): Scalar => mul(p.a, p.a))(bare))).toEqual({ a: 4 });
    expect(nestedArrays(sum(tensor([1, 2]), { axis: undefined, keepDims: undefined }))).toBe(3);
    expect(nestedArrays(sum(tensor([1, 2]), untyped(null)))).toBe(3);
  });
});
