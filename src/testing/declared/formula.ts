import { allocate } from "../../base/allocate";
import { type Dtype, isFloat } from "../../base/dtype";
import { digits } from "../../base/format";
import { sizeOf } from "../../base/shape";
import { type Handle, makeTensor } from "../../core/tensor/handle";
import { withoutKernels } from "../../ops/define/elementwise-loops";
import { type Bounds, type Call, evaluated, type Finding, finding } from "./call";
import { type At, placesOf } from "./place";

/** Numbers at which functions are apt to differ; those that float32 and int32 do not hold become others. */
const ENDS = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, Infinity, -Infinity, Number.NaN];
const FAR = [
  Number.MIN_VALUE,
  2 ** -1022,
  1e-200,
  -1e-30,
  1e-9,
  3e9,
  -1e20,
  1e200,
  -Number.MAX_VALUE,
  Number.MAX_VALUE,
];
const INTEGERS = [0, 1, -1, 2, -3, 2 ** 31 - 1, -(2 ** 31), 65536, 123456789];
/** How close formulas of float32 must be at least: some units in the last place. */
const ROUNDED = 2e-6;
/** How many places are tried for each dtype. */
const PLACES = 60;

/** Draws an element for an input: one of its own, an end of the range, or any number. */
function drawElement(x: Handle, dtype: Dtype, random: () => number): number {
  const own = x.size > 0 ? x.data[Math.floor(random() * x.size)] : 0;
  const one = (numbers: readonly number[]) => numbers[Math.floor(random() * numbers.length)];
  if (dtype === "bool") return Number(random() < 0.5);
  if (random() < 0.3) return own;
  if (dtype === "int32") return random() < 0.5 ? one(INTEGERS) : Math.floor((random() - 0.5) * 20);
  // In float32 what is rounded at each step may be far off at the ends of the range.
  if (random() < 0.6) return one(dtype === "float64" && random() < 0.5 ? FAR : ENDS);
  return (random() - 0.5) * 20;
}

/**
 * A formula gives what `evaluate` gives, at the numbers of the call, at the ends of the range and at others: in float64 and of
 * integers the same bits, in float32, where a formula is rounded at each step, and where functions are expanded, nearly so.
 */
export function checkFormula(call: Call, random: () => number, bounds: (single: boolean) => Bounds): Finding | null {
  const { inputs } = call;
  const own = inputs.map(({ dtype }) => dtype);
  const tried = [own, ...(["float64", "float32"] as const).map((to) => own.map((x) => (isFloat(x) ? to : x)))];
  for (const dtypes of tried) {
    const found = checkIn(call, dtypes, random, bounds);
    if (found !== null) return found;
  }
  return null;
}

function checkIn(
  { op, inputs, attrs, outputs: [{ shape }] }: Call,
  dtypes: readonly Dtype[],
  random: () => number,
  bounds: (single: boolean) => Bounds,
): Finding | null {
  const outDtypes = op.dtypes(dtypes, attrs);
  const places = placesOf(
    op,
    dtypes,
    attrs,
    outDtypes.map((dtype) => ({ shape, dtype })),
  );
  const size = sizeOf(shape);
  if (places === null || size === 0) return null;
  const single = dtypes.includes("float32");
  for (let done = 0; done < PLACES; done += size) {
    const given = dtypes.map((dtype, k) => {
      const data = allocate(dtype, size);
      for (let i = 0; i < size; i++) data[i] = drawElement(inputs[k], dtype, random);
      return makeTensor(shape, dtype, data);
    });
    const wanted = withoutKernels(() => evaluated(op, given, attrs));
    for (const [part, place] of places.entries()) {
      for (let i = 0; i < size; i++) {
        const numbers = given.map(({ data }) => data[i]);
        const [got, want] = [place.at(numbers), wanted[part].data[i]];
        if (agree(got, want, place, bounds(single), single)) continue;
        const at = numbers.map((x, k) => `${digits(x)} in ${dtypes[k]}`).join(" and ");
        const text = `the formula of ${op.name} gives ${exact(got)} at ${at}, its evaluate ${exact(want)}`;
        return finding(text, HINT, got, want);
      }
    }
  }
  return null;
}

const HINT =
  "A formula is the same function as the value: the same steps in the same order, at \u00b10, \u00b1Infinity and NaN too.";
const exact = (x: number): string => (Object.is(x, -0) ? "-0" : digits(x) === String(x) ? digits(x) : String(x));

function agree(
  got: number,
  want: number,
  { dtype, expanded }: At,
  { relative, absolute }: Bounds,
  single: boolean,
): boolean {
  if (Object.is(got, want)) return true;
  if (!isFloat(dtype) || !(single || expanded)) return false;
  // What float32 rounds at each step is never closer than that, whatever derivatives are held to.
  const bound = single ? Math.max(relative, ROUNDED) : relative;
  return got === want || Math.abs(got - want) <= bound * Math.abs(want) + absolute;
}
