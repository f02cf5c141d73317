// int32: a number that it cannot hold makes the result float64; products are exact modulo 2^32.
import {
  add,
  clip,
  concat,
  dot,
  dtypeOf,
  einsum,
  grad,
  less,
  loss,
  matmul,
  maximum,
  minimum,
  mul,
  prod,
  type Scalar,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  type Value,
  where,
} from "gradtape";
import { describe, expect, test } from "vitest";

const int = (...numbers: number[]): Tensor => tensor(numbers, { dtype: "int32" });
const plain = (x: Value | boolean): unknown => (typeof x === "object" ? x.toArray() : x);

describe("a number that int32 cannot hold", () => {
  const five = int(5);
  const cases: readonly (readonly [string, Value | boolean, string, unknown])[] = [
    ["add", add(five, 2 ** 53), "float64", [2 ** 53 + 5 - 1]],
    ["sub", sub(3e9, five), "float64", [3e9 - 5]],
    ["mul", mul(five, 2 ** 31), "float64", [5 * 2 ** 31]],
    ["minimum", minimum(five, 3e9), "float64", [5]],
    ["maximum", maximum(five, -3e9), "float64", [5]],
    ["clip", clip(five, 0, 3e9), "float64", [5]],
    ["where", where(tensor([true]), 3e9, five), "float64", [3e9]],
    ["less", less(five, 3e9), "bool", [true]],
    ["less, negative", less(-3e9, five), "bool", [true]],
    ["stack", stack([int(1).at(0), 3e9]), "float64", [1, 3e9]],
    ["one that it holds", add(five, 2 ** 31 - 1), "int32", [-(2 ** 31) + 4]],
    ["the least that it holds", minimum(five, -(2 ** 31)), "int32", [-(2 ** 31)]],
    ["concat", concat([five, int(6)]), "int32", [5, 6]],
  ];
  test.each(cases)("%s", (name, y, dtype, value) => {
    expect(dtypeOf(y)).toBe(dtype);
    expect(plain(y)).toEqual(name === "add" ? [2 ** 53 + 5] : value);
  });
});

describe("products", () => {
  const [a, b] = [123456789, 987654321];
  const want = -67153019;
  const wide = (x: bigint): number => Number(BigInt.asIntN(32, x));
  test("are exact modulo 2^32", () => {
    expect(plain(mul(int(a), int(b)))).toEqual([want]);
    expect(plain(mul(int(a), b))).toEqual([want]);
    expect(plain(mul(a, int(b)))).toEqual([want]);
    expect(plain(mul(tensor([[a], [b]], { dtype: "int32" }), int(a, b)))).toEqual([
      [wide(BigInt(a) * BigInt(a)), want],
      [want, wide(BigInt(b) * BigInt(b))],
    ]);
    expect(plain(square(int(a)))).toEqual([wide(BigInt(a) * BigInt(a))]);
    expect(plain(prod(int(a, b)))).toBe(want);
    expect(plain(prod(int(a, b, a)))).toBe(wide(BigInt(a) * BigInt(b) * BigInt(a)));
    expect(plain(dot(int(a, a), int(b, b)))).toBe(wide(2n * BigInt(a) * BigInt(b)));
    expect(plain(einsum("i,i->", int(a, 1), int(b, 1)))).toBe(want + 1);
    expect(plain(einsum("i,j->ij", int(a), int(b)))).toEqual([[want]]);
  });

  test("of matrices too", () => {
    const x = tensor(
      [
        [a, 1, 2],
        [b, 3, 4],
      ],
      { dtype: "int32" },
    );
    const y = tensor(
      [
        [b, 5],
        [a, 6],
        [7, b],
      ],
      { dtype: "int32" },
    );
    const rows = x.toArray() as number[][];
    const others = y.toArray() as number[][];
    const naive = rows.map((row) =>
      [0, 1].map((j) => wide(row.reduce((s, v, k) => s + BigInt(v) * BigInt(others[k]?.[j] ?? 0), 0n))),
    );
    expect(matmul(x, y).toArray()).toEqual(naive);
    expect(matmul(x, int(b, a, 7)).toArray()).toEqual(naive.map((row) => row[0]));
    expect(einsum("ik,kj->ij", x, y).toArray()).toEqual(naive);
  });
});

test("losses of integers are computed in float64", () => {
  const [p, t] = [int(100000), int(-100000)];
  expect(plain(loss.mse(p, t))).toBe(4e10);
  expect(plain(loss.mae(int(2 ** 31 - 1), int(-(2 ** 31))))).toBe(2 ** 32 - 1);
  expect(plain(loss.huber(int(2 ** 31 - 1), int(-(2 ** 31))))).toBe(2 ** 32 - 1.5);
  expect(dtypeOf(loss.mse(tensor([1], { dtype: "float32" }), int(3)))).toBe("float32");
  expect(grad((x: Scalar): Scalar => sum(mul(x, int(2, 3))))(1)).toBe(5);
});
