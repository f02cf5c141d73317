import { allocate } from "../base/allocate";
import { isFloat } from "../base/dtype";
import { list } from "../base/errors";
import { digits } from "../base/format";
import { sameShape, sizeOf } from "../base/shape";
import { makeTensor } from "../core/tensor/handle";
import type { Tensor, Value } from "../core/tensor/tensor";
import { vjp } from "../transforms/vjp-jvp";
import { vmap } from "../transforms/vmap";
import type { Complaint } from "./compare";
import { toleranceOf } from "./options";
import { drawDirection } from "./random";
import { leafOf, numbersOf, valueOf, valuesAt } from "./subject";
import { complain, type Result, resultsOf, type Trial, wordsOf } from "./trial";

/** Samples of the batches that are made of a case. */
const SAMPLES = 3;
/** All subsets of this many inputs are mapped; of more inputs each alone, and all. */
const ALL_SUBSETS = 4;

/**
 * Sample `s` of an input: floats a little smaller, so that they stay in their domain; integers and booleans rotated, so
 * that they stay in their range.
 */
export function sampleOf(x: Value, s: number): Value {
  if (s === 0) return x;
  const factor = 1 - s / 64;
  if (typeof x === "number") return x * factor;
  const { data } = x;
  const numbers = isFloat(x.dtype)
    ? Array.from(data, (xi) => xi * factor)
    : Array.from(data, (_, i) => data[(i + s) % data.length]);
  return valueOf(leafOf("", x), numbers);
}

/** Values of one form, one behind the other on a new first axis. */
function stacked(values: readonly Value[]): Tensor {
  const { shape, dtype } = leafOf("", values[0]);
  const data = allocate(dtype, values.length * sizeOf(shape));
  values.forEach((x, s) => {
    data.set(numbersOf(x), s * sizeOf(shape));
  });
  return makeTensor([values.length, ...shape], dtype, data);
}

/** vmap is a stack of calls: for the op with every choice of mapped inputs, and for its gradient with all of them. */
export function checkBatch(trial: Trial): Complaint | null {
  for (const mapped of subsetsOf(trial.inputs.length)) {
    const found = compareBatch(trial, trial.call, trial.inputs, mapped, "the op");
    if (found !== null) return found;
  }
  const { subject } = trial;
  if (subject.leaves.length === 0) return null;
  const count = subject.leaves.length;
  const yBars = subject
    .call(valuesAt(subject))
    .map((y) => valueOf(leafOf("", y), drawDirection(trial.random, numbersOf(y).length)));
  const pull = (xs: readonly Value[]) =>
    vjp((...leaves) => subject.call(leaves), xs.slice(0, count))[1](xs.slice(count));
  const arguments_ = [...valuesAt(subject), ...yBars];
  return compareBatch(
    trial,
    pull,
    arguments_,
    arguments_.map(() => true),
    "its gradient",
  );
}

function subsetsOf(count: number): boolean[][] {
  if (count > ALL_SUBSETS) {
    const single = (k: number) => Array.from({ length: count }, (_, i) => i === k);
    return [...Array.from({ length: count }, (_, k) => single(k)), new Array<boolean>(count).fill(true)];
  }
  const masks = Array.from({ length: 2 ** count - 1 }, (_, i) => i + 1);
  return masks.map((mask) => Array.from({ length: count }, (_, k) => ((mask >> k) & 1) === 1));
}

function compareBatch(
  trial: Trial,
  f: (inputs: readonly Value[]) => unknown,
  inputs: readonly Value[],
  mapped: readonly boolean[],
  what: string,
): Complaint | null {
  const rows = Array.from({ length: SAMPLES }, (_, s) => inputs.map((x, k) => (mapped[k] ? sampleOf(x, s) : x)));
  const batch = inputs.map((x, k) => (mapped[k] ? stacked(rows.map((row) => row[k])) : x));
  const inAxes = mapped.map((m) => (m ? 0 : null));
  const words = `inputs ${list(mapped.flatMap((m, k) => (m ? [k] : [])))} mapped`;
  const got = resultsOf(vmap((...xs: Value[]) => f(xs), { inAxes })(...batch));
  const want = rows.map((row) => resultsOf(f(row)));
  for (let k = 0; k < want[0].length; k++) {
    const found = compareResults(
      trial,
      got[k],
      want.map((results) => results[k]),
      `of ${what} with ${words}`,
    );
    if (found !== null) return found;
  }
  return null;
}

function compareResults(trial: Trial, got: Result, want: readonly Result[], words: string): Complaint | null {
  const shape = [SAMPLES, ...want[0].shape];
  if (!sameShape(got.shape, shape) || got.dtype !== want[0].dtype) {
    const wanted = wordsOf({ shape, dtype: want[0].dtype });
    const hint = "The batch rule gets every mapped input with its batch axis first, and gives the result with one.";
    return complain("batch", `vmap ${words} gives ${wordsOf(got)}, a stack of calls ${wanted}`, got.shape, shape, hint);
  }
  const size = sizeOf(want[0].shape);
  const { relative } = toleranceOf(trial.settings, got.dtype === "float32", false);
  const scale = want.reduce(
    (most, { numbers }) =>
      Array.from(numbers).reduce((m, x) => (Math.abs(x) > m && Number.isFinite(x) ? Math.abs(x) : m), most),
    0,
  );
  for (let i = 0; i < SAMPLES * size; i++) {
    const [a, b] = [got.numbers[i], want[Math.floor(i / size)].numbers[i % size]];
    if (Object.is(a, b) || a === b || Math.abs(a - b) <= relative * 0.01 * (Math.abs(b) + 0.01 * scale)) continue;
    const text = `vmap ${words} gives ${digits(a)} for element ${i % size} of sample ${Math.floor(i / size)}, but a call of that sample ${digits(b)}`;
    return complain("batch", text, a, b, "The batch rule must do for every sample what the op does for one.");
  }
  return null;
}
