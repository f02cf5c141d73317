import { fail, list } from "../../base/errors";
import { refuseExtra } from "../../base/extra-arguments";
import { checkOptions } from "../../base/options";
import { checkInteger } from "../../base/shape";
import { reshapeTo } from "../../core/op/sweep-ops";
import type { Handle } from "../../core/tensor/handle";
import type { Tensor } from "../../core/tensor/tensor";
import { conv, convInput, type Pair } from "./convolution-op";
import {
  type ConvOptions,
  checkGroups,
  checkOperands,
  checkSizes,
  type Sizes1,
  type Sizes2,
  type TransposedConvOptions,
  windowsOf,
} from "./convolution-options";

/** The axes that the arguments have, by the number of axes of an image. */
const AXES: Readonly<Record<number, readonly [x: string, kernel: string, transposed: string]>> = {
  1: ["N, C, L", "O, C / groups, K", "C, O / groups, K"],
  2: ["N, C, H, W", "O, C / groups, KH, KW", "C, O / groups, KH, KW"],
};

/** In one dimension the second axis has size 1. */
const pairOf = (sizes: readonly number[], missing: number): Pair => [sizes[0], sizes[1] ?? missing];
const asImages = (x: Handle): Handle => (x.shape.length === 4 ? x : reshapeTo(x, [...x.shape, 1]));
const fromImages = (y: Handle, rank: number): Handle => (rank === 2 ? y : reshapeTo(y, y.shape.slice(0, 3)));

function convolution(rank: 1 | 2, x: Tensor, kernel: Tensor, options: ConvOptions<Sizes2> | null | undefined): Tensor {
  const where = `conv${rank}d`;
  checkOptions(where, options, ["stride", "padding", "dilation", "groups"]);
  const [a, k] = checkOperands(where, x, kernel, [AXES[rank][0], AXES[rank][1]]);
  const [, channels, ...size] = a.shape;
  const [filters, inner, ...window] = k.shape;
  const groups = checkGroups(where, options?.groups, { "channels of x": channels, filters });
  if (channels !== groups * inner) {
    fail(
      "conv/channels",
      `${where}: x has ${channels} channels${groups === 1 ? "" : `, ${channels / groups} in a group`}, but the kernel is for ${inner}: ${list(a.shape)} and ${list(k.shape)}.`,
      { x: a.shape, kernel: k.shape, groups },
      `x must be [${AXES[rank][0]}], and the kernel [${AXES[rank][1]}].`,
    );
  }
  const stride = checkSizes(where, "stride", options?.stride ?? 1, rank, 1);
  const dilation = checkSizes(where, "dilation", options?.dilation ?? 1, rank, 1);
  const windows = windowsOf(where, "kernel", size, options?.padding, { window, stride, dilation });
  const y = conv(asImages(a), asImages(k), {
    stride: pairOf(stride, 1),
    dilation: pairOf(dilation, 1),
    before: pairOf(
      windows.map(({ before }) => before),
      0,
    ),
    groups,
    channels: inner,
    size: pairOf(
      windows.map(({ count }) => count),
      1,
    ),
  });
  return fromImages(y, rank);
}

function transposed(
  rank: 1 | 2,
  x: Tensor,
  kernel: Tensor,
  options: TransposedConvOptions<Sizes2> | null | undefined,
): Tensor {
  const where = `convTranspose${rank}d`;
  checkOptions(where, options, ["stride", "padding", "outputPadding", "dilation", "groups"]);
  const [a, k] = checkOperands(where, x, kernel, [AXES[rank][0], AXES[rank][2]]);
  const [, channels, ...size] = a.shape;
  const [rows, inner, ...window] = k.shape;
  const groups = checkGroups(where, options?.groups, { "channels of x": channels });
  if (channels !== rows) {
    fail(
      "conv/channels",
      `${where}: x has ${channels} channels, but the kernel is for ${rows}: ${list(a.shape)} and ${list(k.shape)}.`,
      { x: a.shape, kernel: k.shape },
      `x must be [${AXES[rank][0]}], and the kernel [${AXES[rank][2]}].`,
    );
  }
  const stride = checkSizes(where, "stride", options?.stride ?? 1, rank, 1);
  const dilation = checkSizes(where, "dilation", options?.dilation ?? 1, rank, 1);
  const padding = checkSizes(where, "padding", options?.padding ?? 0, rank, 0);
  const more = checkSizes(where, "outputPadding", options?.outputPadding ?? 0, rank, 0).map((extra, i) =>
    checkInteger(where, "outputPadding", extra, 0, Math.max(stride[i], dilation[i]) - 1),
  );
  const whole = size.map((n, i) => (n - 1) * stride[i] - 2 * padding[i] + dilation[i] * (window[i] - 1) + more[i] + 1);
  if (whole.some((n) => n < 1)) {
    fail(
      "conv/padding",
      `${where}: padding ${list(padding)} leaves a result of size ${list(whole)} for x of size ${list(size)}.`,
      { size, padding, window },
      "Give less padding: a transposed convolution cuts it off.",
    );
  }
  const y = convInput(asImages(a), asImages(k), {
    stride: pairOf(stride, 1),
    dilation: pairOf(dilation, 1),
    before: pairOf(padding, 0),
    groups,
    channels: inner,
    size: pairOf(whole, 1),
  });
  return fromImages(y, rank);
}

/**
 * Cross-correlation of sequences with a kernel, as neural networks use it under the name of convolution. There is no bias: add it,
 * `add(conv1d(x, kernel), reshape(bias, [-1, 1]))`.
 *
 * Shape: `T[N, C, L], T[O, C / groups, K] -> T[N, O, M]` with `M = floor((L + 2 padding - dilation (K - 1) - 1) / stride) + 1`,
 * for "same" `M = ceil(L / stride)`.
 *
 * `y[n, o, q] = sum over c, t of kernel[o, c, t] x[n, c, q stride + t dilation - padding]`, x being 0 outside; c runs
 * over the channels of the group of o. Linear in x and in the kernel, whose derivatives are convolutions again: for x
 * that of {@link convTranspose1d}.
 *
 * NaN and infinities propagate to all places that read them; zeros do not protect from them, those of the padding
 * included.
 *
 * @param x - N sequences of C channels and length L
 * @param kernel - O filters of length K
 * @param options - stride: default 1; padding: a number, "valid" (0, the default) or "same" (a zero left over goes to
 * the end); dilation: default 1; groups: default 1
 * @returns the filtered sequences, of the promoted dtype
 * @throws GradtapeError `shape/rank`, `conv/channels`, `conv/groups`, `conv/kernel` for a kernel larger than the padded x,
 * `argument/integer` and `argument/sizes` for options, `option/choice`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { conv1d, tensor } from "gradtape";
 * const x = tensor([[[1, 2, 4, 8]]]);
 * conv1d(x, tensor([[[-1, 1]]])); // => [[[1, 2, 4]]]
 * conv1d(x, tensor([[[1, 1, 1]]]), { padding: "same", stride: 2 }); // => [[[7, 12]]]
 * ```
 */
export function conv1d(x: Tensor, kernel: Tensor, options?: ConvOptions<Sizes1>): Tensor {
  refuseExtra("conv1d", "x, kernel, options", 3, arguments);
  return convolution(1, x, kernel, options);
}

/**
 * Cross-correlation of images with a kernel, as neural networks use it under the name of convolution. There is no bias: add it,
 * `add(conv2d(x, kernel), reshape(bias, [-1, 1, 1]))`.
 *
 * Shape: `T[N, C, H, W], T[O, C / groups, KH, KW] -> T[N, O, OH, OW]` with `OH = floor((H + 2 padding - dilation (KH - 1) - 1) /
 * stride) + 1`, for "same" `OH = ceil(H / stride)`; likewise OW.
 *
 * `y[n, o, p, q] = sum over c, s, t of kernel[o, c, s, t] x[n, c, p stride + s dilation - padding, q stride + t
 * dilation - padding]`, x being 0 outside; c runs over the channels of the group of o. Linear in x and in the kernel,
 * whose derivatives are convolutions again: for x that of {@link convTranspose2d}.
 *
 * NaN and infinities propagate to all places that read them; zeros do not protect from them, those of the padding
 * included.
 *
 * @param x - N images of C channels, H rows and W columns
 * @param kernel - O filters of KH rows and KW columns
 * @param options - stride: default 1; padding: a number, "valid" (0, the default) or "same" (a zero left over goes to
 *   the end); dilation: default 1; each a number, or one for rows and one for columns; groups: default 1, with
 *   `groups: C` every channel has filters of its own
 * @returns the filtered images, of the promoted dtype
 * @throws GradtapeError `shape/rank`, `conv/channels`, `conv/groups`, `conv/kernel` for a kernel larger than the padded x,
 * `argument/integer` and `argument/sizes` for options, `option/choice`, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { conv2d, tensor } from "gradtape";
 * const x = tensor([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]);
 * conv2d(x, tensor([[[[1, 0], [0, 1]]]])); // => [[[[6, 8], [12, 14]]]]
 * conv2d(x, tensor([[[[1, 1, 1]]]]), { padding: [0, 1] }); // => [[[[3, 6, 5], [9, 15, 11], [15, 24, 17]]]]
 * ```
 * @see Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285 (2016), for sizes
 */
export function conv2d(x: Tensor, kernel: Tensor, options?: ConvOptions<Sizes2>): Tensor {
  refuseExtra("conv2d", "x, kernel, options", 3, arguments);
  return convolution(2, x, kernel, options);
}

/**
 * The transpose of {@link conv1d} with the same kernel and options: it takes what that gives, and gives what that
 * takes.
 *
 * Shape: `T[N, C, L], T[C, O / groups, K] -> T[N, O, M]` with `M = (L - 1) stride - 2 padding + dilation (K - 1) + outputPadding +
 * 1`.
 *
 * `y[n, o, q stride + t dilation - padding] += kernel[c, o, t] x[n, c, q]`, what falls outside being dropped:
 * `sum(mul(x, conv1d(y, kernel)))` equals `sum(mul(convTranspose1d(x, kernel), y))` for all x and y. Linear in x and in
 * the kernel.
 *
 * NaN and infinities propagate as in conv1d.
 *
 * @param x - N sequences of C channels and length L
 * @param kernel - as conv1d takes it: its filters are the channels of x
 * @param options - stride: default 1; padding: default 0; dilation: default 1; groups: default 1 (all as given to that
 *   conv1d); outputPadding: which of the sizes is meant that it rounds down to L, less than stride or dilation, default
 *   0
 * @returns the sequences, of the promoted dtype
 * @throws GradtapeError `shape/rank`, `conv/channels`, `conv/groups`, `conv/kernel`, `conv/padding` where the padding leaves nothing,
 * `argument/integer` and `argument/sizes` for options, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { convTranspose1d, tensor } from "gradtape";
 * convTranspose1d(tensor([[[1, 10]]]), tensor([[[1, 2, 3]]]), { stride: 2 }); // => [[[1, 2, 13, 20, 30]]]
 * ```
 */
export function convTranspose1d(x: Tensor, kernel: Tensor, options?: TransposedConvOptions<Sizes1>): Tensor {
  refuseExtra("convTranspose1d", "x, kernel, options", 3, arguments);
  return transposed(1, x, kernel, options);
}

/**
 * The transpose of {@link conv2d} with the same kernel and options: it takes what that gives, and gives what that
 * takes.
 *
 * Shape: `T[N, C, H, W], T[C, O / groups, KH, KW] -> T[N, O, OH, OW]` with `OH = (H - 1) stride - 2 padding + dilation (KH - 1) +
 * outputPadding + 1`; likewise OW.
 *
 * `y[n, o, p stride + s dilation - padding, q stride + t dilation - padding] += kernel[c, o, s, t] x[n, c, p,
 * q]`, what falls outside being dropped: `sum(mul(x, conv2d(y, kernel)))` equals `sum(mul(convTranspose2d(x, kernel),
 * y))` for all x and y. Linear in x and in the kernel.
 *
 * NaN and infinities propagate as in conv2d.
 *
 * @param x - N images of C channels, H rows and W columns
 * @param kernel - as conv2d takes it: its filters are the channels of x
 * @param options - stride: default 1; padding: default 0; dilation: default 1; groups: default 1 (all as given to that
 *   conv2d); outputPadding: which of the sizes is meant that it rounds down to H and W, less than stride or dilation,
 *   default 0
 * @returns the images, of the promoted dtype
 * @throws GradtapeError `shape/rank`, `conv/channels`, `conv/groups`, `conv/kernel`, `conv/padding` where the padding leaves nothing,
 * `argument/integer` and `argument/sizes` for options, `option/unknown`, `argument/tensor`
 * @example
 * ```ts
 * import { convTranspose2d, tensor } from "gradtape";
 * const kernel = tensor([[[[1, 2], [3, 4]]]]);
 * convTranspose2d(tensor([[[[1, 10]]]]), kernel, { stride: 2 }); // => [[[[1, 2, 10, 20], [3, 4, 30, 40]]]]
 * ```
 */
export function convTranspose2d(x: Tensor, kernel: Tensor, options?: TransposedConvOptions<Sizes2>): Tensor {
  refuseExtra("convTranspose2d", "x, kernel, options", 3, arguments);
  return transposed(2, x, kernel, options);
}
