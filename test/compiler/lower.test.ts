// What ops say they are in terms of lazy arrays is what they do: said to plain arrays, it equals evaluate.
import { inspect, isDeepStrictEqual } from "node:util";
import * as gt from "gradtape";
import { expect, test } from "vitest";
import { reducedShape } from "../../src/base/shape";
import { ALIAS } from "../../src/core/op/leaf";
import type { CoreOp, Kind, Lower } from "../../src/core/op/op";
import { outputKind } from "../../src/core/program/capture";
import { traceProgram } from "../../src/core/program/program";
import { Handle, makeTensor } from "../../src/core/tensor/handle";
import { asHandle } from "../../src/core/tensor/value";
import { type Call, evaluated } from "../../src/testing/declared/call";
import { difference } from "./agreement";
import { visitEveryOp } from "./every-op";
import { ofTensor, onPlainArrays, Plain } from "./plain-arrays";

/** Ops on the tapes below that compiled programs call. */
const CALLED = (
  "argsort bernoulli betaDensity betainc castToInteger checkClasses checkIndices cholesky cofactors cross cumprod cumsum " +
  "det eigh expm fft flatIndices irfft logCumSumExp lu luFactors pinv qr quantileIndices recordPlaces recurrence rfft " +
  "scatterAdd scatterExtreme scatterSet searchsorted segment slogdet solve svd take triangularSolve"
).split(" ");

/** Those that they call for some attributes or shapes: to int32, of masks, of long strides, of rows without elements. */
const SOMETIMES_CALLED = ["cast", "center", "convInput", "layerNorm"];

/** Ops beside the elementwise ones that have a lowering: all of them are reached. */
const LOWERED = (
  "accumulate alias argmax argmaxPool argmin avgPool2d broadcastTo cast center checkpoint concat conv convInput convKernel " +
  "customGradient divideBy layerNorm layerNormTimes lift logSoftmax logSoftmaxTimes logSumExp matmul max mean meanOfWinners " +
  "min oneHot pad powerMean reshape roll shareAmongWinners slice softmax softmaxTimes stack stopGradient stridedPad sum " +
  "transpose triangle"
).split(" ");

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
      const found = difference(call, k, y instanceof Plain ? y.data : [], computes());
      if (found !== null) fail(`output ${k}: ${found}`, { outputs });
    });
  }
}

const holder = new Holder();
visitEveryOp((call) => holder.hold(call));

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
  expect(LOWERED.filter((name) => !holder.lowered.has(name))).toEqual([]);
});
