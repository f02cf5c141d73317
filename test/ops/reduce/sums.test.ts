// Sums of many equal terms, wherever the library adds up: float32 in double precision, long sums of float64 in parts.
import {
  add,
  broadcastTo,
  cumsum,
  dot,
  einsum,
  full,
  grad,
  interpolate,
  matmul,
  maxPool2d,
  mean,
  mul,
  norm,
  ones,
  pad,
  repeat,
  scan,
  scatterAdd,
  scatterAddAlongAxis,
  sum,
  type Tensor,
  take,
  takeAlongAxis,
  tensor,
  tile,
  vmap,
  zeros,
} from "gradtape";
import { describe, expect, test } from "vitest";

const MANY = 1e6;
const float32 = { dtype: "float32" } as const;
const tenth = Math.fround(0.1);
const terms = full([MANY], 0.1, float32);
const nothing = (shape: number[]) => zeros(shape, float32);
const places = new Int32Array(MANY);
const rows = broadcastTo(terms.reshape([MANY, 1]), [MANY, 2]);
/** The gradient of sum(f(x) terms) at the first element of x. */
const gradient = (shape: number[], f: (x: Tensor) => Tensor) =>
  grad((x: Tensor) => sum(mul(f(x), terms)))(nothing(shape)).data[0];

describe("a million times 0.1 in float32 is 100,000", () => {
  test.each<[string, () => number]>([
    ["sum", () => sum(terms).item()],
    ["sum along an axis", () => 2 * (sum(terms.reshape([MANY / 2, 2]), { axis: 0 }).data[0] ?? 0)],
    ["mean", () => mean(terms).item() * MANY],
    ["masked mean", () => mean(terms, { where: ones([MANY], { dtype: "bool" }) }).item() * MANY],
    ["norm", () => norm(terms, { ord: 1 }).item()],
    ["norm of order 2", () => norm(terms).item() ** 2 / tenth],
    ["cumsum", () => cumsum(terms).at(-1).item()],
    ["scatterAdd", () => scatterAdd(nothing([1]), places, terms).data[0]],
    ["scatterAdd of rows", () => scatterAdd(nothing([3, 2]), places, rows).data[1]],
    ["scatterAddAlongAxis", () => scatterAddAlongAxis(nothing([2]), places, terms).data[0]],
    [
      "scatterAddAlongAxis of columns",
      () =>
        scatterAddAlongAxis(nothing([3, 2]), broadcastTo(tensor(places).reshape([MANY, 1]), [MANY, 2]), rows, {
          axis: 0,
        }).data[1],
    ],
    ["the gradient of take", () => gradient([3], (x) => take(x, places))],
    [
      "the gradient of take of rows",
      () => grad((x: Tensor) => sum(mul(take(x, places), rows)))(nothing([3, 2])).data[1],
    ],
    ["the gradient of takeAlongAxis", () => gradient([3], (x) => takeAlongAxis(x, places))],
    [
      "the gradient of interpolate",
      () => gradient([2], (y) => interpolate(nothing([MANY]), tensor([0, 1], float32), y)),
    ],
    ["the gradient of pad", () => gradient([1], (x) => pad(x, [[0, MANY - 1]], { mode: "replicate" }))],
    ["the gradient of tile", () => gradient([1], (x) => tile(x, [MANY]))],
    ["the gradient of repeat", () => gradient([1], (x) => repeat(x, MANY))],
    ["the gradient of a broadcast", () => gradient([1], (x) => broadcastTo(x, [MANY]))],
    ["the gradient of a vmap", () => gradient([], (w) => vmap((x: Tensor) => add(w, x))(terms))],
    [
      "the gradient of overlapping windows",
      () => {
        const x = tensor(
          Float32Array.from({ length: 19_999 }, (_, i) => (i === 9_999 ? 1 : 0)),
          { shape: [1, 1, 1, 19_999] },
        );
        const slope = grad((v: Tensor) =>
          sum(mul(maxPool2d(v, { window: [1, 10_000], stride: 1 }), tensor(0.1, float32))),
        );
        return (slope(x).data[9_999] ?? 0) * 100;
      },
    ],
  ])("%s", (_, total) => {
    expect(Math.abs(total() / (MANY * tenth) - 1)).toBeLessThan(2e-7);
  });

  // Products are fast instead: their bound is that of adding up in float32.
  test.each<[string, () => number]>([
    ["dot", () => dot(terms, ones([MANY], float32)).item()],
    ["matmul", () => matmul(terms.reshape([1, MANY]), ones([MANY, 1], float32)).item()],
    ["einsum", () => einsum("i,i->", terms, ones([MANY], float32)).item()],
  ])("%s, within a part in a thousand", (_, total) => {
    expect(Math.abs(total() / (MANY * tenth) - 1)).toBeLessThan(1e-3);
  });
});

test("a parameter that every step of a scan uses has the sum of what the steps say", () => {
  const steps = 1e5;
  const step = (w: Tensor) => (s: Tensor, x: Tensor) => [add(s, mul(w, x)), x] as const;
  const f = (w: Tensor) => sum(scan(step(w), nothing([]), full([steps], 0.1, float32))[0]);
  expect(Math.abs(grad(f)(tensor(0, float32)).item() / (steps * tenth) - 1)).toBeLessThan(2e-7);
});

describe("ten million times 0.1 in float64 is a million", () => {
  test.each<[string, () => number]>([
    ["sum", () => sum(full([1e7], 0.1)).item()],
    ["sum along an axis", () => 2 * (sum(full([5e6, 2], 0.1), { axis: 0 }).data[0] ?? 0)],
    ["mean", () => mean(full([1e7], 0.1)).item() * 1e7],
    ["norm", () => norm(full([1e7], 0.1)).item() ** 2 * 10],
  ])("%s", (_, total) => {
    expect(Math.abs(total() - 1e6)).toBeLessThan(1e-7);
  });
});
