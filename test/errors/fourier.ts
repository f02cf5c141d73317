// Wrong input of Fourier transforms: see bad-input.test.ts.
import { fft, ifft, irfft, rfft, type Tensor, tensor, zeros } from "gradtape";
import { untyped } from "../support";
import type { Row } from "./bad-arguments";

const x: Tensor = tensor([1, 2, 3]);

export const badTransforms: Readonly<Record<string, readonly Row[]>> = {
  "Fourier transforms": [
    [
      () => fft(zeros([2, 0])),
      "[fft/empty] fft: axis 1 of shape [2, 0] is empty. There is no transform of nothing; check the size first.",
      () => fft(zeros([2, 0]), { axis: 0 }),
    ],
    [
      () => rfft(zeros([0, 2]), { axis: 0 }),
      "[fft/empty] rfft: axis 0 of shape [0, 2] is empty. There is no transform of nothing; check the size first.",
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
    [() => fft(x, untyped({ dim: 0 })), '[option/unknown] fft: unknown option "dim". Options: axis.', () => fft(x, {})],
    [
      () => rfft(x, untyped({ length: 3 })),
      '[option/unknown] rfft: unknown option "length". Options: axis.',
      () => rfft(x, untyped(null)),
    ],
    [
      () => fft({ re: x, im: tensor([1, 2]) }),
      "[shape/complex] fft: re has shape [3], im has shape [2]: they are the parts of one tensor.",
      () => fft({ re: x, im: x }),
    ],
    [
      () => fft(untyped([1, 2])),
      "[argument/complex] fft: z is a tensor or { re, im }, got [1, 2].",
      () => fft(tensor([1, 2])),
    ],
    [
      () => ifft(untyped({ re: x })),
      "[argument/complex] ifft: z is a tensor or { re, im }, got an object.",
      () => ifft({ re: x, im: x }),
    ],
    [
      () => fft({ re: x, im: untyped(0) }),
      "[argument/tensor] fft: im is a tensor, got 0.",
      () => fft({ re: x, im: x }),
    ],
    [
      () => rfft(untyped({ re: x, im: x })),
      "[argument/tensor] rfft: x is a number or a tensor, got an object.",
      () => rfft(x),
    ],
    [
      () => irfft(untyped(x)),
      "[argument/complex] irfft: z is { re, im }, got a tensor.",
      () => irfft({ re: x, im: x }),
    ],
    [
      () => irfft({ re: x, im: x }, { length: 6 }),
      "[fft/length] irfft: length 6 does not fit a half of 3 along axis 0. The length that rfft was given is 4 or 5.",
      () => irfft({ re: x, im: x }, { length: 5 }),
    ],
    [
      () => irfft({ re: x, im: x }, { length: 4.5 }),
      "[argument/integer] irfft: length is an integer >= 1, got 4.5.",
      () => irfft({ re: x, im: x }, { length: untyped(null) }),
    ],
    [
      () => irfft({ re: tensor([1]), im: tensor([1]) }),
      "[fft/length] irfft: length 0 does not fit a half of 1 along axis 0. The length that rfft was given is 1.",
      () => irfft({ re: tensor([1]), im: tensor([1]) }, { length: 1 }),
    ],
  ],
};
