import { toFloat } from "../../base/dtype";
import { describe, fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { checkAxis, checkInteger, type Shape, sameShape } from "../../base/shape";
import { castTo, promoted } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { AxisOption, Tensor } from "../../core/tensor/tensor";
import { isHandle, notATensor } from "../../core/tensor/tensor-argument";
import { complexTransform, halfInverse, halfTransform } from "./fourier-op";

/** Complex numbers, as two tensors of one shape. */
export interface Complex {
  /** The real parts. */
  readonly re: Tensor;
  /** The imaginary parts. */
  readonly im: Tensor;
}

const isComplex = (z: unknown): z is Complex => typeof z === "object" && z !== null && "re" in z && "im" in z;

/** A tensor as floats. */
function floats(where: string, x: unknown, name: string): Handle {
  return isHandle(where, x) ? castTo(x, toFloat(x.dtype)) : notATensor(where, x, name, true);
}

/** Both parts in one dtype. */
function partsOf(where: string, { re, im }: Complex): [re: Handle, im: Handle] {
  const [a, b] = [floats(where, re, "re"), floats(where, im, "im")];
  if (!sameShape(a.shape, b.shape)) {
    fail(
      "shape/complex",
      `${where}: re has shape ${list(a.shape)}, but im has shape ${list(b.shape)}.`,
      { re: a.shape, im: b.shape },
      "Give both parts the same shape.",
    );
  }
  return promoted(a, b);
}

/** The axis to transform along, checked not to be empty. */
function axisOf(where: string, shape: Shape, options: AxisOption | undefined): number {
  const axis = checkAxis(where, options?.axis ?? -1, shape.length);
  if (shape[axis] === 0) {
    fail(
      "fft/empty",
      `${where}: axis ${axis} of shape ${list(shape)} is empty.`,
      { axis, shape },
      "An empty axis has no transform; check its size first.",
    );
  }
  return axis;
}

function transformed(where: string, z: Tensor | Complex, options: AxisOption | undefined, sign: -1 | 1): Complex {
  checkOptions(where, options, ["axis"]);
  if (!isHandle(where, z) && !isComplex(z)) {
    return fail(
      "argument/complex",
      `${where}: z must be a tensor or { re, im }, got ${describe(z)}.`,
      { received: z },
      "Write { re, im } with a tensor for either part.",
    );
  }
  const [re, im] = isComplex(z) ? partsOf(where, z) : [floats(where, z, "z"), null];
  const axis = axisOf(where, re.shape, options);
  const divisor = sign < 0 ? 1 : re.shape[axis];
  const [outRe, outIm] = complexTransform(re, im, { axis, sign, divisor });
  return { re: outRe, im: outIm };
}

/**
 * Discrete Fourier transform along an axis, of any length.
 *
 * Shape: `F[...S] -> { re: F[...S], im: F[...S] }`, or the same from `{ re, im }`; integers give float64.
 *
 * `y[k] = sum_j z[j] exp(-2 pi i j k / n)`. The derivative is the transform itself; cotangents are sent back by the sum
 * with `exp(+2 pi i j k / n)`.
 *
 * An Infinity or NaN propagates to its whole line, in the derivative too.
 *
 * Time O(n log n), also for prime n; computed in double precision.
 *
 * Error: rms below 3 units of 2^-52, relative to the rms of the result (measured up to n = 10^6).
 * @param z - a tensor of real numbers, or `{ re, im }`
 * @param options - axis: default -1
 * @returns the transform, both parts shaped like z
 * @throws GradtapeError `fft/empty` for an empty axis, `shape/complex` if re and im differ in shape,
 * `argument/complex`, `argument/tensor`, `axis/range`
 * @example
 * ```ts
 * import { fft, tensor } from "gradtape";
 * const { re, im } = fft(tensor([1, 2, 3, 4]));
 * re; // => [10, -2, -2, -2]
 * im; // => [0, 2, 0, -2]
 * ```
 * @see C. Van Loan, Computational Frameworks for the Fast Fourier Transform (1992), section 1.7; L. I. Bluestein, A
 * linear filtering approach to the computation of discrete Fourier transform, IEEE Trans. Audio Electroacoust. 18
 * (1970)
 */
export function fft(z: Tensor | Complex, options?: AxisOption): Complex {
  refuseExtra("fft", "z, options", 2, arguments);
  return transformed("fft", z, options, -1);
}

/**
 * Inverse of {@link fft}: the discrete Fourier transform with the other sign, divided by the length.
 *
 * Shape: `F[...S] -> { re: F[...S], im: F[...S] }`, or the same from `{ re, im }`; integers give float64.
 *
 * `y[j] = 1 / n sum_k z[k] exp(2 pi i j k / n)`. The derivative is the transform itself; cotangents are sent back by
 * the sum with `exp(-2 pi i j k / n)`, over n as well.
 *
 * An Infinity or NaN propagates to its whole line.
 * @param z - a tensor of real numbers, or `{ re, im }`
 * @param options - axis: default -1
 * @returns the inverse transform, both parts shaped like z
 * @throws GradtapeError `fft/empty` for an empty axis, `shape/complex` if re and im differ in shape,
 * `argument/complex`, `argument/tensor`, `axis/range`
 * @example
 * ```ts
 * import { fft, ifft, tensor } from "gradtape";
 * ifft(fft(tensor([1, 2, 3]))).re; // => [1, 2, 3]
 * ```
 */
export function ifft(z: Tensor | Complex, options?: AxisOption): Complex {
  refuseExtra("ifft", "z, options", 2, arguments);
  return transformed("ifft", z, options, 1);
}

/**
 * Discrete Fourier transform of real numbers along an axis: the first half, of which the rest is the mirror image.
 *
 * Shape: `F[...A, n, ...B] -> { re, im }`, each `F[...A, floor(n / 2) + 1, ...B]`; integers give float64.
 *
 * `y[k] = sum_j x[j] exp(-2 pi i j k / n)` for k = 0 to n / 2, as {@link fft} has them, in about half the time. im is
 * exactly 0 for k = 0, and for k = n / 2 if n is even. Cotangents: `xBar[j] = sum_k re(yBar[k] exp(2 pi i j k / n))`
 * over the half, where yBar = reBar + i imBar.
 *
 * An Infinity or NaN propagates to its whole line.
 * @param x - a tensor
 * @param options - axis: default -1
 * @returns the half of the transform
 * @throws GradtapeError `fft/empty` for an empty axis, `argument/tensor`, `axis/range`
 * @example
 * ```ts
 * import { rfft, tensor } from "gradtape";
 * const { re, im } = rfft(tensor([1, 2, 3, 4]));
 * re; // => [10, -2, -2]
 * im; // => [0, 2, 0]
 * ```
 */
export function rfft(x: Tensor, options?: AxisOption): Complex {
  refuseExtra("rfft", "x, options", 2, arguments);
  const from = floats("rfft", x, "x");
  checkOptions("rfft", options, ["axis"]);
  const axis = axisOf("rfft", from.shape, options);
  const [re, im] = halfTransform(from, { axis, length: from.shape[axis], interior: 1, divisor: 1 });
  return { re, im };
}

/** How many real numbers a half of m elements comes from. */
function lengthOf(m: number, axis: number, given: number | null | undefined): number {
  const length = checkInteger("irfft", "length", given ?? 2 * (m - 1), given === undefined || given === null ? 0 : 1);
  if (length > 0 && (length === 2 * m - 2 || length === 2 * m - 1)) return length;
  const fit = m === 1 ? "1" : `${2 * m - 2} or ${2 * m - 1}`;
  return fail(
    "fft/length",
    `irfft: length ${length} does not fit half a spectrum of ${m} along axis ${axis}.`,
    { length, size: m, axis },
    `rfft gives that many for a length of ${fit}.`,
  );
}

/**
 * Inverse of {@link rfft}: real numbers from the half of their discrete Fourier transform.
 *
 * Shape: `{ re, im }`, each `F[...A, m, ...B] -> F[...A, length, ...B]`; integers give float64.
 *
 * `y[j] = 1 / n sum_k z[k] exp(2 pi i j k / n)` over k = 0 to n - 1, n the length and the second half the mirror image
 * of the first, which makes y real. Nothing depends on im where rfft gives 0, for k = 0, and for k = n / 2 if n is
 * even: its gradient is 0 there. Cotangents of z are rfft's sums of yBar over n, twice for k that have a mirror image.
 *
 * An Infinity or NaN propagates to its whole line.
 * @param z - `{ re, im }`, the half of a transform
 * @param options - axis: default -1; length: that of the result, default 2 (m - 1), or 2 m - 1
 * @returns real numbers
 * @throws GradtapeError `fft/length` for a length that such a half does not come from, `fft/empty`, `shape/complex`,
 * `argument/complex`, `argument/integer`, `argument/tensor`, `axis/range`
 * @example
 * ```ts
 * import { irfft, rfft, tensor } from "gradtape";
 * irfft(rfft(tensor([1, 2, 3, 4]))); // => [1, 2, 3, 4]
 * irfft(rfft(tensor([1, 2, 3])), { length: 3 }); // => [1, 2, 3]
 * ```
 */
export function irfft(
  z: Complex,
  options?: { readonly axis?: number | undefined; readonly length?: number | undefined },
): Tensor {
  refuseExtra("irfft", "z, options", 2, arguments);
  checkOptions("irfft", options, ["axis", "length"]);
  if (isHandle("irfft", z) || !isComplex(z)) {
    return fail(
      "argument/complex",
      `irfft: z must be { re, im }, got ${describe(z)}.`,
      { received: z },
      "Write { re, im } with a tensor for either part, as rfft gives them.",
    );
  }
  const [re, im] = partsOf("irfft", z);
  const axis = axisOf("irfft", re.shape, options);
  const length = lengthOf(re.shape[axis], axis, options?.length);
  return halfInverse(re, im, { axis, length, interior: 2, divisor: length }) ?? re;
}
