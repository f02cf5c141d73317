// What ops say they are in terms of lazy arrays is what they do: said to plain arrays, it equals evaluate.
import { inspect, isDeepStrictEqual } from "node:util";

import type { Tensor } from "gradtape";
import * as gt from "gradtape";
import { describe, expect, test } from "vitest";
import { type Dtype, isFloat } from "../../src/base/dtype";
import { reducedShape } from "../../src/base/shape";
import { ALIAS } from "../../src/core/op/leaf";
import type { Lazy, Lower } from "../../src/core/op/lowering";
import type { CoreOp, Kind } from "../../src/core/op/op";
import { outputKind } from "../../src/core/program/capture";
import { traceProgram } from "../../src/core/program/program";
import { Handle, makeTensor } from "../../src/core/tensor/handle";
import { asHandle } from "../../src/core/tensor/value";
import { type Call, evaluated } from "../../src/testing/declared/call";
import { everyCall } from "../../src/testing/declared/declarations";
import { withNumbers } from "../../src/testing/declared/dependence";
import { pullbackOf, pushforwardOf } from "../../src/testing/probe";
import { generator } from "../../src/testing/random";
import { leavesOf, subjectOf, valuesAt } from "../../src/testing/subject";
import { Draw } from "../laws/draw";
import { families, linesOf } from "../laws/table";
import { ofTensor, onPlainArrays, Plain } from "./plain-arrays";

/** Numbers where functions have ends, and ordinary ones beside them; ties among them. */
const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, 1, 1, -1, 2, 0.5, 1e30, -1e30, 1e-30];

/** Ops on the tapes below that compiled programs call. */
const CALLED = (
  "argsort bernoulli betaDensity betainc castToInteger checkClasses checkIndices cholesky cofactors cross cumprod cumsum " +
  "det eigh expm fft flatIndices irfft logCumSumExp lu luFactors pinv qr quantileIndices recordPlaces recurrence rfft " +
  "scatterAdd scatterExtreme scatterSet searchsorted segment slogdet solve svd take triangularSolve"
).split(" ");

/** Those that they call for some attributes or shapes: to int32, of masks, of rows without elements. */
const SOMETIMES_CALLED = ["cast", "center", "layerNorm"];

/** Sums of terms that may cancel, and slopes from values near their end: errors are relative to the largest number of the inputs and the output. */
const SUMS = (
  "avgPool2d center conv convInput convKernel layerNorm layerNormTimes logSoftmaxTimes matmul mean meanOfWinners " +
  "sigmoidSlope softmaxTimes sum tanhSlope"
).split(" ");

/** Errors allowed of computed numbers: relative to each; of sums, to the largest of them. */
const BOUNDS = { float64: { own: 1e-13, sums: 1e-15 }, float32: { own: 1e-5, sums: 1e-6 } } as const;

/** What is not seen of a sum of powers beside its largest, 1: of float32 the sum is taken in float64. */
const BESIDE_ONE: Readonly<Record<string, number>> = { logSoftmax: 2 ** -52 };

/** Plain arrays, and whether anything was computed on them. */
function watched(): { readonly on: Lower; computes(): boolean } {
  let computed = false;
  const noting =
    <A extends readonly unknown[], Y>(method: (...args: A) => Y) =>
    (...args: A): Y => {
      computed = true;
      return method(...args);
    };
  const { map, fold, product, run } = onPlainArrays;
  const on = { ...onPlainArrays, map: noting(map), fold: noting(fold), product: noting(product), run: noting(run) };
  return { on, computes: () => computed };
}

const kindOf = ({ shape, dtype }: Kind): Kind => ({ shape, dtype });
const largestOf = (xs: readonly Handle[]): number =>
  xs
    .filter((x) => isFloat(x.dtype))
    .flatMap((x) => Array.from(x.data))
    .reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);

/** The first element that is not what evaluate gives: bit by bit where nothing was computed. */
function difference({ op, inputs, outputs }: Call, part: number, got: Lazy, computed: boolean): string | null {
  const want = outputs[part];
  const numbers = got instanceof Plain ? got.data : [];
  const single = [want, ...inputs].some((x) => x.dtype === "float32");
  const { own, sums } = single ? BOUNDS.float32 : BOUNDS.float64;
  const beside = single ? (BESIDE_ONE[op.name] ?? 0) : 0;
  const absolute = SUMS.includes(op.name) ? sums * largestOf([want, ...inputs]) : beside;
  for (let i = 0; i < want.data.length; i++) {
    const [a, b] = [numbers[i], want.data[i]];
    // Of zeros that are computed either sign will do: the order of sums, and zeros that are added or absorb, decide it.
    if (Object.is(a, b) || (computed && a === b)) continue;
    if (computed && isFloat(want.dtype) && Math.abs(a - b) <= own * Math.abs(b) + absolute) continue;
    // Which zeros around y meet an infinite kernel depends on how evaluate divides its work.
    if (op.name === "convInput" && !Number.isFinite(a) && inputs.some((x) => !x.data.every(Number.isFinite))) continue;
    return `element ${i} of [${want.shape.join()}] is ${a}, evaluate gives ${b}`;
  }
  return null;
}

/** Only shapes and dtypes: nobody can read a number of these arrays. */
const onShapes: Lower = {
  number: (_, dtype) => ({ shape: [], dtype }),
  map: (dtype, _, ...xs) => ({
    shape: xs.map((x) => x.shape).reduce((a, b) => gt.shapeOf(gt.add(gt.zeros(a), gt.zeros(b))), []),
    dtype,
  }),
  cast: ({ shape }, dtype) => ({ shape, dtype }),
  view: ({ dtype }, shape) => ({ shape, dtype }),
  pad: ({ shape, dtype }, before, after) => ({ shape: shape.map((size, i) => before[i] + size + after[i]), dtype }),
  concat: ([{ shape, dtype }, ...xs], axis) => ({
    shape: shape.map((size, i) => (i === axis ? xs.reduce((n, x) => n + x.shape[axis], size) : size)),
    dtype,
  }),
  reshape: ({ dtype }, shape) => ({ shape, dtype }),
  fold: (by, { shape, dtype }, axes) => ({
    shape: reducedShape(shape, axes, false),
    dtype: by === "sum" && dtype === "bool" ? "int32" : dtype,
  }),
  product: (spec, a, b) => {
    const [left, right, out] = spec.split(/,|->/);
    const shapes = [...a.shape, ...b.shape];
    return { shape: [...out].map((letter) => shapes[(left + right).indexOf(letter)]), dtype: a.dtype };
  },
  place: (shape) => ({ shape, dtype: "int32" }),
  run: (body) => body.outputs.map((y) => kindOf(outputKind(body, y))),
};

/** The same attributes with symbols for tensors: whoever asks them for numbers gets an error. */
function withoutNumbers(attrs: unknown, symbolOf: (x: Handle) => Handle): unknown {
  if (attrs instanceof Handle) return symbolOf(attrs);
  if (Array.isArray(attrs)) return attrs.map((item) => withoutNumbers(item, symbolOf));
  if (typeof attrs !== "object" || attrs === null || Object.getPrototypeOf(attrs) !== Object.prototype) return attrs;
  return Object.fromEntries(Object.entries(attrs).map(([key, value]) => [key, withoutNumbers(value, symbolOf)]));
}

/** What an op says of shapes alone. */
function saidOfShapes({ op, inputs, attrs, outputs }: Call): readonly Kind[] | null {
  let said: readonly Kind[] | null = null;
  const probe = makeTensor([], "float64", Float64Array.of(1));
  traceProgram([probe], ([symbol]) => {
    const symbolOf = (x: Handle): Handle => asHandle(gt.cast(gt.broadcastTo(gt.reshape(symbol, []), x.shape), x.dtype));
    const own = withoutNumbers(attrs, symbolOf);
    said = op.lower?.(onShapes, inputs.map(kindOf), own, outputs.map(kindOf)) ?? null;
    return [[symbol], null];
  });
  return said;
}

/** Holds calls to the lowerings of their ops, and notes which ops have one. */
class Holder {
  readonly lowered = new Set<string>();
  readonly called = new Set<string>();

  hold(call: Call): void {
    const { op, inputs, attrs, outputs } = call;
    const { on, computes } = watched();
    const kinds = outputs.map(kindOf);
    const said = op.lower?.(on, inputs.map(ofTensor), attrs, kinds) ?? null;
    (said === null ? this.called : this.lowered).add(op.name);
    const fail = (what: string, facts: object): never =>
      expect.fail(inspect({ what, op: op.name, inputs: inputs.map(ofTensor), attrs, ...facts }, { depth: 6 }));
    const ofShapes = saidOfShapes(call)?.map(kindOf);
    if (!isDeepStrictEqual(ofShapes, said?.map(kindOf))) fail("what it says depends on numbers", { said, ofShapes });
    if (said === null) return;
    if (!isDeepStrictEqual(said.map(kindOf), kinds)) fail("shapes and dtypes", { said, kinds });
    said.forEach((y, k) => {
      const found = difference(call, k, y, computes());
      if (found !== null) fail(`output ${k}: ${found}`, { outputs });
    });
  }

  /** Every op on the tapes of a function, of its vjp and of its jvp; at numbers that are drawn, and at special ones. */
  holdAll(f: (...xs: never[]) => unknown, args: readonly unknown[], random: () => number): void {
    const call = (xs: readonly unknown[]): unknown => Reflect.apply(f, undefined, xs);
    const subject = subjectOf("lower", call, args, (k) => `input ${k}`);
    const derived =
      subject.leaves.length === 0 ? [] : [subject, pullbackOf(subject, random), pushforwardOf(subject, random)];
    for (const one of derived) this.holdTape((xs) => one.call(xs), valuesAt(one), random);
    this.holdTape(call, args, random);
  }

  private holdTape(f: (xs: readonly Handle[]) => unknown, args: readonly unknown[], random: () => number): void {
    const tensors = args.flatMap((x) => (typeof x === "number" || x instanceof Handle ? [asHandle(x)] : []));
    if (tensors.length < args.length) return;
    const outputsOf = (symbols: readonly Handle[]): readonly Handle[] =>
      leavesOf("lower", f(symbols)).flatMap(([, y]) => (y instanceof Handle ? [y] : []));
    everyCall(outputsOf, tensors, (call) => this.hold(call));
    const special = (n: number): number => (random() < 0.4 ? n : SPECIAL[Math.floor(random() * SPECIAL.length)]);
    try {
      everyCall(
        outputsOf,
        tensors.map((x) => (isFloat(x.dtype) ? withNumbers(x, Array.from(x.data, special)) : x)),
        (call) => this.hold(call),
      );
    } catch (error) {
      // Numbers that an op refuses.
      if (!(error instanceof gt.GradtapeError)) throw error;
    }
  }
}

const holder = new Holder();

describe.each(Object.entries(families))("%s", (_, table) => {
  test.each(Object.entries(table))("%s", (_, entry) => {
    for (const line of linesOf(entry)) {
      for (const seed of [1, 2, 3]) {
        for (const dtype of ["float64", "float32"] as const) {
          const random = generator(seed);
          const { inputs, attrs } = line.draw(new Draw(random, dtype));
          const all = (...xs: never[]) => Reflect.apply(line.op, undefined, attrs === undefined ? xs : [...xs, attrs]);
          holder.holdAll(all, inputs, random);
        }
      }
    }
  });
});

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
describe.each(DTYPES)("%s", (dtype) => {
  const rows = isFloat(dtype) ? [...SHAPES, ...FLOAT_SHAPES] : SHAPES;
  test.each(rows.map(([name, f, shapes]) => [name, shapes, f] as const))("%s of shapes %j", (_, shapes, f) => {
    const random = generator(7);
    for (const shape of shapes) {
      const size = shape.reduce((a, b) => a * b, 1);
      const numbers = Array.from({ length: size }, () => Math.floor(random() * (dtype === "bool" ? 2 : 5)));
      holder.holdAll(f, [gt.tensor(numbers, { shape, dtype })], random);
    }
  });
});

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
describe.each(["float64", "float32"] as const)("ends in %s", (dtype) => {
  const rows = dtype === "float64" ? [...ENDS, ...FAR_ENDS] : ENDS;
  test.each(rows.map(([name, f, numbers]) => [name, numbers, f] as const))("%s of %j", (_, numbers, f) => {
    for (const row of numbers) holder.holdAll(f, [gt.tensor(row, { dtype })], generator(3));
  });
});

test("the alias, which is on no tape that is read off", () => {
  const x = asHandle(gt.tensor([1, -0, Number.NaN]));
  const outputs = evaluated(ALIAS, [x], undefined);
  holder.hold({ op: ALIAS, inputs: [x], attrs: undefined, outputs });
  expect(holder.lowered.has(ALIAS.name)).toBe(true);
});

test("a lowering that reads a tensor among its attributes is found out", () => {
  const reading: CoreOp<{ readonly by: Handle }> = {
    ...ALIAS,
    lower: (on, [x], { by }) => [on.map(x.dtype, (a) => a, x, on.number(by.data[0], x.dtype))],
  };
  const x = asHandle(gt.tensor([1]));
  expect(() => holder.hold({ op: reading, inputs: [x], attrs: { by: x }, outputs: [x] })).toThrow("value");
});

test("these ops alone have no lowering, or none for some attributes and shapes", () => {
  const called = [...holder.called].sort();
  expect(called.filter((name) => !holder.lowered.has(name))).toEqual(CALLED);
  expect(called.filter((name) => holder.lowered.has(name))).toEqual(SOMETIMES_CALLED);
});
