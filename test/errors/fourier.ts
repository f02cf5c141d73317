// Wrong input of Fourier transforms: see bad-input.test.ts.
import { fft, ifft, irfft, rfft, type Tensor, tensor, zeros } from "gradtape";
import { untyped } from "../support";
import type { Row } from "./bad-arguments";

const x: Tensor = tensor([1, 2, 3]);

export const badTransforms: Readonly<Record<string, readonly Row[]>> = {
  "Fourier transforms": [
    [
      () => fft(zeros([2, 0])),
      "[fft/empty] fft: axis 1 of shape [2, 0] is empty. An empty axis has no transform; check its size first.",
      () => fft(zeros([2, 0]), { axis: 0 }),
    ],
    [
      () => rfft(zeros([0, 2]), { axis: 0 }),
      "[fft/empty] rfft: axis 0 of shape [0, 2] is empty. An empty axis has no transform; check its size first.",
      () => rfft(zeros([0, 2])),
    ],
    [
      () => fft(tensor(1)),
      "[axis/range] fft: axis -1 is out of range for rank 0. A single number has no axes.",
      () => fft(tensor([1])),
    ],
    [
      () => ifft(x, { axis: 1 }),
      "[axis/range] ifft: axis 1 is out of range for rank 1. Axes run from -1 to 0.",
      () => ifft(x, { axis: 0 }),
    ],
    [
      () => fft(x, untyped({ dim: 0 })),
      '[option/unknown] fft: unknown option "dim". Known options: axis.',
      () => fft(x, {}),
    ],
    [
      () => rfft(x, untyped({ length: 3 })),
      '[option/unknown] rfft: unknown option "length". Known options: axis.',
      () => rfft(x, untyped(null)),
    ],
    [
      () => fft({ re: x, im: tensor([1, 2]) }),
      "[shape/complex] fft: re has shape [3], but im has shape [2]. Give both parts the same shape.",
      () => fft({ re: x, im: x }),
    ],
    [
      () => fft(untyped([1, 2])),
      "[argument/complex] fft: z must be a tensor or { re, im }, got [1, 2]. Write { re, im } with a tensor for either part.",
      () => fft(tensor([1, 2])),
    ],
    [
      () => ifft(untyped({ re: x })),
      "[argument/complex] ifft: z must be a tensor or { re, im }, got an object. Write { re, im } with a tensor for either part.",
      () => ifft({ re: x, im: x }),
    ],
    [
      () => fft({ re: x, im: untyped(0) }),
      "[argument/tensor] fft: im must be a tensor, got 0. Make one with tensor(...).",
      () => fft({ re: x, im: x }),
    ],
    [
      () => rfft(untyped({ re: x, im: x })),
      "[argument/tensor] rfft: x must be a tensor, got an object. Pass the tensors of an object one by one.",
      () => rfft(x),
    ],
    [
      () => irfft(untyped(x)),
      "[argument/complex] irfft: z must be { re, im }, got a tensor. Write { re, im } with a tensor for either part, as rfft gives them.",
      () => irfft({ re: x, im: x }),
    ],
    [
      () => irfft({ re: x, im: x }, { length: 6 }),
      "[fft/length] irfft: length 6 does not fit half a spectrum of 3 along axis 0. rfft gives that many for a length of 4 or 5.",
      () => irfft({ re: x, im: x }, { length: 5 }),
    ],
    [
      () => irfft({ re: x, im: x }, { length: 4.5 }),
      "[argument/integer] irfft: length must be an integer >= 1, got 4.5. Math.floor and Math.round make integers.",
      () => irfft({ re: x, im: x }, { length: untyped(null) }),
    ],
    [
      () => irfft({ re: tensor([1]), im: tensor([1]) }),
      "[fft/length] irfft: length 0 does not fit half a spectrum of 1 along axis 0. rfft gives that many for a length of 1.",
      () => irfft({ re: tensor([1]), im: tensor([1]) }, { length: 1 }),
    ],
  ],
};
