// Functions as formulas over all of their domain: float32 against float64, float64 against arithmetic of 60 digits, which
// test/fixtures/expansions/make.py writes.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ERF_FLOAT, ERFC_FLOAT, NDTR_FLOAT } from "../../src/kernel/expansions/error";
import { EXP, EXPM1 } from "../../src/kernel/expansions/exponential";
import { TANH } from "../../src/kernel/expansions/hyperbolic";
import { LOG, LOG1P, LOG2 } from "../../src/kernel/expansions/logarithm";
import { applied, called, type FormulaFunction } from "../../src/kernel/formula";
import { interpreter, stepsOf } from "../../src/kernel/interpret";
import { erf, erfc } from "../../src/numeric/special/erf";
import { normalDistribution } from "../../src/numeric/special/normal-distribution";
import { runByBlocks } from "./by-blocks";
import { atLanes } from "./vectors";

const TYPES = ["float32", "float64"] as const;
type Floats = (typeof TYPES)[number];
type Row = readonly [x: number, y: number, rest: number];
const file = new URL("../fixtures/expansions/expansions.json", import.meta.url);
const fixture = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, readonly Row[]>>;

/** In float32 alone. */
const SINGLE: FormulaFunction[] = [
  { ...called("erf", erf), float32: ERF_FLOAT },
  { ...called("erfc", erfc), float32: ERFC_FLOAT },
  { ...called("ndtr", normalDistribution), float32: NDTR_FLOAT },
];
const DOUBLE = [EXP, EXPM1, LOG, LOG1P, LOG2, TANH];
const named = (functions: readonly FormulaFunction[]) => functions.map((f) => [f.name, f] as const);
const FUNCTIONS = named([...DOUBLE, ...SINGLE]);

const applyTo = (f: FormulaFunction) => applied(f, { is: "input", at: 0 });

/** A unit in the last place of a number of a type: half a unit is the largest error of rounding. */
function unitOf(y: number, type: Floats): number {
  const [digits, lowest] = type === "float32" ? [24, -126] : [53, -1022];
  const exponent = Math.floor(Math.log2(Math.abs(y)));
  // The logarithm may be rounded up to the next power of 2.
  const binade = 2 ** exponent > Math.abs(y) ? exponent - 1 : exponent;
  return 2 ** (Math.max(binade, lowest) - digits + 1);
}

/** Numbers of float32, one in each run of so many bit patterns, at another place in each. */
function* floatsByStride(stride: number, count: number): Generator<Float32Array<ArrayBuffer>> {
  const bits = new Uint32Array(count);
  for (let start = 0; start < 2 ** 32; start += stride * count) {
    for (let k = 0; k < count; k++) bits[k] = start + k * stride + ((k * 40503 + start / count) % stride);
    yield new Float32Array(bits.buffer);
  }
}

/** Errors of a function, in units in the last place; the first values that are beyond a bound, or of another kind. */
class Errors {
  worst = 0;
  readonly faults: string[] = [];
  private readonly least: number;

  constructor(
    private readonly type: Floats,
    private readonly bound: number,
  ) {
    this.least = type === "float32" ? 2 ** -24 : 2 ** -53;
  }

  /** What came of x, where `want` + `rest` units is right. */
  add(x: number, got: number, want: number, rest = 0): void {
    if (Object.is(got, want) && rest === 0) return;
    // A unit is at least this much of a number: no more than what was seen.
    if (rest === 0 && Math.abs(got - want) < this.worst * Math.abs(want) * this.least) return;
    // Of results beyond the largest number either that or infinity may be: infinity counts as the next number.
    const largest = this.type === "float32" ? 2 ** 128 : Infinity;
    const near = (y: number) => Math.max(-largest, Math.min(y, largest));
    const units = Math.abs((near(got) - near(want)) / unitOf(near(want), this.type) - rest);
    if (units > this.worst) this.worst = units;
    const otherZero = got === 0 && want === 0 && !Object.is(got, want);
    if (units <= this.bound && !otherZero) return;
    if (this.faults.length < 10) this.faults.push(`of ${x}: got ${got}, want ${want}, ${units.toFixed(2)} ulp`);
  }

  /** Nothing is beyond the bound, which is not far from what occurs. */
  verify(): void {
    expect(this.faults).toEqual([]);
    expect(this.worst).toBeGreaterThan(0.5 * this.bound);
  }
}

const SPECIAL = [0, -0, 1, -1, 2, -2, Infinity, -Infinity, NaN, 2 ** -149, -(2 ** -149), 2 ** -126, -(2 ** -126)];
const MORE: Readonly<Record<Floats, readonly number[]>> = {
  float32: [
    ...[-104, -103.9, -103, -88, -87.3, 88.7, 88.72283, 88.73, 89, 1e38, -1e38, 1e-40, -1e-40].map(Math.fround),
  ],
  float64: [-746, -745.2, -745.1, -709, -708.3, 709.7, 709.79, 710, 1e300, -1e300, 5e-324, -5e-324, 1e-310, 2 ** -1022],
};
const randoms = Array.from({ length: 400 }, (_, k) => Math.fround(Math.sin(k) * 2 ** ((k % 19) - 9)));

describe.each(FUNCTIONS)("%s", (_, f) => {
  test("float32: its bound holds at 4 million points among all bits", () => {
    const errors = new Errors("float32", f.float32?.ulp ?? 0);
    const out = new Float32Array(8192);
    for (const points of floatsByStride(1024, out.length)) {
      runByBlocks([applyTo(f)], { type: "float32", always: false }, [out], [points]);
      for (let k = 0; k < out.length; k++) errors.add(points[k], out[k], f.plain(points[k]));
    }
    errors.verify();
  });

  describe.each(TYPES.filter((type) => f[type] !== undefined))("%s", (type) => {
    const given = [...SPECIAL, ...MORE[type], ...randoms];
    const one = interpreter(applyTo(f), type, true);

    test("ends, zeros, subnormal numbers and NaN", () => {
      // Functions of Math are themselves some units from what is right.
      const errors = new Errors(type, (f[type]?.ulp ?? 0) + (type === "float64" ? 2 : 0));
      for (const x of given) errors.add(x, one([x]), f.plain(x));
      expect(errors.faults).toEqual([]);
    });

    test("vectors have the bits of the interpreter", () => {
      const lanes = type === "float64" ? 2 : 4;
      const vectors = atLanes(stepsOf([applyTo(f)], type, true), type);
      for (let k = 0; k + lanes <= given.length; k += lanes) {
        const group = given.slice(k, k + lanes);
        expect(vectors([group])).toEqual(group.map((x) => one([x])));
      }
    });
  });
});

test.each(named(DOUBLE))("%s in float64: its bound holds where it is known to 60 digits", (name, f) => {
  const rows = fixture[name];
  expect(rows.length).toBeGreaterThan(700);
  const errors = new Errors("float64", f.float64?.ulp ?? 0);
  const out = new Float64Array(rows.length);
  runByBlocks([applyTo(f)], { type: "float64", always: true }, [out], [Float64Array.from(rows, ([x]) => x)]);
  for (const [k, [x, y, rest]] of rows.entries()) errors.add(x, out[k], y, rest);
  errors.verify();
});

test("NaN of all bits stay NaN in vectors", () => {
  for (const [, f] of FUNCTIONS) {
    const vectors = atLanes(stepsOf([applyTo(f)], "float32", true), "float32");
    for (const bits of [0x7fc00000, 0x7fc00001, 0xffc00000, 0x7f800001, 0xffffffff, 0x7fffffff, 0xffc12345]) {
      const nan = new Float32Array(Uint32Array.of(bits, bits, bits, bits).buffer);
      expect(vectors([nan])).toEqual([NaN, NaN, NaN, NaN]);
    }
  }
});

test("tanh is odd", () => {
  for (const type of ["float32", "float64"] as const) {
    const tanh = interpreter(applyTo(TANH), type, true);
    for (const x of randoms) expect(tanh([-x])).toBe(-tanh([x]));
  }
});
