import { digits } from "../base/format";
import { traceProgram } from "../core/program/program";
import { Handle } from "../core/tensor/handle";
import type { Value } from "../core/tensor/tensor";
import { asHandle } from "../core/tensor/value";
import { jvp, vjp } from "../transforms/vjp-jvp";
import type { Complaint } from "./compare";
import { toleranceOf } from "./options";
import { precisionOf } from "./probe";
import { drawDirection } from "./random";
import { joined, leafOf, numbersOf, type Subject, valueOf, valuesAt, widened } from "./subject";
import { complain, type Trial } from "./trial";

/** Results and inputs of more numbers than this have no dense Jacobian made. */
const LARGEST = 256;
/** Far above ordinary numbers, and as far below the end of the range. */
const HUGE = { float64: 1e150, float32: 1e25 };
/** Rounding, relative to the largest of all components, where one is the sum of many products. */
const LEAK = 1e-10;

/** The products (rows) of a linear map of numbers, one for each unit vector of `size`. */
const unitImages = (size: number, image: (unit: Float64Array) => Float64Array): Float64Array[] =>
  Array.from({ length: size }, (_, j) => image(Float64Array.from({ length: size }, (__, i) => (i === j ? 1 : 0))));

/** Pulls cotangents of all results back, and pushes tangents of all inputs forward, as flat lists of numbers. */
function mapsOf(subject: Subject): {
  ys: Value[];
  pull(bars: Float64Array): Float64Array;
  push(dots: Float64Array): Float64Array;
} {
  const xs = valuesAt(subject);
  const [ys, pullback] = vjp((...leaves: readonly Value[]) => subject.call(leaves), xs);
  const spread = (like: readonly Value[], numbers: Float64Array): Value[] => {
    let from = 0;
    return like.map((x) => {
      const size = numbersOf(x).length;
      from += size;
      return valueOf(leafOf("", x), numbers.subarray(from - size, from));
    });
  };
  return {
    ys,
    pull: (bars) => joined(pullback(spread(ys, bars))),
    push: (dots) => joined(jvp((...leaves) => subject.call(leaves), xs, spread(xs, dots))[1]),
  };
}

/**
 * Whether every op of the subject says that 0 absorbs in its rules, or only moves and adds up, and no value goes two ways:
 * what comes back on both is added up, and infinities of either sign give NaN.
 */
function absorbs(subject: Subject): boolean {
  try {
    const [program] = traceProgram(
      valuesAt(subject).map((x) => asHandle(x)),
      (symbols) => [subject.call(symbols).filter((y): y is Handle => y instanceof Handle), null],
    );
    const used = program.steps.flatMap(({ op, inputs }) => inputs.filter((_, k) => op.differentiable(k)));
    const slots = used.filter((x) => typeof x === "number");
    const onePath = new Set(slots).size === slots.length;
    const absorbing = program.steps.every(({ op, inputs }) => {
      const { elementwise, absorbing } = op.declares;
      return elementwise || absorbing || !inputs.some((_, k) => op.differentiable(k));
    });
    return onePath && absorbing;
  } catch {
    // A function that asks for values has no trace.
    return false;
  }
}

/** Whether each result comes from one element of each input at most, to first order. */
const selects = (jacobian: readonly Float64Array[], sizes: readonly number[]): boolean =>
  jacobian.every((row) => {
    let from = 0;
    return sizes.every((size) => {
      from += size;
      return row.subarray(from - size, from).reduce((count, d) => count + (d === 0 ? 0 : 1), 0) <= 1;
    });
  });

/** What is drawn, in the place of some of a direction's numbers. */
type Extreme = "0" | "huge" | "infinite";

function drawExtreme(random: () => number, size: number, extreme: Extreme, huge: number): Float64Array {
  const direction = drawDirection(random, size);
  const one = Math.floor(random() * size);
  return direction.map((x, i) => {
    if (extreme === "infinite") return i === one ? x * Infinity : random() < 0.5 ? 0 : x;
    return random() < 0.5 ? 0 : extreme === "huge" ? x * huge : x;
  });
}

/** The sum of products in which 0 on either side absorbs, and the sum of their sizes. */
function absorbingSum(a: ArrayLike<number>, b: ArrayLike<number>): [sum: number, size: number] {
  let [sum, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if (a[i] === 0 || b[i] === 0) continue;
    sum += a[i] * b[i];
    size += Math.abs(a[i] * b[i]);
  }
  return [sum, size];
}

/**
 * Each component of a vjp and of a jvp is the absorbing sum over the dense Jacobian: products in which exactly 0, on either
 * side, gives 0. Cotangents and tangents are drawn from ordinary numbers, 0, huge ones, and, where ops declare that 0
 * absorbs and each result comes from one element of each input, Infinity.
 */
export function checkAbsorbing({ subject, settings, random }: Trial): Complaint | null {
  const { ys, pull, push } = mapsOf(subject);
  const [outputs, inputs] = [joined(ys).length, joined(valuesAt(subject)).length];
  if (outputs === 0 || inputs === 0 || outputs > LARGEST || inputs > LARGEST) return null;
  const rows = settings.reverse ? unitImages(outputs, pull) : transposed(unitImages(inputs, push), outputs);
  const columns = transposed(rows, inputs);
  const narrow =
    absorbs(subject) &&
    selects(
      rows,
      subject.point.map(({ length }) => length),
    );
  if (!narrow && !rows.every((row) => row.every(Number.isFinite))) return null;

  const { single, rough } = precisionOf(subject, widened(subject), settings.step);
  const { relative, absolute } = toleranceOf(settings, single, rough);
  const huge = single ? HUGE.float32 : HUGE.float64;
  for (const extreme of narrow ? (["0", "huge", "infinite"] as const) : (["0", "huge"] as const)) {
    const ways = [
      { rule: "vjp", run: settings.reverse, jacobian: columns, size: outputs, image: pull, of: "cotangents" },
      { rule: "jvp", run: settings.forward, jacobian: rows, size: inputs, image: push, of: "tangents" },
    ];
    for (const { rule, run, jacobian, size, image, of } of ways) {
      if (!run) continue;
      const drawn = drawExtreme(random, size, extreme, huge);
      const got = image(drawn);
      const sums = jacobian.map((line) => absorbingSum(line, drawn));
      const largest = drawn.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
      const leak = narrow ? absolute : LEAK * sums.reduce((most, [, s]) => Math.max(most, s), 0) + absolute * largest;
      const i = sums.findIndex(([want, terms], k) => !near(got[k], want, relative * terms + leak));
      if (i < 0) continue;
      const want = sums[i][0];
      return complain(
        rule,
        `number ${i} of the ${rule} is ${digits(got[i])} for ${of} [${Array.from(drawn, digits).join(", ")}], but ${digits(want)} by its dense Jacobian`,
        got[i],
        want,
        "A cotangent or tangent of 0 gives 0 whatever it meets, and so does a partial derivative of 0.",
      );
    }
  }
  return null;
}

/** NaN as sum, of infinities of either sign, says nothing; what is infinite has its sign. */
const near = (got: number, want: number, bound: number): boolean =>
  Number.isNaN(want) || got === want || (Number.isFinite(want) && Math.abs(got - want) <= bound);

const transposed = (rows: readonly Float64Array[], width: number): Float64Array[] =>
  Array.from({ length: width }, (_, k) => Float64Array.from(rows, (row) => row[k]));
