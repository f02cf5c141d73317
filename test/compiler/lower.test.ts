// What ops say they are in terms of lazy arrays is what they do: said to plain arrays, it equals evaluate.
import * as gt from "gradtape";
import { describe, expect, test } from "vitest";
import { isFloat } from "../../src/base/dtype";
import type { Lower } from "../../src/core/op/lowering";
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
import { ofTensor, onPlainArrays } from "./plain-arrays";

/** Numbers where functions have ends, and ordinary ones beside them; ties among them. */
const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, -0, 1, 1, -1, 2, 0.5, 1e30, -1e30, 1e-30];

/** Ops on the tapes of the tables that compiled programs call, always or for some attributes. */
const CALLED =
  "argmax argmaxPool argmin argsort avgPool2d bernoulli betaDensity betainc cast castToInteger center checkClasses cholesky cofactors conv convInput convKernel cross cumprod cumsum det eigh equal expm fft flatIndices greater greaterEqual irfft isFinite isInf isNaN lerp less lessEqual logCumSumExp logicalAnd logicalNot logicalOr logicalXor lu luFactors max meanOfWinners min nanToNum notEqual oneHot pinv powerMean qr quantileIndices recordPlaces recurrence rfft scatterAdd scatterExtreme scatterSet searchsorted segment shareAmongWinners slogdet solve stopGradient svd take triangle triangularSolve where".split(
    " ",
  );

/** Errors allowed of computed numbers, relative to each, and to the largest of them and the inputs. */
const BOUNDS = {
  float64: { own: 1e-12, largest: 1e-14 },
  float32: { own: 1e-5, largest: 1e-6 },
} as const;

/** plain arrays, and whether anything was computed on them. */
function watched(): { on: Lower; computes: () => boolean } {
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

const largestOf = (xs: Iterable<number>): number =>
  [...xs].reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);

/** The first element that is not what evaluate gives. Of computed zeros either sign will do: sums and products differ in it. */
function difference(got: ArrayLike<number>, want: Handle, inputs: readonly Handle[], computed: boolean): string | null {
  const numbers = want.data;
  const { own, largest } = want.dtype === "float32" ? BOUNDS.float32 : BOUNDS.float64;
  const single = [want, ...inputs].some(({ dtype }) => dtype === "float32");
  const scale = largestOf([...numbers, ...inputs.flatMap((x) => (isFloat(x.dtype) ? [...x.data] : []))]);
  for (let i = 0; i < numbers.length; i++) {
    const [a, b] = [got[i], numbers[i]];
    if (Object.is(a, b)) continue;
    if (computed && a === b) continue;
    if (
      computed &&
      isFloat(want.dtype) &&
      Math.abs(a - b) <= own * Math.abs(b) + (single ? BOUNDS.float32.largest : largest) * scale
    )
      continue;
    return `element ${i} of [${want.shape.join()}] is ${a}, evaluate gives ${b}`;
  }
  return null;
}

/** Holds calls to the lowerings of their ops, and notes which ops have one. */
class Holder {
  readonly lowered = new Set<string>();
  readonly called = new Set<string>();

  hold(call: Call): void {
    const { op, inputs, attrs, outputs } = call;
    const { on, computes } = watched();
    const kinds = outputs.map(({ shape, dtype }) => ({ shape, dtype }));
    const said = op.lower?.(on, inputs.map(ofTensor), attrs, kinds) ?? null;
    if (said === null) {
      this.called.add(op.name);
      return;
    }
    this.lowered.add(op.name);
    const given = inputs.map((x) => `${x.dtype}[${x.shape.join()}] ${[...x.data].join(" ")}`).join("; ");
    const where = `${op.name} of ${given} with ${JSON.stringify(attrs)}`;
    expect(
      said.map(({ shape, dtype }) => ({ shape, dtype })),
      where,
    ).toEqual(kinds);
    said.forEach((y, k) => {
      const data = "data" in y && ArrayBuffer.isView(y.data) ? Array.from(y.data as Float64Array) : [];
      const found = difference(data, outputs[k], inputs, computes());
      expect(found, `output ${k} of ${where}`).toBeNull();
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
    const outputsOf = (symbols: readonly Handle[]) =>
      leavesOf("lower", f(symbols)).flatMap(([, y]) => (y instanceof Handle ? [y] : []));
    everyCall(outputsOf, tensors, (call) => this.hold(call));
    const special = tensors.map((x) =>
      isFloat(x.dtype)
        ? withNumbers(
            x,
            Array.from(x.data, (n) => (random() < 0.4 ? n : SPECIAL[Math.floor(random() * SPECIAL.length)])),
          )
        : x,
    );
    try {
      everyCall(outputsOf, special, (call) => this.hold(call));
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
      for (const [seed, dtype] of [1, 2, 3].flatMap(
        (n) =>
          [
            [n, "float64"],
            [n, "float32"],
          ] as const,
      )) {
        const random = generator(seed);
        const { inputs, attrs } = line.draw(new Draw(random, dtype));
        holder.holdAll(
          (...xs) => Reflect.apply(line.op, undefined, attrs === undefined ? xs : [...xs, attrs]),
          inputs,
          random,
        );
      }
    }
  });
});

test("these ops alone have no lowering, or none for some attributes", () => {
  expect([...holder.called].filter((name) => !CALLED.includes(name))).toEqual([]);
});
