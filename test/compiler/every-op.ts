// Every op that the tables and their derivatives are made of, called at numbers that are drawn, at special ones, along axes
// without elements, and where evaluate takes care of the ends: what all laws of one op at a time are held on.

import type { Tensor } from "gradtape";
import * as gt from "gradtape";
import { describe, test } from "vitest";
import { type Dtype, isFloat } from "../../src/base/dtype";
import { Handle } from "../../src/core/tensor/handle";
import { asHandle } from "../../src/core/tensor/value";
import type { Call } from "../../src/testing/declared/call";
import { everyCall } from "../../src/testing/declared/declarations";
import { withNumbers } from "../../src/testing/declared/dependence";
import { pullbackOf, pushforwardOf } from "../../src/testing/probe";
import { generator } from "../../src/testing/random";
import { leavesOf, subjectOf, valuesAt } from "../../src/testing/subject";
import { Draw } from "../laws/draw";
import { families, linesOf } from "../laws/table";

type Visit = (call: Call) => void;

/** Numbers where functions have ends, and ordinary ones beside them; ties among them. */
const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, 1, 1, -1, 2, 0.5, 1e30, -1e30, 1e-30];

/** Every op on the tapes of a function, of its vjp and of its jvp; at numbers that are drawn, and at special ones. */
function visitAll(f: (...xs: never[]) => unknown, args: readonly unknown[], random: () => number, visit: Visit): void {
  const call = (xs: readonly unknown[]): unknown => Reflect.apply(f, undefined, xs);
  const subject = subjectOf("lower", call, args, (k) => `input ${k}`);
  const derived =
    subject.leaves.length === 0 ? [] : [subject, pullbackOf(subject, random), pushforwardOf(subject, random)];
  for (const one of derived) visitTape((xs) => one.call(xs), valuesAt(one), random, visit);
  visitTape(call, args, random, visit);
}

function visitTape(
  f: (xs: readonly Handle[]) => unknown,
  args: readonly unknown[],
  random: () => number,
  visit: Visit,
): void {
  const tensors = args.flatMap((x) => (typeof x === "number" || x instanceof Handle ? [asHandle(x)] : []));
  if (tensors.length < args.length) return;
  const outputsOf = (symbols: readonly Handle[]): readonly Handle[] =>
    leavesOf("lower", f(symbols)).flatMap(([, y]) => (y instanceof Handle ? [y] : []));
  everyCall(outputsOf, tensors, visit);
  const special = (n: number): number => (random() < 0.4 ? n : SPECIAL[Math.floor(random() * SPECIAL.length)]);
  try {
    everyCall(
      outputsOf,
      tensors.map((x) => (isFloat(x.dtype) ? withNumbers(x, Array.from(x.data, special)) : x)),
      visit,
    );
  } catch (error) {
    // Numbers that an op refuses.
    if (!(error instanceof gt.GradtapeError)) throw error;
  }
}

const checkpointed = gt.checkpoint((x: Tensor) => gt.sum(gt.tanh(gt.mul(x, x))));
const halved = gt.customGradient(
  (x: Tensor) => gt.exp(x),
  ({ yBar }) => [gt.mul(yBar, 0.5)],
);
const along = (axis: number) => ({ axis });

/** Shapes and dtypes that the tables seldom draw: nothing along an axis, or one element, and integers. */
const SHAPES: readonly (readonly [name: string, f: (x: Tensor) => unknown, shapes: readonly number[][]])[] = [
  ["sum", (x) => gt.sum(x, along(0)), [[0], [0, 3], [3, 0], [1], [1, 2]]],
  ["sum of all", (x) => gt.sum(x), [[], [0], [2, 3], [2, 0]]],
  ["mean", (x) => gt.mean(x, along(0)), [[0], [0, 2], [2, 0], [1]]],
  ["max and min", (x) => [gt.max(x, along(0)), gt.min(x, along(0))], [[1], [3, 0], [5, 2]]],
  ["argmax and argmin", (x) => [gt.argmax(x, along(0)), gt.argmin(x, along(0))], [[1], [3, 0], [5, 2]]],
  [
    "matmul",
    (x) => gt.matmul(x, gt.swapAxes(x, -1, -2)),
    [
      [0, 2],
      [2, 0],
      [1, 1],
      [3, 2],
      [2, 3, 2],
      [1, 3, 2],
    ],
  ],
  [
    "broadcast product",
    (x) => gt.matmul(x, gt.ones([4, 1, 2, 3], { dtype: x.dtype })),
    [
      [3, 2],
      [3, 3, 2],
      [1, 3, 2],
    ],
  ],
  ["slice backwards", (x) => gt.slice(x, [{ start: 4, step: -2 }]), [[0], [1], [5], [6, 2]]],
  [
    "slice far apart",
    (x) => gt.slice(x, [{ start: 1, step: 3 }, 0]),
    [
      [1, 1],
      [2, 2],
      [9, 2],
      [4, 3, 2],
    ],
  ],
  ["flip", (x) => gt.flip(x), [[0], [1], [4], [2, 3]]],
  ["roll", (x) => gt.roll(x, 2, along(0)), [[1], [2], [5], [3, 2]]],
  ["concat", (x) => gt.concat([x, gt.square(x), x], along(-1)), [[0], [1], [2, 0], [2, 3]]],
  ["stack", (x) => gt.stack([x, gt.neg(x)], along(-1)), [[], [0], [2, 3]]],
  ["tile and repeat", (x) => [gt.tile(x, 2), gt.repeat(x, 2)], [[1], [2, 3]]],
  ["pad", (x) => gt.pad(x, 1, { value: 1 }), [[], [0], [2, 3]]],
  [
    "diagonals",
    (x) => [gt.diagonal(x), gt.diagonal(x, { k: -1 }), gt.tril(x), gt.triu(x, { k: 1 })],
    [
      [1, 1],
      [2, 3],
      [3, 2],
      [2, 3, 3],
      [0, 2],
    ],
  ],
  ["diag", (x) => gt.diag(x, { k: 1 }), [[0], [1], [3]]],
  ["unstack", (x) => gt.unstack(x), [[1], [3, 2]]],
];
/** The same for floats alone. */
const FLOAT_SHAPES: typeof SHAPES = [
  ["softmax", (x) => gt.softmax(x, along(0)), [[0], [1], [3, 0], [0, 3], [2, 3]]],
  ["logSoftmax", (x) => gt.logSoftmax(x, along(0)), [[0], [1], [3, 0], [0, 3], [2, 3]]],
  ["logSumExp", (x) => gt.logSumExp(x, along(0)), [[0], [1], [3, 0], [0, 3], [2, 3]]],
  ["layerNorm", (x) => gt.layerNorm(x, along(0)), [[0], [1], [3, 0], [0, 3], [2, 3]]],
  [
    "layerNorm of neighbors",
    (x) => gt.layerNorm(x, { axis: [0, 1] }),
    [
      [1, 1],
      [3, 2],
      [2, 3, 2],
    ],
  ],
  ["variance", (x) => gt.variance(x, along(0)), [[0], [1], [3, 0], [0, 3], [5, 2]]],
  ["norm", (x) => gt.norm(x, along(0)), [[0], [1], [3, 0], [0, 3], [5, 2]]],
  ["checkpoint", (x) => checkpointed(x), [[], [0], [2, 3]]],
  ["customGradient", (x) => halved(x), [[], [2, 3]]],
];

const DTYPES: readonly Dtype[] = ["float64", "float32", "int32", "bool"];
/** Rows whose ends evaluate takes care of: what is tiny beside the rest, what cancels, what leaves the range on the way. */
const ENDS: readonly (readonly [name: string, f: (x: Tensor) => unknown, rows: readonly number[][]])[] = [
  [
    "softmax",
    (x) => gt.softmax(x),
    [
      [0, -Infinity],
      [-Infinity, -Infinity],
      [Infinity, 0],
      [Number.NaN, 1],
      [1000, 0, 1000],
      [-1e30, 0],
    ],
  ],
  [
    "logSoftmax",
    (x) => gt.logSoftmax(x),
    [
      [30, 0, 1],
      [50, 0, -700],
      [1, 1],
      [0, -Infinity],
      [Infinity, 0],
      [-Infinity, -Infinity],
      [Number.NaN, 1],
    ],
  ],
  [
    "logSumExp",
    (x) => gt.logSumExp(x),
    [
      [30, 0],
      [1000, 1000],
      [Infinity, -Infinity],
      [-Infinity, -Infinity],
      [Infinity, Number.NaN],
    ],
  ],
  [
    "layerNorm",
    (x) => gt.layerNorm(x),
    [
      [1e6, 1e6 + 1, 1e6 + 2],
      [1e30, -1e30, 1],
      [1e-30, 2e-30, 0],
      [3, 3, 3],
      [Infinity, 1, 2],
    ],
  ],
  [
    "layerNorm without epsilon",
    (x) => gt.layerNorm(x, { epsilon: 0 }),
    [
      [1e-30, 2e-30, 0],
      [1e30, -1e30, 1],
      [1, 2, 3],
    ],
  ],
  [
    "mean",
    (x) => gt.mean(x),
    [
      [3e38, 3e38],
      [-3e38, 3e38, 1],
      [Infinity, 1],
      [Infinity, -Infinity],
    ],
  ],
  [
    "norm",
    (x) => gt.norm(x),
    [
      [3e30, 4e30],
      [3e-30, 4e-30],
      [3, 4],
      [0, 0],
      [Infinity, Number.NaN],
      [Infinity, 1],
    ],
  ],
  [
    "variance",
    (x) => gt.variance(x),
    [
      [1e30, -1e30, 0],
      [1e6, 1e6 + 1],
      [0.1, 0.1, 0.1],
      [Infinity, 1, 2],
      [Infinity, -Infinity, 1],
    ],
  ],
  [
    "max",
    (x) => gt.max(x),
    [
      [1, 3, 3],
      [Number.NaN, 1],
      [-Infinity, -Infinity],
      [Infinity, 1],
    ],
  ],
];
/** Of float64 alone. */
const FAR_ENDS: typeof ENDS = [
  [
    "mean",
    (x) => gt.mean(x),
    [
      [1.7e308, 1.7e308],
      [-1.7e308, 1.7e308, 1e308],
      [5e-324, 5e-324],
    ],
  ],
  [
    "norm",
    (x) => gt.norm(x),
    [
      [3e200, 4e200],
      [3e-200, 4e-200],
      [3e-320, 4e-320],
      [1.5e308, 0],
    ],
  ],
  [
    "layerNorm",
    (x) => gt.layerNorm(x),
    [
      [1e200, -1e200, 1],
      [1e-200, 0, 0],
      [1.7e308, -1.7e308, 0],
    ],
  ],
  [
    "layerNorm without epsilon",
    (x) => gt.layerNorm(x, { epsilon: 0 }),
    [
      [1e-200, 2e-200, 0],
      [1e200, 2e200, 0],
      [0, 0],
    ],
  ],
  [
    "variance",
    (x) => gt.variance(x),
    [
      [1e150, -1e150, 0],
      [1.7e308, -1.7e308],
    ],
  ],
];
/** Tests that visit every call; it throws where something is wrong. */
export function visitEveryOp(visit: Visit): void {
  describe.each(Object.entries(families))("%s", (_, table) => {
    test.each(Object.entries(table))("%s", (_, entry) => {
      for (const line of linesOf(entry)) {
        for (const seed of [1, 2, 3]) {
          for (const dtype of ["float64", "float32"] as const) {
            const random = generator(seed);
            const { inputs, attrs } = line.draw(new Draw(random, dtype));
            const all = (...xs: never[]) =>
              Reflect.apply(line.op, undefined, attrs === undefined ? xs : [...xs, attrs]);
            visitAll(all, inputs, random, visit);
          }
        }
      }
    });
  });

  describe.each(DTYPES)("%s", (dtype) => {
    const rows = isFloat(dtype) ? [...SHAPES, ...FLOAT_SHAPES] : SHAPES;
    test.each(rows.map(([name, f, shapes]) => [name, shapes, f] as const))("%s of shapes %j", (_, shapes, f) => {
      const random = generator(7);
      for (const shape of shapes) {
        const size = shape.reduce((a, b) => a * b, 1);
        const numbers = Array.from({ length: size }, () => Math.floor(random() * (dtype === "bool" ? 2 : 5)));
        visitAll(f, [gt.tensor(numbers, { shape, dtype })], random, visit);
      }
    });
  });

  describe.each(["float64", "float32"] as const)("ends in %s", (dtype) => {
    const rows = dtype === "float64" ? [...ENDS, ...FAR_ENDS] : ENDS;
    test.each(rows.map(([name, f, numbers]) => [name, numbers, f] as const))("%s of %j", (_, numbers, f) => {
      for (const row of numbers) visitAll(f, [gt.tensor(row, { dtype })], generator(3), visit);
    });
  });

  test("a number that is repeated along a tensor of another dtype", () => {
    const draw = new Draw(generator(1), "float64");
    const f = (x: Tensor, s: Tensor): unknown => gt.mul(gt.cast(x, "float32"), s);
    visitAll(f, [draw.tensor([2, 3]), draw.uniform(-1, 1)], generator(1), visit);
  });

  test("a convolution whose places lie far apart", () => {
    const draw = new Draw(generator(1), "float64");
    const f = (x: Tensor, k: Tensor): unknown => gt.conv2d(x, k, { stride: 5 });
    visitAll(f, [draw.tensor([1, 1, 7, 8]), draw.tensor([1, 1, 2, 3])], generator(1), visit);
  });
}
