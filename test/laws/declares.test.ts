// What ops declare is what they do: the law "declares" holds it for the ops of the tables. Here it is held that no op
// escapes that law, and which ops declare what.
import fc from "fast-check";
import * as gt from "gradtape";
import { mul, type Tensor } from "gradtape";
import { describe, expect, test, vi } from "vitest";
import { ALIAS } from "../../src/core/op/leaf";
import type { CoreOp } from "../../src/core/op/op";
import { Handle } from "../../src/core/tensor/handle";
import { asHandle } from "../../src/core/tensor/value";
import { type Call, evaluated } from "../../src/testing/declared/call";
import { checkDeclarations, everyCall } from "../../src/testing/declared/declarations";
import { pullbackOf, pushforwardOf } from "../../src/testing/probe";
import { drawDirection, generator } from "../../src/testing/random";
import { leavesOf, subjectOf, valuesAt } from "../../src/testing/subject";
import { Draw, type FloatDtype } from "./draw";
import type { Line } from "./line";
import { families, linesOf } from "./table";

/** Every op of the package that has been made. */
const made = vi.hoisted((): CoreOp<never>[] => {
  // The setup of the tests has loaded the package before.
  vi.resetModules();
  return [];
});
vi.mock(import("../../src/core/op/op"), async (original) => {
  const actual = await original();
  return {
    ...actual,
    coreOp: (fields) => {
      const op = actual.coreOp(fields);
      made.push(op);
      return op;
    },
  };
});

/** What a call may declare, where it says so for its shapes and attributes. */
const kindsOf = ({ op, inputs, attrs }: Call): string[] => {
  const { declares } = op;
  const shapes = inputs.map((x) => x.shape);
  const said = {
    ...declares,
    contraction: declares.contraction?.(shapes, attrs as never),
    scale: declares.scale?.(attrs as never),
    placement: declares.placement?.(attrs as never),
    selection: declares.selection?.(attrs as never),
  };
  return Object.entries(said).flatMap(([kind, fact]) =>
    fact === undefined || fact === null || fact === false ? [] : [kind],
  );
};

/** Holds calls to what their ops declare, and notes which op declared what. */
class Holder {
  /** Ops by what they declare. */
  readonly reached = new Map<string, Set<CoreOp<never>>>();
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = generator(seed);
  }

  hold(call: Call): void {
    const found = checkDeclarations(call, {
      random: this.random,
      draw: (size) => drawDirection(this.random, size),
      bounds: (single) => (single ? { relative: 1e-3, absolute: 1e-5 } : { relative: 1e-9, absolute: 1e-12 }),
    });
    expect(found?.text).toBeUndefined();
    for (const kind of kindsOf(call)) {
      this.reached.set(kind, (this.reached.get(kind) ?? new Set()).add(call.op));
    }
  }

  holdLine({ op, draw }: Line, seed: number, dtype: FloatDtype): void {
    const { inputs, attrs } = draw(new Draw(generator(seed), dtype));
    this.holdAll((...xs) => Reflect.apply(op, undefined, attrs === undefined ? xs : [...xs, attrs]), inputs);
  }

  /** The alias is on no tape that is read off: inputs of transforms are made by it. */
  holdAlias(shape: readonly number[]): void {
    const x = asHandle(new Draw(this.random, "float64").tensor(shape));
    this.hold({ op: ALIAS, inputs: [x], attrs: undefined, outputs: evaluated(ALIAS, [x], undefined) });
  }

  /** Every op on the tape of a function of tensors, and of its gradient. */
  holdAll(f: (...xs: never[]) => unknown, args: readonly unknown[]): void {
    const call = (xs: readonly unknown[]): unknown => Reflect.apply(f, undefined, xs);
    const subject = subjectOf("declares", call, args, (k) => `input ${k}`);
    const subjects =
      subject.leaves.length === 0
        ? []
        : [subject, pullbackOf(subject, this.random), pushforwardOf(subject, this.random)];
    for (const one of subjects) this.holdTape((xs) => one.call(xs), valuesAt(one));
    this.holdTape(call, args);
  }

  private holdTape(f: (xs: readonly Handle[]) => unknown, args: readonly unknown[]): void {
    const tensors = args.flatMap((x) => (typeof x === "number" || x instanceof Handle ? [asHandle(x)] : []));
    if (tensors.length < args.length) return;
    everyCall(
      (symbols) => leavesOf("declares", f(symbols)).flatMap(([, y]) => (y instanceof Handle ? [y] : [])),
      tensors,
      (call) => this.hold(call),
    );
  }
}

/** A loop over rows with a carry that is added to, one that is not, rows that go out and a constant. */
const loop = (reverse: boolean) => (first: Tensor, xs: Tensor, w: Tensor) =>
  gt.scan(
    ([h, total]: readonly [Tensor, Tensor], x: Tensor) => {
      const next = gt.tanh(gt.add(gt.mul(h, w), x));
      return [[next, gt.add(total, gt.mul(next, x))] as const, gt.square(next)] as const;
    },
    [first, gt.zerosLike(first)],
    xs,
    { reverse },
  );

type Program = readonly [f: (...xs: never[]) => unknown, draw: (draw: Draw) => readonly (Tensor | number)[]];

/** What is on no tape of the tables, by how its arguments are drawn. */
const PROGRAMS: readonly Program[] = [
  ...[false, true].map((reverse): Program => {
    const draw = (d: Draw): Tensor[] => {
      const [n, length] = [d.integer(1, 3), d.integer(0, 4)];
      return [d.tensor([n]), d.tensor([length, n]), d.tensor([n])];
    };
    return [loop(reverse), draw];
  }),
  // Functions that only derivatives of higher orders are made of.
  [gt.grad(gt.grad(gt.grad((x: gt.Scalar) => gt.logNdtr(x)))), (d) => [d.uniform(-2, 2)]],
  // A number that is repeated along a tensor of another dtype.
  [(x: Tensor, s: Tensor) => mul(gt.cast(x, "float32"), s), (d) => [d.tensor(d.shape(1)), d.uniform(-1, 1)]],
];

/** Operands whose axes are aligned, stretched and missing in every way, empty ones too. */
const PRODUCTS: readonly (readonly [f: (a: Tensor, b: Tensor) => unknown, a: number[], b: number[]])[] = [
  [gt.matmul, [2, 3, 4, 5], [3, 5, 6]],
  [gt.matmul, [1, 4, 5], [3, 5, 6]],
  [gt.matmul, [3, 4, 5], [2, 1, 5, 6]],
  [gt.matmul, [2, 1, 1, 5], [3, 5, 1]],
  [gt.matmul, [4, 5], [2, 3, 5, 6]],
  [gt.matmul, [1, 1, 1], [1, 1, 1]],
  [gt.matmul, [2, 3, 0], [2, 0, 4]],
  [mul, [2, 3], [3]],
  [mul, [2, 1], [1, 3]],
  [mul, [1], [2, 3, 1]],
  [mul, [], [2, 3]],
  [mul, [1, 1], [1, 1, 1]],
  [mul, [2, 0], [1, 1]],
];

/** All that the tables and the programs reach. */
function reachAll(): Holder["reached"] {
  const holder = new Holder(1);
  const lines = Object.values(families).flatMap((table) => Object.values(table).flatMap(linesOf));
  for (const line of lines) {
    for (const seed of [1, 2, 3, 4]) {
      for (const dtype of ["float64", "float32"] as const) holder.holdLine(line, seed, dtype);
    }
  }
  for (const [f, draw] of PROGRAMS) holder.holdAll(f, draw(new Draw(generator(1), "float64")));
  holder.holdAlias([2, 3]);
  return holder.reached;
}

describe("every op that declares a fact", () => {
  const reached = reachAll();
  const kinds = (op: CoreOp<never>): string[] =>
    Object.entries(op.declares).flatMap(([kind, fact]) => (fact === undefined ? [] : [kind]));

  test("is reached by the law", () => {
    const declaring = made.filter((op) => kinds(op).length > 0);
    expect(declaring.length).toBeGreaterThan(150);
    const unreached = declaring.flatMap((op) =>
      kinds(op)
        .filter((kind) => reached.get(kind)?.has(op) !== true)
        .map((kind) => `${op.name}: ${kind}`),
    );
    expect(unreached).toEqual([]);
  });

  test("is one of these, besides the elementwise ones", () => {
    const names = (kind: string) => [...new Set([...(reached.get(kind) ?? [])].map(({ name }) => name))].sort();
    const declared = [...reached.keys()].filter((kind) => kind !== "elementwise").sort();
    expect(Object.fromEntries(declared.map((kind) => [kind, names(kind).join(" ")]))).toEqual({
      absorbing:
        "avgPool2d broadcastTo cast concat cumsum divideBy lift max mean meanOfWinners min reshape roll scatterAdd scatterExtreme scatterSet shareAmongWinners slice stack stridedPad sum take transpose triangle",
      contraction: "broadcastTo convKernel lift matmul mul mulZero sum transpose weighted",
      linear:
        "accumulate add alias avgPool2d broadcastTo cast center concat conv convInput convKernel cross cumsum differenceOrZero divideBy fft irfft lift matmul mean mul mulZero neg reshape rfft roll scatterAdd scatterSet slice stack stridedPad sub sum take transpose triangle weighted where",
      loop: "scan",
      operands: "convKernel",
      placement: "stridedPad",
      regroup: "alias reshape",
      scale: "cast divideBy",
      selection: "scatterAdd",
    });
  });
});

test("loops are the bodies run step by step, and so are their gradients", () => {
  const property = fc.property(fc.integer(), (seed) => {
    const holder = new Holder(seed);
    for (const [f, draw] of PROGRAMS) holder.holdAll(f, draw(new Draw(generator(seed), "float64")));
    holder.holdAlias(new Draw(generator(seed), "float64").shape());
  });
  fc.assert(property, { numRuns: 20 });
});

test.each(PRODUCTS.map(([f, a, b]) => [f.name, a, b, f] as const))("%s of [%j] and [%j]", (_, a, b, f) => {
  const draw = new Draw(generator(1), "float64");
  const holder = new Holder(1);
  holder.holdAll(f, [draw.tensor(a), draw.tensor(b)]);
  expect([...holder.reached.keys()]).toContain("contraction");
});
