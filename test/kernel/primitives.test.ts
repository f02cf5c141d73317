// Every primitive's instructions against its twin in JavaScript, bit by bit, vectors and numbers alone.
import { describe, expect, test } from "vitest";
import { plainIn, rounders } from "../../src/kernel/interpret";
import type { NumberType, Primitive } from "../../src/kernel/primitives";
import * as all from "../../src/kernel/primitives";
import * as wasm from "../../src/numeric/wasm-assembler";
import { engine } from "../numeric/web-assembly";
import { arrayOf, atLanes } from "./vectors";

const primitives = Object.values(all).filter(
  (x): x is Primitive => typeof x === "object" && "is" in x && x.is === "primitive",
);
const TYPES = ["float32", "float64", "int32"] as const;

const floats = (digits: number, smallest: number, largest: number): number[] =>
  [
    ...[0, 0.25, 0.5, 1 - 2 ** -digits, 1, 1 + 2 ** (1 - digits), 1.5, 2, 2.5, 3, 3.5, 4.4999, 7e5, 0.1, 1 / 3],
    ...[smallest, 3 * smallest, 2 ** (digits - 1) * smallest, 2 ** digits * smallest * 1.25, largest, Infinity],
    ...[Math.SQRT1_2, Math.SQRT2, 2 ** (digits - 2) + 0.5, 2 ** (digits - 1) + 1, 2 ** digits, 2 ** 31],
  ].flatMap((x) => [x, -x]);

/** Numbers of a type; in the tables of floats also some whose low bits are small integers. */
const NUMBERS: Readonly<Record<NumberType, readonly number[]>> = {
  float32: [
    ...floats(24, 2 ** -149, (2 - 2 ** -23) * 2 ** 127).map(Math.fround),
    ...[-130, -7, 0, 1, 9, 100].map((n) => all.TO_LOW_BITS.float32 + n),
    NaN,
  ],
  float64: [
    ...floats(53, 2 ** -1074, Number.MAX_VALUE),
    ...[-1030, -7, 0, 1, 9, 100].map((n) => all.TO_LOW_BITS.float64 + n),
    NaN,
  ],
  int32: [0, 1, -1, 2, -2, 3, 7, -9, 65535, 65537, 2 ** 30, 123456789, -(2 ** 31), 2 ** 31 - 1, -(2 ** 31) + 1],
};
const TRUTHS = [0, 1];

/** All operands that a primitive may be given together. */
function operandsOf(f: Primitive, type: NumberType): number[][] {
  return f.takes.reduce<number[][]>(
    (rows, takes) => rows.flatMap((row) => (takes === "truth" ? TRUTHS : NUMBERS[type]).map((x) => [...row, x])),
    [[]],
  );
}

/** What a primitive gives by its vector code, lane after lane. */
function byVectors(f: Primitive, type: NumberType, rows: number[][]): number[] {
  // Truths in vectors are masks: of operands by a comparison with 0, and back by a choice of 1 and 0, which reads every bit.
  const numbers = [0, 1];
  const [zero, one] = [f.arity, f.arity + 1];
  const steps: { f: Primitive; of: number[] }[] = [];
  const step = (f: Primitive, of: number[]): number => one + steps.push({ f, of });
  const y = step(
    f,
    f.takes.map((takes, k) => (takes === "truth" ? step(all.NOT_EQUAL, [k, zero]) : k)),
  );
  const results = [f.truth ? step(all.CHOOSE, [y, one, zero]) : y];
  const run = atLanes({ inputs: f.arity, numbers, steps, results }, type);
  const lanes = type === "float64" ? 2 : 4;
  return rows.flatMap((_, k) => {
    if (k % lanes !== 0) return [];
    const group = Array.from({ length: lanes }, (_, j) => rows[Math.min(k + j, rows.length - 1)]);
    return run(f.takes.map((_, at) => group.map((row) => row[at]))).slice(0, rows.length - k);
  });
}

/** What it gives by its scalar code, one at a time. */
function byNumbers(f: Primitive, type: NumberType, rows: number[][]): number[] {
  const [load, store] = { float32: [0x2a, 0x38], float64: [0x2b, 0x39], int32: [0x28, 0x36] }[type];
  const operands = [...(f.order ?? f.takes.keys())].map((k): wasm.Code => {
    const integer = type === "int32" || f.takes[k] === "truth";
    return [wasm.integer(0), integer ? 0x28 : load, 0, 8 * k];
  });
  const body: wasm.Code = [wasm.integer(0), operands, [...(f.scalar[type] ?? [])], f.truth ? 0x36 : store, 0, 0];
  const module = wasm.moduleOf({ parameters: 0, integers: 0, vectors: 0, body });
  const { memory, run } = new engine.Instance(new engine.Module(module)).exports;
  return rows.map((row) => {
    row.forEach((x, k) => {
      arrayOf[f.takes[k] === "truth" ? "int32" : type](1, memory.buffer as ArrayBuffer, 8 * k)[0] = x;
    });
    run();
    return arrayOf[f.truth ? "int32" : type](1, memory.buffer as ArrayBuffer)[0];
  });
}

/** Rows for which what the code gives is not what the twin gives. */
function differences(f: Primitive, type: NumberType, by: typeof byVectors): string[] {
  const rows = operandsOf(f, type);
  const twin = plainIn(f, type);
  const got = by(f, type, rows);
  expect(got.length).toBe(rows.length);
  return rows.flatMap((row, k) => {
    const want = f.truth ? twin(...row) : rounders[type](twin(...row));
    return Object.is(got[k], want) ? [] : [`${f.name}(${row.join(", ")}) is ${got[k]}, by its twin ${want}`];
  });
}

test("there are primitives, each with code for vectors of floats and doubles", () => {
  expect(primitives.length).toBeGreaterThan(25);
  expect(primitives.filter((f) => f.vector.float32 === undefined || f.vector.float64 === undefined)).toEqual([]);
});

describe.each(TYPES)("in %s, instructions give the bits of the twin", (type) => {
  test.each(primitives.filter((f) => f.vector[type] !== undefined).map((f) => [f.name, f] as const))(
    "vectors: %s",
    (_, f) => expect(differences(f, type, byVectors)).toEqual([]),
  );
  test.each(primitives.filter((f) => f.scalar[type] !== undefined).map((f) => [f.name, f] as const))(
    "numbers: %s",
    (_, f) => expect(differences(f, type, byNumbers)).toEqual([]),
  );
});

test("exponents and mantissas of normal numbers are what their product says", () => {
  for (const type of ["float32", "float64"] as const) {
    const smallest = type === "float32" ? 2 ** -126 : 2 ** -1022;
    const normal = NUMBERS[type].filter((x) => x >= smallest && x < Infinity);
    expect(normal.length).toBeGreaterThan(15);
    for (const x of normal) {
      const mantissa = plainIn(all.MANTISSA_OF, type)(x);
      const exponent = plainIn(all.EXPONENT_OF, type)(x);
      expect(mantissa).toBeGreaterThan(0.707106);
      expect(mantissa).toBeLessThan(1.414215);
      expect(mantissa * 2 ** (exponent - 1) * 2).toBe(x);
    }
  }
});
