// Formulas in JavaScript, one number at a time and by blocks, against the instructions of vectors.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as f from "../../src/kernel/formula";
import { interpreter, stepsOf } from "../../src/kernel/interpret";
import type { NumberType, Primitive } from "../../src/kernel/primitives";
import * as all from "../../src/kernel/primitives";
import { runByBlocks } from "./by-blocks";
import { arrayOf, atLanes } from "./vectors";

const TYPES = ["float32", "float64", "int32"] as const;
const x: f.Formula = { is: "input", at: 0 };
const y: f.Formula = { is: "input", at: 1 };

const isPrimitive = (p: unknown): p is Primitive =>
  typeof p === "object" && p !== null && "is" in p && p.is === "primitive";
const primitivesOf = (type: NumberType): Primitive[] =>
  Object.values(all).filter((p): p is Primitive => isPrimitive(p) && p.vector[type] !== undefined);

/** NaN has one bit pattern in JavaScript and many in vectors. */
const READ_BITS: readonly Primitive[] = [all.ADD_EXPONENT, all.EXPONENT_OF, all.MANTISSA_OF, all.COPY_SIGN];

/** What is applied to which of the parts before. */
const recipes = fc.array(fc.tuple(fc.nat(), fc.array(fc.nat(), { minLength: 3, maxLength: 3 })), {
  minLength: 1,
  maxLength: 25,
});

/** A formula of two inputs over all primitives of a type; parts are used several times. */
function formulaBy(recipe: readonly (readonly [number, readonly number[]])[], type: NumberType): f.Formula {
  const primitives = primitivesOf(type);
  const parts: f.Formula[] = [x, y, { is: "number", value: -0 }, { is: "number", value: 2.3 }, f.mul(x, y)];
  for (const [which, of] of recipe) {
    const primitive = primitives[which % primitives.length];
    // One of the last seven, so that most parts are used.
    const operands = of.slice(0, primitive.arity).map((k) => parts[parts.length - 1 - (k % Math.min(parts.length, 7))]);
    const given = READ_BITS.includes(primitive) ? operands.map((a) => f.choose(f.equal(a, a), a, 1.25)) : operands;
    parts.push(f.applied(primitive, ...given));
  }
  const [before, last] = parts.slice(-2);
  return f.choose(f.less(last, before), last, f.sub(before, last));
}

const numbers: Readonly<Record<NumberType, fc.Arbitrary<number>>> = {
  float32: fc.oneof(fc.float(), fc.float({ min: -4, max: 4 }), fc.constantFrom(0, -0, NaN, Infinity, -Infinity)),
  float64: fc.oneof(fc.double(), fc.double({ min: -4, max: 4 }), fc.constantFrom(0, -0, NaN, Infinity, -Infinity)),
  int32: fc.integer(),
};

describe.each(TYPES)("in %s", (type) => {
  const lanes = type === "float64" ? 2 : 4;
  const column = fc.array(numbers[type], { minLength: lanes, maxLength: lanes });

  test("numbers and blocks have the bits of vectors", () => {
    fc.assert(
      fc.property(recipes, column, column, (recipe, xs, ys) => {
        const formula = formulaBy(recipe, type);
        const want = atLanes(stepsOf([formula], type, false), type)([xs, ys]);
        const one = interpreter(formula, type, false);
        expect(xs.map((_, k) => one([xs[k], ys[k]]))).toEqual(want);
        const out = arrayOf[type](lanes);
        const given = [xs, ys].map((values) => arrayOf[type](lanes).map((_, k) => values[k]));
        runByBlocks([formula], { type, always: false }, [out], given);
        expect([...out]).toEqual(want);
      }),
      { numRuns: 500 },
    );
  });

  test.each([0, 1, 255, 256, 257, 1000])("blocks of %d numbers are one after the other", (n) => {
    const formula = f.sub(f.mul(x, x), f.add(f.mul(y, 3), f.mul(f.abs(x), y)));
    const inputs = [1, 2].map((step) => arrayOf[type](n + 1).map((_, k) => (k * step) % 17));
    const outputs = [arrayOf[type](n + 1), arrayOf[type](n + 1)];
    const less = f.less(x, y);
    runByBlocks([formula, less], { type, always: false }, outputs, inputs, n);
    const wanted = [formula, less].map((part) => interpreter(part, type, false));
    for (let k = 0; k < n; k++) {
      for (const [j, want] of wanted.entries()) expect(outputs[j][k]).toBe(want([inputs[0][k], inputs[1][k]]));
    }
    expect(outputs.map((out) => out[n])).toEqual([0, 0]);
  });

  test("an output may be an input", () => {
    const given = arrayOf[type](300).map((_, k) => k % 7);
    const wanted = [...given].map((value) => value * value + value);
    runByBlocks([f.add(f.mul(x, x), x)], { type, always: false }, [given], [given]);
    expect([...given]).toEqual(wanted);
  });
});

describe("formulas as steps", () => {
  test("equal parts are computed once, in whatever order their operands stand", () => {
    const { steps } = stepsOf([f.add(f.mul(x, y), f.mul(y, x)), f.neg(f.mul(x, y))], "float32", false);
    expect(steps.map((step) => step.f.name)).toEqual(["mul", "add", "neg"]);
  });

  test("0 and -0 are two numbers", () => {
    const { numbers } = stepsOf([f.add(f.div(x, 0), f.div(x, -0))], "float64", false);
    expect(numbers).toEqual([0, -0]);
  });

  test("a number as a truth is whether it is not 0; a truth as a number is 0 or 1", () => {
    const both = interpreter(f.add(f.and(x, y), f.not(x)), "float64", false);
    expect([both([2, Number.NaN]), both([2, 0]), both([0, 3]), both([-0, 0])]).toEqual([1, 0, 1, 1]);
  });

  test("what is shared to great depth is linear", () => {
    let formula: f.Formula = x;
    for (let k = 0; k < 1000; k++) formula = f.mul(f.add(formula, formula), 0.5);
    expect(stepsOf([formula], "float64", false).steps.length).toBe(2000);
    expect(interpreter(formula, "float64", false)([1.25])).toBe(1.25);
  });
});

describe("functions", () => {
  const cube = f.called("cube", (a: number) => a ** 3);
  const inBoth: f.FormulaFunction = {
    ...cube,
    float32: { ulp: 2, formula: (a) => f.mul(f.mul(a, a), a) },
    float64: { ulp: 2, formula: (a) => f.add(f.mul(f.mul(a, a), a), 1000) },
  };
  const run = (what: f.FormulaFunction, type: NumberType, always: boolean, ...given: number[]) => {
    const formula = f.applied(what, ...given.map((_, at): f.Formula => ({ is: "input", at })));
    const value = interpreter(formula, type, always)(given);
    const out = arrayOf[type](1);
    runByBlocks(
      [formula],
      { type, always },
      [out],
      given.map((number) => arrayOf[type](1).fill(number)),
    );
    expect(out[0]).toBe(value);
    return value;
  };

  test("those that are called are rounded to the type", () => {
    const a = Math.fround(1.1);
    expect(run(cube, "float32", true, a)).toBe(Math.fround(a ** 3));
    expect(run(cube, "float64", true, 1.1)).toBe(1.1 ** 3);
    expect(run(cube, "int32", true, 2 ** 11 + 1)).toBe(((2 ** 11 + 1) ** 3) | 0);
  });

  test("called functions of two and three numbers", () => {
    expect(
      run(
        f.called("power", (a: number, b: number) => a ** b),
        "float64",
        false,
        3,
        4,
      ),
    ).toBe(81);
    expect(
      run(
        f.called("fma", (a: number, b: number, c: number) => a * b + c),
        "float64",
        false,
        3,
        4,
        5,
      ),
    ).toBe(17);
  });

  test("expansions are used in float32, and in float64 if they are as good as the call or always", () => {
    const a = Math.fround(1.1);
    expect(run(inBoth, "float32", false, a)).toBe(Math.fround(Math.fround(a * a) * a));
    expect(run(inBoth, "float64", false, 2)).toBe(8);
    expect(run(inBoth, "float64", true, 2)).toBe(1008);
    expect(run({ ...inBoth, float64: { ulp: 1, formula: () => f.add(0, 5) } }, "float64", false, 2)).toBe(5);
  });
});
