// Programs that are interpreted have the bits of those that run as WebAssembly: every op alone, and programs of several.
import { inspect } from "node:util";
import fc from "fast-check";
import type { Tensor, Value } from "gradtape";
import * as gt from "gradtape";
import { describe, expect, test } from "vitest";
import { Interpreted } from "../../src/compiler/run/interpreted";
import { Unit } from "../../src/compiler/unit";
import { applyParts } from "../../src/core/op/apply";
import type { Program } from "../../src/core/op/op";
import { traceProgram } from "../../src/core/program/program";
import { type Handle, withoutHistory } from "../../src/core/tensor/handle";
import { asHandle } from "../../src/core/tensor/value";
import { generator } from "../../src/testing/random";
import { programs } from "../rewrite/random-programs";
import { visitEveryOp } from "./every-op";

const DETERMINISTIC = { reused: false, wide: false, deterministic: true };

/** The first element of results that differs; NaN is NaN, whatever its payload. */
function firstDifference(ours: readonly Handle[], theirs: readonly Handle[]): string | null {
  for (const [k, x] of ours.entries()) {
    const [a, b] = [x.data, theirs[k].data];
    if (a.length !== b.length) return `result ${k} has ${a.length} elements, not ${b.length}`;
    for (let i = 0; i < a.length; i++) {
      if (!Object.is(a[i], b[i])) return `element ${i} of result ${k} is ${a[i]} interpreted, ${b[i]} emitted`;
    }
  }
  return null;
}

/** Holds the interpreter to the module of the same schedule. */
function hold(program: Program, inputs: readonly Handle[]): void {
  const unit = new Unit(program, DETERMINISTIC);
  const { stages } = unit;
  if (stages?.emitted == null) throw new TypeError("tests need WebAssembly");
  const interpreted = new Interpreted(stages.schedule, unit.kinds);
  const given = inputs.map(withoutHistory);
  // The machine computes again where it speculated in vain: so does the unit that interprets.
  const emitted = unit.run(given);
  if (stages.speculative && emitted.some(({ value }) => Number.isNaN(value))) return;
  for (const _ of ["once", "again"]) {
    const found = firstDifference(interpreted.run(given), emitted);
    if (found !== null) expect.fail(inspect({ found, inputs, program: unit.text }, { depth: 6 }));
  }
}

describe("every op", () => {
  visitEveryOp(({ op, inputs, attrs }) => {
    const [program] = traceProgram(inputs, (symbols) => [applyParts(op, symbols, attrs), null]);
    hold(program, inputs);
  });
});

/** A function of tensors as a program, held at numbers around 0 of many sizes. */
function holdFunction(
  f: (...xs: Tensor[]) => Value | readonly Value[],
  shapes: readonly (readonly number[])[],
  dtype: "float32" | "float64",
): void {
  const random = generator(11);
  const inputs = shapes.map((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const numbers = Array.from({ length: size }, () => (random() - 0.5) * 2 ** Math.floor(random() * 8));
    return asHandle(gt.tensor(numbers, { shape, dtype }));
  });
  const [program] = traceProgram(inputs, (symbols) => [[f(...symbols)].flat().map((y) => asHandle(y)), null]);
  hold(program, inputs);
}

const SIZES = [1, 2, 3, 5, 8, 15, 16, 17, 33, 255, 256, 257, 1021];

describe.each(["float64", "float32"] as const)("%s", (dtype) => {
  test("sums and extremes along either axis, of odd sizes", () => {
    for (const size of SIZES) {
      for (const other of [1, 3, 4, 9]) {
        for (const shape of [
          [size, other],
          [other, size],
        ]) {
          for (const axis of [0, 1, [0, 1]]) {
            holdFunction(
              (x) => [gt.sum(gt.exp(x), { axis }), gt.max(x, { axis }), gt.neg(gt.min(gt.transpose(x), { axis }))],
              [shape],
              dtype,
            );
          }
        }
      }
    }
  });

  test("products of odd sizes, from where they are and from panels", () => {
    for (const [m, k, n] of [
      [1, 3, 5],
      [7, 9, 11],
      [65, 3, 9],
      [4, 600, 8],
      [70, 129, 67],
      [2, 1, 2],
    ]) {
      holdFunction(
        (a, b) => gt.tanh(gt.matmul(a, b)),
        [
          [m, k],
          [k, n],
        ],
        dtype,
      );
      holdFunction(
        (a, b) => gt.matmul(gt.transpose(a), gt.sigmoid(b)),
        [
          [k, m],
          [k, n],
        ],
        dtype,
      );
      holdFunction(
        (a, b) => gt.matmul(a, gt.transpose(b)),
        [
          [m, k],
          [n, k],
        ],
        dtype,
      );
    }
  });

  test("pads, joints, slices and convolutions", () => {
    for (const size of [5, 17, 40]) {
      holdFunction(
        (x, y) => gt.concat([gt.pad(x, 2, { value: 1 }), gt.exp(gt.pad(y, 2)), gt.flip(gt.pad(x, 2))], { axis: 1 }),
        [
          [size, 3],
          [size, 7],
        ],
        dtype,
      );
      holdFunction(
        (x, k) => gt.conv2d(x, k, { padding: 1 }),
        [
          [2, 3, size, 7],
          [4, 3, 3, 3],
        ],
        dtype,
      );
    }
  });

  test("a layer and its gradient", () => {
    const loss = (w: Tensor, x: Tensor): Value => gt.mean(gt.square(gt.softmax(gt.layerNorm(gt.matmul(x, w)))));
    holdFunction(
      (w, x) => [loss(w, x), gt.grad((v: Tensor) => loss(v, x))(w)],
      [
        [33, 19],
        [21, 33],
      ],
      dtype,
    );
  });
});

test("random programs", () => {
  fc.assert(
    fc.property(programs, ({ program, inputs }) => {
      hold(
        program,
        inputs.map((x) => asHandle(x)),
      );
    }),
    { numRuns: 300 },
  );
});

test.each([40, 50_000])("a program of %i steps on single doubles", (steps) => {
  const f = (x: Value, y: Value): Value => {
    let z: Value = x;
    for (let k = 0; k < steps; k++)
      z =
        k % 3 === 0
          ? gt.sin(gt.add(z, y))
          : k % 3 === 1
            ? gt.mul(z, 1.5)
            : gt.where(gt.greater(z, 0.5), gt.sub(z, x), z);
    return z;
  };
  const inputs = [asHandle(0.7), asHandle(-1.25)];
  const [program] = traceProgram(inputs, ([x, y]) => [[asHandle(f(x, y))], null]);
  hold(program, inputs);
  const unit = new Unit(program, DETERMINISTIC);
  const { stages } = unit;
  if (stages === null) throw new TypeError("tests need WebAssembly");
  expect(stages.graph).toBeNull();
  expect(new Interpreted(stages.schedule, unit.kinds).runNumbers([0.7, -1.25])).toEqual(unit.runNumbers([0.7, -1.25]));
});
