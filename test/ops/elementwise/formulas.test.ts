// Formulas in float32, where every step is rounded, against values that are computed in float64 and rounded once: over the
// whole range, of every op that elementwise functions and their derivatives are made of. And in int32, the same numbers.
import { isTensor, type Tensor, tensor, type Value, vjp } from "gradtape";
import { describe, expect, test } from "vitest";
import { Handle } from "../../../src/core/tensor/handle";
import { withoutKernels } from "../../../src/ops/define/elementwise-loops";
import { type Call, evaluated } from "../../../src/testing/declared/call";
import { everyCall } from "../../../src/testing/declared/declarations";
import { placesOf } from "../../../src/testing/declared/place";
import { generator } from "../../../src/testing/random";
import { elementwise } from "../../laws/cases/elementwise";
import { Draw } from "../../laws/draw";
import type { Line } from "../../laws/line";
import { linesOf } from "../../laws/table";

/** They have no formulas, and far out they take long. */
const WITHOUT = ["betainc", "digamma", "gammainc", "gammaincc", "lgamma", "polygamma"];
type Swept = "float32" | "float64" | "int32";
const COUNT = 2000;
/** Units in the last place by which a formula may differ. */
const UNITS = 4;
/** Those that say so, and what is made of them. */
const MORE_UNITS: Readonly<Record<string, number>> = { erfc: 7, gelu: 8, ndtr: 7 };
const ENDS = [0, -0, 1, -1, 0.5, -0.5, 3, -7, Infinity, -Infinity, Number.NaN, 3e38, -3e38, 2e-38];

/** Numbers of every size, next to each other in no order. */
function sweep(random: () => number, dtype: Swept): Tensor {
  const size = dtype === "int32" ? 31 : dtype === "float32" ? 126 : 1022;
  const one = (): number => {
    const sign = random() < 0.5 ? 1 : -1;
    if (random() < 0.1) return dtype === "int32" ? Math.floor(random() * 5) : ENDS[Math.floor(random() * ENDS.length)];
    if (random() < 0.6) return sign * Math.floor(random() * 5 * 2 ** 20) * 2 ** (dtype === "int32" ? 0 : -20);
    return sign * 2 ** (random() * 2 * size - size);
  };
  return tensor(Array.from({ length: COUNT }, one), { dtype });
}

const swept = (x: Value, dtype: Swept, draw: Draw, random: () => number): Tensor =>
  isTensor(x) && x.dtype === "bool"
    ? draw.booleans([COUNT])
    : sweep(random, isTensor(x) && x.dtype === "int32" ? "int32" : dtype);

/** The distance between numbers of float32, in units in the last place of the larger one; subnormal ones are all alike. */
function unitsApart(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  if (Math.abs(a - b) < 2 ** -126) return 0;
  return Math.abs(a - b) / 2 ** (Math.floor(Math.log2(Math.max(Math.abs(a), Math.abs(b)))) - 23);
}

const handles = (results: readonly unknown[]): Handle[] => results.flatMap((y) => (y instanceof Handle ? [y] : []));

/** Every call that a line makes of swept inputs, and that its derivative makes. */
function everyCallOf({ op, draw }: Line, dtype: Swept, seed: number, visit: (made: Call) => void): void {
  const random = generator(seed);
  const drawn = new Draw(random, "float32");
  const { inputs, attrs } = draw(drawn);
  const xs = handles(inputs.map((x) => swept(x, dtype, drawn, random)));
  const call = (given: readonly Value[]): Handle[] =>
    handles([Reflect.apply(op, undefined, attrs === undefined ? given : [...given, attrs])]);
  const derivative = (given: readonly Value[]): Handle[] => {
    const [y, pull] = vjp((...at: Value[]) => call(at)[0], [...given]);
    return handles([y, ...pull(y)]);
  };
  everyCall(xs.every((x) => x.dtype === dtype && dtype !== "int32") ? derivative : call, xs, visit);
}

/** Where the formula of a call gives something else, by more than so many units in the last place. */
function differencesOf({ op, inputs, attrs }: Call, outputs: Call["outputs"], units: number): string[] {
  if (inputs.some(({ size }) => size !== COUNT)) return [];
  const dtypes = inputs.map(({ dtype }) => dtype);
  return (placesOf(op, dtypes, attrs, outputs) ?? []).flatMap((place, part) => {
    const { data } = outputs[part];
    return Array.from(data).flatMap((want, i) => {
      const numbers = inputs.map((x) => x.data[i]);
      const got = place.at(numbers);
      return unitsApart(got, want) > units ? [`${op.name} at ${numbers.join(", ")}: ${got}, not ${want}`] : [];
    });
  });
}

describe.each(["float32", "float64", "int32"] as const)(
  "kernels in %s give the numbers of the interpreter:",
  (dtype) => {
    for (const [name, entry] of Object.entries(elementwise)) {
      if (WITHOUT.includes(name)) continue;
      test(name, () => {
        const differ: string[] = [];
        for (const [k, line] of linesOf(entry).entries()) {
          everyCallOf(line, dtype, k + 1, (made) => differ.push(...differencesOf(made, made.outputs, 0)));
        }
        expect(differ.slice(0, 5)).toEqual([]);
      });
    }
  },
);

describe.each(["float32", "int32"] as const)("formulas in %s are what values are:", (dtype) => {
  for (const [name, entry] of Object.entries(elementwise)) {
    if (WITHOUT.includes(name)) continue;
    test(name, () => {
      const differ: string[] = [];
      for (const [k, line] of linesOf(entry).entries()) {
        everyCallOf(line, dtype, k + 1, (made) => {
          const exact = [...made.inputs, ...made.outputs].every((x) => x.dtype === "int32" || x.dtype === "bool");
          const called = withoutKernels(() => evaluated(made.op, made.inputs, made.attrs));
          differ.push(...differencesOf(made, called, exact ? 0 : (MORE_UNITS[name] ?? UNITS)));
        });
      }
      expect(differ.slice(0, 5)).toEqual([]);
    });
  }
});
