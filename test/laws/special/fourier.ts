import * as gt from "gradtape";
import type { Call, Rows } from "./row";

const parts = ({ re, im }: gt.Complex) => [re, im];

export const fourierCalls: Rows<Call> = {
  fft: [
    {
      says: "of one number is that number",
      f: (x) => parts(gt.fft(x)),
      xs: [[[3], [-2]]],
      value: [
        [[3], [-2]],
        [[0], [0]],
      ],
      gradients: [[[1], [1]]],
    },
    {
      says: "of no lines is empty",
      f: (x) => parts(gt.fft(x)),
      xs: [gt.zeros([0, 3])],
      value: [[], []],
      gradients: [[]],
    },
    {
      says: "spreads NaN and Infinity along their line alone",
      f: (re, im) => parts(gt.fft({ re, im })),
      xs: [
        [
          [1, 2, 3],
          [NaN, 0, 0],
          [0, Infinity, 0],
          [1, 1, 1],
        ],
        [
          [0, 0, 0],
          [0, 0, 0],
          [0, 0, 0],
          [1, 1, 1],
        ],
      ],
      value: [
        [
          [6, -1.5, -1.5],
          [NaN, NaN, NaN],
          [null, null, null],
          [3, 0, 0],
        ],
        [[0, Math.sqrt(3) / 2, -Math.sqrt(3) / 2], null, null, [3, 0, 0]],
      ],
    },
    {
      says: "of huge and of tiny numbers",
      f: (x) => parts(gt.fft(x)),
      xs: [
        [
          [1e307, -1e307],
          [1e-320, 1e-320],
        ],
      ],
      value: [
        [
          [0, 2e307],
          [2e-320, 0],
        ],
        [
          [0, 0],
          [0, 0],
        ],
      ],
    },
    { says: "of an empty axis is an error", f: (x) => gt.fft(x), xs: [gt.zeros([2, 0])], throws: "fft/empty" },
    { says: "of a single number is an error", f: (x) => gt.fft(x), xs: [1], throws: "axis/range" },
  ],
  ifft: [
    {
      says: "of one number is that number",
      f: (re, im) => parts(gt.ifft({ re, im })),
      xs: [[3], [4]],
      value: [[3], [4]],
      gradients: [[1], [1]],
    },
    {
      says: "of no lines is empty",
      f: (x) => parts(gt.ifft(x, { axis: 0 })),
      xs: [gt.zeros([3, 0])],
      value: [
        [[], [], []],
        [[], [], []],
      ],
    },
    { says: "of an empty axis is an error", f: (x) => gt.ifft(x), xs: [gt.zeros([0])], throws: "fft/empty" },
  ],
  rfft: [
    {
      says: "of one number is that number",
      f: (x) => parts(gt.rfft(x)),
      xs: [[3]],
      value: [[3], [0]],
      gradients: [[1]],
    },
    {
      says: "of two numbers is their sum and difference",
      f: (x) => parts(gt.rfft(x)),
      xs: [[3, 1]],
      value: [
        [4, 2],
        [0, 0],
      ],
      gradients: [[2, 0]],
    },
    {
      says: "has no imaginary part at 0 and n / 2, not even of NaN",
      f: (x) => gt.rfft(x).im,
      xs: [[NaN, 1, 2, 3]],
      value: [0, NaN, 0],
    },
    {
      says: "of no lines is empty",
      f: (x) => parts(gt.rfft(x)),
      xs: [gt.zeros([0, 4])],
      value: [[], []],
    },
    { says: "of an empty axis is an error", f: (x) => gt.rfft(x), xs: [gt.zeros([2, 0])], throws: "fft/empty" },
  ],
  irfft: [
    {
      says: "of one number needs the length 1",
      f: (re, im) => gt.irfft({ re, im }, { length: 1 }),
      xs: [[3], [4]],
      value: [3],
      gradients: [[1], [0]],
    },
    {
      says: "does not depend on the imaginary parts at 0 and n / 2",
      f: (re, im) => gt.irfft({ re, im }),
      xs: [
        [6, 0],
        [NaN, Infinity],
      ],
      value: [3, 3],
      gradients: [
        [1, 0],
        [0, 0],
      ],
    },
    {
      says: "of an odd length does depend on the last imaginary part",
      f: (re, im) => gt.take(gt.irfft({ re, im }, { length: 3 }), 1),
      xs: [
        [3, 0],
        [9, 0],
      ],
      value: 1,
      gradients: [
        [1 / 3, -1 / 3],
        [0, -Math.sqrt(3) / 3],
      ],
    },
    {
      says: "without a length is an error for one number",
      f: (re, im) => gt.irfft({ re, im }),
      xs: [[3], [4]],
      throws: "fft/length",
    },
    {
      says: "of an empty axis is an error",
      f: (re, im) => gt.irfft({ re, im }),
      xs: [gt.zeros([0]), gt.zeros([0])],
      throws: "fft/empty",
    },
  ],
};
