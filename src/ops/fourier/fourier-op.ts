import { type Shape, sizesAround } from "../../base/shape";
import { apply, applyParts } from "../../core/op/apply";
import { makeOp } from "../../core/op/definition";
import type { CoreOp } from "../../core/op/op";
import { broadcastBatch } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import { zeroLike } from "../../core/tensor/handle";
import { halfLength, inverseRealTransform, realToComplex, realTransform } from "../../numeric/fourier/real";
import { type Around, fourierTransform } from "../../numeric/fourier/transform";

/*
 * A complex tensor is two real ones of one shape. As maps of both parts, all transforms are linear, and the transpose
 * of each is the transform with the other sign. A part that is 0 is null, and is no input.
 */

/** The sums of z[j] exp(sign 2 pi i j k / n) along an axis, divided. */
export interface Kernel {
  readonly axis: number;
  readonly sign: -1 | 1;
  readonly divisor: number;
}

/**
 * Between n real numbers along an axis and the half of their transform; elements that stand for their mirror images too
 * are weighted.
 */
export interface HalfKernel {
  readonly axis: number;
  readonly length: number;
  readonly interior: 1 | 2;
  readonly divisor: number;
}

function aroundAxis(shape: Shape, axis: number): Around {
  const [outer, , inner] = sizesAround(shape, axis);
  return { outer, inner };
}
const withLength = (shape: Shape, axis: number, length: number): Shape =>
  shape.map((s, i) => (i === axis ? length : s));
const onNextAxis = <K extends Kernel | HalfKernel>(kernel: K): K => ({ ...kernel, axis: kernel.axis + 1 });

/** One input: the imaginary part is 0. */
const FFT: CoreOp<Kernel> = /* @__PURE__ */ makeOp<readonly Handle[], Kernel>({
  name: "fft",
  parts: 2,
  shape: ([shape]) => [shape, shape],
  dtype: ([dtype]) => [dtype, dtype],
  evaluate: ([outRe, outIm], [re, im], { axis, sign, divisor }) => {
    const n = re.shape[axis];
    const around = aroundAxis(re.shape, axis);
    if (im === undefined) realToComplex(outRe, outIm, re.data, n, around, sign, divisor);
    else fourierTransform(outRe, outIm, re.data, im.data, n, around, sign, divisor);
  },
  pullback: ({ yBars: [re, im], inputs, attrs }) => transformDuals(re, im, turned(attrs)).slice(0, inputs.length),
  pushforward: ({ xDots: [re, im], attrs }) => transformDuals(re, im ?? null, attrs),
  reads: { inputs: false, output: false },
  batch: (inputs, batched, attrs, size) => applyParts(FFT, broadcastBatch(inputs, batched, size), onNextAxis(attrs)),
  declares: { linear: "jointly" },
});

const turned = (kernel: Kernel): Kernel => ({ ...kernel, sign: kernel.sign < 0 ? 1 : -1 });

/** Both parts of the transform; im null: it is 0. */
export const complexTransform = (re: Handle, im: Handle | null, kernel: Kernel): readonly Handle[] =>
  applyParts(FFT, im === null ? [re] : [re, im], kernel);

/** The same of cotangents or tangents, each of which may be null, for 0. */
function transformDuals(re: Handle | null, im: Handle | null, kernel: Kernel): readonly (Handle | null)[] {
  if (re !== null) return complexTransform(re, im, kernel);
  return im === null ? [null, null] : complexTransform(zeroLike(im), im, kernel);
}

const RFFT: CoreOp<HalfKernel> = /* @__PURE__ */ makeOp<readonly [Handle], HalfKernel>({
  name: "rfft",
  parts: 2,
  shape: ([shape], { axis, length }) => {
    const half = withLength(shape, axis, halfLength(length));
    return [half, half];
  },
  dtype: ([dtype]) => [dtype, dtype],
  evaluate: ([re, im], [x], { axis, length, interior, divisor }) =>
    realTransform(re, im, x.data, length, aroundAxis(x.shape, axis), interior, divisor),
  pullback: ({ yBars: [re, im], attrs }) => [halfInverse(re, im, attrs)],
  pushforward: ({ xDots: [x], attrs }) => (x === null ? [null, null] : halfTransform(x, attrs)),
  reads: { inputs: false, output: false },
  batch: ([x], _, attrs) => halfTransform(x, onNextAxis(attrs)),
  declares: { linear: "jointly" },
});

/** The half of the transform of real numbers that is no mirror image. */
export const halfTransform = (x: Handle, kernel: HalfKernel): readonly Handle[] => applyParts(RFFT, [x], kernel);

/** The transpose of RFFT with the same attributes. One input: the imaginary part is 0. */
const IRFFT: CoreOp<HalfKernel> = /* @__PURE__ */ makeOp<readonly Handle[], HalfKernel>({
  name: "irfft",
  shape: ([shape], { axis, length }) => withLength(shape, axis, length),
  dtype: ([dtype]) => dtype,
  evaluate: (out, [re, im], { axis, length, interior, divisor }) => {
    const around = aroundAxis(re.shape, axis);
    inverseRealTransform(out, re.data, im === undefined ? null : im.data, length, around, interior, divisor);
  },
  pullback: ({ yBar, inputs, attrs }) => halfTransform(yBar, attrs).slice(0, inputs.length),
  pushforward: ({ xDots: [re, im], attrs }) => halfInverse(re, im ?? null, attrs),
  reads: { inputs: false, output: false },
  batch: (inputs, batched, attrs, size) => apply(IRFFT, broadcastBatch(inputs, batched, size), onNextAxis(attrs)),
  declares: { linear: "jointly" },
});

/** Real numbers from the half of a transform; null is 0. */
export function halfInverse(re: Handle | null, im: Handle | null, kernel: HalfKernel): Handle | null {
  if (im === null) return re && apply(IRFFT, [re], kernel);
  return apply(IRFFT, [re ?? zeroLike(im), im], kernel);
}
