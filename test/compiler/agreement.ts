// What outputs of an op are held to: evaluate, bit by bit or within rounding.
import { isFloat } from "../../src/base/dtype";
import type { Handle } from "../../src/core/tensor/handle";
import type { Call } from "../../src/testing/declared/call";

/** Sums of terms that may cancel, and slopes from values near their end: errors are relative to the largest number of the inputs and the output. */
const SUMS = (
  "avgPool2d center conv convInput convKernel layerNorm layerNormTimes logSoftmaxTimes matmul mean meanOfWinners " +
  "sigmoidSlope softmaxTimes sum tanhSlope"
).split(" ");

/** Errors allowed of computed numbers: relative to each; of sums, to the largest of them. */
const BOUNDS = { float64: { own: 1e-13, sums: 1e-15 }, float32: { own: 1e-5, sums: 1e-6 } } as const;

/** What is not seen of a sum of powers beside its largest, 1: of float32 the sum is taken in float64. */
const BESIDE_ONE: Readonly<Record<string, number>> = { logSoftmax: 2 ** -52 };

const largestOf = (xs: readonly Handle[]): number =>
  xs
    .filter((x) => isFloat(x.dtype))
    .flatMap((x) => Array.from(x.data))
    .reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0);

/** The first element that is not what evaluate gives: bit by bit where nothing was computed. */
export function difference(
  { op, inputs, outputs }: Call,
  part: number,
  numbers: ArrayLike<number>,
  computed: boolean,
): string | null {
  const want = outputs[part];
  const single = [want, ...inputs].some((x) => x.dtype === "float32");
  const { own, sums } = single ? BOUNDS.float32 : BOUNDS.float64;
  const beside = single ? (BESIDE_ONE[op.name] ?? 0) : 0;
  const absolute = SUMS.includes(op.name) ? sums * largestOf([want, ...inputs]) : beside;
  for (let i = 0; i < want.data.length; i++) {
    const [a, b] = [numbers[i], want.data[i]];
    // Of zeros that are computed either sign will do: the order of sums, and zeros that are added or absorb, decide it.
    if (Object.is(a, b) || (computed && a === b)) continue;
    if (computed && isFloat(want.dtype) && Math.abs(a - b) <= own * Math.abs(b) + absolute) continue;
    // Which zeros around y meet an infinite kernel depends on how evaluate divides its work.
    if (op.name === "convInput" && !Number.isFinite(a) && inputs.some((x) => !x.data.every(Number.isFinite))) continue;
    return `element ${i} of [${want.shape.join()}] is ${a}, evaluate gives ${b}`;
  }
  return null;
}
