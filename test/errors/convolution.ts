// Wrong arguments of convolutions and pools: see bad-input.test.ts.
import { avgPool2d, conv1d, conv2d, convTranspose1d, convTranspose2d, maxPool2d, ones, tensor } from "gradtape";
import { untyped } from "../support";
import type { Row } from "./bad-arguments";

const line = ones([1, 2, 4]);
const image = ones([2, 4, 4, 6]);
const kernel = ones([6, 4, 3, 3]);

export const badConvolutions: Readonly<Record<string, readonly Row[]>> = {
  "images and kernels": [
    [
      () => conv2d(untyped([[1]]), kernel),
      "[argument/tensor] conv2d: x must be a number or a tensor, got [[1]]. Make one with tensor(...).",
      () => conv2d(image, kernel),
    ],
    [
      () => conv2d(ones([4, 4, 6]), kernel),
      "[shape/rank] conv2d: x must be [N, C, H, W], got shape [4, 4, 6]. One image is a batch of one: expandDims(x, { axis: 0 }).",
      () => conv2d(image, kernel),
    ],
    [
      () => conv1d(line, ones([2, 3])),
      "[shape/rank] conv1d: kernel must be [O, C / groups, K], got shape [2, 3]. Give it 3 axes with reshape or expandDims.",
      () => conv1d(line, ones([2, 2, 3])),
    ],
    [
      () => convTranspose1d(tensor(1), ones([2, 2, 3])),
      "[shape/rank] convTranspose1d: x must be [N, C, L], got shape []. Give it 3 axes with reshape or expandDims.",
      () => convTranspose1d(line, ones([2, 2, 3])),
    ],
    [
      () => conv2d(image, ones([6, 3, 3, 3])),
      "[conv/channels] conv2d: x has 4 channels, but the kernel is for 3: [2, 4, 4, 6] and [6, 3, 3, 3]. x must be [N, C, H, W], and the kernel [O, C / groups, KH, KW].",
      () => conv2d(image, kernel),
    ],
    [
      () => conv2d(image, kernel, { groups: 2 }),
      "[conv/channels] conv2d: x has 4 channels, 2 in a group, but the kernel is for 4: [2, 4, 4, 6] and [6, 4, 3, 3]. x must be [N, C, H, W], and the kernel [O, C / groups, KH, KW].",
      () => conv2d(image, ones([6, 2, 3, 3]), { groups: 2 }),
    ],
    [
      () => convTranspose2d(image, kernel),
      "[conv/channels] convTranspose2d: x has 4 channels, but the kernel is for 6: [2, 4, 4, 6] and [6, 4, 3, 3]. x must be [N, C, H, W], and the kernel [C, O / groups, KH, KW].",
      () => convTranspose2d(image, ones([4, 6, 3, 3])),
    ],
    [
      () => conv2d(image, kernel, { groups: 3 }),
      "[conv/groups] conv2d: 4 channels of x do not divide into 3 groups. groups must divide 4.",
      () => conv2d(image, kernel, { groups: 1 }),
    ],
    [
      () => conv2d(image, ones([5, 2, 3, 3]), { groups: 2 }),
      "[conv/groups] conv2d: 5 filters do not divide into 2 groups. groups must divide 5.",
      () => conv2d(image, ones([6, 2, 3, 3]), { groups: 2 }),
    ],
    [
      () => convTranspose1d(line, ones([2, 1, 3]), { groups: 4 }),
      "[conv/groups] convTranspose1d: 2 channels of x do not divide into 4 groups. groups must divide 2.",
      () => convTranspose1d(line, ones([2, 1, 3]), { groups: 2 }),
    ],
    [
      () => conv2d(image, ones([6, 4, 5, 3])),
      '[conv/kernel] conv2d: the kernel of size [5, 3] is larger than x of size [4, 6] with its padding. Pad x more, with { padding: "same" } for instance, or use a smaller kernel.',
      () => conv2d(image, ones([6, 4, 5, 3]), { padding: [1, 0] }),
    ],
    [
      () => conv1d(line, ones([1, 2, 3]), { dilation: 3, padding: 1 }),
      '[conv/kernel] conv1d: the kernel of size [7], spread by its dilation, is larger than x of size [6] with its padding. Pad x more, with { padding: "same" } for instance, or use a smaller kernel.',
      () => conv1d(line, ones([1, 2, 3]), { dilation: 3, padding: "same" }),
    ],
    [
      () => conv1d(line, ones([1, 2, 0])),
      "[conv/kernel] conv1d: a kernel of shape [1, 2, 0] has an empty axis. Give the kernel at least one element along each axis.",
      () => conv1d(line, ones([1, 2, 1])),
    ],
    [
      () => convTranspose1d(line, ones([2, 1, 3]), { padding: 3 }),
      "[conv/padding] convTranspose1d: padding [3] leaves a result of size [0] for x of size [4]. Give less padding: a transposed convolution cuts it off.",
      () => convTranspose1d(line, ones([2, 1, 3]), { padding: 2 }),
    ],
  ],
  "strides, paddings, dilations": [
    [
      () => conv2d(image, kernel, { stride: 0 }),
      "[argument/integer] conv2d: stride must be an integer >= 1, got 0. The smallest allowed is 1.",
      () => conv2d(image, kernel, { stride: 1 }),
    ],
    [
      () => conv2d(image, kernel, { stride: [1, -2] }),
      "[argument/integer] conv2d: stride[1] must be an integer >= 1, got -2. The smallest allowed is 1.",
      () => conv2d(image, kernel, { stride: [1, 2] }),
    ],
    [
      () => conv1d(line, ones([1, 2, 3]), { dilation: 0.5 }),
      "[argument/integer] conv1d: dilation must be an integer >= 1, got 0.5. The smallest allowed is 1.",
      () => conv1d(line, ones([1, 2, 3]), { dilation: untyped(null) }),
    ],
    [
      () => conv2d(image, kernel, { padding: -1 }),
      "[argument/integer] conv2d: padding must be an integer >= 0, got -1. The smallest allowed is 0.",
      () => conv2d(image, kernel, { padding: "valid" }),
    ],
    [
      () => conv2d(image, kernel, { padding: untyped("full") }),
      '[option/choice] conv2d: padding must be a number, one per axis, "same" or "valid", got "full". Leave padding out for none.',
      () => conv2d(image, kernel, { padding: "same" }),
    ],
    [
      () => conv2d(image, kernel, { padding: untyped([1, "same"]) }),
      '[argument/integer] conv2d: padding[1] must be an integer >= 0, got "same". Give one plain number.',
      () => conv2d(image, kernel, { padding: [1, 0] }),
    ],
    [
      () => conv2d(image, kernel, { stride: [1, 2, 3] }),
      "[argument/sizes] conv2d: stride must be a number or [number, number], got [1, 2, 3]. One number stands for all axes.",
      () => conv2d(image, kernel, { stride: 2 }),
    ],
    [
      () => conv1d(line, ones([1, 2, 3]), { padding: untyped([1, 1]) }),
      "[argument/sizes] conv1d: padding must be a number or [number], got [1, 1]. One number stands for all axes.",
      () => conv1d(line, ones([1, 2, 3]), { padding: [1] }),
    ],
    [
      () => conv2d(image, kernel, { groups: 0 }),
      "[argument/integer] conv2d: groups must be an integer >= 1, got 0. The smallest allowed is 1.",
      () => conv2d(image, kernel, { groups: 1 }),
    ],
    [
      () => conv2d(image, kernel, untyped({ strides: 2 })),
      '[option/unknown] conv2d: unknown option "strides". Did you mean "stride"?',
      () => conv2d(image, kernel, untyped(null)),
    ],
    [
      () => conv2d(image, kernel, untyped({ outputPadding: 1 })),
      '[option/unknown] conv2d: unknown option "outputPadding". Did you mean "padding"?',
      () => convTranspose2d(image, ones([4, 6, 3, 3]), { stride: 2, outputPadding: 1 }),
    ],
    [
      () => convTranspose2d(image, ones([4, 6, 3, 3]), { stride: 2, outputPadding: [1, 2] }),
      "[argument/integer] convTranspose2d: outputPadding must be an integer from 0 to 1, got 2. The largest allowed is 1.",
      () => convTranspose2d(image, ones([4, 6, 3, 3]), { stride: 2, outputPadding: [1, 0] }),
    ],
    [
      () => convTranspose2d(image, ones([4, 6, 3, 3]), { padding: untyped("same") }),
      '[argument/integer] convTranspose2d: padding must be an integer >= 0, got "same". Give one plain number.',
      () => convTranspose2d(image, ones([4, 6, 3, 3]), { padding: 1 }),
    ],
  ],
  pools: [
    [
      () => maxPool2d(image, untyped(undefined)),
      "[option/required] maxPool2d: the option window is required. { window: 2 } sees two rows and two columns at a time.",
      () => maxPool2d(image, { window: 2 }),
    ],
    [
      () => avgPool2d(image, untyped({ window: null })),
      "[option/required] avgPool2d: the option window is required. { window: 2 } sees two rows and two columns at a time.",
      () => avgPool2d(image, { window: 2 }),
    ],
    [
      () => maxPool2d(line, { window: 2 }),
      "[shape/rank] maxPool2d: x must be [N, C, H, W], got shape [1, 2, 4]. One image is a batch of one: expandDims(x, { axis: 0 }).",
      () => maxPool2d(image, { window: 2 }),
    ],
    [
      () => maxPool2d(image, { window: 0 }),
      "[argument/integer] maxPool2d: window must be an integer >= 1, got 0. The smallest allowed is 1.",
      () => maxPool2d(image, { window: 1 }),
    ],
    [
      () => avgPool2d(image, { window: [2] }),
      "[argument/sizes] avgPool2d: window must be a number or [number, number], got [2]. One number stands for all axes.",
      () => avgPool2d(image, { window: [2, 2] }),
    ],
    [
      () => maxPool2d(image, { window: 5 }),
      '[pool/window] maxPool2d: the window of size [5, 5] is larger than x of size [4, 6] with its padding. Use a smaller window, or { padding: "same" }.',
      () => maxPool2d(image, { window: [4, 5] }),
    ],
    [
      () => avgPool2d(image, { window: 2, padding: [0, 2] }),
      "[pool/window] avgPool2d: a window of size [2, 2] lies wholly in the padding [0, 2] of x of size [4, 6]. Give less padding than the window is wide.",
      () => avgPool2d(image, { window: 2, padding: [0, 1] }),
    ],
    [
      () => avgPool2d(image, untyped({ window: 2, dilation: 2 })),
      '[option/unknown] avgPool2d: unknown option "dilation". Known options: window, stride, padding, countIncludePad.',
      () => maxPool2d(image, { window: 2, dilation: 2 }),
    ],
    [
      () => avgPool2d(image, { window: 2, countIncludePad: untyped(1) }),
      "[option/choice] avgPool2d: countIncludePad must be true or false, got 1. Write { countIncludePad: true }, or leave it out.",
      () => avgPool2d(image, { window: 2, countIncludePad: false }),
    ],
  ],
};
